//! Answer a correction with a new form. Only the places that the correction opened may differ; other branches keep the
//! revision that they were offered.

use std::sync::Arc;

use kaiban_findings::{Finding, Place};

use super::difference::difference;
use crate::case::{Phase, StepState};
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
    let open = case.corrections.iter().find(|open| open.id == correction && open.answered_at_us.is_none());
    let open = open.ok_or(Rejection::NoOpenCorrection)?;
    let findings = outlook.def.form.check(&form.content);
    if findings.iter().any(|finding| finding.is_error()) {
        return Err(Rejection::FormInvalid(findings));
    }
    let before = outlook.form_value().ok_or(Rejection::DocumentMissing)?;
    let changed = difference(&before, &form.content);
    if changed.is_empty() {
        return Err(Rejection::NothingChanged);
    }
    let outside: Vec<Finding> =
        changed.iter().filter(|pointer| !lies_in(pointer, &open.pointers)).map(|pointer| not_open(pointer)).collect();
    if !outside.is_empty() {
        return Err(Rejection::PointerNotOpen(outside));
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
    outlook.progress()
}

fn lies_in(pointer: &str, open: &[String]) -> bool {
    open.iter().any(|open| pointer.strip_prefix(open.as_str()).is_some_and(|r| r.is_empty() || r.starts_with('/')))
}

fn not_open(pointer: &str) -> Finding {
    Finding::error(
        "POINTER_NOT_OPEN",
        Place::Pointer(pointer.to_owned()),
        "该处未列入补正告知，不能修改。",
        "This place is not part of the correction and may not change.",
    )
}
