//! Every bound that kaiban holds callers, cases and itself to, in one table, and must never do anything with them itself.
//!
//! [`Limits`] is what the engine, the app and the server read. [`table`] is the same as rows: name, unit, default, range
//! and meaning, from which the configuration is read and printed, so that neither can differ from what holds. A bound
//! that the contract names (`1 to 500`) may be raised by a configuration, not lowered: clients rely on it.
//!
//! The bounds of the package language are in [`package`]. They hold on every server alike, because a package that was
//! checked at one desk has to load at every other.

mod limit;
pub mod package;
mod table;

pub use limit::{Limit, Quantity, Unit};
pub use table::{Limits, REQUEST_MAX_BYTES, RESPONSE_MAX_BYTES, table};

/// Bounds that contradict each other: what must not be larger comes first.
const ORDER: [(&str, &str); 9] = [
    ("lease_min", "lease_default"),
    ("lease_default", "lease_max"),
    ("page_default", "page_max"),
    ("journal_page_max", "page_max"),
    ("token_life_default", "token_life_max"),
    ("backoff_first", "backoff_max"),
    ("effect_pause_first", "effect_pause_max"),
    ("stream_ahead_max_bytes", "connection_ahead_max_bytes"),
    ("keepalive", "quiet_max"),
];

impl Limits {
    /// Pairs of which the first is larger than the second, though it must not be.
    pub fn contradictions(&self) -> Vec<(&'static Limit, &'static Limit)> {
        let find = |name: &str| table().iter().find(|limit| limit.name == name);
        let pairs = ORDER.iter().filter_map(|(lower, upper)| Some((find(lower)?, find(upper)?)));
        pairs.filter(|(lower, upper)| (lower.get)(self) > (upper.get)(self)).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_default_is_within_its_range_and_names_are_told_apart() {
        let mut names = BTreeSet::new();
        let limits = Limits::default();
        for limit in table() {
            assert!((limit.min..=limit.max).contains(&limit.default), "{}", limit.name);
            assert_eq!((limit.get)(&limits), limit.default, "{}", limit.name);
            assert!(names.insert(limit.name), "{} stands twice", limit.name);
            assert!(limit.en.ends_with('.') && limit.zh.ends_with('。'), "{}", limit.name);
        }
        assert!(limits.contradictions().is_empty());
        for (lower, upper) in ORDER {
            assert!(names.contains(lower) && names.contains(upper), "{lower} {upper}");
        }
    }

    #[test]
    fn what_is_set_is_what_is_read() {
        let mut limits = Limits::default();
        for limit in table() {
            for value in [limit.min, limit.max] {
                (limit.set)(&mut limits, value);
                assert_eq!((limit.get)(&limits), value, "{}", limit.name);
            }
        }
    }

    #[test]
    fn what_contradicts_is_named() {
        let limits = Limits { lease_min: std::time::Duration::from_secs(3_600), ..Limits::default() };
        let named: Vec<_> = limits.contradictions().iter().map(|(lower, upper)| (lower.name, upper.name)).collect();
        assert_eq!(named, [("lease_min", "lease_default")]);
    }
}
