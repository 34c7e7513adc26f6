//! Messages over a web hook: signed, sent until they are taken, and what is pending outlives the server. Until the
//! applicant was told of a correction, the office's clock runs.

use std::collections::BTreeSet;
use std::sync::Mutex;

use kaiban_api::v1::audit_service_client::AuditServiceClient;
use kaiban_api::v1::incident_service_client::IncidentServiceClient;
use kaiban_api::v1::{
    ClockState, Incident, IncidentKind, ListIncidentsRequest, ListJournalRequest, ResolveIncidentRequest, Role,
};
use kaiban_api::{Channel, micros};
use kaiban_calendar::format_instant;
use kaiban_engine::{Entry, Event};
use serde_json::Value;
use tonic::{Code, Status};

use crate::city::{City, Ending, awaits, finding, look, step, submitted};
use crate::database::Database;
use crate::forms::company;
use crate::receiver::{Delivery, Receiver};

on_both!(
    a_clock_runs_until_the_applicant_was_told,
    what_the_receiver_refuses_is_an_incident,
    what_the_receiver_refuses_can_be_told_by_hand,
    what_fails_again_and_again_is_listed_while_it_is_tried,
    what_is_pending_outlives_the_server,
    marks_of_a_promise_are_told_until_they_are_taken_and_stand_in_the_journal_once,
);

/// Takes everything.
fn open(_: &Value) -> u16 {
    200
}

/// Answers like this to letters of correction, and takes everything else.
fn shut(status: u16) -> impl Fn(&Value) -> u16 {
    move |event| {
        let correction = event["data"]["number"].as_str().is_some_and(|number| number.starts_with("榕补字"));
        if correction { status } else { 200 }
    }
}

fn asks() -> Ending {
    Ending { findings: vec![finding("SCOPE_UNCLEAR", "/scope/0/text")], ..Ending::new("correct") }
}

async fn incidents(line: &Channel, case: &str) -> Result<Vec<Incident>, Status> {
    let mut client = IncidentServiceClient::new(line.clone());
    let mut request = ListIncidentsRequest { case_id: case.into(), page_size: 1, ..Default::default() };
    let mut incidents = Vec::new();
    loop {
        let page = client.list_incidents(request.clone()).await?.into_inner();
        incidents.extend(page.incidents);
        if page.next_page_token.is_empty() {
            return Ok(incidents);
        }
        request.page_token = page.next_page_token;
    }
}

async fn a_clock_runs_until_the_applicant_was_told(db: &Database) {
    let mut receiver = Receiver::start(shut(500)).await;
    let city = City::start_with(db, receiver.settings()).await;
    let mut terminal = city.terminal().await;
    let id = submitted(&mut terminal, "r1", &company("350100")).await;
    city.prepares("350100").await;
    let receipt = receiver.gets(|delivery| delivery.number().starts_with("榕接字")).await;
    assert_eq!(receipt.event["subject"], id.as_str());
    assert_eq!(receipt.event["source"], "/kaiban/350100");
    assert_eq!(receipt.event["data"]["phone"], "13800000001", "where the applicant is reached");
    assert!(receipt.event["data"]["text"].as_str().is_some_and(|text| text.contains(receipt.number())));

    city.at("2026-03-02T09:20:00+08:00").await;
    city.desk("market-regulation-350100").await.does(asks()).await;
    city.settles().await;
    city.at("2026-03-02T09:50:00+08:00").await;
    let case = look(&mut terminal, &id).await;
    assert_eq!((case.corrections[0].asked_at.is_some(), case.corrections[0].told_at), (true, None));
    let clock = |case: &kaiban_api::v1::Case| {
        let clock = step(case, "registration").promise.clone().expect("a clock");
        (clock.state(), clock.elapsed.expect("a time").seconds)
    };
    assert_eq!(clock(&case), (ClockState::Running, 50 * 60), "nobody knows of it yet");

    receiver.answers(open);
    let case = awaits(&mut terminal, &id, |case| case.corrections[0].told_at.is_some()).await;
    let told_us = micros(case.corrections[0].told_at.as_ref().unwrap()).unwrap();
    assert_eq!(format_instant(told_us), "2026-03-02T09:50:00+08:00", "when it was delivered");
    city.at("2026-03-02T11:00:00+08:00").await;
    let case = look(&mut terminal, &id).await;
    assert_eq!(clock(&case), (ClockState::Paused, 50 * 60));
    let letter = case.letters.iter().find(|letter| letter.letter == "correction").expect("a letter");
    assert_eq!(letter.told_at, case.corrections[0].told_at);

    let attempts: Vec<_> =
        receiver.deliveries().into_iter().filter(|delivery| delivery.number() == letter.number).collect();
    assert!(attempts.len() >= 2);
    assert!(attempts.iter().all(|attempt| attempt.event == attempts[0].event), "the same event again");
    assert!(receiver.taken().values().all(|times| *times == 1));
    city.verify().await;
}

async fn what_the_receiver_refuses_is_an_incident(db: &Database) {
    let receiver = Receiver::start(shut(410)).await;
    let city = City::start_with(db, receiver.settings()).await;
    let mut terminal = city.terminal().await;
    let id = submitted(&mut terminal, "r1", &company("350100")).await;
    city.prepares("350100").await;
    city.desk("market-regulation-350100").await.does(asks()).await;
    city.settles().await;

    let officer = city.officer("market-regulation-350100-1").await;
    let listed = incidents(&officer, "").await.expect("incidents");
    let [incident] = listed.as_slice() else { panic!("one incident: {listed:?}") };
    assert_eq!((incident.kind(), incident.code.as_str()), (IncidentKind::Effect, "DELIVERY_REFUSED"));
    assert_eq!(incident.case_id, id);
    assert!(!incident.message.as_ref().unwrap().zh.is_empty());
    assert_eq!(incidents(&officer, &id).await.expect("incidents"), listed);
    // That a letter fails is the administrator's as well; a manager looks at what is late.
    let admin = city.town.bureau(Role::Admin).await.expect("an administrator");
    assert_eq!(incidents(&admin, "").await.expect("incidents"), listed);
    let manager = city.town.bureau(Role::Manager).await.expect("a manager");
    assert_eq!(incidents(&manager, "").await.expect("incidents"), []);
    let elsewhere = city.officer("market-regulation-350102-1").await;
    assert_eq!(incidents(&elsewhere, "").await.expect("incidents"), []);
    assert_eq!(incidents(&elsewhere, &id).await.unwrap_err().code(), Code::NotFound);
    let resolve = ResolveIncidentRequest {
        request_id: "i1".into(),
        incident: incident.id.clone(),
        officer: String::new(),
        by_hand: false,
    };
    let mut foreign = IncidentServiceClient::new(elsewhere);
    assert_eq!(foreign.resolve_incident(resolve.clone()).await.unwrap_err().code(), Code::NotFound);

    receiver.answers(open);
    city.at("2026-03-02T10:00:00+08:00").await;
    IncidentServiceClient::new(officer.clone()).resolve_incident(resolve).await.expect("resolved");
    let case = awaits(&mut terminal, &id, |case| case.corrections[0].told_at.is_some()).await;
    let told_us = micros(case.corrections[0].told_at.as_ref().unwrap()).unwrap();
    assert_eq!(format_instant(told_us), "2026-03-02T10:00:00+08:00");
    assert_eq!(incidents(&officer, "").await.expect("incidents"), []);
    city.verify().await;
}

async fn what_the_receiver_refuses_can_be_told_by_hand(db: &Database) {
    let receiver = Receiver::start(shut(410)).await;
    let city = City::start_with(db, receiver.settings()).await;
    let mut terminal = city.terminal().await;
    let id = submitted(&mut terminal, "r1", &company("350100")).await;
    city.prepares("350100").await;
    city.desk("market-regulation-350100").await.does(asks()).await;
    city.settles().await;
    let officer = city.officer("market-regulation-350100-1").await;
    let listed = incidents(&officer, &id).await.expect("incidents");
    let [incident] = listed.as_slice() else { panic!("one incident: {listed:?}") };

    let by_hand = ResolveIncidentRequest {
        request_id: "i1".into(),
        incident: incident.id.clone(),
        officer: String::new(),
        by_hand: true,
    };
    let elsewhere = city.officer("market-regulation-350102-1").await;
    let refused = IncidentServiceClient::new(elsewhere).resolve_incident(by_hand.clone()).await.unwrap_err();
    assert_eq!(refused.code(), Code::NotFound);
    city.at("2026-03-02T10:00:00+08:00").await;
    let told = IncidentServiceClient::new(officer.clone()).resolve_incident(by_hand.clone()).await.expect("told");
    assert_eq!(told.into_inner().case.expect("a case").id, id);
    let case = look(&mut terminal, &id).await;
    let told_us = micros(case.corrections[0].told_at.as_ref().expect("told")).unwrap();
    assert_eq!(format_instant(told_us), "2026-03-02T10:00:00+08:00", "the pause begins with the telling");
    assert_eq!(incidents(&officer, &id).await.expect("incidents"), []);
    let again = IncidentServiceClient::new(officer.clone()).resolve_incident(by_hand).await.unwrap_err();
    assert_eq!(again.code(), Code::NotFound, "there is no such incident any more");
    city.verify().await;
}

async fn what_fails_again_and_again_is_listed_while_it_is_tried(db: &Database) {
    let mut receiver = Receiver::start(shut(503)).await;
    let city = City::start_with(db, receiver.settings()).await;
    let mut terminal = city.terminal().await;
    let id = submitted(&mut terminal, "r1", &company("350100")).await;
    city.prepares("350100").await;
    city.desk("market-regulation-350100").await.does(asks()).await;
    receiver.gets(|delivery| delivery.number().starts_with("榕补字")).await;
    city.settles().await;
    let officer = city.officer("market-regulation-350100-1").await;
    assert_eq!(incidents(&officer, "").await.expect("incidents"), [], "a single failure is no incident");

    let effects = db.store.outbox_of(&id).await.expect("effects");
    let [effect] = effects.as_slice() else { panic!("one effect: {effects:?}") };
    assert_eq!(effect.attempts, 1);
    // As after another two attempts.
    let far_us = effect.due_us + 3_600_000_000;
    db.store.retry_outbox(&effect.id, 3, far_us).await.expect("an effect");
    let listed = incidents(&officer, "").await.expect("incidents");
    let [incident] = listed.as_slice() else { panic!("one incident: {listed:?}") };
    assert_eq!((incident.kind(), incident.code.as_str()), (IncidentKind::Effect, "DELIVERY_FAILING"));
    assert_eq!((&incident.id, &incident.case_id), (&effect.id, &id));

    receiver.answers(open);
    let resolve = ResolveIncidentRequest {
        request_id: "i1".into(),
        incident: effect.id.clone(),
        officer: String::new(),
        by_hand: false,
    };
    IncidentServiceClient::new(officer.clone()).resolve_incident(resolve).await.expect("tried at once");
    awaits(&mut terminal, &id, |case| case.corrections[0].told_at.is_some()).await;
    assert_eq!(incidents(&officer, "").await.expect("incidents"), []);
    city.verify().await;
}

async fn what_is_pending_outlives_the_server(db: &Database) {
    let mut receiver = Receiver::start(shut(0)).await;
    let city = City::start_with(db, receiver.settings()).await;
    let mut terminal = city.terminal().await;
    let told = submitted(&mut terminal, "r1", &company("350100")).await;
    city.prepares("350100").await;
    city.desk("market-regulation-350100").await.does(asks()).await;
    receiver.gets(|delivery| delivery.number().starts_with("榕补字")).await;
    // A message is on its way, and the letters of another case are perhaps not even written.
    let fresh = submitted(&mut terminal, "r2", &company("350102")).await;
    city.town.stop().await;

    receiver.answers(open);
    for case in [&told, &fresh] {
        for effect in db.store.outbox_of(case).await.expect("effects") {
            // As when the claims of the server that is gone have run out.
            assert!(db.store.retry_outbox(&effect.id, 0, 0).await.expect("an effect"));
        }
    }
    let city = City::start_with(db, receiver.settings()).await;
    let mut terminal = city.terminal().await;
    for (case, count) in [(&told, 3), (&fresh, 2)] {
        let all_told = |case: &kaiban_api::v1::Case| {
            case.letters.len() == count && case.letters.iter().all(|letter| letter.told_at.is_some())
        };
        let case = awaits(&mut terminal, case, all_told).await;
        let mut names: Vec<&str> = case.letters.iter().map(|letter| letter.letter.as_str()).collect();
        names.sort_unstable();
        assert_eq!(
            names,
            ["acceptance", "correction", "receipt"]
                .into_iter()
                .filter(|n| count == 3 || *n != "correction")
                .collect::<Vec<_>>()
        );
        for letter in &case.letters {
            assert!(receiver.taken().contains_key(&letter.number), "{} was not delivered", letter.number);
        }
        assert!(db.store.outbox_of(&case.id).await.expect("effects").is_empty());
    }
    city.verify().await;
}

/// The promise of the registration is two working hours, that of the case three, from nine on.
async fn marks_of_a_promise_are_told_until_they_are_taken_and_stand_in_the_journal_once(db: &Database) {
    let is_mark = |event: &Value| event["type"] == "cn.kaiban.promise.mark";
    let failed: Mutex<BTreeSet<String>> = Mutex::default();
    // Each mark is refused once, for the time being.
    let mut receiver = Receiver::start(move |event| {
        let first = is_mark(event) && failed.lock().expect("a set").insert(event["id"].to_string());
        if first { 503 } else { 200 }
    })
    .await;
    let city = City::start_with(db, receiver.settings()).await;
    let mut terminal = city.terminal().await;
    let id = submitted(&mut terminal, "r1", &company("350100")).await;
    city.prepares("350100").await;
    for time in ["10:05", "10:40", "11:30", "11:31"] {
        city.at(&format!("2026-03-02T{time}:00+08:00")).await;
    }

    let request = ListJournalRequest { case_id: id.clone(), page_size: 200, ..Default::default() };
    let auditor = city.town.bureau(Role::Auditor).await.expect("an auditor");
    let journal = AuditServiceClient::new(auditor).list_journal(request).await.expect("a journal").into_inner();
    let mut marks: Vec<(String, String, u8)> = Vec::new();
    for entry in journal.entries.iter().map(|entry| serde_json::from_str::<Entry>(&entry.bytes).expect("an entry")) {
        for (place, event) in entry.events.iter().enumerate() {
            if let Event::MarkReached { step, percent, .. } = event {
                marks.push((format!("{id}/{}/{place}", entry.seq), step.clone().unwrap_or_default(), *percent));
            }
        }
    }
    let of = |clock: &str| {
        marks.iter().filter(|(_, step, _)| step == clock).map(|(.., percent)| *percent).collect::<Vec<_>>()
    };
    assert_eq!((of("registration"), of("")), (vec![50, 80, 100], vec![50, 80]));

    for (event, step, percent) in &marks {
        let taken = |delivery: &Delivery| delivery.event["id"] == event.as_str() && delivery.status == 200;
        let told = receiver.gets(taken).await.event;
        assert_eq!(
            (told["subject"].as_str(), told["data"]["percent"].as_u64()),
            (Some(&*id), Some(u64::from(*percent)))
        );
        assert_eq!(told["data"]["step"].as_str().unwrap_or_default(), step);
        let attempts = receiver.deliveries().into_iter().filter(|delivery| delivery.event["id"] == event.as_str());
        let attempts: Vec<(u16, Value)> = attempts.map(|delivery| (delivery.status, delivery.event)).collect();
        assert_eq!(attempts, [(503, told.clone()), (200, told)], "the same event until it was taken, and no more");
    }
    city.settles().await;
    let told = receiver.deliveries().into_iter().filter(|delivery| is_mark(&delivery.event) && delivery.status == 200);
    assert_eq!(told.count(), marks.len(), "of nothing else");
    city.verify().await;
}
