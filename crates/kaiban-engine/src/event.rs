//! What happened, in past tense. Released events never change meaning: a new meaning is a new variant.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Who acted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "role", rename_all = "snake_case")]
pub enum Actor {
    /// The applicant, through a terminal.
    Terminal {
        /// The bank.
        organisation: String,
        /// The outlet.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        outlet: Option<String>,
    },
    /// An agency's programme.
    Agency {
        /// Token that it used.
        holder: String,
    },
    /// A person of the bureau with administrative rights.
    Admin {
        /// Token that was used.
        holder: String,
    },
    /// A timer or a rule.
    System,
}

/// Working time used, as it was reported; kept when calendars change later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Used {
    /// Working time, µs.
    pub working_us: i64,
    /// Version of the calendar that it was measured on.
    pub calendar: String,
}

/// One thing that happened to a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// An application arrived (code 1 已接件).
    Received {
        /// Case number.
        case: String,
        /// Package.
        workflow: String,
        /// Package version by digest.
        digest: String,
        /// Registering division.
        division: String,
        /// Its calendar.
        calendar: String,
        /// Who handed it in.
        organisation: String,
        /// Outlet.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        outlet: Option<String>,
        /// Digest of the form.
        form: String,
        /// Digest of the doubts, if any.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        doubts: Option<String>,
        /// How many doubts.
        #[serde(default)]
        doubt_count: u32,
    },
    /// The application was accepted (code 3 已受理).
    Accepted {
        /// Instant from which it counts as accepted; the receipt when nobody answered in time (行政许可法 §32).
        from_us: i64,
        /// Working time promised, on the registering division's calendar.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        budget_us: Option<i64>,
    },
    /// The conditional needs of a step were evaluated, once.
    NeedsResolved {
        /// The step.
        step: String,
        /// The needs whose guard was false.
        waived: Vec<String>,
    },
    /// A step's guard was false: it is not needed in this case.
    StepSkipped {
        /// The step.
        step: String,
    },
    /// A step was offered to its office.
    StepOffered {
        /// The step.
        step: String,
        /// The office.
        office: String,
        /// The office's calendar.
        calendar: String,
        /// Whether it counts towards the case's promise.
        counted: bool,
        /// Working time promised for it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        budget_us: Option<i64>,
        /// When the step ends by itself, in the applicant's favour.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        deadline_us: Option<i64>,
        /// Number of the offer, from 1.
        offer: u32,
    },
    /// The task was put into somebody's hands for the first time in this offer (code 8 部门开始办理).
    TaskHandedOver {
        /// The step.
        step: String,
        /// Who got it.
        holder: String,
        /// What was shared.
        fields: Vec<String>,
    },
    /// The office put the task off.
    TaskDeferred {
        /// The step.
        step: String,
        /// Business time until which.
        until_us: i64,
        /// The office's word for why.
        code: String,
    },
    /// An attempt failed for technical reasons.
    AttemptFailed {
        /// The step.
        step: String,
        /// The office's word for why.
        code: String,
        /// Failed attempts of this offer, this one included.
        attempts: u32,
        /// Operating time at which it is offered again.
        again_at_us: i64,
    },
    /// A deferral or a back-off ended: the task may be taken again.
    TaskReady {
        /// The step.
        step: String,
    },
    /// A step needs a person: its retries are used up, or a guard could not be evaluated.
    IncidentOpened {
        /// The step.
        step: String,
        /// `RETRIES_EXHAUSTED` or `GUARD_FAILED`.
        code: String,
        /// Whether the step counts towards the case's promise.
        counted: bool,
        /// Epoch of the lease that ended with it; 0 where there was none.
        #[serde(default)]
        epoch: i64,
    },
    /// A person dealt with an incident; the step is tried afresh.
    IncidentResolved {
        /// The step.
        step: String,
    },
    /// The office asked the applicant for everything that is missing (code 6 补正开始).
    CorrectionAsked {
        /// The step.
        step: String,
        /// `<step>.<n>`.
        correction: String,
        /// Digest of the findings.
        findings: String,
        /// What may be edited.
        pointers: Vec<String>,
        /// Digest of what the office wrote to it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
        /// Epoch of the lease that ended with it.
        epoch: i64,
        /// Who decided.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        officer: Option<String>,
    },
    /// The applicant answered a correction with a new form (code 7 补正结束).
    Resubmitted {
        /// The correction.
        correction: String,
        /// Digest of the new form.
        form: String,
        /// Pointers that differ from the form before.
        changed: Vec<String>,
        /// Digest of the doubts about the new form, if any.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        doubts: Option<String>,
        /// How many doubts.
        #[serde(default)]
        doubt_count: u32,
    },
    /// A step was done.
    StepCompleted {
        /// The step.
        step: String,
        /// Outcome as the package names it.
        outcome: String,
        /// Digest of the result.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        result: Option<String>,
        /// Digest of what the office wrote to it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
        /// Epoch of the lease.
        epoch: i64,
        /// Who decided.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        officer: Option<String>,
        /// Working time used by the step.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        used: Option<Used>,
    },
    /// A step's branch ended without its result, or its outcome closed the case.
    StepEnded {
        /// The step.
        step: String,
        /// Outcome as the package names it.
        outcome: String,
        /// Digest of the reason that the applicant reads.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
        /// Epoch of the lease.
        epoch: i64,
        /// Who decided.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        officer: Option<String>,
        /// Working time used by the step.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        used: Option<Used>,
    },
    /// The last counted step ended: the promise clock stopped for good.
    PromiseStopped {
        /// Working time used by the case.
        used: Used,
    },
    /// The applicant took the application back (code 2 已撤件).
    Withdrawn {
        /// Digest of the reason.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// An officer ended a case that could not go on.
    Cancelled {
        /// Who decided.
        officer: String,
        /// Digest of the reason.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// The case ended; whatever was still under way was taken back.
    Closed {
        /// How.
        outcome: String,
        /// Steps whose branch ended without a result.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        without: Vec<String>,
        /// Working time used by the steps that were taken back.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        taken_back: BTreeMap<String, Used>,
    },
}

impl Event {
    /// Digest of the reason or other document that only this event names.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::StepCompleted { reason, .. }
            | Self::StepEnded { reason, .. }
            | Self::CorrectionAsked { reason, .. }
            | Self::Withdrawn { reason }
            | Self::Cancelled { reason, .. } => reason.as_deref(),
            _ => None,
        }
    }
}
