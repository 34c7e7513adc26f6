//! Credit records, and entries of registers that the bureau keeps.

use kaiban_api::v1;

use super::{both, lines};
use crate::lengths::instant;

/// A subject's credit on a day: its history, and what it means in sentences.
pub fn credit(credit: &v1::Credit) -> String {
    let mut facts = vec![
        ("subject", credit.subject.clone()),
        ("on", credit.on.clone()),
        ("commitments", if credit.barred { "barred" } else { "open" }.to_owned()),
        ("risk", credit.risk.clone()),
        ("rules", both(credit.law.as_ref())),
    ];
    if !credit.clear_from.is_empty() {
        facts.push(("clear from", credit.clear_from.clone()));
    }
    let mut text = lines(&facts);
    for entry in &credit.entries {
        text.push_str(&format!("\n  {}  {}  {}  by {}", entry.on, entry.record_id, entry.kind, entry.by));
    }
    for sentence in &credit.explanation {
        text.push_str(&format!("\n{}\n{}", sentence.zh, sentence.en));
    }
    text
}

/// An entry of a register, with what was done with it.
pub fn register_entry(entry: &v1::RegisterEntry) -> String {
    let until = match &entry.until {
        Some(at) => format!("until {}", instant(Some(at))),
        None => "until it is ended".to_owned(),
    };
    let mut text = format!("{}  {}  since {}, {until}", entry.register, entry.key, instant(entry.since.as_ref()));
    for event in &entry.history {
        let done = if event.put { "put in" } else { "ended" };
        text.push_str(&format!("\n  {}  {done} by {}: {}", instant(event.at.as_ref()), event.by, event.reason));
    }
    text
}
