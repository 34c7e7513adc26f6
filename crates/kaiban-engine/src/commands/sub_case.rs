//! A step that starts a case of another package: it is there, it could not be started, it has ended.

use kaiban_definition::{Step, Work};
use serde_json::Value;

use crate::case::{StepRun, StepState};
use crate::command::Filed;
use crate::event::Event;
use crate::outlook::Outlook;
use crate::rejection::Rejection;

/// The case is there; a step that does not wait for its end is done.
pub(super) fn started(outlook: &mut Outlook<'_>, step: &str, case: &str) -> Result<(), Rejection> {
    let (def, run) = waiting(outlook, step)?;
    if run.sub_case.is_some() {
        return Err(Rejection::OtherSubCase { step: step.to_owned() });
    }
    outlook.events.push(Event::SubCaseStarted { step: step.to_owned(), case: case.to_owned() });
    match def.work {
        Work::Start { waits: true, .. } => Ok(()),
        _ => {
            outlook.finish(step, "done", None)?;
            outlook.progress()
        }
    }
}

/// The case could not be started: a person has to look at it, and tries again by resolving.
pub(super) fn failed(outlook: &mut Outlook<'_>, step: &str) -> Result<(), Rejection> {
    let (def, run) = waiting(outlook, step)?;
    if run.sub_case.is_some() {
        return Err(Rejection::OtherSubCase { step: step.to_owned() });
    }
    let (name, counted) = (step.to_owned(), def.counts);
    let event = Event::IncidentOpened { step: name, code: "SUB_CASE_FAILED".into(), counted, epoch: 0 };
    outlook.turn(step, StepState::Incident, event);
    Ok(())
}

/// The case has ended. A step that waited for it is done, whatever the outcome; guards may read it. Where the package
/// says so, the outcome takes something back here, even in a case that has ended.
pub(super) fn ended<'a>(
    outlook: &mut Outlook<'a>,
    step: &'a str,
    case: &'a str,
    result: &'a Filed,
) -> Result<(), Rejection> {
    let def = outlook.def.step(step).ok_or_else(|| Rejection::UnknownStep(step.to_owned()))?;
    let outcome = result.content.get("outcome").and_then(Value::as_str).unwrap_or_default();
    match &def.work {
        Work::Start { waits: true, revokes, .. } => {
            waited(outlook, step, case, result)?;
            match revokes {
                Some(revokes) => outlook.revoke_after(revokes, step, case, outcome),
                None => outlook.progress(),
            }
        }
        Work::Start { waits: false, revokes, breaks, .. } if revokes.is_some() || breaks.is_some() => {
            let run = outlook.run(step);
            if run.is_some_and(|run| run.state == StepState::Waiting && run.sub_case.is_none()) {
                // It ended before the news of its beginning came back.
                outlook.open()?;
                outlook.events.push(Event::SubCaseStarted { step: step.to_owned(), case: case.to_owned() });
                outlook.finish(step, "done", None)?;
            } else {
                // A step that does not wait for the end begins a new case in a new round: the news is of the one before.
                let run = run.filter(|run| run.sub_case.as_deref() == Some(case));
                let run = run.ok_or_else(|| Rejection::OtherSubCase { step: step.to_owned() })?;
                if run.sub_outcome.is_some() {
                    return Err(Rejection::NotWaiting { step: step.to_owned() });
                }
            }
            let (name, number, outcome) = (step.to_owned(), case.to_owned(), outcome.to_owned());
            outlook.events.push(Event::SubCaseEnded { step: name, case: number, outcome: outcome.clone() });
            match revokes {
                Some(revokes) => outlook.revoke_after(revokes, step, case, &outcome),
                None => outlook.progress(),
            }
        }
        _ => Err(Rejection::NotWaiting { step: step.to_owned() }),
    }
}

/// The step that waited for the case is done.
fn waited<'a>(outlook: &mut Outlook<'a>, step: &'a str, case: &str, result: &'a Filed) -> Result<(), Rejection> {
    let (_, run) = waiting(outlook, step)?;
    match run.sub_case.as_deref() {
        Some(known) if known == case => {}
        Some(_) => return Err(Rejection::OtherSubCase { step: step.to_owned() }),
        // It ended before the news of its beginning came back.
        None => outlook.events.push(Event::SubCaseStarted { step: step.to_owned(), case: case.to_owned() }),
    }
    outlook.done_with(step, &result.digest)?;
    outlook.result = Some((step, result));
    Ok(())
}

fn waiting<'a>(outlook: &Outlook<'a>, step: &str) -> Result<(&'a Step, &'a StepRun), Rejection> {
    outlook.open()?;
    let def = outlook.def.step(step).ok_or_else(|| Rejection::UnknownStep(step.to_owned()))?;
    let run = outlook.run(step).filter(|run| run.state == StepState::Waiting);
    let run = run.filter(|_| matches!(def.work, Work::Start { .. }));
    run.map(|run| (def.as_ref(), run)).ok_or_else(|| Rejection::NotWaiting { step: step.to_owned() })
}
