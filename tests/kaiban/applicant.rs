//! Applicants: a credential comes from the real-name check, is good for one case, one act and half an hour.

use kaiban_api::v1::admin_service_client::AdminServiceClient;
use kaiban_api::v1::case_service_client::CaseServiceClient;
use kaiban_api::v1::{
    CaseState, CaseView, GetCaseRequest, IssueApplicantCredentialRequest, ListCasesRequest, RateCaseRequest, Task,
};
use kaiban_store::CredentialRow;
use sha2::{Digest, Sha256};
use tonic::{Code, Status};
use tonic_types::StatusExt;

use crate::city::{City, Ending, Office, look, witnessed};
use crate::database::Database;

on_both!(a_person_who_was_checked_acts_once, a_credential_ends);

fn reason(status: &Status) -> String {
    status.get_details_error_info().map(|info| info.reason).unwrap_or_default()
}

fn full(case: &str) -> GetCaseRequest {
    GetCaseRequest { id: case.to_owned(), view: CaseView::Full.into() }
}

async fn approves(office: &mut Office, task: &Task, officer: &'static str) {
    let approval = Ending { officer, ..Ending::new("approve") };
    office.ends(task, approval).await.expect("approved");
}

async fn a_person_who_was_checked_acts_once(db: &Database) {
    let city = City::start_of(db, &["witness"]).await;
    let mut terminal = city.terminal().await;
    let case = witnessed(&mut terminal, "r1", "350100").await;
    let other = witnessed(&mut terminal, "r2", "350102").await;
    city.settles().await;
    let line = city.town.office("market-regulation", "market-regulation-350100").await.expect("an office");
    let mut checker = AdminServiceClient::new(line);
    let mut registry = city.office("market-regulation", "market-regulation-350100").await;
    let tasks = registry.claims().await;
    let task = |step: &str| tasks.iter().find(|task| task.step == step).expect("a task");
    let request = |person: &str| IssueApplicantCredentialRequest { case_id: case.clone(), person_key: person.into() };

    let early = checker.issue_applicant_credential(request("p1")).await.unwrap_err();
    assert_eq!((early.code(), reason(&early).as_str()), (Code::FailedPrecondition, "IDENTITY_NOT_CHECKED"));
    assert_eq!(checker.issue_applicant_credential(request("p2")).await.unwrap_err().code(), Code::NotFound);
    approves(&mut registry, task("identity[p1]"), "market-regulation-350100-1").await;
    let line = city.town.office("tax", "tax-350100").await.expect("an office");
    let elsewhere = AdminServiceClient::new(line).issue_applicant_credential(request("p1")).await.unwrap_err();
    assert_eq!(elsewhere.code(), Code::NotFound, "another office has checked nobody");
    let secret = checker.issue_applicant_credential(request("p1")).await.expect("a credential").into_inner().secret;

    let mut applicant = CaseServiceClient::new(city.town.line(&secret).await.expect("a connection"));
    let seen = applicant.get_case(full(&case)).await.expect("the own case").into_inner().case.expect("a case");
    assert!(seen.form.is_some());
    assert_eq!(applicant.get_case(full(&other)).await.unwrap_err().code(), Code::NotFound);
    assert_eq!(applicant.list_cases(ListCasesRequest::default()).await.unwrap_err().code(), Code::PermissionDenied);

    // What is not yet possible uses nothing up.
    let rating =
        |id: &str| RateCaseRequest { request_id: id.into(), case_id: case.clone(), grade: 5, comment: String::new() };
    assert_eq!(applicant.rate_case(rating("a")).await.unwrap_err().code(), Code::FailedPrecondition);
    assert_eq!(terminal.rate_case(rating("a")).await.unwrap_err().code(), Code::PermissionDenied);
    approves(&mut registry, task("registration"), "market-regulation-350100-1").await;
    city.settles().await;
    let mut tax = city.office("tax", "tax-350100").await;
    let invoices = tax.claims_one().await;
    approves(&mut tax, &invoices, "tax-350100-1").await;
    assert_eq!(look(&mut terminal, &case).await.state(), CaseState::Closed);

    let rated = applicant.rate_case(rating("b")).await.expect("rated").into_inner().case.expect("a case");
    assert_eq!(rated.grade, 5);
    let again = applicant.rate_case(rating("b")).await.expect("the same answer").into_inner().case.expect("a case");
    assert_eq!(again.revision, rated.revision);
    assert_eq!(applicant.rate_case(rating("c")).await.unwrap_err().code(), Code::FailedPrecondition);
    applicant.get_case(full(&case)).await.expect("looking goes on");
    let hash: String = Sha256::digest(secret.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
    assert!(db.store.credential_by_hash(&hash).await.expect("a read").expect("a row").used_at_us.is_some());
    city.verify().await;
}

async fn a_credential_ends(db: &Database) {
    let city = City::start_of(db, &["witness"]).await;
    let mut terminal = city.terminal().await;
    let case_id = witnessed(&mut terminal, "r1", "350100").await;
    let secret = "kba_of-yesterday";
    let hash = Sha256::digest(secret.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
    let row = CredentialRow {
        hash,
        case_id: case_id.clone(),
        person: "p1".into(),
        issued_at_us: 0,
        expires_at_us: 1,
        used_at_us: None,
    };
    db.store.put_credential(&row).await.expect("a credential");
    for (secret, why) in [(secret, "TOKEN_EXPIRED"), ("kba_made-up", "TOKEN_INVALID")] {
        let mut applicant = CaseServiceClient::new(city.town.line(secret).await.expect("a connection"));
        let status = applicant.get_case(full(&case_id)).await.unwrap_err();
        assert_eq!((status.code(), reason(&status).as_str()), (Code::Unauthenticated, why));
    }
}
