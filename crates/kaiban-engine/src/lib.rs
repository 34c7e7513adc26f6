//! Decides what a command does to a case, as values, and evolves the case by what was decided. It never does IO, reads
//! no clock, draws no random number, and changes a case only through [`Case::evolve`].
//!
//! The shape of everything here: a [`Command`] and a read-only [`Case`] go into [`decide`], [`Event`]s or a
//! [`Rejection`] come out; [`Case::evolve`] applies events and is what replay uses. The journal keeps one [`Entry`] for
//! each command, hash-chained per case.

mod branches;
mod case;
mod clock;
mod codes;
mod command;
mod commands;
mod context;
mod delay;
mod effects;
mod event;
mod evolve;
mod explain;
pub mod invariants;
mod journal;
mod ledger;
mod limits;
mod marks;
mod material;
mod named;
mod offer;
mod outlook;
mod pause;
mod progress;
mod prove;
mod rejection;
mod reopen;
mod reserve;
mod revoke;
mod rows;
mod situation;
mod starts;
mod statutory;

pub use case::{
    Case, CodeAt, CommitmentRun, CorrectionRun, Delay, DroppedRun, ExtensionRun, GivenReason, LetterRun, Parent,
    PauseRun, Phase, Revocation, Round, Signed, StepRun, StepState, Undone, Way,
};
pub use clock::{ClockState, PromiseClock};
pub use codes::{NoSuchCode, StateCode};
pub use command::{Command, Filed};
pub use commands::{Decision, Written, changed_outside, decide, documents_needed, registers_needed};
pub use context::{Context, Documents, Lease, RegisterChange, RegisterRecord, Registers};
pub use effects::{Effect, effects};
pub use event::{Actor, Because, Event, Listed, Moved, Reread, Used};
pub use explain::{Account, Explanation, Stretch, explain};
pub use journal::{Entry, GENESIS, chain_hash};
pub use ledger::{Ball, Interval, Ledger, Reason};
pub use limits::Limits;
pub use marks::{BREACH, MARKS};
pub use material::{Sheet, item, results_by_step};
pub use pause::{PauseReason, PauseRule};
pub use prove::exclusions;
pub use rejection::{Class, Rejection};
pub use rows::{OpenTask, TaskPhase, Timer, TimerClock, TimerKind, task_address, task_id};
pub use starts::started_form;
pub use statutory::StatutoryClock;
