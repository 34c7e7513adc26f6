//! Working time: which instants are working time in an office, how much of it lies between two instants, and when a
//! budget of it is used up. It must never read a clock, a file or a time zone database.
//!
//! A [`Calendar`] is the hours of an office (several sessions a day, by season) × a holiday arrangement (which
//! weekdays are off and which weekend days are worked) × exceptional [`Closure`]s. Instants are `i64` microseconds UTC,
//! computed in the fixed offset +08:00 ([`OFFSET`]); sessions are half-open, so the instant of closing is not working
//! time. Every operation costs the same for an hour and for fifty years.
//!
//! Whatever is published, a year's notice, changed hours, a closure, is only ever added, with the instant of its
//! publication. So a calendar knows all its [`Version`]s, and each can be asked again.
//!
//! Arrangements are published a year at a time. Past the last published year an operation answers
//! [`CalendarError::NotPublished`], unless the caller asks for [`Horizon::Provisional`] and then marks what it shows.

mod arithmetic;
mod arrangement;
mod budget;
mod calendar;
mod error;
mod history;
mod hours;
mod instant;
mod load;
mod reading;
mod table;
mod version;

pub use arithmetic::{Day, Due, Horizon, Working};
pub use budget::{Budget, BudgetError};
pub use calendar::Calendar;
pub use error::CalendarError;
pub use hours::Closure;
pub use instant::{InstantError, OFFSET, format_instant, instant_at, local_date, parse_instant};
pub use load::Calendars;
pub use reading::Reading;
pub use version::{Ending, Version};
