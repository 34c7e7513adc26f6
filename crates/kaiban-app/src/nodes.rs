//! How the servers of one PostgreSQL database hear of each other's commits. There is no leader, and no server speaks to
//! another: each says through the database what it has committed, in a few words, and whoever waits for it here looks.
//! What is true stands in the rows; a word that is lost costs time, never a task, a change or an answer.
//!
//! Each node says something every [`BEAT`], and numbers what it says. So a node knows who else is there, whether it still
//! hears, and by how much its own clock is behind the database's. Where something was not heard (a number is missing, a
//! node fell silent without a farewell, the connection was lost) everything may have changed, and is looked at again. While
//! a node is alone it keeps its news to itself, and counts them, so that whoever joins knows that there were some.

mod heard;
mod notice;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use kaiban_engine::task_address;
use kaiban_store::{Herald, Listener, StoreError};
use tokio::sync::Notify;

pub(crate) use self::heard::take_back;
use self::notice::Notice;
pub(crate) use self::notice::Words;
use crate::app::{Inner, lock};
use crate::clock::DatabaseClock;
use crate::execute::News;
use crate::ids;

/// How often each node says that it is there.
const BEAT: Duration = Duration::from_secs(2);

/// A node that says nothing for so long is gone; a node that does not hear even itself is deaf.
const SILENT_MAX: Duration = Duration::from_secs(7);

/// How long a node rests when the database does not answer.
const PAUSE: Duration = Duration::from_secs(1);

/// This node among the others.
pub(crate) struct Nodes {
    /// Its name; random, so that a process that comes after it has another.
    pub me: String,
    /// None on SQLite.
    ether: Option<Ether>,
    to_tell: Mutex<Words>,
    told: Notify,
    to_follow: Mutex<Words>,
    heard: Notify,
    others: Mutex<Others>,
}

struct Ether {
    herald: tokio::sync::RwLock<Arc<Herald>>,
    clock: Arc<DatabaseClock>,
    /// Taken by the one who listens.
    listener: Mutex<Option<Listener>>,
}

struct Others {
    known: BTreeMap<String, Other>,
    /// Number of the next notice of this node.
    next: u64,
    /// Commits that nobody was told of.
    untold: u64,
    /// Since when this node hears the others.
    listening_since: Instant,
    /// Whether that is long enough to know who is there.
    settled: bool,
}

/// Another node.
struct Other {
    heard_at: Instant,
    /// Of its last notice.
    number: u64,
    untold: u64,
}

impl Nodes {
    /// This node, with the clock that it corrects on PostgreSQL.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn open(store: &kaiban_store::Store, clock: Option<Arc<DatabaseClock>>) -> Result<Self, StoreError> {
        let ether = match (store.news().await?, clock) {
            (Some((herald, listener)), Some(clock)) => Some(Ether {
                herald: tokio::sync::RwLock::new(Arc::new(herald)),
                clock,
                listener: Mutex::new(Some(listener)),
            }),
            _ => None,
        };
        let others =
            Others { known: BTreeMap::new(), next: 1, untold: 0, listening_since: Instant::now(), settled: false };
        Ok(Self {
            me: ids::node_name(),
            ether,
            to_tell: Mutex::default(),
            told: Notify::new(),
            to_follow: Mutex::default(),
            heard: Notify::new(),
            others: Mutex::new(others),
        })
    }

    /// Has something told to the others.
    pub fn tell(&self, say: impl FnOnce(&mut Words)) {
        if self.ether.is_none() {
            return;
        }
        let mut others = lock(&self.others);
        if others.known.is_empty() {
            others.untold += 1;
            return;
        }
        drop(others);
        say(&mut lock(&self.to_tell));
        self.told.notify_one();
    }

    /// Has the commit of a batch told.
    pub fn tell_commit(&self, news: &News) {
        let nothing =
            news.cases.is_empty() && news.gone.is_empty() && news.unserved.is_empty() && news.released.is_empty();
        if self.ether.is_none() || nothing {
            return;
        }
        // A lease that goes to somebody else is no change of the case, but of whose hands a task is in.
        let gone = news.gone.iter().filter_map(|gone| task_address(&gone.task));
        self.tell(|words| {
            words.cases.extend(news.cases.iter().map(|row| row.id.clone()));
            words.cases.extend(gone.map(|(case, ..)| case.to_owned()));
            words.queues.extend(news.unserved.values().cloned());
            words.released.extend(news.released.iter().cloned());
        });
    }

    /// Whether another process may be serving streams. One that was never heard may be, until this one has listened for
    /// long enough.
    pub fn is_alive(&self, node: &str) -> bool {
        let others = lock(&self.others);
        self.ether.is_some() && others.is_heard(others.known.get(node))
    }

    /// Says what has gathered, or that this node is there.
    async fn send(&self, ether: &Ether, last: bool) -> Result<(), StoreError> {
        let mut words = std::mem::take(&mut *lock(&self.to_tell));
        if last {
            words.farewell = true;
        }
        let texts = {
            let mut others = lock(&self.others);
            let untold = others.untold;
            let notices = words.split().into_iter().map(|words| {
                let notice = Notice { node: self.me.clone(), number: others.next, untold, words };
                others.next += 1;
                serde_json::to_string(&notice).unwrap_or_default()
            });
            notices.collect::<Vec<_>>()
        };
        let herald = Arc::clone(&*ether.herald.read().await);
        let asked_us = ether.clock.machine_us();
        // What is lost here is missed by its number.
        let told = tokio::time::timeout(SILENT_MAX, herald.tell(&texts)).await;
        let now_us = told.map_err(|_| StoreError::Unavailable("no answer".into()))??;
        ether.clock.correct(asked_us, now_us);
        Ok(())
    }

    /// Forgets who fell silent. What a process that is gone had in hand is free from then on, and it may have committed
    /// what it told nobody of.
    fn bury(&self) {
        let mut others = lock(&self.others);
        let others = &mut *others;
        let settled = others.listening_since.elapsed() >= SILENT_MAX;
        let learned = settled && !std::mem::replace(&mut others.settled, settled);
        let silent: Vec<String> = others
            .known
            .iter()
            .filter(|(_, other)| !others.is_heard(Some(other)))
            .map(|(node, _)| node.clone())
            .collect();
        for node in &silent {
            others.known.remove(node);
        }
        if learned || !silent.is_empty() {
            let mut follow = lock(&self.to_follow);
            follow.everything |= !silent.is_empty();
            // Whoever was not heard until now is not there.
            follow.farewell |= learned;
            self.heard.notify_one();
        }
    }

    /// This node was deaf, or stood still: nobody's silence says anything, and anything may have been said.
    fn listen_anew(&self) {
        let mut others = lock(&self.others);
        (others.listening_since, others.settled) = (Instant::now(), false);
        drop(others);
        self.everything();
    }

    /// Nobody knows whether a commit here was one. Whatever it did, nobody was told.
    pub fn doubt(&self) {
        lock(&self.to_follow).doubt = true;
        self.heard.notify_one();
    }

    fn everything(&self) {
        lock(&self.to_follow).everything = true;
        self.heard.notify_one();
    }
}

impl Others {
    /// Whether a node was heard lately, as far as this one could hear.
    fn is_heard(&self, other: Option<&Other>) -> bool {
        let since = self.listening_since;
        other.map_or(since, |other| other.heard_at.max(since)).elapsed() < SILENT_MAX
    }
}

/// Tells the others, until the app stops.
pub(crate) async fn tell(inner: Arc<Inner>) {
    let Some(ether) = &inner.nodes.ether else { return };
    let mut last = Instant::now();
    loop {
        if last.elapsed() > SILENT_MAX - BEAT {
            inner.nodes.listen_anew();
        }
        last = Instant::now();
        if let Err(error) = inner.nodes.send(ether, false).await {
            tracing::warn!(%error, "other servers cannot be told");
            inner.clock.wait(PAUSE).await;
        }
        inner.nodes.bury();
        tokio::select! {
            () = inner.nodes.told.notified() => {}
            () = inner.clock.wait(BEAT) => {}
            () = inner.bell.stopped() => return,
        }
    }
}

/// Says what is left to be said, and that this node goes.
pub(crate) async fn bid_farewell(inner: &Inner) {
    let Some(ether) = &inner.nodes.ether else { return };
    if let Err(error) = inner.nodes.send(ether, true).await {
        tracing::warn!(%error, "other servers cannot be told that this one goes");
    }
}

/// Hears the others, until the app stops.
pub(crate) async fn listen(inner: Arc<Inner>) {
    let nodes = &inner.nodes;
    let Some(ether) = &nodes.ether else { return };
    let Some(mut listener) = lock(&ether.listener).take() else { return };
    loop {
        let heard = tokio::select! {
            heard = tokio::time::timeout(SILENT_MAX, listener.hear()) => heard,
            () = inner.bell.stopped() => return,
        };
        match heard {
            Ok(Ok(Some(text))) => nodes.hear(&text),
            Ok(Ok(None)) => nodes.listen_anew(),
            // Not even itself: the connection may be dead without anybody having said so.
            Ok(Err(_)) | Err(_) => {
                tracing::warn!("other servers are not heard: the connection is made anew");
                match inner.store.news().await {
                    Ok(Some((herald, again))) => {
                        *ether.herald.write().await = Arc::new(herald);
                        listener = again;
                        nodes.listen_anew();
                    }
                    Ok(None) => return,
                    Err(error) => {
                        tracing::warn!(%error, "other servers cannot be heard");
                        tokio::select! {
                            () = inner.clock.wait(PAUSE) => {}
                            () = inner.bell.stopped() => return,
                        }
                    }
                }
            }
        }
    }
}

impl Nodes {
    fn hear(&self, text: &str) {
        // A later version may say what this one does not understand: then everything may have changed.
        let Ok(notice) = serde_json::from_str::<Notice>(text) else { return self.everything() };
        if notice.node == self.me {
            return;
        }
        let Notice { node, number, untold, words } = notice;
        let mut others = lock(&self.others);
        let before = match words.farewell {
            true => others.known.remove(&node),
            false => others.known.insert(node, Other { heard_at: Instant::now(), number, untold }),
        };
        drop(others);
        let new = before.is_none();
        if new && !words.farewell {
            // So that it knows at once whom it has to tell.
            self.told.notify_one();
        }
        // Of one that has just started nothing was missed.
        let before = before.map_or((0, 0), |before| (before.number, before.untold));
        let missed = (before.0 + 1, before.1) != (number, untold);
        let mut follow = lock(&self.to_follow);
        let Words { cases, queues, tokens, released, calendars, everything, farewell, .. } = words;
        follow.everything |= missed || everything;
        follow.farewell |= farewell;
        // It stored those that it brought before it said its first word.
        follow.packages |= new;
        follow.cases.extend(cases);
        follow.queues.extend(queues);
        follow.tokens.extend(tokens);
        follow.released.extend(released);
        follow.calendars |= calendars;
        drop(follow);
        self.heard.notify_one();
    }

    fn take_heard(&self) -> Words {
        std::mem::take(&mut *lock(&self.to_follow))
    }
}

/// Does what the others' words ask for, and what a commit asks for that nobody knows to be one, until the app stops.
pub(crate) async fn follow(inner: Arc<Inner>) {
    loop {
        tokio::select! {
            () = inner.nodes.heard.notified() => {}
            () = inner.bell.stopped() => return,
        }
        let words = inner.nodes.take_heard();
        if let Err(refusal) = heard::act(&inner, words).await {
            tracing::warn!(reason = refusal.reason, "what other servers said is looked at again in a moment");
            inner.clock.wait(PAUSE).await;
            inner.nodes.everything();
        }
    }
}

/// Names of nodes, of cases and so on.
pub(crate) type Names = BTreeSet<String>;
