//! The task protocol through calls: queue order, leases, epochs, deferrals, failures.

use kaiban_api::timestamp;
use kaiban_api::v1::incident_service_client::IncidentServiceClient;
use kaiban_api::v1::{
    DeferTasksRequest, FailTasksRequest, HeartbeatTasksRequest, IncidentKind, ListIncidentsRequest,
    ResolveIncidentRequest, StepState, Task, TaskAddress, TaskDeferral, TaskFailure, TaskHeartbeat, task_reply,
};
use kaiban_calendar::parse_instant;

use crate::city::{Ending, licence, look, step};
use crate::counter::{self, form, submitted};
use crate::database::Database;

on_both!(
    the_case_with_least_time_left_comes_first,
    a_stale_epoch_changes_nothing,
    a_deferred_task_comes_back_at_its_time,
    used_up_retries_become_an_incident,
    a_heartbeat_prolongs_the_lease,
    one_bad_item_harms_no_other,
);

fn address(task: &Task) -> Option<TaskAddress> {
    Some(TaskAddress { id: task.id.clone(), ..TaskAddress::default() })
}

async fn the_case_with_least_time_left_comes_first(db: &Database) {
    let city = counter::start(db).await;
    let mut terminal = city.terminal().await;
    let mut expected = Vec::new();
    for n in 0..4 {
        city.at(&format!("2026-03-02T09:1{n}:00+08:00")).await;
        expected.push(submitted(&mut terminal, &format!("r{n}"), &form("350100")).await);
    }
    let tasks = city.office("market-regulation", "market-regulation-350100").await.claims().await;
    let order: Vec<String> = tasks.into_iter().map(|task| task.case_id).collect();
    assert_eq!(order, expected);
}

async fn a_stale_epoch_changes_nothing(db: &Database) {
    let city = counter::start(db).await;
    let mut terminal = city.terminal().await;
    let id = submitted(&mut terminal, "r1", &form("350100")).await;
    let mut registry = city.office("market-regulation", "market-regulation-350100").await;
    let task = registry.claims_one().await;
    assert_eq!(task.epoch, 1);
    for epoch in [2, 99] {
        let stale = Task { epoch, ..task.clone() };
        assert_eq!(registry.ends(&stale, licence()).await.unwrap_err().reason, "STALE_EPOCH");
    }
    let before = look(&mut terminal, &id).await;
    assert_eq!(step(&before, "registration").state(), StepState::Claimed);
    assert_eq!(before.revision, 2, "received, handed over");
    registry.ends(&task, licence()).await.expect("registered");
    city.verify().await;
}

async fn a_deferred_task_comes_back_at_its_time(db: &Database) {
    let city = counter::start(db).await;
    let mut terminal = city.terminal().await;
    let id = submitted(&mut terminal, "r1", &form("350100")).await;
    let mut registry = city.office("market-regulation", "market-regulation-350100").await;
    let task = registry.claims_one().await;
    let deferral = |request_id: &str, until: &str| DeferTasksRequest {
        deferrals: vec![TaskDeferral {
            request_id: request_id.into(),
            task: address(&task),
            epoch: task.epoch,
            ask_again_after: Some(timestamp(parse_instant(until).unwrap())),
            code: "SITE_VISIT".into(),
        }],
    };
    let past = deferral("d0", "2026-03-01T09:00:00+08:00");
    let reply = registry.client.defer_tasks(past).await.expect("an answer").into_inner().replies.remove(0);
    let Some(task_reply::Answer::Error(error)) = reply.answer else { panic!("the past is no time to ask again") };
    assert_eq!(error.reason, "TIME_OUT_OF_RANGE");
    registry.client.defer_tasks(deferral("d1", "2026-03-03T09:00:00+08:00")).await.expect("deferred");
    assert_eq!(step(&look(&mut terminal, &id).await, "registration").state(), StepState::Deferred);
    assert!(registry.claims().await.is_empty());
    city.at("2026-03-03T09:00:00+08:00").await;
    let again = registry.claims_one().await;
    assert_eq!((again.id.as_str(), again.epoch), (task.id.as_str(), 2));
    assert_eq!(registry.ends(&task, licence()).await.unwrap_err().reason, "STALE_EPOCH");
    registry.ends(&again, licence()).await.expect("registered");
    let case = look(&mut terminal, &id).await;
    // The deferral was the office's time: 6 h of Monday's work after 09:00 and half an hour of Tuesday's.
    assert_eq!(
        step(&case, "registration").promise.as_ref().unwrap().elapsed.as_ref().unwrap().seconds,
        6 * 3600 + 1800
    );
    city.verify().await;
}

async fn used_up_retries_become_an_incident(db: &Database) {
    let mut settings = kaiban_app::Settings::default();
    settings.limits.backoff_first = std::time::Duration::ZERO;
    let city = counter::start_with(db, settings).await;
    let mut terminal = city.terminal().await;
    let id = submitted(&mut terminal, "r1", &form("350100")).await;
    let mut registry = city.office("market-regulation", "market-regulation-350100").await;
    let mut task = Task::default();
    for attempt in 1..=6 {
        task = registry.awaits_one(&format!("c{attempt}")).await;
        assert_eq!((task.epoch, task.attempt), (i64::from(attempt), attempt - 1));
        let failure = TaskFailure {
            request_id: format!("f{attempt}"),
            task: address(&task),
            epoch: task.epoch,
            code: "SYSTEM_DOWN".into(),
        };
        let request = FailTasksRequest { failures: vec![failure] };
        let reply = registry.client.fail_tasks(request).await.expect("an answer").into_inner().replies.remove(0);
        let Some(task_reply::Answer::Receipt(receipt)) = reply.answer else { panic!("attempt {attempt}: {reply:?}") };
        let expected = if attempt <= 5 { StepState::Retrying } else { StepState::Incident };
        assert_eq!((receipt.step_state(), receipt.again_at.is_some()), (expected, attempt <= 5));
    }
    assert_eq!(step(&look(&mut terminal, &id).await, "registration").state(), StepState::Incident);
    let incidents = async |officer: &str| {
        let mut client = IncidentServiceClient::new(city.officer(officer).await);
        let listed = client.list_incidents(ListIncidentsRequest::default()).await.expect("incidents").into_inner();
        (client, listed.incidents)
    };
    for elsewhere in ["market-regulation-350102-1", "tax-350100-1"] {
        assert!(incidents(elsewhere).await.1.is_empty(), "{elsewhere} has nothing to do with it");
    }
    let (mut bureau, listed) = incidents("market-regulation-350100-1").await;
    let [incident] = listed.as_slice() else { panic!("one incident: {listed:?}") };
    assert_eq!((incident.kind(), incident.code.as_str()), (IncidentKind::Step, "RETRIES_EXHAUSTED"));
    assert_eq!((incident.case_id.as_str(), incident.step.as_str()), (id.as_str(), "registration"));
    let resolve = |request_id: &str| ResolveIncidentRequest {
        request_id: request_id.into(),
        incident: incident.id.clone(),
        ..Default::default()
    };
    let (mut elsewhere, _) = incidents("tax-350100-1").await;
    assert_eq!(elsewhere.resolve_incident(resolve("i0")).await.unwrap_err().code(), tonic::Code::NotFound);
    bureau.resolve_incident(resolve("i1")).await.expect("resolved");
    assert!(incidents("market-regulation-350100-1").await.1.is_empty());
    let afresh = registry.claims_one().await;
    assert_ne!(afresh.id, task.id, "a new offer");
    assert_eq!(registry.ends(&task, licence()).await.unwrap_err().reason, "STALE_EPOCH");
    registry.ends(&afresh, licence()).await.expect("registered");
    city.verify().await;
}

async fn a_heartbeat_prolongs_the_lease(db: &Database) {
    let city = counter::start(db).await;
    let mut terminal = city.terminal().await;
    submitted(&mut terminal, "r1", &form("350100")).await;
    let mut registry = city.office("market-regulation", "market-regulation-350100").await;
    let task = registry.claims_one().await;
    let heartbeat = |epoch, seconds| HeartbeatTasksRequest {
        heartbeats: vec![TaskHeartbeat {
            task: address(&task),
            epoch,
            lease: Some(prost_types::Duration { seconds, nanos: 0 }),
        }],
    };
    let reply = registry.client.heartbeat_tasks(heartbeat(1, 3600)).await.unwrap().into_inner().replies.remove(0);
    let Some(task_reply::Answer::Receipt(receipt)) = reply.answer else { panic!("{reply:?}") };
    assert!(receipt.lease_until.unwrap().seconds > task.lease_until.unwrap().seconds + 3000);
    for (epoch, seconds, reason) in
        [(2, 3600, "STALE_EPOCH"), (1, 5, "REQUEST_INVALID"), (1, 99_999_999, "REQUEST_INVALID")]
    {
        let reply =
            registry.client.heartbeat_tasks(heartbeat(epoch, seconds)).await.unwrap().into_inner().replies.remove(0);
        let Some(task_reply::Answer::Error(error)) = reply.answer else { panic!("{reply:?}") };
        assert_eq!(error.reason, reason);
    }
    city.verify().await;
}

async fn one_bad_item_harms_no_other(db: &Database) {
    let city = counter::start(db).await;
    let mut terminal = city.terminal().await;
    for n in 0..2 {
        submitted(&mut terminal, &format!("r{n}"), &form("350100")).await;
    }
    let mut registry = city.office("market-regulation", "market-regulation-350100").await;
    let tasks = registry.claims().await;
    let wrong = registry.ends(&tasks[0], Ending::new("bless")).await.unwrap_err();
    assert_eq!(wrong.reason, "UNKNOWN_OUTCOME");
    assert!(wrong.message.unwrap().zh.contains("approve"));
    registry.ends(&tasks[1], licence()).await.expect("the other one");
    let bare = registry.ends_as("bare", &tasks[0], Ending::new("approve")).await.unwrap_err();
    assert_eq!(bare.reason, "RESULT_REQUIRED");
    let odd = Ending::new("approve").with(serde_json::json!({ "uscc": "1", "colour": "red" }));
    let odd = registry.ends_as("odd", &tasks[0], odd).await.unwrap_err();
    assert_eq!(odd.reason, "RESULT_INVALID");
    assert!(odd.findings.len() >= 3, "all findings at once: {:?}", odd.findings);
    registry.ends_as("well", &tasks[0], licence()).await.expect("now it is right");
    city.verify().await;
}
