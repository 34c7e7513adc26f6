//! One subject through nine years of records, as its owner reads it on many days: the rules change on 2023-05-01 and
//! on 2026-04-01. The history is a file of JSON lines, as it would be exported.

mod support;

use kaiban_credit::{Entry, RULES, explain, may_append, standing};
use support::day;

const DAYS: &[&str] = &[
    "2022-06-14", // the day before the first record is entered
    "2022-06-15",
    "2023-05-01", // NDRC Order 58: its longer maximum does not prolong the old record
    "2023-06-10",
    "2023-06-11", // twelve months after the decision, by the rules of its day
    "2025-02-12",
    "2025-11-24", // a false commitment is entered
    "2026-02-20", // the last day of its minimum span
    "2026-02-21",
    "2026-03-05",
    "2026-03-31",
    "2026-04-01", // NDRC Order 36: the shorter maximum ends the record of 2025-02-10
    "2026-04-02",
    "2026-04-03", // repaired
    "2026-05-08", // listed as seriously dishonest
    "2026-06-20",
    "2026-06-21", // the minor record is over
    "2026-07-01", // the listing is taken back
];

fn lines() -> Vec<Entry> {
    include_str!("histories/one-subject.jsonl").lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn a_subject_reads_its_standing_on_many_days() {
    let entries = lines();
    let mut page = String::new();
    for on in DAYS {
        let standing = standing(&entries, day(on));
        let counts = [standing.counts.minor, standing.counts.general, standing.counts.serious];
        let counts = counts.map(|count| format!("{}/{}", count.in_force, count.published)).join(" ");
        page +=
            &format!("== {on} · minor general serious in force/published: {counts} · {}\n", standing.risk.name().en);
        for sentence in explain(&standing) {
            page += &format!("{}\n  {}\n", sentence.zh, sentence.en);
        }
        page.push('\n');
    }
    insta::assert_snapshot!(page);
}

#[test]
fn every_line_of_the_history_may_be_appended_on_its_day() {
    let entries = lines();
    for (index, entry) in entries.iter().enumerate() {
        assert_eq!(may_append(&entries[..index], entry, entry.on), Ok(()), "line {}", index + 1);
    }
}

#[test]
fn a_line_is_written_as_it_was_read() {
    for line in include_str!("histories/one-subject.jsonl").lines() {
        let entry: Entry = serde_json::from_str(line).unwrap();
        let written = serde_json::to_value(&entry).unwrap();
        let mut read: serde_json::Value = serde_json::from_str(line).unwrap();
        if entry.record != "CR-2026-1" && read["what"]["kind"] == "recorded" {
            read["what"]["must_be_published"] = false.into(); // the default is written out
        }
        assert_eq!(written, read);
    }
    let unknown =
        r#"{"record":"R1","on":"2026-04-01","by":"o","what":{"kind":"corrected","done_on":"2026-04-01","x":1}}"#;
    assert!(serde_json::from_str::<Entry>(unknown).is_err(), "an unknown field is refused");
}

#[test]
fn the_rules_are_one_table() {
    let mut page = String::new();
    for set in &RULES {
        let days = set.decision_working_days.map_or("not known".into(), |days| format!("{days} working days"));
        page += &format!("from {} · {}\n  {}\n  decision: {days}\n", set.from, set.law_en, set.law_zh);
        for class in kaiban_credit::Class::ALL {
            let rules = set.class(class);
            page += &format!(
                "  {:<8} published {:?}, {}-{} months, {:?}\n",
                class.name().en,
                rules.publication,
                rules.min_months,
                rules.max_months,
                rules.conditions
            );
        }
    }
    insta::assert_snapshot!(page);
}
