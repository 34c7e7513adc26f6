//! `audit`: who saw what, and journals.

use serde_json::Value;

use crate::server::Place;
use crate::shows;
use crate::town::{Town, form};

#[test]
fn an_auditor_reads_who_saw_what_and_the_journal() {
    let town = Town::start();
    let case = town.submit(&form());
    town.claim(&town.identity);
    town.asked(&town.terminal, &["case", "get", &case]).fine();
    let data = Place::Folder(town.folder().join("data"));
    let auditor = data.token(&["--role", "auditor", "--person", "wu"]);
    let records = town.asked(&auditor, &["audit", "records", "--case", &case, "--format", "json"]).fine();
    let mut purposes: Vec<String> = records.lines().map(|line| field(line, "purpose")).collect();
    purposes.sort();
    purposes.dedup();
    assert_eq!(purposes, ["hand-over/identity[p1]", "hand-over/identity[p2]", "read-case"]);

    let security = data.token(&["--role", "security", "--person", "xu"]);
    let listed = town.asked(&security, &["token", "list", "--format", "json"]).fine();
    let identity = listed.lines().find(|line| line.contains("\"identity-350100\"")).map(|line| field(line, "id"));
    let of_token = ["audit", "records", "--token-id", &identity.expect("a token"), "--format", "json"];
    let shown = town.asked(&auditor, &of_token).fine();
    let mut purposes: Vec<String> = shown.lines().map(|line| field(line, "purpose")).collect();
    purposes.sort();
    assert_eq!(purposes, ["hand-over/identity[p1]", "hand-over/identity[p2]"], "the last day");
    let before = ["--until", "2026-03-02T09:00:00+08:00"];
    assert_eq!(town.asked(&auditor, &[&of_token[..], &before].concat()).fine(), "");

    let journal = town.asked(&auditor, &["audit", "journal", &case, "--format", "json"]).fine();
    let entries: Vec<Value> = journal.lines().map(|line| serde_json::from_str(line).expect("an entry")).collect();
    let seqs: Vec<i64> = entries.iter().filter_map(|entry| entry["seq"].as_i64()).collect();
    assert!(seqs.iter().copied().eq(1..=seqs.len() as i64) && seqs.len() > 1, "{seqs:?}");

    shows!("audit_records_none", town.asked(&auditor, &["audit", "records", "--person", "11010519491231002X"]));
    shows!("audit_records_not_a_number", town.asked(&auditor, &["audit", "records", "--person", "123"]));
    shows!("audit_journal_unknown", town.asked(&auditor, &["audit", "journal", "20260302-7K3QX9M2RT-C"]));
    shows!("audit_by_terminal", town.asked(&town.terminal, &["audit", "journal", &case]));
    town.close();
}

fn field(line: &str, name: &str) -> String {
    let object: Value = serde_json::from_str(line).expect("a line of JSON");
    object[name].as_str().expect("a text").to_owned()
}
