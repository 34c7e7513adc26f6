use kaiban_api::v1;
use kaiban_api::v1::admin_service_client::AdminServiceClient;
use kaiban_api::v1::case_service_client::CaseServiceClient;
use kaiban_api::v1::task_service_client::TaskServiceClient;
use kaiban_api::v1::workflow_service_client::WorkflowServiceClient;
use tonic::Code;

use crate::office::{Office, reason};

#[tokio::test]
async fn without_a_valid_token_every_method_answers_the_same() {
    let office = Office::open().await;
    for channel in [office.anybody().await, office.channel("kb_00000000000000000000000000000000").await] {
        let statuses = [
            CaseServiceClient::new(channel.clone()).get_case(v1::GetCaseRequest::default()).await.unwrap_err(),
            TaskServiceClient::new(channel.clone()).get_task(v1::GetTaskRequest::default()).await.unwrap_err(),
            TaskServiceClient::new(channel.clone()).work_tasks(tokio_stream::empty()).await.unwrap_err(),
            WorkflowServiceClient::new(channel.clone()).list_workflows(v1::ListWorkflowsRequest {}).await.unwrap_err(),
            AdminServiceClient::new(channel).get_server(v1::GetServerRequest {}).await.unwrap_err(),
        ];
        for status in statuses {
            assert_eq!((status.code(), reason(&status).as_str()), (Code::Unauthenticated, "TOKEN_INVALID"));
        }
    }
}

#[tokio::test]
async fn only_an_administrator_sees_the_server() {
    let office = Office::open().await;
    for token in [&office.terminal, &office.agency, &office.security] {
        let mut admin = AdminServiceClient::new(office.channel(token).await);
        let status = admin.get_server(v1::GetServerRequest {}).await.unwrap_err();
        assert_eq!((status.code(), reason(&status).as_str()), (Code::PermissionDenied, "ROLE_NOT_ALLOWED"));
    }
    let mut admin = AdminServiceClient::new(office.channel(&office.admin).await);
    let server = admin.get_server(v1::GetServerRequest {}).await.unwrap().into_inner();
    assert_eq!((server.backend.as_str(), server.simulated), ("sqlite", false));
}

#[tokio::test]
async fn revoking_a_token_ends_what_it_holds_open() {
    let office = Office::open().await;
    let mut cases = CaseServiceClient::new(office.channel(&office.terminal).await);
    let mut watch = cases.watch_cases(v1::WatchCasesRequest::default()).await.unwrap().into_inner();
    let mut tasks = TaskServiceClient::new(office.channel(&office.agency).await);
    let wait = Some(kaiban_api::duration(60_000_000));
    let request = v1::ClaimTasksRequest { request_id: "c1".into(), wait, ..Default::default() };
    let poll = tokio::spawn(async move { tasks.claim_tasks(request).await });

    let mut security = AdminServiceClient::new(office.channel(&office.security).await);
    let tokens = security.list_tokens(v1::ListTokensRequest::default()).await.unwrap().into_inner().tokens;
    for token in tokens.into_iter().filter(|token| token.person.is_empty()) {
        security.revoke_token(v1::RevokeTokenRequest { id: token.id }).await.unwrap();
    }
    for status in [watch.message().await.unwrap_err(), poll.await.unwrap().unwrap_err()] {
        assert_eq!((status.code(), reason(&status).as_str()), (Code::Unauthenticated, "TOKEN_REVOKED"));
    }
}
