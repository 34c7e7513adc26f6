//! Corrections, letters, pauses, and the state codes that tell of them.

use std::collections::BTreeSet;

use kaiban_definition::Definition;

use super::require;
use crate::case::{Case, Phase, StepState};
use crate::codes::StateCode;

/// A step waits for the applicant exactly while it has an unanswered correction; every answer brought one form, and so
/// may a step that was asked for later.
pub(super) fn corrections_match_steps(_: &Definition, case: &Case) -> Result<(), String> {
    for (name, run) in case.steps.iter().filter(|_| case.phase != Phase::Closed) {
        let waits = run.state == StepState::Correction;
        require(waits == case.open_correction(name).is_some(), || format!("{name}: correction and state"))?;
    }
    let closed = case.phase == Phase::Closed;
    require(!closed || case.corrections.iter().all(|asked| !asked.is_open()), || "an open correction".into())?;
    let open = |step: &str| case.corrections.iter().filter(|asked| asked.step == step && asked.is_open()).count();
    require(case.steps.keys().all(|step| open(step) <= 1), || "two open corrections of one step".into())?;
    let answered = case.corrections.iter().filter(|correction| correction.answered_at_us.is_some()).count();
    let asked_for = case.runs().filter(|run| run.requested).count();
    let forms = 1 + answered..=1 + answered + asked_for;
    require(case.phase == Phase::New || forms.contains(&case.forms.len()), || "forms and answers".into())
}

/// A correction is asked for, then told of, then recalled, then answered or dropped; a breach is never the first of its
/// step.
pub(super) fn corrections_are_told_before_they_are_recalled(_: &Definition, case: &Case) -> Result<(), String> {
    let mut steps = BTreeSet::new();
    for asked in &case.corrections {
        let fails = |what: &str| format!("{}: {what}", asked.id);
        require(asked.told_at_us.is_none_or(|told| told >= asked.asked_at_us), || fails("told too early"))?;
        require(asked.told_at_us.is_some() || asked.reminders == 0, || fails("recalled but not told"))?;
        require(asked.remind_at_us.is_none() || (asked.is_open() && asked.told_at_us.is_some()), || fails("reminder"))?;
        require(asked.answered_at_us.is_none() || asked.dropped_at_us.is_none(), || fails("answered and dropped"))?;
        let first = steps.insert(asked.step.as_str());
        require(!(first && asked.breach), || fails("the first is no breach"))?;
    }
    Ok(())
}

/// No number is given twice, and nobody is told of a letter before it is issued.
pub(super) fn letters_are_numbered_once(_: &Definition, case: &Case) -> Result<(), String> {
    let numbers: BTreeSet<&str> = case.letters.iter().map(|letter| letter.number.as_str()).collect();
    require(numbers.len() == case.letters.len(), || "two letters of one number".into())?;
    let early = case.letters.iter().find(|letter| letter.told_at_us.is_some_and(|told| told < letter.issued_at_us));
    require(early.is_none(), || "told of a letter before it was issued".into())
}

/// A step is paused exactly while it says why.
pub(super) fn pauses_match_states(_: &Definition, case: &Case) -> Result<(), String> {
    let mut runs = case.steps.iter();
    let wrong = runs.find(|(_, run)| (run.state == StepState::Paused) != run.pause.is_some());
    wrong.map_or(Ok(()), |(name, _)| Err(format!("{name}: pause and state")))
}

/// Within a step every beginning, 6 or 9, is followed at once by its end, 7 or 10, unless the step still stands there.
pub(super) fn codes_are_paired(_: &Definition, case: &Case) -> Result<(), String> {
    for (name, run) in &case.steps {
        let mut open = None;
        for at in &run.codes {
            require(open.is_none_or(|end| end == at.code), || format!("{name}: {:?} comes before its end", at.code))?;
            let ends = matches!(at.code, StateCode::CorrectionEnds | StateCode::SpecialEnds);
            require(!ends || open == Some(at.code), || format!("{name}: {:?} without a beginning", at.code))?;
            open = at.code.closed_by();
        }
        let stands = match open {
            None => true,
            Some(StateCode::CorrectionEnds) => run.state == StepState::Correction,
            Some(_) => run.state == StepState::Paused,
        };
        require(stands, || format!("{name}: a beginning without its end"))?;
        require(run.codes.windows(2).all(|pair| pair[0].at_us <= pair[1].at_us), || format!("{name}: codes and time"))?;
    }
    Ok(())
}
