//! Every day of a calendar in order, with sums over the days before it, so that no operation walks over a span.

use std::collections::{BTreeMap, HashMap};

use jiff::civil::{self, Date};

use crate::arrangement::{Arrangement, Notice, is_worked_provisionally};
use crate::hours::{Closure, Hours};
use crate::instant::{DAY_US, date_of_day, day_of, day_of_date, midnight_us, time_us};

/// The last day that a provisional answer may use.
pub(crate) const LAST_DATE: Date = civil::date(2099, 12, 31);

/// The opening times of a day: half-open stretches in microseconds of the day, in order, without overlap.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Shape(pub Vec<(i64, i64)>);

impl Shape {
    /// A full day of work on this date, whether or not it is worked.
    pub fn full(hours: &Hours, date: Date) -> Self {
        Self(hours.sessions_on(date).iter().map(|s| (time_us(s.opens), time_us(s.closes))).collect())
    }

    /// Working time of the whole day.
    pub fn total_us(&self) -> i64 {
        self.0.iter().map(|(opens, closes)| closes - opens).sum()
    }

    /// Working time of the day before this microsecond of it.
    pub fn elapsed_us(&self, at: i64) -> i64 {
        self.0.iter().map(|&(opens, closes)| (at.min(closes) - opens).max(0)).sum()
    }

    /// The earliest microsecond of the day with this much working time before it, `0 < used <= total`.
    pub fn when_used(&self, mut used: i64) -> i64 {
        for &(opens, closes) in &self.0 {
            if used <= closes - opens {
                return opens + used;
            }
            used -= closes - opens;
        }
        DAY_US
    }

    fn without(&self, from: i64, to: i64) -> Self {
        let parts = self.0.iter().flat_map(|&(opens, closes)| [(opens, closes.min(from)), (opens.max(to), closes)]);
        Self(parts.filter(|(opens, closes)| opens < closes).collect())
    }
}

/// The days of a calendar. Indexes count from the first day; sums have one entry more than there are days, and the
/// entry at the end is a day that is never open, so that the last midnight can be looked up as any other instant.
#[derive(Clone)]
pub(crate) struct Table {
    /// Day number (from 1970-01-01) of index 0.
    pub first_day: i64,
    /// How many days rest on a published notice.
    pub published: usize,
    /// Working time of all days before.
    pub before_us: Vec<i64>,
    /// Open days before; a table has fewer than 65 536 days.
    pub open_before: Vec<u16>,
    /// Indexes of the open days.
    pub open_days: Vec<u16>,
    shape: Vec<u16>,
    shapes: Vec<Shape>,
}

impl Table {
    pub fn build(arrangement: &Arrangement, hours: &Hours, closures: &[Closure]) -> Self {
        let in_force = arrangement.in_force();
        let first_day = day_of_date(civil::date(arrangement.first_year, 1, 1));
        let days = usize::try_from(day_of_date(LAST_DATE) + 1 - first_day).unwrap_or(0);
        let shape_of = |date: Date| {
            let notice = usize::try_from(date.year() - arrangement.first_year).ok().and_then(|i| in_force.get(i));
            let worked = match notice {
                Some(notice) => Notice::is_worked(notice, date),
                None => is_worked_provisionally(date),
            };
            if worked { Shape::full(hours, date) } else { Shape::default() }
        };
        let mut closed: BTreeMap<i64, Shape> = BTreeMap::new();
        for closure in closures {
            let last_day = first_day + days as i64 - 1;
            for day in day_of(closure.from_us).max(first_day)..=day_of(closure.to_us).min(last_day) {
                let open = closed.entry(day).or_insert_with(|| shape_of(date_of_day(day)));
                let midnight_us = midnight_us(day);
                let cut = |at_us: i64| at_us.saturating_sub(midnight_us);
                *open = open.without(cut(closure.from_us), cut(closure.to_us));
            }
        }

        let mut table = Self {
            first_day,
            published: in_force.iter().map(|notice| days_of_year(notice.year)).sum(),
            before_us: Vec::with_capacity(days + 1),
            open_before: Vec::with_capacity(days + 1),
            open_days: Vec::with_capacity(days),
            shape: Vec::with_capacity(days + 1),
            shapes: vec![Shape::default()],
        };
        let mut known = HashMap::from([(Shape::default(), 0_u16)]);
        let mut sum_us = 0;
        for index in 0..days {
            let day = first_day + index as i64;
            let shape = closed.remove(&day).unwrap_or_else(|| shape_of(date_of_day(day)));
            table.before_us.push(sum_us);
            table.open_before.push(table.open_days.len() as u16);
            if !shape.0.is_empty() {
                table.open_days.push(index as u16);
            }
            sum_us += shape.total_us();
            let number = *known.entry(shape).or_insert_with_key(|shape| {
                table.shapes.push(shape.clone());
                table.shapes.len() as u16 - 1
            });
            table.shape.push(number);
        }
        table.before_us.push(sum_us);
        table.open_before.push(table.open_days.len() as u16);
        table.shape.push(0);
        table
    }

    /// How many days there are.
    pub fn days(&self) -> usize {
        self.shape.len() - 1
    }

    pub fn shape(&self, index: usize) -> &Shape {
        &self.shapes[usize::from(self.shape[index])]
    }

    /// The instant at which the day with this index begins.
    pub fn midnight_us(&self, index: usize) -> i64 {
        midnight_us(self.first_day + index as i64)
    }

    /// Working time from the first day to this microsecond of the day with this index.
    pub fn elapsed_us(&self, index: usize, at: i64) -> i64 {
        self.before_us[index] + self.shape(index).elapsed_us(at)
    }

    /// The earliest instant with this much working time before it, `0 < total <= all there is`.
    pub fn when_used(&self, total_us: i64) -> i64 {
        let index = self.before_us.partition_point(|&before| before < total_us).saturating_sub(1);
        self.midnight_us(index) + self.shape(index).when_used(total_us - self.before_us[index])
    }
}

fn days_of_year(year: i16) -> usize {
    if civil::date(year, 1, 1).in_leap_year() { 366 } else { 365 }
}
