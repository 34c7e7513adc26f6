//! What follows by itself: acceptance, steps that become due, skipped branches, the stop of the promise clock, the end.
//! Every command calls this once, after its own events.

use kaiban_calendar::{Budget, Calendar, CalendarError, local_date};
use kaiban_definition::{AnyOf, INTAKE, Intake, Need, Step};

use crate::case::{Phase, StepState};
use crate::event::{Because, Event};
use crate::outlook::{Halt, Outlook};
use crate::rejection::Rejection;
use crate::statutory;

/// How a first-of-several stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Choice {
    Open,
    Made,
    /// All ended, none completed.
    Failed,
}

impl<'a> Outlook<'a> {
    /// Accepts the case as of `from_us` and fixes what is promised. A promise that cannot be decided does not keep the
    /// case from being accepted: it goes on without one until a person has looked at it.
    pub fn accept(&mut self, from_us: i64) -> Result<(), Rejection> {
        let form = self.form_value().ok_or(Rejection::DocumentMissing)?;
        let nothing = std::collections::BTreeMap::new();
        let promise = self.def.promise_at(local_date(from_us), &self.scope(&form, &nothing, None));
        let undecided = promise.is_err();
        let budget_us = match promise.ok().flatten() {
            None => None,
            Some(promise) => Some(promise.within.promise_us(self.calendar()?, from_us)),
        };
        self.events.push(Event::Accepted { from_us, budget_us });
        if undecided {
            self.events.push(Event::PromiseUndecided);
        }
        self.phase = Phase::Open;
        Ok(())
    }

    /// Opens whatever can begin now, stops the promise clock after the last counted step, ends the case after the last
    /// step. Steps stand in topological order, so one pass sees every consequence but one: a first-of-several that takes
    /// the others back lets steps begin that stand before it.
    ///
    /// INVARIANT: a pass that asks for another has taken back at least one step for good, and no pass opens a step that
    /// has ended; so the passes come to an end.
    pub fn progress(&mut self) -> Result<(), Rejection> {
        if self.phase != Phase::Open {
            return Ok(());
        }
        self.pass()?;
        if std::mem::take(&mut self.again) {
            return self.settled(|next| next.progress());
        }
        let def = self.def;
        // What was taken back leaves nothing to be begun, only to be undone.
        let revoked = self.case.revocation.is_some();
        let over = |step: &Step| {
            let state = self.state(&step.name);
            state.is_terminal() || ((revoked || !step.is_regular()) && state == StepState::Pending)
        };
        let counted_over = def.steps.values().all(|step| !step.counts || over(step));
        let all_over = counted_over && def.steps.values().all(|step| over(step));
        if counted_over {
            self.stop_promise()?;
        }
        if all_over {
            self.close(if revoked { "revoked" } else { &def.closes }, None)?;
        }
        Ok(())
    }

    fn pass(&mut self) -> Result<(), Rejection> {
        let def = self.def;
        for name in &def.order {
            let Some(step) = def.steps.get(name) else { continue };
            let taken = match self.state(name) {
                StepState::Pending if step.is_regular() && self.case.revocation.is_none() => self.consider(step),
                StepState::Branched => self.go_on(step, self.branches(name)),
                _ => continue,
            };
            self.or_incident(step, name, taken)?;
        }
        Ok(())
    }

    /// A guard that cannot be evaluated needs a person; it is never taken for false.
    pub fn or_incident(&mut self, step: &Step, branch: &str, taken: Result<(), Halt>) -> Result<(), Rejection> {
        match taken {
            Ok(()) => Ok(()),
            Err(Halt::Rejected(rejection)) => Err(rejection),
            Err(Halt::Undecidable) => {
                let (step, counted) = (branch.to_owned(), step.counts);
                let event = Event::IncidentOpened { step, code: "GUARD_FAILED".into(), counted, epoch: 0 };
                self.turn(branch, StepState::Incident, event);
                Ok(())
            }
        }
    }

    /// One pending step: settles its choice, resolves its conditional needs once, asks whether it was requested, divides
    /// it into branches or begins it.
    fn consider(&mut self, step: &'a Step) -> Result<(), Halt> {
        let choice = step.needs_any.as_ref().map_or(Choice::Made, |any| self.choice(any));
        if choice == Choice::Made {
            self.take_others_back(step)?;
        }
        if choice == Choice::Open || !self.needs_are_satisfied(step)? {
            return Ok(());
        }
        let name = &step.name;
        if choice == Choice::Failed {
            self.turn(name, StepState::Skipped, Event::StepSkipped { step: name.clone() });
            return Ok(());
        }
        if let Some(guard) = step.requested.as_ref().filter(|_| !self.has_begun(name)) {
            let asked_for = self.run(name).is_some_and(|run| run.requested);
            if !asked_for && !self.holds(guard, step, name)? {
                self.turn(name, StepState::NotRequested, Event::StepNotRequested { step: name.clone() });
                return Ok(());
            }
        }
        match &step.for_each {
            Some(each) => self.divide(step, each),
            None => self.begin(step, name),
        }
    }

    fn choice(&self, any: &AnyOf) -> Choice {
        let mut open = false;
        for step in &any.steps {
            match self.state(step) {
                StepState::Completed => return Choice::Made,
                state => open |= !state.is_terminal(),
            }
        }
        if open { Choice::Open } else { Choice::Failed }
    }

    fn take_others_back(&mut self, step: &Step) -> Result<(), Rejection> {
        let Some(any) = step.needs_any.as_ref().filter(|any| any.cancels_others) else { return Ok(()) };
        for other in &any.steps {
            if !self.state(other).is_terminal() {
                self.withdraw_step(other, Because::Others, None, 0)?;
                self.again = true;
            }
        }
        Ok(())
    }

    fn needs_are_satisfied(&mut self, step: &'a Step) -> Result<bool, Halt> {
        let done = |outlook: &Self, need: &Need| outlook.state(&need.step).satisfies();
        if !step.needs.iter().filter(|need| need.when.is_none()).all(|need| done(self, need)) {
            return Ok(false);
        }
        if step.needs.iter().all(|need| need.when.is_none()) {
            return Ok(true);
        }
        let waived = match self.run(&step.name).and_then(|run| run.waived.as_ref()) {
            Some(waived) => waived.clone(),
            None => {
                let mut waived = Vec::new();
                for need in &step.needs {
                    let Some(guard) = &need.when else { continue };
                    if !self.holds(guard, step, &step.name)? {
                        waived.push(need.step.clone());
                    }
                }
                self.events.push(Event::NeedsResolved { step: step.name.clone(), waived: waived.clone() });
                waived
            }
        };
        let mut conditional = step.needs.iter().filter(|need| need.when.is_some() && !waived.contains(&need.step));
        Ok(conditional.all(|need| done(self, need)))
    }

    /// A step or branch whose turn has come: evaluates its guard once in a round, lets its rules decide once, and hands it
    /// to whoever does it.
    pub fn begin(&mut self, step: &'a Step, branch: &str) -> Result<(), Halt> {
        if !self.has_begun(branch) {
            if let Some(guard) = &step.when
                && !self.holds(guard, step, branch)?
            {
                self.turn(branch, StepState::Skipped, Event::StepSkipped { step: branch.to_owned() });
                return Ok(());
            }
            // What is being corrected is for a person to wait for, not for a rule to decide on.
            let settled = step.decide.is_empty() || self.under_correction(step, branch).is_empty();
            for (index, rule) in (0..).zip(&step.decide).filter(|_| settled) {
                if self.holds(&rule.when, step, branch)? {
                    return Ok(self.finish(branch, &rule.outcome, Some(index))?);
                }
            }
        }
        self.offer(step, branch, None)
    }

    /// The system ends a step, in the applicant's favour and without a result.
    pub fn finish(&mut self, branch: &str, outcome: &str, rule: Option<u32>) -> Result<(), Rejection> {
        self.complete(branch, outcome, rule, None)
    }

    /// The system has done a step, with the result of this digest.
    pub fn done_with(&mut self, branch: &str, result: &str) -> Result<(), Rejection> {
        self.complete(branch, "done", None, Some(result.to_owned()))
    }

    fn complete(
        &mut self,
        branch: &str,
        outcome: &str,
        rule: Option<u32>,
        result: Option<String>,
    ) -> Result<(), Rejection> {
        let event = Event::StepCompleted {
            step: branch.to_owned(),
            outcome: outcome.to_owned(),
            result,
            reason: None,
            epoch: self.run(branch).map_or(0, |run| run.epoch),
            officer: None,
            rule,
            used: self.used_by(branch)?,
        };
        self.end(branch, StepState::Completed, event)
    }

    /// After receipt: an intake task where the package asks for one, otherwise acceptance at once. A guard that cannot
    /// be evaluated sends the case to a person.
    pub fn receive(&mut self) -> Result<(), Rejection> {
        let Some(intake) = &self.def.intake else { return self.accept(self.cx.now_us) };
        let look = intake.when.as_ref().is_none_or(|guard| self.holds(guard, &intake.step, INTAKE).unwrap_or(true));
        if !look {
            return self.accept(self.cx.now_us);
        }
        self.take_in(intake)
    }

    /// Offers the intake: the office has so long from now, with the form as it stands, to accept, to decline, or to ask
    /// once for everything that is missing (行政许可法 §32).
    pub fn take_in(&mut self, intake: &Intake) -> Result<(), Rejection> {
        let calendar = self.calendar_of(&self.office(&intake.step)?.calendar)?;
        let deadline_us = statutory_us(intake.deemed_within, calendar, self.cx.now_us)?;
        debug_assert_eq!(intake.step.name, INTAKE);
        self.offer_to_office(&intake.step, INTAKE, Some(deadline_us))
    }
}

/// The legal reading of a period: working days end at the close of business of the last one, the first day not counted;
/// hours begin at once (民法典 §200-203).
pub(crate) fn statutory_us(within: Budget, calendar: &Calendar, from_us: i64) -> Result<i64, CalendarError> {
    Ok(statutory::end(within, calendar, from_us)?.at_us)
}
