//! What waits for the writer: a mutation, who wants it, and where its answer goes.

use std::sync::Arc;

use kaiban_engine::{Actor, Case, Parent, PauseReason, TimerKind};
use kaiban_findings::Finding;
use kaiban_store::EntryRow;
use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;

use crate::commitments::Shown;
use crate::credit::CreditOp;
use crate::documents::Brought;
use crate::migrations::Plan;
use crate::principal::Principal;
use crate::refusal::Refusal;
use crate::registers::{KeptEntry, RegisterOp};
use crate::request::TaskAddress;
use crate::signing::SignatureGiven;
use crate::view::{Receipt, TaskView};

/// One mutation.
pub(crate) struct Job {
    pub who: Who,
    /// What the request id was, if the caller gave one.
    pub request: Option<RequestKey>,
    pub op: Op,
    pub reply: oneshot::Sender<Result<Done, Refusal>>,
}

/// Who wants it.
#[derive(Clone, Debug)]
pub(crate) enum Who {
    Caller(Principal),
    System,
}

impl Who {
    pub fn actor(&self) -> Actor {
        match self {
            Self::Caller(principal) => principal.actor(),
            Self::System => Actor::System,
        }
    }
}

/// Identity of a request: the key is unique within (organisation, method); the content tells a repetition from a reuse.
#[derive(Clone, Debug)]
pub(crate) struct RequestKey {
    pub key: String,
    pub content: String,
}

/// What is wanted.
pub(crate) enum Op {
    Submit(Box<SubmitOp>),
    OnCase {
        case: String,
        verb: CaseVerb,
    },
    OnTask {
        case: String,
        step: String,
        offer: Option<u32>,
        verb: Box<TaskVerb>,
    },
    Claim(ClaimOp),
    Heartbeat {
        case: String,
        step: String,
        offer: Option<u32>,
        epoch: i64,
        lease_us: Option<i64>,
    },
    FireTimer {
        case: String,
        step: String,
        kind: TimerKind,
    },
    /// A calendar was published: the case is read anew. Whatever else a batch does to a case comes after this.
    Recompute {
        case: String,
    },
    /// The case goes on by another version of its package, if it still stands where it was looked at.
    Migrate {
        case: String,
        seq: i64,
        plan: Arc<Plan>,
    },
    /// An entry of a credit history.
    Credit(Box<CreditOp>),
    /// An entry of a register that the bureau keeps.
    Register(Box<RegisterOp>),
    /// A stream's hands, which a task leaves or comes into, with its lease.
    InHand {
        case: String,
        task: String,
        op: InHandOp,
    },
    /// A draw decided over a step that waits for it.
    Drawn {
        case: String,
        step: String,
        /// What the record calls the step.
        item: String,
        result: Box<Brought>,
    },
    /// An effect was carried out: what comes back of it, and its row goes.
    Effect {
        case: String,
        effect: String,
        /// Personal data that was shown to carry it out, by name.
        shown: Vec<String>,
        verb: Box<EffectVerb>,
    },
}

/// What comes back of an effect.
pub(crate) enum EffectVerb {
    /// Nothing but that it was done.
    Done,
    /// A letter was rendered.
    Letter {
        letter: String,
        number: String,
        step: Option<String>,
        correction: Option<String>,
        html: Brought,
        text: Brought,
    },
    /// The applicant was told.
    Told { number: String, correction: Option<String> },
    /// A case was started.
    Started { step: String, case: String },
    /// A case could not be started.
    StartFailed { step: String },
    /// A started case has ended.
    Ended { step: String, case: String, result: Brought },
}

pub(crate) struct SubmitOp {
    pub workflow: String,
    pub form: Brought,
    pub doubts: Vec<Finding>,
    pub doubts_filed: Option<Brought>,
    /// Who hands it in, where it is not the caller.
    pub started: Option<Started>,
}

/// A case that another case starts.
pub(crate) struct Started {
    pub parent: Parent,
    pub organisation: String,
    pub outlet: Option<String>,
}

pub(crate) enum CaseVerb {
    Resubmit {
        correction: String,
        form: Box<Brought>,
        /// What is wrong with the documents that the form refers to.
        missing: Vec<Finding>,
    },
    Withdraw {
        reason: Option<Brought>,
    },
    Cancel {
        officer: String,
        reason: Option<Brought>,
    },
    Resolve {
        step: String,
        officer: String,
    },
    Request {
        step: String,
        form: Option<Box<Brought>>,
    },
    WithdrawStep {
        step: String,
        reason: Option<Brought>,
    },
    Pause {
        step: String,
        reason: PauseReason,
        until_us: Option<i64>,
        note: Option<Brought>,
        officer: String,
        approver: Option<String>,
    },
    Resume {
        step: String,
        officer: String,
    },
    Extend {
        step: Option<String>,
        officer: String,
        approver: String,
        reason: Brought,
    },
    ExplainDelay {
        step: String,
        officer: String,
        reason: Brought,
    },
    GiveUp {
        officer: String,
        reason: Brought,
    },
    Rate {
        grade: u8,
        comment: Option<Brought>,
    },
    Sign(Box<SignVerb>),
    DeclineCommitment {
        step: String,
    },
    WithdrawCommitment {
        step: String,
        reason: Option<Brought>,
    },
}

/// A commitment to be signed.
pub(crate) struct SignVerb {
    pub step: String,
    pub text_sha256: String,
    pub typed_name: String,
    pub signature: Option<SignatureGiven>,
    /// The letter as it was rendered before; held against the case as the transaction finds it.
    pub shown: Option<Shown>,
}

impl CaseVerb {
    /// Uses the applicant's credential up.
    pub fn spends(&self) -> bool {
        matches!(
            self,
            Self::Rate { .. } | Self::Sign(_) | Self::DeclineCommitment { .. } | Self::WithdrawCommitment { .. }
        )
    }
}

#[expect(clippy::large_enum_variant, reason = "always boxed")]
pub(crate) enum TaskVerb {
    Complete {
        epoch: i64,
        outcome: String,
        result: Option<Brought>,
        findings: Option<(Brought, Vec<Finding>)>,
        officer: Option<String>,
        approver: Option<String>,
        reason: Option<Brought>,
    },
    Defer {
        epoch: i64,
        until_us: i64,
        code: String,
    },
    Fail {
        epoch: i64,
        code: String,
    },
}

/// Tasks wanted from a queue.
pub(crate) struct ClaimOp {
    pub office: String,
    pub steps: Vec<String>,
    pub max: u32,
    pub lease_us: i64,
    /// The stream that the tasks go to; none = the answer carries them.
    pub session: Option<u64>,
    /// Cases that an earlier look passed over: they are waited for.
    pub insists: Vec<String>,
    /// What the queues looked like before the batch began; see [`crate::dispatch`].
    pub versions: Vec<(String, u64)>,
}

/// What becomes of a task in the hands of a stream.
pub(crate) enum InHandOp {
    /// The stream has ended; who held it, as its row says.
    LetGo { holder: String },
    /// Another stream of the same token gets it again.
    Resume { from: String, who: Principal, session: u64, lease_us: i64 },
}

/// What a claim leaves in its queues.
#[derive(Debug, Default)]
pub(crate) struct Left {
    /// Nothing.
    pub emptied: bool,
    /// Cases with tasks that it could have had, were they not held by another batch.
    pub passed_over: Vec<String>,
}

/// What became of it.
#[derive(Debug)]
pub(crate) enum Done {
    /// The case as it was left, by number and journal position.
    Case {
        id: String,
        seq: i64,
        created: bool,
        /// The case and its entry at that position, unless the reply is given again.
        left: Option<Box<(Case, EntryRow)>>,
    },
    Receipt(Receipt),
    Claimed(Vec<TaskView>, Left),
    /// A subject's history was added to; the position of its entry.
    Credit {
        subject: String,
        seq: i64,
    },
    /// A register's entry as it was left.
    Register(KeptEntry),
    /// So many tasks went to the stream that asked.
    Pulled(usize, Left),
    Fired,
    /// Whether the publication that is being applied changed the case.
    Recomputed(bool),
    /// The request was answered before; this is what was kept of the reply.
    Kept(Kept),
}

/// What is kept of a reply so that it can be given again.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "reply", rename_all = "snake_case")]
pub(crate) enum Kept {
    Case { id: String, seq: i64 },
    Receipt { receipt: Receipt },
    Claimed { leases: Vec<KeptLease> },
    Credit { subject: String, seq: i64 },
    Register { entry: KeptEntry },
}

/// A lease that was given, and the journal position at which the task stood then.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct KeptLease {
    pub case: String,
    pub step: String,
    pub epoch: i64,
    pub until_us: i64,
    pub seq: i64,
}

/// Case and step of an address.
pub(crate) fn locate(address: &TaskAddress) -> Result<(String, String), Refusal> {
    if !address.id.is_empty() {
        let (case, step, _) = kaiban_engine::task_address(&address.id).ok_or_else(Refusal::not_found)?;
        return Ok((case.to_owned(), step.to_owned()));
    }
    if address.case.is_empty() || address.step.is_empty() {
        return Err(Refusal::argument(
            "TASK_ADDRESS_INVALID",
            "请用任务编号，或办件编号加环节名称指明任务。",
            "Name the task by its id, or by case and step.",
        ));
    }
    Ok((address.case.clone(), address.step.clone()))
}
