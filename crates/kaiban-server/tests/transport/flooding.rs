//! More than the server has room for is refused at once, and told when to come again; who does gets its answer.

use std::time::Duration;

use futures::future::join_all;
use kaiban_api::v1;
use kaiban_api::v1::case_service_client::CaseServiceClient;
use kaiban_app::Limits;
use kaiban_client::{Client, Policy};
use tonic::Code;
use tonic_types::StatusExt;

use crate::office::{Office, reason, submission};

/// Callers at a time.
const CALLERS: usize = 40;

#[tokio::test]
async fn new_cases_are_refused_while_nothing_is_written() {
    let office = Office::open_with(Limits { queue_new_max: 4, batch_max: 4, ..Limits::default() }).await;
    // Nobody can write while this transaction is open.
    let held = office.store().await;
    let held = held.begin().await.unwrap();
    let channel = office.channel(&office.terminal).await;
    let (refused, mut heard) = tokio::sync::mpsc::unbounded_channel();
    let submit = |number: usize| {
        let (mut cases, refused) = (CaseServiceClient::new(channel.clone()), refused.clone());
        async move {
            let answer = cases.submit_case(submission(&format!("r{number}"))).await;
            if let Err(status) = answer {
                refused.send(status).unwrap();
            }
        }
    };
    // A batch in the writer's hands, and a full lane behind it.
    let most = 4 + 4;
    let all = tokio::spawn(join_all((0..CALLERS).map(submit)));
    let busy = |status: tonic::Status| {
        assert_eq!((status.code(), reason(&status).as_str()), (Code::ResourceExhausted, "BUSY"));
        let delay = status.get_error_details().retry_info().and_then(|info| info.retry_delay);
        assert_eq!(delay, Some(Duration::from_secs(1)));
    };
    for _ in most..CALLERS {
        busy(heard.recv().await.unwrap());
    }
    drop(held);
    all.await.unwrap();
    // The writer may have begun with a smaller batch: then fewer were let in.
    while let Ok(status) = heard.try_recv() {
        busy(status);
    }

    let settings = kaiban_client::Settings::new([&office.endpoint]).token(&office.terminal);
    let client = Client::new(settings.policy(Policy { attempts_max: u32::MAX, ..Policy::default() })).unwrap();
    let calls = (0..CALLERS).map(|number| client.call(submission(&format!("r{number}"))));
    let made = join_all(calls).await.into_iter().collect::<Result<Vec<_>, _>>().unwrap();
    let created = made.iter().filter(|submitted| submitted.created).count();
    assert!(created >= CALLERS - most && created <= CALLERS, "{created}");
    let list = v1::ListCasesRequest { page_size: 500, ..Default::default() };
    assert_eq!(client.call(list).await.unwrap().cases.len(), CALLERS, "each of them once");
}

#[tokio::test]
async fn more_calls_than_there_are_places_are_refused() {
    let office = Office::open_with(Limits { calls_max: 1, ..Limits::default() }).await;
    let mut cases = CaseServiceClient::new(office.channel(&office.terminal).await);
    let watch = cases.watch_cases(v1::WatchCasesRequest::default()).await.unwrap();
    let status = cases.list_cases(v1::ListCasesRequest::default()).await.unwrap_err();
    assert_eq!((status.code(), reason(&status).as_str()), (Code::ResourceExhausted, "BUSY"));
    drop(watch);
    let settings = kaiban_client::Settings::new([&office.endpoint]).token(&office.terminal);
    Client::new(settings).unwrap().call(v1::ListCasesRequest::default()).await.unwrap();
}
