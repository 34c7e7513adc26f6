//! What somebody wants done, in the imperative.

use std::sync::Arc;

use kaiban_findings::Finding;
use serde_json::Value;

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
    /// Try a step in incident afresh.
    Resolve {
        /// The step.
        step: String,
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
            Self::FireTimer { .. } => "fire_timer",
        }
    }
}
