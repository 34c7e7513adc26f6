//! The order of things: what begins, what waits, what ends.

use kaiban_definition::{Definition, INTAKE, Step, Work, branch_parts};

use super::require;
use crate::case::{Case, Phase, StepRun, StepState};
use crate::rows::{Timer, TimerKind};

/// What the present package does not have is over.
pub(super) fn what_was_dropped_is_over(_: &Definition, case: &Case) -> Result<(), String> {
    let mut dropped = case.dropped.iter();
    let open = dropped.find(|dropped| !dropped.run.state.is_terminal() && dropped.run.state != StepState::Pending);
    require(open.is_none(), || format!("{} is under way", open.map_or("", |dropped| &dropped.step)))
}

/// A closed case has an outcome, no task, no deadline and no step under way; an open one has no outcome and no grade.
pub(super) fn closed_case_is_at_rest(_: &Definition, case: &Case) -> Result<(), String> {
    let closed = case.phase == Phase::Closed;
    require(closed == case.outcome.is_some() && closed == case.closed_at_us.is_some(), || "outcome and phase".into())?;
    require(!closed || case.open_tasks().is_empty(), || "an open task".into())?;
    let owed = |timer: &Timer| timer.kind == TimerKind::Reason;
    require(!closed || case.timers().iter().all(owed), || "a running deadline".into())?;
    require(closed || case.grade.is_none(), || "rated before its end".into())?;
    require(case.grade.is_none_or(|grade| (1..=5).contains(&grade)), || "a grade out of range".into())?;
    require(!closed || case.steps.values().all(|run| run.state.is_terminal()), || "a step under way".into())
}

/// As long as a case is not closed, somebody has something to do.
pub(super) fn open_case_moves(_: &Definition, case: &Case) -> Result<(), String> {
    let alive = matches!(case.phase, Phase::New | Phase::Closed);
    require(alive || case.steps.values().any(|run| run.state.is_open()), || "nobody has the ball".into())
}

/// A guard that cannot be evaluated is an incident before the step has begun.
pub(crate) fn has_begun(run: &StepRun) -> bool {
    match run.state {
        StepState::Pending | StepState::Withdrawn => false,
        StepState::Incident => run.task_offered_at_us.is_some(),
        _ => true,
    }
}

/// What a step needed came back after it had begun: it was asked for later, or its list grew.
fn came_back(def: &Definition, case: &Case, step: &str) -> bool {
    let asked_for = case.steps.get(step).is_some_and(|run| run.requested);
    let grew = def.step(step).is_some_and(|step| step.for_each.is_some());
    asked_for || grew && case.step_state(step) == StepState::Branched
}

/// No step has begun before everything it needs has ended.
pub(super) fn needs_come_first(def: &Definition, case: &Case) -> Result<(), String> {
    for (name, run) in case.steps.iter().filter(|(_, run)| has_begun(run)) {
        let Some(step) = def.steps.get(branch_parts(name).0) else { continue };
        let group = case.steps.get(&step.name).unwrap_or(run);
        // What the applicant took back stays as it was, branches included that were done before.
        if group.state == StepState::Withdrawn {
            continue;
        }
        for need in &step.needs {
            let waived = need.when.is_some() && group.waived.as_ref().is_some_and(|waived| waived.contains(&need.step));
            let satisfied = case.step_state(&need.step).satisfies() || came_back(def, case, &need.step);
            require(waived || satisfied, || format!("{name} began before {}", need.step))?;
        }
        let Some(any) = &step.needs_any else { continue };
        // What let it begin may be revoked since.
        if case.revocation.is_some() {
            continue;
        }
        let one = any.steps.iter().any(|of| case.step_state(of) == StepState::Completed || came_back(def, case, of));
        let none = any.steps.iter().all(|of| case.step_state(of).is_terminal());
        require(one || (none && run.state == StepState::Skipped), || format!("{name} began before any of several"))?;
    }
    Ok(())
}

/// Where a package says so, the first of several takes the others back.
pub(super) fn the_first_of_several_takes_the_others_back(def: &Definition, case: &Case) -> Result<(), String> {
    for step in def.steps.values().filter(|_| case.phase == Phase::Open) {
        let Some(any) = step.needs_any.as_ref().filter(|any| any.cancels_others) else { continue };
        // Who no longer waits for a first one takes nobody back.
        if case.step_state(&step.name) == StepState::Withdrawn {
            continue;
        }
        let first = any.steps.iter().any(|of| case.step_state(of) == StepState::Completed);
        let open = any.steps.iter().find(|of| !case.step_state(of).is_terminal() && !came_back(def, case, of));
        require(!first || open.is_none(), || format!("{}: {} goes on", step.name, open.cloned().unwrap_or_default()))?;
    }
    Ok(())
}

/// Before acceptance only the intake is under way; a case whose promise was not decided has none.
pub(super) fn nothing_begins_before_acceptance(_: &Definition, case: &Case) -> Result<(), String> {
    let early = case.phase == Phase::Intake && case.steps.keys().any(|step| step != INTAKE);
    require(!early, || "a step before acceptance".into())?;
    let accepted = case.phase == Phase::Open;
    require(!accepted || case.accepted_at_us.is_some(), || "open but not accepted".into())?;
    require(!case.promise_undecided || case.budget_us.is_none(), || "undecided and promised".into())
}

/// A finished step has an outcome that its package declares, and a result exactly where the package has one. What the
/// system does is done. A group has neither: its branches do.
pub(super) fn outcomes_are_declared(def: &Definition, case: &Case) -> Result<(), String> {
    for (name, run) in &case.steps {
        let Some(step) = def.step(name) else { return Err(format!("{name}: no such step")) };
        let finished = matches!(run.state, StepState::Completed | StepState::Ended);
        let group = run.branches.is_some() && branch_parts(name).1.is_none();
        if group {
            require(run.outcome.is_none() && run.result.is_none(), || format!("{name}: a group with an outcome"))?;
            continue;
        }
        let declared = run.outcome.as_ref().is_some_and(|outcome| match &step.work {
            Work::Office { .. } => step.outcomes.contains_key(outcome),
            Work::Wait { .. } | Work::Reserve { .. } | Work::Prove(_) | Work::Start { .. } | Work::Draw { .. } => {
                outcome == "done"
            }
        });
        require(!finished || declared, || format!("{name}: outcome"))?;
        let result = run.state == StepState::Completed && gives_result(step);
        require(!finished || run.result.is_some() == result, || format!("{name}: result"))?;
    }
    Ok(())
}

/// Whether a step that completes has a result.
pub(crate) fn gives_result(step: &Step) -> bool {
    step.result.is_some() || matches!(step.work, Work::Prove(_) | Work::Draw { .. } | Work::Start { waits: true, .. })
}

/// The system waits for an instant, for a case or for a draw, and for a case only where the package starts one.
pub(super) fn waits_are_for_something(def: &Definition, case: &Case) -> Result<(), String> {
    for (name, run) in &case.steps {
        let work = def.step(name).map(|step| &step.work);
        let waits = run.state == StepState::Waiting;
        let timed = matches!(work, Some(Work::Wait { .. }));
        let starts = matches!(work, Some(Work::Start { .. }));
        let draws = matches!(work, Some(Work::Draw { .. }));
        require(!waits || (timed && run.again_at_us.is_some()) || starts || draws, || {
            format!("{name} waits for nothing")
        })?;
        require(!draws || run.again_at_us.is_none(), || format!("{name}: a draw with a deadline"))?;
        require(run.sub_case.is_none() || starts, || format!("{name} started a case"))?;
    }
    Ok(())
}

/// A key of a register is held by the step that reserved it, while the case is open or for good.
pub(super) fn reservations_are_held_while_open_or_kept(def: &Definition, case: &Case) -> Result<(), String> {
    let holds = |(name, run): (&String, &StepRun)| {
        let held = run.holds.as_ref()?;
        let Some(Work::Reserve { register, .. }) = def.step(name).map(|step| &step.work) else {
            return Some(format!("{name} reserves nothing"));
        };
        let kept = def.registers.get(register).map(|register| &register.keeps);
        let kept = case.outcome.as_ref().is_none_or(|outcome| kept.is_some_and(|kept| kept.contains(outcome)));
        let fits = held == register && run.state == StepState::Completed && kept;
        (!fits).then(|| format!("{name} holds a key of {held}"))
    };
    case.steps.iter().find_map(holds).map_or(Ok(()), Err)
}
