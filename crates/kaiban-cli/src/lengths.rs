//! Lengths of time as people write and read them.

use std::time::Duration;

use kaiban_api::v1;

/// Reads `250ms`, `90s`, `5m`, `2h` or `3d`.
///
/// # Errors
/// A sentence that says how to write it.
pub fn parse(text: &str) -> Result<Duration, String> {
    let wrong = || "write a number and a unit: 90s, 5m, 2h or 3d".to_owned();
    let digits = text.trim_end_matches(|c: char| c.is_ascii_lowercase());
    let millis = match &text[digits.len()..] {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return Err(wrong()),
    };
    let count: u64 = digits.parse().map_err(|_| wrong())?;
    count.checked_mul(millis).map(Duration::from_millis).ok_or_else(wrong)
}

/// As a message.
pub fn message(length: Duration) -> prost_types::Duration {
    kaiban_api::duration(i64::try_from(length.as_micros()).unwrap_or(i64::MAX))
}

/// Writes `3h 05m`, `42s` or `-1h 00m`.
pub fn show(length: &prost_types::Duration) -> String {
    let us = kaiban_api::duration_from_us(length).unwrap_or_default();
    let seconds = us.unsigned_abs() / 1_000_000;
    let sign = if us < 0 { "-" } else { "" };
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{sign}{seconds}s"),
        (0, 0, _) => format!("{sign}{minutes}m {:02}s", seconds % 60),
        (0, ..) => format!("{sign}{hours}h {minutes:02}m"),
        _ => format!("{sign}{days}d {hours:02}h {minutes:02}m"),
    }
}

/// An instant in +08:00, or `-`.
pub fn instant(at: Option<&prost_types::Timestamp>) -> String {
    at.and_then(kaiban_api::micros).map_or_else(|| "-".to_owned(), kaiban_calendar::format_instant)
}

/// A promise clock in one line: `3h 05m of 5h 00m, running`. Working time is in hours, never in days.
pub fn clock(clock: Option<&v1::PromiseClock>) -> String {
    let Some(clock) = clock else { return "-".to_owned() };
    let used = clock.elapsed.as_ref().map(hours).unwrap_or_default();
    let of = clock.budget.as_ref().map(|budget| format!(" of {}", hours(budget))).unwrap_or_default();
    let state = match clock.state() {
        v1::ClockState::Unspecified | v1::ClockState::NotStarted => "not started",
        v1::ClockState::Running => "running",
        v1::ClockState::Paused => "paused",
        v1::ClockState::Stopped => "stopped",
    };
    let over = match (clock.breached_at.is_some(), clock.state(), clock.warned) {
        (true, ..) => ", over".to_owned(),
        (false, v1::ClockState::Running | v1::ClockState::Paused, warned @ 1..) => format!(", {warned} % warned"),
        _ => String::new(),
    };
    let provisional = if clock.provisional { ", provisional" } else { "" };
    format!("{used}{of}, {state}{over}{provisional}")
}

/// Working time: hours and minutes, never days.
pub fn hours(length: &prost_types::Duration) -> String {
    let us = kaiban_api::duration_from_us(length).unwrap_or_default();
    let minutes = us.unsigned_abs() / 60_000_000;
    format!("{}{}h {:02}m", if us < 0 { "-" } else { "" }, minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_read() {
        assert_eq!(parse("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(parse("250ms"), Ok(Duration::from_millis(250)));
        assert_eq!(parse("14d"), Ok(Duration::from_secs(14 * 86_400)));
        for text in ["", "s", "5", "5 m", "-5m", "5分", "99999999999999999999d", "18446744073709551615d"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn lengths_are_shown() {
        let show = |us| show(&kaiban_api::duration(us));
        assert_eq!(show(42_000_000), "42s");
        assert_eq!(show(11_100_000_000), "3h 05m");
        assert_eq!(show(-3_600_000_000), "-1h 00m");
        assert_eq!(show(90_000_000_000), "1d 01h 00m");
    }

    #[test]
    fn a_clock_is_one_line() {
        let clock_of = v1::PromiseClock {
            state: v1::ClockState::Running.into(),
            budget: Some(kaiban_api::duration(18_000_000_000)),
            elapsed: Some(kaiban_api::duration(11_100_000_000)),
            ..Default::default()
        };
        assert_eq!(clock(Some(&clock_of)), "3h 05m of 5h 00m, running");
        assert_eq!(clock(None), "-");
    }
}
