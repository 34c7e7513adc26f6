//! One seeded crowd of simulated applicants, terminals and agencies behind the engine's simulator, the demo, the bench
//! and the chaos runs. It must never do IO, read a clock, or draw a number that does not follow from the seed and a key.
//!
//! [`Crowd`] says who comes when with which form and documents, [`Applicants`] how they answer, [`BackOffice`] what an
//! office decides and when; whoever drives them carries the messages and moves the clock. [`simulate`] needs no driver: it
//! plays random packages against the pure engine.

mod applicant;
mod bench;
mod checks;
mod crowd;
mod draw;
mod form;
mod habits;
mod names;
mod office;
mod paper;
mod procedure;
mod results;
mod simulator;
mod slips;

pub use applicant::{Answer, Applicants, LaterRequest};
pub use checks::{CheckTask, Inspector};
pub use crowd::{Application, Crowd, CrowdError};
pub use draw::{Draw, Lot};
pub use habits::Habits;
pub use office::{BackOffice, Decision, Element, Task};
pub use paper::Paper;
pub use procedure::SpecialProcedure;
pub use simulator::{Failure, Report, simulate};
