//! Who opens a stream and does not read it is cut off, and disturbs nobody.

use std::time::Duration;

use kaiban_api::v1::case_service_client::CaseServiceClient;
use kaiban_api::v1::task_service_client::TaskServiceClient;
use kaiban_api::v1::{self, CaseView};
use kaiban_api::{Bearer, Channel};
use kaiban_app::Limits;
use kaiban_client::{Client, Policy, Settings};
use prost::Message;
use tokio_stream::StreamExt;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::transport::Endpoint;
use tonic::{Code, Request, Response, Status, Streaming};
use tonic_prost::ProstCodec;
use tonic_types::StatusExt;
use v1::work_tasks_request::Message as Say;

use crate::office::{Office, reason, submission};

/// The smallest window that HTTP/2 begins with.
const WINDOW: u32 = 65_535;

/// Enough news to fill it several times.
const CASES: usize = 60;
const TASKS: usize = 150;

async fn office() -> Office {
    // A queue of one, and no patience: who has not made room when the next message is there has been too slow. Whoever
    // reads is given all the time there is, because here the next case is handed in when the last one was heard of.
    let (stream_queue_max, slow_reader_max, watch_lag_max) = (1, Duration::ZERO, 8);
    Office::open_with(Limits { stream_queue_max, slow_reader_max, watch_lag_max, ..Limits::default() }).await
}

/// A connection that takes no more than a window ahead of what is read.
async fn narrow(office: &Office, token: &str) -> Channel {
    let endpoint = Endpoint::from_shared(office.endpoint.clone()).unwrap();
    let endpoint = endpoint.initial_stream_window_size(WINDOW).initial_connection_window_size(WINDOW);
    Channel::new(endpoint.connect().await.unwrap(), Bearer::new(token).unwrap())
}

/// What is left in a stream, and its last word.
async fn rest<T>(mut stream: tonic::Streaming<T>) -> (usize, Status) {
    let mut heard = 0;
    loop {
        match stream.next().await {
            Some(Ok(_)) => heard += 1,
            Some(Err(status)) => return (heard, status),
            None => panic!("it ended as if all were well"),
        }
    }
}

#[tokio::test]
async fn a_watcher_that_does_not_read_is_cut_off() {
    let office = office().await;
    let request = v1::WatchCasesRequest { view: CaseView::Full.into(), ..Default::default() };
    let mut lazy = CaseServiceClient::new(narrow(&office, &office.terminal).await);
    let unread = lazy.watch_cases(request.clone()).await.unwrap().into_inner();
    let mut cases = CaseServiceClient::new(office.channel(&office.terminal).await);
    let mut read = cases.watch_cases(request).await.unwrap().into_inner();
    for number in 0..CASES {
        let handed_in = cases.submit_case(submission(&format!("r{number}"))).await.unwrap().into_inner();
        let heard = read.message().await.unwrap().unwrap();
        assert_eq!(heard.case.unwrap().id, handed_in.case.unwrap().id, "who reads hears everything");
    }
    let (heard, word) = rest(unread).await;
    assert!(heard < CASES, "{heard}");
    assert_eq!((word.code(), reason(&word).as_str()), (Code::ResourceExhausted, "SLOW_READER"));
    // The connection as such is as good as before.
    lazy.list_cases(v1::ListCasesRequest::default()).await.unwrap();
}

#[tokio::test]
async fn an_agency_that_does_not_read_is_cut_off() {
    let office = office().await;
    let mut lazy = TaskServiceClient::new(narrow(&office, &office.agency).await);
    let open = Say::Open(v1::OpenWork { window: 1_000, ..Default::default() });
    let says = tokio_stream::iter([v1::WorkTasksRequest { message: Some(open) }]).chain(tokio_stream::pending());
    let unread = lazy.work_tasks(says).await.unwrap().into_inner();
    let mut cases = CaseServiceClient::new(office.channel(&office.terminal).await);
    for number in 0..TASKS {
        cases.submit_case(submission(&format!("r{number}"))).await.unwrap();
    }
    let (heard, word) = rest(unread).await;
    assert!(heard < TASKS, "{heard}");
    assert_eq!((word.code(), reason(&word).as_str()), (Code::ResourceExhausted, "SLOW_READER"));
}

/// Comes again until it is let in.
fn patient(office: &Office) -> Client {
    let policy = Policy { attempts_max: u32::MAX, total_max: Duration::MAX, ..Policy::default() };
    Client::new(Settings::new([&office.endpoint]).token(&office.terminal).policy(policy)).unwrap()
}

fn list(page_size: i32) -> v1::ListCasesRequest {
    v1::ListCasesRequest { page_size, view: CaseView::Full.into(), ..Default::default() }
}

/// An office with cases and with one place left; what was given back keeps the others.
async fn crowded() -> (Office, Client, Vec<Streaming<v1::WatchCasesResponse>>) {
    let (calls_max, slow_reader_max) = (4, Duration::ZERO);
    let office = Office::open_with(Limits { calls_max, slow_reader_max, ..Limits::default() }).await;
    let client = patient(&office);
    for number in 0..CASES {
        client.call(submission(&format!("r{number}"))).await.unwrap();
    }
    let mut others = Vec::new();
    let idle = v1::WatchCasesRequest { changes_only: true, ..Default::default() };
    for _ in 1..calls_max {
        let watch = |line| {
            let (mut cases, idle) = (CaseServiceClient::new(line), idle.clone());
            async move { cases.watch_cases(idle).await }
        };
        others.push(client.retry(true, watch).await.unwrap());
    }
    (office, client, others)
}

/// The answer to a list, from its first byte on; none of it is read.
async fn unread(office: &Office, page_size: i32) -> Result<Response<Streaming<v1::ListCasesResponse>>, Status> {
    let mut grpc = tonic::client::Grpc::new(narrow(office, &office.terminal).await);
    grpc.ready().await.unwrap();
    let codec: ProstCodec<v1::ListCasesRequest, v1::ListCasesResponse> = ProstCodec::default();
    let path = PathAndQuery::from_static("/kaiban.v1.CaseService/ListCases");
    grpc.server_streaming(Request::new(list(page_size)), path, codec).await
}

#[tokio::test]
async fn an_answer_that_is_not_read_gives_its_place_back() {
    let (office, client, _others) = crowded().await;
    let whole = client.call(list(500)).await.unwrap();
    assert_eq!(whole.cases.len(), CASES);
    assert!(whole.encoded_len() > WINDOW as usize + (32 << 10), "{}", whole.encoded_len());
    let mut unread = client.retry(true, |_| unread(&office, 500)).await.unwrap();
    // That answer has the last place until it is given up.
    client.call(list(1)).await.unwrap();
    assert!(unread.message().await.is_err(), "what was not sent was let go");
}

#[tokio::test]
async fn a_watcher_that_does_not_read_gives_its_place_back() {
    let (office, client, _others) = crowded().await;
    // Nothing changes while it is watched: it is the present state that is not read.
    let line = narrow(&office, &office.terminal).await;
    let request = v1::WatchCasesRequest { view: CaseView::Full.into(), ..Default::default() };
    let watch = |_| {
        let (mut cases, request) = (CaseServiceClient::new(line.clone()), request.clone());
        async move { cases.watch_cases(request).await }
    };
    let unread = client.retry(true, watch).await.unwrap();
    client.call(list(1)).await.unwrap();
    let (heard, word) = rest(unread).await;
    assert!(heard < CASES, "{heard}");
    assert_eq!((word.code(), reason(&word).as_str()), (Code::ResourceExhausted, "SLOW_READER"));
}

#[tokio::test]
async fn large_answers_that_wait_to_be_read_are_bounded_together() {
    // What is no larger than 80 KiB is not counted.
    let response_max_bytes = 110_000;
    let office = Office::open_with(Limits { response_max_bytes, answers_max_bytes: 0, ..Limits::default() }).await;
    let client = patient(&office);
    for number in 0..CASES {
        client.call(submission(&format!("r{number}"))).await.unwrap();
    }
    let one = client.call(list(1)).await.unwrap().encoded_len();
    let most = i32::try_from(92_000 / one).unwrap();
    let first = client.retry(true, |_| unread(&office, most)).await.unwrap();
    let mut cases = CaseServiceClient::new(office.channel(&office.terminal).await);
    let status = cases.list_cases(list(most)).await.unwrap_err();
    assert_eq!((status.code(), reason(&status).as_str()), (Code::Unavailable, "ANSWERS_UNREAD"));
    assert!(status.get_error_details().retry_info().is_some());
    cases.list_cases(list(1)).await.unwrap();
    drop(first);
    client.call(list(most)).await.unwrap();
}
