//! The released calendars, and short ways to write instants.
#![allow(dead_code, reason = "each test binary uses a part")]

use std::sync::{Arc, LazyLock};

use jiff::civil::Date;
use kaiban_calendar::{Calendar, Calendars, parse_instant};

pub const FILES: [(&str, &str); 4] = [
    ("workflows/calendars/cn.yaml", include_str!("../../../../workflows/calendars/cn.yaml")),
    ("workflows/calendars/fujian-province.yaml", include_str!("../../../../workflows/calendars/fujian-province.yaml")),
    ("workflows/calendars/fuzhou-city.yaml", include_str!("../../../../workflows/calendars/fuzhou-city.yaml")),
    ("workflows/calendars/hall.yaml", include_str!("../../../../workflows/calendars/hall.yaml")),
];

pub const MINUTE_US: i64 = 60_000_000;
pub const HOUR_US: i64 = 60 * MINUTE_US;

static CALENDARS: LazyLock<Calendars> = LazyLock::new(|| {
    let (calendars, findings) = Calendars::load(FILES);
    assert!(findings.is_empty(), "{findings:#?}");
    calendars
});

pub fn calendars() -> &'static Calendars {
    &CALENDARS
}

pub fn calendar(id: &str) -> Arc<Calendar> {
    Arc::clone(CALENDARS.find(id).unwrap())
}

/// `2020-11-18 09:00`, or with seconds and decimals, in +08:00.
pub fn at(text: &str) -> i64 {
    let text = text.replace(' ', "T");
    let seconds = if text.matches(':').count() == 1 { ":00" } else { "" };
    parse_instant(&format!("{text}{seconds}+08:00")).unwrap()
}

pub fn date(text: &str) -> Date {
    text.parse().unwrap()
}
