//! Steps with one branch for each element of a list. Branches have runs of their own, named `step[key]`; the group's run
//! says which keys there are. An undo step is a group too: one branch for each round that it undoes.

use kaiban_definition::{ForEach, Step, branch_name, branch_parts};
use serde_json::Value;

use crate::case::StepState;
use crate::event::{Because, Event};
use crate::outlook::{Halt, Outlook};
use crate::rejection::Rejection;

/// Keys of a list, in its order. A key that is missing or stands there twice is an error of the form, found before a
/// case sees it; here the first of two wins.
fn keys(each: &ForEach, form: &Value) -> Vec<String> {
    let list = form.pointer(&each.over).and_then(Value::as_array);
    let mut keys: Vec<String> = Vec::new();
    for key in list.into_iter().flatten().filter_map(|item| item.get(&each.key)?.as_str()) {
        if !keys.iter().any(|known| known == key) {
            keys.push(key.to_owned());
        }
    }
    keys
}

impl<'a> Outlook<'a> {
    /// A step whose turn has come is divided; without an element it is not needed.
    pub fn divide(&mut self, step: &'a Step, each: &ForEach) -> Result<(), Halt> {
        let form = self.form_value().ok_or(Rejection::DocumentMissing)?;
        let keys = keys(each, &form);
        self.drop_without_element(&step.name, &keys)?;
        if !keys.is_empty() {
            let event = Event::StepBranched { step: step.name.clone(), keys: keys.clone() };
            self.turn(&step.name, StepState::Branched, event);
        }
        self.go_on(step, &keys)
    }

    /// Branches that were reopened with the group, and whose element is not there any more.
    fn drop_without_element(&mut self, step: &str, keys: &[String]) -> Result<(), Rejection> {
        let from = branch_name(step, Some(""));
        let runs = self.case.steps.range(step.to_owned()..).skip(1).map(|(name, _)| name);
        let runs = runs.take_while(|name| name.starts_with(&from[..from.len() - 1]));
        let gone = runs.filter(|name| !keys.iter().any(|key| branch_parts(name).1 == Some(key)));
        let gone: Vec<&String> = gone.filter(|name| !self.state(name).is_terminal()).collect();
        gone.into_iter().try_for_each(|branch| self.withdraw_branch(branch, Because::ElementRemoved, None, 0))
    }

    /// Begins the branches that wait for it, and joins the group once all of them have ended.
    pub fn go_on(&mut self, step: &'a Step, keys: &[String]) -> Result<(), Halt> {
        let mut open = false;
        for key in keys {
            let branch = branch_name(&step.name, Some(key));
            if self.state(&branch) == StepState::Pending {
                let begun = self.begin(step, &branch);
                self.or_incident(step, &branch, begun)?;
            }
            open |= !self.state(&branch).is_terminal();
        }
        let step = step.name.clone();
        if keys.is_empty() {
            self.turn(&step.clone(), StepState::Skipped, Event::StepSkipped { step });
        } else if !open {
            self.turn(&step.clone(), StepState::Completed, Event::StepJoined { step });
        }
        Ok(())
    }

    /// A new form may have added elements to lists, or taken some away: only their branches are opened or taken back.
    /// Whatever follows by itself follows.
    pub fn form_changed(&mut self) -> Result<(), Rejection> {
        let decided = self.events.len();
        let def = self.def;
        for step in def.order.iter().filter_map(|name| def.steps.get(name)) {
            // What was taken back leaves nothing to be divided.
            let Some(each) = step.for_each.as_ref().filter(|_| self.case.revocation.is_none()) else { continue };
            let divided = self.run(&step.name).is_some_and(|run| run.branches.is_some());
            if divided && matches!(self.state(&step.name), StepState::Branched | StepState::Completed) {
                self.divide_again(step, each)?;
            }
        }
        if self.events.len() == decided { self.progress() } else { self.settled(|next| next.progress()) }
    }

    fn divide_again(&mut self, step: &'a Step, each: &ForEach) -> Result<(), Rejection> {
        let form = self.form_value().ok_or(Rejection::DocumentMissing)?;
        let (before, after) = (self.branches(&step.name), keys(each, &form));
        let (mut removed, mut added) =
            (before.iter().filter(|key| !after.contains(key)), after.iter().filter(|key| !before.contains(key)));
        let (removed, added): (Vec<&String>, Vec<&String>) = (removed.by_ref().collect(), added.by_ref().collect());
        if removed.is_empty() && added.is_empty() {
            return Ok(());
        }
        for key in removed {
            let branch = branch_name(&step.name, Some(key));
            if self.state(&branch).is_terminal() {
                self.reopen(step, &branch, &step.name, 0)?;
            }
            self.withdraw_branch(&branch, Because::ElementRemoved, None, 0)?;
        }
        for key in added {
            // The element was there before.
            let branch = branch_name(&step.name, Some(key));
            if self.run(&branch).is_some() {
                self.reopen(step, &branch, &step.name, 0)?;
            }
        }
        let event = Event::StepBranched { step: step.name.clone(), keys: after };
        self.turn(&step.name, StepState::Branched, event);
        Ok(())
    }

    /// Takes a step back for good, with whatever branches it has under way.
    pub fn withdraw_step(
        &mut self,
        step: &str,
        because: Because,
        reason: Option<&String>,
        epoch: i64,
    ) -> Result<(), Rejection> {
        // It may have been divided in this very decision.
        let fresh = self.events.iter().rev().find_map(|event| match event {
            Event::StepBranched { step: divided, keys } if divided == step => Some(keys.clone()),
            _ => None,
        });
        for key in fresh.unwrap_or_else(|| self.branches(step).to_vec()) {
            let branch = branch_name(step, Some(&key));
            if !self.state(&branch).is_terminal() {
                self.withdraw_branch(&branch, because, None, 0)?;
            }
        }
        self.withdraw_branch(step, because, reason, epoch)
    }

    pub fn withdraw_branch(
        &mut self,
        branch: &str,
        because: Because,
        reason: Option<&String>,
        epoch: i64,
    ) -> Result<(), Rejection> {
        let (step, used) = (branch.to_owned(), self.used_by(branch)?);
        let event = Event::StepWithdrawn { step, because, reason: reason.cloned(), epoch, used };
        self.turn(branch, StepState::Withdrawn, event);
        Ok(())
    }
}
