//! Who follows which cases. A change goes to those who follow its case, found by its number, and to those who follow lists;
//! all others sleep on. Each has a queue of its own, which is nothing while it is empty, and whoever lets it grow too long
//! is cut off.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex, OnceLock};

use kaiban_store::CaseRow;
use tokio::sync::Notify;

use crate::app::lock;
use crate::execute::Working;
use crate::library::Library;
use crate::refusal::{Canonical, Refusal};

/// Cases of which it is kept how far those who follow lists were told; when there are more, it begins afresh.
const TOLD_MAX: usize = 10_000;

/// A case as a commit left it. It is read once for all who follow it.
pub(crate) struct Change {
    pub row: CaseRow,
    working: OnceLock<Result<Working, Refusal>>,
}

impl Change {
    pub fn working(&self, library: &Library) -> Result<&Working, Refusal> {
        self.working.get_or_init(|| Working::read(library, &self.row)).as_ref().map_err(Clone::clone)
    }
}

/// All who follow cases on this node.
pub(crate) struct Hub {
    state: Mutex<State>,
    /// Changes that may wait for one who follows.
    lag_max: usize,
}

#[derive(Default)]
struct State {
    by_case: HashMap<String, Vec<Arc<Follower>>>,
    lists: BTreeMap<u64, Arc<Follower>>,
    next: u64,
    /// Journal entries that those who follow lists were told of. What is read beside the commits of this node may come
    /// later than what it was overtaken by.
    told: HashMap<String, i64>,
    stopped: bool,
}

struct Follower {
    id: u64,
    /// The case; none = a list.
    case: Option<String>,
    queue: Mutex<Waiting>,
    wake: Notify,
}

#[derive(Default)]
struct Waiting {
    changes: VecDeque<Arc<Change>>,
    /// Journal entry of the one case that was told last.
    told: i64,
    end: Option<Refusal>,
}

impl Follower {
    fn tell(&self, change: &Arc<Change>, lag_max: usize) {
        let mut waiting = lock(&self.queue);
        let old = self.case.is_some() && change.row.seq <= waiting.told;
        if old || waiting.end.is_some() {
            return;
        }
        waiting.told = change.row.seq;
        if waiting.changes.len() >= lag_max {
            *waiting = Waiting { end: Some(slow()), ..Waiting::default() };
        } else {
            waiting.changes.push_back(Arc::clone(change));
        }
        drop(waiting);
        self.wake.notify_one();
    }

    fn end(&self, refusal: Refusal) {
        lock(&self.queue).end.get_or_insert(refusal);
        self.wake.notify_one();
    }
}

/// A place among those who follow; dropping it gives it up.
pub(crate) struct Subscription {
    hub: Arc<Hub>,
    follower: Arc<Follower>,
}

impl Subscription {
    /// The next change.
    ///
    /// # Errors
    /// `SLOW_READER`, `CHANGES_MISSED`, `STOPPING`: there are no more.
    pub async fn next(&self) -> Result<Arc<Change>, Refusal> {
        loop {
            {
                let mut waiting = lock(&self.follower.queue);
                if let Some(change) = waiting.changes.pop_front() {
                    if waiting.changes.is_empty() {
                        waiting.changes.shrink_to(0);
                    }
                    return Ok(change);
                }
                if let Some(end) = &waiting.end {
                    return Err(end.clone());
                }
            }
            self.follower.wake.notified().await;
        }
    }

    /// The case was shown as this entry left it: nothing older comes any more.
    pub fn shown(&self, seq: i64) {
        let mut waiting = lock(&self.follower.queue);
        waiting.told = waiting.told.max(seq);
        waiting.changes.retain(|change| change.row.seq > seq);
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.hub.leave(&self.follower);
    }
}

impl Hub {
    pub fn new(lag_max: usize) -> Self {
        Self { state: Mutex::default(), lag_max: lag_max.max(1) }
    }

    /// A place among those who follow a case, or all of them.
    pub fn follow(self: &Arc<Self>, case: Option<&str>) -> Subscription {
        let mut state = lock(&self.state);
        state.next += 1;
        let follower =
            Follower { id: state.next, case: case.map(str::to_owned), queue: Mutex::default(), wake: Notify::new() };
        let follower = Arc::new(follower);
        if state.stopped {
            follower.end(Refusal::stopping());
        }
        match case {
            Some(case) => state.by_case.entry(case.to_owned()).or_default().push(Arc::clone(&follower)),
            None => drop(state.lists.insert(follower.id, Arc::clone(&follower))),
        }
        Subscription { hub: Arc::clone(self), follower }
    }

    fn leave(&self, follower: &Follower) {
        let mut state = lock(&self.state);
        let Some(case) = &follower.case else {
            state.lists.remove(&follower.id);
            if state.lists.is_empty() {
                state.told = HashMap::new();
            }
            return;
        };
        if let Some(followers) = state.by_case.get_mut(case) {
            followers.retain(|other| other.id != follower.id);
            if followers.is_empty() {
                state.by_case.remove(case);
            }
        }
    }

    /// Tells of cases as commits left them.
    pub fn publish(&self, rows: Vec<CaseRow>) {
        let mut state = lock(&self.state);
        let State { by_case, lists, told, .. } = &mut *state;
        for row in rows {
            let followers = by_case.get(&row.id);
            if followers.is_none() && lists.is_empty() {
                continue;
            }
            let (id, seq) = (row.id.clone(), row.seq);
            let change = Arc::new(Change { row, working: OnceLock::new() });
            for follower in followers.into_iter().flatten() {
                follower.tell(&change, self.lag_max);
            }
            if lists.is_empty() || told.get(&id).is_some_and(|told| *told >= seq) {
                continue;
            }
            if told.len() >= TOLD_MAX {
                told.clear();
            }
            told.insert(id, seq);
            lists.values().for_each(|follower| follower.tell(&change, self.lag_max));
        }
    }

    /// Those of these cases that somebody follows.
    pub fn followed<'c>(&self, cases: impl Iterator<Item = &'c String>) -> Vec<String> {
        let state = lock(&self.state);
        cases.filter(|case| !state.lists.is_empty() || state.by_case.contains_key(*case)).cloned().collect()
    }

    /// All cases that somebody follows by their numbers.
    pub fn all_followed(&self) -> Vec<String> {
        lock(&self.state).by_case.keys().cloned().collect()
    }

    /// Changes may have been missed: who follows lists begins again.
    pub fn end_lists(&self) {
        lock(&self.state).lists.values().for_each(|follower| follower.end(missed()));
    }

    /// Ends all, and whoever comes later.
    pub fn stop(&self) {
        let mut state = lock(&self.state);
        state.stopped = true;
        let State { by_case, lists, .. } = &*state;
        by_case.values().flatten().chain(lists.values()).for_each(|follower| follower.end(Refusal::stopping()));
    }
}

fn slow() -> Refusal {
    Refusal {
        retry_after: Some(std::time::Duration::from_secs(1)),
        ..Refusal::new(
            Canonical::ResourceExhausted,
            "SLOW_READER",
            "读取过慢，已断开；请重新订阅。",
            "This reader is too slow and was cut off: watch again.",
        )
    }
}

fn missed() -> Refusal {
    Refusal {
        retry_after: Some(std::time::Duration::from_secs(1)),
        ..Refusal::new(
            Canonical::Unavailable,
            "CHANGES_MISSED",
            "与其他服务节点的联系曾经中断，可能漏掉了变化；请重新订阅。",
            "This server was out of touch with the others for a moment and may have missed changes: watch again.",
        )
    }
}

#[cfg(test)]
mod tests {
    use kaiban_store::CaseState;

    use super::*;

    fn row(id: &str, seq: i64) -> CaseRow {
        CaseRow {
            id: id.into(),
            workflow: "business-start".into(),
            version: "1".into(),
            digest: "d".into(),
            division: "350100".into(),
            organisation: "b01".into(),
            outlet: None,
            subject: String::new(),
            state: CaseState::Open,
            outcome: None,
            seq,
            head: String::new(),
            received_at_us: 0,
            accepted_at_us: None,
            promise_due_us: None,
            closed_at_us: None,
            snapshot: String::new(),
            parent: None,
            waiting: false,
            troubled: false,
            visited: None,
        }
    }

    fn heard(subscription: &Subscription) -> Vec<(String, i64)> {
        let mut waiting = lock(&subscription.follower.queue);
        waiting.changes.drain(..).map(|change| (change.row.id.clone(), change.row.seq)).collect()
    }

    #[test]
    fn a_change_goes_to_those_who_follow_its_case_and_to_lists() {
        let hub = Arc::new(Hub::new(8));
        let (one, other, list) = (hub.follow(Some("c1")), hub.follow(Some("c2")), hub.follow(None));
        hub.publish(vec![row("c1", 1), row("c3", 1)]);
        assert_eq!(heard(&one), [("c1".to_owned(), 1)]);
        assert_eq!(heard(&other), []);
        assert_eq!(heard(&list), [("c1".to_owned(), 1), ("c3".to_owned(), 1)]);
    }

    #[test]
    fn what_was_overtaken_is_not_told() {
        let hub = Arc::new(Hub::new(8));
        let (one, list) = (hub.follow(Some("c1")), hub.follow(None));
        hub.publish(vec![row("c1", 3), row("c1", 2), row("c1", 3), row("c1", 4)]);
        assert_eq!(heard(&one), [("c1".to_owned(), 3), ("c1".to_owned(), 4)]);
        assert_eq!(heard(&list), [("c1".to_owned(), 3), ("c1".to_owned(), 4)]);
        one.shown(6);
        hub.publish(vec![row("c1", 5), row("c1", 7)]);
        assert_eq!(heard(&one), [("c1".to_owned(), 7)]);
    }

    #[tokio::test]
    async fn who_lets_the_queue_grow_is_cut_off() {
        let hub = Arc::new(Hub::new(2));
        let list = hub.follow(None);
        hub.publish((1..=3).map(|n| row(&format!("c{n}"), 1)).collect());
        assert_eq!(list.next().await.map(|_| ()).unwrap_err().reason, "SLOW_READER");
    }

    #[tokio::test]
    async fn what_waits_comes_before_the_end_and_nobody_is_left_behind() {
        let hub = Arc::new(Hub::new(2));
        let one = hub.follow(Some("c1"));
        hub.publish(vec![row("c1", 1)]);
        hub.stop();
        assert_eq!(one.next().await.unwrap().row.seq, 1);
        assert_eq!(one.next().await.map(|_| ()).unwrap_err().reason, "STOPPING");
        assert_eq!(hub.follow(None).next().await.map(|_| ()).unwrap_err().reason, "STOPPING");
        drop(one);
        assert!(hub.all_followed().is_empty());
    }
}
