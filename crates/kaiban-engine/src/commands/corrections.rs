//! What all commands about corrections share: how they are numbered, when the applicant is reminded, and which places a
//! step that has ended decided on.

use std::collections::BTreeSet;

use kaiban_definition::{Step, Work, branch_parts};

use crate::case::StepState;
use crate::event::Event;
use crate::material::item;
use crate::outlook::{Outlook, regular};
use crate::progress::statutory_us;
use crate::rejection::Rejection;

impl<'a> Outlook<'a> {
    /// Name of the next correction of a step or branch.
    pub fn next_correction(&self, branch: &str) -> String {
        let number = 1 + self.case.corrections.iter().filter(|correction| correction.step == branch).count();
        format!("{branch}.{number}")
    }

    /// When an applicant who is told now is first reminded.
    pub fn first_reminder_us(&self) -> Result<Option<i64>, Rejection> {
        self.reminder_us(0, self.cx.now_us)
    }

    /// When the reminder of that number is due, on the registering division's calendar.
    pub fn reminder_us(&self, number: usize, told_at_us: i64) -> Result<Option<i64>, Rejection> {
        let Some(after) = self.def.corrections.remind_after.get(number) else { return Ok(None) };
        Ok(Some(statutory_us(*after, self.calendar()?, told_at_us)?))
    }

    /// Places that a step or branch decides on and that an open correction of another one asks for, with that
    /// correction. Nobody ends a step on data that is about to change.
    pub fn under_correction(&self, step: &Step, branch: &str) -> Vec<(&str, &str)> {
        let Some(form) = self.form_value().filter(|_| step.is_regular()) else { return Vec::new() };
        let item_at = item(step, branch, &form).map(|(at, _)| at);
        let asked = self.case.corrections.iter().filter(|asked| asked.is_open());
        let asked = asked.map(|asked| (&asked.step, &asked.id, &asked.pointers));
        let asked = asked.chain(self.events.iter().filter_map(|event| match event {
            Event::CorrectionAsked { step, correction, pointers, .. } => Some((step, correction, pointers)),
            _ => None,
        }));
        let others = asked.filter(|(by, ..)| *by != branch);
        let places = others.flat_map(|(_, id, pointers)| pointers.iter().map(move |at| (at.as_str(), id.as_str())));
        places.filter(|(at, _)| decides(step, at, item_at.as_deref())).collect()
    }

    /// The form is another in these places: tasks of other steps that decide on them are taken back, to be offered with
    /// the new form. Whether anything of it changed is for their offices to see, which may have been kept from ending.
    pub fn offer_anew(&mut self, places: &[String], by: &str) {
        let Some(form) = self.form_value() else { return };
        let case = self.case;
        for branch in case.steps.keys().filter(|branch| *branch != by) {
            if !self.state(branch).has_task() {
                continue;
            }
            let Some(step) = regular(self.def, branch).filter(|step| step.is_regular()) else { continue };
            let item = item(step, branch, &form);
            // An element that is gone takes its branch with it.
            if step.for_each.is_some() && item.is_none() {
                continue;
            }
            let item_at = item.map(|(at, _)| at);
            if places.iter().any(|place| decides(step, place, item_at.as_deref())) {
                let event = Event::TaskTakenBack { step: branch.clone(), by: by.to_owned() };
                self.turn(branch, StepState::Pending, event);
            }
        }
    }

    /// A step that has ended and decided on this place of the form; `spared` are taken back and decide again. The form is
    /// judged as it stands.
    pub fn decided_on(&self, pointer: &str, spared: &BTreeSet<&str>) -> Option<&'a str> {
        let form = self.cx.documents.get(self.case.form()?)?;
        let ended = |state| matches!(state, StepState::Completed | StepState::Ended);
        let decided = self.case.steps.iter().filter(|(_, run)| ended(run.state)).find(|(branch, run)| {
            let Some(step) = regular(self.def, branch).filter(|step| step.is_regular()) else { return false };
            let divided = run.branches.is_some();
            !divided
                && !spared.contains(branch_parts(branch).0)
                && decides(step, pointer, item(step, branch, form).map(|(at, _)| at).as_deref())
        });
        decided.map(|(branch, _)| branch.as_str())
    }
}

fn decides(step: &Step, pointer: &str, item_at: Option<&str>) -> bool {
    let reserved = match &step.work {
        Work::Reserve { at, .. } => lies_in(pointer, at) || lies_in(at, pointer),
        _ => false,
    };
    reserved || step.decides_on(pointer, item_at)
}

/// Whether a pointer is this one, or lies below it.
pub(super) fn lies_in(pointer: &str, above: &str) -> bool {
    pointer.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
