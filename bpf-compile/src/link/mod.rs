//! Link types: what they are called, and where their headers lie.

mod link_type;

pub use link_type::LinkType;
