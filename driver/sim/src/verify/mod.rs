//! What a driver must keep to, and what is told when it does not.

pub(crate) mod ledger;
mod rule;
mod violation;

pub use rule::Rule;
pub use violation::Violation;
