//! Bad input gets a coded, located answer in both languages, and leaves nothing behind.

use kaiban_api::v1::{CheckFormRequest, ListCasesRequest, SubmitCaseRequest};
use prost_types::{Struct, Value as WireValue, value::Kind};
use serde_json::json;
use tonic::Code;
use tonic_types::StatusExt;

use crate::city::{City, submit};
use crate::database::Database;
use crate::forms::{company, wire, with};

on_both!(
    all_errors_of_a_form_come_at_once,
    a_check_tells_the_same_and_stores_nothing,
    what_is_not_a_request_is_refused,
    oversized_and_endless_messages_are_refused,
);

async fn all_errors_of_a_form_come_at_once(db: &Database) {
    let city = City::start(db).await;
    let mut terminal = city.terminal().await;
    let mut form = company("350100");
    form["colour"] = json!("red");
    form.as_object_mut().unwrap().remove("contact");
    let form = with(form, "/people/0/id/number", json!("350102199003078310"));
    let form = with(form, "/invoices/monthly", json!("many"));
    let form = with(form, "/investors/0/amount_fen", json!(-5));
    let form = with(form, "/delivery/way", json!("pigeon"));
    let status = submit(&mut terminal, "r1", &form).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    let info = status.get_details_error_info().unwrap();
    assert_eq!((info.reason.as_str(), info.domain.as_str()), ("FORM_INVALID", "kaiban"));
    let violations = status.get_details_bad_request().unwrap().field_violations;
    let mut fields: Vec<&str> = violations.iter().map(|violation| violation.field.as_str()).collect();
    fields.sort_unstable();
    assert_eq!(
        fields,
        [
            "/capital/amount_fen",
            "/colour",
            "/contact",
            "/delivery/way",
            "/investors/0/amount_fen",
            "/invoices/monthly",
            "/people/0/id/number"
        ]
    );
    let texts: String = violations.iter().map(|violation| violation.description.clone()).collect();
    assert!(!texts.contains("350102199003078310"), "no personal data in error texts: {texts}");
    assert!(terminal.list_cases(ListCasesRequest::default()).await.unwrap().into_inner().cases.is_empty());
    assert!(submit(&mut terminal, "r1", &company("350100")).await.expect("the id is still free").created);
}

async fn a_check_tells_the_same_and_stores_nothing(db: &Database) {
    let city = City::start(db).await;
    let mut terminal = city.terminal().await;
    let check = |form| CheckFormRequest { workflow: "business-start".into(), form: wire(&form) };
    let right = terminal.check_form(check(company("350100"))).await.unwrap().into_inner();
    assert!(right.acceptable && right.findings.is_empty());
    let wrong = with(company("350100"), "/invoices/monthly", json!(0));
    let wrong = terminal.check_form(check(wrong)).await.unwrap().into_inner();
    assert!(!wrong.acceptable);
    assert_eq!(wrong.findings[0].pointer, "/invoices/monthly");
    assert!(!wrong.findings[0].message.as_ref().unwrap().zh.is_empty());
    assert!(terminal.list_cases(ListCasesRequest::default()).await.unwrap().into_inner().cases.is_empty());
}

async fn what_is_not_a_request_is_refused(db: &Database) {
    let city = City::start(db).await;
    let mut terminal = city.terminal().await;
    let good =
        SubmitCaseRequest { request_id: "r".into(), workflow: "business-start".into(), form: wire(&company("350100")) };
    let long = "x".repeat(129);
    for (request, code) in [
        (SubmitCaseRequest { request_id: String::new(), ..good.clone() }, Code::InvalidArgument),
        (SubmitCaseRequest { request_id: long, ..good.clone() }, Code::InvalidArgument),
        (SubmitCaseRequest { request_id: "with space".into(), ..good.clone() }, Code::InvalidArgument),
        (SubmitCaseRequest { workflow: "business-end".into(), ..good.clone() }, Code::InvalidArgument),
        (SubmitCaseRequest { form: None, ..good.clone() }, Code::InvalidArgument),
        (
            SubmitCaseRequest { form: wire(&with(company("350100"), "/registrar", json!("110100"))), ..good.clone() },
            Code::InvalidArgument,
        ),
    ] {
        let status = terminal.submit_case(request.clone()).await.unwrap_err();
        assert_eq!(status.code(), code, "{status:?}");
        assert!(!status.get_details_error_info().unwrap().reason.is_empty());
        assert!(!status.get_details_localized_message().unwrap().message.is_empty(), "in Chinese too");
    }
    assert!(terminal.list_cases(ListCasesRequest::default()).await.unwrap().into_inner().cases.is_empty());
}

async fn oversized_and_endless_messages_are_refused(db: &Database) {
    let city = City::start(db).await;
    let mut terminal = city.terminal().await;
    let big = with(company("350100"), "/name", json!("字".repeat(2_000_000)));
    let status = submit(&mut terminal, "big", &big).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument, "{status:?}");
    let mut deep = WireValue { kind: Some(Kind::NullValue(0)) };
    for _ in 0..60 {
        let inner = Struct { fields: [("d".to_owned(), deep)].into() };
        deep = WireValue { kind: Some(Kind::StructValue(inner)) };
    }
    let form = Struct { fields: [("deep".to_owned(), deep)].into() };
    let request = SubmitCaseRequest { request_id: "deep".into(), workflow: "business-start".into(), form: Some(form) };
    let status = terminal.submit_case(request).await.unwrap_err();
    assert!(matches!(status.code(), Code::InvalidArgument | Code::Internal), "{status:?}");
    let number = WireValue { kind: Some(Kind::NumberValue(f64::NAN)) };
    let form = Struct { fields: [("n".to_owned(), number)].into() };
    let request = SubmitCaseRequest { request_id: "nan".into(), workflow: "business-start".into(), form: Some(form) };
    assert_eq!(terminal.submit_case(request).await.unwrap_err().code(), Code::InvalidArgument);
    submit(&mut terminal, "good", &company("350100")).await.expect("the server goes on");
}
