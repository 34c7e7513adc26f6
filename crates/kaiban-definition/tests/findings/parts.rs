//! Codes of what a package stands on: the templates of its letters, and the calendars. Both loaders tell everything at once.

use kaiban_definition::Files;

use crate::golden;
use crate::rich::rich;
use crate::sound::sound;

#[test]
fn letters_of_every_kind_of_mistake() {
    let mut files = rich();
    let html = r#"<!doctype html>
<script>alert(1)</script>
<p>{{{form.name}}} {{shout form.name}} {{date}} {{case.acepted_at_us}}
{{#each findings}}{{../../office.title}}{{/each}}{{findings.zh}}
{{> _absent}} {{> _loop}}
"#;
    for (path, text) in [
        ("correction.html.hbs", html),
        ("correction.txt.hbs", "{{letter.number}}\n{{form.name\n"),
        ("receipt.html.hbs", "{{#if form.name}}{{#with office}}{{/if}}{{/with}}\n"),
        ("_loop.html.hbs", "{{> _loop}}"),
        ("_loop.txt.hbs", ""),
        ("Upper.txt.hbs", ""),
        ("half.html.hbs", "<p>\n"),
    ] {
        files.insert(format!("rich/letters/{path}"), text);
    }
    files.insert("rich/letters/refusal.txt.hbs", format!("不予通知\n{}", "字".repeat(100_000)));
    let codes = [
        "LETTER_ARGUMENTS",
        "LETTER_BLOCK",
        "LETTER_FIELD_UNKNOWN",
        "LETTER_FILE_NAME",
        "LETTER_HALF_MISSING",
        "LETTER_HELPER_UNKNOWN",
        "LETTER_NOT_ALLOWED",
        "LETTER_NOT_SELF_CONTAINED",
        "LETTER_PARTIAL_CYCLE",
        "LETTER_PARTIAL_UNKNOWN",
        "LETTER_SCOPE",
        "LETTER_SYNTAX",
        "LETTER_TITLE_MISSING",
        "LETTER_TOO_LARGE",
    ];
    golden("letters_of_every_kind_of_mistake", &files, &codes);
}

/// Packages, directory and calendars are loaded together; here the calendars alone are wrong.
fn only(calendars: &[(&str, &str)]) -> Files {
    let mut files = sound();
    for (name, text) in calendars {
        files.insert(format!("calendars/{name}"), *text);
    }
    files
}

#[test]
fn arrangements_of_every_kind_of_mistake() {
    let text = r#"arrangement: moon
title: { zh: 安排 }
region: all
years:
  - year: 2020
    notices:
      - published_at: yesterday
        source: 1
        off: [2020-01-01, 2020-01-01, 2020-01-04, 2021-01-01, 2020-02-30]
        worked: []
  - year: 2022
    notices:
      - { published_at: 2021-10-25, source: a, off: [], worked: [2022-01-03] }
      - { published_at: 2021-10-25, source: b, off: [], worked: [], worked: [] }
  - year: 1990
    notices: []
"#;
    let empty = "arrangement: none\ntitle: { zh: 安排, en: Days }\nyears: []\n";
    let bare = "arrangement: bare\ntitle: { zh: 安排, en: Days }\nyears:\n  - { year: 2020, notices: [] }\n";
    let codes = [
        "CALENDAR_DATE_INVALID",
        "CALENDAR_DAY_DUPLICATE",
        "CALENDAR_DAY_NOT_WEEKDAY",
        "CALENDAR_DAY_NOT_WEEKEND",
        "CALENDAR_DAY_OUTSIDE_YEAR",
        "CALENDAR_FIELD_DUPLICATE",
        "CALENDAR_FIELD_MISSING",
        "CALENDAR_FIELD_UNKNOWN",
        "CALENDAR_INSTANT_INVALID",
        "CALENDAR_NOTICE_NONE",
        "CALENDAR_NOTICE_ORDER",
        "CALENDAR_VALUE_INVALID",
        "CALENDAR_YEAR_GAP",
        "CALENDAR_YEAR_NONE",
        "CALENDAR_YEAR_RANGE",
    ];
    let files = only(&[("moon.yaml", text), ("none.yaml", empty), ("bare.yaml", bare)]);
    golden("arrangements_of_every_kind_of_mistake", &files, &codes);
}

#[test]
fn hours_of_every_kind_of_mistake() {
    let night = r#"calendar: night
title: { zh: 夜间, en: Night }
arrangement: cn
seasons:
  - { name: summer, from: "06-01", to: "09-31", sessions: [["9:00", "12:00"], ["13:30"]] }
  - { name: winter, from: "10-01", to: "05-31", sessions: [["12:00", "09:00"], ["09:00", "12:00"]] }
changes:
  - { from: 2027-03-01, published_at: 2027-02-01, source: a, seasons: [{ name: s, from: "01-01", to: "12-31", sessions: [] }] }
  - { from: 2027-04-01, published_at: 2027-02-01, source: b, seasons: [{ name: s, from: "01-01", to: "11-30", sessions: [["09:00", "12:00"]] }] }
closures:
  - { from: 2020-08-11, to: 2020-08-10, reason: { zh: 台风, en: Typhoon }, published_at: 2020-08-11 }
"#;
    let twice = r#"calendar: twice
title: { zh: 两次, en: Twice }
arrangement: cn
seasons:
  - { name: a, from: "01-01", to: "12-31", sessions: [["09:00", "12:00"], ["12:00", "17:00"]] }
  - { name: b, from: "10-01", to: "12-31", sessions: [["09:00", "12:00"]] }
closures: []
"#;
    let office = sound().get("calendars/office.yaml").unwrap().to_owned();
    let renamed = office.replace("calendar: office", "calendar: desk");
    let again = office.replace("calendar: office", "calendar: twice").replace("arrangement: cn", "arrangement: moon");
    let files = only(&[
        ("night.yaml", night),
        ("twice.yaml", twice),
        ("broken.yaml", "calendar: [\n"),
        ("list.yaml", "- 1\n"),
        ("other.yaml", &renamed),
        ("more/twice.yaml", &again),
    ]);
    let codes = [
        "CALENDAR_ARRANGEMENT_UNKNOWN",
        "CALENDAR_CHANGE_ORDER",
        "CALENDAR_CLOSURE_EMPTY",
        "CALENDAR_KIND_UNKNOWN",
        "CALENDAR_MONTH_DAY_INVALID",
        "CALENDAR_NAME_DUPLICATE",
        "CALENDAR_NAME_NOT_FILE",
        "CALENDAR_SEASON_GAP",
        "CALENDAR_SEASON_OVERLAP",
        "CALENDAR_SESSION_EMPTY",
        "CALENDAR_SESSION_INVALID",
        "CALENDAR_SESSION_NONE",
        "CALENDAR_SESSION_ORDER",
        "CALENDAR_TIME_INVALID",
        "CALENDAR_YAML_INVALID",
    ];
    golden("hours_of_every_kind_of_mistake", &files, &codes);
}
