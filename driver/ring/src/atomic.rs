//! The atomic type, which a model checker replaces in its build.

#[cfg(not(loom))]
pub use core::sync::atomic::AtomicU64;
#[cfg(loom)]
pub use loom::sync::atomic::AtomicU64;
