//! The stream door of the task protocol: a session with a window, fed by commits and by pulls from the queue.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::future::join_all;
use kaiban_definition::branch_parts;
use kaiban_engine::task_address;
use kaiban_store::{Backend, TaskRow};
use tokio::sync::mpsc;

use crate::access::Verb;
use crate::app::{App, Inner};
use crate::dispatch::{InHand, Owed, Resume};
use crate::execute::{ClaimOp, Done, InHandOp, Op, Who};
use crate::holder::{Holder, Through};
use crate::nodes::take_back;
use crate::principal::Principal;
use crate::refusal::Refusal;
use crate::request::{Completion, Deferral, Failure, Heartbeat, OpenWork};
use crate::tasks::micros;
use crate::view::{Receipt, WorkEvent};

/// How often what streams have in hand is compared with the rows.
const HANDS: Duration = Duration::from_secs(30);

/// Leases of a token that are looked through for those of streams that have ended.
const HELD_MAX: u64 = 10_000;

/// An open work stream.
#[derive(Debug)]
pub struct Work {
    /// The office that it serves.
    pub office: String,
    /// What goes to the agency, in order.
    pub events: mpsc::Receiver<WorkEvent>,
    /// What comes from the agency.
    pub handle: WorkHandle,
}

/// The agency's side of a stream. The session ends when the last clone is dropped; tasks in hand keep their leases.
#[derive(Clone)]
pub struct WorkHandle {
    app: App,
    who: Principal,
    session: Arc<SessionGuard>,
    events: mpsc::Sender<WorkEvent>,
}

impl std::fmt::Debug for WorkHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WorkHandle").field("session", &self.session.id).finish_non_exhaustive()
    }
}

struct SessionGuard {
    id: u64,
    inner: Arc<Inner>,
}

impl Drop for SessionGuard {
    fn drop(&mut self) {
        let in_hand = self.inner.dispatcher.close(self.id);
        let_go(&self.inner, in_hand);
    }
}

impl App {
    /// Opens a stream for one of the caller's offices. Tasks begin to arrive at once, up to the window.
    ///
    /// # Errors
    /// See the refusal's reason.
    pub async fn work(&self, who: &Principal, request: OpenWork) -> Result<Work, Refusal> {
        who.may(Verb::WorkTasks)?;
        let inner = &self.inner;
        let office = who.office(&request.office)?;
        let steps = inner.steps(who, &office, &request.steps)?;
        let limits = &inner.settings.limits;
        if request.window > limits.window_max {
            return Err(window(limits.window_max));
        }
        let lease_us = inner.lease_us(request.lease)?.unwrap_or_else(|| micros(limits.lease_default));
        // Room for a whole window, the notices about it, and some talk besides.
        let (sender, events) = mpsc::channel(2 * limits.window_max as usize + 64);
        let id = inner.dispatcher.open(&office, steps, who, request.window as usize, lease_us, sender.clone());
        let session = SessionGuard { id, inner: Arc::clone(inner) };
        let handle = WorkHandle { app: self.clone(), who: who.clone(), session: Arc::new(session), events: sender };
        let first = handle.clone();
        tokio::spawn(async move { pull(&first.session.inner, first.session.id, Look::Known).await });
        Ok(Work { office, events, handle })
    }
}

fn window(max: u32) -> Refusal {
    Refusal::argument("WINDOW_INVALID", format!("窗口最大为{max}。"), format!("A window holds at most {max} tasks."))
}

impl WorkHandle {
    /// Changes how many tasks may be in hand.
    ///
    /// # Errors
    /// The window is too large.
    pub async fn resize(&self, size: u32) -> Result<(), Refusal> {
        let max = self.session.inner.settings.limits.window_max;
        if size > max {
            return Err(window(max));
        }
        self.session.inner.dispatcher.resize(self.session.id, size as usize);
        pull(&self.session.inner, self.session.id, Look::Known).await;
        Ok(())
    }

    /// Sends `Synced(nonce)` once every task that was ready before has been sent, as far as the window goes.
    pub async fn sync(&self, nonce: i64) {
        pull(&self.session.inner, self.session.id, Look::All).await;
        // Full only when the agency does not read; then the stream ends anyway.
        let _ = self.events.try_send(WorkEvent::Synced(nonce));
    }

    /// As [`App::complete`].
    ///
    /// # Errors
    /// As [`App::complete`].
    pub async fn complete(&self, request: Completion) -> Result<Receipt, Refusal> {
        self.app.complete(&self.who, request).await
    }

    /// As [`App::heartbeat`].
    ///
    /// # Errors
    /// As [`App::heartbeat`].
    pub async fn heartbeat(&self, request: Heartbeat) -> Result<Receipt, Refusal> {
        self.app.heartbeat(&self.who, request).await
    }

    /// As [`App::defer`].
    ///
    /// # Errors
    /// As [`App::defer`].
    pub async fn defer(&self, request: Deferral) -> Result<Receipt, Refusal> {
        self.app.defer(&self.who, request).await
    }

    /// As [`App::fail`].
    ///
    /// # Errors
    /// As [`App::fail`].
    pub async fn fail(&self, request: Failure) -> Result<Receipt, Refusal> {
        self.app.fail(&self.who, request).await
    }
}

/// How thoroughly a stream looks into its queues.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Look {
    /// Where something is known to wait. What another batch holds comes with that batch's end.
    Known,
    /// Everywhere: leases run out silently.
    Everywhere,
    /// Where something is known to wait, and until what another batch holds is its own or somebody else's.
    All,
}

/// Fills a stream's window until it is full or nothing waits: first with what ended streams of its token had in hand, then
/// from its queues.
pub(crate) async fn pull(inner: &Arc<Inner>, session: u64, look: Look) {
    let mut everywhere = look == Look::Everywhere;
    let mut insists = Vec::new();
    // One pull of a stream at a time: whoever comes second finds nothing left to ask for.
    let Some(turn) = inner.dispatcher.turn(session) else { return };
    let _turn = turn.lock().await;
    if let Some(again) = inner.dispatcher.resume(session) {
        resume(inner, session, again).await;
    }
    while let Some(pull) = inner.dispatcher.pull(session, everywhere) {
        everywhere = false;
        let max = u32::try_from(pull.room).unwrap_or(u32::MAX).min(inner.settings.limits.claim_max);
        let op = ClaimOp {
            office: pull.office,
            steps: pull.steps,
            max,
            lease_us: pull.lease_us,
            session: Some(session),
            insists: std::mem::take(&mut insists),
            versions: Vec::new(),
        };
        let Ok(queue) = inner.queue() else { return };
        // Where the claim fails the poll tries again; where nobody knows whether it failed, everything is looked at.
        match queue.execute(Who::Caller(pull.holder), None, Op::Claim(op)).await {
            Ok(Done::Pulled(found, _)) if found >= max as usize => {}
            Ok(Done::Pulled(_, left)) if look == Look::All && !left.passed_over.is_empty() => {
                insists = left.passed_over
            }
            _ => return,
        }
    }
}

/// Has streams pull.
pub(crate) fn pull_all(inner: &Arc<Inner>, sessions: Vec<u64>) {
    for session in sessions {
        let inner = Arc::clone(inner);
        tokio::spawn(async move { pull(&inner, session, Look::Known).await });
    }
}

/// Tasks in the hands of a stream that ended: they are marked so that another one of the token is given them again.
pub(crate) fn let_go(inner: &Arc<Inner>, in_hand: Vec<InHand>) {
    if in_hand.is_empty() {
        return;
    }
    // Where the app stops, nobody's stream is open any more, and whoever asks next knows that this process is gone.
    let (Ok(queue), Ok(runtime)) = (inner.queue(), tokio::runtime::Handle::try_current()) else { return };
    runtime.spawn(async move {
        let jobs = in_hand.into_iter().filter_map(|InHand { task, holder, .. }| {
            let (case, ..) = task_address(&task)?;
            let op = Op::InHand { case: case.to_owned(), task, op: InHandOp::LetGo { holder } };
            Some(queue.execute(Who::System, None, op))
        });
        for answer in join_all(jobs).await {
            if let Err(refusal) = answer {
                tracing::warn!(
                    reason = refusal.reason,
                    "a task of a stream that ended is given again later than it might"
                );
            }
        }
    });
}

/// Gives a stream again what ended streams of its token had in hand, as far as its window goes.
async fn resume(inner: &Arc<Inner>, session: u64, again: Resume) {
    let token = &again.holder.token;
    let (streams, now_us) = (Holder::streams_of(token), inner.clock.operating_us());
    let held = match inner.store.tasks_held(&again.office, &streams, now_us, HELD_MAX).await {
        Ok(held) => held,
        Err(error) => {
            tracing::warn!(%error, "what a stream had in hand is given again later than it might");
            return inner.dispatcher.owe(session, again.owed);
        }
    };
    let ended = |holder: &str, task: &str| match Holder::read(holder).through {
        Through::Claim => false,
        Through::Ended => true,
        Through::Stream { node, session } => match inner.dispatcher.serves(&node, session) {
            Some(true) => again.owed == Owed::Unheard && !inner.dispatcher.holds(session, task),
            Some(false) => true,
            None => !inner.nodes.is_alive(&node),
        },
    };
    let serves = |row: &TaskRow| again.steps.iter().any(|step| step == branch_parts(&row.step).0);
    let mut free =
        held.into_iter().filter(serves).filter_map(|row| Some((row.holder.filter(|of| ended(of, &row.id))?, row.id)));
    let Ok(queue) = inner.queue() else { return };
    let jobs: Vec<_> = (free.by_ref().take(again.room.len()))
        .filter_map(|(from, task)| {
            let (case, ..) = task_address(&task)?;
            let (case, who) = (case.to_owned(), again.holder.clone());
            let op = InHandOp::Resume { from, who, session, lease_us: again.lease_us };
            Some(queue.execute(Who::System, None, Op::InHand { case, task, op }))
        })
        .collect();
    if free.next().is_some() {
        inner.dispatcher.owe(session, again.owed);
    }
    for answer in join_all(jobs).await {
        if let Err(refusal) = answer {
            tracing::warn!(reason = refusal.reason, "a task that a stream had in hand is not given again");
        }
    }
}

/// The net below the commits: streams with room look again now and then, because leases run out silently and other nodes
/// open tasks too. One look at all queues comes first, so that an idle server costs next to nothing.
pub(crate) async fn poll(inner: Arc<Inner>) {
    let mut looked_at_hands = Instant::now();
    while inner.queue().is_ok() {
        tokio::select! {
            () = inner.clock.wait(inner.settings.limits.poll) => {}
            () = inner.bell.stopped() => return,
        }
        // Of two writers the one that committed first may be the second to say so: a task may have come into a hand after
        // it was taken out.
        if inner.store.backend() == Backend::Postgres && looked_at_hands.elapsed() > HANDS {
            looked_at_hands = Instant::now();
            if let Err(refusal) = take_back(&inner, None).await {
                tracing::warn!(reason = refusal.reason, "what streams have in hand is looked at again in a moment");
            }
        }
        let sessions = inner.dispatcher.sessions();
        if sessions.is_empty() {
            continue;
        }
        let Ok(queues) = inner.store.offices_with_ready(inner.clock.operating_us()).await else { continue };
        for (session, office) in sessions {
            if queues.iter().any(|queue| queue.office == office) {
                pull(&inner, session, Look::Everywhere).await;
            }
        }
    }
}
