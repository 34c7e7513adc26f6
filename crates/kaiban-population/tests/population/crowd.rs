use kaiban_calendar::{Horizon, format_instant};
use kaiban_findings::Finding;
use kaiban_identifiers::{Class, uscc};
use kaiban_population::{Crowd, Habits};
use serde_json::Value;

use super::stage::{START_US, workflows};

fn crowd(seed: u64, cases: u64, start_us: i64) -> Crowd {
    let workflows = workflows();
    Crowd::new(seed, cases, start_us, &workflows.directory, &workflows.calendars, Habits::default()).unwrap()
}

#[test]
fn people_come_when_outlets_are_open() {
    let workflows = workflows();
    let calendar = workflows.calendars.get("fuzhou-city").unwrap();
    // Friday 16:40: the rest of the day, then Monday.
    let start_us = START_US + 4 * 86_400_000_000 + 460 * 60_000_000;
    let crowd = crowd(3, 2_500, start_us);
    let mut before_us = start_us;
    let mut days = std::collections::BTreeMap::new();
    for application in crowd.applications() {
        let text = format_instant(application.at_us);
        assert!(application.at_us >= before_us, "in the order of arrival");
        before_us = application.at_us;
        assert!(text.ends_with(":00+08:00") && ("09:00".."17:00").contains(&&text[11..16]), "{text}");
        let day = calendar.day(kaiban_calendar::local_date(application.at_us), Horizon::Published).unwrap();
        assert!(day.is_working(), "{text}");
        *days.entry(text[..10].to_owned()).or_insert(0) += 1;
    }
    let days: Vec<(String, i32)> = days.into_iter().collect();
    let expected = [("2026-03-06", 42), ("2026-03-09", 1000), ("2026-03-10", 1000), ("2026-03-11", 458)];
    for ((day, count), (expected_day, expected)) in days.iter().zip(expected) {
        assert!(day == expected_day && (count - expected).abs() <= 2, "{days:?}");
    }
}

#[test]
fn every_form_fits_its_schema() {
    let workflows = workflows();
    let crowd = crowd(1, 3_000, START_US);
    let definition = workflows.definition("business-start").unwrap();
    let (mut doubtful, mut outlets, mut bytes) = (0, std::collections::BTreeSet::new(), 0);
    for application in crowd.applications() {
        outlets.insert(application.outlet.clone());
        if application.index % 6 != 0 {
            continue;
        }
        let findings = definition.check_form(&application.form, kaiban_calendar::local_date(application.at_us));
        assert!(!findings.iter().any(Finding::is_error), "{findings:#?}\n{:#}", application.form);
        doubtful += usize::from(!findings.is_empty());
        assert_eq!(application.form["registrar"], application.registrar.as_str());
        bytes += application.form.to_string().len();
    }
    assert!((5..25).contains(&doubtful), "{doubtful} with doubts");
    assert_eq!(outlets.len(), 239);
    assert!((1_800..2_600).contains(&(bytes / 500)), "{} bytes a form", bytes / 500);
    let bench = &workflows.definition("six-step").unwrap().form;
    for index in 0..300 {
        let form = crowd.bench_form(index);
        let findings = bench.check(&form);
        assert!(findings.is_empty(), "{findings:#?}");
        assert!((1_500..1_700).contains(&form.to_string().len()), "{} bytes", form.to_string().len());
    }
}

#[test]
fn doubts_come_from_codes_of_the_pilot() {
    let crowd = crowd(1, 3_000, START_US);
    let codes = crowd.applications().flat_map(|application| {
        let investors = application.form["investors"].as_array().cloned().unwrap_or_default();
        investors.into_iter().filter_map(|investor| investor["uscc"].as_str().map(str::to_owned))
    });
    let classes: Vec<Option<Class>> = codes.map(|code| uscc::check(&code).class).collect();
    assert!(classes.iter().all(Option::is_some));
    assert!(classes.contains(&Some(Class::UsccFujianPilot)) && classes.contains(&Some(Class::Uscc)));
}

#[test]
fn a_case_depends_on_seed_and_index_alone() {
    let (small, large) = (crowd(5, 10, START_US), crowd(5, 1_000, START_US));
    let forward: Vec<Value> = (0..10).map(|index| large.application(index).form).collect();
    let backward: Vec<Value> = (0..10).rev().map(|index| small.application(index).form).collect();
    assert!(forward.iter().eq(backward.iter().rev()));
    assert_ne!(crowd(6, 10, START_US).application(0).form, forward[0]);
    // Past its end a crowd goes on.
    assert_eq!(small.application(500), large.application(500));
}

#[test]
fn a_crowd_without_time_or_place_is_refused() {
    let workflows = workflows();
    let new = |habits| Crowd::new(1, 1, START_US, &workflows.directory, &workflows.calendars, habits);
    assert!(new(Habits { arrivals_per_day: 0, ..Habits::default() }).is_err());
    assert!(new(Habits { opens_min: 1_000, closes_min: 1_000, ..Habits::default() }).is_err());
    let nowhere = kaiban_definition::Directory::default();
    assert!(Crowd::new(1, 1, START_US, &nowhere, &workflows.calendars, Habits::default()).is_err());
}
