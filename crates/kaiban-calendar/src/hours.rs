//! When an office is open on a day of work: sessions by season, from which day on, and exceptional closures.

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

/// A timetable through the year. INVARIANT: each day of the year is in exactly one season; the loader sees to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Timetable {
    /// The first day that it may hold on.
    pub from: Date,
    /// When it was published, microseconds UTC.
    pub published_at_us: i64,
    pub seasons: Vec<Season>,
}

/// The hours of an office: its timetables, append-only, in the order of their publication. INVARIANT: the first one holds
/// from [`Date::MIN`] and was always known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hours {
    pub title: Text,
    pub timetables: Vec<Timetable>,
}

impl Hours {
    /// The sessions of a full day of work on this date. Of the timetables that have begun the last published one holds, so
    /// that a change leaves every day before it as it was.
    pub fn sessions_on(&self, date: Date) -> &[Session] {
        let day = (date.month(), date.day());
        let begun = self.timetables.iter().rev().find(|timetable| timetable.from <= date);
        let season = begun.and_then(|timetable| timetable.seasons.iter().find(|season| season.contains(day)));
        season.map_or(&[], |season| &season.sessions)
    }

    /// What was published up to and including an instant.
    pub fn as_published(&self, at_us: i64) -> Self {
        let known = self.timetables.iter().filter(|timetable| timetable.published_at_us <= at_us);
        Self { title: self.title.clone(), timetables: known.cloned().collect() }
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
