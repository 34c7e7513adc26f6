//! What an auditor reads: who was shown what, by case and by person; and journals whose chain can be checked by hand.

use std::collections::BTreeSet;

use kaiban_api::v1::audit_service_client::AuditServiceClient;
use kaiban_api::v1::case_service_client::CaseServiceClient;
use kaiban_api::v1::list_access_records_request::Of;
use kaiban_api::v1::{
    AccessRecord, CaseView, GetCaseRequest, GetTaskRequest, JournalEntry, ListAccessRecordsRequest, ListCasesRequest,
    ListJournalRequest, Role, TaskAddress, TokenUse,
};
use kaiban_api::{Channel, timestamp};
use kaiban_calendar::parse_instant;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tonic::{Code, Status};
use tonic_types::StatusExt;

use crate::city::{City, MORNING, look, witnessed};
use crate::database::Database;
use crate::forms::witness;

on_both!(
    what_was_shown_is_recorded,
    a_person_is_found_in_every_case,
    a_masked_view_hides_persons_and_leaves_no_record,
    a_journal_can_be_checked_by_hand,
);

type Auditor = AuditServiceClient<Channel>;

async fn auditor(city: &City) -> Auditor {
    AuditServiceClient::new(city.town.bureau(Role::Auditor).await.expect("an auditor"))
}

/// All records, read page by page.
async fn records(auditor: &mut Auditor, of: Of) -> Vec<AccessRecord> {
    let mut request = ListAccessRecordsRequest { of: Some(of), page_size: 1, page_token: String::new() };
    let mut records = Vec::new();
    loop {
        let page = auditor.list_access_records(request.clone()).await.expect("records").into_inner();
        records.extend(page.records);
        if page.next_page_token.is_empty() {
            return records;
        }
        request.page_token = page.next_page_token;
    }
}

async fn what_was_shown_is_recorded(db: &Database) {
    let city = City::start_of(db, &["witness"]).await;
    let mut terminal = city.terminal().await;
    let case = witnessed(&mut terminal, "r1", "350100").await;
    let mut registry = city.office("market-regulation", "market-regulation-350100").await;
    // A case that a letter is being written about is passed over by claims.
    city.settles().await;
    let tasks = registry.claims().await;
    let task = tasks.iter().find(|task| task.step == "registration").expect("a task");
    look(&mut terminal, &case).await;
    let basic = GetCaseRequest { id: case.clone(), view: CaseView::Basic.into() };
    terminal.get_case(basic).await.expect("the case");
    terminal.list_cases(ListCasesRequest::default()).await.expect("cases");
    let address = TaskAddress { id: task.id.clone(), ..TaskAddress::default() };
    registry.client.get_task(GetTaskRequest { task: Some(address) }).await.expect("the task");

    let mut auditor = auditor(&city).await;
    let records = records(&mut auditor, Of::CaseId(case.clone())).await;
    let mut shown: Vec<(&str, &str, &str)> = records
        .iter()
        .map(|record| (record.purpose.as_str(), record.role.as_str(), record.organisation.as_str()))
        .collect();
    let expected = [
        ("hand-over/identity[p1]", "agency", "market-regulation"),
        ("hand-over/registration", "agency", "market-regulation"),
        ("read-case", "terminal", "b01"),
        ("read-task/registration", "agency", "market-regulation"),
    ];
    // Within one instant of the simulated clock they stand in no order.
    shown.sort_unstable();
    assert_eq!(shown, expected, "what shows no document is not recorded");
    let handed = records.iter().find(|record| record.purpose == "hand-over/registration").expect("a hand-over");
    assert!(handed.fields.iter().any(|field| field == "form.name"), "{handed:?}");
    assert!(records.iter().all(|record| record.case_id == case && !record.token.is_empty()));
    let all = format!("{records:?}");
    assert!(!all.contains("样例"), "fields are named, their values are not");

    // What was shown with one token, whoever's case it is.
    let token = handed.token.clone();
    let day = |days: i64| parse_instant(MORNING).expect("an instant") + days * 86_400_000_000;
    let used = |id: &str, from_us, until_us| {
        Of::Token(TokenUse { id: id.into(), from: Some(timestamp(from_us)), until: Some(timestamp(until_us)) })
    };
    let ids = |records: &[AccessRecord]| records.iter().map(|record| record.id.clone()).collect::<BTreeSet<_>>();
    let of_registry: Vec<AccessRecord> = records.iter().filter(|record| record.token == token).cloned().collect();
    let of = async |of| self::records(&mut self::auditor(&city).await, of).await;
    assert_eq!(ids(&of(used(&token, day(-1), day(1))).await), ids(&of_registry));
    assert_eq!(of(used(&token, day(-3), day(-2))).await, []);
    assert_eq!(of(used("nobody", day(-1), day(1))).await, []);
    for wrong in [used(&token, day(0), day(0)), used(&token, day(-32), day(0)), Of::Token(TokenUse::default())] {
        let request = ListAccessRecordsRequest { of: Some(wrong), ..ListAccessRecordsRequest::default() };
        let status = auditor.list_access_records(request).await.unwrap_err();
        assert_eq!((status.code(), reason(&status).as_str()), (Code::InvalidArgument, "REQUEST_INVALID"));
    }
}

async fn a_person_is_found_in_every_case(db: &Database) {
    let city = City::start_of(db, &["witness"]).await;
    let mut terminal = city.terminal().await;
    let form = witness("350100", None);
    let number = numbers(&form).remove(0);
    let case = witnessed(&mut terminal, "r1", "350100").await;
    look(&mut terminal, &case).await;
    let mut auditor = auditor(&city).await;
    let found = records(&mut auditor, Of::CitizenNumber(number.to_lowercase())).await;
    assert!(found.iter().any(|record| record.case_id == case && record.purpose == "read-case"), "{found:?}");
    let stranger = "440524188001010014";
    assert_ne!(number, stranger);
    assert_eq!(records(&mut auditor, Of::CitizenNumber(stranger.into())).await, []);
    for wrong in ["", "123", "440524188001010015"] {
        let of = Some(Of::CitizenNumber(wrong.into()));
        let request = ListAccessRecordsRequest { of, ..ListAccessRecordsRequest::default() };
        let status = auditor.list_access_records(request).await.unwrap_err();
        assert_eq!((status.code(), reason(&status).as_str()), (Code::InvalidArgument, "CITIZEN_NUMBER_INVALID"));
    }
}

async fn a_masked_view_hides_persons_and_leaves_no_record(db: &Database) {
    let city = City::start_of(db, &["witness"]).await;
    let mut terminal = city.terminal().await;
    let form = witness("350100", None);
    let case = witnessed(&mut terminal, "r1", "350100").await;
    let mut manager = CaseServiceClient::new(city.town.bureau(Role::Manager).await.expect("a manager"));
    let seen = look(&mut manager, &case).await;
    let masked = format!("{seen:?}");
    for number in numbers(&form) {
        assert!(!masked.contains(&number));
    }
    let name = form.pointer("/people/0/name").and_then(Value::as_str).expect("a name");
    assert!(!masked.contains(name));
    assert_eq!(records(&mut auditor(&city).await, Of::CaseId(case)).await, []);
    // A shop may bear its owner's name; a company's is public.
    assert_eq!(seen.subject, look(&mut terminal, &seen.id).await.subject);
}

async fn a_journal_can_be_checked_by_hand(db: &Database) {
    let city = City::start_of(db, &["witness"]).await;
    let mut terminal = city.terminal().await;
    let case = witnessed(&mut terminal, "r1", "350100").await;
    city.settles().await;
    city.office("market-regulation", "market-regulation-350100").await.claims().await;
    let mut auditor = auditor(&city).await;
    let mut request = ListJournalRequest { case_id: case.clone(), page_size: 1, page_token: String::new() };
    let mut entries: Vec<JournalEntry> = Vec::new();
    loop {
        let page = auditor.list_journal(request.clone()).await.expect("a page").into_inner();
        entries.extend(page.entries);
        if page.next_page_token.is_empty() {
            break;
        }
        request.page_token = page.next_page_token;
    }
    assert!(entries.len() >= 2);
    let mut hash = "0".repeat(64);
    for (entry, seq) in entries.iter().zip(1..) {
        let chained = format!("{hash}\n{}", entry.bytes);
        hash = Sha256::digest(chained.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!((entry.seq, &entry.hash), (seq, &hash));
        let event: Value = serde_json::from_str(&entry.bytes).expect("JSON");
        assert_eq!(event["case"], json!(case));
    }
    assert_eq!(hash, look(&mut terminal, &case).await.head);
    let all = format!("{entries:?}");
    assert!(!all.contains("样例"), "a journal holds no personal data");

    let unknown = ListJournalRequest { case_id: "20260302-0000000000-0".into(), ..ListJournalRequest::default() };
    assert_eq!(auditor.list_journal(unknown).await.unwrap_err().code(), Code::NotFound);
    let astray = ListJournalRequest { case_id: case, page_token: "x".into(), ..ListJournalRequest::default() };
    assert_eq!(reason(&auditor.list_journal(astray).await.unwrap_err()), "PAGE_TOKEN_INVALID");
}

/// The citizen numbers of a form.
fn numbers(form: &Value) -> Vec<String> {
    match form {
        Value::String(text) if kaiban_identifiers::citizen_id::check(text).valid() => vec![text.clone()],
        Value::Array(values) => values.iter().flat_map(numbers).collect(),
        Value::Object(object) => object.values().flat_map(numbers).collect(),
        _ => Vec::new(),
    }
}

fn reason(status: &Status) -> String {
    status.get_details_error_info().map(|info| info.reason).unwrap_or_default()
}
