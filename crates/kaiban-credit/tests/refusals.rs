//! Everything that stands against an entry, as a person reads it: code, place, sentence, what to do.

mod support;

use std::collections::BTreeSet;

use kaiban_credit::{Class, Entry, Reason, Refusal, What, may_append};
use support::{day, entry, history, record};

/// What each attempt finds, the attempt's name above it.
struct Page {
    text: String,
    codes: BTreeSet<String>,
}

impl Page {
    fn refuse(&mut self, title: &str, entries: &[Entry], entry: Entry, today: &str) {
        let before = entries.to_vec();
        let found = may_append(entries, &entry, day(today)).expect_err(title);
        assert_eq!(before, entries);
        self.text += &format!("# {title}\n");
        for finding in found {
            let help = finding.help.expect("it says what to do");
            self.text += &format!("{} at {}\n", finding.code, finding.place);
            self.text += &format!("  {}{}\n", finding.message.zh, help.zh);
            self.text += &format!("  {} {}\n", finding.message.en, help.en);
            self.codes.insert(finding.code.into_owned());
        }
        self.text.push('\n');
    }
}

#[test]
fn every_refusal_reads_well_and_every_code_is_met() {
    let mut page = Page { text: String::new(), codes: BTreeSet::new() };
    let apply = |on: &str| entry("R1", on, What::RepairApplied { public_promise: true });
    let correct = |on: &str| entry("R1", on, What::Corrected { done_on: day(on) });
    let grant = |on: &str| entry("R1", on, What::RepairGranted);
    let open = history(Class::General, Reason::FalseCommitment, "2026-04-10");
    let with = |base: &[Entry], more: &[Entry]| [base, more].concat();

    page.refuse("dated back", &open, correct("2026-04-20"), "2026-04-21");
    page.refuse("before the history's last entry", &open, correct("2026-04-09"), "2026-04-09");
    let mut nobody = correct("2026-04-20");
    nobody.by = " ".into();
    page.refuse("made by nobody", &open, nobody, "2026-04-20");

    page.refuse("the record is known", &open, open[0].clone(), "2026-04-10");
    page.refuse("the record is not known", &[], correct("2026-04-20"), "2026-04-20");
    let mut stranger = record(Class::Minor, Reason::Other, "2026-05-02");
    stranger.subject = "k1:another".into();
    stranger.law = String::new();
    let stranger = entry("R2", "2026-05-01", What::Recorded(stranger));
    page.refuse("another subject's, without a law, decided tomorrow", &open, stranger, "2026-05-01");

    let done_tomorrow = entry("R1", "2026-04-20", What::Corrected { done_on: day("2026-04-21") });
    page.refuse("corrected tomorrow", &open, done_tomorrow, "2026-04-20");
    let corrected = with(&open, &[correct("2026-04-20")]);
    page.refuse("corrected twice", &corrected, correct("2026-05-01"), "2026-05-01");

    let bare = entry("R1", "2026-07-10", What::RepairApplied { public_promise: false });
    page.refuse("repair on the last day of the minimum span, nothing done for it", &open, bare, "2026-07-10");
    assert_eq!(may_append(&corrected, &apply("2026-07-11"), day("2026-07-11")), Ok(()), "one day later, corrected");
    page.refuse(
        "minor, duty not done",
        &history(Class::Minor, Reason::Other, "2026-04-10"),
        apply("2026-04-11"),
        "2026-04-11",
    );
    page.refuse("repair after the maximum span", &corrected, apply("2027-04-11"), "2027-04-11");
    let mut excluded = record(Class::Serious, Reason::SeriousDishonestyList, "2026-04-10");
    excluded.beyond_repair = Some("发改办财金〔2019〕527号".into());
    let excluded = [entry("R1", "2026-04-10", What::Recorded(excluded))];
    page.refuse("repair excluded by law", &excluded, apply("2027-06-01"), "2027-06-01");

    let waiting = with(&corrected, &[apply("2026-07-11")]);
    page.refuse("a second application", &waiting, apply("2026-07-12"), "2026-07-12");
    page.refuse("a decision without an application", &corrected, grant("2026-07-12"), "2026-07-12");
    let refused = entry("R1", "2026-07-12", What::RepairRefused { reason: Refusal::DutyNotFulfilled });
    let refused = with(&waiting, &[refused]);
    page.refuse("a second decision", &refused, grant("2026-07-13"), "2026-07-13");
    let repaired = with(&waiting, &[grant("2026-07-15")]);
    page.refuse("repair of what is repaired", &repaired, apply("2026-07-16"), "2026-07-16");

    let nameless = entry("R1", "2026-04-20", What::Withdrawn { decision: String::new() });
    page.refuse("withdrawn by no decision", &open, nameless, "2026-04-20");
    let withdrawn = entry("R1", "2026-04-20", What::Withdrawn { decision: "榕市监撤〔2026〕2号".into() });
    page.refuse("after a withdrawal", &with(&open, &[withdrawn]), correct("2026-04-21"), "2026-04-21");

    let declared: BTreeSet<String> = include_str!("../src/append.rs")
        .split('"')
        .filter(|text| text.starts_with("CREDIT_"))
        .map(str::to_owned)
        .collect();
    assert_eq!(page.codes, declared);
    insta::assert_snapshot!(page.text);
}

#[test]
fn the_rules_of_the_application_hold_for_a_record_made_before() {
    // Serious, decided 2023-04-30 when six months were asked for; the application is of Order 58's time.
    let mut entries = history(Class::Serious, Reason::FalseCommitment, "2023-04-30");
    entries.push(entry("R1", "2023-05-10", What::Corrected { done_on: day("2023-05-08") }));
    let apply = |on: &str| {
        let apply = entry("R1", on, What::RepairApplied { public_promise: true });
        may_append(&entries, &apply, day(on)).map_err(|found| found[0].code.to_string())
    };
    assert_eq!(apply("2023-10-30"), Err("CREDIT_REPAIR_TOO_EARLY".into()));
    assert_eq!(apply("2023-10-31"), Ok(()));
}

#[test]
fn both_sides_of_2026_04_01() {
    // General, decided 2025-12-31: three months under either rule, which end with the last day under the old one.
    let mut entries = history(Class::General, Reason::FalseCommitment, "2025-12-31");
    entries.push(entry("R1", "2026-01-10", What::Corrected { done_on: day("2026-01-10") }));
    let codes = |entries: &[Entry], on: &str| {
        let apply = entry("R1", on, What::RepairApplied { public_promise: true });
        may_append(entries, &apply, day(on)).map_err(|found| found.into_iter().map(|f| f.code.to_string()).collect())
    };
    assert_eq!(codes(&entries, "2026-03-31"), Err(vec!["CREDIT_REPAIR_TOO_EARLY".to_string()]));
    assert_eq!(codes(&entries, "2026-04-01"), Ok(()));
    // General, decided 2025-03-31: open under the old maximum, ended by the new one a day later.
    let mut old = history(Class::General, Reason::FalseCommitment, "2025-03-31");
    old.push(entry("R1", "2025-04-10", What::Corrected { done_on: day("2025-04-10") }));
    assert_eq!(codes(&old, "2026-03-31"), Ok(()));
    assert_eq!(codes(&old, "2026-04-01"), Err(vec!["CREDIT_RECORD_OVER".to_string()]));
}
