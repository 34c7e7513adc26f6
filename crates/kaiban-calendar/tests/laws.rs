//! The arithmetic against a count minute by minute that knows only the published days, and the laws between the
//! operations.

mod support;

use std::collections::HashSet;
use std::sync::{Arc, LazyLock};

use jiff::ToSpan;
use jiff::civil::{Date, Time, Weekday};
use kaiban_calendar::{Calendar, Closure, Horizon, instant_at, local_date};
use kaiban_findings::Text;
use proptest::prelude::*;
use support::{HOUR_US, MINUTE_US, at, calendar, date};

const DAY_US: i64 = 24 * HOUR_US;

/// The days that differ from the plain week, from a list of its own.
static MOVED: LazyLock<HashSet<Date>> = LazyLock::new(|| {
    let lists: serde_json::Value = serde_json::from_str(include_str!("vectors.json")).unwrap();
    let dates = ["weekdays_off", "weekend_days_worked"].map(|list| lists[list].as_array().unwrap().clone());
    dates.iter().flatten().map(|day| date(day.as_str().unwrap())).collect()
});

type Sessions = &'static [(i64, i64)];
const CITY: [Sessions; 2] =
    [&[(m(8, 30), m(12, 0)), (m(15, 0), m(18, 0))], &[(m(8, 30), m(12, 0)), (m(14, 30), m(17, 30))]];
const PROVINCE: [Sessions; 2] =
    [&[(m(8, 0), m(12, 0)), (m(15, 0), m(18, 0))], &[(m(8, 0), m(12, 0)), (m(14, 30), m(17, 30))]];
const HALL: [Sessions; 2] = [&[(m(9, 0), m(12, 0)), (m(13, 30), m(17, 0))]; 2];

struct Plain {
    calendar: Arc<Calendar>,
    /// Summer and winter.
    hours: [Sessions; 2],
    closures: Vec<(i64, i64)>,
}

/// The minutes of an hour and minute.
const fn m(hour: i64, minute: i64) -> i64 {
    hour * 60 + minute
}

static PLAIN: LazyLock<Vec<Plain>> = LazyLock::new(|| {
    let typhoon = Closure {
        from_us: at("2020-08-11 10:17:03.000007"),
        to_us: at("2020-08-12 16:00"),
        reason: Text::new("台风", "Typhoon"),
        published_at_us: at("2020-08-11 08:00"),
    };
    let plain = |id, hours| Plain { calendar: calendar(id), hours, closures: Vec::new() };
    vec![
        plain("fuzhou-city", CITY),
        plain("fujian-province", PROVINCE),
        plain("hall", HALL),
        Plain {
            closures: vec![(typhoon.from_us, typhoon.to_us)],
            calendar: Arc::new(calendar("fuzhou-city").with_closure(typhoon)),
            hours: CITY,
        },
    ]
});

impl Plain {
    fn is_worked(day: Date) -> bool {
        let weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
        weekend == MOVED.contains(&day)
    }

    /// Working time by looking at each minute of the span.
    fn counted_us(&self, from_us: i64, to_us: i64) -> i64 {
        let mut sum = 0;
        let mut minute_us = from_us - from_us.rem_euclid(MINUTE_US);
        let (mut day, mut worked) = (Date::MIN, false);
        while minute_us < to_us {
            let today = local_date(minute_us);
            if today != day {
                (day, worked) = (today, Self::is_worked(today));
            }
            let minute = (minute_us - instant_at(day, Time::midnight())) / MINUTE_US;
            let hours = if (6..=9).contains(&day.month()) { self.hours[0] } else { self.hours[1] };
            if worked && hours.iter().any(|(opens, closes)| (*opens..*closes).contains(&minute)) {
                let (start, end) = (minute_us.max(from_us), (minute_us + MINUTE_US).min(to_us));
                let closed = |&(from, to): &(i64, i64)| (end.min(to) - start.max(from)).max(0);
                sum += end - start - self.closures.iter().map(closed).sum::<i64>();
            }
            minute_us += MINUTE_US;
        }
        sum
    }
}

fn published() -> std::ops::Range<i64> {
    at("2020-01-01 00:00")..at("2026-12-01 00:00")
}

fn near_the_closure() -> std::ops::Range<i64> {
    at("2020-08-09 00:00")..at("2020-08-14 00:00")
}

#[test]
fn every_published_day_is_worked_or_not() {
    for plain in PLAIN.iter().take(3) {
        for day in date("2020-01-01").series(1.day()).take_while(|day| *day <= date("2026-12-31")) {
            assert_eq!(plain.calendar.is_working_day(day), Ok(Plain::is_worked(day)), "{day}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn between_is_the_count_of_minutes(
        which in 0..4_usize,
        start in prop_oneof![published(), near_the_closure()],
        span in prop_oneof![0..2 * DAY_US, 0..20 * DAY_US],
    ) {
        let plain = &PLAIN[which];
        let working = plain.calendar.between_us(start, start + span, Horizon::Published).unwrap();
        prop_assert_eq!(working.us, plain.counted_us(start, start + span));
    }

    #[test]
    fn next_open_is_the_first_open_instant(
        which in 0..4_usize,
        start in prop_oneof![published(), near_the_closure()],
    ) {
        let plain = &PLAIN[which];
        let next = plain.calendar.next_open_us(start, Horizon::Published).unwrap();
        prop_assert!(next >= start && plain.calendar.is_open(next, Horizon::Published).unwrap());
        prop_assert_eq!(plain.counted_us(start, next), 0);
        prop_assert_eq!(plain.counted_us(next, next + 1), 1);
        prop_assert_eq!(next == start, plain.calendar.is_open(start, Horizon::Published).unwrap());
    }

    #[test]
    fn statutory_counts_whole_days(start in published(), days in 0..15_u32) {
        let calendar = &PLAIN[0].calendar;
        let due = calendar.statutory_due_us(start, days, Horizon::Published).unwrap();
        if days == 0 {
            prop_assert_eq!(due.at_us, start);
        } else {
            let (first, last) = (local_date(start), local_date(due.at_us));
            let counted = first.series(1.day()).skip(1).take_while(|day| *day <= last);
            prop_assert_eq!(counted.filter(|day| Plain::is_worked(*day)).count(), days as usize);
            prop_assert!(Plain::is_worked(last));
            prop_assert_eq!(due.at_us, instant_at(last, calendar.sessions(last).unwrap().last().unwrap().1));
        }
    }

    #[test]
    fn the_same_day_is_the_close_of_the_day_that_is_open_next(which in 0..4_usize, start in published()) {
        let plain = &PLAIN[which];
        let due = plain.calendar.same_day_due_us(start, Horizon::Published).unwrap().at_us;
        prop_assert!(due > start && local_date(due) == local_date(plain.calendar.next_open_us(start, Horizon::Published).unwrap()));
        prop_assert_eq!(plain.counted_us(due, instant_at(local_date(due), jiff::civil::time(23, 59, 0, 0))), 0);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn add_and_between_undo_each_other(
        which in 0..4_usize,
        start in at("2020-01-01 00:00")..at("2060-01-01 00:00"),
        budget in prop_oneof![0..1_000_i64, 0..100 * HOUR_US, 0..50_000 * HOUR_US, (0..5_000_i64).prop_map(|n| n * 30 * MINUTE_US)],
    ) {
        let calendar = &PLAIN[which].calendar;
        let due = calendar.add_us(start, budget, Horizon::Provisional).unwrap();
        let back = calendar.between_us(start, due.at_us, Horizon::Provisional).unwrap();
        prop_assert_eq!(back.us, budget);
        // It is the earliest such instant.
        if budget == 0 {
            prop_assert_eq!(due.at_us, start);
        } else {
            let before = calendar.between_us(start, due.at_us - 1, Horizon::Provisional).unwrap();
            prop_assert_eq!(before.us, budget - 1);
        }
    }

    #[test]
    fn between_is_additive_and_signed(
        which in 0..4_usize,
        a in at("2020-01-01 00:00")..at("2100-01-01 00:00"),
        b in at("2020-01-01 00:00")..at("2100-01-01 00:00"),
        c in at("2020-01-01 00:00")..at("2100-01-01 00:00"),
    ) {
        let calendar = &PLAIN[which].calendar;
        let us = |from, to| calendar.between_us(from, to, Horizon::Provisional).unwrap().us;
        prop_assert_eq!(us(a, b), -us(b, a));
        prop_assert_eq!(us(a, b) + us(b, c), us(a, c));
        prop_assert!(us(a.min(b), a.max(b)) >= 0);
    }

    #[test]
    fn due_times_are_in_order(start in published(), a in 0..1_000 * HOUR_US, b in 0..1_000 * HOUR_US) {
        let calendar = &PLAIN[0].calendar;
        let add = |from, budget| calendar.add_us(from, budget, Horizon::Provisional).unwrap().at_us;
        prop_assert!(add(start, a.min(b)) <= add(start, a.max(b)));
        prop_assert_eq!(add(add(start, a), b), if b == 0 { add(start, a) } else { add(start, a + b) });
    }
}
