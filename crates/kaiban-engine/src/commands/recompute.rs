//! A calendar was published. Clocks are derived from the ledger and read the new one at once, for the whole of an open
//! case; what a calendar had fixed as a date is moved. The journal keeps what was read before and after. What has ended
//! keeps its report, and marks that were given are not given again.

use std::collections::BTreeMap;

use kaiban_calendar::{Calendars, Horizon};
use kaiban_definition::Work;

use crate::case::{Phase, StepState};
use crate::clock::PromiseClock;
use crate::event::{Event, Moved, Reread};
use crate::outlook::{Outlook, regular};
use crate::progress::statutory_us;
use crate::rejection::Rejection;
use crate::rows::TimerKind;

pub(super) fn decide(
    outlook: &mut Outlook<'_>,
    publication: i64,
    source: &str,
    before: &Calendars,
) -> Result<(), Rejection> {
    let case = outlook.case;
    if case.recomputed >= publication {
        return Err(Rejection::NothingChanged);
    }
    let (clocks, mut moved) = (reread(outlook, before)?, Vec::new());
    if case.phase != Phase::Closed {
        dates(outlook, &mut moved)?;
    }
    if clocks.is_empty() && moved.is_empty() {
        return Err(Rejection::NothingChanged);
    }
    let mut calendars = BTreeMap::new();
    let used = case.steps.values().map(|run| &run.calendar).chain([&case.calendar]).filter(|id| !id.is_empty());
    for id in used {
        let version = |calendars: &Calendars| calendars.get(id).map(|calendar| calendar.version().to_owned());
        if let (Some(old), Some(new)) = (version(before), version(outlook.cx.calendars))
            && old != new
        {
            calendars.insert(id.clone(), (old, new));
        }
    }
    let source = source.to_owned();
    outlook.events.push(Event::ClocksRecomputed { publication, source, calendars, clocks, moved });
    Ok(())
}

/// The clocks that are not stopped and read otherwise than before.
fn reread(outlook: &Outlook<'_>, before: &Calendars) -> Result<Vec<Reread>, Rejection> {
    let (case, now_us) = (outlook.case, outlook.cx.now_us);
    let mut clocks = Vec::new();
    let mut compare = |step: Option<&String>, old: PromiseClock, new: PromiseClock| {
        if (old.elapsed_us, old.due_us) != (new.elapsed_us, new.due_us) {
            let (elapsed_us, due_us) = ((old.elapsed_us, new.elapsed_us), (old.due_us, new.due_us));
            clocks.push(Reread { step: step.cloned(), calendar: new.calendar, elapsed_us, due_us });
        }
    };
    if case.used.is_none() && case.phase != Phase::Closed {
        compare(None, case.promise_clock(before, now_us)?, case.promise_clock(outlook.cx.calendars, now_us)?);
    }
    for (step, run) in case.steps.iter().filter(|(_, run)| !run.state.is_terminal()) {
        let (old, new) = (run.promise_clock(before, now_us)?, run.promise_clock(outlook.cx.calendars, now_us)?);
        if let (Some(old), Some(new)) = (old, new) {
            compare(Some(step), old, new);
        }
    }
    Ok(clocks)
}

/// Dates that the calendars in force would fix otherwise.
fn dates(outlook: &Outlook<'_>, moved: &mut Vec<Moved>) -> Result<(), Rejection> {
    let mut compare = |step: &str, kind, index, old: Option<i64>, new: Option<i64>| {
        if let (Some(from_us), Some(to_us)) = (old, new)
            && from_us != to_us
        {
            moved.push(Moved { step: step.to_owned(), kind, index, from_us, to_us });
        }
    };
    for (branch, run) in outlook.case.steps.iter().filter(|(_, run)| run.state.is_open()) {
        if let (Some(_), Some(intake)) = (run.deadline_us, &outlook.def.intake) {
            let calendar = outlook.calendar_of(&run.calendar)?;
            let deemed_us = statutory_us(intake.deemed_within, calendar, outlook.case.received_at_us)?;
            compare(branch, TimerKind::Deemed, None, run.deadline_us, Some(deemed_us));
        }
        let step = regular(outlook.def, branch);
        if let (StepState::Waiting, Some(Work::Wait { time })) = (run.state, step.map(|step| &step.work)) {
            let calendar = outlook.calendar()?;
            let until_us = run.task_offered_at_us.map(|at_us| statutory_us(*time, calendar, at_us)).transpose()?;
            compare(branch, TimerKind::Wait, None, run.again_at_us, until_us);
        }
        if let (true, Some(step)) = (run.state.has_task() && !run.overdue.is_empty(), step) {
            let again = outlook.overdue(&step.on_overdue, branch, outlook.calendar_of(&run.calendar)?)?;
            for (index, at_us) in &run.overdue {
                let new_us = again.iter().find(|(listed, _)| listed == index).map(|(_, at_us)| *at_us);
                compare(branch, TimerKind::Overdue, Some(*index), Some(*at_us), new_us);
            }
        }
    }
    for correction in outlook.case.corrections.iter().filter(|correction| correction.is_open()) {
        if let (Some(_), Some(told_at_us)) = (correction.remind_at_us, correction.told_at_us) {
            let number = usize::try_from(correction.reminders).unwrap_or(usize::MAX);
            let remind_us = outlook.reminder_us(number, told_at_us)?;
            compare(&correction.step, TimerKind::Reminder, None, correction.remind_at_us, remind_us);
        }
    }
    for (branch, run) in &outlook.case.steps {
        let owed = run.delay.as_ref().and_then(|delay| delay.remind_at_us);
        if let Some(remind_at_us) = owed {
            let opens_us = outlook.calendar_of(&run.calendar)?.next_open_us(remind_at_us, Horizon::Provisional)?;
            compare(branch, TimerKind::Reason, None, owed, Some(opens_us));
        }
    }
    Ok(())
}
