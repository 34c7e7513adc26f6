//! A step that ended later than promised. The applicant's result never waits for anything here: the step ends as it
//! ends, and its office owes the public a reason afterwards (优化营商环境条例 §36).

use kaiban_calendar::{Horizon, instant_at, local_date};

use crate::case::{StepRun, StepState};
use crate::event::{Event, Used};
use crate::marks::BREACH;
use crate::outlook::Outlook;
use crate::rejection::Rejection;

impl Outlook<'_> {
    /// A step ends. Where that is later than promised, the breach is in the journal before it and the debt after it.
    pub fn end(&mut self, branch: &str, state: StepState, event: Event) -> Result<(), Rejection> {
        let late = self.run(branch).map(|run| self.breach(run)).transpose()?.flatten();
        let Some(used) = late else {
            self.turn(branch, state, event);
            return Ok(());
        };
        let run = self.run(branch);
        if run.is_some_and(|run| run.mark < BREACH) {
            self.events.push(Event::MarkReached { step: Some(branch.to_owned()), percent: BREACH, used });
        }
        self.turn(branch, state, event);
        if run.is_some_and(|run| run.delay.is_none()) {
            let remind_at_us = self.next_working_day_us(run)?;
            self.events.push(Event::ReasonOwed { step: branch.to_owned(), remind_at_us: Some(remind_at_us) });
        }
        Ok(())
    }

    /// Working time of a step that has used more than was promised; none where the calendar is not sure of it.
    fn breach(&self, run: &StepRun) -> Result<Option<Used>, Rejection> {
        if run.budget_us.is_none() || run.calendar.is_empty() {
            return Ok(None);
        }
        Ok(Some(self.used(run)?).filter(|used| used.breached_at_us.is_some()))
    }

    /// When the office of a step opens on its next working day.
    pub fn next_working_day_us(&self, run: Option<&StepRun>) -> Result<i64, Rejection> {
        let calendar = match run.filter(|run| !run.calendar.is_empty()) {
            Some(run) => self.calendar_of(&run.calendar)?,
            None => self.calendar()?,
        };
        let day_end = calendar.statutory_due_us(self.cx.now_us, 1, Horizon::Provisional)?;
        let morning_us = instant_at(local_date(day_end.at_us), Default::default());
        Ok(calendar.next_open_us(morning_us, Horizon::Provisional)?)
    }
}
