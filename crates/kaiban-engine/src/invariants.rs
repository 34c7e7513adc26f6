//! What is true of every case at every moment, as named predicates. The simulator checks them after each step, `verify`
//! over the whole database, and the write path before each commit in debug builds.

use kaiban_definition::{Definition, INTAKE};

use crate::case::{Case, Phase, StepState};
use crate::ledger::Ledger;

/// A named predicate; the error says what is not as it should be, without personal data.
#[derive(Clone, Copy, Debug)]
pub struct Invariant {
    /// Name, as `verify` prints it.
    pub name: &'static str,
    /// The predicate.
    pub check: fn(&Definition, &Case) -> Result<(), String>,
}

/// All of them.
pub fn all() -> &'static [Invariant] {
    const ALL: &[Invariant] = &[
        Invariant { name: "ledger_is_whole", check: ledger_is_whole },
        Invariant { name: "clock_runs_exactly_with_counted_work", check: clock_runs_exactly_with_counted_work },
        Invariant { name: "closed_case_is_at_rest", check: closed_case_is_at_rest },
        Invariant { name: "open_case_moves", check: open_case_moves },
        Invariant { name: "needs_come_first", check: needs_come_first },
        Invariant { name: "nothing_begins_before_acceptance", check: nothing_begins_before_acceptance },
        Invariant { name: "corrections_match_steps", check: corrections_match_steps },
        Invariant { name: "promise_stops_with_last_counted_step", check: promise_stops_with_last_counted_step },
        Invariant { name: "outcomes_are_declared", check: outcomes_are_declared },
    ];
    ALL
}

/// Checks all of them; gives the names and reasons of those that fail.
pub fn check(def: &Definition, case: &Case) -> Vec<(&'static str, String)> {
    let failed = all().iter().filter_map(|invariant| {
        let reason = (invariant.check)(def, case).err()?;
        Some((invariant.name, reason))
    });
    failed.collect()
}

fn require(holds: bool, reason: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(reason()) }
}

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
fn ledger_is_whole(_: &Definition, case: &Case) -> Result<(), String> {
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

/// The promise clock runs exactly when the case is accepted and a counted step is open and not with the applicant.
fn clock_runs_exactly_with_counted_work(_: &Definition, case: &Case) -> Result<(), String> {
    let work = case.steps.values().any(|run| run.counted && run.state.is_open() && run.state != StepState::Correction);
    let runs = case.ledger.is_running();
    require(runs == (case.phase == Phase::Open && work), || format!("clock runs: {runs}, counted work: {work}"))
}

/// A closed case has an outcome, no task, no deadline and no step under way; an open one has no outcome.
fn closed_case_is_at_rest(_: &Definition, case: &Case) -> Result<(), String> {
    let closed = case.phase == Phase::Closed;
    require(closed == case.outcome.is_some() && closed == case.closed_at_us.is_some(), || "outcome and phase".into())?;
    require(!closed || case.open_tasks().is_empty(), || "an open task".into())?;
    require(!closed || case.timers().is_empty(), || "a running deadline".into())?;
    require(!closed || case.steps.values().all(|run| run.state.is_terminal()), || "a step under way".into())
}

/// As long as a case is not closed, somebody has something to do.
fn open_case_moves(_: &Definition, case: &Case) -> Result<(), String> {
    let alive = matches!(case.phase, Phase::New | Phase::Closed);
    require(alive || case.steps.values().any(|run| run.state.is_open()), || "nobody has the ball".into())
}

/// No step has begun before everything it needs has ended.
fn needs_come_first(def: &Definition, case: &Case) -> Result<(), String> {
    for (name, run) in case.steps.iter().filter(|(_, run)| run.offers > 0 || run.state == StepState::Skipped) {
        let Some(step) = def.steps.get(name) else { continue };
        for need in &step.needs {
            let waived = need.when.is_some() && run.waived.as_ref().is_some_and(|waived| waived.contains(&need.step));
            require(waived || case.step_state(&need.step).satisfies(), || {
                format!("{name} began before {}", need.step)
            })?;
        }
    }
    Ok(())
}

/// Before acceptance only the intake is under way.
fn nothing_begins_before_acceptance(_: &Definition, case: &Case) -> Result<(), String> {
    let early = case.phase == Phase::Intake && case.steps.keys().any(|step| step != INTAKE);
    require(!early, || "a step before acceptance".into())?;
    let accepted = case.phase == Phase::Open;
    require(!accepted || case.accepted_at_us.is_some(), || "open but not accepted".into())
}

/// A step waits for the applicant exactly while it has an unanswered correction; every answer brought one form.
fn corrections_match_steps(_: &Definition, case: &Case) -> Result<(), String> {
    for (name, run) in case.steps.iter().filter(|_| case.phase != Phase::Closed) {
        let waits = run.state == StepState::Correction;
        require(waits == case.open_correction(name).is_some(), || format!("{name}: correction and state"))?;
    }
    let answered = case.corrections.iter().filter(|correction| correction.answered_at_us.is_some()).count();
    require(case.phase == Phase::New || case.forms.len() == 1 + answered, || "forms and answers".into())
}

/// The reported working time is fixed with the last counted step, and not before.
fn promise_stops_with_last_counted_step(def: &Definition, case: &Case) -> Result<(), String> {
    let mut counted = def.steps.values().filter(|step| step.counts);
    let over = counted.all(|step| case.step_state(&step.name).is_terminal());
    let started = case.promise_started();
    match case.phase {
        Phase::Open => require(case.used.is_some() == (over && started), || "reported too early or too late".into()),
        Phase::Closed => require(case.used.is_some() == started, || "closed without a report".into()),
        Phase::New | Phase::Intake => require(case.used.is_none(), || "reported before acceptance".into()),
    }
}

/// A finished step has an outcome that its package declares, and a result exactly where the package has one.
fn outcomes_are_declared(def: &Definition, case: &Case) -> Result<(), String> {
    for (name, run) in &case.steps {
        let Some(step) = def.step(name) else { return Err(format!("{name}: no such step")) };
        let finished = matches!(run.state, StepState::Completed | StepState::Ended);
        let declared = run.outcome.as_ref().is_some_and(|outcome| step.outcomes.contains_key(outcome));
        require(!finished || declared, || format!("{name}: outcome"))?;
        let result = run.state == StepState::Completed && step.result.is_some();
        require(!finished || run.result.is_some() == result, || format!("{name}: result"))?;
    }
    Ok(())
}
