//! What callers get, in the app's own words; the server maps these to the wire.

use kaiban_engine::{Phase, PromiseClock, StepState};
use kaiban_findings::{Finding, Text};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::principal::Role;

/// A case as one caller may see it.
#[derive(Clone, Debug)]
pub struct CaseView {
    /// Case number.
    pub id: String,
    /// Package.
    pub workflow: String,
    /// Its version, for people.
    pub version: String,
    /// Its digest.
    pub digest: String,
    /// Where it stands.
    pub phase: Phase,
    /// How it ended.
    pub outcome: Option<String>,
    /// Registering division.
    pub division: String,
    /// Who submitted it.
    pub organisation: String,
    /// Outlet.
    pub outlet: Option<String>,
    /// What it is about.
    pub subject: String,
    /// Received, µs.
    pub received_at_us: i64,
    /// Accepted, µs.
    pub accepted_at_us: Option<i64>,
    /// Ended, µs.
    pub closed_at_us: Option<i64>,
    /// The case's promise clock.
    pub promise: PromiseClock,
    /// From receipt to closing or now, µs.
    pub wall_us: i64,
    /// Journal entries.
    pub revision: i64,
    /// Hash of the last one.
    pub head: String,
    /// Steps in package order; `Detail::Steps` and above.
    pub steps: Vec<StepView>,
    /// Corrections; `Detail::Steps` and above.
    pub corrections: Vec<CorrectionView>,
    /// The form; `Detail::Full`, and only for who may see it.
    pub form: Option<Value>,
}

/// A step of a case.
#[derive(Clone, Debug)]
pub struct StepView {
    /// Name.
    pub step: String,
    /// Title.
    pub title: Text,
    /// Where it stands.
    pub state: StepState,
    /// Outcome.
    pub outcome: Option<String>,
    /// Office.
    pub office: String,
    /// Counts towards the promise.
    pub counted: bool,
    /// First offered, µs.
    pub offered_at_us: Option<i64>,
    /// Ended, µs.
    pub ended_at_us: Option<i64>,
    /// From the first offer to its end or now, µs.
    pub wall_us: i64,
    /// What the office wrote to its outcome; `Detail::Full`, for the submitter and the bureau.
    pub reason: Option<String>,
    /// Its own clock.
    pub promise: PromiseClock,
    /// Corrections that it asked for.
    pub corrections: u32,
    /// Failed attempts.
    pub attempts: u32,
    /// Result; `Detail::Full`.
    pub result: Option<Value>,
    /// Open task, if any.
    pub task: Option<String>,
}

/// A correction.
#[derive(Clone, Debug)]
pub struct CorrectionView {
    /// `<step>.<n>`.
    pub id: String,
    /// Who asked.
    pub step: String,
    /// What is missing.
    pub findings: Vec<Finding>,
    /// Told, µs.
    pub told_at_us: i64,
    /// Answered, µs.
    pub answered_at_us: Option<i64>,
}

/// Answer to a submission.
#[derive(Clone, Debug)]
pub struct Submitted {
    /// The case as it was received.
    pub case: CaseView,
    /// False when the request had been answered before.
    pub created: bool,
    /// Hash of the journal entry.
    pub receipt: String,
    /// Doubts that travel with the case.
    pub doubts: Vec<Finding>,
}

/// A task in somebody's hands.
#[derive(Clone, Debug)]
pub struct TaskView {
    /// Id.
    pub id: String,
    /// Case number.
    pub case: String,
    /// Package.
    pub workflow: String,
    /// Step.
    pub step: String,
    /// Office.
    pub office: String,
    /// Registering division.
    pub division: String,
    /// Epoch of the lease.
    pub epoch: i64,
    /// End of the lease, operating time, µs.
    pub lease_until_us: Option<i64>,
    /// When the step was offered, µs.
    pub offered_at_us: i64,
    /// When the case's promise is used up, µs.
    pub promise_due_us: Option<i64>,
    /// Failed attempts before this one.
    pub attempt: u32,
    /// Form revision, from 1.
    pub form_revision: u32,
    /// What the package shares with the step.
    pub shared: Value,
    /// Doubts about shared fields.
    pub doubts: Vec<Finding>,
    /// Findings of this step's last correction.
    pub corrected: Vec<Finding>,
}

/// What became of a task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// Task id.
    pub task: String,
    /// Where the step stands.
    pub state: StepState,
    /// Journal entries of the case.
    pub revision: i64,
    /// Hash of the entry; empty for heartbeats.
    pub head: String,
    /// When it was recorded, µs.
    pub at_us: i64,
    /// New end of the lease, for heartbeats.
    pub lease_until_us: Option<i64>,
    /// When it is offered again.
    pub again_at_us: Option<i64>,
}

/// What a work stream carries to the agency.
#[derive(Clone, Debug)]
pub enum WorkEvent {
    /// A task is in its hands.
    Task(Box<TaskView>),
    /// A task was taken from its hands.
    Taken {
        /// Task id.
        task: String,
        /// Epoch that it had.
        epoch: i64,
        /// `WITHDRAWN`, `REASSIGNED` or `EXPIRED`.
        reason: &'static str,
    },
    /// Everything that was ready before the sync has been sent.
    Synced(i64),
    /// The stream must end: the server stops, the token was revoked, or the reader is too slow.
    End(crate::Refusal),
}

/// A token, without its secret.
#[derive(Clone, Debug)]
pub struct TokenView {
    /// Id.
    pub id: String,
    /// What it is.
    pub role: Role,
    /// Bank or party.
    pub organisation: String,
    /// Outlet.
    pub outlet: Option<String>,
    /// Offices.
    pub offices: Vec<String>,
    /// What people call it.
    pub label: String,
    /// Issued, µs.
    pub issued_at_us: i64,
    /// Expires, µs.
    pub expires_at_us: Option<i64>,
    /// Revoked, µs.
    pub revoked_at_us: Option<i64>,
}
