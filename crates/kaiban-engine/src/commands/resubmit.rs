//! Answer a correction with a new form. Only the places that the correction opened may differ; other branches keep the
//! revision that they were offered.

use std::sync::Arc;

use kaiban_definition::Work;
use kaiban_findings::{Finding, Place};
use serde_json::Value;

use super::corrections::lies_in;
use super::difference::difference;
use crate::case::{Case, CorrectionRun, Phase, StepState};
use crate::command::Filed;
use crate::event::Event;
use crate::outlook::Outlook;
use crate::rejection::Rejection;

pub(super) fn decide(
    outlook: &mut Outlook<'_>,
    correction: &str,
    form: &Filed,
    doubts: Option<&(String, u32)>,
) -> Result<(), Rejection> {
    if outlook.phase == Phase::Closed {
        return Err(Rejection::CaseClosed);
    }
    let case = outlook.case;
    let open = case.corrections.iter().find(|open| open.id == correction && open.is_open());
    let open = open.ok_or(Rejection::NoOpenCorrection)?;
    let before = outlook.form_value().ok_or(Rejection::DocumentMissing)?;
    let changed = difference(&before, &form.content);
    let outside = outside(open, &changed);
    // All that is wrong at once: what may not change stands beside what is no form.
    match outlook.check_form(form) {
        Err(Rejection::FormInvalid(mut findings)) => {
            findings.extend(outside);
            return Err(Rejection::FormInvalid(findings));
        }
        checked => checked?,
    }
    if !outside.is_empty() {
        return Err(Rejection::PointerNotOpen(outside));
    }
    if changed.is_empty() && !mended(case, open) && !held_by_the_system(outlook, &open.step) {
        return Err(Rejection::NothingChanged);
    }
    let event = Event::Resubmitted {
        correction: correction.to_owned(),
        form: form.digest.clone(),
        changed,
        doubts: doubts.map(|(digest, _)| digest.clone()),
        doubt_count: doubts.map_or(0, |(_, count)| *count),
    };
    outlook.turn(&open.step, StepState::Pending, event);
    outlook.form = Some(Arc::clone(&form.content));
    outlook.doubts = doubts.map_or(0, |(_, count)| *count);
    if let Some(intake) = outlook.def.intake.as_ref().filter(|_| outlook.phase == Phase::Intake) {
        return outlook.take_in(intake);
    }
    let decided = outlook.events.len();
    // A key that was reserved by the form as it was is reserved anew.
    let mut reopens = open.reopens.clone();
    reopens.extend(outlook.keys_moved(&before, &form.content));
    reopens.extend(outlook.evidence_lost(&form.content));
    if !reopens.is_empty() {
        outlook.take_back(&reopens, &open.step, 0)?;
    }
    outlook.offer_anew(&open.pointers, &open.step);
    if outlook.events.len() == decided {
        return outlook.form_changed();
    }
    outlook.settled(|next| next.form_changed())
}

/// What an answer changes outside its correction. Nothing where that is not open: then there is nothing to answer.
pub fn changed_outside(case: &Case, correction: &str, before: &Value, after: &Value) -> Option<Vec<Finding>> {
    let open = case.corrections.iter().find(|open| open.id == correction && open.is_open())?;
    (case.phase != Phase::Closed).then(|| outside(open, &difference(before, after)))
}

fn outside(open: &CorrectionRun, changed: &[String]) -> Vec<Finding> {
    let is_open = |pointer: &str| open.pointers.iter().any(|open| lies_in(pointer, open));
    changed.iter().filter(|pointer| !is_open(pointer)).map(|pointer| not_open(pointer)).collect()
}

/// Whether another answer has changed a place of this correction since it was asked for.
fn mended(case: &Case, open: &CorrectionRun) -> bool {
    let later =
        case.corrections.iter().filter(|other| other.answered_at_us.is_some_and(|at_us| at_us >= open.asked_at_us));
    let mut places = later.flat_map(|other| &other.changed);
    places.any(|place| open.pointers.iter().any(|open| lies_in(place, open) || lies_in(open, place)))
}

/// A key that somebody else held may be free by now.
fn held_by_the_system(outlook: &Outlook<'_>, step: &str) -> bool {
    outlook.def.step(step).is_some_and(|step| matches!(step.work, Work::Reserve { .. }))
}

/// A place that may not change.
pub(super) fn not_open(pointer: &str) -> Finding {
    Finding::error(
        "POINTER_NOT_OPEN",
        Place::Pointer(pointer.to_owned()),
        "该处不在允许修改的范围内，不能修改。",
        "This place is not open and may not change.",
    )
}
