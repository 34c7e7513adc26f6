//! Deadlines that could not be fired. Each is tried again after a pause of its own, in operating time, so that it neither
//! fills the log nor stands in the way of others. That stands with its row: every server of a database knows of it, keeps
//! to the pause, and can be asked to try at once.

use std::collections::HashMap;

use kaiban_store::{Clock, StuckTimer, TimerRow};

use crate::app::Inner;
use crate::refusal::{Canonical, Refusal};

/// The first pause; each further one is twice as long, up to an hour.
const PAUSE_US: i64 = 1_000_000;
const PAUSE_MAX_US: i64 = 3_600_000_000;
/// Attempts between two lines of the log: about a day at the longest pause.
const LOGGED_EACH: u32 = 24;
/// Attempts before a person hears of what may pass by itself.
const ATTEMPTS_MIN: u32 = 3;

/// Those of one clock that are due, as they stood when its deadlines were looked at.
pub(crate) struct Stuck(HashMap<Key, StuckTimer>);

/// Case, step, kind and instant.
type Key = (String, String, String, i64);

fn key(row: &TimerRow) -> Key {
    (row.case_id.clone(), row.step.clone(), row.kind.clone(), row.due_us)
}

/// Id of the incident.
pub(crate) fn incident_id(row: &TimerRow) -> String {
    format!("{}/deadline/{}/{}", row.case_id, row.step, row.kind)
}

impl Stuck {
    pub fn of(clock: Clock, now_us: i64, all: Vec<StuckTimer>) -> Self {
        let due = |stuck: &StuckTimer| stuck.row.clock == clock && stuck.row.due_us <= now_us;
        Self(all.into_iter().filter(due).map(|stuck| (key(&stuck.row), stuck)).collect())
    }

    /// Whether a deadline is not to be tried yet.
    pub fn waits(&self, row: &TimerRow, operating_us: i64) -> bool {
        self.0.get(&key(row)).is_some_and(|stuck| stuck.again_us > operating_us)
    }

    /// A deadline could not be fired; logs it when it is news, and gives what to write down.
    pub fn failed(&mut self, row: &TimerRow, refusal: &Refusal, operating_us: i64) -> StuckTimer {
        let stuck = self.0.entry(key(row)).or_insert_with(|| StuckTimer {
            row: row.clone(),
            code: String::new(),
            passing: false,
            attempts: 0,
            since_us: operating_us,
            again_us: operating_us,
        });
        // Another node fired it, or it is no longer running: the row goes with that commit.
        let over = refusal.reason == "NO_SUCH_TIMER";
        if !over && stuck.attempts.is_multiple_of(LOGGED_EACH) {
            let (case, kind, attempts) = (&row.case_id, &row.kind, stuck.attempts + 1);
            tracing::error!(case, kind, attempts, reason = refusal.reason, "a deadline could not be fired");
        }
        refusal.reason.clone_into(&mut stuck.code);
        stuck.passing =
            over || matches!(refusal.code, Canonical::Unavailable | Canonical::ResourceExhausted | Canonical::Aborted);
        let pause_us = PAUSE_US.saturating_mul(1 << stuck.attempts.min(20)).min(PAUSE_MAX_US);
        stuck.again_us = operating_us.saturating_add(pause_us);
        stuck.attempts = stuck.attempts.saturating_add(1);
        stuck.clone()
    }

    /// When the next of them is tried again, operating time, µs.
    pub fn again_us(&self) -> Option<i64> {
        self.0.values().map(|stuck| stuck.again_us).min()
    }
}

impl Inner {
    /// Those that a person has to look at, because time alone will hardly help; of one case or of all.
    pub async fn stuck(&self, case: Option<&str>) -> Result<Vec<StuckTimer>, Refusal> {
        let mut all = self.store.stuck_timers(case).await?;
        all.retain(|stuck| !stuck.passing || stuck.attempts >= ATTEMPTS_MIN);
        Ok(all)
    }

    /// Tries the deadline of an incident at once. `false` when there is none such.
    pub async fn hurry(&self, case: &str, incident: &str) -> Result<bool, Refusal> {
        let all = self.store.stuck_timers(Some(case)).await?;
        let Some(stuck) = all.into_iter().find(|stuck| incident_id(&stuck.row) == incident) else { return Ok(false) };
        Ok(self.store.put_stuck_timer(&StuckTimer { attempts: 0, again_us: 0, ..stuck }).await?)
    }
}
