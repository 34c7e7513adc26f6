//! The end of a world: nobody makes mistakes any more, and every case must reach its end.

use kaiban_definition::Work;
use kaiban_engine::{Case, Phase, StepState, TimerClock};

use super::actors::{Attempt, Expect, applicant, desk, officer, outside, promise};
use super::{Defect, Running, World, scene};
use crate::draw::Lot;

/// Honest steps that a case may need to its end, on average over a world.
const HONEST_STEPS_MAX: usize = 600;

/// How often an officer tries to resolve what fails again on the same form.
const TRIES_MAX: u32 = 4;

/// What is to be done next for a case.
enum Next {
    Send(Box<Attempt>),
    /// Something outside.
    Errand,
    /// Another case has to end first.
    Blocked,
    Nothing,
}

fn send(attempt: Attempt) -> Next {
    Next::Send(Box::new(attempt))
}

impl World<'_> {
    /// Goes from case to case, each as far as it gets by itself.
    pub fn end_honestly(&mut self) -> Result<(), Defect> {
        let mut steps = 0;
        loop {
            let (mut moved, mut waits) = (false, None);
            let mut index = 0;
            while index < self.cases.len() {
                let blocked = loop {
                    if steps > HONEST_STEPS_MAX * self.cases.len() {
                        return Err(self.stuck(index, "honest actors cannot end it"));
                    }
                    match self.next_honest(index) {
                        Next::Send(attempt) => self.send(index, &attempt)?,
                        Next::Errand => {
                            let before = self.cases[index].1.errands.len();
                            self.run_errand(index)?;
                            // News that nobody takes yet: the others first.
                            if self.cases[index].1.errands.len() == before {
                                (moved, steps) = (true, steps + 1);
                                break true;
                            }
                        }
                        Next::Blocked => break true,
                        Next::Nothing => break false,
                    }
                    (moved, steps) = (true, steps + 1);
                };
                if self.cases[index].1.case.phase != Phase::Closed && !blocked {
                    return Err(self.stuck(index, "nobody has anything to do"));
                }
                waits = waits.or(blocked.then_some(index));
                index += 1;
            }
            match (waits, moved) {
                (None, _) => return Ok(()),
                (Some(index), false) => return Err(self.stuck(index, "cases wait for one another")),
                (Some(_), true) => {}
            }
        }
    }

    fn stuck(&self, index: usize, reason: &str) -> Defect {
        let (number, running) = &self.cases[index];
        let states: Vec<String> =
            running.case.steps.iter().map(|(step, run)| format!("{step} {}", run.state.name())).collect();
        let package = &self.packages[running.package];
        Defect::of((*number, running), package, format!("{reason}: {}", states.join(", ")))
    }

    fn next_honest(&mut self, index: usize) -> Next {
        let running = &mut self.cases[index].1;
        if !running.errands.is_empty() {
            return Next::Errand;
        }
        if running.case.phase == Phase::Closed {
            return Next::Nothing;
        }
        if let Some(step) = in_state(&running.case, StepState::Incident) {
            let code = running.case.steps[&step].incident.as_deref();
            running.resolved += u32::from(code != Some("RETRIES_EXHAUSTED"));
            if running.resolved > TRIES_MAX {
                self.run.report.stuck += 1;
                return send(officer::end(scene(&self.packages, &self.shell, &self.cases[index].1)));
            }
            return send(officer::retry(&step));
        }
        let running = &self.cases[index].1;
        if running.case.promise_undecided {
            return send(officer::retry(""));
        }
        let here = scene(&self.packages, &self.shell, running);
        let lot = &mut self.run.lot;
        let case = &running.case;
        if let Some(asked) = case.corrections.iter().find(|asked| asked.is_open()) {
            let promised = if lot.chance(0.5) { promise::honest(here, &asked.step, lot) } else { None };
            if let Some(attempt) = promised {
                return send(attempt);
            }
            return match applicant::answer(here, &asked.id, lot) {
                Some(attempt) => send(attempt),
                None => Next::Nothing,
            };
        }
        if let Some(step) = in_state(case, StepState::Paused) {
            return send(officer::go_on(&step));
        }
        if let Some(attempt) = at_a_desk(here.running, |step, lot| desk::claim(here, step, lot), lot) {
            return send(attempt);
        }
        if let Some(step) = in_state(case, StepState::Claimed) {
            let Some(attempt) = desk::approve(here, &step, lot) else { return Next::Nothing };
            if attempt.expect == Expect::Done {
                return send(attempt);
            }
            // What was reserved is another's by now, and the package may have no other way out.
            self.run.report.stuck += 1;
            return send(officer::end(here));
        }
        let draws =
            |step: &str| here.package.definition.step(step).is_some_and(|s| matches!(s.work, Work::Draw { .. }));
        let mut waiting = case.steps.iter().filter(|(_, run)| run.state == StepState::Waiting);
        if let Some((step, _)) = waiting.find(|(step, _)| draws(step)) {
            return send(outside::drawn(here, step, lot));
        }
        let waits = |step: &String| case.steps[step].sub_case.is_some();
        let timers = case.deadlines(&self.shell.land.calendars);
        let Some(timer) = timers.iter().min_by_key(|timer| timer.due_us) else {
            let blocked = case.steps.iter().any(|(step, run)| run.state == StepState::Waiting && waits(step));
            return if blocked { Next::Blocked } else { Next::Nothing };
        };
        match timer.clock {
            TimerClock::Business => self.shell.now_us = self.shell.now_us.max(timer.due_us),
            TimerClock::Operating => self.shell.operating_us = self.shell.operating_us.max(timer.due_us),
        }
        send(outside::fire(timer, scene(&self.packages, &self.shell, &self.cases[index].1)))
    }
}

/// Somebody takes a task that nobody has in hand.
fn at_a_desk(running: &Running, claim: impl Fn(&str, &mut Lot) -> Attempt, lot: &mut Lot) -> Option<Attempt> {
    let free = |state: StepState, step: &str| match state {
        StepState::Offered => true,
        StepState::Claimed => !running.is_held(step),
        _ => false,
    };
    let (step, _) = running.case.steps.iter().find(|(step, run)| free(run.state, step))?;
    Some(claim(step, lot))
}

fn in_state(case: &Case, state: StepState) -> Option<String> {
    case.steps.iter().find(|(_, run)| run.state == state).map(|(step, _)| step.clone())
}
