//! What the engine wants done outside of a case is done here, sooner or later: letters, and cases of other packages that
//! live in the same world.

use std::sync::Arc;

use kaiban_definition::Work;
use kaiban_engine::{Effect, Parent, Phase, StepState, started_form};

use super::actors::{Expect, applicant, outside};
use super::{Defect, Errand, World};

impl World<'_> {
    /// One errand of a case, whichever comes first; now and then it is done twice.
    pub fn run_errand(&mut self, index: usize) -> Result<(), Defect> {
        let lot = &mut self.run.lot;
        let errands = &mut self.cases[index].1.errands;
        let at = lot.index(errands.len());
        // News that a case was started come once: a step that began anew in between would believe them again.
        let once = matches!(errands[at], Errand::Started { .. });
        let errand = if !once && lot.chance(0.1) { errands[at].clone() } else { errands.swap_remove(at) };
        let running = &self.cases[index].1;
        let package = &self.packages[running.package];
        match errand {
            Errand::Started { step, case } => {
                let attempt = outside::started(package, &running.case, &step, &case);
                self.send(index, &attempt)
            }
            Errand::Effect(Effect::Start { step }) => self.start(index, &step),
            Errand::Effect(Effect::Ended { case, step }) => self.ended(index, &case, &step),
            Errand::Effect(effect) => match outside::letter(&running.case, &effect) {
                Some(attempt) => self.send(index, &attempt),
                None => Ok(()),
            },
        }
    }

    /// Starts the case that a step waits for, unless that was done, or the step does not wait any more.
    fn start(&mut self, index: usize, step: &str) -> Result<(), Defect> {
        let running = &self.cases[index].1;
        let package = &self.packages[running.package];
        let on_the_way =
            running.errands.iter().any(|errand| matches!(errand, Errand::Started { step: known, .. } if known == step));
        let run = running.case.steps.get(step).filter(|run| run.state == StepState::Waiting);
        let waits = running.case.phase == Phase::Open && run.is_some_and(|run| run.sub_case.is_none());
        let work = package.definition.step(step).map(|def| &def.work);
        let (Some(Work::Start { workflow, .. }), true, false) = (work, waits, on_the_way) else { return Ok(()) };
        let other = self.packages.iter().position(|other| other.definition.workflow == *workflow);
        let Some(other) = other.filter(|_| self.run.lot.chance(0.9)) else {
            let attempt = outside::failed(package, &running.case, step);
            return self.send(index, &attempt);
        };
        let documents =
            running.documents.iter().map(|(digest, content)| (digest.clone(), Arc::clone(content))).collect();
        let Some((_, content)) = started_form(&package.definition, &running.case, step, &documents) else {
            return Ok(());
        };
        let content = Arc::new(content);
        let parent = Parent { case: running.case.id.clone(), step: step.to_owned() };
        let id = format!("c{}", self.run.report.cases);
        let now_us = self.shell.now_us;
        let started =
            applicant::hand_in(&self.packages[other], id.clone(), content, Some(parent), now_us, &mut self.run.lot);
        if self.hand_in(other, &started)? {
            self.cases[index].1.errands.push(Errand::Started { step: step.to_owned(), case: id });
            return Ok(());
        }
        let running = &self.cases[index].1;
        let attempt = outside::failed(&self.packages[running.package], &running.case, step);
        self.send(index, &attempt)
    }

    /// Tells a case that the one it started has ended; it may be long gone. News of the end may come before those of the
    /// beginning, which then never come, and only to a step that waits for them: a late beginning would be believed by
    /// the step's next round, which would wait for ever.
    fn ended(&mut self, index: usize, waiting: &str, step: &str) -> Result<(), Defect> {
        let Some(at) = self.cases.iter().position(|(_, running)| running.case.id == waiting) else { return Ok(()) };
        let (ended, running) = (&self.cases[index].1.case, &self.cases[at].1);
        let begun = |errand: &Errand| matches!(errand, Errand::Started { case, .. } if *case == ended.id);
        if running.case.step_state(step) != StepState::Waiting && running.errands.iter().any(begun) {
            let errand = Errand::Effect(Effect::Ended { case: waiting.to_owned(), step: step.to_owned() });
            self.cases[index].1.errands.push(errand);
            return Ok(());
        }
        let news = ended.id.clone();
        let digest = format!("{}s", running.fresh_digest());
        let attempt = outside::ended(&self.packages[running.package], &running.case, step, ended, digest);
        self.send(at, &attempt)?;
        if attempt.expect != Expect::Done {
            return Ok(());
        }
        let errands = &mut self.cases[at].1.errands;
        errands.retain(|errand| !matches!(errand, Errand::Started { case, .. } if *case == news));
        Ok(())
    }
}
