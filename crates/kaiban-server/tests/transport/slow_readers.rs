//! Who opens a stream and does not read it is cut off, and disturbs nobody.

use std::time::Duration;

use kaiban_api::v1::case_service_client::CaseServiceClient;
use kaiban_api::v1::task_service_client::TaskServiceClient;
use kaiban_api::v1::{self, CaseView};
use kaiban_api::{Bearer, Channel};
use kaiban_app::Limits;
use tokio_stream::StreamExt;
use tonic::transport::Endpoint;
use tonic::{Code, Status};
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
