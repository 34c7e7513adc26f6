//! One seeded crowd of simulated applicants, terminals and agencies behind the engine's simulator, the demo, the bench
//! and the chaos runs. It must never do IO, read a clock, or draw a number that does not follow from the seed and a key.

mod draw;
mod simulator;

pub use draw::{Draw, Lot};
pub use simulator::{Failure, Report, simulate};
