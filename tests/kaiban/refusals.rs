//! A refusal says what it was and what to do, in the right order, and lets nothing into the journal that may not be there.

use kaiban_api::v1::admin_service_client::AdminServiceClient;
use kaiban_api::v1::case_service_client::CaseServiceClient;
use kaiban_api::v1::document_service_client::DocumentServiceClient;
use kaiban_api::v1::task_service_client::TaskServiceClient;
use kaiban_api::v1::upload_document_request::Part;
use kaiban_api::v1::{
    CancelCaseRequest, CheckFormRequest, CompleteTasksRequest, DeferTasksRequest, Error, FailTasksRequest,
    IssueTokenRequest, ListCasesRequest, ResubmitCaseRequest, Role, Task, TaskAddress, TaskCompletion, TaskDeferral,
    TaskFailure, UploadDocumentRequest, UploadHeader, WatchCasesRequest, task_reply,
};
use kaiban_api::{Channel, timestamp};
use kaiban_calendar::parse_instant;
use kaiban_store::TokenRow;
use serde_json::json;
use sha2::{Digest, Sha256};
use tonic::{Code, Status};
use tonic_types::StatusExt;

use crate::city::{City, Ending, Office, finding, licence};
use crate::counter::{self, form, submit, submitted};
use crate::database::Database;
use crate::forms::{wire, with};

on_both!(
    a_code_is_no_number_of_a_person,
    a_finding_has_a_code,
    what_is_too_large_stays_too_large,
    permission_comes_before_who_decided,
    a_token_that_is_over_is_told_so_everywhere,
    an_answer_is_told_all_that_is_wrong_with_it,
    a_package_that_is_not_there_is_named,
    a_scope_is_told_what_does_not_fit,
    a_place_in_use_names_the_step,
    a_task_has_to_be_claimed_first,
);

fn reason(status: &Status) -> String {
    status.get_details_error_info().map(|info| info.reason).unwrap_or_default()
}

fn english(error: &Error) -> &str {
    error.message.as_ref().map(|message| message.en.as_str()).unwrap_or_default()
}

fn address(task: &Task) -> Option<TaskAddress> {
    Some(TaskAddress { id: task.id.clone(), ..TaskAddress::default() })
}

/// A case of the small package that waits for its registrar, and the registrar's programme.
async fn waiting(city: &City) -> (String, Office) {
    let id = submitted(&mut city.terminal().await, "r1", &form("350100")).await;
    (id, city.desk("market-regulation-350100").await)
}

/// Numbers that people have, and what is no word.
const UNFIT: [&str; 7] =
    ["350102199003078313", "13800000001", "P350102199003078313", "T_138000_00001", "lower", "_A", "1A"];

async fn a_code_is_no_number_of_a_person(db: &Database) {
    let city = counter::start(db).await;
    let (_, mut registry) = waiting(&city).await;
    let task = registry.claims_one().await;
    let until = parse_instant("2026-03-03T09:00:00+08:00").expect("an instant");
    let mut said = Vec::new();
    for (at, code) in UNFIT.into_iter().enumerate() {
        let failure =
            TaskFailure { request_id: format!("f{at}"), task: address(&task), epoch: task.epoch, code: code.into() };
        let failures = FailTasksRequest { failures: vec![failure] };
        said.extend(registry.client.fail_tasks(failures).await.expect("an answer").into_inner().replies);
        let deferral = TaskDeferral {
            request_id: format!("d{at}"),
            task: address(&task),
            epoch: task.epoch,
            ask_again_after: Some(timestamp(until)),
            code: code.into(),
        };
        let deferrals = DeferTasksRequest { deferrals: vec![deferral] };
        said.extend(registry.client.defer_tasks(deferrals).await.expect("an answer").into_inner().replies);
    }
    assert_eq!(said.len(), 2 * UNFIT.len());
    for reply in said {
        let Some(task_reply::Answer::Error(error)) = reply.answer else { panic!("{reply:?}") };
        let ours = ["TEXT_INVALID", "REQUEST_INVALID"].contains(&error.reason.as_str());
        assert!(ours, "{error:?}");
        assert!(error.reason != "TEXT_INVALID" || english(&error).contains("at most 5 digits in a row"), "{error:?}");
    }
    let failure =
        TaskFailure { request_id: "g".into(), task: address(&task), epoch: task.epoch, code: "ORA_00942_AT_2".into() };
    let failures = FailTasksRequest { failures: vec![failure] };
    let reply = registry.client.fail_tasks(failures).await.expect("an answer").into_inner().replies.remove(0);
    assert!(matches!(reply.answer, Some(task_reply::Answer::Receipt(_))), "{reply:?}");
    city.verify().await;
}

async fn a_finding_has_a_code(db: &Database) {
    let city = counter::start(db).await;
    let (_, mut registry) = waiting(&city).await;
    let task = registry.claims_one().await;
    let asks = |code: &str| Ending { findings: vec![finding(code, "/domicile/address")], ..Ending::new("correct") };
    for (at, code) in UNFIT.into_iter().enumerate() {
        let error = registry.ends_as(&format!("c{at}"), &task, asks(code)).await.unwrap_err();
        let places: Vec<(&str, &str)> = error.findings.iter().map(|f| (f.code.as_str(), f.pointer.as_str())).collect();
        assert_eq!((error.reason.as_str(), places), ("CORRECTION_INVALID", vec![("CODE_INVALID", "/findings/0/code")]));
    }
    registry.ends_as("g", &task, asks("ADDRESS_INCOMPLETE")).await.expect("asked");
    city.verify().await;
}

async fn what_is_too_large_stays_too_large(db: &Database) {
    let city = counter::start(db).await;
    let large = with(form("350100"), "/name", json!("字".repeat(400_000)));
    let too_large = submit(&mut city.terminal().await, "large", &large).await.unwrap_err();
    let line = city.town.terminal("b01", "b01-001").await.expect("a terminal");
    let header = Part::Header(UploadHeader { name: "a.pdf".into(), ..UploadHeader::default() });
    let parts = [header, Part::Chunk(vec![7; 2 << 20].into())].map(|part| UploadDocumentRequest { part: Some(part) });
    let upload = DocumentServiceClient::new(line).upload_document(tokio_stream::iter(parts)).await.unwrap_err();
    for status in [too_large, upload] {
        assert_eq!((status.code(), reason(&status).as_str()), (Code::InvalidArgument, "MESSAGE_TOO_LARGE"));
        assert!(status.message().contains("1048576 bytes"), "{}", status.message());
        let info = status.get_details_error_info().expect("why");
        assert_eq!(info.metadata.get("limit_bytes").map(String::as_str), Some("1048576"));
        assert!(status.get_details_retry_info().is_none(), "nobody is invited to send it again");
    }
}

async fn permission_comes_before_who_decided(db: &Database) {
    let city = counter::start(db).await;
    let (_, mut registry) = waiting(&city).await;
    let task = registry.claims_one().await;
    for role in [Role::Manager, Role::Auditor, Role::Security, Role::Admin] {
        let request = IssueTokenRequest {
            role: role.into(),
            organisation: "bureau".into(),
            person: role.as_str_name().to_lowercase(),
            ..IssueTokenRequest::default()
        };
        let issued = city.town.issue(request).await.expect("a token");
        let mut client = TaskServiceClient::new(city.town.line(&issued.secret).await.expect("a connection"));
        let completion = TaskCompletion {
            request_id: "x".into(),
            task: address(&task),
            epoch: task.epoch,
            outcome: "approve".into(),
            officer: "market-regulation-350100-1".into(),
            ..TaskCompletion::default()
        };
        let request = CompleteTasksRequest { completions: vec![completion] };
        let reply = client.complete_tasks(request).await.expect("an answer").into_inner().replies.remove(0);
        let Some(task_reply::Answer::Error(error)) = reply.answer else { panic!("{reply:?}") };
        assert_eq!(
            (error.code, error.reason.as_str()),
            (Code::PermissionDenied as i32, "ROLE_NOT_ALLOWED"),
            "{role:?}"
        );
    }
}

async fn a_token_that_is_over_is_told_so_everywhere(db: &Database) {
    let city = counter::start(db).await;
    let over = async |name: &str, expires_at_us: i64, revoked_at_us: Option<i64>| -> Channel {
        let secret = format!("kb_{name}");
        let row = TokenRow {
            id: format!("token-{name}"),
            hash: Sha256::digest(secret.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect(),
            role: "bank".into(),
            organisation: "b01".into(),
            scope: "{}".into(),
            label: String::new(),
            issued_at_us: 0,
            expires_at_us: Some(expires_at_us),
            revoked_at_us,
        };
        db.store.put_token(&row).await.expect("a token");
        city.town.line(&secret).await.expect("a connection")
    };
    for (line, why) in [
        (over("of-yesterday", 1, None).await, "TOKEN_EXPIRED"),
        (over("taken-back", i64::MAX, Some(1)).await, "TOKEN_REVOKED"),
        (city.town.line("kb_made-up").await.expect("a connection"), "TOKEN_INVALID"),
    ] {
        let list = CaseServiceClient::new(line.clone()).list_cases(ListCasesRequest::default()).await.unwrap_err();
        let watch = CaseServiceClient::new(line.clone()).watch_cases(WatchCasesRequest::default()).await.unwrap_err();
        let work = TaskServiceClient::new(line).work_tasks(tokio_stream::empty()).await.unwrap_err();
        for status in [list, watch, work] {
            assert_eq!((status.code(), reason(&status).as_str()), (Code::Unauthenticated, why));
        }
    }
}

async fn an_answer_is_told_all_that_is_wrong_with_it(db: &Database) {
    let city = counter::start(db).await;
    let (case_id, mut registry) = waiting(&city).await;
    let asks = Ending { findings: vec![finding("ADDRESS_INCOMPLETE", "/domicile/address")], ..Ending::new("correct") };
    registry.does(asks).await;
    let smuggled = with(with(form("350100"), "/capital_fen", json!(200_000_000)), "/invoices/monthly", json!("many"));
    let nowhere = format!("sha256:{}", "0".repeat(64));
    let smuggled = with(smuggled, "/domicile/address", json!(nowhere));
    let request = ResubmitCaseRequest {
        request_id: "a".into(),
        case_id,
        correction_id: "registration.1".into(),
        form: wire(&smuggled),
    };
    let status = city.terminal().await.resubmit_case(request).await.unwrap_err();
    let violations = status.get_details_bad_request().expect("places").field_violations;
    let mut told: Vec<(&str, &str)> = violations
        .iter()
        .map(|violation| (violation.field.as_str(), violation.description.split(':').next().unwrap_or_default()))
        .collect();
    told.sort_unstable();
    assert_eq!((status.code(), reason(&status).as_str()), (Code::InvalidArgument, "FORM_INVALID"));
    let expected = [
        ("/capital_fen", "POINTER_NOT_OPEN"),
        ("/domicile/address", "DOCUMENT_MISSING"),
        ("/invoices/monthly", "POINTER_NOT_OPEN"),
        ("/invoices/monthly", "WRONG_TYPE"),
    ];
    assert_eq!(told, expected);
}

async fn a_package_that_is_not_there_is_named(db: &Database) {
    let city = counter::start(db).await;
    let request = CheckFormRequest { workflow: "business-end".into(), form: wire(&form("350100")) };
    let status = city.terminal().await.check_form(request).await.unwrap_err();
    assert_eq!((status.code(), reason(&status).as_str()), (Code::InvalidArgument, "UNKNOWN_WORKFLOW"));
    assert!(
        status.message().contains("`business-end`") && status.message().contains("counter"),
        "{}",
        status.message()
    );
}

async fn a_scope_is_told_what_does_not_fit(db: &Database) {
    let city = City::start(db).await;
    let request = IssueTokenRequest {
        role: Role::Agency.into(),
        organisation: "tax".into(),
        offices: vec!["tax-350100".into(), "tax-1".into()],
        outlet: "b01-001".into(),
        ..IssueTokenRequest::default()
    };
    let status = AdminServiceClient::new(city.town.security()).issue_token(request).await.unwrap_err();
    assert_eq!((status.code(), reason(&status).as_str()), (Code::InvalidArgument, "TOKEN_SCOPE_INVALID"));
    let violations = status.get_details_bad_request().expect("places").field_violations;
    let places: Vec<&str> = violations.iter().map(|violation| violation.field.as_str()).collect();
    assert_eq!(places, ["/offices/1", "/outlet"]);
    assert!(violations[0].description.contains("tax-350102"), "{}", violations[0].description);
    assert!(status.message().contains("/offices/1"), "{}", status.message());
}

async fn a_place_in_use_names_the_step(db: &Database) {
    let city = counter::start(db).await;
    let (_, mut registry) = waiting(&city).await;
    registry.does(licence()).await;
    let mut tax = city.desk("tax-350100").await;
    let task = tax.claims_one().await;
    let findings = vec![finding("WRONG_NAME", "/name"), finding("TOO_MANY", "/invoices/monthly")];
    let error = tax.ends(&task, Ending { findings, ..Ending::new("correct") }).await.unwrap_err();
    assert_eq!(error.reason, "POINTER_IN_USE", "{error:?}");
    assert!(english(&error).contains("(registration)"), "{}", english(&error));
}

async fn a_task_has_to_be_claimed_first(db: &Database) {
    let city = counter::start(db).await;
    let (case_id, mut registry) = waiting(&city).await;
    let completion = TaskCompletion {
        request_id: "early".into(),
        task: Some(TaskAddress { case_id: case_id.clone(), step: "registration".into(), ..TaskAddress::default() }),
        epoch: 1,
        outcome: "correct".into(),
        officer: "market-regulation-350100-1".into(),
        ..TaskCompletion::default()
    };
    let error = registry.says(completion).await.unwrap_err();
    assert_eq!(error.reason, "STALE_EPOCH");
    assert!(english(&error).contains("never claimed") && english(&error).contains("claim it first"));
    // What a cancellation takes away is gone in the same way.
    let task = registry.claims_one().await;
    let cancel = CancelCaseRequest {
        request_id: "end".into(),
        case_id,
        officer: "market-regulation-350100-1".into(),
        reason: "当事人已注销申请。".into(),
    };
    let officer = city.officer("market-regulation-350100-1").await;
    CaseServiceClient::new(officer).cancel_case(cancel).await.expect("cancelled");
    assert_eq!(registry.ends(&task, licence()).await.unwrap_err().reason, "STALE_EPOCH");
    city.verify().await;
}
