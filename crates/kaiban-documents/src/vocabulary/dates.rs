//! Dates as official documents write them (GB/T 9704-2012 §7.3.5.4: Arabic numerals, no leading zeros).

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::Offset;
use serde_json::Value;

use super::Unfit;

const EXPECTED: Unfit = Unfit("an instant in microseconds UTC or a date like 2026-11-22");

pub(super) fn date(value: &Value) -> Result<String, Unfit> {
    let date = day(value)?;
    Ok(format!("{}年{}月{}日", date.year(), date.month(), date.day()))
}

pub(super) fn iso_date(value: &Value) -> Result<String, Unfit> {
    Ok(day(value)?.to_string())
}

pub(super) fn date_time(value: &Value) -> Result<String, Unfit> {
    let local = value.as_i64().and_then(instant).ok_or(Unfit("an instant in microseconds UTC"))?;
    Ok(format!("{}{}时{:02}分", date(value)?, local.hour(), local.minute()))
}

fn day(value: &Value) -> Result<Date, Unfit> {
    match value {
        Value::Number(at_us) => Ok(at_us.as_i64().and_then(instant).ok_or(EXPECTED)?.date()),
        Value::String(text) if text.len() == 10 => text.parse().map_err(|_| EXPECTED),
        _ => Err(EXPECTED),
    }
}

/// Local time in +08:00.
fn instant(at_us: i64) -> Option<DateTime> {
    Timestamp::from_microsecond(at_us).ok().map(|at| Offset::constant(8).to_datetime(at))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_day_is_the_one_in_china() {
        // 2026-11-21T16:30:00Z
        let at_us = json!(1_795_278_600_000_000_i64);
        assert_eq!(date(&at_us).unwrap(), "2026年11月22日");
        assert_eq!(iso_date(&at_us).unwrap(), "2026-11-22");
        assert_eq!(date_time(&at_us).unwrap(), "2026年11月22日0时30分");
        assert_eq!(date(&json!("2026-01-05")).unwrap(), "2026年1月5日");
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for value in
            [json!("2026-02-30"), json!("22.11.2026"), json!(1.5), json!([]), json!(i64::MAX), json!("2026-W10-")]
        {
            assert_eq!(date(&value), Err(EXPECTED), "{value}");
        }
    }
}
