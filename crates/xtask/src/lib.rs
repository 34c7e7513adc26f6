//! A throw-away PostgreSQL, for the chores of this repository and for tests that do harm to one. It is never part of the
//! product and nothing in the product may depend on it.

pub mod cluster;
pub mod postgres;
pub mod root;
