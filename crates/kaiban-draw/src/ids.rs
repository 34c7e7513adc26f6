//! What ids and texts may be.

use kaiban_findings::{Finding, Place};

use crate::{ID_BYTES_MAX, TEXT_MAX, findings};

/// Finds fault with an id.
pub(crate) fn check_id(id: &str, at: impl FnOnce() -> String) -> Option<Finding> {
    let sound = (1..=ID_BYTES_MAX).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic());
    (!sound).then(|| findings::bad_id(at()))
}

/// Finds fault with a text for people.
pub(crate) fn check_text(text: &str, at: &str) -> Option<Finding> {
    let sound = (1..=TEXT_MAX).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    (!sound).then(|| findings::bad_text(at))
}

/// Finds names that stand twice in a list that need not be sorted.
pub(crate) fn check_distinct<'a>(names: impl Iterator<Item = &'a str>, at: &str, findings: &mut Vec<Finding>) {
    let mut seen = std::collections::BTreeSet::new();
    for (index, name) in names.enumerate() {
        if !seen.insert(name) {
            findings.push(findings::duplicate(format!("{at}/{index}")));
        }
    }
}

/// A pointer to a member whose name may need escaping (RFC 6901 §3).
pub(crate) fn member(parent: &str, name: &str) -> String {
    format!("{parent}/{}", name.replace('~', "~0").replace('/', "~1"))
}

/// A place in the record.
pub(crate) fn place(pointer: impl Into<String>) -> Place {
    Place::Pointer(pointer.into())
}
