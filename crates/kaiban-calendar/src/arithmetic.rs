//! The questions that a calendar answers. Each is a look-up in the table of days or one binary search over it.

use jiff::civil::{Date, Time};

use crate::calendar::Calendar;
use crate::error::CalendarError;
use crate::instant::{DAY_US, date_of_day, day_of, day_of_date, local_date, midnight_us, time_of_us};

/// What to do past the last published year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Horizon {
    /// Answer [`CalendarError::NotPublished`].
    Published,
    /// Compute from weekends and the holidays with a fixed date (1 January, 1–2 May, 1–3 October), and say so in the
    /// answer. Whoever shows it marks it.
    Provisional,
}

/// One day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Day {
    /// Opening and closing times in order, half-open; none on a day that is not worked or is closed all day.
    pub sessions: Vec<(Time, Time)>,
    /// Not from a published arrangement.
    pub provisional: bool,
}

impl Day {
    /// Whether the day counts as a working day: it has at least one session left.
    pub fn is_working(&self) -> bool {
        !self.sessions.is_empty()
    }
}

/// An amount of working time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Working {
    /// Microseconds; negative when the span runs backwards.
    pub us: i64,
    /// Not wholly from published arrangements.
    pub provisional: bool,
}

/// The instant at which something is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Due {
    /// Microseconds UTC.
    pub at_us: i64,
    /// Not wholly from published arrangements: never the cause of a breach, printed in no letter.
    pub provisional: bool,
}

impl Calendar {
    /// Whether a date of a published year is a working day. A day that a closure takes wholly is none.
    pub fn is_working_day(&self, date: Date) -> Result<bool, CalendarError> {
        Ok(!self.table.shape(self.index_of(day_of_date(date), Horizon::Published)?).0.is_empty())
    }

    /// Opening and closing times on a date of a published year; empty on a day without work.
    pub fn sessions(&self, date: Date) -> Result<Vec<(Time, Time)>, CalendarError> {
        Ok(self.day(date, Horizon::Published)?.sessions)
    }

    /// One day, provisional if that is asked for and needed.
    pub fn day(&self, date: Date, horizon: Horizon) -> Result<Day, CalendarError> {
        let index = self.index_of(day_of_date(date), horizon)?;
        let sessions = self.table.shape(index).0.iter().map(|&(opens, closes)| (time_of_us(opens), time_of_us(closes)));
        Ok(Day { sessions: sessions.collect(), provisional: index >= self.table.published })
    }

    /// Working time between two instants; `between_us(b, a) == -between_us(a, b)`.
    pub fn between_us(&self, from_us: i64, to_us: i64, horizon: Horizon) -> Result<Working, CalendarError> {
        let us = self.elapsed_us(to_us, horizon)? - self.elapsed_us(from_us, horizon)?;
        Ok(Working { us, provisional: from_us.max(to_us) > self.published_end_us() })
    }

    /// The earliest instant at which a budget of working time is used up. `budget_us` is zero or more; a budget of
    /// zero is used up at `start_us` itself, and one that ends exactly at closing time ends that day.
    pub fn add_us(&self, start_us: i64, budget_us: i64, horizon: Horizon) -> Result<Due, CalendarError> {
        if budget_us < 0 {
            return Err(CalendarError::NegativeBudget);
        }
        let used_us = self.elapsed_us(start_us, horizon)?;
        if budget_us == 0 {
            return Ok(self.due_at(start_us));
        }
        let total_us = used_us.saturating_add(budget_us);
        if horizon == Horizon::Published && total_us > self.table.before_us[self.table.published] {
            return Err(self.unpublished_next());
        }
        if total_us > self.table.before_us[self.table.days()] {
            return Err(self.out_of_range());
        }
        Ok(self.due_at(self.table.when_used(total_us)))
    }

    /// Working time, in microseconds, of a full working day in the season of the local date of `at_us`: what "1
    /// working day" means as a promise. Neither closures nor holidays shorten it.
    pub fn nominal_day_us(&self, at_us: i64) -> i64 {
        self.full_day(local_date(at_us)).total_us()
    }

    /// Whether the office is open at an instant. It is open at the instant of opening and not at that of closing.
    pub fn is_open(&self, at_us: i64, horizon: Horizon) -> Result<bool, CalendarError> {
        let shape = self.table.shape(self.index_of(day_of(at_us), horizon)?);
        let at = at_us - midnight_us(day_of(at_us));
        Ok(shape.0.iter().any(|&(opens, closes)| opens <= at && at < closes))
    }

    /// `at_us` itself when the office is open, else the next opening.
    pub fn next_open_us(&self, at_us: i64, horizon: Horizon) -> Result<i64, CalendarError> {
        let (index, at) = self.locate(at_us, horizon)?;
        let later_today = self.table.shape(index).0.iter().find(|&&(_, closes)| at < closes);
        let next_us = match later_today {
            Some(&(opens, _)) => self.table.midnight_us(index) + opens.max(at),
            None => {
                let next = self.working_day_after(index, 1, horizon)?;
                let opens = self.table.shape(next).0.first().map_or(0, |&(opens, _)| opens);
                self.table.midnight_us(next) + opens
            }
        };
        if horizon == Horizon::Published && next_us >= self.published_end_us() {
            return Err(self.unpublished_next());
        }
        Ok(next_us)
    }

    /// The end of a period counted in working days: close of business of the n-th working day after the local date
    /// of `from_us`, which is itself not counted (民法典 §201, §203; 行政许可法 §82). A period of no days ends at once.
    pub fn statutory_due_us(&self, from_us: i64, working_days: u32, horizon: Horizon) -> Result<Due, CalendarError> {
        let (index, _) = self.locate(from_us, horizon)?;
        if working_days == 0 {
            return Ok(self.due_at(from_us));
        }
        Ok(self.due_at(self.closes_us(self.working_day_after(index, working_days, horizon)?)))
    }

    /// The end of a period that is over the same day (当日): close of business of the local day of `from_us`, or of the
    /// next working day where that day is none or its business is over.
    pub fn same_day_due_us(&self, from_us: i64, horizon: Horizon) -> Result<Due, CalendarError> {
        let opens_us = self.next_open_us(from_us, horizon)?;
        let (index, _) = self.locate(opens_us, horizon)?;
        Ok(self.due_at(self.closes_us(index)))
    }

    /// Close of business of the open day with this index.
    fn closes_us(&self, index: usize) -> i64 {
        self.table.midnight_us(index) + self.table.shape(index).0.last().map_or(DAY_US, |&(_, closes)| closes)
    }

    /// The index of the n-th open day after the day with this index, `n >= 1`.
    fn working_day_after(&self, index: usize, n: u32, horizon: Horizon) -> Result<usize, CalendarError> {
        let table = &self.table;
        let opened = usize::from(table.open_before[(index + 1).min(table.days())]);
        let nth = usize::try_from(n).ok().and_then(|n| table.open_days.get(opened + n - 1)).copied().map(usize::from);
        match nth {
            Some(day) if horizon == Horizon::Provisional || day < table.published => Ok(day),
            None if horizon == Horizon::Provisional => Err(self.out_of_range()),
            _ => Err(self.unpublished_next()),
        }
    }

    /// Working time from the calendar's first day to an instant.
    fn elapsed_us(&self, at_us: i64, horizon: Horizon) -> Result<i64, CalendarError> {
        let (index, at) = self.locate(at_us, horizon)?;
        Ok(self.table.elapsed_us(index, at))
    }

    /// The day of an instant and the microsecond of that day. The midnight at which the published (or computed) days
    /// end is still inside: a span may end there without using anything of the next day.
    fn locate(&self, at_us: i64, horizon: Horizon) -> Result<(usize, i64), CalendarError> {
        let end = match horizon {
            Horizon::Published => self.table.published,
            Horizon::Provisional => self.table.days(),
        };
        if at_us == self.table.midnight_us(end) {
            return Ok((end, 0));
        }
        let day = day_of(at_us);
        let index = self.index_of(day, horizon)?;
        Ok((index, at_us - midnight_us(day)))
    }

    fn index_of(&self, day: i64, horizon: Horizon) -> Result<usize, CalendarError> {
        let Ok(index) = usize::try_from(day - self.table.first_day) else {
            return Err(CalendarError::BeforeFirst { calendar: self.shared_id(), first: self.first_day() });
        };
        if horizon == Horizon::Published && index >= self.table.published {
            return Err(CalendarError::NotPublished { calendar: self.shared_id(), year: date_of_day(day).year() });
        }
        if index >= self.table.days() {
            return Err(self.out_of_range());
        }
        Ok(index)
    }

    fn due_at(&self, at_us: i64) -> Due {
        Due { at_us, provisional: at_us > self.published_end_us() }
    }

    /// The midnight at which the last published day ends.
    fn published_end_us(&self) -> i64 {
        self.table.midnight_us(self.table.published)
    }

    fn unpublished_next(&self) -> CalendarError {
        let year = date_of_day(self.table.first_day + self.table.published as i64).year();
        CalendarError::NotPublished { calendar: self.shared_id(), year }
    }

    fn out_of_range(&self) -> CalendarError {
        CalendarError::OutOfRange { calendar: self.shared_id(), last: self.last_day() }
    }
}
