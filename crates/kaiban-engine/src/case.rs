//! The state of a case: only what later decisions, clocks and answers need. No personal data: forms, findings and
//! results are named by digest.

mod runs;

use std::collections::BTreeMap;

use kaiban_definition::INTAKE;
use serde::{Deserialize, Serialize};

pub use self::runs::{
    CodeAt, CommitmentRun, CorrectionRun, Delay, DroppedRun, ExtensionRun, GivenReason, LetterRun, Parent, PauseRun,
    Revocation, Round, Signed, StepRun, Undone, Way,
};
use crate::ledger::Ledger;

/// Where a case stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Nothing has been received yet.
    #[default]
    New,
    /// Received, not yet accepted.
    Intake,
    /// Accepted (受理).
    Open,
    /// Ended, with an outcome.
    Closed,
}

/// Where a step stands. A step of the package that has no [`StepRun`] is pending.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepState {
    /// Waits for what it needs.
    Pending,
    /// Offered to its office; nobody has had it in hand yet.
    Offered,
    /// Handed over to somebody of its office.
    Claimed,
    /// Put off by its office.
    Deferred,
    /// An attempt failed; it will be offered again.
    Retrying,
    /// The applicant has been asked for a correction.
    Correction,
    /// Held up for a reason of the pause table; nobody may take it.
    Paused,
    /// The system waits: for time to pass, or for a started case to end.
    Waiting,
    /// Divided into branches, which are under way; the branches have runs of their own.
    Branched,
    /// Needs a person to look at why it cannot go on.
    Incident,
    /// Done.
    Completed,
    /// Not needed in this case.
    Skipped,
    /// The applicant has not asked for it; may still be asked for while the case is open.
    NotRequested,
    /// Its branch ended without a result.
    Ended,
    /// Taken back: the case ended, another of several was first, or its element is gone.
    Withdrawn,
}

impl StepState {
    /// Has ended, in whatever way.
    pub fn is_terminal(self) -> bool {
        matches!(self, Self::Completed | Self::Skipped | Self::NotRequested | Self::Ended | Self::Withdrawn)
    }

    /// Satisfies the `needs` of other steps.
    pub fn satisfies(self) -> bool {
        self.is_terminal()
    }

    /// Has a task that an office can work on, now or later.
    pub fn has_task(self) -> bool {
        matches!(self, Self::Offered | Self::Claimed | Self::Deferred | Self::Retrying)
    }

    /// A step that was offered and stands here had its task taken away from whoever held it: the step was paused, taken
    /// back, or became an incident. Where its holder or the time ended the task, the step says so itself.
    pub fn took_task_away(self) -> bool {
        matches!(self, Self::Pending | Self::Paused | Self::Incident | Self::Withdrawn)
    }

    /// Is under way: offered and not ended.
    pub fn is_open(self) -> bool {
        self.has_task() || matches!(self, Self::Correction | Self::Incident | Self::Paused | Self::Waiting)
    }

    /// The name used in journals, rows and answers: `SCREAMING_SNAKE_CASE`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Offered => "OFFERED",
            Self::Claimed => "CLAIMED",
            Self::Deferred => "DEFERRED",
            Self::Retrying => "RETRYING",
            Self::Correction => "CORRECTION",
            Self::Paused => "PAUSED",
            Self::Waiting => "WAITING",
            Self::Branched => "BRANCHED",
            Self::Incident => "INCIDENT",
            Self::Completed => "COMPLETED",
            Self::Skipped => "SKIPPED",
            Self::NotRequested => "NOT_REQUESTED",
            Self::Ended => "ENDED",
            Self::Withdrawn => "WITHDRAWN",
        }
    }
}

/// One application going through one package (办件).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// Case number.
    pub id: String,
    /// Workflow package.
    pub workflow: String,
    /// Digest of the package version that the case is pinned to.
    pub digest: String,
    /// Code of the registering division (GB/T 2260).
    pub division: String,
    /// Calendar of the registering division; the case's promise clock runs on it.
    pub calendar: String,
    /// Who submitted it.
    pub organisation: String,
    /// Outlet of the terminal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outlet: Option<String>,
    /// Where it stands.
    pub phase: Phase,
    /// How it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
    /// When it was received.
    pub received_at_us: i64,
    /// When it was accepted; intake that nobody answered counts from receipt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted_at_us: Option<i64>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_at_us: Option<i64>,
    /// Working time promised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget_us: Option<i64>,
    /// Working time used, as reported when the promise clock stopped for good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used: Option<crate::Used>,
    /// Highest mark of the promise clock that was given, percent; 0 = none.
    #[serde(default, skip_serializing_if = "runs::is_zero")]
    pub mark: u8,
    /// The period that the law sets for the case was prolonged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extension: Option<ExtensionRun>,
    /// Number of the calendar publication that its clocks were last recomputed for; 0 = none.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub recomputed: i64,
    /// Digests of the form's revisions, oldest first.
    pub forms: Vec<String>,
    /// Digest of the doubts found in the first form, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doubts: Option<String>,
    /// How many doubts.
    #[serde(default)]
    pub doubt_count: u32,
    /// Runs of the steps that are no longer pending, and of their branches (`step[key]`).
    pub steps: BTreeMap<String, StepRun>,
    /// What had happened to steps of an earlier version of the package that the present one does not have: nothing of it
    /// is under way. Its time stays counted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dropped: Vec<DroppedRun>,
    /// Corrections, in the order they were asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub corrections: Vec<CorrectionRun>,
    /// What was granted and taken back (撤销).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revocation: Option<Revocation>,
    /// Commitments that were signed or declined, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub commitments: Vec<CommitmentRun>,
    /// The case's own state codes; see [`crate::StateCode`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub codes: Vec<CodeAt>,
    /// Letters to the applicant, in the order they were issued.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub letters: Vec<LetterRun>,
    /// The step of another case that started this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<Parent>,
    /// The promise could not be decided: a person has to look at it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub promise_undecided: bool,
    /// What the applicant thought of it (好差评), 1 to 5.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grade: Option<u8>,
    /// The case's time, cut into intervals.
    pub ledger: Ledger,
    /// Business time of the last event.
    pub last_at_us: i64,
}

fn is_zero(publication: &i64) -> bool {
    *publication == 0
}

impl Case {
    /// State of a step; steps that nothing has happened to are pending.
    pub fn step_state(&self, step: &str) -> StepState {
        self.steps.get(step).map_or(StepState::Pending, |run| run.state)
    }

    /// Whether the promise clock has begun: a counted step was under way, be it for no time at all.
    pub fn promise_started(&self) -> bool {
        self.runs().any(|run| run.counted)
    }

    /// Everything that has happened to steps, those of earlier versions of the package included.
    pub fn runs(&self) -> impl Iterator<Item = &StepRun> {
        self.steps.values().chain(self.dropped.iter().map(|dropped| &dropped.run))
    }

    /// Digest of the form that a step's open or last offer was made with.
    pub fn form_of(&self, run: &StepRun) -> Option<&str> {
        let revision = usize::try_from(run.form).ok()?.checked_sub(1)?;
        self.forms.get(revision).map(String::as_str)
    }

    /// Digest of the form as it stands.
    pub fn form(&self) -> Option<&str> {
        self.forms.last().map(String::as_str)
    }

    /// When what the intake looks at was handed in: with the application, or with the answer to its last correction.
    pub fn handed_in_at_us(&self) -> i64 {
        let asked = self.corrections.iter().filter(|asked| asked.step == INTAKE);
        asked.filter_map(|asked| asked.answered_at_us).max().unwrap_or(self.received_at_us)
    }

    /// The last word of an applicant about the commitment that could stand for a step's certificate.
    pub fn commitment(&self, step: &str) -> Option<&CommitmentRun> {
        self.commitments.iter().rev().find(|run| run.step == step)
    }

    /// The correction of a step that waits for the applicant.
    pub fn open_correction(&self, step: &str) -> Option<&CorrectionRun> {
        self.corrections.iter().rev().find(|correction| correction.step == step && correction.is_open())
    }
}
