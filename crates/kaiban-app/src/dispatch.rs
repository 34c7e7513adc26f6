//! Who is connected and has room. A task that opens while a stream has room goes to it in the commit that opens it; any
//! other task waits in its queue, and a stream that gets room pulls from there.
//!
//! The order of a queue is kept because a task is handed out directly only when nothing can be waiting in its queue. Each
//! queue has a version that rises when a task is left in it; a claim that found fewer tasks than it asked for proves the
//! queue empty only if the version is still the one from before it looked.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kaiban_definition::branch_parts;
use tokio::sync::{mpsc, watch};

use crate::execute::{Gone, News, Pulled, Why};
use crate::holder::{Holder, Through};
use crate::principal::Principal;
use crate::refusal::Refusal;
use crate::view::{TaskView, WorkEvent};

/// All streams and queues of this node.
pub(crate) struct Dispatcher {
    /// The process, in the names of its streams.
    node: String,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    sessions: BTreeMap<u64, Session>,
    /// Which stream has a task in hand, and under which epoch.
    held: BTreeMap<String, (u64, i64)>,
    queues: HashMap<(String, String), QueueState>,
    /// Rises whenever a task is left in one of the office's queues; long polls wait for it.
    arrivals: HashMap<String, watch::Sender<u64>>,
    next_session: u64,
    next_turn: u64,
}

struct QueueState {
    /// A task may be waiting.
    backlog: bool,
    version: u64,
}

impl Default for QueueState {
    fn default() -> Self {
        // Nothing is known about a queue before somebody has looked.
        Self { backlog: true, version: 0 }
    }
}

struct Session {
    office: String,
    steps: Vec<String>,
    holder: Principal,
    /// Held while the stream pulls.
    turn_to_pull: Arc<tokio::sync::Mutex<()>>,
    lease_us: i64,
    window: usize,
    in_hand: HashSet<String>,
    /// Every [`Reservation`] holds this too; how many do is how much room is spoken for.
    room: Arc<()>,
    /// What it may have to be given again.
    owed: Option<Owed>,
    /// When it last got a task; the one that waited longest is next.
    turn: u64,
    events: mpsc::Sender<WorkEvent>,
}

/// What a stream may have to be given again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Owed {
    /// What ended streams of its token had in hand.
    OfEnded,
    /// That, and what rows say is in the hands of open ones that never heard of it: a commit of which nobody learned whether
    /// it was one.
    Unheard,
}

/// A task in the hands of a stream.
#[derive(Clone, Debug)]
pub(crate) struct InHand {
    pub task: String,
    pub epoch: i64,
    /// As the row of the task has it.
    pub holder: String,
}

/// What follows from a commit for streams.
#[derive(Default)]
pub(crate) struct Follows {
    /// These should pull now.
    pub pull: Vec<u64>,
    /// What was given to streams that have ended meanwhile.
    pub orphans: Vec<InHand>,
}

impl State {
    /// A task comes into the hands of a stream; given back where the stream has ended.
    fn take(&mut self, id: u64, view: TaskView) -> Result<(), Box<TaskView>> {
        let view = Box::new(view);
        if !self.sessions.contains_key(&id) {
            return Err(view);
        }
        if let Some((other, _)) = self.held.insert(view.id.clone(), (id, view.epoch))
            && let Some(other) = self.sessions.get_mut(&other)
        {
            other.in_hand.remove(&view.id);
        }
        let Some(session) = self.sessions.get_mut(&id) else { return Err(view) };
        session.in_hand.insert(view.id.clone());
        deliver(session, WorkEvent::Task(view));
        Ok(())
    }

    /// A stream that ended, and what it had in hand.
    fn remove(&mut self, id: u64) -> Option<(Session, Vec<(String, i64)>)> {
        let session = self.sessions.remove(&id)?;
        let mut in_hand = Vec::with_capacity(session.in_hand.len());
        for task in &session.in_hand {
            if let Some((holder, epoch)) = self.held.get(task).copied()
                && holder == id
            {
                self.held.remove(task);
                in_hand.push((task.clone(), epoch));
            }
        }
        Some((session, in_hand))
    }

    /// Streams with room that may be given something again, or are before a queue that may have something.
    fn waiting(&self) -> Vec<u64> {
        let waiting = |session: &Session| {
            let backlog = |step: &String| {
                self.queues.get(&(session.office.clone(), step.clone())).is_none_or(|queue| queue.backlog)
            };
            session.room() > 0 && (session.owed.is_some() || session.steps.iter().any(backlog))
        };
        self.sessions.iter().filter(|(_, session)| waiting(session)).map(|(id, _)| *id).collect()
    }

    /// A task was left in a queue.
    fn arrive(&mut self, office: String, step: String) {
        if let Some(arrival) = self.arrivals.get(&office) {
            arrival.send_modify(|version| *version += 1);
        }
        let queue = self.queues.entry((office, step)).or_default();
        queue.backlog = true;
        queue.version += 1;
    }
}

impl Session {
    fn owe(&mut self, owed: Owed) {
        self.owed = self.owed.max(Some(owed));
    }

    fn room(&self) -> usize {
        // Whoever hung up takes nothing more.
        if self.events.is_closed() {
            return 0;
        }
        self.window.saturating_sub(self.in_hand.len() + Arc::strong_count(&self.room) - 1)
    }
}

/// Room in a stream that a task of the current batch will take. Dropping it gives the room back, so that whatever ends a
/// batch, a panic included, costs a stream nothing.
#[derive(Debug)]
pub(crate) struct Reservation {
    pub session: u64,
    _room: Arc<()>,
    pub holder: Principal,
    pub step: String,
    pub lease_us: i64,
}

/// How much a stream may pull.
pub(crate) struct Pull {
    pub office: String,
    pub steps: Vec<String>,
    pub holder: Principal,
    pub room: usize,
    pub lease_us: i64,
}

/// What a stream may be given again.
pub(crate) struct Resume {
    pub office: String,
    pub steps: Vec<String>,
    pub holder: Principal,
    pub lease_us: i64,
    pub owed: Owed,
    /// Room, which is the stream's no more while this is held.
    pub room: Vec<Arc<()>>,
}

impl Dispatcher {
    pub fn new(node: &str) -> Self {
        Self { node: node.to_owned(), state: Mutex::new(State::default()) }
    }

    /// The holder of what goes through a stream.
    pub fn holder(&self, token: &str, session: u64) -> Holder {
        Holder { token: token.to_owned(), through: Through::Stream { node: self.node.clone(), session } }
    }

    /// Whether a stream is open here; none = it is another process's.
    pub fn serves(&self, node: &str, session: u64) -> Option<bool> {
        (node == self.node).then(|| self.lock().sessions.contains_key(&session))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // The state is consistent between any two statements below, so a panic elsewhere does not spoil it.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a stream; it serves these steps of the office.
    pub fn open(
        &self,
        office: &str,
        steps: Vec<String>,
        holder: &Principal,
        window: usize,
        lease_us: i64,
        events: mpsc::Sender<WorkEvent>,
    ) -> u64 {
        let mut state = self.lock();
        state.next_session += 1;
        let id = state.next_session;
        let session = Session {
            office: office.to_owned(),
            steps,
            holder: holder.clone(),
            turn_to_pull: Arc::default(),
            lease_us,
            window,
            in_hand: HashSet::new(),
            room: Arc::default(),
            owed: Some(Owed::OfEnded),
            turn: 0,
            events,
        };
        state.sessions.insert(id, session);
        id
    }

    /// Removes a stream; what was in its hands keeps its leases.
    pub fn close(&self, id: u64) -> Vec<InHand> {
        let Some((session, in_hand)) = self.lock().remove(id) else { return Vec::new() };
        let holder = self.holder(&session.holder.token, id).to_string();
        in_hand.into_iter().map(|(task, epoch)| InHand { task, epoch, holder: holder.clone() }).collect()
    }

    pub fn resize(&self, session: u64, window: usize) {
        if let Some(session) = self.lock().sessions.get_mut(&session) {
            session.window = window;
        }
    }

    /// Ends the streams of a token, or all.
    pub fn end(&self, token: Option<&str>, refusal: &Refusal) {
        let mut state = self.lock();
        let of_token = |session: &Session| token.is_none_or(|token| token == session.holder.token);
        let ends: Vec<u64> =
            state.sessions.iter().filter(|(_, session)| of_token(session)).map(|(id, _)| *id).collect();
        for (session, _) in ends.into_iter().filter_map(|id| state.remove(id)).collect::<Vec<_>>() {
            let _ = session.events.try_send(WorkEvent::End(refusal.clone()));
        }
    }

    /// Room for a task that is being opened, if its queue is known to be empty.
    pub fn reserve(&self, office: &str, step: &str) -> Option<Reservation> {
        let mut state = self.lock();
        let (queue_step, _) = branch_parts(step);
        let queue = (office.to_owned(), queue_step.to_owned());
        if state.queues.get(&queue).is_none_or(|queue| queue.backlog) {
            return None;
        }
        let serves = |session: &Session| {
            session.room() > 0 && session.office == office && session.steps.iter().any(|s| s == queue_step)
        };
        let turn = state.next_turn + 1;
        let (id, session) =
            state.sessions.iter_mut().filter(|(_, session)| serves(session)).min_by_key(|(_, session)| session.turn)?;
        session.turn = turn;
        let reservation = Reservation {
            session: *id,
            _room: Arc::clone(&session.room),
            holder: session.holder.clone(),
            step: step.to_owned(),
            lease_us: session.lease_us,
        };
        state.next_turn = turn;
        Some(reservation)
    }

    /// Versions of queues, to be handed back with [`Dispatcher::emptied`].
    pub fn versions(&self, office: &str, steps: &[String]) -> Vec<(String, u64)> {
        let mut state = self.lock();
        let version = |step: &String| {
            let queue = state.queues.entry((office.to_owned(), step.clone())).or_default();
            (step.clone(), queue.version)
        };
        steps.iter().map(version).collect()
    }

    /// A claim found nothing more: the queues are empty unless something came since.
    pub fn emptied(&self, office: &str, versions: &[(String, u64)]) {
        let mut state = self.lock();
        for (step, version) in versions {
            if let Some(queue) = state.queues.get_mut(&(office.to_owned(), step.clone()))
                && queue.version == *version
            {
                queue.backlog = false;
            }
        }
    }

    /// Tells streams what a committed batch means for them.
    pub fn publish(&self, news: &mut News) -> Follows {
        let mut state = self.lock();
        let mut follows = Follows::default();
        let (expired, gone): (Vec<Gone>, Vec<Gone>) = news.gone.drain(..).partition(|gone| gone.why == Why::Expired);
        // What somebody else took leaves the old hands before it comes into the new ones.
        leave(&mut state, expired);
        let mut orphan = |token: &str, session: u64, view: Box<TaskView>| {
            let holder = self.holder(token, session).to_string();
            follows.orphans.push(InHand { task: view.id, epoch: view.epoch, holder });
        };
        for (reservation, view) in news.handed.drain(..) {
            if let Err(view) = state.take(reservation.session, view) {
                orphan(&reservation.holder.token, reservation.session, view);
            }
        }
        for Pulled { session, token, view } in news.pulled.drain(..) {
            state.next_turn += 1;
            let turn = state.next_turn;
            match state.take(session, view) {
                Ok(()) => state.sessions.get_mut(&session).into_iter().for_each(|session| session.turn = turn),
                Err(view) => orphan(&token, session, view),
            }
        }
        leave(&mut state, gone);
        for (_, (office, step)) in news.unserved.drain() {
            state.arrive(office, step);
        }
        owe(&mut state, Some(&news.released));
        follows.pull = state.waiting();
        follows
    }

    /// Tasks left their holders' hands by what another node did.
    pub fn taken_back(&self, gone: Vec<Gone>) {
        leave(&mut self.lock(), gone);
    }

    /// Other nodes left tasks in these queues, or, where none are named, perhaps in any; gives the streams that should pull
    /// now.
    pub fn arrived(&self, queues: Option<&BTreeSet<(String, String)>>) -> Vec<u64> {
        let mut state = self.lock();
        match queues {
            Some(queues) => queues.iter().for_each(|(office, step)| state.arrive(office.clone(), step.clone())),
            None => {
                state.arrivals.values().for_each(|arrival| arrival.send_modify(|version| *version += 1));
                for queue in state.queues.values_mut() {
                    queue.backlog = true;
                    queue.version += 1;
                }
            }
        }
        // What changed elsewhere may also be what a claim had to pass over.
        state.waiting()
    }

    /// There may be rows of tasks in the hands of streams here that never heard of them.
    pub fn unheard(&self) {
        self.lock().sessions.values_mut().for_each(|session| session.owe(Owed::Unheard));
    }

    /// Streams of these offices and tokens ended on other nodes, or, where none are named, perhaps any.
    pub fn ended_elsewhere(&self, released: Option<&BTreeSet<(String, String)>>) {
        owe(&mut self.lock(), released);
    }

    /// A stream may have something to be given again.
    pub fn owe(&self, id: u64, owed: Owed) {
        self.lock().sessions.get_mut(&id).into_iter().for_each(|session| session.owe(owed));
    }

    /// What is in hand of these cases; where none are named, of all.
    pub fn in_hand(&self, cases: Option<&BTreeSet<String>>) -> Vec<InHand> {
        let state = self.lock();
        let one = |(task, (session, epoch)): (&String, &(u64, i64))| {
            let token = &state.sessions.get(session)?.holder.token;
            Some(InHand { task: task.clone(), epoch: *epoch, holder: self.holder(token, *session).to_string() })
        };
        match cases {
            None => state.held.iter().filter_map(one).collect(),
            // A task's name begins with its case's.
            Some(cases) => cases
                .iter()
                .flat_map(|case| state.held.range(format!("{case}/")..format!("{case}0")))
                .filter_map(one)
                .collect(),
        }
    }

    /// Room for what a stream may be given again; none = no room, nothing known, or gone.
    pub fn resume(&self, id: u64) -> Option<Resume> {
        let mut state = self.lock();
        let session = state.sessions.get_mut(&id)?;
        let room = session.room();
        let owed = session.owed.take_if(|_| room > 0)?;
        Some(Resume {
            owed,
            office: session.office.clone(),
            steps: session.steps.clone(),
            holder: session.holder.clone(),
            lease_us: session.lease_us,
            room: vec![Arc::clone(&session.room); room],
        })
    }

    /// What a stream may pull now; none = no room, nothing waiting, or gone. `always` asks even where nothing is known
    /// to wait: leases run out silently.
    pub fn pull(&self, id: u64, always: bool) -> Option<Pull> {
        let state = self.lock();
        let session = state.sessions.get(&id)?;
        let backlog =
            |step: &String| state.queues.get(&(session.office.clone(), step.clone())).is_none_or(|queue| queue.backlog);
        let room = session.room();
        let worth = room > 0 && (always || session.steps.iter().any(backlog));
        worth.then(|| Pull {
            office: session.office.clone(),
            steps: session.steps.clone(),
            holder: session.holder.clone(),
            room,
            lease_us: session.lease_us,
        })
    }

    /// What a stream holds while it pulls; none = it is gone.
    pub fn turn(&self, id: u64) -> Option<Arc<tokio::sync::Mutex<()>>> {
        self.lock().sessions.get(&id).map(|session| Arc::clone(&session.turn_to_pull))
    }

    /// Whether a task is in a stream's hands.
    pub fn holds(&self, id: u64, task: &str) -> bool {
        self.lock().sessions.get(&id).is_some_and(|session| session.in_hand.contains(task))
    }

    /// Waits for arrivals in an office's queues.
    pub fn arrivals(&self, office: &str) -> watch::Receiver<u64> {
        let mut state = self.lock();
        state.arrivals.entry(office.to_owned()).or_insert_with(|| watch::channel(0).0).subscribe()
    }

    /// All streams of this node with room, and their offices.
    pub fn sessions(&self) -> Vec<(u64, String)> {
        let state = self.lock();
        let roomy = state.sessions.iter().filter(|(_, session)| session.room() > 0);
        roomy.map(|(id, session)| (*id, session.office.clone())).collect()
    }
}

/// Streams of these offices and tokens, or all, may have something to be given again.
fn owe(state: &mut State, released: Option<&BTreeSet<(String, String)>>) {
    if released.is_some_and(BTreeSet::is_empty) {
        return;
    }
    for session in state.sessions.values_mut() {
        if released.is_none_or(|released| released.contains(&(session.office.clone(), session.holder.token.clone()))) {
            session.owe(Owed::OfEnded);
        }
    }
}

/// Tasks leave the hands they are in; whoever did not let go itself is told.
fn leave(state: &mut State, gone: Vec<Gone>) {
    for Gone { task, epoch, why } in gone {
        // Given again under a later epoch it is in hand again.
        let Some((id, _)) = state.held.get(&task).copied().filter(|(_, held)| *held <= epoch) else { continue };
        state.held.remove(&task);
        let Some(session) = state.sessions.get_mut(&id) else { continue };
        session.in_hand.remove(&task);
        let reason = match why {
            Why::Own => continue,
            Why::Withdrawn => "WITHDRAWN",
            Why::Expired => "EXPIRED",
            Why::Reassigned => "REASSIGNED",
        };
        deliver(session, WorkEvent::Taken { task, epoch, reason });
    }
}

/// Never waits. The buffer holds more than two windows, and the server cuts off readers that do not take from it; should it
/// be full all the same, the lease runs out and the task comes again.
fn deliver(session: &Session, event: WorkEvent) {
    if let Err(mpsc::error::TrySendError::Full(_)) = session.events.try_send(event) {
        tracing::warn!(token = %session.holder.token, "a work stream does not read: a message is lost");
    }
}

/// Shared by the app and its streams.
pub(crate) type SharedDispatcher = Arc<Dispatcher>;

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use kaiban_engine::{ClockState, PromiseClock};

    use super::*;
    use crate::principal::Role;

    fn holder() -> Principal {
        Principal {
            token: "tok-1".into(),
            role: Role::Agency,
            organisation: "tax".into(),
            outlet: None,
            offices: vec!["tax-350100".into()],
            person: None,
            divisions: Vec::new(),
            case: None,
        }
    }

    /// A dispatcher with one stream of two places, whose queue is known to be empty.
    fn one_stream() -> (Dispatcher, mpsc::Receiver<WorkEvent>) {
        let dispatcher = Dispatcher::new("N1");
        let (events, heard) = mpsc::channel(8);
        let steps = vec!["invoices".to_owned()];
        dispatcher.open("tax-350100", steps.clone(), &holder(), 2, 60_000_000, events);
        let versions = dispatcher.versions("tax-350100", &steps);
        dispatcher.emptied("tax-350100", &versions);
        (dispatcher, heard)
    }

    fn reserved(dispatcher: &Dispatcher) -> Vec<Reservation> {
        std::iter::from_fn(|| dispatcher.reserve("tax-350100", "invoices")).collect()
    }

    #[test]
    fn what_is_not_used_is_free_again() {
        let (dispatcher, _heard) = one_stream();
        assert_eq!(reserved(&dispatcher).len(), 2, "all of them are dropped here");
        let mut held = reserved(&dispatcher);
        assert_eq!(held.len(), 2);
        held.pop();
        assert_eq!(reserved(&dispatcher).len(), 1);
    }

    #[test]
    fn a_batch_that_panics_gives_its_room_back() {
        let (dispatcher, _heard) = one_stream();
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            let mut news = News::default();
            let held = reserved(&dispatcher);
            news.gone.push(Gone { task: held[9].step.clone(), epoch: 1, why: Why::Own });
        }));
        assert!(panicked.is_err());
        assert_eq!(reserved(&dispatcher).len(), 2);
    }

    #[test]
    fn a_task_takes_the_place_that_was_reserved_for_it() {
        let (dispatcher, mut heard) = one_stream();
        let mut news = News::default();
        for reservation in reserved(&dispatcher).into_iter().take(1) {
            news.handed.push((reservation, task("case-1/invoices/1")));
        }
        dispatcher.publish(&mut news);
        assert!(matches!(heard.try_recv(), Ok(WorkEvent::Task(view)) if view.id == "case-1/invoices/1"));
        assert_eq!(reserved(&dispatcher).len(), 1, "of two places one is taken, and none is reserved");
    }

    fn task(id: &str) -> TaskView {
        TaskView {
            id: id.into(),
            case: "case-1".into(),
            workflow: "business-start".into(),
            step: "invoices".into(),
            office: "tax-350100".into(),
            division: "350100".into(),
            epoch: 1,
            lease_until_us: Some(60_000_000),
            offered_at_us: 0,
            promise_due_us: None,
            attempt: 0,
            form_revision: 1,
            shared: serde_json::Value::Null,
            doubts: Vec::new(),
            corrected: Vec::new(),
            item: None,
            overdue: Vec::new(),
            promise: PromiseClock {
                state: ClockState::Running,
                budget_us: None,
                elapsed_us: 0,
                due_us: None,
                breached_at_us: None,
                calendar: "fuzhou-city".into(),
                version: String::new(),
                warned: 0,
                provisional: false,
            },
            statutory: None,
            case_warned: 0,
        }
    }
}
