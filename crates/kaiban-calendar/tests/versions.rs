//! What is published is only ever added: each version can be named, asked again, and held against the next.

mod support;

use jiff::civil::{Time, time};
use kaiban_calendar::{Calendar, Calendars, Closure, Horizon, Version};
use kaiban_findings::Text;
use support::{FILES, HOUR_US, MINUTE_US, at, calendar, calendars, date};

/// The released calendars with one file edited.
fn edited(path: &str, edit: impl Fn(&str) -> String) -> Calendars {
    let files: Vec<(&str, String)> = FILES
        .iter()
        .map(|(name, text)| (*name, if name.ends_with(path) { edit(text) } else { (*text).to_owned() }))
        .collect();
    let (calendars, findings) = Calendars::load(files.iter().map(|(path, text)| (*path, text.as_str())));
    assert!(findings.is_empty(), "{findings:#?}");
    calendars
}

/// New hours from 1 March 2026, and a later notice that takes their place from 15 February.
fn with_new_hours() -> Calendars {
    edited("hall.yaml", |text| {
        text.to_owned()
            + r#"
changes:
  - from: 2026-03-01
    published_at: 2026-02-10
    source: 大厅公告〔2026〕1号
    seasons:
      - { name: all-year, from: "01-01", to: "12-31", sessions: [["09:00", "17:00"]] }
  - from: 2026-02-15
    published_at: 2026-02-11T10:00:00+08:00
    source: 大厅公告〔2026〕2号
    seasons:
      - { name: half, from: "01-01", to: "06-30", sessions: [["08:00", "12:00"]] }
      - { name: rest, from: "07-01", to: "12-31", sessions: [["08:00", "12:00"], ["13:00", "16:00"]] }
"#
    })
}

fn sessions(calendar: &Calendar, day: &str) -> Vec<(Time, Time)> {
    calendar.sessions(date(day)).unwrap()
}

#[test]
fn a_calendar_knows_every_version_that_it_was() {
    let city = calendar("fuzhou-city");
    let history = city.history();
    // Eight notices: seven years, one of them twice.
    assert_eq!(history.len(), 8);
    assert_eq!(history.last(), Some(&city.identity()));
    assert!(history.is_sorted_by_key(|version| version.published_at_us));
    for version in &history {
        let then = city.as_published(version.published_at_us);
        assert_eq!(then.version(), version.digest);
        assert_eq!(then.identity(), *version);
        assert_ne!(city.as_published(version.published_at_us - 1).version(), version.digest);
        assert_eq!(city.at_version(&version.digest).unwrap().identity(), *version);
    }
    assert!(city.at_version("0000000000000000").is_none());
    let identity = city.identity();
    assert_eq!((identity.calendar.as_str(), identity.published_at_us), ("fuzhou-city", at("2025-11-04 00:00")));
    let json = serde_json::to_string(&identity).unwrap();
    assert_eq!(serde_json::from_str::<Version>(&json).unwrap(), identity);
}

#[test]
fn nothing_is_known_before_it_is_published() {
    let then = calendars().as_published(at("2020-01-26 12:00"));
    assert_eq!(then.versions().len(), 3);
    for calendar in then.iter() {
        assert_eq!(calendar.is_working_day(date("2020-01-31")), Ok(true));
        assert_eq!(calendar.published_until(), date("2020-12-31"));
    }
    // The case of 23 January, told twice: what was promised, and what it became four days later.
    let due = |calendars: &Calendars| {
        let city = calendars.find("fuzhou-city").unwrap();
        city.add_us(at("2020-01-23 16:00"), 5 * HOUR_US, Horizon::Published).unwrap().at_us
    };
    assert_eq!(due(&then), at("2020-01-31 12:00"));
    assert_eq!(due(&calendars().as_published(at("2020-01-27 00:00"))), at("2020-02-03 12:00"));
}

#[test]
fn versions_part_where_the_first_day_differs() {
    let city = calendar("fuzhou-city");
    let before = city.as_published(at("2020-01-26 12:00"));
    let after = city.as_published(at("2020-01-27 12:00"));
    assert_eq!(after.differs_from_us(&before), Some(at("2020-01-31 00:00")));
    assert_eq!(before.differs_from_us(&after), Some(at("2020-01-31 00:00")));
    assert_eq!(city.differs_from_us(&city), None);
    // A new year makes its days final, those included that are worked either way.
    assert_eq!(city.differs_from_us(&city.as_published(at("2025-11-03 00:00"))), Some(at("2026-01-01 00:00")));
    let typhoon = Closure {
        from_us: at("2026-08-11 14:00"),
        to_us: at("2026-08-12 00:00"),
        reason: Text::new("台风停止办公", "Closed because of a typhoon"),
        published_at_us: at("2026-08-11 11:00"),
    };
    assert_eq!(city.with_closure(typhoon.clone()).differs_from_us(&city), Some(at("2026-08-11 00:00")));
    // Outside the hours it changes nothing that could be answered, though it is another version.
    let night = Closure { from_us: at("2026-08-11 18:00"), ..typhoon };
    assert_eq!(city.with_closure(night).differs_from_us(&city), None);
}

#[test]
fn a_closure_is_known_from_its_publication() {
    let closed = calendar("hall").with_closure(Closure {
        from_us: at("2026-08-11 14:00"),
        to_us: at("2026-08-11 17:00"),
        reason: Text::new("台风停止办公", "Closed because of a typhoon"),
        published_at_us: at("2026-08-11 11:00"),
    });
    let due = |calendar: &Calendar| calendar.add_us(at("2026-08-11 09:00"), 5 * HOUR_US, Horizon::Published).unwrap();
    assert_eq!(due(&closed.as_published(at("2026-08-11 10:59"))).at_us, at("2026-08-11 15:30"));
    assert_eq!(due(&closed.as_published(at("2026-08-11 11:00"))).at_us, at("2026-08-12 10:30"));
    assert_eq!(closed.history().len(), calendar("hall").history().len() + 1);
    assert_eq!(closed.identity().published_at_us, at("2026-08-11 11:00"));
}

#[test]
fn changed_hours_leave_the_days_before_them_as_they_were() {
    let calendars = with_new_hours();
    let hall = calendars.find("hall").unwrap();
    let (old, half) = (sessions(&calendar("hall"), "2026-02-13"), vec![(time(8, 0, 0, 0), time(12, 0, 0, 0))]);
    assert_eq!(sessions(hall, "2026-02-13"), old);
    // The second change was published later and begins earlier: from its day on it alone holds.
    for day in ["2026-02-24", "2026-03-02", "2026-06-30"] {
        assert_eq!(sessions(hall, day), half, "{day}");
    }
    assert_eq!(sessions(hall, "2026-07-01").len(), 2);
    assert_eq!(hall.nominal_day_us(at("2026-02-14 09:00")), 390 * MINUTE_US);
    assert_eq!(hall.nominal_day_us(at("2026-02-15 09:00")), 240 * MINUTE_US);
    assert_eq!(hall.nominal_day_us(at("2026-07-01 09:00")), 420 * MINUTE_US);

    let first = hall.as_published(at("2026-02-10 12:00"));
    assert_eq!(sessions(&first, "2026-02-24"), old);
    assert_eq!(sessions(&first, "2026-03-02"), [(time(9, 0, 0, 0), time(17, 0, 0, 0))]);
    assert_eq!(hall.as_published(at("2026-02-09 12:00")).version(), calendar("hall").version());
    assert_eq!(hall.history().len(), calendar("hall").history().len() + 2);
    assert_eq!(hall.differs_from_us(&calendar("hall")), Some(at("2026-02-15 00:00")));
}

#[test]
fn the_end_of_the_published_days_is_seen_coming() {
    let city = calendar("fuzhou-city");
    assert_eq!(city.days_left(at("2026-12-31 23:59")), 0);
    assert_eq!(city.days_left(at("2027-01-01 00:00")), -1);
    assert_eq!(city.days_left(at("2026-11-01 00:00")), 60);
    assert!(calendars().ending_within(60, at("2026-10-31 23:59:59.999999")).is_empty());
    let ending = calendars().ending_within(60, at("2026-11-01 00:00"));
    assert_eq!(ending.len(), 3);
    assert_eq!(
        (ending[0].calendar.as_str(), ending[0].last, ending[0].days_left),
        ("fujian-province", date("2026-12-31"), 60)
    );
    let renewed = edited("cn.yaml", |text| {
        text.to_owned()
            + "  - year: 2027\n    notices:\n      - { published_at: 2026-11-05, source: 通知, off: [2027-01-01], worked: [] }\n"
    });
    assert!(renewed.ending_within(60, at("2026-12-31 12:00")).is_empty());
    assert_eq!(renewed.as_published(at("2026-11-04 12:00")).ending_within(60, at("2026-12-31 12:00")).len(), 3);
}

#[test]
fn publication_makes_a_provisional_answer_final() {
    let renewed = edited("cn.yaml", |text| {
        text.to_owned()
            + "  - year: 2027\n    notices:\n      - { published_at: 2026-11-05, source: 通知, off: [2027-01-01, 2027-01-04], worked: [] }\n"
    });
    let city = renewed.find("fuzhou-city").unwrap();
    let ask = |calendar: &Calendar| calendar.add_us(at("2026-12-31 17:00"), HOUR_US, Horizon::Provisional).unwrap();
    let before = ask(&city.as_published(at("2026-11-04 12:00")));
    assert_eq!((before.at_us, before.provisional), (at("2027-01-04 09:00"), true));
    let after = ask(city);
    assert_eq!((after.at_us, after.provisional), (at("2027-01-05 09:00"), false));
}

#[test]
fn whatever_is_taken_back_is_named() {
    let lost = |now: &Calendars, earlier: &Calendars| {
        let lost = now.lost_since(earlier, "calendars/");
        lost.iter().map(|finding| format!("{}: {}", finding.place, finding.message.en)).collect::<Vec<_>>()
    };
    let (shipped, changed) = (calendars(), with_new_hours());
    assert_eq!(lost(&changed, shipped), Vec::<String>::new(), "more than before");
    let expected = [
        "calendars/hall.yaml:1:1: the hours from 2026-03-01 on, published on 2026-02-10, are missing or were changed",
        "calendars/hall.yaml:1:1: the hours from 2026-02-15 on, published on 2026-02-11, are missing or were changed",
    ];
    assert_eq!(lost(shipped, &changed), expected);
    let renamed = edited("hall.yaml", |text| text.replacen("title: { zh: ", "title: { zh: 新", 1));
    assert_eq!(lost(&renamed, shipped), Vec::<String>::new(), "a title is no data");
    let rewritten = edited("hall.yaml", |text| text.replace("\"13:30\"", "\"13:00\""));
    assert_eq!(lost(&rewritten, shipped), ["calendars/hall.yaml:1:1: the first hours were changed"]);
    // One notice, three calendars: said once, of the file that had it.
    let fewer = edited("cn.yaml", |text| text.replacen("2020-01-31,\n", "\n", 1));
    let notice = "calendars/cn.yaml:1:1: the notice for 2020 published on 2020-01-27 is missing or was changed";
    assert_eq!(lost(&fewer, shipped), [notice]);
    assert_eq!(lost(&Calendars::default(), shipped).len(), 3);
}
