//! A case told so that somebody at a counter can answer "how far is it, and why is it not done yet?".

use kaiban_api::v1;
use kaiban_api::v1::{CaseState, ClockState, StepState};

use super::{both, correction, count, findings, lines, measured, or_dash, pause, standing, state};
use crate::ball::{self, Ball, Party, Stand};
use crate::lengths::{hours, instant, show};
use crate::output::table;
use crate::show::case::{code, with};

/// The account of a case. Without the package it does not say what a step waits for.
pub fn explain(case: &v1::Case, package: Option<&v1::Workflow>) -> String {
    let balls = ball::of(case);
    let mut parts = vec![head(case), clock(case, &balls)];
    if !balls.is_empty() {
        let lines: Vec<String> = balls.iter().map(|ball| format!("  {}", with(ball))).collect();
        parts.push(format!("Who has the ball\n{}", lines.join("\n")));
    }
    if !case.steps.is_empty() {
        parts.push(format!("The time of each step\n{}", steps(case)));
    }
    parts.extend(held_up(case));
    parts.push(format!("What happens next\n{}", next(case, &balls, package)));
    parts.join("\n\n")
}

fn head(case: &v1::Case) -> String {
    let mut text = format!("{}  {}  {} {}", case.id, case.subject, case.workflow, case.version);
    let mut say = |what: String| text.push_str(&format!("\n  {what}"));
    let by = [case.organisation.as_str(), case.outlet.as_str()].join(" ");
    let by = if by.trim().is_empty() { String::new() } else { format!(" by {}", by.trim()) };
    say(format!("received {}{by}", instant(case.received_at.as_ref())));
    match (&case.accepted_at, &case.received_at) {
        (Some(accepted), Some(received)) => {
            let after_us = kaiban_api::micros(accepted).zip(kaiban_api::micros(received));
            let after = after_us.map(|(accepted, received)| kaiban_api::duration(accepted - received));
            let after = after.as_ref().map(show).unwrap_or_default();
            say(format!("accepted {} (受理), {after} after receipt", instant(Some(accepted))));
        }
        _ => say("not accepted yet (未受理)".to_owned()),
    }
    match case.state() {
        CaseState::Closed => say(format!("{}, {}", state(case), instant(case.closed_at.as_ref()))),
        _ => say(state(case)),
    }
    if case.code != 0 {
        say(format!("state code {}", code(case.code)));
    }
    if !case.parent.is_empty() {
        say(format!("started by case {}", case.parent));
    }
    text
}

fn clock(case: &v1::Case, balls: &[Ball<'_>]) -> String {
    let Some(promise) = &case.promise else { return "The clock\n  there is none".to_owned() };
    let mut facts = Vec::new();
    match (&promise.budget, case.promise_undecided) {
        (_, true) => facts.push(("promised", "undecided: an officer has to look at the package's promise".to_owned())),
        (Some(budget), _) => facts.push(("promised", format!("{} of working time", hours(budget)))),
        (None, _) => facts.push(("promised", "nothing; the time is only measured".to_owned())),
    }
    facts.push(("elapsed", promise.elapsed.as_ref().map(hours).unwrap_or_default()));
    if let Some(remaining) = &promise.remaining {
        facts.push(("remaining", hours(remaining)));
    }
    if let Some(due) = &promise.due {
        let provisional = if promise.provisional { "; may move, holidays of that year are not published" } else { "" };
        facts.push(("due", format!("{}, if it keeps running{provisional}", instant(Some(due)))));
    }
    if let Some(at) = &promise.breached_at {
        facts.push(("used up", instant(Some(at))));
    }
    facts.push(("wall time", case.wall.as_ref().map(show).unwrap_or_default()));
    facts.push(("calendar", or_dash(&promise.calendar)));
    let indented = lines(&facts).replace('\n', "\n  ");
    format!("The clock {}\n  {indented}", why(promise.state(), case, balls))
}

/// Why the clock stands as it does.
fn why(clock: ClockState, case: &v1::Case, balls: &[Ball<'_>]) -> String {
    let counted = || balls.iter().filter(|ball| ball.counted);
    match clock {
        ClockState::Unspecified | ClockState::NotStarted if case.accepted_at.is_none() => {
            "has not started: the case is not accepted".to_owned()
        }
        ClockState::Unspecified | ClockState::NotStarted => "has not started: no counted step was open yet".to_owned(),
        ClockState::Running => {
            let running: Vec<&str> = counted().filter(|ball| ball.party.counts()).map(|ball| ball.step).collect();
            // An agency sees its own steps only.
            if running.is_empty() { "runs".to_owned() } else { format!("runs for {}", running.join(", ")) }
        }
        ClockState::Paused if counted().any(|ball| ball.party == Party::Applicant) => {
            "stands still: the applicant has the ball".to_owned()
        }
        ClockState::Paused if counted().any(|ball| ball.party == Party::Nobody) => {
            "stands still: what is counted is paused".to_owned()
        }
        ClockState::Paused => "stands still: no counted step is open".to_owned(),
        ClockState::Stopped if case.state() == CaseState::Closed => "has stopped for good".to_owned(),
        ClockState::Stopped => "has stopped for good: the last counted step has ended".to_owned(),
    }
}

fn steps(case: &v1::Case) -> String {
    let row = |step: &v1::Step| {
        let due = step.promise.as_ref().and_then(|promise| promise.due.as_ref());
        let wall = step.wall.as_ref().filter(|_| step.offered_at.is_some());
        [
            format!("  {}", step.step),
            step.title.clone().unwrap_or_default().zh,
            standing(step),
            if step.counted { "yes" } else { "no" }.to_owned(),
            measured(step),
            instant(due),
            wall.map_or_else(|| "-".to_owned(), show),
        ]
    };
    table(["  STEP", "TITLE", "STATE", "COUNTED", "WORKING TIME", "DUE", "WALL TIME"], case.steps.iter().map(row))
}

/// Corrections and pauses, past ones included as far as the case tells.
fn held_up(case: &v1::Case) -> Option<String> {
    let mut text = String::new();
    for asked in &case.corrections {
        let said = findings(&asked.findings).replace('\n', "\n  ");
        text.push_str(&format!("\n  {}: {}{said}", self::correction(asked), count_findings(asked)));
    }
    for step in &case.steps {
        if let Some(held) = &step.pause {
            text.push_str(&format!("\n  {} {}", step.step, pause(held)));
        }
    }
    (!text.is_empty()).then(|| format!("Corrections and pauses{text}"))
}

fn count_findings(asked: &v1::Correction) -> String {
    count(i64::try_from(asked.findings.len()).unwrap_or(i64::MAX), "finding")
}

fn next(case: &v1::Case, balls: &[Ball<'_>], package: Option<&v1::Workflow>) -> String {
    if case.state() == CaseState::Closed {
        let rated = if case.grade == 0 { "; the applicant may rate the service" } else { "" };
        return format!("  nothing: the case has ended{rated}");
    }
    let mut lines: Vec<String> = balls.iter().map(|ball| act(case, ball)).collect();
    lines.extend(waits(case, package).into_iter().map(|wait| wait.to_string()));
    let asked_for_later = case.steps.iter().filter(|step| step.state() == StepState::NotRequested);
    lines.extend(asked_for_later.map(|step| {
        let title = both(step.title.as_ref());
        format!(
            "{} ({title}) was not asked for; it can be while the case is open: `kaiban case request-step`",
            step.step
        )
    }));
    if lines.is_empty() {
        lines.push("the system goes on by itself".to_owned());
    }
    lines.iter().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n")
}

/// What who has the ball will have to do.
fn act(case: &v1::Case, ball: &Ball<'_>) -> String {
    let (id, step) = (&case.id, ball.step);
    match ball.stand {
        Stand::Offered => format!("{} takes {step} and ends it", ball.party),
        Stand::Claimed | Stand::Deferred | Stand::Retrying => format!("{} ends {step}", ball.party),
        Stand::Asked(correction) => {
            let answer = format!("`kaiban case resubmit {id} FORM --correction '{correction}'`");
            format!("the applicant answers {correction}: {answer}")
        }
        Stand::Untold(_) | Stand::Waiting(_) => format!("{step}: the system {}", ball.stand),
        Stand::Paused => format!("the office resumes {step}: `kaiban case resume {id} '{step}'`"),
        Stand::Incident => {
            format!("an officer finds the cause and resolves: `kaiban incident show '{id}/{step}'`")
        }
    }
}

/// A step that has not begun, and what it waits for.
pub struct Wait<'a> {
    pub step: &'a str,
    /// Steps that it needs and that have not ended; empty where it waits for one of several.
    pub on: Vec<&'a str>,
}

impl std::fmt::Display for Wait<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.on.as_slice() {
            [] => write!(f, "{} waits for what goes before it", self.step),
            on => write!(f, "{} waits for {}", self.step, on.join(", ")),
        }
    }
}

/// The steps that have not begun. A step that the caller does not see does not stand in anybody's way here.
pub fn waits<'a>(case: &'a v1::Case, package: Option<&'a v1::Workflow>) -> Vec<Wait<'a>> {
    let Some(package) = package else { return Vec::new() };
    let ended = |name: &str| {
        case.steps.iter().find(|step| step.step == name).is_none_or(|step| {
            matches!(
                step.state(),
                StepState::Completed
                    | StepState::Skipped
                    | StepState::Ended
                    | StepState::Withdrawn
                    | StepState::NotRequested
            )
        })
    };
    let pending = case.steps.iter().filter(|step| step.state() == StepState::Pending);
    let wait = |step: &'a v1::Step| {
        let declared = package.steps.iter().find(|declared| declared.step == step.step)?;
        let on = declared.needs.iter().map(String::as_str).filter(|need| !ended(need)).collect();
        Some(Wait { step: &step.step, on })
    };
    pending.filter_map(wait).collect()
}
