use kaiban_api::to_struct;
use kaiban_api::v1;
use kaiban_api::v1::case_service_client::CaseServiceClient;
use kaiban_api::v1::task_service_client::TaskServiceClient;
use serde_json::json;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Streaming};
use v1::task_reply::Answer;
use v1::work_tasks_request::Message as Say;
use v1::work_tasks_response::Message as Hear;

use crate::office::{OFFICE, Office, reason, submission};

/// One side of a stream.
pub struct Worker {
    says: mpsc::Sender<v1::WorkTasksRequest>,
    hears: Streaming<v1::WorkTasksResponse>,
}

impl Worker {
    pub async fn call(office: &Office) -> Worker {
        let (says, messages) = mpsc::channel(16);
        let mut tasks = TaskServiceClient::new(office.channel(&office.agency).await);
        let hears = tasks.work_tasks(ReceiverStream::new(messages)).await.unwrap().into_inner();
        Worker { says, hears }
    }

    pub async fn open(office: &Office, window: i32) -> Worker {
        let mut worker = Worker::call(office).await;
        worker.say(Say::Open(v1::OpenWork { window, ..Default::default() })).await;
        let Hear::Opened(opened) = worker.hear().await else { panic!("not opened") };
        assert_eq!(opened.office, OFFICE);
        worker
    }

    pub async fn say(&self, message: Say) {
        self.says.send(v1::WorkTasksRequest { message: Some(message) }).await.unwrap();
    }

    pub async fn hear(&mut self) -> Hear {
        self.hears.message().await.unwrap().unwrap().message.unwrap()
    }

    pub async fn task(&mut self) -> v1::Task {
        match self.hear().await {
            Hear::Task(task) => task,
            other => panic!("not a task: {other:?}"),
        }
    }

    pub async fn end(&mut self) -> Result<Option<v1::WorkTasksResponse>, tonic::Status> {
        self.hears.message().await
    }
}

fn approval(task: &v1::Task, request_id: &str, epoch: i64) -> v1::TaskCompletion {
    v1::TaskCompletion {
        request_id: request_id.into(),
        task: Some(v1::TaskAddress { id: task.id.clone(), ..Default::default() }),
        epoch,
        outcome: "approve".into(),
        result: Some(to_struct(&json!({"uscc": "91350100M000100Y43"})).unwrap()),
        officer: format!("{OFFICE}-1"),
        ..Default::default()
    }
}

#[tokio::test]
async fn tasks_come_as_they_open_and_only_as_many_as_fit_the_window() {
    let office = Office::open().await;
    let mut worker = Worker::open(&office, 1).await;
    let mut cases = CaseServiceClient::new(office.channel(&office.terminal).await);
    for request_id in ["r1", "r2"] {
        cases.submit_case(submission(request_id)).await.unwrap();
    }
    let first = worker.task().await;
    worker.say(Say::Sync(v1::SyncWork { nonce: 7 })).await;
    assert_eq!(worker.hear().await, Hear::Synced(v1::WorkSynced { nonce: 7 }));

    worker.say(Say::Complete(approval(&first, "c1", first.epoch))).await;
    let (mut replied, mut second) = (None, None);
    for _ in 0..2 {
        match worker.hear().await {
            Hear::Reply(reply) => replied = Some(reply),
            Hear::Task(task) => second = Some(task),
            other => panic!("{other:?}"),
        }
    }
    let replied = replied.unwrap();
    assert_eq!((replied.request_id.as_str(), &replied.task), ("c1", &first.id));
    let Some(Answer::Receipt(receipt)) = replied.answer else { panic!("{:?}", replied.answer) };
    assert_eq!(receipt.step_state(), v1::StepState::Completed);
    assert_ne!(second.unwrap().id, first.id);
}

#[tokio::test]
async fn a_bad_item_is_answered_and_the_stream_goes_on() {
    let office = Office::open().await;
    let mut worker = Worker::open(&office, 4).await;
    let mut cases = CaseServiceClient::new(office.channel(&office.terminal).await);
    cases.submit_case(submission("r1")).await.unwrap();
    let task = worker.task().await;
    for (item, expected) in [
        (approval(&task, "stale", task.epoch + 1), "STALE_EPOCH"),
        (approval(&task, "", task.epoch), "REQUEST_INVALID"),
        (v1::TaskCompletion { outcome: "adopt".into(), ..approval(&task, "unknown", task.epoch) }, "UNKNOWN_OUTCOME"),
    ] {
        worker.say(Say::Complete(item)).await;
        let Hear::Reply(reply) = worker.hear().await else { panic!("no reply") };
        let Some(Answer::Error(error)) = reply.answer else { panic!("{expected}: {:?}", reply.answer) };
        assert_eq!(error.reason, expected);
        assert!(error.message.is_some_and(|text| !text.zh.is_empty() && !text.en.is_empty()));
    }
}

#[tokio::test]
async fn what_was_sent_is_answered_after_the_callers_side_is_closed() {
    let office = Office::open().await;
    let mut worker = Worker::open(&office, 4).await;
    let mut cases = CaseServiceClient::new(office.channel(&office.terminal).await);
    cases.submit_case(submission("r1")).await.unwrap();
    let task = worker.task().await;
    let Worker { says, mut hears } = worker;
    let message = Some(Say::Complete(approval(&task, "c1", task.epoch)));
    says.send(v1::WorkTasksRequest { message }).await.unwrap();
    drop(says);
    let reply = hears.message().await.unwrap().unwrap().message.unwrap();
    assert!(matches!(reply, Hear::Reply(v1::TaskReply { answer: Some(Answer::Receipt(_)), .. })), "{reply:?}");
    assert_eq!(hears.message().await.unwrap(), None);
}

#[tokio::test]
async fn a_stream_that_does_not_begin_with_open_is_refused() {
    let office = Office::open().await;
    let mut worker = Worker::call(&office).await;
    worker.say(Say::Sync(v1::SyncWork { nonce: 1 })).await;
    let status = worker.end().await.unwrap_err();
    assert_eq!((status.code(), reason(&status).as_str()), (Code::InvalidArgument, "OPEN_EXPECTED"));

    let mut worker = Worker::open(&office, 1).await;
    worker.say(Say::Open(v1::OpenWork { window: 1, ..Default::default() })).await;
    let status = worker.end().await.unwrap_err();
    assert_eq!((status.code(), reason(&status).as_str()), (Code::InvalidArgument, "OPEN_TWICE"));

    let mut worker = Worker::call(&office).await;
    worker.say(Say::Open(v1::OpenWork { window: 5_000, steps: vec!["no such".into()], ..Default::default() })).await;
    let status = worker.end().await.unwrap_err();
    assert_eq!((status.code(), reason(&status).as_str()), (Code::InvalidArgument, "REQUEST_INVALID"));
}
