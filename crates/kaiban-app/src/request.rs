//! What callers ask for, in the app's own words; the server maps the wire to these.

use std::time::Duration;

use kaiban_engine::PauseReason;
use kaiban_findings::Finding;
use serde_json::Value;

use crate::principal::Role;

/// A form handed in.
#[derive(Clone, Debug)]
pub struct Submit {
    /// Unique within (organisation, method).
    pub request_id: String,
    /// Package.
    pub workflow: String,
    /// The form.
    pub form: Value,
}

/// A corrected form.
#[derive(Clone, Debug)]
pub struct Resubmit {
    /// Unique within (organisation, method).
    pub request_id: String,
    /// Case number.
    pub case: String,
    /// The correction that it answers.
    pub correction: String,
    /// The whole form.
    pub form: Value,
}

/// Take a case back, or end it.
#[derive(Clone, Debug)]
pub struct EndCase {
    /// Unique within (organisation, method).
    pub request_id: String,
    /// Case number.
    pub case: String,
    /// Who decides; for cancelling.
    pub officer: String,
    /// Why; may be empty.
    pub reason: String,
}

/// Ask for a step that was left out.
#[derive(Clone, Debug)]
pub struct RequestStep {
    /// Unique within (organisation, method).
    pub request_id: String,
    /// Case number.
    pub case: String,
    /// The step.
    pub step: String,
    /// The whole form with what the step needs, if that changes.
    pub form: Option<Value>,
}

/// Take one step back, or end its pause.
#[derive(Clone, Debug)]
pub struct EndStep {
    /// Unique within (organisation, method).
    pub request_id: String,
    /// Case number.
    pub case: String,
    /// The step.
    pub step: String,
    /// The reason, or the officer who ends a pause; may be empty.
    pub text: String,
}

/// Hold a step up.
#[derive(Clone, Debug)]
pub struct Pause {
    /// Unique within (organisation, method).
    pub request_id: String,
    /// Case number.
    pub case: String,
    /// The step.
    pub step: String,
    /// Why; none is refused.
    pub reason: Option<PauseReason>,
    /// Until when it is said to last, µs.
    pub until_us: Option<i64>,
    /// What the applicant is told about it; may be empty.
    pub note: String,
    /// Who decides; empty for a person's own token.
    pub officer: String,
    /// Who approves; may be empty.
    pub approver: String,
}

/// Rate the service.
#[derive(Clone, Debug)]
pub struct Rating {
    /// Unique within (organisation, method).
    pub request_id: String,
    /// Case number.
    pub case: String,
    /// 1 to 5.
    pub grade: u8,
    /// May be empty.
    pub comment: String,
}

/// Names a task by id, or by case and step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskAddress {
    /// Task id; empty when case and step are given.
    pub id: String,
    /// Case number.
    pub case: String,
    /// Step.
    pub step: String,
}

/// Take tasks from a queue.
#[derive(Clone, Debug)]
pub struct Claim {
    /// Unique within (organisation, method).
    pub request_id: String,
    /// Office; empty = the token's only one.
    pub office: String,
    /// Steps; empty = all.
    pub steps: Vec<String>,
    /// How many at most, from 1.
    pub max: u32,
    /// Length of the leases.
    pub lease: Option<Duration>,
    /// How long to wait for the first one.
    pub wait: Option<Duration>,
}

/// Serve a queue through a stream.
#[derive(Clone, Debug)]
pub struct OpenWork {
    /// Office; empty = the token's only one.
    pub office: String,
    /// Steps; empty = all.
    pub steps: Vec<String>,
    /// Tasks in hand at a time.
    pub window: u32,
    /// Length of the leases.
    pub lease: Option<Duration>,
}

/// End a task.
#[derive(Clone, Debug)]
pub struct Completion {
    /// Unique within (organisation, method).
    pub request_id: String,
    /// Which task.
    pub task: TaskAddress,
    /// Epoch of the lease.
    pub epoch: i64,
    /// Outcome.
    pub outcome: String,
    /// Result.
    pub result: Option<Value>,
    /// What is missing, for a correcting outcome.
    pub findings: Vec<Finding>,
    /// Who decided; may be empty.
    pub officer: String,
    /// Who approved; may be empty.
    pub approver: String,
    /// Reason for the applicant; may be empty.
    pub reason: String,
}

/// Prolong a lease.
#[derive(Clone, Debug)]
pub struct Heartbeat {
    /// Which task.
    pub task: TaskAddress,
    /// Epoch of the lease.
    pub epoch: i64,
    /// New length from now.
    pub lease: Option<Duration>,
}

/// Put a task off.
#[derive(Clone, Debug)]
pub struct Deferral {
    /// Unique within (organisation, method).
    pub request_id: String,
    /// Which task.
    pub task: TaskAddress,
    /// Epoch of the lease.
    pub epoch: i64,
    /// Business time, µs.
    pub until_us: i64,
    /// The office's word for why.
    pub code: String,
}

/// Report a failed attempt.
#[derive(Clone, Debug)]
pub struct Failure {
    /// Unique within (organisation, method).
    pub request_id: String,
    /// Which task.
    pub task: TaskAddress,
    /// Epoch of the lease.
    pub epoch: i64,
    /// The office's word for what failed.
    pub code: String,
}

/// Say why a step took longer than promised.
#[derive(Clone, Debug)]
pub struct ExplainDelay {
    /// Unique within (organisation, method).
    pub request_id: String,
    /// A task of the step; of those that ended too.
    pub task: TaskAddress,
    /// Who says so; may be empty with an officer's own token.
    pub officer: String,
    /// The reason, in words for the public.
    pub reason: String,
}

/// A page of the steps that ended later than promised.
#[derive(Clone, Debug, Default)]
pub struct ListDelays {
    /// Of this office; none = of all that the caller sees.
    pub office: Option<String>,
    /// Of cases of this division.
    pub division: Option<String>,
    /// Only those whose reason is owed.
    pub owed: bool,
    /// Since this instant or later, µs.
    pub from_us: Option<i64>,
    /// Since before this instant, µs.
    pub before_us: Option<i64>,
    /// How many; 0 = 50.
    pub page_size: u32,
    /// From the page before; empty = first page.
    pub page_token: String,
}

/// Prolong the period that the law sets for a step, or for the case.
#[derive(Clone, Debug)]
pub struct Extension {
    /// Unique within (organisation, method).
    pub request_id: String,
    /// Case number.
    pub case: String,
    /// The step or branch; empty = the case.
    pub step: String,
    /// Who asks for it; may be empty with an officer's own token.
    pub officer: String,
    /// The head who approves.
    pub approver: String,
    /// Why.
    pub reason: String,
}

/// Which cases; everything that is set must match.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CaseFilter {
    /// Package.
    pub workflow: Option<String>,
    /// Registering division.
    pub division: Option<String>,
    /// Outlet.
    pub outlet: Option<String>,
    /// Where it stands.
    pub state: Option<kaiban_store::CaseState>,
    /// Outcome.
    pub outcome: Option<String>,
    /// Received at or after, µs.
    pub received_from_us: Option<i64>,
    /// Received before, µs.
    pub received_before_us: Option<i64>,
    /// Only cases with a correction that waits for the applicant.
    pub waiting: bool,
}

/// Order of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// Newest receipt first.
    #[default]
    ReceivedDesc,
    /// Oldest receipt first.
    ReceivedAsc,
    /// Open cases whose promise ends soonest first.
    PromiseDue,
}

/// A page of cases.
#[derive(Clone, Debug, Default)]
pub struct ListCases {
    /// Which.
    pub filter: CaseFilter,
    /// In which order.
    pub order: Order,
    /// How many; 0 = 50.
    pub page_size: u32,
    /// From the page before; empty = first page.
    pub page_token: String,
    /// How much of each.
    pub detail: Detail,
}

/// How much of a case an answer shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Detail {
    /// Without steps, corrections and form.
    #[default]
    Basic,
    /// Without the form.
    Steps,
    /// Everything that the caller may see.
    Full,
}

/// Follow cases as they change.
#[derive(Clone, Debug, Default)]
pub struct Watch {
    /// One case; empty = all that match.
    pub case: String,
    /// Which.
    pub filter: CaseFilter,
    /// Leave out the present state.
    pub changes_only: bool,
    /// How much of each.
    pub detail: Detail,
}

/// Issue a token.
#[derive(Clone, Debug)]
pub struct IssueToken {
    /// What it is.
    pub role: Role,
    /// Bank, party, or the bureau's own name.
    pub organisation: String,
    /// Outlet, for a terminal.
    pub outlet: Option<String>,
    /// Offices, for an agency; for an officer his own, filled in from the directory where it is left out.
    pub offices: Vec<String>,
    /// Whom it speaks for: an officer's id in the directory, otherwise 1 to 64 letters, digits, `-`, `_` and `.`.
    pub person: Option<String>,
    /// Divisions, for a manager; none = the whole city.
    pub divisions: Vec<String>,
    /// What people call it.
    pub label: String,
    /// Operating time, µs; none = 90 days.
    pub expires_at_us: Option<i64>,
    /// Instead of a secret: SHA-256 of a client's certificate (DER), lower-case hexadecimal.
    pub certificate: Option<String>,
}

impl IssueToken {
    /// A token with nothing but a role and an organisation.
    pub fn new(role: Role, organisation: impl Into<String>) -> Self {
        Self {
            role,
            organisation: organisation.into(),
            outlet: None,
            offices: Vec::new(),
            person: None,
            divisions: Vec::new(),
            label: String::new(),
            expires_at_us: None,
            certificate: None,
        }
    }

    /// The same for one person.
    #[must_use]
    pub fn of_person(self, person: impl Into<String>) -> Self {
        Self { person: Some(person.into()), ..self }
    }

    /// The same under a name that people read.
    #[must_use]
    pub fn called(self, label: impl Into<String>) -> Self {
        Self { label: label.into(), ..self }
    }
}
