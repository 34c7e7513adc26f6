//! The one write path. Jobs gather in a bounded queue; while one transaction commits, the next batch gathers, and nobody
//! waits for a timer. A batch loads everything it is about, decides job after job in memory, writes all changes with a
//! handful of statements, commits, and only then answers.
//!
//! INVARIANT: no reply, hand-over or notice leaves before the commit that it tells of is durable.
//! INVARIANT: a job that is refused has changed nothing, neither in the working set nor in the database.

mod claim;
mod in_hand;
mod job;
mod lane;
mod memory;
mod on_case;
mod on_commitment;
mod on_credit;
mod on_draw;
mod on_effect;
mod on_migrate;
mod on_register;
mod on_task;
mod recompute;
mod repeat;
mod shelf;
mod stage;
mod submit;

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures::FutureExt;
use kaiban_engine::Command;
use kaiban_store::{Batch, Loaded, StoreError, Wanted};
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

pub(crate) use claim::Served;
pub(crate) use job::{
    CaseVerb, ClaimOp, Done, EffectVerb, InHandOp, Job, Kept, Op, RequestKey, SignVerb, Started, SubmitOp, TaskVerb,
    Who, locate,
};
pub(crate) use memory::Memory;
pub(crate) use recompute::Verdict;
pub(crate) use repeat::{case_at, rebuild};
pub(crate) use stage::{CLAIM_US, Gone, News, Pulled, Stage, Why, Working, unreadable};

use lane::{Ends, Lanes, NEW_SHARE};

use crate::app::Inner;
use crate::limits::Limits;
use crate::refusal::Refusal;
use crate::sparing::Sparing;

/// How long a writer keeps itself free for the next call after one: a caller who goes on at once is not made to wait for a
/// transaction that nobody waits for.
const QUIET: Duration = Duration::from_millis(5);

/// Door to the writers.
pub(crate) struct Queue {
    writers: Vec<Lanes>,
}

impl Queue {
    /// Starts the writers; they end when the queue is dropped and what it holds is written.
    pub fn start(inner: &Arc<Inner>, writers: usize) -> (Self, Vec<tokio::task::JoinHandle<()>>) {
        let (mut senders, mut tasks) = (Vec::new(), Vec::new());
        for _ in 0..writers.max(1) {
            let (lanes, ends) = Lanes::open(&inner.settings.limits);
            senders.push(lanes);
            tasks.push(tokio::spawn(write(Arc::clone(inner), Waiting { ends, called: Instant::now() })));
        }
        (Self { writers: senders }, tasks)
    }

    /// Queues a job; the answer comes after its commit. Jobs about one case go to one writer.
    pub async fn execute(&self, who: Who, request: Option<RequestKey>, op: Op) -> Result<Done, Refusal> {
        let (reply, answer) = oneshot::channel();
        let writer = &self.writers[op.lane() % self.writers.len()];
        // The walk waits for room; a caller is told that there is none.
        if matches!(op, Op::Recompute { .. } | Op::Migrate { .. }) {
            let job = Job { who, request, op, reply, _held: None };
            writer.fill.send(job).await.map_err(|_| Refusal::stopping())?;
        } else {
            let (place, held) = writer.admit(&op)?;
            place.send(Job { who, request, op, reply, _held: Some(held) });
        }
        answer.await.map_err(|_| Refusal::stopping())?
    }
}

impl Op {
    /// Which writer: the same for all jobs about a case.
    fn lane(&self) -> usize {
        let text = match self {
            Self::Submit(op) => &op.form.filed.digest,
            Self::OnCase { case, .. }
            | Self::OnTask { case, .. }
            | Self::Heartbeat { case, .. }
            | Self::FireTimer { case, .. }
            | Self::Recompute { case }
            | Self::Migrate { case, .. }
            | Self::Drawn { case, .. }
            | Self::InHand { case, .. }
            | Self::Effect { case, .. } => case,
            Self::Claim(op) => &op.office,
            Self::Credit(op) => &op.subject,
            Self::Register(op) => &op.key,
        };
        text.bytes().fold(0_usize, |sum, byte| sum.wrapping_mul(31).wrapping_add(usize::from(byte)))
    }

    pub(crate) fn case(&self) -> Option<&str> {
        match self {
            Self::Submit(_) | Self::Claim(_) | Self::Credit(_) | Self::Register(_) => None,
            Self::OnCase { case, .. }
            | Self::OnTask { case, .. }
            | Self::Heartbeat { case, .. }
            | Self::FireTimer { case, .. }
            | Self::Recompute { case }
            | Self::Migrate { case, .. }
            | Self::Drawn { case, .. }
            | Self::InHand { case, .. }
            | Self::Effect { case, .. } => Some(case),
        }
    }
}

/// What waits for a writer.
struct Waiting {
    ends: Ends,
    /// When it last took a call.
    called: Instant,
}

impl Waiting {
    /// The jobs of the next transaction; none once the queue is dropped and empty. What ends or continues something comes
    /// first; new cases keep their share.
    async fn gather(&mut self, limits: &Limits, batch: &mut Vec<Job>) -> bool {
        let quiet_from = self.called + QUIET;
        let Ends { work, new, fill } = &mut self.ends;
        let alone = async {
            tokio::time::sleep_until(quiet_from).await;
            fill.recv().await
        };
        let called = tokio::select! {
            biased;
            Some(job) = work.recv() => {
                batch.push(job);
                true
            }
            Some(job) = new.recv() => {
                batch.push(job);
                true
            }
            Some(job) = alone => {
                batch.push(job);
                false
            }
            // The queue was dropped.
            else => return false,
        };
        let room = if called {
            self.called = Instant::now();
            let share = new.len().min(limits.batch_max / NEW_SHARE);
            take(work, batch, limits.batch_max - share);
            take(new, batch, limits.batch_max);
            batch.len() * limits.recompute_beside + 1
        } else {
            limits.recompute_alone.saturating_sub(1)
        };
        let most = batch.len() + room.min(limits.recompute_portion);
        take(fill, batch, most);
        true
    }
}

/// Fills a batch with what has gathered in a lane.
fn take(lane: &mut mpsc::Receiver<Job>, batch: &mut Vec<Job>, most: usize) {
    while batch.len() < most
        && let Ok(job) = lane.try_recv()
    {
        batch.push(job);
    }
}

/// Said while the store is away.
static NOT_TAKEN: Sparing = Sparing::new();

/// One writer: takes what has gathered, writes it, answers.
async fn write(inner: Arc<Inner>, mut waiting: Waiting) {
    let limits = &inner.settings.limits;
    let mut batch = Vec::with_capacity(limits.batch_max);
    while waiting.gather(limits, &mut batch).await {
        match guarded(&inner, &mut batch).await {
            Ok(committed) => committed.tell(&inner, &mut batch),
            Err(error @ (StoreError::Unavailable(_) | StoreError::Held | StoreError::Full)) => {
                // Trying each job alone would only wait in line for the same answer.
                if let Some(unsaid) = NOT_TAKEN.now() {
                    tracing::error!(%error, jobs = batch.len(), unsaid, "the store does not take a batch");
                }
                let held = error == StoreError::Held;
                let refusal = Refusal::from(error);
                for job in batch.drain(..) {
                    let _ = job.reply.send(Err(refusal.clone()));
                }
                if held && let Ok(ended) = inner.store.end_stopped().await {
                    tracing::warn!(ended, "what a server that was stopped held is free again");
                }
            }
            Err(_) => {
                // Something in the batch was rejected by the database: each job alone, so that the rest commits.
                for job in batch.drain(..) {
                    alone(&inner, job).await;
                }
            }
        }
    }
}

/// A batch that is on the disk.
struct Committed {
    outcomes: Vec<Result<Done, Refusal>>,
    news: News,
    served: Vec<Served>,
}

impl Committed {
    /// Tells everybody, then answers.
    fn tell(self, inner: &Arc<Inner>, jobs: &mut Vec<Job>) {
        inner.publish(self.news, self.served);
        for (job, outcome) in jobs.drain(..).zip(self.outcomes) {
            // A caller that hung up does not need its answer; what was done stays done.
            let _ = job.reply.send(outcome);
        }
    }
}

/// A job alone. A conflict means that somebody else wrote first: deciding again sees what they wrote.
async fn alone(inner: &Arc<Inner>, job: Job) {
    const TRIES: usize = 5;
    let mut job = vec![job];
    let mut last = Refusal::stopping();
    for _ in 0..TRIES {
        match guarded(inner, &mut job).await {
            Ok(committed) => return committed.tell(inner, &mut job),
            Err(conflict @ StoreError::Conflict(_)) => last = conflict.into(),
            Err(error) => {
                tracing::error!(%error, "the store refused a job");
                last = error.into();
                break;
            }
        }
    }
    for job in job {
        let _ = job.reply.send(Err(last.clone()));
    }
}

/// As [`attempt`]. A panic is a refused batch: a defect costs the job that met it, never the writer and with it everybody.
async fn guarded(inner: &Inner, jobs: &mut [Job]) -> Result<Committed, StoreError> {
    match AssertUnwindSafe(attempt(inner, jobs)).catch_unwind().await {
        Ok(outcomes) => outcomes,
        Err(_) => {
            tracing::error!(jobs = jobs.len(), "a batch panicked");
            Err(StoreError::Refused("a panic".into()))
        }
    }
}

/// Load, decide, commit. An error means that nothing was written, except where the connection broke during the commit: then
/// everybody looks at what there is.
async fn attempt(inner: &Inner, jobs: &mut [Job]) -> Result<Committed, StoreError> {
    let (mut batch, (loaded, remembered), operating_us) = load(inner, jobs).await?;
    // A clock that was set back must not bring entries into a window that a head was taken of.
    let now_us = inner.clock.business_us(operating_us).max(inner.covered_until.load(Ordering::Relaxed));
    let mut stage = Stage::new(
        &inner.library,
        &inner.settings.limits,
        (&inner.dispatcher, &inner.persons),
        (loaded, remembered, batch.era().is_none()),
        (now_us, operating_us),
        inner.settings.notifier.is_some(),
    );
    stage.catch_up();
    let missing = stage.documents_missing(&inner.documents, jobs);
    if !missing.is_empty() {
        let read = batch.load(&Wanted { blobs: missing, operating_us, ..Wanted::default() }).await?;
        for (digest, row) in read.blobs {
            if let Ok(value) = serde_json::from_str(&row.bytes) {
                let value: Arc<serde_json::Value> = Arc::new(value);
                inner.documents.put(&digest, Arc::clone(&value), row.bytes.len());
                stage.documents.insert(digest, value);
            }
        }
    }
    let registers = stage.registers_wanted(jobs);
    let credit = stage.credit_wanted(jobs);
    if !registers.is_empty() || !credit.is_empty() {
        let wanted = Wanted { registers, credit: credit.clone(), operating_us, ..Wanted::default() };
        let mut read = batch.load(&wanted).await?;
        stage.shelf.see(read.registers);
        for subject in credit {
            let rows = read.credit.remove(&subject).unwrap_or_default();
            stage.credit.insert(subject, crate::credit::entries(&rows));
        }
    }
    let mut outcomes = Vec::with_capacity(jobs.len());
    let mut claims = 0;
    for job in jobs.iter_mut() {
        outcomes.push(run(&mut stage, job, &mut claims));
    }
    let served = claim::served(jobs, &outcomes);
    let (changes, news, under_way) = stage.finish();
    if !changes.is_empty() {
        if let Err(error) = batch.save(&changes).await {
            if matches!(error, StoreError::Unavailable(_)) {
                inner.nodes.doubt();
            }
            return Err(error);
        }
        inner.commits.fetch_add(1, Ordering::Relaxed);
    }
    inner.memory.keep(under_way);
    Ok(Committed { outcomes, news, served })
}

/// What the batch is about, and operating time. Where other nodes have put calendars in force or stored packages that this
/// one does not know yet, it learns them first: nothing is decided by what does not hold any more.
async fn load(inner: &Inner, jobs: &mut [Job]) -> Result<(Batch, (Loaded, HashMap<String, Working>), i64), StoreError> {
    loop {
        let mut batch = inner.store.begin().await?;
        let operating_us = inner.clock.operating_us();
        let wanted = wanted(inner, jobs, operating_us);
        let remembered = inner.memory.look(batch.era());
        let loaded = batch.load_beside(&wanted, |case| remembered.seq(case)).await?;
        let calendars = loaded.publication.is_some_and(|last| last > inner.library.in_force().publication);
        if !calendars && !inner.library.lacks(loaded.cases.values()) {
            let operating_us = loaded.now_us.unwrap_or(operating_us);
            let remembered = remembered.take(&loaded.unchanged);
            return Ok((batch, (loaded, remembered), operating_us));
        }
        batch.cancel().await?;
        inner.know_packages(loaded.cases.values()).await?;
        if calendars {
            inner.follow_publications().await?;
        }
    }
}

fn wanted(inner: &Inner, jobs: &mut [Job], operating_us: i64) -> Wanted {
    let mut wanted = Wanted { operating_us, ..Wanted::default() };
    for job in jobs {
        wanted.requests.extend(job.request.as_ref().map(|request| request.key.clone()));
        wanted.cases.extend(job.op.case().map(str::to_owned));
        let spends = match &job.op {
            Op::OnCase { verb, .. } => verb.spends(),
            Op::Credit(op) => op.spends,
            _ => false,
        };
        if let (true, Who::Caller(who)) = (spends, &job.who) {
            wanted.credentials.push(who.token.clone());
        }
        if let Op::Claim(claim) = &mut job.op {
            claim.versions = inner.dispatcher.versions(&claim.office, &claim.steps);
            let (office, steps) = (claim.office.clone(), claim.steps.clone());
            wanted.cases.extend(claim.insists.iter().cloned());
            wanted.claims.push(kaiban_store::Claim { office, steps, limit: claim.max });
        }
    }
    wanted.cases.sort_unstable();
    wanted.cases.dedup();
    wanted
}

/// One job. The order of checks is: permission, request id, epoch, state.
fn run(stage: &mut Stage<'_>, job: &Job, claims: &mut usize) -> Result<Done, Refusal> {
    let claim = matches!(job.op, Op::Claim(_)).then(|| {
        *claims += 1;
        *claims - 1
    });
    stage.permit(&job.who, &job.op)?;
    if let Some(request) = &job.request
        && let Some(row) = stage.requests.get(&request.key)
    {
        if row.content != request.content {
            return Err(Refusal::request_id_reused());
        }
        let kept: Kept = serde_json::from_str(&row.reply).map_err(|_| Refusal::not_found())?;
        return Ok(Done::Kept(kept));
    }
    stage.can_change(&job.who, &job.op)?;
    let done = match &job.op {
        Op::Submit(op) => submit::run(stage, &job.who, op)?,
        Op::OnCase { case, verb } => on_case::run(stage, &job.who, case, verb)?,
        Op::OnTask { case, step, offer, verb } => {
            on_task::same_offer(stage, case, step, *offer)?;
            on_task::run(stage, &job.who, case, step, verb)?
        }
        Op::Claim(op) => claim::run(stage, &job.who, op, claim.unwrap_or(0))?,
        Op::Heartbeat { case, step, offer, epoch, lease_us } => {
            on_task::same_offer(stage, case, step, *offer)?;
            on_task::heartbeat(stage, case, step, *epoch, *lease_us)?
        }
        Op::FireTimer { case, step, kind } => {
            let command = Command::FireTimer { step: step.clone(), kind: *kind };
            stage.apply(case, &job.who.actor(), Some(step), &command)?;
            Done::Fired
        }
        Op::Recompute { case } => Done::Recomputed(stage.is_recomputed(case)?),
        Op::Migrate { case, seq, plan } => on_migrate::run(stage, &job.who, case, *seq, plan)?,
        Op::InHand { case, task, op } => in_hand::run(stage, case, task, op)?,
        Op::Credit(op) => on_credit::run(stage, &job.who, op)?,
        Op::Register(op) => on_register::run(stage, &job.who, op)?,
        Op::Drawn { case, step, item, result } => on_draw::run(stage, case, step, item, result)?,
        Op::Effect { case, effect, shown, verb } => on_effect::run(stage, case, effect, shown, verb)?,
    };
    if let Some(request) = &job.request {
        repeat::keep(stage, request, &done);
    }
    Ok(done)
}
