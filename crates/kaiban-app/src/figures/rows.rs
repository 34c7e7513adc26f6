//! What figures are counted from: one row for each certificate that a case needed, and of a check whether somebody went
//! there. Rows follow from the case alone and are written with its events, so that `verify` can compute them again.

use kaiban_definition::{Definition, Filling, Share, Step, Work, branch_parts};
use kaiban_engine::{Case, StepState};
use kaiban_store::CommitmentRow;

use crate::certificates::declared;

/// A case that a check took a decision back in was open.
pub(crate) const OPEN: &str = "open";
/// It had ended.
pub(crate) const ENDED: &str = "ended";

/// The certificates that a case needed, by step. One that nobody asked for and nothing stands for has no row.
pub(crate) fn rows(def: &Definition, case: &Case) -> Vec<CommitmentRow> {
    let mut rows: Vec<CommitmentRow> = declared(def).filter_map(|(step, _)| row(def, case, &step.name)).collect();
    rows.sort_unstable_by(|a, b| a.id.cmp(&b.id));
    rows
}

fn row(def: &Definition, case: &Case, step: &str) -> Option<CommitmentRow> {
    let run = case.steps.get(step);
    let proved = run.filter(|run| run.state == StepState::Completed && run.way.is_some());
    let earlier = run.into_iter().flat_map(|run| &run.superseded).map(|round| round.ended_at_us);
    let said = || case.commitments.iter().filter(|run| run.step == step);
    let asked = case.corrections.iter().filter(|asked| asked.step == step && asked.outcome.is_none());
    let asked_at_us = asked.map(|asked| asked.asked_at_us).min();
    let proved_at_us = proved.and_then(|run| run.ended_at_us);
    let came_up = earlier.chain(said().map(|run| run.at_us)).chain(asked_at_us).chain(proved_at_us);
    let since_us = came_up.min()?;
    let (checks, revoked) = checked(def, case, step);
    Some(CommitmentRow {
        id: format!("{}/{step}", case.id),
        case_id: case.id.clone(),
        step: step.to_owned(),
        workflow: case.workflow.clone(),
        division: case.division.clone(),
        calendar: case.calendar.clone(),
        since_us,
        asked_at_us,
        proved_at_us,
        way: proved.and_then(|run| run.way).map(|way| way.name().to_owned()),
        declined: said().any(|run| run.signed.is_none()),
        withdrawn: said().any(|run| run.withdrawn_at_us.is_some()),
        checks: serde_json::to_string(&checks).unwrap_or_default(),
        revoked,
    })
}

/// Numbers of the cases that check a promise, and whether one of them took a decision back.
fn checked<'c>(def: &Definition, case: &'c Case, step: &str) -> (Vec<&'c str>, Option<String>) {
    let checks = |branch: &str| def.step(branch).is_some_and(|started| is_check(started, step));
    let started = case.steps.iter().filter(|(branch, run)| run.sub_case.is_some() && checks(branch));
    let numbers = started.filter_map(|(_, run)| run.sub_case.as_deref()).collect();
    // An open case ends as revoked, once what it had done is undone; one that had ended keeps its outcome.
    let revoked = case.revocation.as_ref().filter(|revocation| checks(branch_parts(&revocation.by).0));
    let was_open = case.outcome.as_deref().is_none_or(|outcome| outcome == "revoked");
    (numbers, revoked.map(|_| if was_open { OPEN } else { ENDED }.to_owned()))
}

/// A case that is told who promised (`results.<step>.person`) is the check of that promise.
fn is_check(started: &Step, step: &str) -> bool {
    let Work::Start { form, .. } = &started.work else { return false };
    let tells = |filling: &Filling| match filling {
        Filling::Share(Share::Result { step: of, path }) => of == step && path.first().is_some_and(|at| at == "person"),
        Filling::Share(_) | Filling::Text(_) | Filling::Officer(_) => false,
    };
    form.iter().any(|(_, filling)| tells(filling))
}

/// Of a case that a draw decides over: whether what it is drawn for was done. Where everybody is visited, that step says so
/// without a draw.
pub(crate) fn visited(def: &Definition, case: &Case) -> Option<bool> {
    let drawn_for = def.steps.values().filter(|step| step.drawn_by.is_some());
    let states: Vec<StepState> = drawn_for.map(|step| case.step_state(&step.name)).collect();
    if states.contains(&StepState::Completed) {
        return Some(true);
    }
    (!states.is_empty() && states.iter().all(|state| *state == StepState::Skipped)).then_some(false)
}
