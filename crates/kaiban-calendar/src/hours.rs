//! When an office is open on a day of work: sessions by season, and exceptional closures.

use jiff::civil::{Date, Time};
use kaiban_findings::Text;

/// One stretch of opening, half-open: the office is open at `opens` and no longer at `closes`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Session {
    pub opens: Time,
    pub closes: Time,
}

/// A month and a day, valid in a leap year; orders through the year.
pub(crate) type MonthDay = (i8, i8);

/// A part of the year, both ends included; it may run over the new year (10-01 to 05-31).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Season {
    pub from: MonthDay,
    pub to: MonthDay,
    /// In order of the day, without overlap, at least one.
    pub sessions: Vec<Session>,
}

impl Season {
    pub fn contains(&self, day: MonthDay) -> bool {
        if self.from <= self.to { self.from <= day && day <= self.to } else { day >= self.from || day <= self.to }
    }
}

/// The hours of an office. INVARIANT: each day of the year is in exactly one season; the loader sees to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hours {
    pub title: Text,
    pub seasons: Vec<Season>,
}

impl Hours {
    /// The season of a date, as an index into `seasons`.
    pub fn season_of(&self, date: Date) -> usize {
        let day = (date.month(), date.day());
        self.seasons.iter().position(|season| season.contains(day)).unwrap_or(0)
    }
}

/// An exceptional closure: working time that an office does not have, for a reason that is published. A typhoon
/// afternoon, a half day, an approved outage. What falls outside the hours has no effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closure {
    /// The first closed instant, microseconds UTC.
    pub from_us: i64,
    /// The first instant that is no longer closed, microseconds UTC, after `from_us`.
    pub to_us: i64,
    /// Why, for the people who read a due time.
    pub reason: Text,
    /// When it was published, microseconds UTC.
    pub published_at_us: i64,
}
