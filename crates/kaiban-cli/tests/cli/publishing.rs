//! Calendars of a server: published, listed, and spoken of before they end.

use kaiban_api::v1::admin_service_client::AdminServiceClient;
use kaiban_api::v1::audit_service_client::AuditServiceClient;
use kaiban_api::v1::case_service_client::CaseServiceClient;
use kaiban_api::v1::{
    CalendarFile, ListJournalRequest, PublishCalendarRequest, PublishCalendarResponse, SubmitCaseRequest,
};
use kaiban_api::{Bearer, Channel, connect, to_struct};
use kaiban_calendar::local_date;
use kaiban_store::Backend;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tonic::Streaming;

use crate::command::{kaiban, run};
use crate::database;
use crate::server::{Place, Server};
use crate::town::{object, packages};

const CLOSURE: &str = "closures:
  - { from: 2026-08-11T14:00:00+08:00, to: 2026-08-12, published_at: 2026-08-11T11:00:00+08:00,
      reason: { zh: 台风, en: Typhoon } }
";

#[test]
fn an_administrator_publishes_a_closure() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::Folder(folder.path().join("data"));
    let server = Server::start(&place);
    let token = place.token(&["--role", "admin", "--person", "an-admin"]);
    let versions = || -> Vec<Value> {
        let said = server.asked(&token, &["calendar", "versions", "--format", "json"]).fine();
        said.lines().map(object).collect()
    };
    let before = versions();
    let names: Vec<_> = before.iter().filter_map(|calendar| calendar["name"].as_str()).collect();
    assert_eq!(names, ["fujian-province", "fuzhou-city", "hall"]);

    let shipped = packages(folder.path()).join("calendars/hall.yaml");
    let text = std::fs::read_to_string(&shipped).unwrap();
    let file = folder.path().join("hall.yaml");
    let publish = |text: &str| {
        std::fs::write(&file, text).unwrap();
        let path = file.to_str().unwrap();
        server.asked(&token, &["calendar", "publish", path, "--source", "榕防汛〔2026〕8号", "--format", "json"])
    };
    let closed = text.replace("closures: []\n", CLOSURE);
    let said = object(&publish(&closed).fine());
    assert_eq!((&said["publication"], said.get("finished_at").is_some()), (&json!(2), true), "{said}");
    assert_eq!(object(&publish(&closed).fine()), said, "the same again");
    let after = versions();
    assert_eq!((&after[0], &after[1]), (&before[0], &before[1]));
    assert_ne!(after[2]["version"], before[2]["version"]);
    assert_eq!(after[2]["published_until"], before[2]["published_until"]);

    let refused = publish(&text);
    assert_eq!(refused.code, Some(1), "{refused}");
    let error = &object(&refused.stderr)["error"];
    assert_eq!(error["reason"], "CALENDAR_HISTORY_CHANGED");
    assert_eq!(error["findings"][0]["where"], "calendars/hall.yaml:1:1");
    assert_eq!(server.stop().code, Some(0));
    assert_eq!(place.verify()["clean"], true);
}

#[test]
fn a_calendar_that_ends_is_warned_of() {
    let folder = tempfile::tempdir().unwrap();
    let workflows = packages(folder.path());
    let cn = workflows.join("calendars/cn.yaml");
    let text = std::fs::read_to_string(&cn).unwrap();
    std::fs::write(&cn, text.split_once("  - year: 2025").unwrap().0).unwrap();
    let mut command = kaiban(&["serve", "--check-config", "--format", "json"]);
    command.arg("--workflows").arg(&workflows);
    let said = run(command);
    let warning = "the calendar hall ended on 2024-12-31, and due times past it are provisional";
    assert!(said.stderr.contains(warning) && said.stderr.contains("日历“hall”只公布到 2024-12-31"), "{said}");
    let ending = json!({"calendar": "hall", "until": "2024-12-31"});
    assert!(object(&said.fine())["calendars_ending"].as_array().unwrap().contains(&ending));
}

/// Open cases when a calendar is published: many more than are recomputed until word of it comes.
const OPEN: i64 = 640;

#[test]
fn a_killed_server_goes_on_with_a_publication_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(killed_half_way(&Place::Folder(folder.path().to_owned())));
}

#[test]
fn a_killed_server_goes_on_with_a_publication_on_postgres() {
    database::run(Backend::Postgres, async |database| killed_half_way(&Place::Url(database.url.clone())).await);
}

/// Every case is recomputed once, some before the server is killed and the others after it was started again.
async fn killed_half_way(place: &Place) {
    let terminal = place.token(&["--role", "terminal", "--organisation", "b01", "--outlet", "b01-001"]);
    let admin = place.token(&["--role", "admin", "--person", "an-admin"]);
    let auditor = place.token(&["--role", "auditor", "--person", "an-auditor"]);
    let server = Server::start(place);
    let cases = submit(&line(&server, &terminal).await).await;
    let text = std::fs::read_to_string("../../workflows/calendars/fuzhou-city.yaml").unwrap();
    let request = PublishCalendarRequest {
        request_id: "typhoons".into(),
        files: vec![CalendarFile {
            name: "fuzhou-city.yaml".into(),
            text: text.replace("closures: []\n", &closed_for_a_while()),
        }],
        source: "榕防汛〔2026〕8号".into(),
    };
    let mut said = publish(&server, &admin, &request).await;
    let mut half_way = PublishCalendarResponse::default();
    while half_way.changed == 0 {
        half_way = said.message().await.unwrap().expect("it has not ended");
    }
    server.kill();
    assert!(half_way.finished_at.is_none() && half_way.done < OPEN, "{half_way:?}");

    let server = Server::start(place);
    let mut said = publish(&server, &admin, &request).await;
    let mut last = PublishCalendarResponse::default();
    while let Some(now) = said.message().await.unwrap() {
        last = now;
    }
    assert_eq!((last.publication, last.done, last.changed), (half_way.publication, OPEN, OPEN));
    let mut auditor = AuditServiceClient::new(line(&server, &auditor).await);
    for case_id in cases {
        let request = ListJournalRequest { case_id, page_size: 200, ..ListJournalRequest::default() };
        let entries = auditor.list_journal(request).await.unwrap().into_inner().entries;
        let recomputed = entries.iter().filter(|entry| entry.bytes.contains(r#""event":"clocks_recomputed""#));
        assert_eq!(recomputed.count(), 1);
    }
    assert_eq!(server.stop().code, Some(0));
    assert_eq!(place.verify()["clean"], true);
}

/// Closures from this day on, long enough to move every open promise.
#[expect(clippy::disallowed_methods, reason = "the server under test runs on the system's clock")]
fn closed_for_a_while() -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let day = |days: i64| local_date(now.as_micros() as i64 + days * 86_400_000_000);
    let (from, to) = (day(0), day(12));
    format!("closures:\n  - {{ from: {from}, to: {to}, published_at: {from}, reason: {{ zh: 台风, en: Typhoon }} }}\n")
}

async fn line(server: &Server, token: &str) -> Channel {
    connect(&server.endpoint, Bearer::new(token).unwrap(), None).await.unwrap()
}

async fn publish(server: &Server, admin: &str, request: &PublishCalendarRequest) -> Streaming<PublishCalendarResponse> {
    let mut admin = AdminServiceClient::new(line(server, admin).await);
    admin.publish_calendar(request.clone()).await.unwrap().into_inner()
}

async fn submit(terminal: &Channel) -> Vec<String> {
    let form: Value = serde_json::from_str(include_str!("../forms/six-step.json")).unwrap();
    let mut submitting = JoinSet::new();
    for number in 0..OPEN {
        let mut terminal = CaseServiceClient::new(terminal.clone());
        let form = Some(to_struct(&form).unwrap());
        let request = SubmitCaseRequest { request_id: format!("r{number}"), workflow: "six-step".into(), form };
        submitting.spawn(async move { terminal.submit_case(request).await.unwrap().into_inner().case.unwrap().id });
    }
    submitting.join_all().await
}
