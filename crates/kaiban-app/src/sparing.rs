//! A line of the log that would come for each call or batch while something is away: one a second says it, and how many
//! were left unsaid since the last one.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Between two lines of a kind.
const PAUSE: Duration = Duration::from_secs(1);

/// One kind of line.
#[derive(Debug)]
pub struct Sparing(Mutex<(Option<Instant>, u64)>);

impl Sparing {
    /// A line that was not said yet.
    pub const fn new() -> Self {
        Self(Mutex::new((None, 0)))
    }

    /// Whether to say it now, and how many were left unsaid before.
    pub fn now(&self) -> Option<u64> {
        self.at(Instant::now())
    }

    fn at(&self, now: Instant) -> Option<u64> {
        let mut said = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (last, unsaid) = &mut *said;
        if last.is_some_and(|last| now.saturating_duration_since(last) < PAUSE) {
            *unsaid += 1;
            return None;
        }
        *last = Some(now);
        Some(std::mem::take(unsaid))
    }
}

impl Default for Sparing {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_a_second_is_said_and_the_others_are_counted() {
        let (line, begun) = (Sparing::new(), Instant::now());
        let said = |ms: u64| line.at(begun + Duration::from_millis(ms));
        assert_eq!([said(0), said(1), said(999), said(1_000)], [Some(0), None, None, Some(2)]);
        assert_eq!([said(1_999), said(5_000), said(9_000)], [None, Some(1), Some(0)]);
    }
}
