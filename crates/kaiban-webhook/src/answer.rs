//! What a receiver's answer means for the next attempt.

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;

/// How long a receiver may put the next attempt off.
const AFTER_MAX: Duration = Duration::from_secs(24 * 60 * 60);
/// Reads what HTTP calls a date: RFC 9110 §5.6.7.
const DATES: DateTimeParser = DateTimeParser::new();

/// Why an event was not taken. The texts name a status, never a URL or what was sent: they may be logged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeliveryError {
    /// Another attempt may succeed. The receiver may have taken the event nevertheless; it knows it by its id.
    #[error("the webhook did not take the event: {cause}")]
    Retry {
        /// How long the receiver asks to be left alone, at most a day.
        after: Option<Duration>,
        /// What was in the way.
        cause: Cause,
    },
    /// The receiver does not want this event, now or later, or sent to elsewhere, which is not followed.
    #[error("the webhook refused the event with status {status}")]
    Refused {
        /// The HTTP status.
        status: u16,
    },
    /// The event is no CloudEvent that can be sent; nothing was sent.
    #[error("the event cannot be sent: {0}")]
    Unsendable(&'static str),
}

/// What was in the way of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// The receiver answered with this HTTP status.
    Status(u16),
    /// It did not answer in time.
    TimedOut,
    /// There was no connection: no such host, nobody there, or a certificate that is not trusted.
    Unreachable,
    /// The connection broke, or what came back was not HTTP.
    Broken,
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cause::Status(status) => write!(f, "status {status}"),
            Cause::TimedOut => f.write_str("no answer in time"),
            Cause::Unreachable => f.write_str("it cannot be reached"),
            Cause::Broken => f.write_str("the connection broke"),
        }
    }
}

/// Reads the answer to a request that was sent at `sent_at_us`.
pub fn judge(status: u16, retry_after: Option<&str>, sent_at_us: i64) -> Result<(), DeliveryError> {
    match status {
        200..=299 => Ok(()),
        // Request Timeout, Too Early, Too Many Requests; and what is the server's own trouble.
        408 | 425 | 429 | 500.. => {
            let after = retry_after.and_then(|text| after(text.trim(), sent_at_us)).map(|after| after.min(AFTER_MAX));
            Err(DeliveryError::Retry { after, cause: Cause::Status(status) })
        }
        _ => Err(DeliveryError::Refused { status }),
    }
}

/// `Retry-After`: seconds, or a date. RFC 9110 §10.2.3.
fn after(text: &str, sent_at_us: i64) -> Option<Duration> {
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        // More digits than a number has are a long time, too.
        return Some(text.parse().map_or(Duration::MAX, Duration::from_secs));
    }
    let sent_at = Timestamp::from_microsecond(sent_at_us).ok()?;
    let at = DATES.parse_timestamp(text).ok()?;
    Some(Duration::try_from(at.duration_since(sent_at)).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-03-02T09:00+08:00.
    const MONDAY_US: i64 = 1_772_413_200_000_000;

    fn retry(status: u16, after_s: Option<u64>) -> Result<(), DeliveryError> {
        Err(DeliveryError::Retry { after: after_s.map(Duration::from_secs), cause: Cause::Status(status) })
    }

    #[test]
    fn every_status_has_one_meaning() {
        for status in 100..=599 {
            let expected = match status {
                200..=299 => Ok(()),
                408 | 425 | 429 | 500..=599 => retry(status, None),
                _ => Err(DeliveryError::Refused { status }),
            };
            assert_eq!(judge(status, None, MONDAY_US), expected, "{status}");
        }
    }

    #[test]
    fn the_receiver_says_when_to_come_again() {
        let cases = [
            ("0", Some(0)),
            ("120", Some(120)),
            (" 7 ", Some(7)),
            ("Mon, 02 Mar 2026 01:05:00 GMT", Some(300)),
            // Over already.
            ("Mon, 02 Mar 2026 00:00:00 GMT", Some(0)),
            // Next year is a day, too.
            ("Tue, 02 Mar 2027 01:00:00 GMT", Some(86_400)),
            ("86401", Some(86_400)),
            ("99999999999999999999999999", Some(86_400)),
            ("-1", None),
            ("1.5", None),
            ("soon", None),
            ("", None),
        ];
        for (text, expected) in cases {
            assert_eq!(judge(503, Some(text), MONDAY_US), retry(503, expected), "{text:?}");
        }
        assert_eq!(judge(400, Some("120"), MONDAY_US), Err(DeliveryError::Refused { status: 400 }));
    }
}
