//! What has happened to the steps, corrections and letters of a case so far.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::StepState;
use crate::ledger::Ledger;

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
    /// When it was first offered in this round; what the package does when the step takes long is measured from here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub round_from_us: Option<i64>,
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
    /// Staff number of whoever decided it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub officer: Option<String>,
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
    /// Those that were given in this round; none is given twice in it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reached: Vec<u32>,
    /// Highest mark of its promise clock that was given, percent; 0 = none.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub mark: u8,
    /// It ended later than promised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delay: Option<Delay>,
    /// The period that the law sets for it was prolonged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extension: Option<ExtensionRun>,
    /// The case that it started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sub_case: Option<String>,
    /// How that case ended, where the step did not wait for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sub_outcome: Option<String>,
    /// What stands for the certificate that it asks for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub way: Option<Way>,
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
            round_from_us: None,
            task_offered_at_us: None,
            ended_at_us: None,
            reason: None,
            officer: None,
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
            mark: 0,
            delay: None,
            extension: None,
            sub_case: None,
            sub_outcome: None,
            way: None,
            holds: None,
            codes: Vec::new(),
            ledger: Ledger::default(),
        }
    }
}

/// A step that ended later than promised, and the reason that its office owes the public (优化营商环境条例 §36).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delay {
    /// Since when it is owed.
    pub since_us: i64,
    /// Working time that the step had taken by then.
    #[serde(default)]
    pub working_us: i64,
    /// Working time that was promised.
    #[serde(default)]
    pub budget_us: i64,
    /// When the office is reminded next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remind_at_us: Option<i64>,
    /// Reminders given.
    #[serde(default)]
    pub reminders: u32,
    /// The reason, once it was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<GivenReason>,
}

/// The reason of a delay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GivenReason {
    /// Digest of the text.
    pub text: String,
    /// Who gave it.
    pub officer: String,
    /// When.
    pub at_us: i64,
}

/// That the period of the law was prolonged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExtensionRun {
    /// When.
    pub at_us: i64,
    /// The head who approved.
    pub approver: String,
    /// Digest of the reason.
    pub reason: String,
}

pub(super) fn is_zero(mark: &u8) -> bool {
    *mark == 0
}

/// One correction: everything that one step found missing at one time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CorrectionRun {
    /// `<step>.<n>`.
    pub id: String,
    /// Who asked.
    pub step: String,
    /// The outcome that asked; none where the system asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
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
    /// When it needed no answer any more, because its step was taken back or a promise stands for what it asked for.
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

/// What had happened to a step that the case's package does not have any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DroppedRun {
    /// The step or branch, by the name that it had.
    pub step: String,
    /// When the case left the version that had it.
    pub at_us: i64,
    /// What had happened to it.
    pub run: StepRun,
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

/// An outcome that was taken back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revocation {
    /// The step whose outcome it was.
    pub step: String,
    /// The step that had started the case which found it out.
    pub by: String,
    /// Number of that case.
    pub case: String,
    /// When.
    pub at_us: i64,
}

/// What stands for a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// The document.
    Evidence,
    /// What another office knows.
    Shared,
    /// The applicant's signed promise.
    Commitment,
}

impl Way {
    /// Its name in results and answers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Evidence => "evidence",
            Self::Shared => "shared",
            Self::Commitment => "commitment",
        }
    }
}

/// What an applicant said about a commitment that could replace a certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommitmentRun {
    /// The step that asks for the certificate.
    pub step: String,
    /// Who: the person's key in the form.
    pub person: String,
    /// When it was signed or declined.
    pub at_us: i64,
    /// What was signed; none = declined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed: Option<Signed>,
    /// When it was withdrawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn_at_us: Option<i64>,
}

/// A signed commitment. The documents are named by salted digests; erasing them leaves the journal as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signed {
    /// Digest of the letter as it was shown.
    pub letter: String,
    /// SHA-256 of the text that was shown, lower-case hex: what is signed.
    pub text_sha256: String,
    /// Digest of what was on record about who signed, and of the exclusions that were asked.
    pub standing: String,
    /// Digest of the signature's record: who, how, when, with which credential.
    pub signature: String,
    /// How it was signed: `typed`, `ed25519`.
    pub scheme: String,
    /// Class of risk of who signed, on that day: one capital letter.
    pub risk: String,
}

impl CommitmentRun {
    /// Signed and not withdrawn.
    pub fn is_in_force(&self) -> bool {
        self.signed.is_some() && self.withdrawn_at_us.is_none()
    }
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
    /// An intake that its office has still to answer. One that has asked for a correction has answered in time; the
    /// period begins anew when the applicant has.
    pub(crate) fn awaits_intake(&self) -> bool {
        self.state.is_open() && self.state != StepState::Correction
    }

    /// Nothing is due any more. A deadline of its own stays as it was: it is only looked at while the step is open.
    pub(crate) fn at_rest(&mut self) {
        self.again_at_us = None;
        self.overdue.clear();
        self.pause = None;
    }
}
