//! Link types: what they are called, and where their headers lie.

mod layers;
mod link_type;

pub use layers::Layers;
pub use link_type::LinkType;
