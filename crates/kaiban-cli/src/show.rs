//! Answers as people read them.

mod case;
mod certificate;
mod check;
mod chinese;
mod credit;
mod delay;
mod draw;
mod explain;
mod figures;
mod incident;
mod task;

pub use case::{CASE_HEADER, LETTER_HEADER, case, case_row, letter_row};
pub use certificate::certificate;
pub use check::check;
pub use credit::{credit, register_entry};
pub use delay::{LATE_HEADER, delay, late_row};
pub use draw::{DRAW_HEADER, POOL_HEADER, draw, draw_row, pool_row};
pub use explain::{Language, explain, waits};
pub use figures::figures;
pub use incident::{INCIDENT_HEADER, incident, incident_row};
use kaiban_api::v1;
pub use task::{receipt, task};

use self::case::{correction, or_dash, overdue, pause, state, step_state};
use crate::lengths::instant;

/// Findings, one a line, each on a line of its own.
pub fn findings(findings: &[v1::Finding]) -> String {
    let mut text = String::new();
    for finding in findings {
        let place = if finding.pointer.is_empty() { "-" } else { &finding.pointer };
        let weight = if finding.severity() == v1::Severity::Doubt { " (doubt)" } else { "" };
        text.push_str(&format!("\n  {place}  {}{weight}: {}", finding.code, both(finding.message.as_ref())));
        if finding.help.is_some() {
            text.push_str(&format!("\n      {}", both(finding.help.as_ref())));
        }
    }
    text
}

/// Both languages in one line.
pub fn both(text: Option<&v1::Text>) -> String {
    match text {
        Some(text) if text.zh.is_empty() => text.en.clone(),
        Some(text) if text.en.is_empty() => text.zh.clone(),
        Some(text) => format!("{} / {}", text.zh, text.en),
        None => "-".to_owned(),
    }
}

/// `1 finding`, `2 findings`.
pub fn count(number: impl Into<i64>, what: &str) -> String {
    match number.into() {
        1 => format!("1 {what}"),
        number => format!("{number} {what}s"),
    }
}

/// A token in one line.
pub fn token_row(token: &v1::Token) -> [String; 6] {
    let certificate = match token.certificate_sha256.get(..8) {
        Some(begin) => format!("certificate {begin}…"),
        None => String::new(),
    };
    let scope =
        [token.person.clone(), token.outlet.clone(), token.offices.join(","), token.divisions.join(","), certificate];
    let scope: Vec<String> = scope.into_iter().filter(|part| !part.is_empty()).collect();
    let ends = match &token.revoked_at {
        Some(at) => format!("revoked {}", instant(Some(at))),
        None => instant(token.expires_at.as_ref()),
    };
    [
        token.id.clone(),
        token.role().as_str_name().trim_start_matches("ROLE_").to_lowercase(),
        token.organisation.clone(),
        scope.join(" "),
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
