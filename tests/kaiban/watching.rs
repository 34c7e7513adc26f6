//! Watching cases: what is there first, then what changes.

use kaiban_api::v1::{CaseState, WatchCasesRequest};
use tonic::Code;

use crate::city::{licence, refusal};
use crate::counter::{self, form, submitted};
use crate::database::Database;

on_both!(a_watch_begins_with_what_is_there, a_watch_sees_only_its_own);

async fn a_watch_begins_with_what_is_there(db: &Database) {
    let city = counter::start(db).await;
    let mut terminal = city.terminal().await;
    let id = submitted(&mut terminal, "r1", &form("350100")).await;
    let request = WatchCasesRequest { id: id.clone(), ..WatchCasesRequest::default() };
    let mut watch = terminal.watch_cases(request).await.expect("a watch").into_inner();
    let first = watch.message().await.unwrap().unwrap().case.unwrap();
    assert_eq!((first.revision, first.state()), (1, CaseState::Open));
    city.office("market-regulation", "market-regulation-350100").await.does(refusal()).await;
    let mut revisions = vec![first.revision];
    loop {
        let case = watch.message().await.unwrap().unwrap().case.unwrap();
        revisions.push(case.revision);
        if case.state() == CaseState::Closed {
            assert_eq!(case.outcome, "refused");
            break;
        }
    }
    assert_eq!(revisions, [1, 2, 3]);
}

async fn a_watch_sees_only_its_own(db: &Database) {
    let city = counter::start(db).await;
    let mut terminal = city.terminal().await;
    let mut other = city.terminal_of("b02", "b02-001").await;
    let mut watch = other
        .watch_cases(WatchCasesRequest { changes_only: true, ..WatchCasesRequest::default() })
        .await
        .expect("a watch")
        .into_inner();
    let theirs = submitted(&mut terminal, "r1", &form("350100")).await;
    let own = submitted(&mut other, "r1", &form("350102")).await;
    let seen = watch.message().await.unwrap().unwrap().case.unwrap();
    assert_eq!(seen.id, own);
    city.office("market-regulation", "market-regulation-350100").await.does(licence()).await;
    let request = WatchCasesRequest { id: theirs, ..WatchCasesRequest::default() };
    let mut hidden = other.watch_cases(request).await.expect("a stream").into_inner();
    assert_eq!(hidden.message().await.unwrap_err().code(), Code::NotFound);
}
