//! Why an arithmetic question has no answer.

use std::sync::Arc;

use jiff::civil::Date;

/// Why an arithmetic question has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    /// The answer needs days of a year whose holiday arrangement is not published, and a provisional answer was not
    /// asked for.
    #[error("calendar {calendar}: the holiday arrangement for {year} is not published")]
    NotPublished {
        /// The calendar that was asked.
        calendar: Arc<str>,
        /// The year that is needed.
        year: i16,
    },
    /// The answer needs days before the first arrangement.
    #[error("calendar {calendar}: begins on {first}")]
    BeforeFirst {
        /// The calendar that was asked.
        calendar: Arc<str>,
        /// Its first day.
        first: Date,
    },
    /// The answer lies beyond the last day that even a provisional answer may use.
    #[error("calendar {calendar}: computes no further than {last}")]
    OutOfRange {
        /// The calendar that was asked.
        calendar: Arc<str>,
        /// Its last day.
        last: Date,
    },
    /// A budget of working time below zero.
    #[error("a budget of working time is zero or more")]
    NegativeBudget,
    /// A legal period that does not count working time: natural days follow another rule (民法典 §201, §203).
    #[error("a legal period counts working days or working hours here")]
    NotWorking,
    /// No calendar of this name is loaded.
    #[error("there is no calendar {calendar}")]
    UnknownCalendar {
        /// The name that was asked for.
        calendar: Arc<str>,
    },
}

impl CalendarError {
    /// The stable code that programmes branch on.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotPublished { .. } => "CALENDAR_NOT_PUBLISHED",
            Self::BeforeFirst { .. } => "CALENDAR_BEFORE_FIRST",
            Self::OutOfRange { .. } => "CALENDAR_OUT_OF_RANGE",
            Self::NegativeBudget => "NEGATIVE_BUDGET",
            Self::NotWorking => "BUDGET_NOT_WORKING",
            Self::UnknownCalendar { .. } => "UNKNOWN_CALENDAR",
        }
    }
}
