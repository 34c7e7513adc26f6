//! What plays a scenario.

use kaiban_engine::{Entry, PauseReason, Rejection};
use kaiban_findings::Finding;
use serde_json::Value;

use crate::scenario::Blot;

/// What somebody does with a case that is there, with everything that the scenario left to be found out.
#[derive(Clone, Debug)]
pub enum Deed {
    /// The terminal answers a correction.
    Answer {
        /// `<step>.<n>`.
        correction: String,
        /// The whole form.
        form: Value,
    },
    /// The terminal takes the application back.
    Withdraw {
        /// Why; may be empty.
        reason: String,
    },
    /// The terminal asks for a step.
    Request {
        /// The step.
        step: String,
        /// The whole form, if it changes.
        form: Option<Value>,
    },
    /// The terminal takes one step back.
    WithdrawStep {
        /// The step.
        step: String,
        /// Why; may be empty.
        reason: String,
    },
    /// The office takes all that is ready of a step, of whatever case.
    Take {
        /// The step or branch.
        step: String,
    },
    /// The office ends a task, which it takes first if it is in nobody's hands.
    Complete {
        /// The step or branch.
        step: String,
        /// The outcome.
        outcome: String,
        /// The result.
        result: Option<Value>,
        /// What is missing.
        findings: Vec<Finding>,
        /// Who.
        officer: String,
        /// Who approves.
        approver: Option<String>,
        /// May be empty.
        reason: String,
    },
    /// The office puts a task off, which it takes first if it is in nobody's hands.
    Defer {
        /// The step or branch.
        step: String,
        /// Until when, µs.
        until_us: i64,
        /// The office's word for why.
        code: String,
    },
    /// An attempt fails, after the task was taken if it was in nobody's hands. Operating time is no part of a scenario: a
    /// back-off that follows is over at once.
    Fail {
        /// The step or branch.
        step: String,
        /// The office's word for what failed.
        code: String,
    },
    /// An officer of the step's office holds it up.
    Pause {
        /// The step or branch.
        step: String,
        /// Why.
        reason: PauseReason,
        /// Until when, µs.
        until_us: Option<i64>,
        /// May be empty.
        note: String,
        /// Who.
        officer: String,
        /// Who approves.
        approver: Option<String>,
    },
    /// An officer of the step's office ends a pause.
    Resume {
        /// The step or branch.
        step: String,
        /// Who.
        officer: String,
    },
    /// An officer has the period of the law prolonged.
    Extend {
        /// The step or branch; none = the case.
        step: Option<String>,
        /// Who.
        officer: String,
        /// Who approves.
        approver: String,
        /// Why.
        reason: String,
    },
    /// An officer of the step's office says why it took longer than promised.
    ExplainDelay {
        /// The step or branch.
        step: String,
        /// Who.
        officer: String,
        /// Why.
        reason: String,
    },
    /// An officer of the registering office ends the case.
    Cancel {
        /// Who.
        officer: String,
        /// May be empty.
        reason: String,
    },
    /// An officer of the registering office gives the case up.
    GiveUp {
        /// Who.
        officer: String,
        /// Why.
        reason: String,
    },
    /// An officer says that the cause of an incident is gone; an empty step is the promise.
    Resolve {
        /// The step or branch.
        step: String,
        /// Who.
        officer: String,
    },
    /// The applicant rates the service.
    Rate {
        /// Key of the person in the form.
        person: String,
        /// 1 to 5.
        grade: u8,
        /// May be empty.
        comment: String,
    },
    /// The applicant reads the commitment that replaces a certificate, and signs it.
    Sign {
        /// Key of the person in the form.
        person: String,
        /// The step that asks for the certificate.
        step: String,
    },
    /// The applicant does not want to promise.
    DeclineCommitment {
        /// Key of the person in the form.
        person: String,
        /// The step that asks for the certificate.
        step: String,
    },
    /// The applicant takes a commitment back.
    WithdrawCommitment {
        /// Key of the person in the form.
        person: String,
        /// The step that asks for the certificate.
        step: String,
        /// May be empty.
        reason: String,
    },
}

impl Deed {
    /// The step or branch that it is about, if one.
    pub fn step(&self) -> Option<&str> {
        match self {
            Self::Request { step, .. }
            | Self::WithdrawStep { step, .. }
            | Self::Take { step }
            | Self::Complete { step, .. }
            | Self::Defer { step, .. }
            | Self::Fail { step, .. }
            | Self::Pause { step, .. }
            | Self::Resume { step, .. }
            | Self::Sign { step, .. }
            | Self::DeclineCommitment { step, .. }
            | Self::WithdrawCommitment { step, .. }
            | Self::ExplainDelay { step, .. } => Some(step),
            Self::Extend { step, .. } => step.as_deref(),
            Self::Resolve { step, .. } => Some(step).filter(|step| !step.is_empty()).map(String::as_str),
            Self::Answer { .. }
            | Self::Withdraw { .. }
            | Self::Cancel { .. }
            | Self::GiveUp { .. }
            | Self::Rate { .. } => None,
        }
    }
}

/// Why something changed nothing. A scenario may expect it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Stable reason in SCREAMING_SNAKE_CASE.
    pub reason: String,
    /// Places in the form or the result.
    pub findings: Vec<Finding>,
}

impl From<Rejection> for Refused {
    fn from(rejection: Rejection) -> Self {
        Self { reason: rejection.reason().to_owned(), findings: rejection.findings().to_vec() }
    }
}

/// Where a scenario is played. Business time stands still but for [`Driver::time_passes`]. When a call returns, everything
/// that follows from it by itself has happened: letters are issued and told of, started cases are there.
pub trait Driver {
    /// Business time, µs.
    fn now_us(&self) -> i64;

    /// Moves business time on. Each deadline on the way comes at its own instant.
    fn time_passes(&mut self, until_us: i64);

    /// A terminal hands in a form; gives the case's number.
    ///
    /// # Errors
    /// Why there is no case.
    fn submit(&mut self, workflow: &str, outlet: &str, form: &Value) -> Result<String, Refused>;

    /// Somebody does something with a case.
    ///
    /// # Errors
    /// Why nothing changed.
    fn act(&mut self, case: &str, deed: &Deed) -> Result<(), Refused>;

    /// Puts something on the credit record of a person of a case, today.
    ///
    /// # Errors
    /// Why nothing was recorded.
    fn record(&mut self, case: &str, person: &str, blot: Blot) -> Result<(), Refused>;

    /// The bureau puts a key into a register that it keeps for a package, for good.
    ///
    /// # Errors
    /// Why it is not there now.
    fn list(&mut self, workflow: &str, register: &str, key: &str) -> Result<(), Refused>;

    /// A public draw is held over all cases that wait for it by then; these are chosen or not, and any other is not.
    /// Gives what became of those that are named, in the same order.
    fn draw(&mut self, pool: &str, cases: &[(String, bool)]) -> Vec<Result<(), Refused>>;

    /// Whom a draw has sent to check a case; nobody where it has not.
    fn checkers(&mut self, case: &str, draw: &str) -> Vec<String>;

    /// The whole journal of a case.
    fn journal(&mut self, case: &str) -> Vec<Entry>;
}
