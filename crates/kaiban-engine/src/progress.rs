//! What follows by itself: acceptance, steps that become due, skipped branches, the stop of the promise clock, the end.
//! Every command calls this once, after its own events.

use kaiban_calendar::{Budget, Calendar, CalendarError, Horizon, local_date};
use kaiban_definition::{INTAKE, Need, Step};

use crate::case::{Phase, StepState};
use crate::event::Event;
use crate::outlook::{Outlook, Undecidable};
use crate::rejection::Rejection;

impl<'a> Outlook<'a> {
    /// Accepts the case as of `from_us` and fixes what is promised.
    pub fn accept(&mut self, from_us: i64) -> Result<(), Rejection> {
        let form = self.form_value().ok_or(Rejection::DocumentMissing)?;
        let results = self.results();
        let promise = self
            .def
            .promise_at(local_date(from_us), &self.scope(&form, &results))
            .map_err(|_| Rejection::PromiseUndecidable)?;
        let budget_us = match promise {
            None => None,
            Some(promise) => {
                let missing = || Rejection::DirectoryMismatch { what: self.division.to_owned() };
                let division = self.cx.directory.division(self.division).ok_or_else(missing)?;
                let calendar = self.cx.calendars.get(&division.calendar).ok_or_else(missing)?;
                Some(promise.within.promise_us(calendar, from_us))
            }
        };
        self.events.push(Event::Accepted { from_us, budget_us });
        self.phase = Phase::Open;
        Ok(())
    }

    /// Offers a step to its office.
    pub fn offer(&mut self, step: &'a Step, deadline_us: Option<i64>) -> Result<(), Rejection> {
        let office = self.office(step)?;
        let earlier = self.run(&step.name).filter(|run| run.offers > 0);
        let budget_us = match (&step.within, earlier) {
            (None, _) => None,
            // What was promised with the first offer stays promised.
            (Some(_), Some(run)) => run.budget_us,
            (Some(within), None) => {
                let missing = || Rejection::DirectoryMismatch { what: office.calendar.clone() };
                let calendar = self.cx.calendars.get(&office.calendar).ok_or_else(missing)?;
                Some(within.promise_us(calendar, self.cx.now_us))
            }
        };
        let offer = self.run(&step.name).map_or(0, |run| run.offers) + 1;
        let event = Event::StepOffered {
            step: step.name.clone(),
            office: office.id.clone(),
            calendar: office.calendar.clone(),
            counted: step.counts,
            budget_us,
            deadline_us,
            offer,
        };
        self.turn(&step.name, StepState::Offered, event);
        Ok(())
    }

    /// Opens whatever can begin now, stops the promise clock after the last counted step, ends the case after the last
    /// step. Steps stand in topological order, so one pass sees every consequence.
    pub fn progress(&mut self) -> Result<(), Rejection> {
        if self.phase != Phase::Open {
            return Ok(());
        }
        let def = self.def;
        for name in &def.order {
            let Some(step) = def.steps.get(name).filter(|_| self.state(name) == StepState::Pending) else { continue };
            if let Err(Undecidable) = self.consider(step)? {
                let event = Event::IncidentOpened {
                    step: name.clone(),
                    code: "GUARD_FAILED".into(),
                    counted: step.counts,
                    epoch: 0,
                };
                self.turn(name, StepState::Incident, event);
            }
        }
        let over = |counted_only: bool| {
            def.steps.values().all(|s| (counted_only && !s.counts) || self.state(&s.name).is_terminal())
        };
        let (counted_over, all_over) = (over(true), over(false));
        if counted_over {
            self.stop_promise()?;
        }
        if all_over {
            self.close(&def.closes)?;
        }
        Ok(())
    }

    /// One pending step: resolves its conditional needs once, evaluates its guard once, offers or skips it.
    fn consider(&mut self, step: &'a Step) -> Result<Result<(), Undecidable>, Rejection> {
        let done = |outlook: &Self, need: &Need| outlook.state(&need.step).satisfies();
        if !step.needs.iter().filter(|need| need.when.is_none()).all(|need| done(self, need)) {
            return Ok(Ok(()));
        }
        let run = self.run(&step.name);
        let waived = match run.and_then(|run| run.waived.clone()) {
            Some(waived) => waived,
            None => {
                let mut waived = Vec::new();
                for need in &step.needs {
                    let Some(guard) = &need.when else { continue };
                    match self.holds(guard) {
                        Ok(true) => {}
                        Ok(false) => waived.push(need.step.clone()),
                        Err(undecidable) => return Ok(Err(undecidable)),
                    }
                }
                if step.needs.iter().any(|need| need.when.is_some()) {
                    self.events.push(Event::NeedsResolved { step: step.name.clone(), waived: waived.clone() });
                }
                waived
            }
        };
        let conditional = step.needs.iter().filter(|need| need.when.is_some() && !waived.contains(&need.step));
        if !conditional.into_iter().all(|need| done(self, need)) {
            return Ok(Ok(()));
        }
        let offered_before = run.is_some_and(|run| run.offers > 0);
        if let Some(guard) = step.when.as_ref().filter(|_| !offered_before) {
            match self.holds(guard) {
                Ok(true) => {}
                Ok(false) => {
                    let event = Event::StepSkipped { step: step.name.clone() };
                    self.turn(&step.name, StepState::Skipped, event);
                    return Ok(Ok(()));
                }
                Err(undecidable) => return Ok(Err(undecidable)),
            }
        }
        self.offer(step, None).map(Ok)
    }

    /// After receipt: an intake task where the package asks for one, otherwise acceptance at once. A guard that cannot
    /// be evaluated sends the case to a person.
    pub fn receive(&mut self) -> Result<(), Rejection> {
        let Some(intake) = &self.def.intake else { return self.accept(self.cx.now_us) };
        let look = intake.when.as_ref().is_none_or(|guard| self.holds(guard).unwrap_or(true));
        if !look {
            return self.accept(self.cx.now_us);
        }
        let office = self.office(&intake.step)?;
        let unknown = || Rejection::DirectoryMismatch { what: office.calendar.clone() };
        let calendar = self.cx.calendars.get(&office.calendar).ok_or_else(unknown)?;
        let deadline_us = statutory_us(intake.deemed_within, calendar, self.cx.now_us)
            .map_err(|error| Rejection::DirectoryMismatch { what: error.to_string() })?;
        debug_assert_eq!(intake.step.name, INTAKE);
        self.offer(&intake.step, Some(deadline_us))
    }
}

/// The legal reading of a period: working days end at the close of business of the last one, the first day not counted;
/// hours begin at once (民法典 §200-203).
fn statutory_us(within: Budget, calendar: &Calendar, from_us: i64) -> Result<i64, CalendarError> {
    match within {
        Budget::WorkingDays(days) => Ok(calendar.statutory_due_us(from_us, days, Horizon::Provisional)?.at_us),
        Budget::WorkingTime { us } => Ok(calendar.add_us(from_us, us, Horizon::Provisional)?.at_us),
        Budget::Wall { us } => Ok(from_us.saturating_add(us)),
    }
}
