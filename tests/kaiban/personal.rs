//! Personal data: who sees only what packages call public, what an applicant sees of other people, and that whatever else
//! leaves is on record.

use kaiban_api::v1::admin_service_client::AdminServiceClient;
use kaiban_api::v1::audit_service_client::AuditServiceClient;
use kaiban_api::v1::case_service_client::CaseServiceClient;
use kaiban_api::v1::document_service_client::DocumentServiceClient;
use kaiban_api::v1::list_access_records_request::Of;
use kaiban_api::v1::{
    AccessRecord, ClaimTasksRequest, DownloadDocumentRequest, IssueApplicantCredentialRequest,
    ListAccessRecordsRequest, ListCasesRequest, ListDocumentsRequest, RateCaseRequest, Role,
};
use kaiban_api::{Channel, from_struct};
use serde_json::{Value, json};
use tonic::Code;

use crate::city::{City, Ending, finding, look, submitted, witnessed};
use crate::database::Database;
use crate::forms::company;
use crate::receiver::Receiver;

on_both!(
    a_manager_sees_what_the_package_calls_public,
    an_applicant_sees_himself_and_not_the_others,
    what_goes_out_by_the_web_hook_is_on_record,
    what_is_given_again_is_on_record_again,
    what_is_not_in_a_form_is_on_record_too,
    a_credential_is_spent_with_its_act,
);

/// An individual business.
fn shop() -> Value {
    serde_json::from_str(include_str!("../forms/individual-business.json")).expect("a form")
}

/// The form as a view shows it.
fn shown(case: &kaiban_api::v1::Case) -> Value {
    from_struct(case.form.clone().expect("a form")).expect("JSON")
}

async fn records(city: &City, case: &str) -> Vec<AccessRecord> {
    let mut auditor = AuditServiceClient::new(city.town.bureau(Role::Auditor).await.expect("an auditor"));
    let of = Some(Of::CaseId(case.to_owned()));
    let request = ListAccessRecordsRequest { of, page_size: 500, page_token: String::new() };
    auditor.list_access_records(request).await.expect("records").into_inner().records
}

/// Fields of the records for a purpose.
fn fields<'r>(records: &'r [AccessRecord], purpose: &str) -> Vec<Vec<&'r str>> {
    let fitting = records.iter().filter(|record| record.purpose == purpose);
    fitting.map(|record| record.fields.iter().map(String::as_str).collect()).collect()
}

async fn a_manager_sees_what_the_package_calls_public(db: &Database) {
    let city = City::start(db).await;
    let mut terminal = city.terminal().await;
    let form = shop();
    let case = submitted(&mut terminal, "r1", &form).await;
    city.settles().await;
    city.prepares("350181").await;
    let asks = Ending { findings: vec![finding("SCOPE_UNCLEAR", "/scope/0/text")], ..Ending::new("correct") };
    city.desk("market-regulation-350181").await.does(asks).await;
    city.settles().await;
    let before = records(&city, &case).await;

    let mut manager = CaseServiceClient::new(city.town.bureau(Role::Manager).await.expect("a manager"));
    let seen = look(&mut manager, &case).await;
    let listed = manager.list_cases(ListCasesRequest::default()).await.expect("cases").into_inner().cases.remove(0);
    let form_seen = shown(&seen);
    assert_eq!(seen.subject, "福清市***店");
    assert_eq!((&listed.subject, &form_seen["name"]), (&seen.subject, &json!("福清市***店")));
    let all = format!("{seen:?}{listed:?}");
    let mut hidden = vec!["请补充"];
    for pointer in [
        "/name",
        "/domicile/owner",
        "/domicile/address",
        "/domicile/road",
        "/domicile/room",
        "/domicile/real_estate_number",
        "/contact/email",
        "/contact/phone",
        "/people/0/name",
        "/people/0/id/number",
        "/people/1/name",
        "/people/1/id/number",
        "/people/1/phone",
    ] {
        hidden.push(form.pointer(pointer).and_then(Value::as_str).expect("a text"));
    }
    for text in hidden {
        assert!(!all.contains(text), "{text}");
    }
    assert_eq!(form_seen["people"][1]["roles"], json!(["family-member"]), "what is nobody's stays");
    assert_eq!((&form_seen["kind"], &form_seen["domicile"]["town"]), (&form["kind"], &form["domicile"]["town"]));
    assert_eq!(form_seen["invoices"], form["invoices"]);
    let verified = seen.steps.iter().find(|step| step.step == "domicile").expect("a step").result.as_ref();
    assert_eq!(from_struct(verified.expect("a result").clone()).expect("JSON")["verified_by"], "shared-data");
    assert_eq!(records(&city, &case).await, before, "nothing personal was shown");
}

async fn credential(city: &City, case: &str, person: &str) -> String {
    let line = city.town.office("identity", "identity-350100").await.expect("an office");
    let request = IssueApplicantCredentialRequest { case_id: case.to_owned(), person_key: person.into() };
    AdminServiceClient::new(line).issue_applicant_credential(request).await.expect("a credential").into_inner().secret
}

async fn an_applicant_sees_himself_and_not_the_others(db: &Database) {
    let city = City::start(db).await;
    let mut terminal = city.terminal().await;
    let form = company("350100");
    let case = submitted(&mut terminal, "r1", &form).await;
    city.prepares("350100").await;
    let findings = vec![finding("ROLE_UNCLEAR", "/people/0/roles"), finding("ROLE_UNCLEAR", "/people/1/roles")];
    let asks = Ending { findings, ..Ending::new("correct") };
    city.desk("market-regulation-350100").await.does(asks).await;
    city.settles().await;

    let line = city.town.line(&credential(&city, &case, "p2").await).await.expect("a connection");
    let seen = look(&mut CaseServiceClient::new(line.clone()), &case).await;
    let form_seen = shown(&seen);
    assert_eq!(form_seen["people"][1], form["people"][1], "the own entry is whole");
    let other = &form_seen["people"][0];
    assert_eq!(
        (&other["name"], &other["id"]["number"], &other["phone"]),
        (&json!("***"), &json!("***"), &json!("***"))
    );
    assert_eq!(other["roles"], form["people"][0]["roles"]);
    assert_eq!(form_seen["domicile"], form["domicile"], "the application is his own");
    assert_eq!(
        (&seen.subject, &form_seen["name"]),
        (&form["name"].as_str().expect("a name").to_owned(), &form["name"])
    );
    let all = format!("{seen:?}");
    for pointer in ["/people/0/id/number", "/employees/0/citizen_id", "/employees/0/name"] {
        assert!(!all.contains(form.pointer(pointer).and_then(Value::as_str).expect("a text")), "{pointer}");
    }
    let texts: Vec<&str> =
        seen.corrections[0].findings.iter().map(|found| found.message.as_ref().expect("a text").zh.as_str()).collect();
    assert_eq!(texts, ["（内容已脱敏）", "内容不清楚，请补充。"], "what was asked of another is that person's");
    let request = ListDocumentsRequest { case_id: case.clone() };
    let listed = DocumentServiceClient::new(line).list_documents(request).await.expect("documents").into_inner();
    let pointers: Vec<_> = listed.documents.iter().flat_map(|document| document.pointers.clone()).collect();
    assert!(pointers.contains(&"/form/domicile/lease/document".to_owned()), "{pointers:?}");
    let read = records(&city, &case).await;
    let own = read.iter().find(|record| record.role == "applicant").expect("a record");
    assert_eq!(own.fields[0], "form");
}

async fn what_goes_out_by_the_web_hook_is_on_record(db: &Database) {
    let mut receiver = Receiver::start(|_| 200).await;
    let city = City::start_with(db, receiver.settings()).await;
    let mut terminal = city.terminal().await;
    let case = submitted(&mut terminal, "r1", &company("350100")).await;
    let receipt = receiver.gets(|delivery| delivery.number().starts_with("榕接字")).await;
    city.settles().await;
    let records = records(&city, &case).await;
    let told = records
        .iter()
        .find(|record| record.purpose == "tell" && record.fields.contains(&format!("letter.{}", receipt.number())));
    let told = told.expect("a record");
    assert_eq!(told.fields[1], "form.contact.phone");
    assert_eq!((told.token.as_str(), told.role.as_str(), told.case_id.as_str()), ("web-hook", "web-hook", &*case));
}

async fn what_is_given_again_is_on_record_again(db: &Database) {
    let city = City::start_of(db, &["witness"]).await;
    let mut terminal = city.terminal().await;
    let case = witnessed(&mut terminal, "r1", "350100").await;
    city.settles().await;
    let mut registry = city.office("market-regulation", "market-regulation-350100").await;
    let request = ClaimTasksRequest {
        request_id: "c1".into(),
        office: "market-regulation-350100".into(),
        max: 100,
        ..ClaimTasksRequest::default()
    };
    for times in 1..=2 {
        let tasks = registry.client.claim_tasks(request.clone()).await.expect("a claim").into_inner().tasks;
        assert_eq!(tasks.len(), 2);
        let records = records(&city, &case).await;
        assert_eq!(fields(&records, "hand-over/registration").len(), times);
    }
}

async fn what_is_not_in_a_form_is_on_record_too(db: &Database) {
    let city = City::start(db).await;
    let mut terminal = city.terminal().await;
    let named = submitted(&mut terminal, "r1", &company("350100")).await;
    let case = submitted(&mut terminal, "r2", &shop()).await;
    terminal.list_cases(ListCasesRequest::default()).await.expect("cases");
    assert_eq!(fields(&records(&city, &named).await, "read-case"), [[""; 0]; 0], "a company's name is public");
    assert_eq!(fields(&records(&city, &case).await, "read-case"), [["subject"]]);

    city.settles().await;
    city.prepares("350100").await;
    let asks = Ending { findings: vec![finding("SCOPE_UNCLEAR", "/scope/0/text")], ..Ending::new("correct") };
    city.desk("market-regulation-350100").await.does(asks).await;
    let seen = look(&mut terminal, &named).await;
    let read = fields(&records(&city, &named).await, "read-case").pop().expect("a record").join(" ");
    assert!(read.starts_with("form ") && read.contains("corrections.registration.1"), "{read}");

    // A document without a case stands under its own name.
    let lease = shown(&seen).pointer("/domicile/lease/document").and_then(Value::as_str).expect("a digest").to_owned();
    let request = DownloadDocumentRequest { digest: lease.clone(), ..DownloadDocumentRequest::default() };
    let line = city.town.terminal("b01", "b01-001").await.expect("a terminal");
    DocumentServiceClient::new(line).download_document(request).await.expect("a document");
    let read = records(&city, &lease).await;
    assert_eq!(fields(&read, "read-document"), [[format!("file.{lease}").as_str()]]);
}

async fn a_credential_is_spent_with_its_act(db: &Database) {
    let city = City::start(db).await;
    let mut terminal = city.terminal().await;
    let case = submitted(&mut terminal, "r1", &company("350100")).await;
    city.prepares("350100").await;
    let secret = credential(&city, &case, "p1").await;
    let mut applicant: CaseServiceClient<Channel> =
        CaseServiceClient::new(city.town.line(&secret).await.expect("a connection"));
    let rating = |id: &str, grade| RateCaseRequest {
        request_id: id.into(),
        case_id: case.clone(),
        grade,
        comment: String::new(),
    };
    // What is refused, for whatever reason, uses nothing up.
    assert_eq!(applicant.rate_case(rating("a", 5)).await.unwrap_err().code(), Code::FailedPrecondition);
    city.desk("market-regulation-350100").await.does(crate::city::refusal()).await;
    city.settles().await;
    assert_eq!(applicant.rate_case(rating("b", 9)).await.unwrap_err().code(), Code::InvalidArgument);
    let (one, two) = {
        let mut other = applicant.clone();
        tokio::join!(applicant.rate_case(rating("c", 5)), other.rate_case(rating("d", 4)))
    };
    assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
    city.verify().await;
}
