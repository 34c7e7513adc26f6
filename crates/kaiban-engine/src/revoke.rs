//! An outcome is taken back (撤销) because a started case found it was obtained by what is not true. In an open case the
//! steps under way are withdrawn, finished ones that rest on the outcome get their `undo`, the promise clock stops and
//! the case ends as `revoked`. A case that has ended keeps what it reported; the revocation is added to it.

use kaiban_definition::{Revokes, Step, branch_name, branch_parts};

use crate::case::{Phase, StepState};
use crate::event::{Because, Event};
use crate::outlook::Outlook;
use crate::rejection::Rejection;

impl<'a> Outlook<'a> {
    /// Revokes if the outcome of the started case is one that does, and the step has granted anything; whatever follows
    /// by itself follows.
    pub fn revoke_after(&mut self, revokes: &'a Revokes, by: &str, case: &str, outcome: &str) -> Result<(), Rejection> {
        let granted = self.state(&revokes.step) == StepState::Completed && self.case.revocation.is_none();
        if !granted || !revokes.after.iter().any(|after| after == outcome) {
            return self.progress();
        }
        let step = revokes.step.clone();
        self.events.push(Event::OutcomeRevoked { step, by: by.to_owned(), case: case.to_owned() });
        self.events.push(Event::RevocationAnnounced { offices: self.offices_of(&revokes.step) });
        if self.phase == Phase::Closed {
            return Ok(());
        }
        self.settled(|next| {
            next.take_all_back(&revokes.step, by)?;
            next.settled(|next| next.progress())
        })
    }

    /// The offices that decided on the step, or on any that rests on it.
    fn offices_of(&self, revoked: &str) -> Vec<String> {
        let rest_on_it = self.taken_back_with(&[revoked.to_owned()], revoked);
        let runs = self.case.steps.iter().filter(|(name, _)| rest_on_it.contains(branch_parts(name).0));
        let mut offices: Vec<String> =
            runs.map(|(_, run)| run.office.clone()).filter(|office| !office.is_empty()).collect();
        offices.sort_unstable();
        offices.dedup();
        offices
    }

    /// Every step that has begun and is not over is withdrawn; those that rest on the outcome and are over are undone.
    fn take_all_back(&mut self, revoked: &str, by: &str) -> Result<(), Rejection> {
        let named = [revoked.to_owned()];
        let rest_on_it = self.taken_back_with(&named, revoked);
        let def = self.def;
        for step in def.order.iter().filter_map(|name| def.steps.get(name)).filter(|step| step.is_regular()) {
            let rests = rest_on_it.contains(step.name.as_str()) && step.name != by;
            for key in self.branches(&step.name) {
                self.take_one_back(step, &branch_name(&step.name, Some(key)), rests, revoked)?;
            }
            self.take_one_back(step, &step.name, rests, revoked)?;
        }
        Ok(())
    }

    fn take_one_back(&mut self, step: &'a Step, branch: &str, rests: bool, by: &str) -> Result<(), Rejection> {
        if self.run(branch).is_none() || self.state(branch) == StepState::Withdrawn {
            return Ok(());
        }
        if rests && self.state(branch).is_terminal() {
            self.reopen(step, branch, by, 0)?;
        }
        if !self.state(branch).is_terminal() {
            self.withdraw_branch(branch, Because::Revoked, None, 0)?;
        }
        Ok(())
    }
}
