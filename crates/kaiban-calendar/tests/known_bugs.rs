//! Mistakes that working calendars of other engines are known for, one a test. Each says what must not happen.

mod support;

use kaiban_calendar::{Budget, Horizon, Reading, format_instant};
use support::{HOUR_US, MINUTE_US, at, calendar, date};

/// When a period that begins at `start` is over.
#[track_caller]
fn due(id: &str, start: &str, within: &str, reading: Reading) -> String {
    let budget: Budget = within.parse().unwrap();
    let due = calendar(id).due(at(start), budget, reading, Horizon::Published).unwrap();
    format_instant(due.at_us)
}

#[track_caller]
fn promised(start: &str, within: &str, expected: &str) {
    assert_eq!(due("fuzhou-city", start, within, Reading::Promise), format_instant(at(expected)), "{start} + {within}");
}

#[test]
fn created_after_hours_begins_at_the_next_opening() {
    // Not at the moment of creation, and not one session too late.
    promised("2020-11-18 17:30", "5 working hours", "2020-11-19 16:00");
    promised("2020-11-18 20:15", "5 working hours", "2020-11-19 16:00");
    promised("2020-11-18 23:59:59.999999", "5 working hours", "2020-11-19 16:00");
}

#[test]
fn created_before_hours_begins_at_the_opening_of_the_same_day() {
    // Not on the day after: before opening the day is still whole.
    promised("2020-11-18 00:00", "5 working hours", "2020-11-18 16:00");
    promised("2020-11-18 08:29:59.999999", "5 working hours", "2020-11-18 16:00");
    promised("2020-11-18 06:00", "1 working day", "2020-11-18 17:30");
}

#[test]
fn created_on_a_holiday_begins_on_the_next_day_of_work() {
    promised("2020-10-01 10:00", "5 working hours", "2020-10-09 16:00");
    promised("2020-10-08 23:00", "5 working hours", "2020-10-09 16:00");
    // The hours of a holiday's clock time are not carried over to the day of work.
    promised("2020-10-03 16:00", "1 working hour", "2020-10-09 09:30");
    // As law the holiday is the first day, which is not counted whatever it is.
    let last = due("fuzhou-city", "2020-10-01 10:00", "1 working day", Reading::Statutory);
    assert_eq!(last, format_instant(at("2020-10-09 17:30")));
}

#[test]
fn one_working_day_is_not_twenty_four_hours() {
    promised("2020-11-18 09:00", "1 working day", "2020-11-19 09:00");
    promised("2020-11-20 16:00", "1 working day", "2020-11-23 16:00");
    // It is 390 minutes of work here and 420 there: neither a day on the wall nor twenty-four hours of work.
    for (id, minutes) in [("fuzhou-city", 390), ("fujian-province", 420), ("hall", 390)] {
        let calendar = calendar(id);
        for start in ["2020-11-18 09:00", "2020-11-20 16:00", "2020-09-30 11:11:11.111111", "2020-07-15 03:00"] {
            let budget: Budget = "1 working day".parse().unwrap();
            let due = calendar.due(at(start), budget, Reading::Promise, Horizon::Published).unwrap();
            let used = calendar.between_us(at(start), due.at_us, Horizon::Published).unwrap();
            assert_eq!(used.us, minutes * MINUTE_US, "{id} {start}");
        }
    }
    // And as law it is the end of the next working day, whatever the hour of the first.
    for start in ["2020-11-18 00:00", "2020-11-18 09:00", "2020-11-18 23:59"] {
        let last = due("fuzhou-city", start, "1 working day", Reading::Statutory);
        assert_eq!(last, format_instant(at("2020-11-19 17:30")), "{start}");
    }
}

#[test]
fn make_up_days_are_worked_and_bridge_days_are_not() {
    let city = calendar("fuzhou-city");
    // A Saturday and a Sunday that are worked, a Thursday and a Friday that are not.
    promised("2020-10-09 17:00", "1 working hour", "2020-10-10 09:00");
    promised("2026-09-18 17:30", "1 working hour", "2026-09-20 09:00");
    promised("2020-06-24 17:30", "1 working hour", "2020-06-28 09:00");
    let last = due("fuzhou-city", "2021-02-10 09:00", "3 working days", Reading::Statutory);
    assert_eq!(last, format_instant(at("2021-02-20 17:30")));
    // The amendment of 2020 took a make-up day back, and a Friday with it.
    for day in ["2020-01-31", "2020-02-01"] {
        assert_eq!(city.is_working_day(date(day)), Ok(false), "{day}");
    }
}

#[test]
fn two_calendars_in_one_case_count_each_its_own_time() {
    // A counter of the city's hall and a district bureau in one case: the same span is not the same time.
    let (from, to) = (at("2020-11-18 08:00"), at("2020-11-18 14:15"));
    let us = |id: &str| calendar(id).between_us(from, to, Horizon::Published).unwrap().us;
    assert_eq!(us("fuzhou-city"), 210 * MINUTE_US);
    assert_eq!(us("fujian-province"), 240 * MINUTE_US);
    assert_eq!(us("hall"), 225 * MINUTE_US);
    let fifth = |id: &str| due(id, "2020-05-29 16:00", "5 working hours", Reading::Promise);
    assert_eq!(fifth("fuzhou-city"), format_instant(at("2020-06-01 12:00")));
    assert_eq!(fifth("fujian-province"), format_instant(at("2020-06-01 11:30")));
    assert_eq!(fifth("hall"), format_instant(at("2020-06-01 14:30")));
    let city = calendar("fuzhou-city");
    let closed = city.with_closure(kaiban_calendar::Closure {
        from_us: at("2020-11-18 09:00"),
        to_us: at("2020-11-18 10:00"),
        reason: kaiban_findings::Text::new("系统停机", "System down"),
        published_at_us: at("2020-11-18 08:00"),
    });
    let used = |calendar: &kaiban_calendar::Calendar| calendar.between_us(from, to, Horizon::Published).unwrap().us;
    assert_eq!(used(&city) - used(&closed), HOUR_US, "an outage of one office is not the other's");
    assert_eq!(us("fuzhou-city"), used(&city));
}

#[test]
fn a_pause_moves_what_is_left_and_nothing_falls_due_at_resumption() {
    // Warnings at 50 % and 80 % and the due time of 5 hours, after 1 h 30 min, a pause over National Day, and resumption.
    let city = calendar("fuzhou-city");
    let used = city.between_us(at("2020-09-30 09:00"), at("2020-09-30 10:30"), Horizon::Published).unwrap().us;
    let resumed = at("2020-10-12 10:00");
    let marks: Vec<String> = [50, 80, 100]
        .map(|percent| city.add_us(resumed, 5 * HOUR_US * percent / 100 - used, Horizon::Published).unwrap().at_us)
        .map(format_instant)
        .to_vec();
    let expected = ["2020-10-12 11:00", "2020-10-12 15:00", "2020-10-12 16:00"].map(|text| format_instant(at(text)));
    assert_eq!(marks, expected);
}
