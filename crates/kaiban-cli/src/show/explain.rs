//! A case told so that somebody at a counter can answer "how far is it, and why is it not done yet?".

use kaiban_api::v1;
use kaiban_api::v1::{CaseState, StepState};

use super::{both, correction, count, findings, pause, state};
use crate::ball::{self, Ball, Stand};
use crate::lengths::{instant, show};
use crate::show::case::{code, with};

/// In which language the account of the time is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Language {
    /// Simplified Chinese.
    Zh,
    /// English.
    En,
}

impl Language {
    fn of(self, text: &v1::Text) -> &str {
        match self {
            Self::Zh => &text.zh,
            Self::En => &text.en,
        }
    }
}

/// The account of a case. Without the package it does not say what a step waits for.
pub fn explain(
    case: &v1::Case,
    package: Option<&v1::Workflow>,
    told: &v1::ExplainCaseResponse,
    language: Language,
) -> String {
    let balls = ball::of(case);
    let mut parts = vec![head(case), accounts(told, language)];
    if !balls.is_empty() {
        let lines: Vec<String> = balls.iter().map(|ball| format!("  {}", with(ball))).collect();
        parts.push(format!("Who has the ball\n{}", lines.join("\n")));
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
    if case.promise_undecided {
        say("the promise is undecided: an officer has to look at the package's promise".to_owned());
    }
    if !case.parent.is_empty() {
        say(format!("started by case {}", case.parent));
    }
    text
}

/// Where the time went: each clock in a sentence, stretch by stretch below it, then its remarks.
fn accounts(told: &v1::ExplainCaseResponse, language: Language) -> String {
    let said = |text: Option<&v1::Text>| text.map(|text| language.of(text).to_owned()).unwrap_or_default();
    let mut text = match language {
        Language::En => "Where the time went".to_owned(),
        Language::Zh => "时间账".to_owned(),
    };
    for account in &told.accounts {
        text.push_str(&format!("\n  {}", said(account.line.as_ref())));
        for stretch in &account.stretches {
            text.push_str(&format!("\n      {}", said(stretch.line.as_ref())));
        }
        for note in &account.notes {
            text.push_str(&format!("\n    - {}", language.of(note)));
        }
    }
    text
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
