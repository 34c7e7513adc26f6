//! What a case says about work to be done: its open tasks and its running deadlines, as a pure projection of its state.
//! The store keeps them as rows so that queues and timers can be asked for; `verify` compares the two.

use kaiban_calendar::Calendars;
use serde::{Deserialize, Serialize};

use crate::case::{Case, StepState};

/// Which deadline of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimerKind {
    /// A deferral ends.
    Deferred,
    /// A back-off after a failed attempt ends.
    Retry,
    /// An intake that nobody answered counts as accepted.
    Deemed,
    /// A wait is over.
    Wait,
    /// A step has taken as long as its package lists.
    Overdue,
    /// The applicant is reminded of a correction.
    Reminder,
    /// A promise clock, of the case or of one of its steps, reaches its next mark. One row for the case, without a step.
    Mark,
    /// An office is reminded of the reason that it owes for a delay.
    Reason,
}

impl TimerKind {
    /// Name in rows.
    pub fn name(self) -> &'static str {
        match self {
            Self::Deferred => "deferred",
            Self::Retry => "retry",
            Self::Deemed => "deemed",
            Self::Wait => "wait",
            Self::Overdue => "overdue",
            Self::Reminder => "reminder",
            Self::Mark => "mark",
            Self::Reason => "reason",
        }
    }

    /// The kind of that name.
    pub fn parse(name: &str) -> Option<Self> {
        use TimerKind::{Deemed, Deferred, Mark, Overdue, Reason, Reminder, Retry, Wait};
        let mut kinds = [Deferred, Retry, Deemed, Wait, Overdue, Reminder, Mark, Reason].into_iter();
        kinds.find(|kind| kind.name() == name)
    }
}

/// Which clock a deadline is measured on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimerClock {
    /// Stamps events; may be simulated.
    Business,
    /// Real time; never accelerated.
    Operating,
}

/// A running deadline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timer {
    /// The step.
    pub step: String,
    /// Which deadline.
    pub kind: TimerKind,
    /// When, µs.
    pub due_us: i64,
    /// On which clock.
    pub clock: TimerClock,
}

/// How a task's queue sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskPhase {
    /// Offered: may be taken, or is in somebody's hands.
    Open,
    /// Put off: nobody may take it, its holder may still finish it.
    Deferred,
    /// Backing off after a failure.
    Retrying,
}

/// A task that an office has or will have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenTask {
    /// `<case>/<step>/<offer>`.
    pub id: String,
    /// The step.
    pub step: String,
    /// The office.
    pub office: String,
    /// How its queue sees it.
    pub phase: TaskPhase,
    /// When the step was last offered.
    pub offered_at_us: i64,
}

/// Id of a step's task: says which case, step and offer, so that an address needs no look-up.
pub fn task_id(case: &str, step: &str, offer: u32) -> String {
    format!("{case}/{step}/{offer}")
}

/// Case, step and offer of a task id.
pub fn task_address(id: &str) -> Option<(&str, &str, u32)> {
    let (rest, offer) = id.rsplit_once('/')?;
    let (case, step) = rest.split_once('/')?;
    Some((case, step, offer.parse().ok()?))
}

impl Case {
    /// The tasks that offices have or will have.
    pub fn open_tasks(&self) -> Vec<OpenTask> {
        self.steps
            .iter()
            .filter_map(|(step, run)| {
                let phase = match run.state {
                    StepState::Offered | StepState::Claimed => TaskPhase::Open,
                    StepState::Deferred => TaskPhase::Deferred,
                    StepState::Retrying => TaskPhase::Retrying,
                    _ => return None,
                };
                Some(OpenTask {
                    id: task_id(&self.id, step, run.offers),
                    step: step.clone(),
                    office: run.office.clone(),
                    phase,
                    offered_at_us: run.task_offered_at_us.unwrap_or(self.received_at_us),
                })
            })
            .collect()
    }

    /// All deadlines that run: the dates that the case holds, and the next mark of its promise clocks, which follows from
    /// ledgers and calendars.
    pub fn deadlines(&self, calendars: &Calendars) -> Vec<Timer> {
        let mut timers = self.timers();
        timers.extend(self.next_mark_us(calendars).map(|due_us| Timer {
            step: String::new(),
            kind: TimerKind::Mark,
            due_us,
            clock: TimerClock::Business,
        }));
        timers
    }

    /// The dates that the case holds.
    pub fn timers(&self) -> Vec<Timer> {
        let mut timers = Vec::new();
        for (step, run) in &self.steps {
            let due_us = run.delay.as_ref().and_then(|delay| delay.remind_at_us);
            let timer = |due_us| {
                let (step, kind) = (step.clone(), TimerKind::Reason);
                Timer { step, kind, due_us, clock: TimerClock::Business }
            };
            timers.extend(due_us.map(timer));
        }
        for (step, run) in self.steps.iter().filter(|(_, run)| run.state.is_open()) {
            let mut add = |kind, due_us: Option<i64>, clock| {
                timers.extend(due_us.map(|due_us| Timer { step: step.clone(), kind, due_us, clock }));
            };
            add(TimerKind::Deemed, run.deadline_us.filter(|_| run.awaits_intake()), TimerClock::Business);
            match run.state {
                StepState::Deferred => add(TimerKind::Deferred, run.again_at_us, TimerClock::Business),
                StepState::Retrying => add(TimerKind::Retry, run.again_at_us, TimerClock::Operating),
                StepState::Waiting => add(TimerKind::Wait, run.again_at_us, TimerClock::Business),
                _ => {}
            }
            let first = run.overdue.iter().map(|(_, at_us)| *at_us).min();
            add(TimerKind::Overdue, first.filter(|_| run.state.has_task()), TimerClock::Business);
            let reminder = self.open_correction(step).and_then(|correction| correction.remind_at_us);
            add(TimerKind::Reminder, reminder, TimerClock::Business);
        }
        timers
    }
}
