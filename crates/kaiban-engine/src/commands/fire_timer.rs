//! A deadline came. None of them decides against anybody: a deferral and a back-off offer the task again, an unanswered
//! intake counts as accepted on receipt (行政许可法 §32), a wait ends, a late step is spoken of or ends in the applicant's
//! favour, a correction is recalled to the applicant, a promise that is running out to the office, a reason that is owed too.

use kaiban_definition::{INTAKE, OverdueAction, Step};

use crate::case::{StepRun, StepState};
use crate::event::Event;
use crate::outlook::Outlook;
use crate::rejection::Rejection;
use crate::rows::TimerKind;

pub(super) fn decide(outlook: &mut Outlook<'_>, step: &str, kind: TimerKind) -> Result<(), Rejection> {
    match kind {
        TimerKind::Mark if step.is_empty() => return marks(outlook),
        TimerKind::Mark => return Err(Rejection::NoSuchTimer),
        TimerKind::Reason => return remind_of_reason(outlook, step),
        _ => {}
    }
    let def = outlook.def.step(step).ok_or_else(|| Rejection::UnknownStep(step.to_owned()))?;
    let run = outlook.run(step).ok_or(Rejection::NoSuchTimer)?;
    let is_due = |due_us: Option<i64>, now_us: i64| due_us.is_some_and(|due_us| due_us <= now_us);
    let (now_us, operating_us) = (outlook.cx.now_us, outlook.cx.operating_us);
    match kind {
        TimerKind::Deferred if run.state == StepState::Deferred && is_due(run.again_at_us, now_us) => {
            ready(outlook, step);
            Ok(())
        }
        TimerKind::Retry if run.state == StepState::Retrying && is_due(run.again_at_us, operating_us) => {
            ready(outlook, step);
            Ok(())
        }
        TimerKind::Deemed if step == INTAKE && run.awaits_intake() && is_due(run.deadline_us, now_us) => {
            end(outlook, step, run, "accept")?;
            outlook.accept(outlook.case.handed_in_at_us())?;
            outlook.progress()
        }
        TimerKind::Wait if run.state == StepState::Waiting && is_due(run.again_at_us, now_us) => {
            outlook.finish(step, "done", None)?;
            outlook.progress()
        }
        TimerKind::Overdue if run.state.has_task() => overdue(outlook, def, step, run),
        TimerKind::Reminder => remind(outlook, step),
        _ => Err(Rejection::NoSuchTimer),
    }
}

fn ready(outlook: &mut Outlook<'_>, step: &str) {
    outlook.turn(step, StepState::Claimed, Event::TaskReady { step: step.to_owned() });
}

/// The task ends without anybody's decision.
fn end(outlook: &mut Outlook<'_>, step: &str, run: &StepRun, outcome: &str) -> Result<(), Rejection> {
    let event = Event::StepCompleted {
        step: step.to_owned(),
        outcome: outcome.to_owned(),
        result: None,
        reason: None,
        epoch: outlook.epoch(step),
        officer: None,
        rule: None,
        used: Some(outlook.used(run)?),
    };
    outlook.end(step, StepState::Completed, event)
}

/// The first of what the package lists; the next has a deadline of its own.
fn overdue(outlook: &mut Outlook<'_>, def: &Step, step: &str, run: &StepRun) -> Result<(), Rejection> {
    let first = run.overdue.first().filter(|(_, at_us)| *at_us <= outlook.cx.now_us);
    let index = first.map(|(index, _)| *index).ok_or(Rejection::NoSuchTimer)?;
    let listed = usize::try_from(index).ok().and_then(|index| def.on_overdue.get(index));
    let action = &listed.ok_or(Rejection::NoSuchTimer)?.action;
    let party = match action {
        OverdueAction::Escalate { party } => Some(party.clone()),
        OverdueAction::Remind | OverdueAction::Outcome { .. } => None,
    };
    outlook.events.push(Event::OverdueReached { step: step.to_owned(), index, party });
    let OverdueAction::Outcome { outcome } = action else { return Ok(()) };
    // The answer to the correction begins another round, and the time for the default with it.
    if !outlook.under_correction(def, step).is_empty() {
        return Ok(());
    }
    end(outlook, step, run, outcome)?;
    outlook.progress()
}

fn remind(outlook: &mut Outlook<'_>, step: &str) -> Result<(), Rejection> {
    let asked = outlook.case.open_correction(step).ok_or(Rejection::NoSuchTimer)?;
    let due = asked.remind_at_us.is_some_and(|due_us| due_us <= outlook.cx.now_us);
    let told_at_us = asked.told_at_us.filter(|_| due).ok_or(Rejection::NoSuchTimer)?;
    let next = usize::try_from(asked.reminders).unwrap_or(usize::MAX).saturating_add(1);
    let next_at_us = outlook.reminder_us(next, told_at_us)?;
    outlook.events.push(Event::Reminded { correction: asked.id.clone(), next_at_us });
    Ok(())
}

/// Marks that promise clocks have reached. Of those of one clock that passed together, only the highest is given.
fn marks(outlook: &mut Outlook<'_>) -> Result<(), Rejection> {
    let (calendars, now_us) = (outlook.cx.calendars, outlook.cx.now_us);
    let due = outlook.case.marks_due(calendars, now_us)?;
    if due.is_empty() {
        return Err(Rejection::NoSuchTimer);
    }
    for (step, percent) in due {
        let used = match step.as_ref().and_then(|step| outlook.run(step)) {
            Some(run) => outlook.used(run)?,
            None => outlook.used_by_case()?,
        };
        outlook.events.push(Event::MarkReached { step, percent, used });
    }
    Ok(())
}

/// Each working day, up to a bound; after that it stays published as not given.
fn remind_of_reason(outlook: &mut Outlook<'_>, step: &str) -> Result<(), Rejection> {
    let run = outlook.run(step).ok_or(Rejection::NoSuchTimer)?;
    let delay = run.delay.as_ref().ok_or(Rejection::NoSuchTimer)?;
    if delay.remind_at_us.is_none_or(|due_us| due_us > outlook.cx.now_us) {
        return Err(Rejection::NoSuchTimer);
    }
    let more = delay.reminders.saturating_add(1) < outlook.cx.limits.reason_reminders_max;
    let next_at_us = if more { Some(outlook.next_working_day_us(Some(run))?) } else { None };
    outlook.events.push(Event::ReasonReminded { step: step.to_owned(), next_at_us });
    Ok(())
}
