//! Deadlines that could not be fired. Each is tried again after a pause of its own, in operating time, so that it neither
//! fills the log nor stands in the way of others. They are known to this node only: one that starts tries all of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use kaiban_store::{Clock, TimerRow};

use crate::app::lock;
use crate::refusal::{Canonical, Refusal};

/// The first pause; each further one is twice as long, up to an hour.
const PAUSE_US: i64 = 1_000_000;
const PAUSE_MAX_US: i64 = 3_600_000_000;
/// Attempts between two lines of the log: about a day at the longest pause.
const LOGGED_EACH: u32 = 24;
/// Attempts before a person hears of what may pass by itself.
const ATTEMPTS_MIN: u32 = 3;

/// The deadlines that this node could not fire.
#[derive(Default)]
pub(crate) struct Stuck(Mutex<BTreeMap<Key, StuckDeadline>>);

/// Clock, case, step and kind.
pub(crate) type Key = (Clock, String, String, String);

/// A deadline that could not be fired.
#[derive(Clone, Debug)]
pub(crate) struct StuckDeadline {
    pub case: String,
    pub step: String,
    pub kind: String,
    /// Why, as the last attempt was refused.
    pub code: &'static str,
    /// Since when, operating time, µs.
    pub since_us: i64,
    passing: bool,
    attempts: u32,
    again_us: i64,
}

impl StuckDeadline {
    /// Id of the incident.
    pub fn id(&self) -> String {
        format!("{}/deadline/{}/{}", self.case, self.step, self.kind)
    }

    /// Whether somebody has to look at it: time alone will hardly help.
    fn needs_a_person(&self) -> bool {
        !self.passing || self.attempts >= ATTEMPTS_MIN
    }
}

/// Of a row.
pub(crate) fn key(row: &TimerRow) -> Key {
    (row.clock, row.case_id.clone(), row.step.clone(), row.kind.clone())
}

impl Stuck {
    /// Whether a deadline is not to be tried yet.
    pub fn waits(&self, row: &TimerRow, operating_us: i64) -> bool {
        lock(&self.0).get(&key(row)).is_some_and(|stuck| stuck.again_us > operating_us)
    }

    /// A deadline could not be fired; logs it when it is news.
    pub fn failed(&self, row: &TimerRow, refusal: &Refusal, operating_us: i64) {
        let mut all = lock(&self.0);
        let stuck = all.entry(key(row)).or_insert_with(|| StuckDeadline {
            case: row.case_id.clone(),
            step: row.step.clone(),
            kind: row.kind.clone(),
            code: refusal.reason,
            since_us: operating_us,
            passing: false,
            attempts: 0,
            again_us: operating_us,
        });
        // Another node fired it, or it is no longer running: the row goes with that commit.
        let over = refusal.reason == "NO_SUCH_TIMER";
        if !over && stuck.attempts.is_multiple_of(LOGGED_EACH) {
            let (case, kind, attempts) = (&row.case_id, &row.kind, stuck.attempts + 1);
            tracing::error!(case, kind, attempts, reason = refusal.reason, "a deadline could not be fired");
        }
        stuck.code = refusal.reason;
        stuck.passing =
            over || matches!(refusal.code, Canonical::Unavailable | Canonical::ResourceExhausted | Canonical::Aborted);
        let pause_us = PAUSE_US.saturating_mul(1 << stuck.attempts.min(20)).min(PAUSE_MAX_US);
        stuck.again_us = operating_us.saturating_add(pause_us);
        stuck.attempts = stuck.attempts.saturating_add(1);
    }

    /// Forgets the deadlines of a clock that are not due any more; gives when the next of the others is tried.
    pub fn keep(&self, clock: Clock, due: &BTreeSet<Key>) -> Option<i64> {
        let mut all = lock(&self.0);
        all.retain(|key, _| key.0 != clock || due.contains(key));
        all.iter().filter(|(key, _)| key.0 == clock).map(|(_, stuck)| stuck.again_us).min()
    }

    /// Tries the deadline of an incident at once. `false` when there is none such.
    pub fn hurry(&self, incident: &str) -> bool {
        let mut all = lock(&self.0);
        let Some(stuck) = all.values_mut().find(|stuck| stuck.id() == incident) else { return false };
        (stuck.again_us, stuck.attempts) = (i64::MIN, 0);
        true
    }

    /// Those that a person has to look at, of one case or of all.
    pub fn listed(&self, case: Option<&str>) -> Vec<StuckDeadline> {
        let all = lock(&self.0);
        let wanted = |stuck: &&StuckDeadline| stuck.needs_a_person() && case.is_none_or(|case| case == stuck.case);
        all.values().filter(wanted).cloned().collect()
    }
}
