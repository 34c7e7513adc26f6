//! Hands a step or branch to whoever does it: an office, or the system.

use kaiban_calendar::{Calendar, Horizon};
use kaiban_definition::{Overdue, Step, Work};

use crate::case::StepState;
use crate::clock;
use crate::event::Event;
use crate::outlook::{Halt, Outlook};
use crate::progress::statutory_us;
use crate::rejection::Rejection;

impl<'a> Outlook<'a> {
    /// Hands over a step whose guards were evaluated.
    pub fn offer(&mut self, step: &'a Step, branch: &str, deadline_us: Option<i64>) -> Result<(), Halt> {
        match &step.work {
            Work::Office { .. } => Ok(self.offer_to_office(step, branch, deadline_us)?),
            Work::Reserve { register, at, taken, .. } => self.reserve(branch, register, at, taken),
            Work::Draw { pool, stratum, .. } => self.await_draw(step, branch, pool, stratum.as_deref()),
            Work::Prove(certificate) => self.prove(step, certificate),
            Work::Wait { time } => {
                let until_us = statutory_us(*time, self.calendar()?, self.cx.now_us).map_err(Rejection::from)?;
                Ok(self.wait(step, branch, Some(until_us), None)?)
            }
            Work::Start { workflow, .. } => Ok(self.wait(step, branch, None, Some(workflow))?),
        }
    }

    fn wait(
        &mut self,
        step: &Step,
        branch: &str,
        until_us: Option<i64>,
        starts: Option<&str>,
    ) -> Result<(), Rejection> {
        let event = Event::WaitStarted {
            step: branch.to_owned(),
            calendar: self.calendar()?.id().to_owned(),
            counted: step.counts,
            until_us,
            starts: starts.map(str::to_owned),
        };
        self.turn(branch, StepState::Waiting, event);
        Ok(())
    }

    /// Offers a step to its office.
    pub fn offer_to_office(&mut self, step: &Step, branch: &str, deadline_us: Option<i64>) -> Result<(), Rejection> {
        let office = self.office(step)?;
        let run = self.run(branch);
        let budget_us = match (&step.within, run.filter(|run| run.offers > 0)) {
            (None, _) => None,
            // What was promised with the first offer stays promised.
            (Some(_), Some(run)) => run.budget_us,
            (Some(within), None) => Some(within.promise_us(self.calendar_of(&office.calendar)?, self.cx.now_us)),
        };
        let overdue = match step.on_overdue.as_slice() {
            [] => Vec::new(),
            list => self.overdue(list, branch, self.calendar_of(&office.calendar)?)?,
        };
        let event = Event::StepOffered {
            step: branch.to_owned(),
            office: office.id.clone(),
            calendar: office.calendar.clone(),
            counted: step.counts,
            budget_us,
            deadline_us,
            offer: run.map_or(0, |run| run.offers) + 1,
            overdue,
        };
        self.turn(branch, StepState::Offered, event);
        Ok(())
    }

    /// When a step will have taken as long as its package lists in this round, if its clock runs on from now; what was
    /// given in the round is not given again. Time in which its clock stood still is left out.
    pub fn overdue(&self, list: &[Overdue], branch: &str, calendar: &Calendar) -> Result<Vec<(u32, i64)>, Rejection> {
        let reached = self.run(branch).map(|run| run.reached.as_slice()).unwrap_or_default();
        self.overdue_but(reached, list, branch, calendar)
    }

    /// The same, without those of the list that were given.
    pub fn overdue_but(
        &self,
        reached: &[u32],
        list: &[Overdue],
        branch: &str,
        calendar: &Calendar,
    ) -> Result<Vec<(u32, i64)>, Rejection> {
        let now_us = self.cx.now_us;
        let run = self.run(branch);
        let first_us = run.and_then(|run| run.round_from_us).unwrap_or(now_us);
        let ledger = run.map(|run| run.ledger.since(first_us)).unwrap_or_default();
        let mut instants = Vec::with_capacity(list.len());
        for (index, Overdue { after, .. }) in (0..).zip(list) {
            if reached.contains(&index) {
                continue;
            }
            let whole_us = after.promise_us(calendar, first_us);
            let at_us = if after.is_working() {
                let used_us = clock::working_us(&ledger, calendar, now_us)?;
                calendar.add_us(now_us, (whole_us - used_us).max(0), Horizon::Provisional)?.at_us
            } else {
                let used_us = clock::counted_us(&ledger, now_us);
                now_us.saturating_add((whole_us - used_us).max(0))
            };
            instants.push((index, at_us));
        }
        instants.sort_by_key(|(index, at_us)| (*at_us, *index));
        Ok(instants)
    }
}
