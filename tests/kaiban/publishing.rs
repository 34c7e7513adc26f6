//! A calendar is published while cases run: their clocks read it for the whole case, what has ended keeps its figures, and
//! whoever is interrupted goes on.

use std::collections::BTreeMap;

use kaiban_api::Channel;
use kaiban_api::v1::admin_service_client::AdminServiceClient;
use kaiban_api::v1::audit_service_client::AuditServiceClient;
use kaiban_api::v1::{
    CalendarFile, Case, GetServerRequest, ListJournalRequest, PublishCalendarRequest, PublishCalendarResponse, Role,
    WithdrawCaseRequest,
};
use kaiban_app::Settings;
use kaiban_calendar::{format_instant, parse_instant};
use kaiban_definition::{Files, load};
use kaiban_demo::{DemoError, Town};
use kaiban_store::{Progress, PublicationRow};
use serde_json::Value;
use tonic::{Code, Status};
use tonic_types::StatusExt;

use crate::city::{City, MORNING, Terminal, look, packages};
use crate::counter::{form, start, start_with, submitted};
use crate::database::Database;

on_both!(
    a_typhoon_is_read_for_the_whole_of_an_open_case,
    what_is_published_twice_is_one_publication,
    one_publication_at_a_time,
    whoever_hangs_up_gets_the_same_answer_later,
    nothing_is_published_that_is_wrong_or_takes_something_back,
    a_server_that_died_goes_on_with_the_publication,
    a_server_with_newer_files_publishes_them,
);

const SOURCE: &str = "榕防汛〔2026〕3号";

/// The city's hours with closures on 2 March 2026.
pub fn closed(spans: &[(&str, &str)]) -> CalendarFile {
    let closures: String = spans
        .iter()
        .map(|(from, to)| {
            format!(
                "  - {{ from: \"2026-03-02T{from}:00+08:00\", to: \"2026-03-02T{to}:00+08:00\", \
                 reason: {{ zh: 台风, en: Typhoon }}, published_at: 2026-03-02 }}\n"
            )
        })
        .collect();
    let text = shipped().replace("closures: []", &format!("closures:\n{closures}"));
    CalendarFile { name: "fuzhou-city.yaml".into(), text }
}

fn shipped() -> String {
    packages().1.get("calendars/fuzhou-city.yaml").expect("the city's hours").to_owned()
}

async fn admin(city: &City) -> AdminServiceClient<Channel> {
    AdminServiceClient::new(city.town.bureau(Role::Admin).await.expect("an administrator"))
}

/// Publishes a file, and gives what was said last.
pub async fn publish(city: &City, request: &str, file: CalendarFile) -> Result<PublishCalendarResponse, Status> {
    let request = PublishCalendarRequest { request_id: request.into(), files: vec![file], source: SOURCE.into() };
    let mut said = admin(city).await.publish_calendar(request).await?.into_inner();
    let mut last = PublishCalendarResponse::default();
    while let Some(now) = said.message().await? {
        assert!(last.finished_at.is_none() && now.done >= last.done, "{last:?} {now:?}");
        last = now;
    }
    assert!(last.finished_at.is_some() && last.done == last.total, "{last:?}");
    Ok(last)
}

/// The events of a kind in a case's journal.
async fn events(city: &City, case: &str, kind: &str) -> Vec<Value> {
    let mut auditor = AuditServiceClient::new(city.town.bureau(Role::Auditor).await.expect("an auditor"));
    let request = ListJournalRequest { case_id: case.into(), page_size: 200, ..ListJournalRequest::default() };
    let entries = auditor.list_journal(request).await.expect("a journal").into_inner().entries;
    let read = |text: &str| serde_json::from_str::<Value>(text).expect("an entry");
    let all = entries.iter().flat_map(|entry| read(&entry.bytes)["events"].as_array().cloned().unwrap_or_default());
    all.filter(|event| event["event"] == kind).collect()
}

/// Minutes used, and when the promise is used up.
pub fn promise(case: &Case) -> (i64, String) {
    let promise = case.promise.as_ref().expect("a promise");
    let minutes = promise.elapsed.as_ref().map_or(0, |elapsed| elapsed.seconds / 60);
    let due = promise.due.as_ref().and_then(kaiban_api::micros).map(format_instant);
    (minutes, due.unwrap_or_default())
}

async fn a_typhoon_is_read_for_the_whole_of_an_open_case(db: &Database) {
    let city = start(db).await;
    let mut terminal = city.terminal().await;
    let open = submitted(&mut terminal, "r1", &form("350100")).await;
    let ended = submitted(&mut terminal, "r2", &form("350100")).await;
    let district = submitted(&mut terminal, "r3", &form("350181")).await;
    city.at("2026-03-02T11:00:00+08:00").await;
    let withdraw = WithdrawCaseRequest { request_id: "w1".into(), case_id: ended.clone(), ..Default::default() };
    terminal.withdraw_case(withdraw).await.expect("withdrawn");
    city.at("2026-03-02T12:30:00+08:00").await;
    let before = look(&mut terminal, &ended).await;
    assert_eq!(promise(&look(&mut terminal, &open).await), (180, "2026-03-02T16:30:00+08:00".into()));
    assert_eq!(marks(&city, &open).await, [50]);

    let said = publish(&city, "p1", closed(&[("10:00", "12:00")])).await.expect("published");
    assert_eq!((said.publication, said.total, said.changed), (2, 2, 1));
    assert_eq!(promise(&look(&mut terminal, &open).await), (60, "2026-03-03T09:30:00+08:00".into()));
    let recomputed = events(&city, &open, "clocks_recomputed").await;
    let [event] = &recomputed[..] else { panic!("{recomputed:?}") };
    assert_eq!((&event["publication"], &event["source"]), (&Value::from(2), &Value::from(SOURCE)));
    let minutes = event["clocks"][0]["elapsed_us"].as_array().expect("old and new").iter();
    let minutes: Vec<i64> = minutes.filter_map(Value::as_i64).map(|us| us / 60_000_000).collect();
    assert_eq!(minutes, [180, 60]);
    assert_eq!(event["calendars"].as_object().expect("calendars").len(), 1);
    // Another calendar's case, and one that has ended, are as they were.
    assert_eq!(events(&city, &district, "clocks_recomputed").await, Vec::<Value>::new());
    assert_eq!(look(&mut terminal, &ended).await, before);

    city.at("2026-03-02T18:00:00+08:00").await;
    city.at("2026-03-03T10:00:00+08:00").await;
    assert_eq!(marks(&city, &open).await, [50, 80, 100], "each once, on the new clock");
    city.verify().await;
}

async fn marks(city: &City, case: &str) -> Vec<i64> {
    let reached = events(city, case, "mark_reached").await;
    reached.iter().filter(|event| event["step"].is_null()).filter_map(|event| event["percent"].as_i64()).collect()
}

async fn what_is_published_twice_is_one_publication(db: &Database) {
    let city = start(db).await;
    let mut terminal = city.terminal().await;
    let case = submitted(&mut terminal, "r1", &form("350100")).await;
    let file = closed(&[("10:00", "12:00")]);
    let first = publish(&city, "p1", file.clone()).await.expect("published");
    for request in ["p1", "p2"] {
        assert_eq!(publish(&city, request, file.clone()).await.expect("the same"), first);
    }
    assert_eq!(events(&city, &case, "clocks_recomputed").await.len(), 1);
    let other = closed(&[("10:00", "12:00"), ("14:30", "17:30")]);
    let refused = publish(&city, "p1", other.clone()).await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::AlreadyExists, "REQUEST_ID_REUSED"));

    let more = publish(&city, "p3", other).await.expect("published");
    assert_eq!((more.publication, more.changed), (first.publication + 1, 1));
    let server = admin(&city).await.get_server(GetServerRequest {}).await.expect("the server").into_inner();
    assert_eq!(server.publication, more.publication);
    let shown: Vec<_> = server.calendars.iter().map(|c| (c.name.as_str(), c.published_until.as_str())).collect();
    assert_eq!(shown, [("fujian-province", "2026-12-31"), ("fuzhou-city", "2026-12-31"), ("hall", "2026-12-31")]);
    city.verify().await;
}

async fn one_publication_at_a_time(db: &Database) {
    let city = start_with(db, in_small_pages()).await;
    let cases = submits(&mut city.terminal().await, 40).await;
    let (one, other) = (closed(&[("10:00", "12:00")]), closed(&[("15:00", "16:00")]));
    let both = tokio::join!(publish(&city, "p1", one), publish(&city, "p2", other));
    let (ended, refused) = match both {
        (Ok(ended), Err(refused)) | (Err(refused), Ok(ended)) => (ended, refused),
        both => panic!("{both:?}"),
    };
    assert_eq!((ended.publication, ended.done, ended.changed), (2, 40, 40));
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::Unavailable, "PUBLICATION_IN_PROGRESS"));
    assert!(refused.message().contains("of 40 open cases"), "{refused:?}");
    let again = refused.get_details_retry_info().and_then(|info| info.retry_delay);
    assert_eq!(again, Some(std::time::Duration::from_secs(5)));

    let both = closed(&[("10:00", "12:00"), ("15:00", "16:00")]);
    let more = publish(&city, "p3", both).await.expect("published");
    assert_eq!((more.publication, more.changed), (3, 40));
    assert_eq!(recomputed(&city, &cases).await, [2; 40]);
    city.verify().await;
}

async fn whoever_hangs_up_gets_the_same_answer_later(db: &Database) {
    let city = start_with(db, in_small_pages()).await;
    let cases = submits(&mut city.terminal().await, 20).await;
    let file = closed(&[("10:00", "12:00")]);
    let request = PublishCalendarRequest { request_id: "p1".into(), files: vec![file.clone()], source: SOURCE.into() };
    let mut said = admin(&city).await.publish_calendar(request).await.expect("recorded").into_inner();
    let first = said.message().await.expect("a state").expect("the first one");
    drop(said);
    let again = publish(&city, "p1", file).await.expect("the same");
    assert_eq!((again.publication, again.done, again.changed), (first.publication, 20, 20));
    assert_eq!(again.published_at, first.published_at);
    assert_eq!(recomputed(&city, &cases).await, [1; 20]);
    city.verify().await;
}

async fn nothing_is_published_that_is_wrong_or_takes_something_back(db: &Database) {
    let city = start(db).await;
    let broken = CalendarFile { name: "fuzhou-city.yaml".into(), text: shipped().replace("08:30", "8.30") };
    let refused = publish(&city, "p1", broken).await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::InvalidArgument, "CALENDARS_INVALID"));
    let places = places(&refused);
    assert_eq!(places.len(), 2, "both seasons: {places:?}");
    assert!(places.iter().all(|place| place.starts_with("calendars/fuzhou-city.yaml:")), "{places:?}");

    let astray = CalendarFile { name: "../workflow.yaml".into(), text: shipped() };
    assert_eq!(reason(&publish(&city, "p2", astray).await.unwrap_err()), "CALENDAR_FILE_NAME_INVALID");

    publish(&city, "p3", closed(&[("10:00", "12:00")])).await.expect("published");
    let without = CalendarFile { name: "fuzhou-city.yaml".into(), text: shipped() };
    let refused = publish(&city, "p4", without).await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::FailedPrecondition, "CALENDAR_HISTORY_CHANGED"));
    assert_eq!(self::places(&refused), ["calendars/fuzhou-city.yaml:1:1"]);
    let cn = packages().1.get("calendars/cn.yaml").expect("the notices").to_owned();
    let (earlier, _) = cn.split_once("  - year: 2026").expect("a notice for 2026");
    let without = CalendarFile { name: "cn.yaml".into(), text: earlier.to_owned() };
    assert_eq!(self::places(&publish(&city, "p5", without).await.unwrap_err()), ["calendars/cn.yaml:1:1"]);
    city.verify().await;
}

fn reason(status: &Status) -> String {
    status.get_details_error_info().map(|info| info.reason).unwrap_or_default()
}

fn places(status: &Status) -> Vec<String> {
    let found = status.get_details_bad_request().map(|bad| bad.field_violations).unwrap_or_default();
    found.into_iter().map(|violation| violation.field).collect()
}

/// How often each case was recomputed.
async fn recomputed(city: &City, cases: &[String]) -> Vec<usize> {
    let mut times = Vec::new();
    for case in cases {
        times.push(events(city, case, "clocks_recomputed").await.len());
    }
    times
}

async fn submits(terminal: &mut Terminal, count: usize) -> Vec<String> {
    let mut cases = Vec::new();
    for number in 0..count {
        cases.push(submitted(terminal, &format!("r{number}"), &form("350100")).await);
    }
    cases.sort();
    cases
}

fn in_small_pages() -> Settings {
    let mut settings = Settings::default();
    (settings.limits.recompute_page, settings.limits.recompute_alone) = (2, 1);
    settings
}

async fn a_server_that_died_goes_on_with_the_publication(db: &Database) {
    let city = start(db).await;
    let cases = submits(&mut city.terminal().await, 5).await;
    city.town.stop().await;

    // As it is when a server dies right after it recorded a publication.
    let row = db.store.publications().await.expect("publications").pop().expect("the first one");
    let mut files: BTreeMap<String, String> = serde_json::from_str(&row.files).expect("files");
    files.insert("calendars/fuzhou-city.yaml".into(), closed(&[("10:00", "12:00")]).text);
    let died = PublicationRow {
        number: row.number + 1,
        source: SOURCE.into(),
        brought: r#"["calendars/fuzhou-city.yaml"]"#.into(),
        files: serde_json::to_string(&files).expect("JSON"),
        progress: Progress { total: 5, ..Progress::default() },
        ..row
    };
    db.store.put_publication(&died).await.expect("recorded");
    let city = start_with(db, in_small_pages()).await;
    city.town.app().calendars_settled().await;
    assert_eq!(recomputed(&city, &cases).await, [1; 5]);
    let again = publish(&city, "p1", closed(&[("10:00", "12:00")])).await.expect("the same");
    assert_eq!((again.publication, again.done, again.changed), (2, 5, 5));
    city.verify().await;
}

/// A town whose workflows have these hours of the city.
async fn town(db: &Database, hours: &CalendarFile) -> Result<Town, DemoError> {
    let mut files: Files = packages().1;
    files.insert("calendars/fuzhou-city.yaml", hours.text.clone());
    let (workflows, _) = load(&files);
    Town::start(db.store.clone(), workflows, &files, parse_instant(MORNING).expect("an instant")).await
}

async fn a_server_with_newer_files_publishes_them(db: &Database) {
    let city = start(db).await;
    let case = submits(&mut city.terminal().await, 1).await.remove(0);
    city.town.stop().await;

    let (newer, other) = (closed(&[("10:00", "12:00")]), closed(&[("15:00", "16:00")]));
    let city = City { town: town(db, &newer).await.expect("a server") };
    city.town.app().calendars_settled().await;
    let look_at = |town: &Town| town.app().calendars_in_force().1[1].version.clone();
    let version = look_at(&city.town);
    city.town.stop().await;

    let refused = town(db, &other).await.map(|_| ()).unwrap_err().to_string();
    assert!(refused.contains("CALENDAR_HISTORY_CHANGED"), "{refused}");

    // Older files take nothing back.
    let city = start(db).await;
    assert_eq!(look_at(&city.town), version);
    assert_eq!(recomputed(&city, std::slice::from_ref(&case)).await, [1]);
    assert_eq!(promise(&look(&mut city.terminal().await, &case).await).1, "2026-03-03T09:30:00+08:00");
    assert_eq!(db.store.publications().await.expect("publications").len(), 2);
    city.verify().await;
}
