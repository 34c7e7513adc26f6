//! Takes steps back to be done again. Finished results are kept under their round as superseded; where the package names
//! a step that undoes them, that step is opened for the round.

use std::collections::BTreeSet;

use kaiban_definition::{Reopening, Step, Work, branch_name, branch_parts};

use crate::case::{StepRun, StepState};
use crate::codes::StateCode;
use crate::event::Event;
use crate::outlook::Outlook;
use crate::rejection::Rejection;

impl<'a> Outlook<'a> {
    /// The steps that a reopening takes back if they have begun: the named ones and all that need them, directly or
    /// through others, by edges that exist in this case; undo steps are none of them.
    pub fn taken_back_with(&self, named: &[String], by: &str) -> BTreeSet<&'a str> {
        let mut all = BTreeSet::new();
        let def = self.def;
        for step in def.order.iter().filter_map(|name| def.steps.get(name)).filter(|step| step.is_regular()) {
            let waived = self.run(&step.name).and_then(|run| run.waived.as_deref()).unwrap_or_default();
            let needs = step.needs.iter().filter(|need| need.when.is_none() || !waived.contains(&need.step));
            let mut needs = needs.map(|need| &need.step).chain(step.needs_any.iter().flat_map(|any| &any.steps));
            if named.contains(&step.name)
                || branch_parts(by).0 == step.name
                || needs.any(|need| all.contains(need.as_str()))
            {
                all.insert(step.name.as_str());
            }
        }
        all
    }

    /// Whether a step may still take this outcome, which reopens.
    pub fn may_loop(&self, branch: &str, outcome: &str, reopening: &Reopening) -> Result<(), Rejection> {
        let step = branch_parts(branch).0;
        let of_step = self.case.steps.iter().filter(|(name, _)| branch_parts(name).0 == step);
        let taken: u32 = of_step.filter_map(|(_, run)| run.loops.get(outcome)).sum();
        if taken < reopening.at_most {
            return Ok(());
        }
        Err(Rejection::LoopExhausted { step: branch.to_owned(), at_most: reopening.at_most })
    }

    /// Takes the named steps back, and all that need them; `by` is the step or branch whose outcome does it, `epoch` that
    /// of its lease.
    pub fn take_back(&mut self, named: &[String], by: &str, epoch: i64) -> Result<(), Rejection> {
        let all = self.taken_back_with(named, by);
        let def = self.def;
        for step in def.order.iter().filter(|name| all.contains(name.as_str())).filter_map(|name| def.steps.get(name)) {
            // What the applicant took back stays so with its branches, those included that were done before.
            if self.run(&step.name).is_some_and(declined) {
                continue;
            }
            for key in self.branches(&step.name) {
                let branch = branch_name(&step.name, Some(key));
                self.reopen(step, &branch, by, if branch == by { epoch } else { 0 })?;
            }
            self.reopen(step, &step.name, by, if step.name == by { epoch } else { 0 })?;
        }
        Ok(())
    }

    /// Takes one step or branch back, unless nothing has happened to it yet or the applicant did not want it.
    pub fn reopen(&mut self, step: &'a Step, branch: &str, by: &str, epoch: i64) -> Result<(), Rejection> {
        let (Some(run), state) = (self.run(branch), self.state(branch)) else { return Ok(()) };
        let untouched = state == StepState::Pending && !self.has_begun(branch) && run.waived.is_none();
        if untouched || declined(run) {
            return Ok(());
        }
        if matches!(step.work, Work::Reserve { .. }) {
            self.give_back(step, branch);
        }
        let (name, by) = (branch.to_owned(), by.to_owned());
        self.turn(branch, StepState::Pending, Event::StepReopened { step: name, by, epoch });
        // INVARIANT: the round's number is the one that `evolve` gives it.
        let round = u32::try_from(run.superseded.len()).unwrap_or(u32::MAX).saturating_add(1);
        if let Some(undo) = step.undo.as_ref().filter(|_| state == StepState::Completed && run.outcome.is_some()) {
            let undoing = branch_name(undo, Some(&format!("{branch}-{round}")));
            let event =
                Event::UndoOpened { step: undoing.clone(), of: branch.to_owned(), round, result: run.result.clone() };
            self.turn(undo, StepState::Branched, event);
        }
        Ok(())
    }
}

/// The applicant took the step back: it is not offered against his will.
pub(crate) fn declined(run: &StepRun) -> bool {
    let taken_back = run.codes.last().is_some_and(|last| last.code == StateCode::TakenBack);
    run.state == StepState::Withdrawn && taken_back
}
