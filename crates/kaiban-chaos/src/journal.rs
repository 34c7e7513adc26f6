//! A case's journal as an auditor reads it, and what it proves.

use std::collections::BTreeMap;

use kaiban_api::v1::audit_service_client::AuditServiceClient;
use kaiban_api::v1::{ListJournalRequest, TaskCompletion};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::line::{Line, No};

/// Events that record what an office decided.
const DECISIONS: [&str; 4] = ["step_completed", "correction_asked", "step_ended", "loop_taken"];

/// One entry.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub seq: i64,
    pub hash: String,
    pub content: Value,
}

impl Entry {
    pub fn command(&self) -> &str {
        self.content["command"].as_str().unwrap_or_default()
    }

    pub fn events(&self) -> impl Iterator<Item = &Value> {
        self.content["events"].as_array().into_iter().flatten()
    }

    /// The decision that the entry records, if it is a completion's: step, epoch, outcome.
    pub fn decision(&self) -> Option<(&str, i64, Option<&str>)> {
        if self.command() != "complete" {
            return None;
        }
        let event = self.events().find(|event| {
            DECISIONS.iter().any(|name| event["event"] == *name)
                && event["epoch"].as_i64().is_some_and(|epoch| epoch > 0)
        })?;
        Some((event["step"].as_str()?, event["epoch"].as_i64()?, event["outcome"].as_str()))
    }
}

/// All entries of a case.
#[derive(Clone, Debug, Default)]
pub(crate) struct Journal(pub Vec<Entry>);

impl Journal {
    /// Reads it all; gives what is wrong with its chain besides.
    pub async fn read(line: &mut Line, case: &str) -> Result<(Self, Vec<String>), No> {
        let (mut entries, mut wrong) = (Vec::new(), Vec::new());
        let mut hash = "0".repeat(64);
        let mut request = ListJournalRequest { case_id: case.to_owned(), page_size: 200, page_token: String::new() };
        loop {
            let call =
                line.call("ListJournal", std::time::Duration::ZERO, request.clone(), async |channel, request| {
                    AuditServiceClient::new(channel).list_journal(request).await
                });
            let page = call.await?;
            for entry in page.entries {
                let next = chained(&hash, &entry.bytes);
                if next != entry.hash {
                    wrong.push(format!("{case}: the hash of entry {} is not that of its bytes", entry.seq));
                }
                if entry.seq != entries.len() as i64 + 1 {
                    wrong.push(format!("{case}: entry {} stands at place {}", entry.seq, entries.len() + 1));
                }
                hash.clone_from(&entry.hash);
                let content = serde_json::from_str(&entry.bytes).unwrap_or(Value::Null);
                entries.push(Entry { seq: entry.seq, hash: entry.hash, content });
            }
            request.page_token = page.next_page_token;
            if request.page_token.is_empty() {
                return Ok((Self(entries), wrong));
            }
        }
    }

    /// How many entries have this hash.
    pub fn with_hash(&self, hash: &str) -> impl Iterator<Item = &Entry> {
        self.0.iter().filter(move |entry| entry.hash == hash)
    }

    /// Every completion by its step and epoch, with the places of the entries that record it.
    pub fn decisions(&self) -> BTreeMap<(String, i64), Vec<i64>> {
        let mut decisions: BTreeMap<(String, i64), Vec<i64>> = BTreeMap::new();
        for entry in &self.0 {
            if let Some((step, epoch, _)) = entry.decision() {
                decisions.entry((step.to_owned(), epoch)).or_default().push(entry.seq);
            }
        }
        decisions
    }
}

/// SHA-256 over the hash before, a line feed, and the bytes; as the contract has it.
fn chained(before: &str, bytes: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(before.as_bytes());
    hash.update(b"\n");
    hash.update(bytes.as_bytes());
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Case and step of the task that a completion names: its id is case/step/offer.
pub(crate) fn task_of(item: &TaskCompletion) -> (&str, &str) {
    let id = item.task.as_ref().map_or("", |task| task.id.as_str());
    let mut parts = id.split('/');
    (parts.next().unwrap_or_default(), parts.next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn entry(command: &str, events: Value) -> Entry {
        Entry { seq: 1, hash: "h".into(), content: json!({"command": command, "events": events}) }
    }

    #[test]
    fn a_completion_is_told_from_what_follows_by_itself() {
        let events = json!([
            {"event": "step_completed", "step": "seal", "outcome": "approve", "epoch": 3},
            {"event": "step_offered", "step": "delivery", "offer": 1},
        ]);
        assert_eq!(entry("complete", events.clone()).decision(), Some(("seal", 3, Some("approve"))));
        assert_eq!(entry("fire_timer", events).decision(), None);
        let by_the_system = json!([{"event": "correction_asked", "step": "name", "epoch": 0}]);
        assert_eq!(entry("complete", by_the_system).decision(), None);
    }
}
