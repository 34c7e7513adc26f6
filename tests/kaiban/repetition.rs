//! Everything sent twice: the same request id with the same content gets the original reply, whatever happened since.

use kaiban_api::v1::{ClaimTasksRequest, TaskAddress, TaskCompletion};
use serde_json::json;
use tonic::Code;
use tonic_types::StatusExt;

use crate::city::licence;
use crate::counter::{self, form, submit};
use crate::database::Database;
use crate::forms::with;

on_both!(
    a_submission_is_answered_as_the_first_time,
    a_request_id_is_for_one_content,
    a_claim_returns_the_same_leases,
    a_completion_returns_the_same_receipt,
    many_at_once_make_one_case,
);

async fn a_submission_is_answered_as_the_first_time(db: &Database) {
    let city = counter::start(db).await;
    let mut terminal = city.terminal().await;
    let first = submit(&mut terminal, "r1", &form("350100")).await.expect("a case");
    assert!(first.created);
    city.at("2026-03-02T10:00:00+08:00").await;
    city.office("market-regulation", "market-regulation-350100").await.does(licence()).await;
    let again = submit(&mut terminal, "r1", &form("350100")).await.expect("the same");
    assert!(!again.created);
    assert_eq!((again.case, again.receipt), (first.case, first.receipt));
    city.verify().await;
}

async fn a_request_id_is_for_one_content(db: &Database) {
    let city = counter::start(db).await;
    let mut terminal = city.terminal().await;
    submit(&mut terminal, "r1", &form("350100")).await.expect("a case");
    let other = with(form("350100"), "/social_insurance/employees", json!(3));
    let status = submit(&mut terminal, "r1", &other).await.unwrap_err();
    assert_eq!(status.code(), Code::AlreadyExists);
    assert_eq!(status.get_details_error_info().unwrap().reason, "REQUEST_ID_REUSED");
    let mut elsewhere = city.terminal_of("b02", "b02-001").await;
    assert!(submit(&mut elsewhere, "r1", &other).await.expect("another bank's id").created);
}

async fn a_claim_returns_the_same_leases(db: &Database) {
    let city = counter::start(db).await;
    let mut terminal = city.terminal().await;
    for n in 0..3 {
        submit(&mut terminal, &format!("r{n}"), &form("350100")).await.expect("a case");
    }
    let mut registry = city.office("market-regulation", "market-regulation-350100").await;
    let claim = ClaimTasksRequest { request_id: "c1".into(), max: 2, ..ClaimTasksRequest::default() };
    let first = registry.client.claim_tasks(claim.clone()).await.expect("tasks").into_inner();
    assert_eq!(first.tasks.len(), 2);
    registry.ends(&first.tasks[0], licence()).await.expect("registered");
    let again = registry.client.claim_tasks(claim).await.expect("the same").into_inner();
    assert_eq!(again, first);
    assert_eq!(registry.claims().await.len(), 1, "the third was never in those hands");
    city.verify().await;
}

async fn a_completion_returns_the_same_receipt(db: &Database) {
    let city = counter::start(db).await;
    let mut terminal = city.terminal().await;
    submit(&mut terminal, "r1", &form("350100")).await.expect("a case");
    let mut registry = city.office("market-regulation", "market-regulation-350100").await;
    let task = registry.claims_one().await;
    let first = registry.ends_as("done", &task, licence()).await.expect("registered");
    assert_eq!(registry.ends_as("done", &task, licence()).await.expect("the same"), first);
    let by_step = TaskCompletion {
        request_id: "done".into(),
        task: Some(TaskAddress { case_id: task.case_id.clone(), step: "registration".into(), id: String::new() }),
        epoch: task.epoch,
        outcome: "approve".into(),
        officer: "market-regulation-350100-1".into(),
        ..TaskCompletion::default()
    };
    assert_eq!(registry.says(by_step).await.unwrap_err().reason, "REQUEST_ID_REUSED");
    assert_eq!(registry.ends_as("new", &task, licence()).await.unwrap_err().reason, "NO_OPEN_TASK");
    city.verify().await;
}

async fn many_at_once_make_one_case(db: &Database) {
    let city = counter::start(db).await;
    let terminal = city.terminal().await;
    let form = form("350100");
    let calls = (0..24).map(|_| {
        let (mut terminal, form) = (terminal.clone(), form.clone());
        async move { submit(&mut terminal, "r1", &form).await.expect("an answer") }
    });
    let answers = futures::future::join_all(calls).await;
    assert_eq!(answers.iter().filter(|answer| answer.created).count(), 1);
    assert!(answers.iter().all(|answer| answer.case == answers[0].case && answer.receipt == answers[0].receipt));
    city.verify().await;
}
