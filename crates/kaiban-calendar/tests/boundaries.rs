//! The places where calendars of other engines go wrong.

mod support;

use jiff::civil::time;
use kaiban_calendar::{CalendarError, Closure, Day, Horizon, format_instant};
use kaiban_findings::Text;
use support::{HOUR_US, MINUTE_US, at, calendar, date};

const PUBLISHED: Horizon = Horizon::Published;
const PROVISIONAL: Horizon = Horizon::Provisional;

#[track_caller]
fn due(start: &str, budget_us: i64, expected: &str) {
    let calendar = calendar("fuzhou-city");
    let due = calendar.add_us(at(start), budget_us, PUBLISHED).unwrap();
    assert_eq!(format_instant(due.at_us), format_instant(at(expected)), "{start} + {budget_us}us");
    assert_eq!(calendar.between_us(at(start), due.at_us, PUBLISHED).unwrap().us, budget_us);
    assert_eq!(calendar.between_us(due.at_us, at(start), PUBLISHED).unwrap().us, -budget_us);
}

#[test]
fn add_at_every_boundary() {
    let minute = MINUTE_US;
    due("2020-11-18 07:00", minute, "2020-11-18 08:31"); // before opening
    due("2020-11-18 08:30", minute, "2020-11-18 08:31"); // at opening
    due("2020-11-18 12:00", minute, "2020-11-18 14:31"); // at the beginning of lunch
    due("2020-11-18 13:00", minute, "2020-11-18 14:31"); // in lunch
    due("2020-11-18 17:30", minute, "2020-11-19 08:31"); // at closing
    due("2020-11-18 23:00", minute, "2020-11-19 08:31"); // after closing
    due("2020-11-21 10:00", minute, "2020-11-23 08:31"); // on a Saturday
    due("2020-10-01 10:00", minute, "2020-10-09 08:31"); // on a holiday
    due("2020-10-10 10:00", minute, "2020-10-10 10:01"); // on a worked Saturday
    due("2024-02-29 17:29", 2 * minute, "2024-03-01 08:31"); // over a leap day
    due("2020-11-18 08:30", 210 * minute, "2020-11-18 12:00"); // ends exactly at lunch
    due("2020-11-18 08:30", 390 * minute, "2020-11-18 17:30"); // ends exactly at closing
    due("2020-11-18 08:30", 390 * minute + 1, "2020-11-19 08:30:00.000001");
    due("2020-11-18 17:29:59.999999", 1, "2020-11-18 17:30");
    due("2020-11-18 17:29:59.999999", 2, "2020-11-19 08:30:00.000001");
    due("2020-05-31 10:00", 390 * minute, "2020-06-01 18:00"); // the season changes with the date
    due("2020-11-18 13:00", 0, "2020-11-18 13:00"); // nothing is used up at once, in lunch too
}

#[test]
fn open_is_half_open() {
    let calendar = calendar("fuzhou-city");
    let open = |text: &str| calendar.is_open(at(text), PUBLISHED).unwrap();
    assert!(!open("2020-11-18 08:29:59.999999") && open("2020-11-18 08:30"));
    assert!(open("2020-11-18 11:59:59.999999") && !open("2020-11-18 12:00"));
    assert!(!open("2020-11-18 17:30") && !open("2020-11-21 10:00") && open("2020-10-10 10:00"));

    let next = |text: &str| format_instant(calendar.next_open_us(at(text), PUBLISHED).unwrap());
    for (from, opens) in [
        ("2020-11-18 00:00", "2020-11-18 08:30"),
        ("2020-11-18 09:12", "2020-11-18 09:12"),
        ("2020-11-18 12:00", "2020-11-18 14:30"),
        ("2020-11-18 17:30", "2020-11-19 08:30"),
        ("2020-09-30 18:00", "2020-10-09 08:30"),
        ("2020-10-09 17:30", "2020-10-10 08:30"),
    ] {
        assert_eq!(next(from), format_instant(at(opens)), "{from}");
    }
}

#[test]
fn both_notices_of_2020() {
    let amended = calendar("fuzhou-city");
    assert_eq!(amended.is_working_day(date("2020-01-31")), Ok(false));
    assert_eq!(amended.is_working_day(date("2020-02-01")), Ok(false));
    assert_eq!(amended.is_working_day(date("2020-01-19")), Ok(true));

    let first = amended.as_published(at("2020-01-26 23:59:59.999999"));
    assert_eq!(first.is_working_day(date("2020-01-30")), Ok(false));
    assert_eq!(first.is_working_day(date("2020-01-31")), Ok(true));
    assert_eq!(first.is_working_day(date("2020-02-01")), Ok(true));
    assert_eq!(first.published_until(), date("2020-12-31"));
    assert_ne!(first.version(), amended.version());
    let due = first.add_us(at("2020-01-23 16:00"), 5 * HOUR_US, PUBLISHED).unwrap();
    assert_eq!(due.at_us, at("2020-01-31 12:00"));

    assert_eq!(amended.as_published(at("2020-01-27 00:00")).is_working_day(date("2020-01-31")), Ok(false));
    assert_eq!(amended.as_published(at("2025-11-04 00:00")).version(), amended.version());
    assert_eq!(amended.as_published(at("2019-01-01 00:00")).published_until(), date("2019-12-31"));
}

#[test]
fn past_the_last_published_year() {
    let calendar = calendar("fuzhou-city");
    assert_eq!(calendar.published_until(), date("2026-12-31"));
    let not_published = |year| Err::<(), _>(CalendarError::NotPublished { calendar: "fuzhou-city".into(), year });

    // 31 December 2026 is a Thursday; the last instant of the year is still known.
    let last = at("2026-12-31 16:30");
    assert_eq!(calendar.add_us(last, HOUR_US, PUBLISHED).unwrap().at_us, at("2026-12-31 17:30"));
    assert_eq!(calendar.between_us(last, at("2027-01-01 00:00"), PUBLISHED).unwrap().us, HOUR_US);
    assert_eq!(calendar.add_us(last, HOUR_US + 1, PUBLISHED).map(drop), not_published(2027));
    assert_eq!(calendar.between_us(last, at("2027-01-01 00:00:00.000001"), PUBLISHED).map(drop), not_published(2027));
    assert_eq!(calendar.next_open_us(at("2026-12-31 17:30"), PUBLISHED).map(drop), not_published(2027));
    assert_eq!(calendar.statutory_due_us(last, 1, PUBLISHED).map(drop), not_published(2027));
    assert_eq!(calendar.is_open(at("2027-01-01 00:00"), PUBLISHED).map(drop), not_published(2027));
    assert_eq!(calendar.is_working_day(date("2031-05-06")).map(drop), not_published(2031));
    assert_eq!(calendar.sessions(date("2031-05-06")).unwrap_err().code(), "CALENDAR_NOT_PUBLISHED");

    // 1 January 2027 is a Friday and a fixed holiday; the next day of work is Monday.
    let due = calendar.add_us(last, HOUR_US + 1, PROVISIONAL).unwrap();
    assert_eq!((due.at_us, due.provisional), (at("2027-01-04 08:30:00.000001"), true));
    let due = calendar.add_us(last, HOUR_US, PROVISIONAL).unwrap();
    assert!(!due.provisional, "a due time inside the published years is final whatever was asked for");
    assert!(calendar.between_us(last, due.at_us + 8 * HOUR_US, PROVISIONAL).unwrap().provisional);
    let due = calendar.statutory_due_us(last, 1, PROVISIONAL).unwrap();
    assert_eq!((due.at_us, due.provisional), (at("2027-01-04 17:30"), true));
    let day = calendar.day(date("2027-10-04"), PROVISIONAL).unwrap();
    let hours = vec![(time(8, 30, 0, 0), time(12, 0, 0, 0)), (time(14, 30, 0, 0), time(17, 30, 0, 0))];
    assert_eq!(day, Day { sessions: hours, provisional: true });
    for holiday in ["2027-01-01", "2029-05-01", "2029-05-02", "2027-10-01", "2029-10-02", "2029-10-03"] {
        assert!(!calendar.day(date(holiday), PROVISIONAL).unwrap().is_working(), "{holiday}");
    }
}

#[test]
fn the_ends_of_the_range() {
    let calendar = calendar("hall");
    let code = |result: Result<_, CalendarError>| result.map(|_: i64| ()).unwrap_err().code();
    let before = at("2019-12-31 23:59:59.999999");
    assert_eq!(
        code(calendar.between_us(before, at("2020-01-02 09:00"), PROVISIONAL).map(|w| w.us)),
        "CALENDAR_BEFORE_FIRST"
    );
    let first = at("2020-01-01 00:00");
    let whole = calendar.between_us(first, at("2100-01-01 00:00"), PROVISIONAL).unwrap();
    assert_eq!(calendar.add_us(first, whole.us, PROVISIONAL).unwrap().at_us, at("2099-12-31 17:00"));
    assert_eq!(code(calendar.add_us(first, whole.us + 1, PROVISIONAL).map(|due| due.at_us)), "CALENDAR_OUT_OF_RANGE");
    assert_eq!(code(calendar.next_open_us(at("2099-12-31 17:00"), PROVISIONAL)), "CALENDAR_OUT_OF_RANGE");
    assert_eq!(
        code(calendar.statutory_due_us(first, u32::MAX, PROVISIONAL).map(|due| due.at_us)),
        "CALENDAR_OUT_OF_RANGE"
    );
    assert_eq!(code(calendar.add_us(first, i64::MAX, PUBLISHED).map(|due| due.at_us)), "CALENDAR_NOT_PUBLISHED");
    assert_eq!(code(calendar.add_us(first, -1, PUBLISHED).map(|due| due.at_us)), "NEGATIVE_BUDGET");
    for extreme in [i64::MIN, i64::MAX] {
        assert!(calendar.next_open_us(extreme, PROVISIONAL).is_err());
        assert!(calendar.is_open(extreme, PROVISIONAL).is_err());
        assert_eq!(calendar.nominal_day_us(extreme), 390 * MINUTE_US);
    }
}

fn closure(from: &str, to: &str) -> Closure {
    Closure {
        from_us: at(from),
        to_us: at(to),
        reason: Text::new("台风停止办公", "Closed because of a typhoon"),
        published_at_us: at(from),
    }
}

#[test]
fn a_typhoon_afternoon_takes_working_time_away() {
    let plain = calendar("fuzhou-city");
    let closed = plain.with_closure(closure("2020-11-18 15:00", "2020-11-18 23:00"));
    assert_ne!(closed.version(), plain.version());
    assert_eq!(closed.add_us(at("2020-11-18 09:00"), 5 * HOUR_US, PUBLISHED).unwrap().at_us, at("2020-11-19 10:00"));
    assert_eq!(closed.is_working_day(date("2020-11-18")), Ok(true));
    assert_eq!(closed.nominal_day_us(at("2020-11-18 09:00")), 390 * MINUTE_US);
    let due = closed.statutory_due_us(at("2020-11-17 09:00"), 1, PUBLISHED).unwrap();
    assert_eq!(due.at_us, at("2020-11-18 15:00"));
    let sessions = closed.sessions(date("2020-11-18")).unwrap();
    assert_eq!(sessions.last(), Some(&(time(14, 30, 0, 0), time(15, 0, 0, 0))));
    assert!(closed.as_published(at("2020-11-18 14:59")).closures().is_empty());
    assert_eq!(closed.as_published(at("2020-11-18 15:00")).closures().len(), 1);
}

#[test]
fn a_closed_day_is_no_working_day() {
    let closed = calendar("fuzhou-city").with_closure(closure("2020-11-18 00:00", "2020-11-20 00:00"));
    let closed = closed.with_closure(closure("2020-11-20 09:00:00.000001", "2020-11-20 09:00:00.000003"));
    assert_eq!(closed.is_working_day(date("2020-11-19")), Ok(false));
    let due = closed.statutory_due_us(at("2020-11-17 09:00"), 1, PUBLISHED).unwrap();
    assert_eq!(due.at_us, at("2020-11-20 17:30"));
    assert_eq!(closed.next_open_us(at("2020-11-17 17:30"), PUBLISHED), Ok(at("2020-11-20 08:30")));
    assert_eq!(closed.sessions(date("2020-11-20")).unwrap().len(), 3);
    let due = closed.add_us(at("2020-11-20 09:00"), 2, PUBLISHED).unwrap();
    assert_eq!(due.at_us, at("2020-11-20 09:00:00.000004"));
    // A closure of any length is cut to the days that the calendar has.
    let forever = Closure { from_us: i64::MIN, to_us: i64::MAX, ..closure("2020-11-18 00:00", "2020-11-20 00:00") };
    assert_eq!(closed.with_closure(forever).is_working_day(date("2020-11-23")), Ok(false));
}
