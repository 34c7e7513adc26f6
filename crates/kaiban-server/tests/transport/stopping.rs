use kaiban_api::v1;
use kaiban_api::v1::case_service_client::CaseServiceClient;
use kaiban_api::v1::task_service_client::TaskServiceClient;
use tonic::Code;

use crate::office::{Office, reason, submission};
use crate::work_stream::Worker;

#[tokio::test]
async fn streams_end_with_the_reason_and_nothing_is_left_behind() {
    let office = Office::open().await;
    let mut worker = Worker::open(&office, 4).await;
    let mut cases = CaseServiceClient::new(office.channel(&office.terminal).await);
    let mut watch = cases.watch_cases(v1::WatchCasesRequest::default()).await.unwrap().into_inner();
    cases.submit_case(submission("r1")).await.unwrap();
    worker.task().await;
    watch.message().await.unwrap().unwrap();

    let served = office.stop();
    let status = worker.end().await.unwrap_err();
    assert_eq!((status.code(), reason(&status).as_str()), (Code::Unavailable, "STOPPING"));
    let status = loop {
        match watch.message().await {
            Ok(change) => assert!(change.is_some(), "a watch that ends says why"),
            Err(status) => break status,
        }
    };
    assert_eq!((status.code(), reason(&status).as_str()), (Code::Unavailable, "STOPPING"));
    served.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_long_poll_does_not_hold_the_server_up() {
    let office = Office::open().await;
    let mut tasks = TaskServiceClient::new(office.channel(&office.agency).await);
    let request = v1::ClaimTasksRequest {
        request_id: "c1".into(),
        wait: Some(kaiban_api::duration(60_000_000)),
        ..Default::default()
    };
    let mut cases = CaseServiceClient::new(office.channel(&office.terminal).await);
    let poll = tokio::spawn(async move { tasks.claim_tasks(request).await });
    // Another call there and back: most likely the poll has arrived by then. If not, it is turned away; it never waits.
    cases.list_cases(v1::ListCasesRequest::default()).await.unwrap();
    let served = office.stop();
    poll.await.unwrap().unwrap_err();
    served.await.unwrap().unwrap();
}
