//! Single days: both sides of each change of the rules, ends of months, what bars.

mod support;

use kaiban_credit::{
    Class, Condition, Ending, Ground, Outcome, Reason, Refusal, RiskClass, What, fold, may_append, standing,
};
use support::{day, entry, history, record};

/// The last day on which a record counts, as it is told on `on`.
fn last_day(class: Class, decided_on: &str, on: &str) -> String {
    let entries = history(class, Reason::AdministrativePenalty, decided_on);
    fold(&entries, day(on))["R1"].last_day().to_string()
}

#[test]
fn the_shorter_maximum_of_2026_ends_an_old_record_when_it_begins() {
    let entries = history(Class::General, Reason::FalseCommitment, "2025-02-10");
    let before = standing(&entries, day("2026-03-31"));
    assert!(before.barred_from_commitments);
    assert_eq!(before.clear_from, Some(day("2028-02-11")), "36 months by Order 58");
    let after = standing(&entries, day("2026-04-01"));
    assert!(!after.barred_from_commitments && after.records.is_empty(), "12 months by Order 36");
    assert_eq!(after.over_uncorrected, ["R1"], "what else follows is for the authority of the field");
    assert_eq!(fold(&entries, day("2030-01-01"))["R1"].ending(), Some(Ending::Over { on: day("2026-04-01") }));
}

#[test]
fn a_record_that_is_young_enough_gets_the_new_maximum() {
    assert_eq!(last_day(Class::General, "2025-11-20", "2026-03-31"), "2028-11-20");
    assert_eq!(last_day(Class::General, "2025-11-20", "2026-04-01"), "2026-11-20");
    assert_eq!(last_day(Class::Serious, "2025-11-20", "2026-03-31"), "2028-11-20");
    assert_eq!(last_day(Class::Serious, "2025-11-20", "2026-04-01"), "2028-11-20");
}

#[test]
fn the_longer_maximum_of_2023_neither_prolongs_nor_revives() {
    assert_eq!(last_day(Class::General, "2022-06-10", "2023-05-01"), "2023-06-10");
    let over = history(Class::General, Reason::FalseCommitment, "2022-03-01");
    for on in ["2023-03-02", "2023-05-01", "2026-04-01"] {
        assert!(!standing(&over, day(on)).barred_from_commitments, "{on}");
    }
    assert_eq!(last_day(Class::General, "2023-05-01", "2023-05-01"), "2026-05-01", "decided under Order 58");
}

#[test]
fn a_longer_minimum_does_not_reach_back() {
    let first_day = |decided: &str, on: &str| {
        let entries = history(Class::Serious, Reason::AdministrativePenalty, decided);
        fold(&entries, day(on))["R1"].repairable_from().unwrap().to_string()
    };
    assert_eq!(first_day("2023-04-30", "2023-06-01"), "2023-10-31", "six months, by the rules of the decision");
    assert_eq!(first_day("2023-05-01", "2023-06-01"), "2024-05-02", "twelve months");
}

#[test]
fn minor_records_are_published_only_if_decided_under_order_36_and_found_necessary() {
    let published = |decided: &str, necessary: bool, on: &str| {
        let mut facts = record(Class::Minor, Reason::AdministrativePenalty, decided);
        facts.must_be_published = necessary;
        let standing = standing(&[entry("R1", decided, What::Recorded(facts))], day(on));
        assert_eq!(standing.count(Class::Minor).in_force, 1, "it counts, published or not");
        standing.count(Class::Minor).published == 1
    };
    assert!(!published("2026-03-31", true, "2026-03-31"));
    assert!(!published("2026-03-31", true, "2026-04-01"), "what was kept back stays kept back");
    assert!(published("2026-04-01", true, "2026-04-01"));
    assert!(!published("2026-04-01", false, "2026-04-01"), "not as a rule");
}

#[test]
fn a_minor_record_is_repaired_as_soon_as_the_duty_is_done() {
    let mut entries = history(Class::Minor, Reason::FalseCommitment, "2026-04-10");
    assert!(standing(&entries, day("2026-04-10")).barred_from_commitments, "a false commitment bars in every class");
    entries.push(entry("R1", "2026-04-11", What::Corrected { done_on: day("2026-04-11") }));
    let apply = entry("R1", "2026-04-11", What::RepairApplied { public_promise: true });
    assert_eq!(may_append(&entries, &apply, apply.on), Ok(()));
    entries.extend([apply, entry("R1", "2026-04-12", What::RepairGranted)]);
    assert!(standing(&entries, day("2026-04-11")).barred_from_commitments);
    assert!(!standing(&entries, day("2026-04-12")).barred_from_commitments);
    assert_eq!(fold(&entries, day("2027-01-01"))["R1"].ending(), Some(Ending::Repaired { on: day("2026-04-12") }));
}

#[test]
fn spans_end_with_the_same_day_of_the_last_month_or_its_last_day() {
    assert_eq!(last_day(Class::General, "2026-04-15", "2026-05-01"), "2027-04-15");
    assert_eq!(last_day(Class::Minor, "2026-11-30", "2026-12-01"), "2027-02-28");
    assert_eq!(last_day(Class::Minor, "2027-11-30", "2027-12-01"), "2028-02-29");
    let entries = history(Class::Minor, Reason::FalseCommitment, "2026-11-30");
    assert!(standing(&entries, day("2027-02-28")).barred_from_commitments, "the last day is part of the span");
    assert!(!standing(&entries, day("2027-03-01")).barred_from_commitments);
}

#[test]
fn what_bars_and_which_stratum() {
    let of = |class, reason| {
        let standing = standing(&history(class, reason, "2026-05-01"), day("2026-05-02"));
        (standing.bars.first().map(|bar| bar.ground), standing.risk)
    };
    assert_eq!(standing(&[], day("2026-05-02")).risk, RiskClass::A);
    assert_eq!(of(Class::Minor, Reason::AdministrativePenalty), (None, RiskClass::B));
    assert_eq!(of(Class::General, Reason::AbnormalOperations), (None, RiskClass::C));
    assert_eq!(of(Class::Serious, Reason::Other), (Some(Ground::SeriousRecord), RiskClass::D));
    assert_eq!(of(Class::General, Reason::SeriousDishonestyList), (Some(Ground::SeriousRecord), RiskClass::D));
    assert_eq!(of(Class::Minor, Reason::FalseCommitment), (Some(Ground::FalseCommitment), RiskClass::D));
    let shares = [RiskClass::A, RiskClass::B, RiskClass::C, RiskClass::D].map(RiskClass::share_percent);
    assert_eq!(shares, [5, 8, 12, 15]);
}

#[test]
fn several_bars_are_named_and_the_last_one_tells_until_when() {
    let mut entries = history(Class::Serious, Reason::Other, "2026-05-01");
    entries.push(entry(
        "R0",
        "2026-06-01",
        What::Recorded(record(Class::General, Reason::FalseCommitment, "2026-05-20")),
    ));
    let standing = standing(&entries, day("2026-06-01"));
    let bars: Vec<(&str, String)> =
        standing.bars.iter().map(|bar| (bar.record.as_str(), bar.since.to_string())).collect();
    assert_eq!(bars, [("R1", "2026-05-01".into()), ("R0", "2026-06-01".into())], "by the day of the decision");
    assert_eq!((standing.false_commitments, standing.clear_from), (1, Some(day("2029-05-02"))));
}

#[test]
fn a_refusal_leaves_the_record_and_the_way_open() {
    let mut entries = history(Class::General, Reason::FalseCommitment, "2026-05-01");
    entries.extend([
        entry("R1", "2026-06-01", What::Corrected { done_on: day("2026-05-30") }),
        entry("R1", "2026-08-02", What::RepairApplied { public_promise: true }),
        entry("R1", "2026-08-05", What::RepairRefused { reason: Refusal::MaterialFalse }),
    ]);
    let standing = standing(&entries, day("2026-08-05"));
    let record = &standing.records[0];
    let refused = Outcome::Refused { on: day("2026-08-05"), reason: Refusal::MaterialFalse };
    assert_eq!(record.application.unwrap().outcome, refused);
    assert_eq!(record.corrected_on, Some(day("2026-05-30")));
    assert_eq!(record.conditions, [Condition::MinimumOver, Condition::Corrected, Condition::PublicPromise]);
    // On the very day of the refusal.
    let again = entry("R1", "2026-08-05", What::RepairApplied { public_promise: true });
    assert_eq!(may_append(&entries, &again, again.on), Ok(()));
    entries.push(again);
    assert!(fold(&entries, day("2026-08-05"))["R1"].application_is_open());
}

#[test]
fn what_is_taken_back_never_bars_again_but_did_while_it_stood() {
    let mut entries = history(Class::Serious, Reason::Other, "2026-05-01");
    entries.push(entry("R1", "2026-05-20", What::Withdrawn { decision: "榕市监撤〔2026〕2号".into() }));
    assert!(standing(&entries, day("2026-05-19")).barred_from_commitments);
    assert!(!standing(&entries, day("2026-05-20")).barred_from_commitments);
    let state = &fold(&entries, day("2040-01-01"))["R1"];
    assert_eq!(state.ending(), Some(Ending::Withdrawn { on: day("2026-05-20") }));
    assert_eq!(state.record.class, Class::Serious, "it stays in the history");
}
