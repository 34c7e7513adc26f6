//! The state of a case: only what later decisions, clocks and answers need. No personal data: forms, findings and
//! results are named by digest.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

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
    /// Corrections, in the order they were asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub corrections: Vec<CorrectionRun>,
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

/// What has happened to a step so far.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepRun {
    /// Where it stands.
    pub state: StepState,
    /// Whether it counts towards the case's promise.
    #[serde(default)]
    pub counted: bool,
    /// The office that it is offered to; empty for a step that was never offered.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub office: String,
    /// Calendar of that office.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub calendar: String,
    /// Working time promised for the step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget_us: Option<i64>,
    /// How often it was offered; the number is part of the task's id.
    #[serde(default)]
    pub offers: u32,
    /// Form revision that the open or last offer was made with, from 1.
    #[serde(default)]
    pub form: u32,
    /// Failed attempts of this offer.
    #[serde(default)]
    pub attempts: u32,
    /// When a deferral or a back-off ends; which clock, follows from the state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub again_at_us: Option<i64>,
    /// When the step ends by itself, in the applicant's favour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline_us: Option<i64>,
    /// Conditional needs that do not exist in this case; none = not evaluated yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waived: Option<Vec<String>>,
    /// When it was first offered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offered_at_us: Option<i64>,
    /// When its open or last task was offered, or the system set about it; none = not in this round, so that its guards
    /// have still to be evaluated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task_offered_at_us: Option<i64>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at_us: Option<i64>,
    /// Digest of what the office wrote to its outcome.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Outcome, once there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
    /// Digest of the result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<String>,
    /// Epoch under which the last offer ended.
    #[serde(default)]
    pub epoch: i64,
    /// Working time used, as reported when the step ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used: Option<crate::Used>,
    /// Why it is an incident.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident: Option<String>,
    /// Keys of the branches that it is divided into.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branches: Option<Vec<String>>,
    /// The applicant asked for the step later.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub requested: bool,
    /// Rounds that were superseded, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub superseded: Vec<Round>,
    /// How often each of its outcomes reopened something.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub loops: BTreeMap<String, u32>,
    /// What this run undoes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undoes: Option<Undone>,
    /// Why it is paused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pause: Option<PauseRun>,
    /// Reminders and escalations to come: index into the package's list, and when.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overdue: Vec<(u32, i64)>,
    /// Those that were given; none is given twice.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reached: Vec<u32>,
    /// The case that it started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sub_case: Option<String>,
    /// The register that it holds a key in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holds: Option<String>,
    /// The step's state codes, in order; see [`crate::StateCode`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub codes: Vec<CodeAt>,
    /// The step's time since its first offer, or since the incident that kept it from being offered.
    #[serde(default)]
    pub ledger: Ledger,
}

impl Default for StepRun {
    fn default() -> Self {
        Self {
            state: StepState::Pending,
            counted: false,
            office: String::new(),
            calendar: String::new(),
            budget_us: None,
            offers: 0,
            form: 0,
            attempts: 0,
            again_at_us: None,
            deadline_us: None,
            waived: None,
            offered_at_us: None,
            task_offered_at_us: None,
            ended_at_us: None,
            reason: None,
            outcome: None,
            result: None,
            epoch: 0,
            used: None,
            incident: None,
            branches: None,
            requested: false,
            superseded: Vec::new(),
            loops: BTreeMap::new(),
            undoes: None,
            pause: None,
            reached: Vec::new(),
            overdue: Vec::new(),
            sub_case: None,
            holds: None,
            codes: Vec::new(),
            ledger: Ledger::default(),
        }
    }
}

/// One correction: everything that one step found missing at one time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CorrectionRun {
    /// `<step>.<n>`.
    pub id: String,
    /// Who asked.
    pub step: String,
    /// Digest of the findings.
    pub findings: String,
    /// JSON pointers that it opened for editing.
    pub pointers: Vec<String>,
    /// When it was asked for.
    #[serde(default)]
    pub asked_at_us: i64,
    /// When the applicant was told; the pause begins then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told_at_us: Option<i64>,
    /// When it was answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered_at_us: Option<i64>,
    /// When it needed no answer any more, because its step was taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dropped_at_us: Option<i64>,
    /// Places that the answer changed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changed: Vec<String>,
    /// It asked for what an earlier correction of the step could have asked for (一次性告知 broken).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub breach: bool,
    /// Steps that the answer takes back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reopens: Vec<String>,
    /// Reminders given.
    #[serde(default)]
    pub reminders: u32,
    /// When the next reminder is due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remind_at_us: Option<i64>,
}

/// A finished round of a step that was taken back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Round {
    /// Its number, from 1.
    pub round: u32,
    /// How it had ended.
    pub outcome: String,
    /// Digest of its result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<String>,
    /// When it had ended.
    pub ended_at_us: i64,
}

/// What an undo step undoes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undone {
    /// The step, or its branch.
    pub step: String,
    /// The round.
    pub round: u32,
    /// Digest of its result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<String>,
}

/// A pause that lasts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PauseRun {
    /// Why.
    pub reason: crate::PauseReason,
    /// Since when.
    pub since_us: i64,
    /// Until when it was said to last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until_us: Option<i64>,
    /// Who paused it.
    pub officer: String,
}

/// A state code and when it was emitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeAt {
    /// The code.
    pub code: crate::StateCode,
    /// When, µs.
    pub at_us: i64,
}

/// A letter that was issued.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LetterRun {
    /// Name in the package.
    pub letter: String,
    /// Its number.
    pub number: String,
    /// The step that it comes from, if one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// Digest of the HTML.
    pub html: String,
    /// Digest of the text.
    pub text: String,
    /// When it was issued.
    pub issued_at_us: i64,
    /// When the applicant was told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told_at_us: Option<i64>,
}

/// The step of a case that started another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parent {
    /// Case number.
    pub case: String,
    /// The step.
    pub step: String,
}

impl CorrectionRun {
    /// Waits for the applicant.
    pub fn is_open(&self) -> bool {
        self.answered_at_us.is_none() && self.dropped_at_us.is_none()
    }
}

impl StepRun {
    /// Nothing is due any more. A deadline of its own stays as it was: it is only looked at while the step is open.
    pub(crate) fn at_rest(&mut self) {
        self.again_at_us = None;
        self.overdue.clear();
        self.pause = None;
    }
}

impl Case {
    /// State of a step; steps that nothing has happened to are pending.
    pub fn step_state(&self, step: &str) -> StepState {
        self.steps.get(step).map_or(StepState::Pending, |run| run.state)
    }

    /// Whether the promise clock has begun: a counted step was under way, be it for no time at all.
    pub fn promise_started(&self) -> bool {
        self.steps.values().any(|run| run.counted)
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

    /// The correction of a step that waits for the applicant.
    pub fn open_correction(&self, step: &str) -> Option<&CorrectionRun> {
        self.corrections.iter().rev().find(|correction| correction.step == step && correction.is_open())
    }
}
