//! How long something may take, as packages write it.

use std::fmt;
use std::str::FromStr;

use kaiban_findings::Text;
use serde::{Deserialize, Serialize};

use crate::calendar::Calendar;
use crate::instant::{DAY_US, HOUR_US};

/// How long something may take. Written as a whole number, `working` where only working time counts, and a unit:
/// `5 working hours`, `90 working minutes`, `1 working day`, `2 days`, `72 hours`. Up to 100 years.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Budget {
    /// Working time.
    WorkingTime {
        /// Microseconds.
        us: i64,
    },
    /// Working days: as a promise so many nominal days of working time, as law the close of business of the last one.
    WorkingDays(u32),
    /// Time on the wall, weekends and nights included; a day is 24 hours.
    Wall {
        /// Microseconds.
        us: i64,
    },
}

/// A text that is not a budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BudgetError {
    /// Not one of the forms.
    #[error(
        "not a length of time: write a whole number, `working` where only working time counts, and a unit \
         (seconds, minutes, hours, days), for example `5 working hours`, `90 working minutes`, `1 working day`, \
         `2 days` or `72 hours`"
    )]
    Syntax,
    /// More than 100 years.
    #[error("too long: at most 36500 days or working days, or as many hours, minutes or seconds as are in them")]
    TooLong,
}

/// The longest budget: 100 years.
const DAYS_MAX: i64 = 36_500;

/// Microseconds, singular, and in Chinese; the largest first.
const UNITS: [(i64, &str, &str); 5] = [
    (DAY_US, "day", "天"),
    (HOUR_US, "hour", "小时"),
    (60_000_000, "minute", "分钟"),
    (1_000_000, "second", "秒"),
    (1, "microsecond", "微秒"),
];

impl Budget {
    /// The microseconds that the promise clock counts down, where the case was accepted at `accepted_at_us`. For a
    /// working-time budget these are working time on `calendar`; a working day is the nominal day of the season of
    /// acceptance. For [`Budget::Wall`] they are microseconds on the wall.
    pub fn promise_us(&self, calendar: &Calendar, accepted_at_us: i64) -> i64 {
        match *self {
            Self::WorkingTime { us } | Self::Wall { us } => us,
            Self::WorkingDays(days) => calendar.nominal_day_us(accepted_at_us).saturating_mul(i64::from(days)),
        }
    }

    /// Whether only working time counts.
    pub fn is_working(&self) -> bool {
        !matches!(self, Self::Wall { .. })
    }

    /// The budget for people, in both languages.
    pub fn text(&self) -> Text {
        let (count, unit, working) = self.parts();
        let zh_unit = UNITS.iter().find(|(_, en, _)| *en == unit).map_or("", |(_, _, zh)| zh);
        let zh = match (working, unit) {
            (true, "day") => format!("{count}个工作日"),
            (true, "hour") => format!("{count}个工作小时"),
            (true, _) => format!("{count}{zh_unit}（工作时间）"),
            (false, "hour") => format!("{count}个小时"),
            (false, _) => format!("{count}{zh_unit}"),
        };
        Text::new(zh, self.to_string())
    }

    /// Count, unit in the singular, whether it is working time.
    fn parts(&self) -> (i64, &'static str, bool) {
        let (us, working) = match *self {
            Self::WorkingDays(days) => return (i64::from(days), "day", true),
            // A working day is not 24 working hours, so working time stops at hours.
            Self::WorkingTime { us } => (us, true),
            Self::Wall { us } => (us, false),
        };
        let units = if working { &UNITS[1..] } else { &UNITS[..] };
        let smallest = UNITS[UNITS.len() - 1];
        let (unit_us, unit, _) = units.iter().copied().find(|(unit_us, ..)| us % unit_us == 0).unwrap_or(smallest);
        (us / unit_us, unit, working)
    }
}

impl fmt::Display for Budget {
    /// The form that [`FromStr`] reads, in the largest unit that needs no fraction: 72 hours are `3 days`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (count, unit, working) = self.parts();
        let working = if working { "working " } else { "" };
        let plural = if count == 1 { "" } else { "s" };
        write!(f, "{count} {working}{unit}{plural}")
    }
}

impl FromStr for Budget {
    type Err = BudgetError;

    fn from_str(text: &str) -> Result<Self, BudgetError> {
        let words: Vec<&str> = text.split_ascii_whitespace().collect();
        let (count, unit, working) = match words[..] {
            [count, "working", unit] => (count, unit, true),
            [count, unit] => (count, unit, false),
            _ => return Err(BudgetError::Syntax),
        };
        if count.is_empty() || !count.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(BudgetError::Syntax);
        }
        let unit = unit.strip_suffix('s').unwrap_or(unit);
        let (unit_us, unit, _) = UNITS.into_iter().find(|(_, name, _)| *name == unit).ok_or(BudgetError::Syntax)?;
        // Only digits are left, so that a number which does not parse is too large.
        let count: i64 = count.parse().map_err(|_| BudgetError::TooLong)?;
        let us = count.checked_mul(unit_us).filter(|us| *us <= DAYS_MAX * DAY_US).ok_or(BudgetError::TooLong)?;
        Ok(match (working, unit) {
            (true, "day") => Self::WorkingDays(u32::try_from(count).map_err(|_| BudgetError::TooLong)?),
            (true, _) => Self::WorkingTime { us },
            (false, _) => Self::Wall { us },
        })
    }
}

impl TryFrom<String> for Budget {
    type Error = BudgetError;

    fn try_from(text: String) -> Result<Self, BudgetError> {
        text.parse()
    }
}

impl From<Budget> for String {
    fn from(budget: Budget) -> Self {
        budget.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_form_and_writes_it_back() {
        let forms = [
            ("5 working hours", Budget::WorkingTime { us: 5 * HOUR_US }, "5个工作小时"),
            ("1 working hour", Budget::WorkingTime { us: HOUR_US }, "1个工作小时"),
            ("90 working minutes", Budget::WorkingTime { us: 90 * 60_000_000 }, "90分钟（工作时间）"),
            ("24 working hours", Budget::WorkingTime { us: DAY_US }, "24个工作小时"),
            ("1 working day", Budget::WorkingDays(1), "1个工作日"),
            ("0 working days", Budget::WorkingDays(0), "0个工作日"),
            ("2 days", Budget::Wall { us: 2 * DAY_US }, "2天"),
            ("7 hours", Budget::Wall { us: 7 * HOUR_US }, "7个小时"),
            ("10 seconds", Budget::Wall { us: 10_000_000 }, "10秒"),
            ("1 microsecond", Budget::Wall { us: 1 }, "1微秒"),
        ];
        for (text, budget, zh) in forms {
            assert_eq!(text.parse(), Ok(budget), "{text}");
            assert_eq!(budget.text(), Text::new(zh, text));
            assert_eq!(serde_json::to_string(&budget).unwrap(), format!("\"{text}\""));
            assert_eq!(serde_json::from_str::<Budget>(&format!("\"{text}\"")).unwrap(), budget);
        }
        assert_eq!("72 hours".parse::<Budget>().unwrap().to_string(), "3 days");
        assert_eq!(" 120  working minute ".parse::<Budget>().unwrap().to_string(), "2 working hours");
    }

    #[test]
    fn refuses_what_is_none_of_the_forms() {
        for text in ["", "5", "hours", "five hours", "-1 days", "+1 days", "1.5 hours", "1 workday", "5 hours working"]
        {
            assert_eq!(text.parse::<Budget>(), Err(BudgetError::Syntax), "{text}");
        }
        for text in ["36501 days", "36501 working days", "99999999999999999999 hours"] {
            assert_eq!(text.parse::<Budget>(), Err(BudgetError::TooLong), "{text}");
        }
        assert!(BudgetError::Syntax.to_string().contains("`5 working hours`"));
    }
}
