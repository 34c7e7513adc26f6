//! Who may do what: the wrong role is told so; what is not yours looks as if it were not there.

use kaiban_api::v1::admin_service_client::AdminServiceClient;
use kaiban_api::v1::case_service_client::CaseServiceClient;
use kaiban_api::v1::task_service_client::TaskServiceClient;
use kaiban_api::v1::workflow_service_client::WorkflowServiceClient;
use kaiban_api::v1::{
    CaseView, ClaimTasksRequest, GetCaseRequest, GetServerRequest, GetTaskRequest, IssueTokenRequest, ListCasesRequest,
    ListTokensRequest, ListWorkflowsRequest, RevokeTokenRequest, Role, SubmitCaseRequest, TaskAddress,
    WithdrawCaseRequest,
};
use tonic::{Code, Status};
use tonic_types::StatusExt;

use crate::city::{City, Ending, look, witnessed};
use crate::database::Database;
use crate::forms::{company, wire};

on_both!(
    without_a_token_nobody_gets_in,
    a_revoked_token_is_worth_nothing,
    banks_see_their_own_cases_only,
    agencies_see_what_reached_them,
    roles_do_what_is_theirs,
    scopes_are_checked_against_the_directory,
    nobody_gives_out_rights_and_runs_the_server_and_audits,
);

fn reason(status: &Status) -> String {
    status.get_details_error_info().map(|info| info.reason).unwrap_or_default()
}

async fn without_a_token_nobody_gets_in(db: &Database) {
    let city = City::start(db).await;
    for secret in ["", "kb_made-up", "nonsense"] {
        let line = city.town.line(secret).await.expect("a connection");
        let status = CaseServiceClient::new(line).list_cases(ListCasesRequest::default()).await.unwrap_err();
        assert_eq!((status.code(), reason(&status).as_str()), (Code::Unauthenticated, "TOKEN_INVALID"));
    }
}

async fn a_revoked_token_is_worth_nothing(db: &Database) {
    let city = City::start_of(db, &["witness"]).await;
    let request = IssueTokenRequest {
        role: Role::Terminal.into(),
        organisation: "b01".into(),
        outlet: "b01-001".into(),
        ..IssueTokenRequest::default()
    };
    let issued = city.town.issue(request).await.expect("a token");
    let mut terminal = CaseServiceClient::new(city.town.line(&issued.secret).await.expect("a connection"));
    witnessed(&mut terminal, "r1", "350100").await;
    let mut security = AdminServiceClient::new(city.town.security());
    let id = issued.token.expect("a token").id;
    for _ in 0..2 {
        let revoked = security.revoke_token(RevokeTokenRequest { id: id.clone() }).await.expect("revoked").into_inner();
        assert!(revoked.token.unwrap().revoked_at.is_some());
    }
    let status = terminal.list_cases(ListCasesRequest::default()).await.unwrap_err();
    assert_eq!((status.code(), reason(&status).as_str()), (Code::Unauthenticated, "TOKEN_REVOKED"));
    let tokens = security.list_tokens(ListTokensRequest::default()).await.expect("tokens").into_inner().tokens;
    assert!(tokens.iter().any(|token| token.id == id && token.revoked_at.is_some()));
}

async fn banks_see_their_own_cases_only(db: &Database) {
    let city = City::start_of(db, &["witness"]).await;
    let mut terminal = city.terminal().await;
    let id = witnessed(&mut terminal, "r1", "350100").await;
    city.settles().await;
    let before = look(&mut terminal, &id).await.revision;
    for (bank, outlet) in [("b01", "b01-002"), ("b02", "b02-001")] {
        let mut other = city.terminal_of(bank, outlet).await;
        let get = GetCaseRequest { id: id.clone(), view: CaseView::Full.into() };
        let hidden = other.get_case(get).await.unwrap_err();
        let absent = GetCaseRequest { id: "20260302-0000000000-0".into(), view: CaseView::Full.into() };
        let absent = other.get_case(absent).await.unwrap_err();
        assert_eq!(
            (hidden.code(), hidden.message(), hidden.details()),
            (absent.code(), absent.message(), absent.details())
        );
        let withdraw = WithdrawCaseRequest { request_id: "w".into(), case_id: id.clone(), reason: String::new() };
        assert_eq!(other.withdraw_case(withdraw).await.unwrap_err().code(), Code::NotFound);
        assert!(other.list_cases(ListCasesRequest::default()).await.unwrap().into_inner().cases.is_empty());
    }
    assert_eq!(look(&mut terminal, &id).await.revision, before);
}

async fn agencies_see_what_reached_them(db: &Database) {
    let city = City::start_of(db, &["witness"]).await;
    let mut terminal = city.terminal().await;
    let id = witnessed(&mut terminal, "r1", "350100").await;
    let full = || GetCaseRequest { id: id.clone(), view: CaseView::Full.into() };
    let tax_line = city.town.office("tax", "tax-350100").await.unwrap();
    let mut tax = CaseServiceClient::new(tax_line.clone());
    assert_eq!(tax.get_case(full()).await.unwrap_err().code(), Code::NotFound, "tax is not there yet");
    let address = TaskAddress { case_id: id.clone(), step: "registration".into(), id: String::new() };
    let task = GetTaskRequest { task: Some(address) };
    assert_eq!(TaskServiceClient::new(tax_line).get_task(task).await.unwrap_err().code(), Code::NotFound);
    let mut registry = city.office("market-regulation", "market-regulation-350100").await;
    city.settles().await;
    let tasks = registry.claims().await;
    let registration = tasks.iter().find(|task| task.step == "registration").expect("a task");
    let approval = Ending { officer: "market-regulation-350100-1", ..Ending::new("approve") };
    registry.ends(registration, approval).await.expect("registered");
    let case = tax.get_case(full()).await.expect("now it is").into_inner().case.unwrap();
    assert!(case.form.is_none(), "the form is not the agency's; its shares come with the task");
    let steps: Vec<&str> = case.steps.iter().map(|step| step.step.as_str()).collect();
    assert_eq!(steps, ["invoices"], "other offices' steps neither");
    assert_eq!((case.organisation.as_str(), case.outlet.as_str()), ("", ""));
    let mut elsewhere = city.office("tax", "tax-350102").await;
    assert!(elsewhere.claims().await.is_empty());
    let foreign = ClaimTasksRequest { request_id: "x".into(), office: "tax-350100".into(), ..Default::default() };
    assert_eq!(elsewhere.client.claim_tasks(foreign).await.unwrap_err().code(), Code::NotFound);
}

async fn roles_do_what_is_theirs(db: &Database) {
    let city = City::start(db).await;
    let terminal = city.town.terminal("b01", "b01-001").await.unwrap();
    let office = city.town.office("tax", "tax-350100").await.unwrap();
    let admin = city.town.bureau(Role::Admin).await.unwrap();
    let submit =
        SubmitCaseRequest { request_id: "r".into(), workflow: "business-start".into(), form: wire(&company("350100")) };
    let claim = ClaimTasksRequest { request_id: "c".into(), office: "tax-350100".into(), ..Default::default() };
    let refused = [
        CaseServiceClient::new(office.clone()).submit_case(submit.clone()).await.unwrap_err(),
        CaseServiceClient::new(city.town.security()).submit_case(submit).await.unwrap_err(),
        TaskServiceClient::new(terminal.clone()).claim_tasks(claim.clone()).await.unwrap_err(),
        TaskServiceClient::new(admin.clone()).claim_tasks(claim).await.unwrap_err(),
        AdminServiceClient::new(terminal.clone()).list_tokens(ListTokensRequest::default()).await.unwrap_err(),
        AdminServiceClient::new(office).list_tokens(ListTokensRequest::default()).await.unwrap_err(),
        AdminServiceClient::new(admin).list_tokens(ListTokensRequest::default()).await.unwrap_err(),
        AdminServiceClient::new(city.town.security()).get_server(GetServerRequest {}).await.unwrap_err(),
    ];
    for status in &refused {
        assert_eq!((status.code(), reason(status).as_str()), (Code::PermissionDenied, "ROLE_NOT_ALLOWED"));
    }
    let flows = WorkflowServiceClient::new(terminal).list_workflows(ListWorkflowsRequest {}).await.unwrap();
    let names: Vec<String> = flows.into_inner().workflows.into_iter().map(|flow| flow.workflow).collect();
    assert!(
        ["business-start", "commitment-check", "six-step"].iter().all(|name| names.iter().any(|n| n == name)),
        "{names:?}"
    );
}

async fn scopes_are_checked_against_the_directory(db: &Database) {
    let city = City::start(db).await;
    let mut security = AdminServiceClient::new(city.town.security());
    let request = |role: Role, organisation: &str, person: &str, outlet: &str, offices: &[&str]| IssueTokenRequest {
        role: role.into(),
        organisation: organisation.into(),
        person: person.into(),
        outlet: outlet.into(),
        offices: offices.iter().map(ToString::to_string).collect(),
        ..IssueTokenRequest::default()
    };
    let divided = |role: Role, person: &str, division: &str| IssueTokenRequest {
        divisions: vec![division.into()],
        ..request(role, "bureau", person, "", &[])
    };
    for wrong in [
        request(Role::Terminal, "b99", "", "b01-001", &[]),
        request(Role::Terminal, "b01", "", "", &[]),
        request(Role::Terminal, "b01", "", "b02-001", &[]),
        request(Role::Terminal, "b01", "", "b01-001", &["tax-350100"]),
        request(Role::Terminal, "b01", "somebody", "b01-001", &[]),
        request(Role::Bank, "b99", "", "", &[]),
        request(Role::Bank, "b01", "", "b01-001", &[]),
        request(Role::Agency, "tax", "", "", &[]),
        request(Role::Agency, "tax", "", "", &["seal-carver-1", "tax-350100"]),
        request(Role::Officer, "tax", "", "", &[]),
        request(Role::Officer, "tax", "market-regulation-350100-1", "", &[]),
        request(Role::Officer, "tax", "tax-350100-1", "", &["tax-350102"]),
        request(Role::Manager, "bureau", "", "", &[]),
        divided(Role::Manager, "m", "110000"),
        divided(Role::Auditor, "a", "350100"),
        request(Role::Admin, "", "a", "", &[]),
        request(Role::Admin, "bureau", "", "", &[]),
        request(Role::Security, "bureau", "two words", "", &[]),
        request(Role::Applicant, "b01", "somebody", "", &[]),
        request(Role::Unspecified, "b01", "", "", &[]),
    ] {
        let status = security.issue_token(wrong.clone()).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument, "{wrong:?}");
    }
    let officer = request(Role::Officer, "tax", "tax-350100-1", "", &[]);
    let token = security.issue_token(officer).await.expect("a token").into_inner().token.expect("a token");
    assert_eq!(token.offices, ["tax-350100"], "where the officer works stands in the directory");
    security.issue_token(divided(Role::Manager, "m", "350102")).await.expect("a token");
}

async fn nobody_gives_out_rights_and_runs_the_server_and_audits(db: &Database) {
    let city = City::start(db).await;
    let mut security = AdminServiceClient::new(city.town.security());
    let request = |role: Role, person: &str| IssueTokenRequest {
        role: role.into(),
        organisation: "bureau".into(),
        person: person.into(),
        ..IssueTokenRequest::default()
    };
    let first = security.issue_token(request(Role::Auditor, "lin")).await.expect("a token").into_inner();
    security.issue_token(request(Role::Auditor, "lin")).await.expect("a second token of the same role");
    security.issue_token(request(Role::Manager, "lin")).await.expect("a manager may be anything besides");
    for role in [Role::Admin, Role::Security] {
        let status = security.issue_token(request(role, "lin")).await.unwrap_err();
        assert_eq!((status.code(), reason(&status).as_str()), (Code::FailedPrecondition, "ROLE_CONFLICT"));
        security.issue_token(request(role, role.as_str_name())).await.expect("somebody else");
    }
    let tokens = security.list_tokens(ListTokensRequest::default()).await.expect("tokens").into_inner().tokens;
    let own = |token: &&kaiban_api::v1::Token| token.person == "lin" && token.role() == Role::Auditor;
    assert_eq!(tokens.iter().filter(own).count(), 2);
    for token in tokens.iter().filter(own) {
        security.revoke_token(RevokeTokenRequest { id: token.id.clone() }).await.expect("revoked");
    }
    security.issue_token(request(Role::Admin, "lin")).await.expect("not an auditor any more");
    assert!(first.secret.starts_with("kb_"));
}
