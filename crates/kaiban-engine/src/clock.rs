//! The promise clock of a case or a step, derived from its ledger and a calendar.

use kaiban_calendar::{Calendar, CalendarError, Calendars, Due, Horizon};

use crate::case::{Case, Phase, StepRun};
use crate::event::Used;
use crate::ledger::Ledger;

/// State of a promise clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockState {
    /// Nothing counted has begun.
    NotStarted,
    /// An agency or the system has the ball.
    Running,
    /// Nobody's working time is being used.
    Paused,
    /// Stopped for good.
    Stopped,
}

impl ClockState {
    /// Name in answers.
    pub fn name(self) -> &'static str {
        match self {
            Self::NotStarted => "not_started",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Stopped => "stopped",
        }
    }
}

/// Working time against a promise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PromiseClock {
    /// State.
    pub state: ClockState,
    /// Working time promised, µs; none = nothing was promised, the clock only measures.
    pub budget_us: Option<i64>,
    /// Working time used, µs.
    pub elapsed_us: i64,
    /// When the budget will be used up if the clock keeps running.
    pub due_us: Option<i64>,
    /// When the budget was used up; never set by a provisional calendar.
    pub breached_at_us: Option<i64>,
    /// The calendar.
    pub calendar: String,
    /// The version that it was measured with; of a stopped clock the one that its report was made with.
    pub version: String,
    /// Highest mark that was given, percent: one of [`crate::MARKS`]; 0 = none.
    pub warned: u8,
    /// Computed past the last published holiday arrangement.
    pub provisional: bool,
}

impl PromiseClock {
    /// Budget minus what was used, µs; negative when over.
    pub fn remaining_us(&self) -> Option<i64> {
        self.budget_us.map(|budget| budget - self.elapsed_us)
    }

    /// Inside the budget, or without one.
    pub fn within(&self) -> bool {
        self.budget_us.is_none_or(|budget| self.elapsed_us <= budget)
    }

    fn measure(
        ledger: &Ledger,
        calendar: &Calendar,
        (budget_us, warned): (Option<i64>, u8),
        reported: Option<&Used>,
        (started, ended): (bool, bool),
        now_us: i64,
    ) -> Result<Self, CalendarError> {
        let walked = walk(ledger, calendar, budget_us, now_us)?;
        let Walked { working_us: elapsed_us, used_up, provisional } = walked;
        let state = match (ended, started, ledger.is_running()) {
            (true, ..) => ClockState::Stopped,
            (false, false, _) => ClockState::NotStarted,
            (false, true, true) => ClockState::Running,
            (false, true, false) => ClockState::Paused,
        };
        // A budget that is just used up was due when that happened, however late somebody looks.
        let due = match (state, budget_us) {
            (ClockState::Running, Some(budget)) if used_up.is_none() => {
                Some(calendar.add_us(now_us, budget - elapsed_us, Horizon::Provisional)?)
            }
            (ClockState::Running, _) => used_up,
            _ => None,
        };
        // What was reported stays, whatever is published afterwards.
        let elapsed_us = reported.map_or(elapsed_us, |used| used.working_us);
        let derived = walked.breached_at_us(budget_us).filter(|_| budget_us.is_some_and(|budget| elapsed_us > budget));
        let breached_at_us = reported.and_then(|used| used.breached_at_us).or(derived);
        let provisional = provisional || due.is_some_and(|due| due.provisional);
        Ok(Self {
            state,
            budget_us,
            elapsed_us,
            due_us: due.map(|due| due.at_us),
            breached_at_us,
            calendar: calendar.id().to_owned(),
            version: reported.map_or_else(|| calendar.version().to_owned(), |used| used.calendar.clone()),
            warned,
            provisional,
        })
    }
}

impl Case {
    /// The case's promise clock at `now_us`, on the registering division's calendar.
    ///
    /// # Errors
    /// The calendar is unknown, or an instant lies outside what calendars can compute with.
    pub fn promise_clock(&self, calendars: &Calendars, now_us: i64) -> Result<PromiseClock, CalendarError> {
        let calendar = find(calendars, &self.calendar)?;
        let stage = (self.promise_started(), self.used.is_some() || self.phase == Phase::Closed);
        PromiseClock::measure(&self.ledger, calendar, (self.budget_us, self.mark), self.used.as_ref(), stage, now_us)
    }
}

impl StepRun {
    /// The step's promise clock at `now_us`, on its office's calendar; none for a step that was never offered.
    ///
    /// # Errors
    /// As for the case.
    pub fn promise_clock(&self, calendars: &Calendars, now_us: i64) -> Result<Option<PromiseClock>, CalendarError> {
        if self.calendar.is_empty() {
            return Ok(None);
        }
        let calendar = find(calendars, &self.calendar)?;
        let stage = (self.offers > 0, self.state.is_terminal());
        PromiseClock::measure(&self.ledger, calendar, (self.budget_us, self.mark), self.used.as_ref(), stage, now_us)
            .map(Some)
    }
}

fn find<'a>(calendars: &'a Calendars, id: &str) -> Result<&'a Calendar, CalendarError> {
    match calendars.get(id) {
        Some(calendar) => Ok(calendar),
        None => Err(CalendarError::UnknownCalendar { calendar: id.into() }),
    }
}

/// Working time of a ledger up to `now_us`, as it is reported when a clock stops.
pub(crate) fn used(
    ledger: &Ledger,
    calendars: &Calendars,
    calendar: &str,
    budget_us: Option<i64>,
    now_us: i64,
) -> Result<Used, CalendarError> {
    let calendar = find(calendars, calendar)?;
    let walked = walk(ledger, calendar, budget_us, now_us)?;
    let breached_at_us = walked.breached_at_us(budget_us);
    Ok(Used { working_us: walked.working_us, calendar: calendar.version().to_owned(), breached_at_us })
}

/// Working time of a ledger up to `now_us`, µs.
pub(crate) fn working_us(ledger: &Ledger, calendar: &Calendar, now_us: i64) -> Result<i64, CalendarError> {
    walk(ledger, calendar, None, now_us).map(|walked| walked.working_us)
}

/// What a ledger and a calendar say.
struct Walked {
    working_us: i64,
    /// When the budget was used up; more need not have been used.
    used_up: Option<Due>,
    provisional: bool,
}

impl Walked {
    /// When the budget was used up, if more was used; what a provisional calendar says breaks no promise.
    fn breached_at_us(&self, budget_us: Option<i64>) -> Option<i64> {
        let over = budget_us.is_some_and(|budget| self.working_us > budget);
        self.used_up.filter(|breach| over && !breach.provisional).map(|breach| breach.at_us)
    }
}

fn walk(ledger: &Ledger, calendar: &Calendar, budget_us: Option<i64>, now_us: i64) -> Result<Walked, CalendarError> {
    let mut walked = Walked { working_us: 0, used_up: None, provisional: false };
    for interval in ledger.0.iter().filter(|interval| interval.counts) {
        let to_us = interval.to_us.unwrap_or(now_us.max(interval.from_us));
        let worked = calendar.between_us(interval.from_us, to_us, Horizon::Provisional)?;
        if let Some(budget) = budget_us
            && walked.used_up.is_none()
            && walked.working_us + worked.us >= budget
        {
            let left_us = budget - walked.working_us;
            walked.used_up = Some(calendar.add_us(interval.from_us, left_us, Horizon::Provisional)?);
        }
        walked.working_us += worked.us;
        walked.provisional |= worked.provisional;
    }
    Ok(walked)
}

/// Time on the wall in which the clock ran, up to `now_us`, µs.
pub(crate) fn counted_us(ledger: &Ledger, now_us: i64) -> i64 {
    let counted = ledger.0.iter().filter(|interval| interval.counts);
    counted.map(|interval| interval.to_us.unwrap_or(now_us.max(interval.from_us)) - interval.from_us).sum()
}
