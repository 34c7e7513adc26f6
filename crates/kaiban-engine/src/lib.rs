//! Decides what a command does to a case, as values, and evolves the case by what was decided. It never does IO, reads
//! no clock, draws no random number, and changes a case only through [`Case::evolve`].
//!
//! The shape of everything here: a [`Command`] and a read-only [`Case`] go into [`decide`], [`Event`]s or a
//! [`Rejection`] come out; [`Case::evolve`] applies events and is what replay uses. The journal keeps one [`Entry`] for
//! each command, hash-chained per case.

mod case;
mod clock;
mod command;
mod commands;
mod context;
mod event;
mod evolve;
pub mod invariants;
mod journal;
mod ledger;
mod limits;
mod outlook;
mod progress;
mod rejection;
mod rows;

pub use case::{Case, CorrectionRun, Phase, StepRun, StepState};
pub use clock::{ClockState, PromiseClock};
pub use command::{Command, Filed};
pub use commands::{decide, documents_needed};
pub use context::{Context, Documents, Lease};
pub use event::{Actor, Event, Used};
pub use journal::{Entry, GENESIS, chain_hash};
pub use ledger::{Ball, Interval, Ledger, Reason};
pub use limits::Limits;
pub use rejection::{Class, Rejection};
pub use rows::{OpenTask, TaskPhase, Timer, TimerClock, TimerKind, task_address, task_id};
