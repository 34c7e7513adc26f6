//! The client crate against a server whose lines break.

use std::time::Duration;

use kaiban_api::v1;
use kaiban_client::{Client, Heard, Offer, Policy, Settings, Watched, Work};
use serde_json::json;
use tokio::net::TcpListener;
use tonic::Code;

use crate::office::{OFFICE, Office, submission};
use crate::proxy::Proxy;

/// Never gives up, and soon comes back.
fn tireless() -> Policy {
    Policy {
        attempts_max: u32::MAX,
        total_max: Duration::MAX,
        first: Duration::from_millis(1),
        longest: Duration::from_millis(20),
    }
}

fn client(endpoints: &[&str], token: &str) -> Client {
    Client::new(Settings::new(endpoints.to_vec()).token(token).policy(tireless())).unwrap()
}

async fn offer(work: &mut Work) -> Offer {
    match work.next().await.unwrap() {
        Some(Heard::Task(offer)) => offer,
        other => panic!("{other:?}"),
    }
}

fn approval() -> v1::TaskCompletion {
    v1::TaskCompletion {
        outcome: "approve".into(),
        result: Some(kaiban_api::to_struct(&json!({"uscc": "91350100M000100Y43"})).unwrap()),
        officer: format!("{OFFICE}-1"),
        ..Default::default()
    }
}

#[tokio::test]
async fn an_endpoint_that_does_not_answer_is_passed_over() {
    let office = Office::open().await;
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nobody = format!("http://{}", closed.local_addr().unwrap());
    drop(closed);
    let client = client(&[&nobody, &office.endpoint], &office.terminal);
    client.call(submission("r1")).await.unwrap();

    let alone = Client::new(Settings::new([nobody]).policy(Policy::once())).unwrap();
    let error = alone.call(v1::ListCasesRequest::default()).await.unwrap_err();
    assert_eq!((error.code, error.reason.as_str(), error.attempts), (Code::Unavailable, "UNREACHABLE", 1));
}

#[tokio::test]
async fn what_is_refused_for_good_is_sent_once() {
    let office = Office::open().await;
    let client = client(&[&office.endpoint], &office.terminal);
    let wrong = v1::ListCasesRequest { page_size: 501, ..Default::default() };
    let error = client.call(wrong).await.unwrap_err();
    assert_eq!((error.reason.as_str(), error.attempts), ("REQUEST_INVALID", 1));
    assert_eq!(error.violations[0].field, "/page_size");
    assert!(!error.zh.is_empty() && !error.en.is_empty() && !error.is_passing());
}

#[tokio::test]
async fn a_mutation_without_a_request_id_gets_one() {
    let office = Office::open().await;
    let client = client(&[&office.endpoint], &office.terminal);
    for _ in 0..2 {
        let submitted =
            client.call(v1::SubmitCaseRequest { request_id: String::new(), ..submission("") }).await.unwrap();
        assert!(submitted.created, "each is a case of its own");
    }
}

#[tokio::test]
async fn calls_come_through_however_often_the_line_breaks() {
    let office = Office::open().await;
    let proxy = Proxy::open(&office.endpoint).await;
    let through = client(&[&proxy.endpoint], &office.terminal);
    let mut receipts = Vec::new();
    for number in 0..10 {
        let call = through.call(submission(&format!("r{number}")));
        let (submitted, ()) = tokio::join!(call, async {
            tokio::task::yield_now().await;
            proxy.cut();
        });
        receipts.push(submitted.unwrap().receipt);
    }
    let direct = client(&[&office.endpoint], &office.terminal);
    for (number, receipt) in receipts.iter().enumerate() {
        let again = direct.call(submission(&format!("r{number}"))).await.unwrap();
        assert!(!again.created);
        assert_eq!(&again.receipt, receipt, "each was done once");
    }
    assert_eq!(direct.call(v1::ListCasesRequest::default()).await.unwrap().cases.len(), receipts.len());
}

#[tokio::test]
async fn a_work_stream_outlives_its_line() {
    let office = Office::open().await;
    let proxy = Proxy::open(&office.endpoint).await;
    let terminal = client(&[&office.endpoint], &office.terminal);
    let agency = client(&[&proxy.endpoint], &office.agency);
    let mut work = agency.work(v1::OpenWork { window: 2, ..Default::default() });

    terminal.call(submission("r1")).await.unwrap();
    let first = offer(&mut work).await;
    proxy.cut();
    let (task, epoch) = (first.task().id.clone(), first.task().epoch);
    assert_eq!(first.prolong(None).await.unwrap().step_state(), v1::StepState::Claimed);
    let receipt = first.complete(approval()).await.unwrap();
    assert_eq!(receipt.step_state(), v1::StepState::Completed);

    terminal.call(submission("r2")).await.unwrap();
    let second = offer(&mut work).await;
    let (receipt, ()) = tokio::join!(second.complete(approval()), async {
        tokio::task::yield_now().await;
        proxy.cut();
    });
    receipt.unwrap();

    // What was done is known by its request id, whoever asks.
    let completion = v1::TaskCompletion {
        request_id: format!("{task}-{epoch}"),
        task: Some(v1::TaskAddress { id: task, ..Default::default() }),
        epoch,
        ..approval()
    };
    let replies = agency.call(v1::CompleteTasksRequest { completions: vec![completion] }).await.unwrap().replies;
    assert!(matches!(replies[0].answer, Some(v1::task_reply::Answer::Receipt(_))), "{replies:?}");
}

#[tokio::test]
async fn a_refused_item_is_told_and_ends_nothing() {
    let office = Office::open().await;
    let terminal = client(&[&office.endpoint], &office.terminal);
    let mut work = client(&[&office.endpoint], &office.agency).work(v1::OpenWork { window: 1, ..Default::default() });
    terminal.call(submission("r1")).await.unwrap();
    let error = offer(&mut work).await.complete(v1::TaskCompletion { outcome: "adopt".into(), ..approval() }).await;
    assert_eq!(error.unwrap_err().reason, "UNKNOWN_OUTCOME");
    drop(work);
    // Another stream of the same office goes on with what was let go, when its lease runs out; here it is taken back.
    let mut refused = client(&[&office.endpoint], &office.terminal).work(v1::OpenWork::default());
    assert_eq!(refused.next().await.unwrap_err().reason, "ROLE_NOT_ALLOWED");
}

#[tokio::test]
async fn a_watch_goes_on_after_a_break() {
    let office = Office::open().await;
    let proxy = Proxy::open(&office.endpoint).await;
    let terminal = client(&[&office.endpoint], &office.terminal);
    let mut watch = client(&[&proxy.endpoint], &office.terminal).watch(v1::WatchCasesRequest::default());
    let first = terminal.call(submission("r1")).await.unwrap().case.unwrap().id;
    let Watched::Case(case) = watch.next().await.unwrap() else { panic!("no case") };
    assert_eq!(case.id, first);
    proxy.cut();
    // The same may be told again before the break is noticed.
    while watch.next().await.unwrap() != Watched::Reopened {}
    let second = terminal.call(submission("r2")).await.unwrap().case.unwrap().id;
    let mut seen = Vec::new();
    while !seen.contains(&second) {
        if let Watched::Case(case) = watch.next().await.unwrap() {
            seen.push(case.id);
        }
    }
    assert!(seen.contains(&first), "the present state comes again");
}
