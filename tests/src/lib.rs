//! The corpus, its engines, and the oracles of others.
