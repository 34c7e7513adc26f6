//! What somebody wants done, in the imperative.

use std::sync::Arc;

use kaiban_calendar::Calendars;
use kaiban_definition::{Definition, Migration};
use kaiban_findings::Finding;
use serde_json::Value;

use crate::case::Parent;
use crate::pause::PauseReason;
use crate::rows::TimerKind;

/// A document that the shell has filed under a salted digest: the journal names the digest, never the content.
#[derive(Clone, Debug)]
pub struct Filed {
    /// Salted SHA-256, lower-case hex.
    pub digest: String,
    /// The content.
    pub content: Arc<Value>,
}

/// One command to one case.
#[derive(Clone, Debug)]
pub enum Command {
    /// Hand in the form of a new case.
    Submit {
        /// Case number, drawn by the shell.
        case: String,
        /// The form.
        form: Filed,
        /// Doubts found in it, filed by the shell; none if there are none.
        doubts: Option<(String, u32)>,
        /// Who hands it in.
        organisation: String,
        /// Outlet.
        outlet: Option<String>,
        /// The step of another case that starts this one.
        parent: Option<Parent>,
    },
    /// Take a step's task in hand.
    Claim {
        /// The step.
        step: String,
        /// Who takes it.
        holder: String,
    },
    /// End a step's task with an outcome.
    Complete {
        /// The step.
        step: String,
        /// Epoch under which it was taken.
        epoch: i64,
        /// Outcome as the package names it.
        outcome: String,
        /// The result.
        result: Option<Filed>,
        /// For a correcting outcome: the findings, filed.
        findings: Option<(String, Vec<Finding>)>,
        /// Who decided.
        officer: Option<String>,
        /// Who approves; an adverse outcome needs one.
        approver: Option<String>,
        /// Digest of the reason, filed by the shell.
        reason: Option<String>,
    },
    /// Put a step's task off.
    Defer {
        /// The step.
        step: String,
        /// Epoch under which it was taken.
        epoch: i64,
        /// Business time until which.
        until_us: i64,
        /// The office's word for why.
        code: String,
    },
    /// Report that an attempt failed.
    Fail {
        /// The step.
        step: String,
        /// Epoch under which it was taken.
        epoch: i64,
        /// The office's word for what failed.
        code: String,
    },
    /// Answer a correction with a new form.
    Resubmit {
        /// The correction.
        correction: String,
        /// The whole new form.
        form: Filed,
        /// Doubts found in it, filed by the shell; none if there are none.
        doubts: Option<(String, u32)>,
    },
    /// Take the application back.
    Withdraw {
        /// Digest of the reason.
        reason: Option<String>,
    },
    /// End a case that cannot go on.
    Cancel {
        /// Who decides.
        officer: String,
        /// Digest of the reason.
        reason: Option<String>,
    },
    /// Try a step in incident afresh; an empty name: the promise that could not be decided was looked at.
    Resolve {
        /// The step.
        step: String,
        /// Who.
        officer: String,
    },
    /// Ask for a step that was not requested (分时办理).
    Request {
        /// The step.
        step: String,
        /// The form with what the step needs, if that changes.
        form: Option<Filed>,
    },
    /// Take back one step that the applicant may leave out.
    WithdrawStep {
        /// The step.
        step: String,
        /// Digest of the reason.
        reason: Option<String>,
    },
    /// Hold a step up for a reason of the pause table.
    Pause {
        /// The step.
        step: String,
        /// Why.
        reason: PauseReason,
        /// Until when it is said to last.
        until_us: Option<i64>,
        /// Digest of what is written to it.
        note: Option<String>,
        /// Who pauses it.
        officer: String,
        /// Who approves.
        approver: Option<String>,
    },
    /// End a pause.
    Resume {
        /// The step.
        step: String,
        /// Who ends it.
        officer: String,
    },
    /// Give up a case whose applicant has not answered a correction.
    GiveUp {
        /// Who decides.
        officer: String,
        /// Digest of the reason.
        reason: String,
    },
    /// Say why a step took longer than promised.
    ExplainDelay {
        /// The step.
        step: String,
        /// Who.
        officer: String,
        /// Digest of the reason.
        reason: String,
    },
    /// Prolong the period that the law sets.
    Extend {
        /// The step; none = the case.
        step: Option<String>,
        /// Who asks for it.
        officer: String,
        /// The head who approves.
        approver: String,
        /// Digest of the reason.
        reason: String,
    },
    /// A calendar was published; the context has the calendars in force.
    Recompute {
        /// Number of the publication; a case is recomputed once for each.
        publication: i64,
        /// What was published.
        source: String,
        /// The calendars before.
        before: Arc<Calendars>,
    },
    /// Go on by another version of the package. What the old version's steps have done stays done.
    Migrate {
        /// The new version.
        to: Arc<Definition>,
        /// How the old version's steps become the new one's.
        migration: Arc<Migration>,
    },
    /// Sign the commitment that replaces a certificate. The shell has shown the letter, and holds the signature against it.
    Sign {
        /// The step that asks for the certificate.
        step: String,
        /// Who signs: the person's key in the form.
        person: String,
        /// The letter as it was shown.
        letter: Filed,
        /// SHA-256 of its text.
        text_sha256: String,
        /// Who would sign, what is on record, which exclusions were asked.
        standing: Filed,
        /// The signature's record.
        signature: Filed,
        /// How it is signed.
        scheme: String,
    },
    /// Say that one does not want to promise.
    DeclineCommitment {
        /// The step that asks for the certificate.
        step: String,
        /// Who.
        person: String,
    },
    /// Take a commitment back.
    WithdrawCommitment {
        /// The step that asks for the certificate.
        step: String,
        /// Who.
        person: String,
        /// Digest of the reason.
        reason: Option<String>,
    },
    /// Rate the service.
    Rate {
        /// 1 to 5.
        grade: u8,
        /// Digest of the comment.
        comment: Option<String>,
    },
    /// A letter was rendered: file it.
    IssueLetter {
        /// Name in the package.
        letter: String,
        /// Its number.
        number: String,
        /// The step that it comes from.
        step: Option<String>,
        /// The correction that it tells of.
        correction: Option<String>,
        /// Digest of the HTML.
        html: String,
        /// Digest of the text.
        text: String,
    },
    /// The applicant was told of a letter.
    Tell {
        /// Number of the letter.
        number: String,
        /// The correction that it tells of.
        correction: Option<String>,
    },
    /// The case that a step was to start is there.
    SubCaseStarted {
        /// The step.
        step: String,
        /// Its number.
        case: String,
    },
    /// The case that a step was to start could not be started.
    SubCaseFailed {
        /// The step.
        step: String,
    },
    /// A started case has ended.
    SubCaseEnded {
        /// The step.
        step: String,
        /// Its number.
        case: String,
        /// `{"case": …, "outcome": …}`, filed.
        result: Filed,
    },
    /// A draw was held that decided over a step.
    Drawn {
        /// The step.
        step: String,
        /// `{"draw": …, "drawn": …, "checkers": […]}`, filed.
        result: Filed,
    },
    /// A deadline came.
    FireTimer {
        /// The step.
        step: String,
        /// Which deadline.
        kind: TimerKind,
    },
}

impl Command {
    /// Name in the journal.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Submit { .. } => "submit",
            Self::Claim { .. } => "claim",
            Self::Complete { .. } => "complete",
            Self::Defer { .. } => "defer",
            Self::Fail { .. } => "fail",
            Self::Resubmit { .. } => "resubmit",
            Self::Withdraw { .. } => "withdraw",
            Self::Cancel { .. } => "cancel",
            Self::Resolve { .. } => "resolve",
            Self::Request { .. } => "request",
            Self::WithdrawStep { .. } => "withdraw_step",
            Self::Pause { .. } => "pause",
            Self::Resume { .. } => "resume",
            Self::GiveUp { .. } => "give_up",
            Self::ExplainDelay { .. } => "explain_delay",
            Self::Extend { .. } => "extend",
            Self::Recompute { .. } => "recompute",
            Self::Migrate { .. } => "migrate",
            Self::Sign { .. } => "sign",
            Self::DeclineCommitment { .. } => "decline_commitment",
            Self::WithdrawCommitment { .. } => "withdraw_commitment",
            Self::Rate { .. } => "rate",
            Self::IssueLetter { .. } => "issue_letter",
            Self::Tell { .. } => "tell",
            Self::SubCaseStarted { .. } => "sub_case_started",
            Self::SubCaseFailed { .. } => "sub_case_failed",
            Self::SubCaseEnded { .. } => "sub_case_ended",
            Self::Drawn { .. } => "drawn",
            Self::FireTimer { .. } => "fire_timer",
        }
    }
}
