//! Answers as people read them.

use kaiban_api::v1;

use crate::lengths::{clock, instant, show};
use crate::output::table;

/// A case with its steps and corrections, as far as they are there.
pub fn case(case: &v1::Case) -> String {
    let mut facts = vec![
        ("case", case.id.clone()),
        ("workflow", format!("{} {}", case.workflow, case.version)),
        ("subject", case.subject.clone()),
        ("state", state(case)),
        ("division", case.division.clone()),
        ("submitted by", [case.organisation.as_str(), case.outlet.as_str()].join(" ").trim().to_owned()),
        ("received", instant(case.received_at.as_ref())),
        ("accepted", instant(case.accepted_at.as_ref())),
    ];
    if case.closed_at.is_some() {
        facts.push(("closed", instant(case.closed_at.as_ref())));
    }
    facts.push(("working time", clock(case.promise.as_ref())));
    if let Some(due) = case.promise.as_ref().and_then(|promise| promise.due.as_ref()) {
        facts.push(("due", instant(Some(due))));
    }
    facts.push(("wall time", case.wall.as_ref().map(show).unwrap_or_default()));
    facts.push(("journal", format!("{} entries, head {}", case.revision, case.head)));
    let mut text = lines(&facts);
    if !case.steps.is_empty() {
        text.push_str("\n\n");
        text.push_str(&steps(&case.steps));
    }
    for correction in &case.corrections {
        text.push_str(&format!(
            "\n\ncorrection {}, told {}, {}",
            correction.id,
            instant(correction.told_at.as_ref()),
            match &correction.answered_at {
                Some(at) => format!("answered {}", instant(Some(at))),
                None => "open".to_owned(),
            }
        ));
        text.push_str(&findings(&correction.findings));
    }
    text
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

fn state(case: &v1::Case) -> String {
    let name = case.state().as_str_name().trim_start_matches("CASE_STATE_").to_lowercase();
    if case.outcome.is_empty() { name } else { format!("{name}: {}", case.outcome) }
}

fn steps(steps: &[v1::Step]) -> String {
    let row = |step: &v1::Step| {
        let state = step.state().as_str_name().trim_start_matches("STEP_STATE_").to_lowercase();
        [
            step.step.clone(),
            if step.outcome.is_empty() { state } else { format!("{state}: {}", step.outcome) },
            step.office.clone(),
            if step.offered_at.is_some() { clock(step.promise.as_ref()) } else { "-".to_owned() },
            instant(step.ended_at.as_ref()),
            if step.task.is_empty() { "-".to_owned() } else { step.task.clone() },
        ]
    };
    table(["STEP", "STATE", "OFFICE", "WORKING TIME", "ENDED", "TASK"], steps.iter().map(row))
}

/// Findings, one a line, each on a line of its own.
pub fn findings(findings: &[v1::Finding]) -> String {
    let mut text = String::new();
    for finding in findings {
        let message = finding.message.clone().unwrap_or_default();
        let place = if finding.pointer.is_empty() { "-" } else { &finding.pointer };
        let weight = if finding.severity() == v1::Severity::Doubt { " (doubt)" } else { "" };
        text.push_str(&format!("\n  {place}  {}{weight}: {} / {}", finding.code, message.zh, message.en));
        if let Some(help) = &finding.help {
            text.push_str(&format!("\n      {} / {}", help.zh, help.en));
        }
    }
    text
}

/// A task with what it shares.
pub fn task(task: &v1::Task) -> String {
    let facts = [
        ("task", task.id.clone()),
        ("epoch", task.epoch.to_string()),
        ("office", task.office.clone()),
        ("step", format!("{} of {}", task.step, task.workflow)),
        ("lease until", instant(task.lease_until.as_ref())),
        ("offered", instant(task.offered_at.as_ref())),
        ("promise due", instant(task.promise_due.as_ref())),
        ("attempt", (task.attempt + 1).to_string()),
        ("form revision", task.form_revision.to_string()),
    ];
    let mut text = lines(&facts);
    text.push_str(&findings(&task.doubts));
    if !task.corrected.is_empty() {
        text.push_str("\ncorrected:");
        text.push_str(&findings(&task.corrected));
    }
    if let Some(Ok(shared)) = task.shared.clone().map(kaiban_api::from_struct) {
        text.push_str(&format!("\n{shared:#}"));
    }
    text
}

/// What became of a task.
pub fn receipt(task: &str, receipt: &v1::TaskReceipt) -> String {
    let mut facts = vec![
        ("task", task.to_owned()),
        ("step", receipt.step_state.to_lowercase()),
        ("at", instant(receipt.at.as_ref())),
    ];
    if receipt.lease_until.is_some() {
        facts.push(("lease until", instant(receipt.lease_until.as_ref())));
    }
    if receipt.again_at.is_some() {
        facts.push(("offered again", instant(receipt.again_at.as_ref())));
    }
    facts.push(("journal", format!("{} entries, head {}", receipt.revision, receipt.head)));
    lines(&facts)
}

/// A token in one line.
pub fn token_row(token: &v1::Token) -> [String; 6] {
    let scope = if token.outlet.is_empty() { token.offices.join(",") } else { token.outlet.clone() };
    let ends = match &token.revoked_at {
        Some(at) => format!("revoked {}", instant(Some(at))),
        None => instant(token.expires_at.as_ref()),
    };
    [
        token.id.clone(),
        token.role().as_str_name().trim_start_matches("ROLE_").to_lowercase(),
        token.organisation.clone(),
        scope,
        ends,
        token.label.clone(),
    ]
}

/// What [`token_row`] has.
pub const TOKEN_HEADER: [&str; 6] = ["TOKEN", "ROLE", "ORGANISATION", "SCOPE", "ENDS", "LABEL"];

/// Names and values below each other.
pub fn lines(facts: &[(&str, String)]) -> String {
    let width = facts.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    facts.iter().map(|(name, value)| format!("{name:width$}  {value}")).collect::<Vec<_>>().join("\n")
}
