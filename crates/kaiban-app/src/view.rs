//! What callers get, in the app's own words; the server maps these to the wire.

use kaiban_definition::{Asked, Preview};
use kaiban_engine::{CodeAt, PauseRun, Phase, PromiseClock, Revocation, Round, StateCode, StatutoryClock, StepState};
use kaiban_findings::{Finding, Text};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::certificates::{CertificateAsked, CertificateView};
use crate::principal::Role;

/// A document that was erased at the end of its period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErasedView {
    /// What it was: `form`, `result`, ….
    pub kind: String,
    /// The rule by which it went.
    pub rule: String,
    /// When, operating time, µs.
    pub at_us: i64,
    /// The digest that the journal names it by.
    pub digest: String,
}

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
    /// Its statutory clock, where the package sets a period.
    pub statutory: Option<StatutoryClock>,
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
    /// The case's state code.
    pub code: Option<StateCode>,
    /// Codes that were emitted for the case itself.
    pub codes: Vec<CodeAt>,
    /// Letters to the applicant; `Detail::Steps` and above.
    pub letters: Vec<LetterView>,
    /// The case that started this one.
    pub parent: Option<String>,
    /// The promise could not be decided.
    pub promise_undecided: bool,
    /// What the applicant thought of it.
    pub grade: Option<u8>,
    /// The form; `Detail::Full`, and only for who may see it.
    pub form: Option<Value>,
    /// All personal data was made unrecognisable.
    pub masked: bool,
    /// Certificates and what stands for them; `Detail::Steps` and above.
    pub certificates: Vec<CertificateView>,
    /// What would stand here and was erased at the end of its period.
    pub erased: Vec<ErasedView>,
    /// What it granted was taken back.
    pub revocation: Option<Revocation>,
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
    /// Its statutory clock, where the package sets a period.
    pub statutory: Option<StatutoryClock>,
    /// It ended later than promised.
    pub delay: Option<DelayView>,
    /// Corrections that it asked for.
    pub corrections: u32,
    /// Failed attempts.
    pub attempts: u32,
    /// Result; `Detail::Full`.
    pub result: Option<Value>,
    /// Open task, if any.
    pub task: Option<String>,
    /// Of a branch: its key.
    pub key: Option<String>,
    /// Codes that were emitted for it.
    pub codes: Vec<CodeAt>,
    /// Rounds that were superseded.
    pub superseded: Vec<Round>,
    /// Why it is paused.
    pub pause: Option<PauseRun>,
    /// The case that it started.
    pub sub_case: Option<String>,
    /// Reminders and escalations that it has reached, in their order.
    pub overdue: Vec<OverdueView>,
}

/// A step that ended later than promised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DelayView {
    /// Since when a reason is owed, µs.
    pub since_us: i64,
    /// Reminders given.
    pub reminders: u32,
    /// The reason, once it was given.
    pub given: Option<GivenView>,
}

/// The reason of a delay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GivenView {
    /// When, µs.
    pub at_us: i64,
    /// Who gave it.
    pub officer: String,
    /// In words for the public; none where texts are masked, and in answers without steps.
    pub text: Option<String>,
}

/// A step that ended later than promised, in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DelayEntry {
    /// Case number.
    pub case: String,
    /// The step or branch.
    pub step: String,
    /// The office that owes the reason.
    pub office: String,
    /// Registering division.
    pub division: String,
    /// Since when a reason is owed, µs.
    pub since_us: i64,
    /// Working time that the step had taken, µs.
    pub working_us: i64,
    /// Working time that was promised, µs.
    pub budget_us: i64,
    /// When the reason was given, µs.
    pub explained_at_us: Option<i64>,
}

/// A page of late steps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delays {
    /// The page.
    pub entries: Vec<DelayEntry>,
    /// How many match in all.
    pub late: u64,
    /// How many of them have no reason given.
    pub owed: u64,
    /// Token of the next page; empty on the last.
    pub next: String,
}

/// A reminder or an escalation that a step has reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OverdueView {
    /// What the step had used then, as the package says: `2 working hours`.
    pub after: String,
    /// The party of the directory that it goes to; none = the office itself.
    pub party: Option<String>,
}

/// A letter to the applicant.
#[derive(Clone, Debug)]
pub struct LetterView {
    /// Its number.
    pub number: String,
    /// Name in the package.
    pub letter: String,
    /// Title.
    pub title: Text,
    /// The step that it comes from.
    pub step: Option<String>,
    /// Issued, µs.
    pub issued_at_us: i64,
    /// Told, µs.
    pub told_at_us: Option<i64>,
}

/// What a form will lead to, before it is handed in.
#[derive(Clone, Debug)]
pub struct FormCheck {
    /// Errors and doubts, in the order of the form.
    pub findings: Vec<Finding>,
    /// Steps that the case will go through, and why.
    pub steps: Vec<Preview>,
    /// Documents that are asked for, and why.
    pub documents: Vec<Asked>,
    /// Certificates that are asked for, and how each can be satisfied.
    pub certificates: Vec<CertificateAsked>,
    /// Open cases of the caller for the same name at the same registrar.
    pub same_subject: Vec<CaseView>,
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
    /// Asked for, µs.
    pub asked_at_us: i64,
    /// Told, µs.
    pub told_at_us: Option<i64>,
    /// Answered, µs.
    pub answered_at_us: Option<i64>,
    /// It asks for what an earlier one could have asked for.
    pub breach: bool,
    /// Reminders given.
    pub reminders: u32,
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
    /// Of a branch: its key, and the pointer into the form at its element.
    pub item: Option<(String, String)>,
    /// Reminders and escalations that the step has reached, in their order.
    pub overdue: Vec<OverdueView>,
    /// The step's own clock.
    pub promise: PromiseClock,
    /// Its statutory clock, where the package sets a period.
    pub statutory: Option<StatutoryClock>,
    /// Highest mark of the case's promise that was given, percent.
    pub case_warned: u8,
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
    /// Bank, party or bureau.
    pub organisation: String,
    /// Outlet.
    pub outlet: Option<String>,
    /// Offices.
    pub offices: Vec<String>,
    /// Whom it speaks for.
    pub person: Option<String>,
    /// Divisions of a manager; empty = the whole city.
    pub divisions: Vec<String>,
    /// What people call it.
    pub label: String,
    /// Issued, µs.
    pub issued_at_us: i64,
    /// Expires, µs.
    pub expires_at_us: Option<i64>,
    /// Revoked, µs.
    pub revoked_at_us: Option<i64>,
}

/// That somebody was shown personal data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessRecord {
    /// Id.
    pub id: String,
    /// When, business time, µs.
    pub at_us: i64,
    /// The token or credential.
    pub token: String,
    /// Its role.
    pub role: String,
    /// Whose it is.
    pub organisation: String,
    /// The person behind it, where the token is a person's.
    pub officer: Option<String>,
    /// Case number.
    pub case: String,
    /// What was shown: `form`, `form.name`, `results.registration.uscc`, `subject`, `reasons.<step>`, `corrections.<id>`,
    /// `file.<digest>`, `letter.<number>`.
    pub fields: Vec<String>,
    /// What for: `hand-over/<step>`, `read-task/<step>`, `read-case`, `read-document`, `read-letter`, `tell`.
    pub purpose: String,
}

/// An entry of a journal, exactly as it was hashed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalEntry {
    /// Position, from 1.
    pub seq: i64,
    /// When, business time, µs.
    pub at_us: i64,
    /// JSON text.
    pub bytes: String,
    /// Hash over the hash before it, a line feed, and `bytes`.
    pub hash: String,
}
