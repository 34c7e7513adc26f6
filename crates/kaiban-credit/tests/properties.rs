//! Laws that hold for every history.

mod support;

use jiff::ToSpan;
use jiff::civil::Date;
use kaiban_credit::{Class, Entry, Reason, Refusal, Standing, What, explain, fold, may_append, standing};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use support::{day, record};

/// One attempt: so many days after the last, about one of four records.
#[derive(Clone, Debug)]
struct Attempt {
    gap_days: i32,
    record: usize,
    what: usize,
    class: usize,
    reason: usize,
    lag_days: i32,
    flag: bool,
}

const REASONS: [Reason; 5] = [
    Reason::FalseCommitment,
    Reason::SeriousDishonestyList,
    Reason::AdministrativePenalty,
    Reason::AbnormalOperations,
    Reason::Other,
];

fn attempts() -> impl Strategy<Value = Vec<Attempt>> {
    let gap = prop_oneof![4 => Just(0), 4 => 1..50i32, 1 => 140..400i32];
    // Recorded, corrected, applied, granted, refused, withdrawn: so often that many records are repaired.
    let what = prop_oneof![8 => Just(0), 8 => Just(1), 16 => Just(2), 10 => Just(3), 6 => Just(4), 1 => Just(5)];
    let attempt = (gap, 0..4usize, what, 0..3usize, 0..5usize, 0..120i32, any::<bool>());
    let attempt = attempt.prop_map(|(gap_days, record, what, class, reason, lag_days, flag)| Attempt {
        gap_days,
        record,
        what,
        class,
        reason,
        lag_days,
        flag,
    });
    prop::collection::vec(attempt, 0..60)
}

fn entry_of(attempt: &Attempt, on: Date) -> Entry {
    let earlier = on.saturating_sub(attempt.lag_days.days());
    let what = match attempt.what {
        0 => {
            let mut facts = record(Class::ALL[attempt.class], REASONS[attempt.reason], &earlier.to_string());
            facts.must_be_published = attempt.flag;
            facts.beyond_repair = (attempt.lag_days % 10 == 0).then(|| "专项规定".into());
            What::Recorded(facts)
        }
        1 => What::Corrected { done_on: earlier },
        2 => What::RepairApplied { public_promise: attempt.lag_days % 4 != 0 },
        3 => What::RepairGranted,
        4 => What::RepairRefused { reason: Refusal::MaterialInsufficient },
        _ => What::Withdrawn { decision: "撤〔1〕号".into() },
    };
    Entry { record: format!("R{}", attempt.record), on, by: "officer-1".into(), what }
}

fn all(attempts: &[Attempt]) -> Vec<Entry> {
    let mut on = day("2021-06-01");
    let mut made = Vec::new();
    for attempt in attempts {
        on = on.saturating_add(attempt.gap_days.days());
        made.push(entry_of(attempt, on));
    }
    made
}

/// A history as it comes about: of the attempts, those that may be appended.
fn kept(attempts: &[Attempt]) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    for entry in all(attempts) {
        if may_append(&entries, &entry, entry.on).is_ok() {
            entries.push(entry);
        }
    }
    entries
}

/// Every entry's day and its neighbours, the changes of the rules, and days long after.
fn days(entries: &[Entry]) -> Vec<Date> {
    let mut days: Vec<Date> = entries
        .iter()
        .flat_map(|entry| [-1, 0, 1, 93, 367, 1098].map(|after| entry.on.saturating_add(after.days())))
        .collect();
    days.extend(["2023-04-30", "2023-05-01", "2026-03-31", "2026-04-01"].map(day));
    days.sort();
    days.dedup();
    days
}

fn in_force(standing: &Standing) -> Vec<&str> {
    standing.records.iter().map(|record| record.record.as_str()).collect()
}

proptest! {
    #[test]
    fn what_is_added_later_changes_no_earlier_standing(attempts in attempts()) {
        let entries = kept(&attempts);
        for (count, next) in entries.iter().enumerate() {
            for on in days(&entries).into_iter().filter(|on| *on < next.on) {
                prop_assert_eq!(standing(&entries[..count], on), standing(&entries, on), "on {}", on);
            }
        }
    }

    #[test]
    fn nothing_disappears_from_a_history(attempts in attempts()) {
        let entries = kept(&attempts);
        for entry in &entries {
            if let What::Recorded(facts) = &entry.what {
                let state = &fold(&entries, Date::MAX)[&entry.record];
                prop_assert_eq!(&state.record, facts);
                prop_assert_eq!(state.recorded_on, entry.on);
            }
        }
    }

    #[test]
    fn every_record_ends_and_what_has_ended_stays_ended(attempts in attempts()) {
        let entries = kept(&attempts);
        let days = days(&entries);
        for pair in days.windows(2) {
            let (before, after) = (standing(&entries, pair[0]), standing(&entries, pair[1]));
            for record in in_force(&after) {
                let known = fold(&entries, pair[0]).contains_key(record);
                prop_assert!(!known || in_force(&before).contains(&record), "{} is back on {}", record, pair[1]);
            }
        }
        for state in fold(&entries, Date::MAX).values() {
            prop_assert!(!state.in_force());
            let longest = state.record.decided_on.saturating_add(36.months()).saturating_add(1.day());
            prop_assert!(state.over_from() <= longest);
        }
    }

    #[test]
    fn no_later_rule_makes_a_span_longer(attempts in attempts()) {
        let entries = kept(&attempts);
        for pair in days(&entries).windows(2) {
            let after = fold(&entries, pair[1]);
            for (id, before) in fold(&entries, pair[0]) {
                prop_assert!(after[&id].over_from() <= before.over_from());
                prop_assert!(after[&id].repairable_from() <= before.repairable_from());
            }
        }
    }

    #[test]
    fn the_order_of_a_day_says_nothing_about_what_counts(attempts in attempts(), seed in any::<u64>()) {
        let entries = kept(&attempts);
        let mut mixed: Vec<(u64, Entry)> = entries.iter().cloned().enumerate().map(|(index, entry)| {
            ((index as u64 + 1).wrapping_mul(seed | 1).rotate_left(17), entry)
        }).collect();
        mixed.sort_by_key(|(key, entry)| (entry.on, *key));
        let mixed: Vec<Entry> = mixed.into_iter().map(|(_, entry)| entry).collect();
        for on in days(&entries) {
            let (mut told, mut other) = (standing(&entries, on), standing(&mixed, on));
            // An application and its decision on one day have an order.
            for record in told.records.iter_mut().chain(&mut other.records) {
                record.application = None;
            }
            prop_assert_eq!(told, other);
        }
        // Between records no order matters at all.
        let mut by_record = entries.clone();
        by_record.sort_by(|a, b| a.record.cmp(&b.record));
        for on in days(&entries) {
            prop_assert_eq!(standing(&entries, on), standing(&by_record, on));
        }
    }

    #[test]
    fn the_parts_of_a_standing_agree(attempts in attempts()) {
        let entries = kept(&attempts);
        for on in days(&entries) {
            let standing = standing(&entries, on);
            let counted: u32 = Class::ALL.map(|class| standing.count(class).in_force).iter().sum();
            prop_assert_eq!(counted as usize, standing.records.len());
            prop_assert_eq!(standing.barred_from_commitments, !standing.bars.is_empty());
            prop_assert_eq!(standing.clear_from.is_some(), standing.barred_from_commitments);
            prop_assert!(standing.clear_from.is_none_or(|clear| clear > on));
            prop_assert!(standing.records.iter().all(|record| record.last_day >= on));
            let written = serde_json::to_string(&standing).unwrap();
            prop_assert_eq!(serde_json::from_str::<Standing>(&written).unwrap(), standing);
        }
    }

    #[test]
    fn any_list_of_entries_is_read(attempts in attempts(), backwards in any::<bool>()) {
        let mut entries = all(&attempts);
        if backwards {
            entries.reverse();
        }
        for on in days(&entries).into_iter().chain([Date::MIN, Date::MAX]) {
            let sentences = explain(&standing(&entries, on));
            prop_assert!(sentences.iter().all(|text| text.zh.ends_with('。') && text.en.ends_with('.')));
        }
        for entry in &entries {
            let line = serde_json::to_string(entry).unwrap();
            prop_assert!(!line.contains('\n'));
            prop_assert_eq!(&serde_json::from_str::<Entry>(&line).unwrap(), entry);
        }
    }
}
#[test]
fn the_histories_hold_every_kind_of_entry() {
    let mut runner = TestRunner::deterministic();
    let mut kinds = [0; 6];
    for _ in 0..256 {
        for entry in kept(&attempts().new_tree(&mut runner).unwrap().current()) {
            kinds[match entry.what {
                What::Recorded(_) => 0,
                What::Corrected { .. } => 1,
                What::RepairApplied { .. } => 2,
                What::RepairGranted => 3,
                What::RepairRefused { .. } => 4,
                What::Withdrawn { .. } => 5,
            }] += 1;
        }
    }
    assert!(kinds.iter().all(|count| *count >= 5), "{kinds:?}");
}
