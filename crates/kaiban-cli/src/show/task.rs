//! Tasks and what became of them.

use kaiban_api::v1;

use super::{findings, lines, overdue, step_state};
use crate::lengths::{clock, instant};

/// A task with what it shares.
pub fn task(task: &v1::Task) -> String {
    let mut facts = vec![
        ("task", task.id.clone()),
        ("epoch", task.epoch.to_string()),
        ("office", task.office.clone()),
        ("step", format!("{} of {}", task.step, task.workflow)),
    ];
    if !task.key.is_empty() {
        facts.push(("element", format!("{} at {}", task.key, task.item_pointer)));
    }
    facts.extend([
        ("lease until", instant(task.lease_until.as_ref())),
        ("offered", instant(task.offered_at.as_ref())),
        ("promise due", instant(task.promise_due.as_ref())),
        ("attempt", (task.attempt + 1).to_string()),
        ("form revision", task.form_revision.to_string()),
    ]);
    if let Some(promise) = &task.promise {
        facts.push(("working time", clock(Some(promise))));
    }
    facts.extend(task.overdue.iter().map(|reached| ("overdue", overdue(reached))));
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
        ("step", step_state(receipt.step_state())),
        ("at", instant(receipt.at.as_ref())),
    ];
    if receipt.lease_until.is_some() {
        facts.push(("lease until", instant(receipt.lease_until.as_ref())));
    }
    if receipt.again_at.is_some() {
        facts.push(("offered again", instant(receipt.again_at.as_ref())));
    }
    // A heartbeat is not in the journal.
    let head = if receipt.head.is_empty() { String::new() } else { format!(", head {}", receipt.head) };
    facts.push(("journal", format!("{} entries{head}", receipt.revision)));
    lines(&facts)
}
