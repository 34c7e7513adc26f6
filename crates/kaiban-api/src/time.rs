//! Instants and lengths of time: `google.protobuf` on the wire, microseconds everywhere else.

use std::time::Duration;

const SECOND_US: i64 = 1_000_000;

/// First and last second that a `google.protobuf.Timestamp` may hold: years 1 to 9999.
const SECONDS: std::ops::RangeInclusive<i64> = -62_135_596_800..=253_402_300_799;

/// Longest `google.protobuf.Duration`, seconds: 10 000 years.
const LENGTH_MAX_S: i64 = 315_576_000_000;

/// UTC microseconds as a timestamp.
pub fn timestamp(at_us: i64) -> prost_types::Timestamp {
    prost_types::Timestamp {
        seconds: at_us.div_euclid(SECOND_US),
        nanos: i32::try_from(at_us.rem_euclid(SECOND_US) * 1_000).unwrap_or_default(),
    }
}

/// A timestamp as UTC microseconds; what is finer is cut off. None for one that its definition does not allow: outside
/// the years 1 to 9999, or with nanoseconds outside 0 to 999 999 999.
pub fn micros(at: &prost_types::Timestamp) -> Option<i64> {
    let valid = SECONDS.contains(&at.seconds) && (0..1_000_000_000).contains(&at.nanos);
    valid.then(|| at.seconds * SECOND_US + i64::from(at.nanos) / 1_000)
}

/// Microseconds, which may be negative, as a length of time.
pub fn duration(length_us: i64) -> prost_types::Duration {
    prost_types::Duration {
        seconds: length_us / SECOND_US,
        nanos: i32::try_from(length_us % SECOND_US * 1_000).unwrap_or_default(),
    }
}

/// A length of time as microseconds; what is finer is cut off. None for one that its definition does not allow.
pub fn duration_from_us(length: &prost_types::Duration) -> Option<i64> {
    let nanos = (-999_999_999..=999_999_999).contains(&length.nanos);
    let signs = length.seconds.signum() * i64::from(length.nanos).signum() >= 0;
    let valid = (-LENGTH_MAX_S..=LENGTH_MAX_S).contains(&length.seconds) && nanos && signs;
    valid.then(|| length.seconds * SECOND_US + i64::from(length.nanos) / 1_000)
}

/// A length of time that is not negative.
pub fn std_duration(length: &prost_types::Duration) -> Option<Duration> {
    u64::try_from(duration_from_us(length)?).ok().map(Duration::from_micros)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_come_back_as_they_were() {
        for at_us in [0, 1, -1, 1_772_413_200_000_000, -1_500_000, 1_772_413_200_123_456] {
            let at = timestamp(at_us);
            assert!((0..1_000_000_000).contains(&at.nanos), "{at_us}");
            assert_eq!(micros(&at), Some(at_us));
        }
    }

    #[test]
    fn lengths_come_back_as_they_were() {
        for length_us in [0, 1, -1, 18_000_000_000, -1_500_000] {
            let length = duration(length_us);
            assert_eq!(duration_from_us(&length), Some(length_us));
        }
        assert_eq!(std_duration(&duration(1_500_000)), Some(Duration::from_millis(1_500)));
        assert_eq!(std_duration(&duration(-1)), None);
    }

    #[test]
    fn what_the_definitions_forbid_is_not_read() {
        assert_eq!(micros(&prost_types::Timestamp { seconds: 0, nanos: -1 }), None);
        assert_eq!(micros(&prost_types::Timestamp { seconds: i64::MAX, nanos: 0 }), None);
        assert_eq!(duration_from_us(&prost_types::Duration { seconds: 1, nanos: -1 }), None);
        assert_eq!(duration_from_us(&prost_types::Duration { seconds: i64::MIN, nanos: 0 }), None);
    }
}
