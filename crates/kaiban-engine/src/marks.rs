//! Marks of the promise clocks: half of the budget, four fifths, all of it. They are measured on the working clock, so a
//! pause moves them and nothing fires when it ends. What a provisional calendar says is no mark at all.

use kaiban_calendar::{Calendar, CalendarError, Calendars, Horizon};

use crate::case::{Case, StepRun};
use crate::clock;
use crate::ledger::Ledger;

/// Percent of a budget at which a promise clock is spoken of: an early word, a warning (yellow), and the breach (red).
pub const MARKS: [u8; 3] = [50, 80, BREACH];

/// The budget is used up, and more is being used.
pub const BREACH: u8 = 100;

/// A clock with a budget that runs.
struct Running<'c> {
    ledger: &'c Ledger,
    calendar: &'c str,
    budget_us: i64,
    given: u8,
}

/// Working time after which a mark is reached. A budget that is just used up is kept: the breach begins after it.
fn after_us(budget_us: i64, percent: u8) -> i64 {
    match percent {
        BREACH => budget_us.saturating_add(1),
        percent => i64::try_from(i128::from(budget_us) * i128::from(percent) / 100).unwrap_or(i64::MAX),
    }
}

/// The highest mark that so much working time has reached; 0 = none.
pub(crate) fn reached(budget_us: i64, working_us: i64) -> u8 {
    MARKS.into_iter().rev().find(|percent| working_us >= after_us(budget_us, *percent)).unwrap_or(0)
}

impl Running<'_> {
    /// When the next mark will be reached if the clock runs on.
    fn next_us(&self, calendars: &Calendars) -> Result<Option<i64>, CalendarError> {
        let Some(percent) = MARKS.into_iter().find(|percent| *percent > self.given) else { return Ok(None) };
        let calendar: &Calendar = calendars.find(self.calendar)?;
        let Some(last) = self.ledger.0.last() else { return Ok(None) };
        let before_us = clock::working_us(self.ledger, calendar, last.from_us)?;
        let left_us = (after_us(self.budget_us, percent) - before_us).max(0);
        let due = calendar.add_us(last.from_us, left_us, Horizon::Provisional)?;
        Ok((!due.provisional).then_some(due.at_us))
    }
}

impl StepRun {
    fn running(&self) -> Option<Running<'_>> {
        let budget_us = self.budget_us.filter(|_| self.ledger.is_running())?;
        Some(Running { ledger: &self.ledger, calendar: &self.calendar, budget_us, given: self.mark })
    }
}

impl Case {
    fn running(&self) -> Option<Running<'_>> {
        let budget_us = self.budget_us.filter(|_| self.ledger.is_running())?;
        Some(Running { ledger: &self.ledger, calendar: &self.calendar, budget_us, given: self.mark })
    }

    /// When the first of its promise clocks, its own or a step's, reaches its next mark; none while none runs. A calendar
    /// that cannot be computed with gives none.
    pub(crate) fn next_mark_us(&self, calendars: &Calendars) -> Option<i64> {
        let steps = self.steps.values().filter_map(StepRun::running);
        let due = steps.chain(self.running()).filter_map(|clock| clock.next_us(calendars).ok().flatten());
        due.min()
    }

    /// Marks that were reached and not given: the step, or none for the case, and the percent.
    pub(crate) fn marks_due(
        &self,
        calendars: &Calendars,
        now_us: i64,
    ) -> Result<Vec<(Option<String>, u8)>, CalendarError> {
        let mut due = Vec::new();
        let steps = self.steps.iter().filter_map(|(step, run)| Some((Some(step.clone()), run.running()?)));
        for (step, clock) in steps.chain(self.running().map(|clock| (None, clock))) {
            if clock.next_us(calendars)?.is_some_and(|next_us| next_us <= now_us) {
                let working_us = clock::working_us(clock.ledger, calendars.find(clock.calendar)?, now_us)?;
                due.push((step, reached(clock.budget_us, working_us)));
            }
        }
        Ok(due)
    }
}
