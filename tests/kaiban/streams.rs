//! The stream door: tasks arrive as they open, never more than the window; what is taken away is said.

use kaiban_api::to_struct;
use kaiban_api::v1::work_tasks_request::Message as Say;
use kaiban_api::v1::work_tasks_response::Message as Hear;
use kaiban_api::v1::{
    ClaimTasksRequest, OpenWork, ResizeWindow, RevokeTokenRequest, SyncWork, Task, TaskAddress, TaskCompletion,
    WithdrawCaseRequest, WorkTasksRequest, WorkTasksResponse, task_reply,
};
use serde_json::json;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Streaming};

use crate::city::{City, licence};
use crate::counter::{self, form, submitted};
use crate::database::Database;

on_both!(
    tasks_arrive_in_order_up_to_the_window,
    a_task_opens_straight_into_a_waiting_stream,
    what_is_taken_away_is_said,
    a_lease_that_ran_out_is_good_until_somebody_takes_the_task,
    a_revoked_token_ends_the_stream,
    a_stream_begins_with_open,
    what_a_broken_stream_had_in_hand_is_given_again,
    nobody_is_given_what_another_stream_of_the_token_has_in_hand,
    what_was_claimed_by_a_call_comes_through_no_stream,
);

pub struct Stream {
    say: mpsc::Sender<WorkTasksRequest>,
    pub hear: Streaming<WorkTasksResponse>,
}

impl Stream {
    pub async fn open(city: &City, party: &str, office: &str, window: i32) -> Self {
        let line = city.town.office(party, office).await.expect("an office");
        let stream = Self::start(line).await;
        stream.say(Say::Open(OpenWork { window, ..OpenWork::default() })).await;
        stream
    }

    pub async fn start(line: kaiban_api::Channel) -> Self {
        let (say, said) = mpsc::channel(100);
        let mut client = kaiban_api::v1::task_service_client::TaskServiceClient::new(line);
        let hear = client.work_tasks(ReceiverStream::new(said)).await.expect("a stream").into_inner();
        Self { say, hear }
    }

    pub async fn say(&self, message: Say) {
        self.say.send(WorkTasksRequest { message: Some(message) }).await.expect("an open stream");
    }

    pub async fn hear(&mut self) -> Hear {
        self.hear.message().await.expect("an open stream").expect("an open stream").message.expect("a message")
    }

    /// Everything up to the answer to a sync.
    pub async fn everything(&mut self, nonce: i64) -> Vec<Hear> {
        self.say(Say::Sync(SyncWork { nonce })).await;
        let mut heard = Vec::new();
        loop {
            match self.hear().await {
                Hear::Synced(synced) if synced.nonce == nonce => return heard,
                Hear::Opened(_) => {}
                other => heard.push(other),
            }
        }
    }

    pub async fn tasks(&mut self, nonce: i64) -> Vec<Task> {
        let tasks = self.everything(nonce).await.into_iter().filter_map(|heard| match heard {
            Hear::Task(task) => Some(task),
            _ => None,
        });
        tasks.collect()
    }

    pub async fn completes(&mut self, task: &Task, result: serde_json::Value) {
        self.say(Say::Complete(TaskCompletion {
            request_id: task.id.clone(),
            task: Some(TaskAddress { id: task.id.clone(), ..TaskAddress::default() }),
            epoch: task.epoch,
            outcome: "approve".into(),
            result: Some(to_struct(&result).unwrap()),
            officer: format!("{}-1", task.office),
            ..TaskCompletion::default()
        }))
        .await;
    }
}

pub fn granted() -> serde_json::Value {
    json!({ "uscc": "91350100MA2XN0014K", "issued_on": "2026-03-02" })
}

async fn tasks_arrive_in_order_up_to_the_window(db: &Database) {
    let city = counter::start(db).await;
    let mut terminal = city.terminal().await;
    let mut expected = Vec::new();
    for n in 0..5 {
        city.at(&format!("2026-03-02T09:1{n}:00+08:00")).await;
        expected.push(submitted(&mut terminal, &format!("r{n}"), &form("350100")).await);
    }
    let mut stream = Stream::open(&city, "market-regulation", "market-regulation-350100", 2).await;
    let tasks = stream.tasks(1).await;
    assert_eq!(tasks.iter().map(|task| task.case_id.clone()).collect::<Vec<_>>(), expected[..2]);
    assert!(stream.tasks(2).await.is_empty(), "the window is full");
    stream.completes(&tasks[0], granted()).await;
    let Hear::Reply(reply) = stream.hear().await else { panic!("the reply comes before the next task") };
    assert!(matches!(reply.answer, Some(task_reply::Answer::Receipt(_))));
    let next = stream.tasks(3).await;
    assert_eq!(next.iter().map(|task| task.case_id.clone()).collect::<Vec<_>>(), expected[2..3]);
    stream.say(Say::Resize(ResizeWindow { window: 100 })).await;
    assert_eq!(stream.tasks(4).await.len(), 2);
    city.verify().await;
}

async fn a_task_opens_straight_into_a_waiting_stream(db: &Database) {
    let city = counter::start(db).await;
    let mut registry = Stream::open(&city, "market-regulation", "market-regulation-350100", 10).await;
    let mut tax = Stream::open(&city, "tax", "tax-350100", 10).await;
    assert!(registry.tasks(1).await.is_empty() && tax.tasks(1).await.is_empty());
    let mut terminal = city.terminal().await;
    let id = submitted(&mut terminal, "r1", &form("350100")).await;
    let Hear::Task(task) = registry.hear().await else { panic!("a task") };
    assert_eq!((task.case_id.as_str(), task.epoch), (id.as_str(), 1));
    let case = crate::city::look(&mut terminal, &id).await;
    assert_eq!(case.revision, 1, "received, opened and handed over in one entry");
    registry.completes(&task, granted()).await;
    let Hear::Task(task) = tax.hear().await else { panic!("a task") };
    let shared = kaiban_api::from_struct(task.shared.unwrap()).unwrap();
    assert_eq!(shared["results"]["registration"]["uscc"], "91350100MA2XN0014K");
    city.verify().await;
}

async fn what_is_taken_away_is_said(db: &Database) {
    let city = counter::start(db).await;
    let mut registry = Stream::open(&city, "market-regulation", "market-regulation-350100", 10).await;
    let mut terminal = city.terminal().await;
    let id = submitted(&mut terminal, "r1", &form("350100")).await;
    let task = registry.tasks(1).await.remove(0);
    let withdraw = WithdrawCaseRequest { request_id: "w".into(), case_id: id, reason: String::new() };
    terminal.withdraw_case(withdraw).await.expect("withdrawn");
    let heard = registry.everything(2).await;
    let [Hear::Taken(taken)] = heard.as_slice() else { panic!("{heard:?}") };
    assert_eq!((taken.task.as_str(), taken.reason.as_str()), (task.id.as_str(), "WITHDRAWN"));
    registry.completes(&task, granted()).await;
    let Hear::Reply(reply) = registry.hear().await else { panic!("a reply") };
    let Some(task_reply::Answer::Error(error)) = reply.answer else { panic!("{reply:?}") };
    assert_eq!(error.reason, "STALE_EPOCH");
    city.verify().await;
}

async fn a_lease_that_ran_out_is_good_until_somebody_takes_the_task(db: &Database) {
    let mut settings = kaiban_app::Settings::default();
    settings.limits.lease_default = std::time::Duration::ZERO;
    settings.limits.poll = std::time::Duration::from_millis(1);
    let city = counter::start_with(db, settings).await;
    let mut stream = Stream::open(&city, "market-regulation", "market-regulation-350100", 2).await;
    let mut terminal = city.terminal().await;
    submitted(&mut terminal, "r1", &form("350100")).await;
    let task = stream.tasks(1).await.remove(0);
    // The stream has room and polls all the time; what it holds already is said again and again, under the same epoch.
    let mut again = Vec::new();
    for nonce in 2.. {
        again.extend(stream.tasks(nonce).await);
        if again.len() > 1 {
            break;
        }
    }
    assert!(again.iter().all(|again| (&again.id, again.epoch) == (&task.id, 1)), "{again:?}");
    let mut colleague = city.office("market-regulation", "market-regulation-350100").await;
    let claim = ClaimTasksRequest {
        request_id: "mine".into(),
        lease: Some(kaiban_api::duration(3_600_000_000)),
        ..ClaimTasksRequest::default()
    };
    let taken_over = colleague.client.claim_tasks(claim).await.expect("a claim").into_inner().tasks.remove(0);
    assert_eq!((taken_over.id.as_str(), taken_over.epoch), (task.id.as_str(), 2));
    let mut heard = stream.everything(-1).await;
    heard.retain(|heard| !matches!(heard, Hear::Task(_)));
    let [Hear::Taken(taken)] = heard.as_slice() else { panic!("{heard:?}") };
    assert_eq!((taken.epoch, taken.reason.as_str()), (1, "EXPIRED"));
    city.verify().await;
}

async fn a_revoked_token_ends_the_stream(db: &Database) {
    let city = counter::start(db).await;
    let issued = city
        .town
        .issue(kaiban_api::v1::IssueTokenRequest {
            role: kaiban_api::v1::Role::Agency.into(),
            organisation: "tax".into(),
            offices: vec!["tax-350100".into()],
            ..Default::default()
        })
        .await
        .expect("a token");
    let mut stream = Stream::start(city.town.line(&issued.secret).await.unwrap()).await;
    stream.say(Say::Open(OpenWork { window: 1, ..OpenWork::default() })).await;
    assert!(stream.tasks(1).await.is_empty());
    kaiban_api::v1::admin_service_client::AdminServiceClient::new(city.town.security())
        .revoke_token(RevokeTokenRequest { id: issued.token.unwrap().id })
        .await
        .expect("revoked");
    assert_eq!(stream.hear.message().await.unwrap_err().code(), Code::Unauthenticated);
}

async fn a_stream_begins_with_open(db: &Database) {
    let city = counter::start(db).await;
    let mut stream = Stream::start(city.town.office("tax", "tax-350100").await.unwrap()).await;
    stream.say(Say::Sync(SyncWork { nonce: 1 })).await;
    assert_eq!(stream.hear.message().await.unwrap_err().code(), Code::InvalidArgument);
    let mut stream = Stream::open(&city, "tax", "tax-350100", 5_000).await;
    assert_eq!(stream.hear.message().await.unwrap_err().code(), Code::InvalidArgument);
    let mut terminal = city.terminal().await;
    submitted(&mut terminal, "r1", &form("350100")).await;
    city.office("market-regulation", "market-regulation-350100").await.does(licence()).await;
}

/// A token of the registering office.
pub async fn agency(city: &City) -> String {
    let request = kaiban_api::v1::IssueTokenRequest {
        role: kaiban_api::v1::Role::Agency.into(),
        organisation: "market-regulation".into(),
        offices: vec!["market-regulation-350100".into()],
        ..Default::default()
    };
    city.town.issue(request).await.expect("a token").secret
}

impl Stream {
    /// A stream of a token that there may be more streams of.
    pub async fn of(city: &City, secret: &str, window: i32) -> Self {
        let stream = Self::start(city.town.line(secret).await.expect("a line")).await;
        stream.say(Say::Open(OpenWork { window, ..OpenWork::default() })).await;
        stream
    }

    /// The next task.
    pub async fn task(&mut self) -> Task {
        loop {
            match self.hear().await {
                Hear::Opened(_) => {}
                Hear::Task(task) => return task,
                other => panic!("{other:?}"),
            }
        }
    }
}

async fn what_a_broken_stream_had_in_hand_is_given_again(db: &Database) {
    let city = counter::start(db).await;
    let secret = agency(&city).await;
    let mut terminal = city.terminal().await;
    let mut stream = Stream::of(&city, &secret, 2).await;
    for n in 0..3 {
        submitted(&mut terminal, &format!("r{n}"), &form("350100")).await;
    }
    let had = [stream.task().await, stream.task().await];
    drop(stream);
    // Nothing says when the server notices that the line is broken; what was in hand comes whenever it does.
    let mut stream = Stream::of(&city, &secret, 3).await;
    let mut again = vec![stream.task().await, stream.task().await, stream.task().await];
    again.retain(|task| had.iter().any(|had| (&had.id, had.epoch) == (&task.id, task.epoch)));
    assert_eq!(again.len(), 2);
    assert_eq!(again[0].shared, had.iter().find(|had| had.id == again[0].id).unwrap().shared);
    stream.completes(&again[0], granted()).await;
    let Hear::Reply(reply) = stream.hear().await else { panic!("a reply") };
    assert!(matches!(reply.answer, Some(task_reply::Answer::Receipt(_))));
    city.verify().await;

    // Nor does it matter that the server is another one by now.
    city.town.stop().await;
    let city = counter::start(db).await;
    let mut stream = Stream::of(&city, &secret, 3).await;
    let task = stream.task().await;
    assert_eq!(task.epoch, 1);
    city.verify().await;
}

async fn nobody_is_given_what_another_stream_of_the_token_has_in_hand(db: &Database) {
    let city = counter::start(db).await;
    let secret = agency(&city).await;
    let mut terminal = city.terminal().await;
    let mut stream = Stream::of(&city, &secret, 1).await;
    submitted(&mut terminal, "r0", &form("350100")).await;
    stream.task().await;
    let mut colleague = Stream::of(&city, &secret, 5).await;
    assert!(colleague.tasks(1).await.is_empty());
}

async fn what_was_claimed_by_a_call_comes_through_no_stream(db: &Database) {
    let city = counter::start(db).await;
    let secret = agency(&city).await;
    let mut terminal = city.terminal().await;
    submitted(&mut terminal, "r0", &form("350100")).await;
    let line = city.town.line(&secret).await.expect("a line");
    let mut calls = kaiban_api::v1::task_service_client::TaskServiceClient::new(line);
    let claim = ClaimTasksRequest { request_id: "c1".into(), ..ClaimTasksRequest::default() };
    assert_eq!(calls.claim_tasks(claim).await.expect("a claim").into_inner().tasks.len(), 1);
    let mut stream = Stream::of(&city, &secret, 5).await;
    assert!(stream.tasks(1).await.is_empty());
}
