//! Which days are worked: the yearly notices of the State Council (调休), and the rule for years without one.

use std::collections::BTreeSet;

use jiff::civil::{Date, Weekday};

/// 全国年节及纪念日放假办法 (2024 revision): the statutory days with a fixed date, month and day. The others follow the
/// lunar or solar calendar and are known only from the year's notice.
pub(crate) const FIXED_HOLIDAYS: [(i8, i8); 6] = [(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)];

/// One notice: it states its whole year and replaces every earlier notice of that year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Notice {
    pub year: i16,
    pub published_at_us: i64,
    /// Weekdays without work.
    pub off: BTreeSet<Date>,
    /// Weekend days with work.
    pub worked: BTreeSet<Date>,
}

impl Notice {
    /// Whether the notice makes this day of its year a day of work.
    pub fn is_worked(&self, date: Date) -> bool {
        if is_weekend(date) { self.worked.contains(&date) } else { !self.off.contains(&date) }
    }
}

/// The notices of an arrangement, append-only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Arrangement {
    /// Its name, which is its file's.
    pub name: String,
    /// The first year with a notice: nothing is computed before it.
    pub first_year: i16,
    /// Every notice ever published, in any order.
    pub notices: Vec<Notice>,
}

impl Arrangement {
    /// The notices that hold, one a year from `first_year` on, up to the first year without one.
    pub fn in_force(&self) -> Vec<&Notice> {
        let last_published = |year: i16| {
            self.notices.iter().filter(|notice| notice.year == year).max_by_key(|notice| notice.published_at_us)
        };
        (self.first_year..).map_while(last_published).collect()
    }

    /// What was published up to and including an instant.
    pub fn as_published(&self, at_us: i64) -> Self {
        let known = self.notices.iter().filter(|notice| notice.published_at_us <= at_us);
        Self { name: self.name.clone(), first_year: self.first_year, notices: known.cloned().collect() }
    }
}

/// The rule for a year without a notice: weekends and the holidays with a fixed date. It knows neither the holidays of
/// the lunar calendar nor moved days, which is why whatever rests on it is provisional.
pub(crate) fn is_worked_provisionally(date: Date) -> bool {
    !is_weekend(date) && !FIXED_HOLIDAYS.contains(&(date.month(), date.day()))
}

/// 国务院令第146号: Saturday and Sunday are days of rest.
pub(crate) fn is_weekend(date: Date) -> bool {
    matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday)
}
