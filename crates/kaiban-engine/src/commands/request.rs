//! Ask later for a step that was not asked for at first (分时办理). The form may change with it, in what the step is shown
//! and in what says that it is wanted; not in what a step that has ended decided on.

use std::collections::BTreeSet;
use std::sync::Arc;

use kaiban_definition::Step;
use kaiban_findings::Finding;

use super::corrections::lies_in;
use super::difference::difference;
use super::resubmit::not_open;
use crate::case::StepState;
use crate::command::Filed;
use crate::event::Event;
use crate::outlook::Outlook;
use crate::rejection::Rejection;

pub(super) fn decide(outlook: &mut Outlook<'_>, step: &str, form: Option<&Filed>) -> Result<(), Rejection> {
    outlook.open()?;
    let def = outlook.def.steps.get(step).ok_or_else(|| Rejection::UnknownStep(step.to_owned()))?;
    let asked_for = || Rejection::NotRequestable { step: step.to_owned(), state: outlook.state(step).name() };
    let guard = def.requested.as_ref().ok_or_else(asked_for)?;
    let known = outlook.run(step).is_some_and(|run| run.requested);
    // Where everything is taken back nothing is begun.
    if outlook.case.revocation.is_some() {
        return Err(asked_for());
    }
    match outlook.state(step) {
        StepState::NotRequested => {}
        StepState::Pending if !known && matches!(outlook.holds(guard, def, step), Ok(false)) => {}
        _ => return Err(asked_for()),
    }
    let changed = match form {
        None => Vec::new(),
        Some(form) => {
            outlook.check_form(form)?;
            let before = outlook.form_value().ok_or(Rejection::DocumentMissing)?;
            difference(&before, &form.content)
        }
    };
    check(outlook, def, &changed)?;
    let form = form.filter(|_| !changed.is_empty());
    let digest = form.map(|form| form.digest.clone());
    let event = Event::StepRequested { step: step.to_owned(), form: digest, changed: changed.clone() };
    outlook.turn(step, StepState::Pending, event);
    outlook.form = form.map(|form| Arc::clone(&form.content));
    outlook.offer_anew(&changed, step);
    outlook.settled(|next| next.form_changed())
}

fn check(outlook: &Outlook<'_>, def: &Step, changed: &[String]) -> Result<(), Rejection> {
    let wanted_by = def.requested.as_ref().map(|guard| guard.reads()).unwrap_or_default();
    let mut open: Vec<String> = wanted_by.iter().filter_map(|read| form_pointer(read)).collect();
    open.extend(def.for_each.iter().map(|each| each.over.clone()));
    let is_open = |pointer: &str| {
        let fixed = lies_in(pointer, &outlook.def.registrar) || lies_in(&outlook.def.registrar, pointer);
        !fixed && (def.shares_pointer(pointer, None) || open.iter().any(|open| lies_in(pointer, open)))
    };
    let outside: Vec<Finding> =
        changed.iter().filter(|pointer| !is_open(pointer)).map(|pointer| not_open(pointer)).collect();
    if !outside.is_empty() {
        return Err(Rejection::PointerNotOpen(outside));
    }
    outlook.not_in_use(changed.iter().map(|pointer| (pointer.clone(), pointer.as_str())), &BTreeSet::new())
}

/// `form.seals.wanted` as a pointer; of a list that is walked, the list.
fn form_pointer(read: &str) -> Option<String> {
    let path = read.strip_prefix("form.")?;
    let path = path.split("[]").next().unwrap_or_default();
    Some(path.split('.').filter(|name| !name.is_empty()).map(|name| format!("/{name}")).collect())
}
