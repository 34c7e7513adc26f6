//! Which data an answer rests on, where two versions part, and when the data ends.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::calendar::Calendar;
use crate::instant::{date_of_day, day_of_date, local_date, midnight_us};
use crate::load::Calendars;

/// What a calendar was at a time: enough to ask it again, from [`Calendar::at_version`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Version {
    /// Name of the calendar.
    pub calendar: String,
    /// [`Calendar::version`]: equal digests give equal answers.
    pub digest: String,
    /// When the last part of it was published, microseconds UTC: from then on it was known.
    pub published_at_us: i64,
}

/// A calendar whose published days end soon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ending {
    /// Name of the calendar.
    pub calendar: String,
    /// Its last published day.
    pub last: Date,
    /// Whole days from today to that day; 0 on the day itself, negative past it.
    pub days_left: i64,
}

impl Calendar {
    /// Whole days from the local date of `now_us` to the last published day; 0 on that day, negative past it.
    pub fn days_left(&self, now_us: i64) -> i64 {
        day_of_date(self.published_until()) - day_of_date(local_date(now_us))
    }

    /// The first instant, microseconds UTC, from which two calendars can answer differently; none where they cannot. A
    /// clock whose whole time lies before it needs no second computation. That a day is no longer provisional is a
    /// difference.
    pub fn differs_from_us(&self, other: &Calendar) -> Option<i64> {
        let (ours, theirs) = (&self.table, &other.table);
        if ours.first_day != theirs.first_day {
            return Some(midnight_us(ours.first_day.min(theirs.first_day)));
        }
        let differs = |index: &usize| {
            let date = date_of_day(ours.first_day + *index as i64);
            ours.shape(*index) != theirs.shape(*index)
                || (*index < ours.published) != (*index < theirs.published)
                || self.full_day(date) != other.full_day(date)
        };
        (0..ours.days()).find(differs).map(|index| ours.midnight_us(index))
    }
}

impl Calendars {
    /// All calendars as they were known at an instant.
    #[must_use]
    pub fn as_published(&self, at_us: i64) -> Calendars {
        let mut known = Calendars::default();
        for calendar in self.iter() {
            known.insert(calendar.as_published(at_us));
        }
        known
    }

    /// The versions of all calendars, by name.
    pub fn versions(&self) -> Vec<Version> {
        self.iter().map(Calendar::identity).collect()
    }

    /// The calendars whose published days end within so many days of `now_us`, or have ended, by name.
    pub fn ending_within(&self, days: i64, now_us: i64) -> Vec<Ending> {
        let ending = |calendar: &Calendar| Ending {
            calendar: calendar.id().to_owned(),
            last: calendar.published_until(),
            days_left: calendar.days_left(now_us),
        };
        self.iter().map(ending).filter(|ending| ending.days_left <= days).collect()
    }
}
