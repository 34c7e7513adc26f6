//! The hours on the door and the holidays on the wall, as a person copies them from the notices: nothing here asks a
//! calendar. An office is looked at minute by minute.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

/// Days without work (first and last) and weekend days with work, of the years in which the cases play.
const NOTICES: [(&[[&str; 2]], &[&str]); 4] = [
    (
        &[
            ["2020-01-01", "2020-01-01"],
            ["2020-01-24", "2020-02-02"],
            ["2020-04-04", "2020-04-06"],
            ["2020-05-01", "2020-05-05"],
            ["2020-06-25", "2020-06-27"],
            ["2020-10-01", "2020-10-08"],
        ],
        &["2020-01-19", "2020-04-26", "2020-05-09", "2020-06-28", "2020-09-27", "2020-10-10"],
    ),
    (
        &[
            ["2021-01-01", "2021-01-03"],
            ["2021-02-11", "2021-02-17"],
            ["2021-04-03", "2021-04-05"],
            ["2021-05-01", "2021-05-05"],
            ["2021-06-12", "2021-06-14"],
            ["2021-09-19", "2021-09-21"],
            ["2021-10-01", "2021-10-07"],
        ],
        &["2021-02-07", "2021-02-20", "2021-04-25", "2021-05-08", "2021-09-18", "2021-09-26", "2021-10-09"],
    ),
    (
        &[
            ["2025-01-01", "2025-01-01"],
            ["2025-01-28", "2025-02-04"],
            ["2025-04-04", "2025-04-06"],
            ["2025-05-01", "2025-05-05"],
            ["2025-05-31", "2025-06-02"],
            ["2025-10-01", "2025-10-08"],
        ],
        &["2025-01-26", "2025-02-08", "2025-04-27", "2025-09-28", "2025-10-11"],
    ),
    (
        &[
            ["2026-01-01", "2026-01-03"],
            ["2026-02-15", "2026-02-23"],
            ["2026-04-04", "2026-04-06"],
            ["2026-05-01", "2026-05-05"],
            ["2026-06-19", "2026-06-21"],
            ["2026-09-25", "2026-09-27"],
            ["2026-10-01", "2026-10-07"],
        ],
        &["2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"],
    ),
];

/// Minutes of the day, opening and closing, of the morning and the afternoon.
fn sessions(calendar: &str, summer: bool) -> [[i64; 2]; 2] {
    let afternoon = if summer { [15 * 60, 18 * 60] } else { [14 * 60 + 30, 17 * 60 + 30] };
    match calendar {
        "fuzhou-city" => [[8 * 60 + 30, 12 * 60], afternoon],
        "fujian-province" => [[8 * 60, 12 * 60], afternoon],
        "hall" => [[9 * 60, 12 * 60], [13 * 60 + 30, 17 * 60]],
        other => panic!("nobody looked at the door of {other}"),
    }
}

/// A date as its number, counted from the first of January 1970, by adding up years and months.
fn day(date: &str) -> i64 {
    let part = |range: std::ops::Range<usize>| date[range].parse::<i64>().unwrap();
    let (year, month, day): (i64, i64, i64) = (part(0..4), part(5..7), part(8..10));
    let years: i64 = (1970..year).map(|year| if is_leap(year) { 366 } else { 365 }).sum();
    let months: i64 = (1..month).map(|month| days_of(year, month)).sum();
    years + months + day - 1
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_of(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Year and month of a day.
fn month_of(mut day: i64) -> (i64, i64) {
    let mut year = 1970;
    while day >= if is_leap(year) { 366 } else { 365 } {
        day -= if is_leap(year) { 366 } else { 365 };
        year += 1;
    }
    let mut month = 1;
    while day >= days_of(year, month) {
        day -= days_of(year, month);
        month += 1;
    }
    (year, month)
}

fn is_worked(at: i64) -> bool {
    let (year, _) = month_of(at);
    assert!([2020, 2021, 2025, 2026].contains(&year), "nobody copied the notice of {year}");
    // The first of January 1970 was a Thursday.
    let weekend = matches!((at + 3) % 7, 5 | 6);
    let named = |date: &str| day(date) == at;
    let moved = NOTICES.iter().any(|(_, worked)| worked.iter().any(|date| named(date)));
    let off = NOTICES.iter().any(|(off, _)| off.iter().any(|[first, last]| (day(first)..=day(last)).contains(&at)));
    if weekend { moved } else { !off }
}

/// By calendar and local day: which minutes are open.
type Days = HashMap<String, HashMap<i64, Rc<[bool]>>>;

thread_local! {
    static DAYS: RefCell<Days> = RefCell::default();
}

fn minutes_of(calendar: &str, day: i64) -> Rc<[bool]> {
    let look = || {
        let (_, month) = month_of(day);
        let sessions = sessions(calendar, (6..=9).contains(&month));
        let open = |minute: i64| sessions.iter().any(|[opens, closes]| (*opens..*closes).contains(&minute));
        let worked = is_worked(day);
        (0..1440).map(|minute| worked && open(minute)).collect()
    };
    DAYS.with_borrow_mut(|known| {
        if !known.contains_key(calendar) {
            known.insert(calendar.to_owned(), HashMap::new());
        }
        Rc::clone(known.get_mut(calendar).unwrap().entry(day).or_insert_with(look))
    })
}

/// A notice that an office stays closed, in minutes of UTC.
#[derive(Clone, Debug)]
pub struct Closed {
    pub calendar: String,
    pub from: i64,
    pub to: i64,
}

/// All doors, with the notices that hang on them.
#[derive(Clone, Debug, Default)]
pub struct Doors(pub Vec<Closed>);

impl Doors {
    pub fn is_open(&self, calendar: &str, minute: i64) -> bool {
        let local = minute + 8 * 60;
        minutes_of(calendar, local.div_euclid(1440))[local.rem_euclid(1440) as usize]
            && !self.is_closed(calendar, minute)
    }

    fn is_closed(&self, calendar: &str, minute: i64) -> bool {
        self.0.iter().any(|notice| notice.calendar == calendar && (notice.from..notice.to).contains(&minute))
    }

    /// The minutes, from the first on and without the last, in which an office with these hours is open.
    pub fn open(&self, calendar: &str, from: i64, to: i64) -> impl Iterator<Item = i64> {
        let days = (from + 8 * 60).div_euclid(1440)..;
        let minutes = days.take_while(move |day| day * 1440 - 8 * 60 < to).flat_map(|day| {
            let open = minutes_of(calendar, day);
            (0..1440).filter(move |minute| open[*minute as usize]).map(move |minute| day * 1440 + minute - 8 * 60)
        });
        let minutes = minutes.skip_while(move |minute| *minute < from).take_while(move |minute| *minute < to);
        minutes.filter(|minute| !self.is_closed(calendar, *minute))
    }
}
