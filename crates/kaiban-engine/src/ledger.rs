//! Time, cut into intervals that say who had the ball. A ledger holds wall-clock instants only; working time is always
//! derived from it with a calendar, so that a later calendar version can be applied to the past of an open case.
//!
//! INVARIANT: intervals are in order, none is empty, each begins where the one before ends, and only the last may be
//! open. So their sum is the wall time, to the microsecond.

use serde::{Deserialize, Serialize};

/// Who has the ball.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ball {
    /// An agency: its queue, its hands, its deferrals and failures.
    Agency,
    /// The system: an incident that only the system's keepers can solve.
    System,
    /// The applicant.
    Applicant,
    /// Nobody: only steps that do not count are under way.
    Nobody,
}

/// Why an interval is what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Received, not yet accepted: not counted, shown beside the clock.
    Intake,
    /// Counted work is under way.
    Working,
    /// An incident holds up counted work: counted.
    Incident,
    /// A correction was asked for and the applicant has still to be told: counted.
    Telling,
    /// The system waits for time to pass or for a started case: counted where the step is.
    Waiting,
    /// Held up for a reason of the pause table: not counted.
    Paused,
    /// Every open counted step waits for the applicant's correction: not counted.
    Correction,
    /// Counted steps are still to come, but only uncounted ones are under way: not counted.
    Uncounted,
    /// All counted steps have ended: not counted.
    Stopped,
}

/// A stretch of time in which the same parties had the ball for the same reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interval {
    /// Beginning, inclusive.
    pub from_us: i64,
    /// End, exclusive; none while it lasts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_us: Option<i64>,
    /// Who has the ball, as a class.
    pub ball: Ball,
    /// The offices that hold an open counted step, or whoever else it waits for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parties: Vec<String>,
    /// Why.
    pub reason: Reason,
    /// Whether the promise clock runs.
    pub counts: bool,
}

/// The intervals of one case or one step.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Ledger(pub Vec<Interval>);

/// What a moment is like; a ledger changes interval when this changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Situation {
    pub ball: Ball,
    pub parties: Vec<String>,
    pub reason: Reason,
    pub counts: bool,
}

impl Ledger {
    /// From `at_us` on, things are as `situation` says; none = the ledger ends.
    pub(crate) fn turn(&mut self, at_us: i64, situation: Option<Situation>) {
        if let Some(last) = self.0.last_mut().filter(|last| last.to_us.is_none()) {
            if situation.as_ref().is_some_and(|s| last.is_like(s)) {
                return;
            }
            if last.from_us == at_us {
                self.0.pop();
                // What came before may be what we come back to: then it goes on as if nothing had been.
                if let (Some(before), Some(next)) = (self.0.last_mut(), situation.as_ref())
                    && before.to_us == Some(at_us)
                    && before.is_like(next)
                {
                    before.to_us = None;
                    return;
                }
            } else {
                last.to_us = Some(at_us);
            }
        }
        if let Some(Situation { ball, parties, reason, counts }) = situation {
            self.0.push(Interval { from_us: at_us, to_us: None, ball, parties, reason, counts });
        }
    }

    /// Total length up to `now_us`, µs.
    pub fn wall_us(&self, now_us: i64) -> i64 {
        self.0.iter().map(|i| i.to_us.unwrap_or(now_us.max(i.from_us)) - i.from_us).sum()
    }

    /// The part from `from_us` on.
    pub(crate) fn since(&self, from_us: i64) -> Self {
        let later = self.0.iter().filter(|i| i.to_us.is_none_or(|to_us| to_us > from_us));
        Self(later.map(|i| Interval { from_us: i.from_us.max(from_us), ..i.clone() }).collect())
    }

    /// First instant, if there is one.
    pub fn from_us(&self) -> Option<i64> {
        self.0.first().map(|i| i.from_us)
    }

    /// Whether the last interval still lasts, and counts.
    pub fn is_running(&self) -> bool {
        self.0.last().is_some_and(|i| i.to_us.is_none() && i.counts)
    }
}

impl Interval {
    fn is_like(&self, situation: &Situation) -> bool {
        self.ball == situation.ball
            && self.reason == situation.reason
            && self.counts == situation.counts
            && self.parties == situation.parties
    }
}
