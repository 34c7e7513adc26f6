//! Cases, with their steps, corrections and letters.

use kaiban_api::v1;
use kaiban_engine::StateCode;

use super::certificate::certificate_line;
use super::{count, findings, lines};
use crate::ball::{self, Ball};
use crate::lengths::{clock, hours, instant, show};
use crate::output::table;

/// A case with its steps, corrections and letters, as far as they are there.
pub fn case(case: &v1::Case) -> String {
    let mut text = lines(&facts(case));
    if !case.steps.is_empty() {
        text.push_str("\n\n");
        text.push_str(&steps(&case.steps));
    }
    for step in &case.steps {
        text.push_str(&remarks(step));
    }
    for correction in &case.corrections {
        text.push_str("\n\n");
        text.push_str(&self::correction(correction));
        text.push_str(&findings(&correction.findings));
    }
    for gone in &case.erased {
        text.push_str(&format!("\n\n{} erased {} by rule {}", gone.kind, instant(gone.at.as_ref()), gone.rule));
    }
    if !case.letters.is_empty() {
        text.push_str("\n\n");
        text.push_str(&table(LETTER_HEADER, case.letters.iter().map(letter_row)));
    }
    text
}

fn facts(case: &v1::Case) -> Vec<(&'static str, String)> {
    let mut facts = vec![
        ("case", case.id.clone()),
        ("workflow", format!("{} {}", case.workflow, case.version)),
        ("subject", case.subject.clone()),
        ("state", state(case)),
    ];
    if case.code != 0 {
        facts.push(("code", code(case.code)));
    }
    facts.push(("division", case.division.clone()));
    facts.push(("submitted by", [case.organisation.as_str(), case.outlet.as_str()].join(" ").trim().to_owned()));
    if !case.parent.is_empty() {
        facts.push(("started by", case.parent.clone()));
    }
    facts.push(("received", instant(case.received_at.as_ref())));
    facts.push(("accepted", instant(case.accepted_at.as_ref())));
    if case.closed_at.is_some() {
        facts.push(("closed", instant(case.closed_at.as_ref())));
    }
    facts.push(("working time", promise(case)));
    if let Some(due) = case.promise.as_ref().and_then(|promise| promise.due.as_ref()) {
        facts.push(("due", instant(Some(due))));
    }
    facts.push(("wall time", case.wall.as_ref().map(show).unwrap_or_default()));
    facts.extend(case.certificates.iter().map(|asked| ("certificate", certificate_line(asked))));
    facts.extend(ball::of(case).iter().map(|ball| ("with", with(ball))));
    if case.grade != 0 {
        facts.push(("rated", format!("{} of 5", case.grade)));
    }
    facts.push(("journal", format!("{} entries, head {}", case.revision, case.head)));
    facts
}

/// The promise clock in one line; a promise that nobody could decide says so.
fn promise(case: &v1::Case) -> String {
    let undecided = if case.promise_undecided { ", promise undecided: needs an officer" } else { "" };
    format!("{}{undecided}", clock(case.promise.as_ref()))
}

/// Who has the ball, in one line.
pub fn with(ball: &Ball<'_>) -> String {
    let since = ball.since.as_ref().map(|since| format!(" since {}", instant(Some(since)))).unwrap_or_default();
    format!("{}: {}, {}{since}", ball.party, ball.step, ball.stand)
}

/// A case in one line.
pub fn case_row(case: &v1::Case) -> [String; 6] {
    [
        case.id.clone(),
        state(case),
        case.division.clone(),
        instant(case.received_at.as_ref()),
        clock(case.promise.as_ref()),
        case.subject.clone(),
    ]
}

/// What [`case_row`] has.
pub const CASE_HEADER: [&str; 6] = ["CASE", "STATE", "DIVISION", "RECEIVED", "WORKING TIME", "SUBJECT"];

/// Where a case stands, and how it ended: `closed: opened`, `closed: opened, later revoked`.
pub fn state(case: &v1::Case) -> String {
    let name = case.state().as_str_name().trim_start_matches("CASE_STATE_").to_lowercase();
    let later = if case.revocation.is_some() && case.outcome != "revoked" { ", later revoked" } else { "" };
    if case.outcome.is_empty() { name } else { format!("{name}: {}{later}", case.outcome) }
}

/// A state code with its name: `3 已受理`.
pub fn code(code: i32) -> String {
    let named = u8::try_from(code).ok().and_then(|code| StateCode::try_from(code).ok());
    named.map_or_else(|| code.to_string(), |named| format!("{code} {}", named.title()))
}

/// Where a step stands.
pub fn step_state(state: v1::StepState) -> String {
    state.as_str_name().trim_start_matches("STEP_STATE_").to_lowercase().replace('_', " ")
}

/// Where a step stands, and with which outcome: `completed: approve`.
pub fn standing(step: &v1::Step) -> String {
    let state = step_state(step.state());
    if step.outcome.is_empty() { state } else { format!("{state}: {}", step.outcome) }
}

fn steps(steps: &[v1::Step]) -> String {
    let row = |step: &v1::Step| {
        let codes: Vec<String> = step.codes.iter().map(|emitted| emitted.code.to_string()).collect();
        [
            step.step.clone(),
            standing(step),
            or_dash(&step.office),
            measured(step),
            instant(step.ended_at.as_ref()),
            or_dash(&codes.join(" ")),
            or_dash(&step.task),
        ]
    };
    table(["STEP", "STATE", "OFFICE", "WORKING TIME", "ENDED", "CODES", "TASK"], steps.iter().map(row))
}

/// The working time of a step that was ever offered.
pub fn measured(step: &v1::Step) -> String {
    if step.offered_at.is_some() { clock(step.promise.as_ref()) } else { "-".to_owned() }
}

pub fn or_dash(text: &str) -> String {
    if text.is_empty() { "-".to_owned() } else { text.to_owned() }
}

/// What a step has to say beyond its line: why it is paused, what it started, what was taken back, why it was refused.
fn remarks(step: &v1::Step) -> String {
    let mut text = String::new();
    let mut say = |what: String| text.push_str(&format!("\n\n{}: {what}", step.step));
    if let Some(pause) = &step.pause {
        say(self::pause(pause));
    }
    if !step.sub_case.is_empty() {
        say(format!("started case {}", step.sub_case));
    }
    for round in &step.superseded {
        say(format!(
            "round {} ended with {} at {} and was taken back",
            round.round,
            round.outcome,
            instant(round.ended_at.as_ref())
        ));
    }
    for overdue in &step.overdue {
        say(self::overdue(overdue));
    }
    if let Some(clock) = step.statutory.as_ref().filter(|clock| clock.extended_by.is_some()) {
        say(prolonged(clock));
    }
    if let Some(delay) = &step.delay {
        say(super::delay(delay));
    }
    if step.attempts > 0 {
        say(count(step.attempts, "failed attempt"));
    }
    if !step.reason.is_empty() {
        say(format!("reason: {}", step.reason));
    }
    text
}

/// That the period of the law was prolonged.
fn prolonged(clock: &v1::StatutoryClock) -> String {
    let until = clock.due.as_ref().map(|due| format!(", until {}", instant(Some(due)))).unwrap_or_default();
    let (within, more) = (period(clock.within.as_ref()), period(clock.extended_by.as_ref()));
    format!("by law {within} ({}), prolonged by {more}{until}", clock.law)
}

fn period(period: Option<&v1::Period>) -> String {
    use v1::period::Length;
    match period.and_then(|period| period.length.as_ref()) {
        Some(Length::WorkingDays(0)) => "the same day".to_owned(),
        Some(Length::WorkingDays(days)) => count(*days, "working day"),
        Some(Length::WorkingTime(length)) => format!("{} of working time", hours(length)),
        Some(Length::WallTime(length)) => show(length),
        None => "-".to_owned(),
    }
}

/// That a step takes too long, and who is told.
pub fn overdue(overdue: &v1::Overdue) -> String {
    let told = match overdue.party.as_str() {
        "" => "its office is reminded".to_owned(),
        party => format!("escalated to {party}"),
    };
    format!("took {}: {told}", overdue.after)
}

/// Why something is held up.
pub fn pause(pause: &v1::Pause) -> String {
    let reason = pause_reason(pause.reason());
    let until = pause.until.as_ref().map(|until| format!(" until {}", instant(Some(until)))).unwrap_or_default();
    format!("paused since {}{until}: {reason}", instant(pause.since.as_ref()))
}

/// A reason of the pause table, in words.
pub fn pause_reason(reason: v1::PauseReason) -> &'static str {
    match reason {
        v1::PauseReason::Unspecified => "no reason given",
        v1::PauseReason::SpecialProcedure => "special procedure (特别程序)",
        v1::PauseReason::Appointment => "the applicant's appointment (预约)",
        v1::PauseReason::Litigation => "lawsuit or arbitration (诉讼、仲裁)",
    }
}

/// A correction in one line, without its findings.
pub fn correction(correction: &v1::Correction) -> String {
    let told = match &correction.told_at {
        Some(at) => format!("told {}", instant(Some(at))),
        None => format!("asked {}, not yet told", instant(correction.asked_at.as_ref())),
    };
    let answered = match &correction.answered_at {
        Some(at) => format!("answered {}", instant(Some(at))),
        None => "open".to_owned(),
    };
    let reminders = match correction.reminders {
        0 => String::new(),
        reminders => format!(", {}", count(reminders, "reminder")),
    };
    let breach = if correction.breach { ", not told at once with the one before (breach)" } else { "" };
    format!("correction {}, {told}, {answered}{reminders}{breach}", correction.id)
}

/// A letter in one line.
pub fn letter_row(letter: &v1::Letter) -> [String; 5] {
    [
        letter.number.clone(),
        letter.title.clone().unwrap_or_default().zh,
        or_dash(&letter.step),
        instant(letter.issued_at.as_ref()),
        instant(letter.told_at.as_ref()),
    ]
}

/// What [`letter_row`] has.
pub const LETTER_HEADER: [&str; 5] = ["LETTER", "TITLE", "STEP", "ISSUED", "TOLD"];
