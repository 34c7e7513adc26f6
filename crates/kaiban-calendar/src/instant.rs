//! Instants as text and as local dates, in the fixed offset +08:00.

use jiff::civil::{Date, Time};
use jiff::tz::Offset;
use jiff::{Timestamp, ToSpan, civil};

/// The offset that everything is computed and shown in. China had summer time from 1986 to 1991 only, so that a fixed
/// offset is Asia/Shanghai for every date that kaiban meets.
pub const OFFSET: Offset = Offset::constant(8);

pub(crate) const HOUR_US: i64 = 3_600_000_000;
pub(crate) const DAY_US: i64 = 24 * HOUR_US;
pub(crate) const OFFSET_US: i64 = 8 * HOUR_US;

const EPOCH: Date = civil::date(1970, 1, 1);

/// Why a text is not an instant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InstantError {
    /// Not RFC 3339 with an offset.
    #[error("not an instant: write RFC 3339 with an offset, for example 2020-11-18T09:00:00+08:00")]
    Syntax,
    /// More than six decimals of a second, with something other than zeros behind the sixth.
    #[error("finer than a microsecond: at most six decimals of a second")]
    TooFine,
}

/// Reads an RFC 3339 date-time with any offset as microseconds UTC. Nothing is rounded: what is finer than a
/// microsecond is an error, as is a time without an offset.
pub fn parse_instant(text: &str) -> Result<i64, InstantError> {
    // jiff also reads RFC 9557 annotations, a space for the `T`, shortened times and offsets, and a sixtieth second; a
    // ledger has one way to write.
    if !is_shaped(text.as_bytes()) {
        return Err(InstantError::Syntax);
    }
    let timestamp: Timestamp = text.parse().map_err(|_| InstantError::Syntax)?;
    if timestamp.subsec_nanosecond() % 1_000 != 0 {
        return Err(InstantError::TooFine);
    }
    Ok(timestamp.as_microsecond())
}

/// `YYYY-MM-DDThh:mm:ss`, decimals after a point if any, and `Z` or `±hh:mm`; without a leap second, of which there is
/// none since 2017.
fn is_shaped(text: &[u8]) -> bool {
    let like = |text: &[u8], shape: &[u8]| {
        text.len() == shape.len()
            && text.iter().zip(shape).all(|(byte, shape)| match shape {
                b'0' => byte.is_ascii_digit(),
                b'T' => matches!(byte, b'T' | b't'),
                b'+' => matches!(byte, b'+' | b'-'),
                _ => byte == shape,
            })
    };
    let Some((moment, rest)) = text.split_at_checked(19) else { return false };
    let digits = rest.iter().skip(1).take_while(|byte| byte.is_ascii_digit()).count();
    let offset = match rest.first() {
        Some(b'.') if digits > 0 => &rest[1 + digits..],
        _ => rest,
    };
    let offset_is_shaped = matches!(offset, b"Z" | b"z") || like(offset, b"+00:00");
    like(moment, b"0000-00-00T00:00:00") && &moment[17..] != b"60" && offset_is_shaped
}

/// Writes microseconds UTC as RFC 3339 in +08:00, with six decimals of a second where they are not all zero.
/// Instants outside the years −9999 to 9999 have no RFC 3339 form and are written as a count with its unit.
pub fn format_instant(at_us: i64) -> String {
    let Ok(timestamp) = Timestamp::from_microsecond(at_us) else {
        return format!("{at_us}us");
    };
    let local = OFFSET.to_datetime(timestamp);
    let (date, time) = (local.date(), local.time());
    let mut text = format!("{date}T{:02}:{:02}:{:02}", time.hour(), time.minute(), time.second());
    let fraction_us = at_us.rem_euclid(1_000_000);
    if fraction_us != 0 {
        text.push_str(&format!(".{fraction_us:06}"));
    }
    text.push_str("+08:00");
    text
}

/// The date in +08:00 of an instant; instants outside the years −9999 to 9999 give the nearest date.
pub fn local_date(at_us: i64) -> Date {
    date_of_day(day_of(at_us))
}

/// The instant, in microseconds UTC, of a date and time of day in +08:00; what is finer than a microsecond is cut off.
pub fn instant_at(date: Date, time: Time) -> i64 {
    midnight_us(day_of_date(date)) + time_us(time)
}

/// Days since 1970-01-01 of the local date of an instant.
pub(crate) fn day_of(at_us: i64) -> i64 {
    at_us.saturating_add(OFFSET_US).div_euclid(DAY_US)
}

/// The instant at which the local day with this number begins.
pub(crate) fn midnight_us(day: i64) -> i64 {
    day * DAY_US - OFFSET_US
}

pub(crate) fn day_of_date(date: Date) -> i64 {
    i64::from((date - EPOCH).get_days())
}

pub(crate) fn date_of_day(day: i64) -> Date {
    // INVARIANT: the clamp keeps the sum inside jiff's range, which is what saturating_add then never has to do.
    let day = day.clamp(day_of_date(Date::MIN), day_of_date(Date::MAX));
    EPOCH.saturating_add(day.days())
}

/// Microseconds of the day.
pub(crate) fn time_us(time: Time) -> i64 {
    let seconds = i64::from(time.hour()) * 3600 + i64::from(time.minute()) * 60 + i64::from(time.second());
    seconds * 1_000_000 + i64::from(time.subsec_nanosecond()) / 1_000
}

/// The time of day of `us` microseconds after midnight, less than a day.
pub(crate) fn time_of_us(us: i64) -> Time {
    let seconds = us.rem_euclid(DAY_US) / 1_000_000;
    let part = |value: i64| i8::try_from(value).unwrap_or(0);
    let nanosecond = i32::try_from(us.rem_euclid(1_000_000) * 1_000).unwrap_or(0);
    Time::new(part(seconds / 3600), part(seconds / 60 % 60), part(seconds % 60), nanosecond).unwrap_or(Time::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_writes_rfc_3339() {
        let at = parse_instant("2020-11-18T09:00:00+08:00").unwrap();
        assert_eq!(at, 1_605_661_200_000_000);
        assert_eq!(parse_instant("2020-11-18T01:00:00Z"), Ok(at));
        assert_eq!(format_instant(at), "2020-11-18T09:00:00+08:00");
        assert_eq!(format_instant(at + 1), "2020-11-18T09:00:00.000001+08:00");
        assert_eq!(parse_instant("2020-11-18T09:00:00.000001+08:00"), Ok(at + 1));
        assert_eq!(format_instant(-1), "1970-01-01T07:59:59.999999+08:00");
        assert_eq!(format_instant(i64::MAX), format!("{}us", i64::MAX));
    }

    #[test]
    fn refuses_what_is_not_an_instant() {
        for text in [
            "",
            "2020-11-18",
            "2020-11-18T09:00:00",
            "2020-11-18 09:00:00+08:00",
            "2020-02-30T09:00:00+08:00",
            "2020-11-18T09:00:00+08:00[Asia/Shanghai]",
            "2020-11-18T09:00:60+08:00",
            "2020-11-18T24:00:00+08:00",
            "2020-11-18T09:00:00+08",
            "2020-11-18T09:00:00+0800",
            "2020-11-18T09:00:00,5+08:00",
            "2020-11-18T09:00:00.+08:00",
            "2020-11-18T09:00+08:00",
            "20201118T090000+08:00",
            "２０２０-11-18T09:00:00+08:00",
        ] {
            assert_eq!(parse_instant(text), Err(InstantError::Syntax), "{text}");
        }
        assert_eq!(parse_instant("2020-11-18T09:00:00.0000001+08:00"), Err(InstantError::TooFine));
    }

    #[test]
    fn dates_follow_the_offset() {
        let at = parse_instant("2020-02-28T16:00:00Z").unwrap();
        assert_eq!(local_date(at), civil::date(2020, 2, 29));
        assert_eq!(local_date(at - 1), civil::date(2020, 2, 28));
        assert_eq!(instant_at(civil::date(2020, 2, 29), civil::time(0, 0, 0, 0)), at);
        assert_eq!(local_date(i64::MIN), Date::MIN);
    }
}
