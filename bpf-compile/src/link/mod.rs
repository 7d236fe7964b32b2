//! Link types: what they are called, and where their headers lie.

mod layers;
mod link_type;
mod naming;

pub use layers::{Layers, UNKNOWN};
pub use link_type::LinkType;
pub use naming::{Naming, naming};
