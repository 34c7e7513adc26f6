//! Steps one by one: asked for later, taken back, held up; a case that starts another; what the applicant says at the end.

use kaiban_api::timestamp;
use kaiban_api::v1::admin_service_client::AdminServiceClient;
use kaiban_api::v1::case_service_client::CaseServiceClient;
use kaiban_api::v1::{
    CaseState, ClockState, IssueApplicantCredentialRequest, PauseReason, PauseStepRequest, RateCaseRequest,
    RequestStepRequest, ResumeStepRequest, StepState, SubmitCaseRequest, WithdrawStepRequest,
};
use kaiban_calendar::parse_instant;
use serde_json::{Value, json};
use tonic::Status;
use tonic_types::StatusExt;

use crate::city::{City, Ending, awaits, codes, licence, look, refusal, step, submitted};
use crate::database::Database;
use crate::forms::{company, wire, with};
use crate::{counter, results};

on_both!(
    a_step_is_asked_for_later_and_taken_back,
    a_pause_stops_the_clock_and_takes_the_task,
    a_case_starts_another_and_waits_for_it,
    an_applicant_rates_once,
);

fn reason(status: &Status) -> String {
    status.get_details_error_info().map(|info| info.reason).unwrap_or_default()
}

/// Without the housing fund.
fn without_fund() -> Value {
    let mut form = with(company("350100"), "/requests/housing_fund", json!(false));
    form.as_object_mut().unwrap().remove("housing_fund");
    form
}

async fn a_step_is_asked_for_later_and_taken_back(db: &Database) {
    let city = City::start(db).await;
    let mut terminal = city.terminal().await;
    let id = submitted(&mut terminal, "r1", &without_fund()).await;
    city.prepares("350100").await;
    city.desk("market-regulation-350100").await.does(licence()).await;
    assert_eq!(step(&look(&mut terminal, &id).await, "housing-fund").state(), StepState::NotRequested);

    let ask = |request_id: &str, step: &str, form: Option<&Value>| RequestStepRequest {
        request_id: request_id.into(),
        case_id: id.clone(),
        step: step.into(),
        form: form.and_then(wire),
    };
    let smuggled = with(company("350100"), "/capital/amount_fen", json!(100_000_000));
    let smuggled = with(smuggled, "/tax/method", json!("simplified"));
    for (request_id, step, form, expected) in [
        ("q1", "housing-fund", Some(&smuggled), "FORM_INVALID POINTER_NOT_OPEN"),
        ("q2", "registration", None, "NOT_REQUESTABLE"),
        ("q3", "seal", None, "NOT_REQUESTABLE"),
        ("q4", "no-such-step", None, "UNKNOWN_STEP"),
    ] {
        let status = terminal.request_step(ask(request_id, step, form)).await.unwrap_err();
        assert!(expected.split(' ').any(|one| one == reason(&status)), "{step}: {status:?}");
    }
    city.at("2026-03-03T09:00:00+08:00").await;
    terminal.request_step(ask("q5", "housing-fund", Some(&company("350100")))).await.expect("asked for");
    let mut fund = city.desk("housing-fund-350100").await;
    let task = fund.claims_one().await;
    let shared = kaiban_api::from_struct(task.shared.clone().unwrap()).unwrap();
    assert_eq!(shared["form"]["housing_fund"]["ratio"], 5);
    let status = terminal.request_step(ask("q6", "housing-fund", None)).await.unwrap_err();
    assert_eq!(reason(&status), "NOT_REQUESTABLE", "it was");

    let take_back = |request_id: &str, step: &str| WithdrawStepRequest {
        request_id: request_id.into(),
        case_id: id.clone(),
        step: step.into(),
        reason: "以后再办".into(),
    };
    let status = terminal.withdraw_step(take_back("w1", "tax-registration")).await.unwrap_err();
    assert_eq!(reason(&status), "NOT_OPTIONAL");
    terminal.withdraw_step(take_back("w2", "housing-fund")).await.expect("taken back");
    assert_eq!(fund.ends(&task, results::fund()).await.unwrap_err().reason, "STALE_EPOCH");
    let status = terminal.withdraw_step(take_back("w3", "housing-fund")).await.unwrap_err();
    assert_eq!(reason(&status), "STEP_OVER");
    let case = look(&mut terminal, &id).await;
    assert_eq!(step(&case, "housing-fund").state(), StepState::Withdrawn);
    assert_eq!(case.state(), CaseState::Open, "the rest goes on");
    city.verify().await;
}

async fn a_pause_stops_the_clock_and_takes_the_task(db: &Database) {
    let city = counter::start(db).await;
    let mut terminal = city.terminal().await;
    let id = counter::submitted(&mut terminal, "r1", &counter::form("350100")).await;
    let mut registry = city.desk("market-regulation-350100").await;
    let task = registry.claims_one().await;
    city.at("2026-03-02T10:00:00+08:00").await;
    let mut officer = CaseServiceClient::new(city.officer("market-regulation-350100-1").await);
    let until = Some(timestamp(parse_instant("2026-03-05T09:00:00+08:00").unwrap()));
    let pause = |request_id: &str, approver: &str, until| PauseStepRequest {
        request_id: request_id.into(),
        case_id: id.clone(),
        step: "registration".into(),
        reason: PauseReason::SpecialProcedure.into(),
        until,
        note: "组织专家评审。".into(),
        officer: String::new(),
        approver: approver.into(),
    };
    let second = "market-regulation-350100-2";
    for (request_id, approver, until, expected) in [
        ("p1", "", until, "APPROVER_REQUIRED"),
        ("p2", "market-regulation-350100-1", until, "APPROVER_NOT_ANOTHER"),
        ("p3", second, None, "UNTIL_REQUIRED"),
        ("p4", second, Some(timestamp(parse_instant("2026-03-01T09:00:00+08:00").unwrap())), "TIME_OUT_OF_RANGE"),
    ] {
        let status = officer.pause_step(pause(request_id, approver, until)).await.unwrap_err();
        assert_eq!(reason(&status), expected);
    }
    officer.pause_step(pause("p5", second, until)).await.expect("paused");
    assert_eq!(registry.ends(&task, licence()).await.unwrap_err().reason, "STALE_EPOCH", "the task was taken away");
    city.at("2026-03-04T16:00:00+08:00").await;
    let case = look(&mut terminal, &id).await;
    let paused = step(&case, "registration");
    assert_eq!((paused.state(), case.code), (StepState::Paused, 9));
    let pause_of = paused.pause.as_ref().expect("a pause");
    assert_eq!((pause_of.reason(), pause_of.until), (PauseReason::SpecialProcedure, until));
    assert_eq!(case.promise.as_ref().unwrap().state(), ClockState::Paused);
    assert_eq!(case.promise.as_ref().unwrap().elapsed.as_ref().unwrap().seconds, 3600);
    assert!(registry.claims().await.is_empty());

    let resume = |request_id: &str| ResumeStepRequest {
        request_id: request_id.into(),
        case_id: id.clone(),
        step: "registration".into(),
        officer: String::new(),
    };
    let mut foreign = CaseServiceClient::new(city.officer("tax-350100-1").await);
    assert_eq!(foreign.resume_step(resume("f1")).await.unwrap_err().code(), tonic::Code::NotFound);
    officer.resume_step(resume("s1")).await.expect("resumed");
    assert_eq!(reason(&officer.resume_step(resume("s2")).await.unwrap_err()), "NOT_PAUSED");
    city.at("2026-03-04T16:30:00+08:00").await;
    registry.does(licence()).await;
    let case = look(&mut terminal, &id).await;
    assert_eq!(
        codes(step(&case, "registration")),
        [8, 9, 10, 8, 11],
        "what began has ended before it is taken up again"
    );
    assert_eq!(case.promise.as_ref().unwrap().elapsed.as_ref().unwrap().seconds, 5400);
    city.verify().await;
}

async fn a_case_starts_another_and_waits_for_it(db: &Database) {
    let city = City::start_of(db, &["errand", "parcel"]).await;
    let mut terminal = city.terminal().await;
    let form = json!({ "registrar": "350100", "name": "福州榕光信息技术有限公司" });
    let submit = SubmitCaseRequest { request_id: "r1".into(), workflow: "errand".into(), form: wire(&form) };
    let id = terminal.submit_case(submit).await.expect("a case").into_inner().case.unwrap().id;
    let case = awaits(&mut terminal, &id, |case| !step(case, "send").sub_case.is_empty()).await;
    assert_eq!(step(&case, "send").state(), StepState::Waiting);
    let parcel = look(&mut terminal, &step(&case, "send").sub_case.clone()).await;
    assert_eq!((parcel.workflow.as_str(), parcel.parent.as_str()), ("parcel", id.as_str()));
    assert_eq!(parcel.organisation, "b01", "whoever has the one has the other");
    let shown = kaiban_api::from_struct(parcel.form.unwrap()).unwrap();
    assert_eq!(shown, json!({ "registrar": "350100", "addressee": "福州榕光信息技术有限公司", "kind": "licence" }));

    city.desk("delivery-350100").await.does(Ending::new("done")).await;
    let case = awaits(&mut terminal, &id, |case| step(case, "send").state() == StepState::Completed).await;
    let result = kaiban_api::from_struct(step(&case, "send").result.clone().unwrap()).unwrap();
    assert_eq!(result, json!({ "case": parcel.id, "outcome": "delivered" }));
    city.desk("market-regulation-350100").await.does(Ending::new("done")).await;
    assert_eq!(look(&mut terminal, &id).await.state(), CaseState::Closed);
    city.verify().await;
}

async fn an_applicant_rates_once(db: &Database) {
    let city = City::start(db).await;
    let mut terminal = city.terminal().await;
    let id = submitted(&mut terminal, "r1", &company("350100")).await;
    let mut identity = AdminServiceClient::new(city.town.office("identity", "identity-350100").await.unwrap());
    let credential = |person: &str| IssueApplicantCredentialRequest { case_id: id.clone(), person_key: person.into() };
    let status = identity.issue_applicant_credential(credential("p1")).await.unwrap_err();
    assert_eq!(reason(&status), "IDENTITY_NOT_CHECKED");
    city.prepares("350100").await;
    let issued = identity.issue_applicant_credential(credential("p1")).await.expect("a credential").into_inner();
    let mut applicant = CaseServiceClient::new(city.town.line(&issued.secret).await.unwrap());
    let rate = |request_id: &str, grade: i32| RateCaseRequest {
        request_id: request_id.into(),
        case_id: id.clone(),
        grade,
        comment: "很快。".into(),
    };
    assert_eq!(reason(&applicant.rate_case(rate("a1", 5)).await.unwrap_err()), "NOT_CLOSED");
    city.desk("market-regulation-350100").await.does(refusal()).await;
    for grade in [0, 6, -1] {
        let status = applicant.rate_case(rate(&format!("g{grade}"), grade)).await.unwrap_err();
        assert_eq!(status.code(), tonic::Code::InvalidArgument, "{grade}: {status:?}");
    }
    assert_eq!(reason(&terminal.rate_case(rate("t1", 5)).await.unwrap_err()), "ROLE_NOT_ALLOWED");
    let rated = applicant.rate_case(rate("a2", 4)).await.expect("rated").into_inner().case.unwrap();
    assert_eq!(rated.grade, 4);
    let again = applicant.rate_case(rate("a2", 4)).await.expect("the same").into_inner().case.unwrap();
    assert_eq!(again, rated);
    let status = applicant.rate_case(rate("a3", 1)).await.unwrap_err();
    assert!(["ALREADY_RATED", "CREDENTIAL_USED"].contains(&reason(&status).as_str()), "{status:?}");
    let second = identity.issue_applicant_credential(credential("p2")).await.expect("a credential").into_inner();
    let mut other = CaseServiceClient::new(city.town.line(&second.secret).await.unwrap());
    assert_eq!(reason(&other.rate_case(rate("b1", 1)).await.unwrap_err()), "ALREADY_RATED", "one case, one rating");
    assert_eq!(look(&mut terminal, &id).await.grade, 4);
    city.verify().await;
}
