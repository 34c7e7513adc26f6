//! One row of the table.

use std::time::Duration;

use crate::Limits;

/// What a bound is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Pieces.
    Count,
    /// Characters of a text.
    Characters,
    /// Bytes.
    Bytes,
    /// Milliseconds.
    Time,
}

/// A bound, and what may be made of it. Values are in the unit's own measure: pieces, characters, bytes, milliseconds.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    /// Its name in code and configuration.
    pub name: &'static str,
    /// The heading that it stands under, in Chinese and English.
    pub topic: (&'static str, &'static str),
    /// What it is counted in.
    pub unit: Unit,
    /// Unless a configuration says otherwise.
    pub default: u64,
    /// Smallest value that a configuration may say.
    pub min: u64,
    /// Largest value that a configuration may say.
    pub max: u64,
    /// What it means, in Chinese.
    pub zh: &'static str,
    /// What it means, in English.
    pub en: &'static str,
    /// Reads it.
    pub get: fn(&Limits) -> u64,
    /// Changes it; the range is the caller's affair.
    pub set: fn(&mut Limits, u64),
}

/// A type that a bound may have in code.
pub trait Quantity {
    /// From the unit's own measure; what does not fit is the largest there is.
    fn of(value: u64) -> Self;
    /// In the unit's own measure.
    fn value(&self) -> u64;
}

impl Quantity for u64 {
    fn of(value: u64) -> Self {
        value
    }

    fn value(&self) -> u64 {
        *self
    }
}

impl Quantity for u32 {
    fn of(value: u64) -> Self {
        Self::try_from(value).unwrap_or(Self::MAX)
    }

    fn value(&self) -> u64 {
        u64::from(*self)
    }
}

impl Quantity for usize {
    fn of(value: u64) -> Self {
        Self::try_from(value).unwrap_or(Self::MAX)
    }

    fn value(&self) -> u64 {
        u64::try_from(*self).unwrap_or(u64::MAX)
    }
}

impl Quantity for Duration {
    fn of(value: u64) -> Self {
        Self::from_millis(value)
    }

    fn value(&self) -> u64 {
        u64::try_from(self.as_millis()).unwrap_or(u64::MAX)
    }
}
