//! Prolong the period that the law sets for a step, or for the case: once, with the approval of a named head, and only
//! while it has not ended.

use kaiban_definition::Statutory;

use crate::clock::ClockState;
use crate::event::Event;
use crate::outlook::Outlook;
use crate::rejection::Rejection;

pub(super) fn decide(
    outlook: &mut Outlook<'_>,
    step: Option<&String>,
    officer: &str,
    approver: &str,
    reason: &str,
) -> Result<(), Rejection> {
    outlook.open()?;
    outlook.officer("officer", officer)?;
    outlook.approver(Some(officer), Some(approver), true)?;
    let (def, case, calendars, now_us) = (outlook.def, outlook.case, outlook.cx.calendars, outlook.cx.now_us);
    let (period, clock, extended) = match step {
        None => (def.statutory.as_ref(), case.statutory_clock(def, calendars, now_us)?, case.extension.as_ref()),
        Some(step) => {
            let declared = def.step(step).ok_or_else(|| Rejection::UnknownStep(step.clone()))?;
            let clock = case.step_statutory_clock(def, step, calendars, now_us)?;
            (declared.statutory.as_ref(), clock, outlook.run(step).and_then(|run| run.extension.as_ref()))
        }
    };
    let may = period.is_some_and(|period: &Statutory| period.extend_once.is_some()) && extended.is_none();
    let runs = clock.is_some_and(|clock| {
        matches!(clock.state, ClockState::Running | ClockState::Paused) && clock.breached_at_us.is_none()
    });
    if !may || !runs {
        return Err(Rejection::NotExtendable { step: step.cloned().unwrap_or_default() });
    }
    outlook.events.push(Event::StatutoryExtended {
        step: step.cloned(),
        officer: officer.to_owned(),
        approver: approver.to_owned(),
        reason: reason.to_owned(),
    });
    Ok(())
}
