//! How a case stands: the case itself, then its steps in the order of the package, each branch below its step.

use kaiban_calendar::{CalendarError, Calendars};
use kaiban_definition::{Definition, INTAKE, branch_parts};
use kaiban_engine::{Case, ClockState, CodeAt, Phase, PromiseClock, StepRun, StepState, Way};

use super::{hours, local};

/// The lines of a case block.
pub(crate) fn case_block(
    def: &Definition,
    case: &Case,
    calendars: &Calendars,
    now_us: i64,
) -> Result<Vec<String>, CalendarError> {
    let now_us = now_us.max(case.last_at_us);
    let mut rows =
        vec![[name("case"), standing(case), time(&case.promise_clock(calendars, now_us)?), codes(&case.codes)]];
    let intake = def.intake.iter().map(|_| INTAKE).filter(|intake| case.steps.contains_key(*intake));
    let mut pending = Vec::new();
    for step in intake.chain(def.order.iter().map(String::as_str)) {
        if case.step_state(step) == StepState::Pending {
            // An undo step is pending in every case in which nothing was undone.
            pending.extend(def.step(step).filter(|step| step.is_regular()).map(|step| step.name.as_str()));
        }
        let is_branch = |run: &String| branch_parts(run).0 == step && run != step;
        if case.step_state(step) == StepState::Pending && !case.steps.keys().any(is_branch) {
            continue;
        }
        rows.push(row(step, case.steps.get(step), calendars, now_us)?);
        let branches = case.steps.iter().filter(|(branch, _)| {
            let (of, key) = branch_parts(branch);
            of == step && key.is_some()
        });
        for (branch, run) in branches {
            rows.push(row(branch, Some(run), calendars, now_us)?);
        }
    }
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths = [width(0), width(1), width(2)];
    let line = |[name, state, time, codes]: &[String; 4]| {
        let [a, b, c] = widths;
        format!("{name:<a$}  {state:<b$}  {time:<c$}  {codes}").trim_end().to_owned()
    };
    let mut lines: Vec<String> = rows.iter().map(line).collect();
    if !pending.is_empty() {
        lines.push(format!("{:<width$}  {}", "pending", pending.join(", "), width = widths[0]));
    }
    Ok(lines)
}

fn name(name: &str) -> String {
    name.to_owned()
}

fn row(step: &str, run: Option<&StepRun>, calendars: &Calendars, now_us: i64) -> Result<[String; 4], CalendarError> {
    let Some(run) = run else { return Ok([name(step), words(StepState::Pending), String::new(), String::new()]) };
    let state = match (&run.outcome, run.state) {
        // What stands for a certificate says more than that it is done.
        (Some(_), StepState::Completed) if run.way.is_some() => run.way.map(Way::name).unwrap_or_default().to_owned(),
        (Some(outcome), StepState::Completed | StepState::Ended) => outcome.clone(),
        (_, state) => words(state),
    };
    let clock = run.promise_clock(calendars, now_us)?;
    // What passed in no time at all says nothing.
    let clock = clock.filter(|clock| clock.budget_us.is_some() || clock.elapsed_us > 0);
    Ok([name(step), state, clock.as_ref().map(time).unwrap_or_default(), codes(&run.codes)])
}

fn words(state: StepState) -> String {
    state.name().to_lowercase().replace('_', " ")
}

fn standing(case: &Case) -> String {
    match (case.phase, &case.outcome) {
        (Phase::New, _) => "new".to_owned(),
        (Phase::Intake, _) => "received".to_owned(),
        (Phase::Open, _) => "open".to_owned(),
        (Phase::Closed, outcome) => {
            let outcome = outcome.as_deref().unwrap_or_default();
            let later = if case.revocation.is_some() && outcome != "revoked" { ", later revoked" } else { "" };
            format!("{outcome}{later}")
        }
    }
}

/// `running, 0:30 of 3:00 used, due 2026-11-23 11:30`
fn time(clock: &PromiseClock) -> String {
    let mut text = match clock.state {
        ClockState::NotStarted => return "not started".to_owned(),
        ClockState::Running => "running".to_owned(),
        ClockState::Paused => "paused".to_owned(),
        ClockState::Stopped => "stopped".to_owned(),
    };
    let of = clock.budget_us.map_or(String::new(), |budget_us| format!(" of {}", hours(budget_us)));
    text.push_str(&format!(", {}{of} used", hours(clock.elapsed_us)));
    match (clock.breached_at_us, clock.due_us) {
        (Some(breached_at_us), _) => text.push_str(&format!(", over since {}", local(breached_at_us))),
        (None, Some(due_us)) => text.push_str(&format!(", due {}", local(due_us))),
        (None, None) => {}
    }
    if clock.provisional {
        text.push_str(", provisional");
    }
    text
}

fn codes(codes: &[CodeAt]) -> String {
    let codes: Vec<String> = codes.iter().map(|at| (at.code as u8).to_string()).collect();
    codes.join(" ")
}
