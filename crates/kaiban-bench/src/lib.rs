//! Measures how many cases a second a server takes, as its clients see it; it never reaches into the server.
//!
//! The load is closed: so many cases of the package `six-step` are in flight, workers end each task at once, and when a
//! case's last task is acknowledged the next one is submitted. [`run`] starts a server process of its own on a throw-away
//! database, or goes to one that is there.
//!
//! The [floor](serve_floor) is the same messages and the same rows without an engine: what the transport, the store and
//! this machine could do at best. The product is measured against it.

mod between;
mod desk;
mod failure;
mod figures;
mod fill;
mod finish;
mod flood;
mod floor;
mod form;
mod meter;
mod packages;
mod pages;
mod plan;
mod process;
mod run;
mod slot;
mod tokens;
mod watchers;

pub use between::{Between, between};
pub use failure::BenchError;
pub use figures::Report;
pub use flood::{Flooded, flood};
pub use floor::serve as serve_floor;
pub use packages::packages;
pub use plan::{Door, Plan, Stock, Storage, Target};
pub use run::run;
pub use watchers::{Watched, watch};
