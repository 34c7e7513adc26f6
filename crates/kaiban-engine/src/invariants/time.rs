//! Ledgers and clocks.

use kaiban_definition::Definition;

use super::require;
use crate::case::{Case, Phase, StepState};
use crate::ledger::Ledger;

fn intervals_are_whole(ledger: &Ledger, what: &str) -> Result<(), String> {
    for pair in ledger.0.windows(2) {
        require(pair[0].to_us.is_some_and(|to| to <= pair[1].from_us), || format!("{what}: intervals overlap"))?;
    }
    for interval in &ledger.0 {
        require(interval.to_us.is_none_or(|to| to > interval.from_us), || format!("{what}: an empty interval"))?;
    }
    Ok(())
}

/// The case's intervals follow one another without a gap from receipt to closing, so their sum is the wall time.
pub(super) fn ledger_is_whole(_: &Definition, case: &Case) -> Result<(), String> {
    intervals_are_whole(&case.ledger, "case")?;
    for (step, run) in &case.steps {
        intervals_are_whole(&run.ledger, step)?;
    }
    for pair in case.ledger.0.windows(2) {
        require(pair[0].to_us == Some(pair[1].from_us), || "case: a gap between intervals".into())?;
    }
    let wall_us = case.closed_at_us.unwrap_or(case.last_at_us) - case.received_at_us;
    let sum_us = case.ledger.wall_us(case.last_at_us);
    require(case.phase == Phase::New || sum_us == wall_us, || format!("intervals sum to {sum_us}, wall is {wall_us}"))
}

/// The promise clock runs exactly when the case is accepted and a counted step is open, not paused, and not with an
/// applicant who was told of a correction.
pub(super) fn clock_runs_exactly_with_counted_work(_: &Definition, case: &Case) -> Result<(), String> {
    let told = |step: &str| case.open_correction(step).is_none_or(|correction| correction.told_at_us.is_some());
    let work = case
        .steps
        .iter()
        .filter(|(_, run)| run.counted && run.state.is_open())
        .any(|(step, run)| run.state != StepState::Paused && (run.state != StepState::Correction || !told(step)));
    let runs = case.ledger.is_running();
    require(runs == (case.phase == Phase::Open && work), || format!("clock runs: {runs}, counted work: {work}"))
}

/// The case's clock has run exactly while the clock of a counted step ran, to the microsecond: what is counted of the case,
/// party by party, is what its steps' own ledgers cover together.
pub(super) fn case_counts_what_its_steps_count(_: &Definition, case: &Case) -> Result<(), String> {
    let counting = |ledger: &Ledger| -> Vec<(i64, i64)> {
        let counting = ledger.0.iter().filter(|interval| interval.counts);
        counting.map(|interval| (interval.from_us, interval.to_us.unwrap_or(case.last_at_us))).collect()
    };
    let counted = case.runs().filter(|run| run.counted);
    let of_steps = covered(counted.flat_map(|run| counting(&run.ledger)).collect());
    let of_case = covered(counting(&case.ledger));
    require(of_case == of_steps, || format!("the case counts {of_case:?}, its steps {of_steps:?}"))
}

/// The time that stretches cover together, in order and without overlaps.
fn covered(mut stretches: Vec<(i64, i64)>) -> Vec<(i64, i64)> {
    stretches.retain(|(from_us, to_us)| from_us < to_us);
    stretches.sort_unstable();
    let mut covered: Vec<(i64, i64)> = Vec::with_capacity(stretches.len());
    for (from_us, to_us) in stretches {
        match covered.last_mut().filter(|last| last.1 >= from_us) {
            Some(last) => last.1 = last.1.max(to_us),
            None => covered.push((from_us, to_us)),
        }
    }
    covered
}

/// The reported working time is fixed with the last counted step, and not before. Where counted work begins anew, because
/// it was reopened or asked for later, the report waits for its end.
pub(super) fn promise_stops_with_last_counted_step(def: &Definition, case: &Case) -> Result<(), String> {
    let mut counted = def.steps.values().filter(|step| step.counts);
    let over = counted.all(|step| case.step_state(&step.name).is_terminal());
    let started = case.promise_started();
    let under_way = case.steps.values().any(|run| run.counted && run.state.is_open());
    match case.phase {
        Phase::Open => {
            require(!over || case.used.is_some() == started, || "reported too late, or without a clock".into())?;
            require(case.used.is_none() || !under_way, || "reported too early".into())
        }
        Phase::Closed => require(case.used.is_some() == started, || "closed without a report".into()),
        Phase::New | Phase::Intake => require(case.used.is_none(), || "reported before acceptance".into()),
    }
}

/// Reminders and escalations stand in the order of time, each once, only where a task is under way, and none that was
/// given before.
pub(super) fn overdue_is_in_order(def: &Definition, case: &Case) -> Result<(), String> {
    for (name, run) in &case.steps {
        let sorted = run.overdue.windows(2).all(|pair| (pair[0].1, pair[0].0) < (pair[1].1, pair[1].0));
        require(sorted, || format!("{name}: reminders are out of order"))?;
        require(run.overdue.is_empty() || run.state.has_task(), || format!("{name}: reminders of no task"))?;
        let listed = def.step(name).map_or(0, |step| step.on_overdue.len());
        for (index, _) in &run.overdue {
            let known = usize::try_from(*index).is_ok_and(|index| index < listed);
            require(known && !run.reached.contains(index), || format!("{name}: reminder {index}"))?;
        }
        let mut reached = run.reached.clone();
        reached.sort_unstable();
        reached.dedup();
        require(reached.len() == run.reached.len(), || format!("{name}: a reminder was given twice"))?;
    }
    Ok(())
}
