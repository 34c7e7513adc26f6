//! One correction names everything; only what it names may change; other branches go on.

use kaiban_api::v1::{ClockState, Finding, ResubmitCaseRequest, Severity, StepState, Text};
use serde_json::{Value, json};
use tonic::Code;
use tonic_types::StatusExt;

use crate::city::{Ending, Terminal, licence, look, step};
use crate::counter::{self, form as paper, submitted};
use crate::database::Database;
use crate::forms::{wire, with};

on_both!(
    the_clock_pauses_while_the_applicant_has_the_ball,
    only_what_was_opened_may_change,
    a_correction_names_what_the_step_shares,
    other_branches_keep_their_revision,
);

pub fn asks(pointer: &str) -> Ending {
    let finding = Finding {
        code: "ADDRESS_INCOMPLETE".into(),
        severity: Severity::Error.into(),
        pointer: pointer.into(),
        message: Some(Text { zh: "住所缺少门牌号。".into(), en: "The address lacks a house number.".into() }),
        help: None,
    };
    Ending { findings: vec![finding], ..Ending::new("correct") }
}

async fn resubmit(terminal: &mut Terminal, id: &str, correction: &str, form: &Value) -> Result<(), tonic::Status> {
    let request = ResubmitCaseRequest {
        request_id: format!("{id}-{correction}-{}", form.to_string().len()),
        case_id: id.to_owned(),
        correction_id: correction.to_owned(),
        form: wire(form),
    };
    terminal.resubmit_case(request).await.map(|_| ())
}

async fn the_clock_pauses_while_the_applicant_has_the_ball(db: &Database) {
    let city = counter::start(db).await;
    let mut terminal = city.terminal().await;
    let id = submitted(&mut terminal, "r1", &paper("350100")).await;
    let mut registry = city.office("market-regulation", "market-regulation-350100").await;
    city.at("2026-03-02T10:30:00+08:00").await;
    registry.does(asks("/domicile/address")).await;
    city.at("2026-03-04T15:00:00+08:00").await;
    let case = look(&mut terminal, &id).await;
    assert_eq!(case.promise.as_ref().unwrap().state(), ClockState::Paused);
    assert_eq!(case.promise.as_ref().unwrap().elapsed.as_ref().unwrap().seconds, 5400);
    assert_eq!(case.corrections[0].findings[0].message.as_ref().unwrap().zh, "住所缺少门牌号。");
    let form = with(paper("350100"), "/domicile/address", json!("福州市鼓楼区五四路100号3层301"));
    resubmit(&mut terminal, &id, &case.corrections[0].id, &form).await.expect("answered");
    let task = registry.claims_one().await;
    assert_eq!((task.form_revision, task.corrected.len()), (2, 1));
    let case = look(&mut terminal, &id).await;
    // 3 h 30 min are left of 5: until 17:30 there are 2 h 30, the rest is next morning.
    let due = kaiban_api::micros(case.promise.as_ref().unwrap().due.as_ref().unwrap()).unwrap();
    assert_eq!(kaiban_calendar::format_instant(due), "2026-03-05T09:30:00+08:00");
    registry.ends(&task, licence()).await.expect("registered");
    city.verify().await;
}

async fn only_what_was_opened_may_change(db: &Database) {
    let city = counter::start(db).await;
    let mut terminal = city.terminal().await;
    let id = submitted(&mut terminal, "r1", &paper("350100")).await;
    city.office("market-regulation", "market-regulation-350100").await.does(asks("/domicile/address")).await;
    let reason = |status: tonic::Status| status.get_details_error_info().unwrap().reason;

    let status = resubmit(&mut terminal, &id, "registration.1", &paper("350100")).await.unwrap_err();
    assert_eq!(reason(status), "NOTHING_CHANGED");
    let smuggled = with(
        with(paper("350100"), "/domicile/address", json!("福州市鼓楼区五四路100号3层301")),
        "/capital_fen",
        json!(200_000_000),
    );
    let status = resubmit(&mut terminal, &id, "registration.1", &smuggled).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    let violations = status.get_details_bad_request().unwrap().field_violations;
    assert_eq!(violations.iter().map(|v| v.field.as_str()).collect::<Vec<_>>(), ["/capital_fen"]);
    assert_eq!(reason(status), "POINTER_NOT_OPEN");
    let right = with(paper("350100"), "/domicile/address", json!("福州市鼓楼区五四路100号3层301"));
    let status = resubmit(&mut terminal, &id, "registration.2", &right).await.unwrap_err();
    assert_eq!(reason(status), "NO_OPEN_CORRECTION");
    resubmit(&mut terminal, &id, "registration.1", &right).await.expect("answered");
    city.verify().await;
}

async fn a_correction_names_what_the_step_shares(db: &Database) {
    let city = counter::start(db).await;
    let mut terminal = city.terminal().await;
    submitted(&mut terminal, "r1", &paper("350100")).await;
    let mut registry = city.office("market-regulation", "market-regulation-350100").await;
    let task = registry.claims_one().await;
    for (pointer, code) in [
        ("", "POINTER_MISSING"),
        ("/housing_fund/ratio", "POINTER_NOT_SHARED"),
        ("/registrar", "POINTER_FIXED"),
        ("/domicile/colour", "POINTER_NOT_SHARED"),
    ] {
        let error = registry.ends_as(&format!("x{}", pointer.len()), &task, asks(pointer)).await.unwrap_err();
        assert_eq!((error.reason.as_str(), error.findings[0].code.as_str()), ("CORRECTION_INVALID", code));
    }
    let error = registry.ends_as("y", &task, Ending::new("correct")).await.unwrap_err();
    assert_eq!(error.reason, "CORRECTION_INVALID");
    registry.ends_as("z", &task, asks("/domicile/address")).await.expect("asked");
    city.verify().await;
}

async fn other_branches_keep_their_revision(db: &Database) {
    let city = counter::start(db).await;
    let mut terminal = city.terminal().await;
    let id = submitted(&mut terminal, "r1", &paper("350100")).await;
    city.office("market-regulation", "market-regulation-350100").await.does(licence()).await;
    let mut tax = city.office("tax", "tax-350100").await;
    let mut insurance = city.office("social-insurance", "social-insurance-350100").await;
    tax.does(asks("/invoices/monthly")).await;
    insurance.does(asks("/social_insurance/employees")).await;
    let case = look(&mut terminal, &id).await;
    assert_eq!(step(&case, "invoices").state(), StepState::Correction);
    assert_eq!(case.promise.as_ref().unwrap().state(), ClockState::Running, "the seal carver and the fund work on");
    let form = with(paper("350100"), "/invoices/monthly", json!(50));
    resubmit(&mut terminal, &id, "invoices.1", &form).await.expect("answered");
    assert_eq!(tax.claims_one().await.form_revision, 2);
    let form = with(form, "/social_insurance/employees", json!(4));
    resubmit(&mut terminal, &id, "social-insurance.1", &form).await.expect("answered");
    let task = insurance.claims_one().await;
    let shared = kaiban_api::from_struct(task.shared.unwrap()).unwrap();
    assert_eq!((task.form_revision, &shared["form"]["social_insurance"]["employees"]), (3, &json!(4)));
    city.verify().await;
}
