//! The worked examples of the domain: `vectors.json` was computed twice, independently of this crate.

mod support;

use jiff::civil::Date;
use kaiban_calendar::{Budget, Horizon, Reading, format_instant, instant_at, parse_instant};
use serde_json::Value;
use support::{HOUR_US, MINUTE_US, at, calendar, calendars, date};

fn vectors() -> Value {
    serde_json::from_str(include_str!("vectors.json")).unwrap()
}

#[test]
fn five_working_hours() {
    let calendars = calendars();
    let mut seen = 0;
    for row in vectors()["plus_five_working_hours"].as_array().unwrap() {
        let calendar = calendars.find(row["calendar"].as_str().unwrap()).unwrap();
        let start_us = parse_instant(row["start"].as_str().unwrap()).unwrap();
        let budget: Budget = serde_json::from_value(row["within"].clone()).unwrap();
        let budget_us = budget.promise_us(calendar, start_us);
        let due = calendar.due(start_us, budget, Reading::Promise, Horizon::Published).unwrap();
        assert_eq!(format_instant(due.at_us), row["due"].as_str().unwrap(), "{row}");
        assert!(!due.provisional);
        assert_eq!(calendar.between_us(start_us, due.at_us, Horizon::Published).unwrap().us, budget_us);
        seen += 1;
    }
    assert_eq!(seen, 36);
}

#[test]
fn working_days_end_at_close_of_business() {
    let calendar = calendar("fuzhou-city");
    for row in vectors()["working_days_after"].as_array().unwrap() {
        let from: Date = row["from"].as_str().unwrap().parse().unwrap();
        let last: Date = row["last"].as_str().unwrap().parse().unwrap();
        let days = u32::try_from(row["days"].as_u64().unwrap()).unwrap();
        let closes = calendar.sessions(last).unwrap().last().unwrap().1;
        // The hour of the first day does not matter: not before opening, not after closing.
        for hour in [0, 8, 12, 23] {
            let from_us = instant_at(from, jiff::civil::time(hour, 59, 59, 0));
            let due = calendar.statutory_due_us(from_us, days, Horizon::Published).unwrap();
            assert_eq!(format_instant(due.at_us), format_instant(instant_at(last, closes)), "{row}");
        }
    }
}

#[test]
fn working_days_of_each_year() {
    for calendar in ["fuzhou-city", "fujian-province", "hall"].map(calendar) {
        for (year, count) in vectors()["working_days_of_year"].as_object().unwrap() {
            let first = date(&format!("{year}-01-01"));
            let days = first.series(jiff::ToSpan::days(1)).take_while(|day| day.year() == first.year());
            let working = days.filter(|day| calendar.is_working_day(*day).unwrap()).count();
            assert_eq!(working as u64, count.as_u64().unwrap(), "{year}");
        }
    }
}

#[test]
fn a_pause_keeps_the_remaining_working_time() {
    let calendar = calendar("fuzhou-city");
    let (accepted, asked, resubmitted) = (at("2020-11-18 09:00"), at("2020-11-18 10:30"), at("2020-11-20 15:00"));
    let used = calendar.between_us(accepted, asked, Horizon::Published).unwrap().us;
    assert_eq!(used, HOUR_US + 30 * MINUTE_US);
    let due = calendar.add_us(resubmitted, 5 * HOUR_US - used, Horizon::Published).unwrap();
    assert_eq!(due.at_us, at("2020-11-23 09:30"));
}

#[test]
fn a_working_day_as_promise_is_the_nominal_day_of_the_season() {
    let day: Budget = "1 working day".parse().unwrap();
    for (id, minutes) in [("fuzhou-city", 390), ("fujian-province", 420), ("hall", 390)] {
        let calendar = calendar(id);
        for accepted in ["2020-11-18 09:00", "2020-07-15 23:00", "2020-10-01 09:00", "2031-06-01 09:00"] {
            assert_eq!(calendar.nominal_day_us(at(accepted)), minutes * MINUTE_US);
            assert_eq!(day.promise_us(&calendar, at(accepted)), minutes * MINUTE_US);
        }
    }
}
