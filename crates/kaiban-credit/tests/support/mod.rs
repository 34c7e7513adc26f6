//! Histories in few words.
#![allow(dead_code, reason = "each test uses a part")]

use jiff::civil::Date;
use kaiban_credit::{Class, Entry, Reason, Record, What};
use kaiban_findings::Text;

pub const SUBJECT: &str = "k1:7c1f0a52d9e84b6f";

pub fn day(text: &str) -> Date {
    text.parse().unwrap()
}

pub fn record(class: Class, reason: Reason, decided_on: &str) -> Record {
    Record {
        subject: SUBJECT.into(),
        class,
        reason,
        text: Text::new("经核查认定。", "Decided after a check."),
        source: "350100-2026-000001".into(),
        law: "市场主体登记管理条例 §40".into(),
        decided_on: day(decided_on),
        must_be_published: false,
        beyond_repair: None,
    }
}

pub fn entry(record: &str, on: &str, what: What) -> Entry {
    Entry { record: record.into(), on: day(on), by: "officer-1".into(), what }
}

/// A history of one record, `R1`, entered on the day of its decision.
pub fn history(class: Class, reason: Reason, decided_on: &str) -> Vec<Entry> {
    vec![entry("R1", decided_on, What::Recorded(record(class, reason, decided_on)))]
}
