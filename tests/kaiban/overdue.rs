//! Steps that take too long, and deadlines that cannot be fired: the office sees it with its task, officers in their list.

use kaiban_api::v1::incident_service_client::IncidentServiceClient;
use kaiban_api::v1::{
    GetTaskRequest, Incident, IncidentKind, ListIncidentsRequest, Overdue, ResolveIncidentRequest, TaskAddress,
};
use kaiban_api::{Channel, micros};
use kaiban_store::{Backend, Changes, Clock, Options, Store, TimerRow};
use tonic::Code;

use crate::city::{City, licence, look, step, submitted};
use crate::database::Database;
use crate::forms::company;

on_both!(who_takes_too_long_is_reminded_and_then_escalated, a_deadline_that_cannot_be_fired_stands_in_nobodys_way,);

async fn incidents(line: &Channel, kind: IncidentKind) -> Vec<Incident> {
    let mut client = IncidentServiceClient::new(line.clone());
    let mut request = ListIncidentsRequest { kind: kind.into(), ..ListIncidentsRequest::default() };
    let mut incidents = Vec::new();
    loop {
        let page = client.list_incidents(request.clone()).await.expect("a page").into_inner();
        incidents.extend(page.incidents);
        if page.next_page_token.is_empty() {
            return incidents;
        }
        request.page_token = page.next_page_token;
    }
}

fn reached(after: &str, party: &str) -> Overdue {
    Overdue { after: after.into(), party: party.into() }
}

async fn who_takes_too_long_is_reminded_and_then_escalated(db: &Database) {
    let city = City::start(db).await;
    let mut terminal = city.terminal().await;
    let id = submitted(&mut terminal, "r1", &company("350100")).await;
    city.prepares("350100").await;
    city.desk("market-regulation-350100").await.does(licence()).await;
    let mut carver = city.desk("seal-carver-centre").await;
    let task = carver.claims_one().await;
    assert_eq!(task.overdue, []);
    let bureau = city.officer("market-regulation-350100-1").await;
    let office = city.officer("seal-carver-centre-1").await;
    let elsewhere = city.officer("market-regulation-350102-1").await;
    assert_eq!(incidents(&bureau, IncidentKind::Overdue).await, []);

    // The seal's package says: after 3 working hours its office is reminded, after a working day the bureau is told.
    city.at("2026-03-02T15:00:00+08:00").await;
    let address = TaskAddress { id: task.id.clone(), ..TaskAddress::default() };
    let request = GetTaskRequest { task: Some(address) };
    let shown = carver.client.get_task(request).await.expect("the task").into_inner().task.expect("a task");
    assert_eq!(shown.overdue, [reached("3 working hours", "")]);
    assert_eq!(step(&look(&mut terminal, &id).await, "seal").overdue, shown.overdue);
    for officer in [&office, &bureau] {
        let listed = incidents(officer, IncidentKind::Overdue).await;
        let seal = listed.iter().find(|incident| incident.step == "seal").expect("the seal");
        assert_eq!((seal.code.as_str(), seal.case_id.as_str()), ("OVERDUE_REMINDED", id.as_str()));
        assert_eq!(seal.id, format!("{id}/overdue/seal"));
    }
    assert_eq!(incidents(&elsewhere, IncidentKind::Overdue).await, []);
    assert_eq!(incidents(&office, IncidentKind::Effect).await, [], "of another kind there is none");

    city.at("2026-03-03T16:00:00+08:00").await;
    let case = look(&mut terminal, &id).await;
    let both = [reached("3 working hours", ""), reached("1 working day", "market-regulation")];
    assert_eq!(step(&case, "seal").overdue, both);
    let listed = incidents(&bureau, IncidentKind::Overdue).await;
    let seal = listed.iter().find(|incident| incident.step == "seal").expect("the seal");
    assert_eq!(seal.code, "OVERDUE_ESCALATED");
    assert!(seal.message.as_ref().is_some_and(|said| said.zh.contains("market-regulation-350100")));
    let resolve = ResolveIncidentRequest { request_id: "i1".into(), incident: seal.id.clone(), ..Default::default() };
    let refused = IncidentServiceClient::new(bureau.clone()).resolve_incident(resolve).await.unwrap_err();
    assert_eq!(refused.code(), Code::FailedPrecondition, "it ends with the step");

    carver.ends(&task, crate::results::seals()).await.expect("done");
    let listed = incidents(&bureau, IncidentKind::Overdue).await;
    assert!(listed.iter().all(|incident| incident.step != "seal"), "{listed:?}");
    city.verify().await;
}

async fn a_deadline_that_cannot_be_fired_stands_in_nobodys_way(db: &Database) {
    let city = City::start(db).await;
    let mut terminal = city.terminal().await;
    let broken = submitted(&mut terminal, "r1", &company("350100")).await;
    let fine = submitted(&mut terminal, "r2", &company("350102")).await;
    city.settles().await;

    // A case that cannot be read any more, with more deadlines in the past than are looked at in one go.
    let mut row = db.store.case(&broken).await.expect("a row").expect("a case");
    (row.seq, row.snapshot) = (row.seq + 1, "{".into());
    let due_us = row.received_at_us - 1;
    let timer = |n: usize| TimerRow {
        case_id: broken.clone(),
        step: format!("step-{n:03}"),
        kind: "overdue".into(),
        due_us,
        clock: Clock::Business,
    };
    let changes = Changes { cases_changed: vec![row], timers: (0..300).map(timer).collect(), ..Changes::default() };
    // By somebody else: what this store wrote itself the server remembers.
    let elsewhere = Store::open(&db.url, Options::default()).await.expect("open");
    elsewhere.begin().await.expect("begin").save(&changes).await.expect("saved");
    elsewhere.close().await.expect("close");

    city.prepares("350102").await;
    city.at("2026-03-02T15:00:00+08:00").await;
    let case = look(&mut terminal, &fine).await;
    assert_eq!(step(&case, "registration").overdue, [reached("2 working hours", "")], "it fired behind the others");

    let bureau = city.officer("market-regulation-350100-1").await;
    let listed = incidents(&bureau, IncidentKind::Deadline).await;
    assert!(listed.len() >= 300, "{}", listed.len());
    let one = listed.iter().find(|incident| incident.step == "step-000").expect("the first");
    assert_eq!((one.code.as_str(), one.case_id.as_str()), ("STORED_CASE_UNREADABLE", broken.as_str()));
    assert!(one.since.as_ref().and_then(micros).is_some_and(|since_us| since_us > 0));
    let elsewhere = city.officer("market-regulation-350102-1").await;
    assert_eq!(incidents(&elsewhere, IncidentKind::Deadline).await, []);

    // Another server of the database, which has tried nothing, says the same.
    if db.store.backend() == Backend::Postgres {
        let store = Store::open(&db.url, Options::default()).await.expect("a store");
        let there = City::start(&Database { url: db.url.clone(), store }).await;
        let bureau = there.officer("market-regulation-350100-1").await;
        let said =
            |listed: Vec<Incident>| listed.into_iter().map(|one| (one.id, one.code, one.since)).collect::<Vec<_>>();
        assert_eq!(said(incidents(&bureau, IncidentKind::Deadline).await), said(listed));
    }
}
