//! Times: `2026-11-23 09:00`, `09:05`, `next working day 09:05`, `3 working days later 09:05`.

use jiff::civil::{Date, Time};
use kaiban_findings::Finding;

use super::cursor::Cursor;
use crate::scenario::When;

/// Most working days that a time may lie ahead.
const DAYS_MAX: u16 = 1_000;

/// Reads a time.
pub(super) fn when(cursor: &mut Cursor<'_>) -> Result<When, Box<Finding>> {
    if cursor.takes("next working day") {
        return Ok(When::WorkingDays(1, time(cursor)?));
    }
    let next = cursor.peek();
    if next.contains(':') {
        return Ok(When::Time(time(cursor)?));
    }
    if let Ok(days) = next.parse::<u16>() {
        if days == 0 || days > DAYS_MAX {
            let zh = format!(" 1 到 {DAYS_MAX} 的天数");
            return Err(cursor.wrong(&zh, &format!("a number of days from 1 to {DAYS_MAX}")).into());
        }
        cursor.word();
        if days == 1 {
            cursor.expects("working day later")?;
        } else {
            cursor.expects("working days later")?;
        }
        return Ok(When::WorkingDays(days, time(cursor)?));
    }
    match next.parse::<Date>() {
        Ok(date) if next.len() == 10 => {
            cursor.word();
            Ok(When::At(date, time(cursor)?))
        }
        _ => Err(unreadable(cursor).into()),
    }
}

fn time(cursor: &mut Cursor<'_>) -> Result<Time, Box<Finding>> {
    let next = cursor.peek();
    let read = next.split_once(':').and_then(|(hour, minute)| {
        let shaped = hour.len() == 2 && minute.len() == 2;
        let time = Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()?;
        shaped.then_some(time)
    });
    match read {
        Some(time) => {
            cursor.word();
            Ok(time)
        }
        None => Err(unreadable(cursor).into()),
    }
}

fn unreadable(cursor: &mut Cursor<'_>) -> Finding {
    let place = cursor.place();
    Finding::error("SCENARIO_TIME", place, "这里应为时间。", "Here should stand a time.").with_help(
        "例如 2026-11-23 09:00、09:05、next working day 09:05、3 working days later 09:05。",
        "For example 2026-11-23 09:00, 09:05, next working day 09:05, or 3 working days later 09:05.",
    )
}
