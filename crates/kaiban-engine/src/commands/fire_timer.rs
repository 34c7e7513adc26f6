//! A deadline came. None of them decides against anybody: a deferral and a back-off offer the task again, an unanswered
//! intake counts as accepted on receipt (行政许可法 §32).

use kaiban_definition::INTAKE;

use crate::case::StepState;
use crate::event::Event;
use crate::outlook::Outlook;
use crate::rejection::Rejection;
use crate::rows::TimerKind;

pub(super) fn decide(outlook: &mut Outlook<'_>, step: &str, kind: TimerKind) -> Result<(), Rejection> {
    let def = outlook.def.step(step).ok_or_else(|| Rejection::UnknownStep(step.to_owned()))?;
    let run = outlook.run(step).ok_or(Rejection::NoSuchTimer)?;
    let is_due = |due_us: Option<i64>, now_us: i64| due_us.is_some_and(|due_us| due_us <= now_us);
    let (now_us, operating_us) = (outlook.cx.now_us, outlook.cx.operating_us);
    match kind {
        TimerKind::Deferred if run.state == StepState::Deferred && is_due(run.again_at_us, now_us) => {}
        TimerKind::Retry if run.state == StepState::Retrying && is_due(run.again_at_us, operating_us) => {}
        TimerKind::Deemed if step == INTAKE && run.state.is_open() && is_due(run.deadline_us, now_us) => {
            let epoch = outlook.cx.lease.map_or(run.epoch, |lease| lease.epoch);
            let event = Event::StepCompleted {
                step: step.to_owned(),
                outcome: "accept".into(),
                result: None,
                reason: None,
                epoch,
                officer: None,
                used: Some(outlook.used(run)?),
            };
            outlook.turn(&def.name, StepState::Completed, event);
            outlook.accept(outlook.case.received_at_us)?;
            return outlook.progress();
        }
        _ => return Err(Rejection::NoSuchTimer),
    }
    outlook.turn(&def.name, StepState::Claimed, Event::TaskReady { step: step.to_owned() });
    Ok(())
}
