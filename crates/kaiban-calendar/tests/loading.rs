//! What the loader says about files that people got wrong: everything at once, each with its place.

mod support;

use kaiban_calendar::{Calendars, Horizon};
use support::{FILES, HOUR_US, at, calendars, date};

/// One line a finding, as a plain terminal shows them.
fn found(files: &[(&str, &str)]) -> Vec<String> {
    let (_, findings) = Calendars::load(files.iter().copied());
    for finding in &findings {
        assert!(finding.is_error() && !finding.message.zh.is_ascii(), "{finding:?}");
    }
    findings.iter().map(ToString::to_string).collect()
}

#[track_caller]
fn check(files: &[(&str, &str)], expected: &[&str]) {
    let found = found(files);
    assert_eq!(found, expected, "\n{}", found.join("\n"));
}

#[test]
fn the_released_calendars_load() {
    let calendars = calendars();
    assert_eq!(calendars.ids().collect::<Vec<_>>(), ["fujian-province", "fuzhou-city", "hall"]);
    for id in calendars.ids() {
        let calendar = calendars.find(id).unwrap();
        assert_eq!(calendar.id(), id);
        assert_eq!(calendar.published_until(), date("2026-12-31"));
        assert_eq!(calendar.version().len(), 16);
        assert!(!calendar.title().zh.is_empty() && !calendar.title().en.is_empty());
    }
    assert_eq!(calendars.find("moon").unwrap_err().code(), "UNKNOWN_CALENDAR");
}

#[test]
fn the_version_follows_the_days_and_nothing_else() {
    let load = |edit: fn(&str) -> String| {
        let files: Vec<_> = FILES.iter().map(|(path, text)| (*path, edit(text))).collect();
        let (calendars, findings) = Calendars::load(files.iter().map(|(path, text)| (*path, text.as_str())));
        assert!(findings.is_empty(), "{findings:?}");
        calendars.find("hall").unwrap().version().to_owned()
    };
    let version = load(str::to_owned);
    assert_eq!(load(|text| format!("# a comment\n{}", text.replace("en: Service hall", "en: Hall"))), version);
    assert_ne!(load(|text| text.replace("2026-10-10]", "2026-10-11]")), version);
    assert_ne!(load(|text| text.replace("\"13:30\"", "\"13:00\"")), version);
    assert_eq!(load(|text| text.replace("\"14:30\"", "\"14:00\"")), version, "the hours of another office");
}

#[test]
fn everything_wrong_with_an_arrangement() {
    let text = r#"arrangement: cn
title: { zh: 安排 }
region: all
years:
  - year: 2020
    notices:
      - published_at: yesterday
        source: 1
        off: [2020-01-01, 2020-01-01, 2020-01-04, 2021-01-01, 2020-02-30, 5]
        worked: 2020-01-19
  - year: 2022
    notices:
      - { published_at: 2021-10-25, source: a, off: [], worked: [2022-01-03] }
      - { published_at: 2021-10-25, source: b, off: [], worked: [], worked: [] }
  - year: 1990
    notices: []
  - notices: []
"#;
    check(
        &[("calendars/cn.yaml", text)],
        &[
            "calendars/cn.yaml:2:8: CALENDAR_FIELD_MISSING: field `en` is missing",
            "calendars/cn.yaml:3:1: CALENDAR_FIELD_UNKNOWN: no field `region` here (fields here: arrangement, title, years)",
            "calendars/cn.yaml:7:23: CALENDAR_INSTANT_INVALID: not an instant (write it as 2020-01-27 or 2020-01-27T14:00:00+08:00)",
            "calendars/cn.yaml:8:17: CALENDAR_VALUE_INVALID: this must be text",
            "calendars/cn.yaml:9:27: CALENDAR_DAY_DUPLICATE: 2020-01-01 is given twice",
            "calendars/cn.yaml:9:39: CALENDAR_DAY_NOT_WEEKDAY: 2020-01-04 is a weekend day, off anyway",
            "calendars/cn.yaml:9:51: CALENDAR_DAY_OUTSIDE_YEAR: 2021-01-01 is not in 2020",
            "calendars/cn.yaml:9:63: CALENDAR_DATE_INVALID: not a date (write it as 2020-01-31)",
            "calendars/cn.yaml:9:75: CALENDAR_DATE_INVALID: not a date (write it as 2020-01-31)",
            "calendars/cn.yaml:10:17: CALENDAR_VALUE_INVALID: this must be a list",
            "calendars/cn.yaml:11:5: CALENDAR_YEAR_GAP: the year here must be 2021 (years follow each other without a gap)",
            "calendars/cn.yaml:13:66: CALENDAR_DAY_NOT_WEEKEND: 2022-01-03 is a weekday, worked anyway",
            "calendars/cn.yaml:14:9: CALENDAR_NOTICE_ORDER: notices come in the order of their publication",
            "calendars/cn.yaml:14:69: CALENDAR_FIELD_DUPLICATE: field `worked` is given twice",
            "calendars/cn.yaml:15:11: CALENDAR_YEAR_RANGE: years run from 1992 to 2099",
            "calendars/cn.yaml:17:5: CALENDAR_FIELD_MISSING: field `year` is missing",
        ],
    );
}

#[test]
fn everything_wrong_with_hours() {
    let text = r#"calendar: hall
title: { zh: 大厅, en: Hall }
arrangement: moon
seasons:
  - { name: summer, from: "06-01", to: "09-31", sessions: [["9:00", "12:00"], ["13:30"]] }
  - { name: winter, from: "10-01", to: "05-30", sessions: [["12:00", "09:00"], ["09:00", "12:00"], ["11:00", "24:00"]] }
changes:
  - { from: 2027-02, published_at: 2027-01-01, seasons: [] }
  - { from: 2027-03-01, published_at: 2027-02-01, source: a, seasons: [{ name: s, from: "01-01", to: "12-31", sessions: [["09:00", "12:00"]] }] }
  - { from: 2027-04-01, published_at: 2027-02-01, source: b, seasons: [{ name: s, from: "01-01", to: "11-30", sessions: [["09:00", "12:00"]] }] }
closures:
  - { from: 2020-08-11, to: 2020-08-10, reason: { zh: 台风, en: Typhoon }, published_at: 2020-08-11 }
  - { from: 2020-08-11 14:00, to: 2020-08-11, published_at: 2020-08-11T08:00:00+08:00 }
"#;
    check(
        &[("hall.yaml", text)],
        &[
            "hall.yaml:5:40: CALENDAR_MONTH_DAY_INVALID: not a month and day (write it as \"06-01\")",
            "hall.yaml:5:61: CALENDAR_TIME_INVALID: not a time of day (write it as \"08:30\", from 00:00 to 23:59)",
            "hall.yaml:5:79: CALENDAR_SESSION_INVALID: a session is two times of day (write it as [\"08:30\", \"12:00\"])",
            "hall.yaml:6:60: CALENDAR_SESSION_EMPTY: a session closes after it opens",
            "hall.yaml:6:110: CALENDAR_TIME_INVALID: not a time of day (write it as \"08:30\", from 00:00 to 23:59)",
            "hall.yaml:8:5: CALENDAR_FIELD_MISSING: field `source` is missing",
            "hall.yaml:8:13: CALENDAR_DATE_INVALID: not a date (write it as 2020-01-31)",
            "hall.yaml:8:57: CALENDAR_SEASON_GAP: no season contains 01-01",
            "hall.yaml:10:5: CALENDAR_CHANGE_ORDER: changes come in the order of their publication",
            "hall.yaml:10:71: CALENDAR_SEASON_GAP: no season contains 12-01",
            "hall.yaml:12:5: CALENDAR_CLOSURE_EMPTY: a closure ends after it begins",
            "hall.yaml:13:5: CALENDAR_FIELD_MISSING: field `reason` is missing",
            "hall.yaml:13:13: CALENDAR_INSTANT_INVALID: not an instant (write it as 2020-01-27 or 2020-01-27T14:00:00+08:00)",
        ],
    );
}

#[test]
fn seasons_cover_each_day_once() {
    let hours = |seasons: &str| {
        format!("calendar: hall\ntitle: {{ zh: 大厅, en: Hall }}\narrangement: cn\nseasons:\n{seasons}closures: []\n")
    };
    let season = |from: &str, to: &str| {
        format!(
            "  - {{ name: s, from: \"{from}\", to: \"{to}\", sessions: [[\"09:00\", \"12:00\"], [\"12:00\", \"17:00\"]] }}\n"
        )
    };
    let text = hours(&(season("06-01", "10-01") + &season("10-01", "02-28")));
    check(
        &[FILES[0], ("hall.yaml", &text)],
        &[
            "hall.yaml:5:3: CALENDAR_SEASON_GAP: no season contains 02-29",
            "hall.yaml:5:3: CALENDAR_SEASON_OVERLAP: more than one season contains 10-01",
            "hall.yaml:5:75: CALENDAR_SESSION_ORDER: sessions come in order, apart from each other",
            "hall.yaml:6:75: CALENDAR_SESSION_ORDER: sessions come in order, apart from each other",
        ],
    );
}

#[test]
fn what_is_wrong_with_whole_files() {
    let hall = FILES[3].1;
    check(
        &[
            ("broken.yaml", "calendar: [\n"),
            ("list.yaml", "- 1\n"),
            ("other.yaml", &hall.replace("calendar: hall", "calendar: office")),
            ("empty.yaml", ""),
            ("hall.yaml", &hall.replace("arrangement: cn", "arrangement: moon")),
            ("elsewhere/cn.yaml", FILES[0].1),
            FILES[0],
        ],
        &[
            "broken.yaml:1:11: CALENDAR_YAML_INVALID: not YAML: unclosed bracket '[' at line 1, column 11",
            "list.yaml:1:1: CALENDAR_KIND_UNKNOWN: neither a calendar nor an arrangement (the file needs a field `calendar` or `arrangement`)",
            "other.yaml:2:11: CALENDAR_NAME_NOT_FILE: the file must be called office.yaml",
            "empty.yaml:1:1: CALENDAR_KIND_UNKNOWN: neither a calendar nor an arrangement (the file needs a field `calendar` or `arrangement`)",
            "workflows/calendars/cn.yaml:4:14: CALENDAR_NAME_DUPLICATE: another file defines `cn`",
            "hall.yaml:4:14: CALENDAR_ARRANGEMENT_UNKNOWN: there is no arrangement `moon`",
        ],
    );
}

#[test]
fn a_file_with_an_error_is_left_out_and_the_others_load() {
    let mut files = FILES;
    files[3].1 = "calendar: hall\n";
    let (calendars, findings) = Calendars::load(files);
    assert_eq!(calendars.ids().collect::<Vec<_>>(), ["fujian-province", "fuzhou-city"]);
    assert_eq!(findings.len(), 3);
    // Without its arrangement no office loads, and only the arrangement's own errors are reported.
    let mut files = FILES;
    files[0].1 = "arrangement: cn\ntitle: { zh: 安排, en: Days }\nyears: []\n";
    let (calendars, findings) = Calendars::load(files);
    assert_eq!(calendars.ids().count(), 0);
    assert_eq!(findings.iter().map(|finding| &*finding.code).collect::<Vec<_>>(), ["CALENDAR_YEAR_NONE"]);
}

#[test]
fn closures_come_from_the_file() {
    let closures = r#"closures:
  - from: 2020-11-18T12:00:00+08:00      # a half day
    to: 2020-11-18
    reason: { zh: 台风停止办公半天, en: Closed for the afternoon because of a typhoon }
    published_at: 2020-11-18T09:00:00+08:00
  - { from: 2020-11-20, to: 2020-11-20, reason: { zh: 搬迁, en: Moving house }, published_at: 2020-11-01 }
"#;
    let mut files = FILES;
    let text = files[3].1.replace("closures: []\n", closures);
    files[3].1 = &text;
    let (calendars, findings) = Calendars::load(files);
    assert!(findings.is_empty(), "{findings:?}");
    let hall = calendars.find("hall").unwrap();
    assert_eq!(hall.sessions(date("2020-11-18")).unwrap().len(), 1);
    assert_eq!(hall.is_working_day(date("2020-11-20")), Ok(false));
    let due = hall.add_us(at("2020-11-18 11:00"), 8 * HOUR_US, Horizon::Published).unwrap();
    assert_eq!(due.at_us, at("2020-11-23 09:30"));
    assert_eq!(hall.closures()[0].reason.en, "Closed for the afternoon because of a typhoon");
}

#[test]
fn a_new_year_is_published_by_one_more_notice() {
    let notice = "  - year: 2027\n    notices:\n      - { published_at: 2026-11-05, source: 通知, off: [2027-01-01], worked: [] }\n";
    let mut files = FILES;
    let text = files[0].1.to_owned() + notice;
    files[0].1 = &text;
    let (calendars, findings) = Calendars::load(files);
    assert!(findings.is_empty(), "{findings:?}");
    let hall = calendars.find("hall").unwrap();
    assert_eq!(hall.published_until(), date("2027-12-31"));
    assert_eq!(hall.as_published(at("2026-11-04 23:59")).version(), support::calendar("hall").version());
}
