//! Several servers on one PostgreSQL database: what one commits, those who wait at another see. The poll, which would find it
//! in the end, is out of reach here: only what the servers tell each other is in time.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use kaiban_api::v1::admin_service_client::AdminServiceClient;
use kaiban_api::v1::work_tasks_response::Message as Hear;
use kaiban_api::v1::{
    CaseState, GetCaseRequest, RevokeTokenRequest, SubmitCaseRequest, WatchCasesRequest, WithdrawCaseRequest,
};
use kaiban_app::{
    App, Claim, Clock, Completion, Deferral, IssueToken, Role, Settings, Submit, SystemClock, TaskAddress,
};
use kaiban_store::{Options, Store};
use serde_json::json;
use tonic::Code;

use crate::city::{City, licence, look, packages_and, refusal};
use crate::counter::{form, submitted};
use crate::database::Database;
use crate::publishing::{closed, promise, publish};
use crate::streams::{Stream, agency, granted};

on_postgres!(
    a_watch_sees_what_others_commit,
    a_watch_of_a_list_sees_what_others_commit,
    a_task_that_another_server_opens_comes_through_the_stream,
    a_long_poll_wakes_for_a_task_that_another_server_opened,
    what_another_server_takes_back_is_said,
    what_somebody_else_takes_at_another_server_is_said,
    what_its_holder_ends_at_another_server_makes_room,
    a_token_revoked_at_another_server_ends_its_streams,
    calendars_published_at_another_server_are_decided_by,
    a_package_that_another_server_stored_is_known,
    a_stream_at_another_server_is_given_again_what_a_broken_one_had,
    servers_that_start_together_agree,
    a_clock_that_is_wrong_harms_nothing,
);

/// A server of its own on the test's database.
async fn server(db: &Database) -> City {
    server_of(db, &["counter"]).await
}

async fn server_of(db: &Database, packages: &[&str]) -> City {
    server_with(db, packages, Settings::default()).await
}

async fn server_with(db: &Database, packages: &[&str], mut settings: Settings) -> City {
    let store = Store::open(&db.url, Options::default()).await.expect("a store");
    settings.limits.poll = Duration::from_secs(3_600);
    City::start_as(&Database { url: db.url.clone(), store }, packages, settings).await
}

async fn a_watch_sees_what_others_commit(db: &Database) {
    let (here, there, yonder) = (server(db).await, server(db).await, server(db).await);
    let mut terminal = here.terminal().await;
    let id = submitted(&mut terminal, "r1", &form("350100")).await;
    let request = WatchCasesRequest { id: id.clone(), ..WatchCasesRequest::default() };
    let mut watches = Vec::new();
    for city in [&here, &there, &yonder] {
        let mut client = city.terminal().await;
        let mut watch = client.watch_cases(request.clone()).await.expect("a watch").into_inner();
        assert_eq!(watch.message().await.unwrap().unwrap().case.unwrap().revision, 1);
        watches.push(watch);
    }
    yonder.office("market-regulation", "market-regulation-350100").await.does(refusal()).await;
    for mut watch in watches {
        let mut seen = 1;
        loop {
            let case = watch.message().await.unwrap().unwrap().case.unwrap();
            assert!(case.revision > seen, "{} after {seen}", case.revision);
            seen = case.revision;
            if case.state() == CaseState::Closed {
                break;
            }
        }
        assert_eq!(seen, 3);
    }
    here.verify().await;
}

async fn a_watch_of_a_list_sees_what_others_commit(db: &Database) {
    let (here, there) = (server(db).await, server(db).await);
    let mut terminal = here.terminal().await;
    let request = WatchCasesRequest::default();
    let mut watch = there.terminal().await.watch_cases(request).await.expect("a watch").into_inner();
    let mut ids = Vec::new();
    for n in 0..20 {
        ids.push(submitted(&mut terminal, &format!("r{n}"), &form("350100")).await);
    }
    while !ids.is_empty() {
        let seen = watch.message().await.unwrap().unwrap().case.unwrap();
        ids.retain(|id| *id != seen.id);
    }
}

async fn a_task_that_another_server_opens_comes_through_the_stream(db: &Database) {
    let (here, there) = (server(db).await, server(db).await);
    let mut registry = Stream::open(&here, "market-regulation", "market-regulation-350100", 10).await;
    assert!(registry.tasks(1).await.is_empty());
    let id = submitted(&mut there.terminal().await, "r1", &form("350100")).await;
    let task = registry.task().await;
    assert_eq!((task.case_id.as_str(), task.epoch), (id.as_str(), 1));
    let mut tax = Stream::open(&there, "tax", "tax-350100", 10).await;
    assert!(tax.tasks(1).await.is_empty());
    registry.completes(&task, granted()).await;
    assert_eq!(tax.task().await.case_id, id);
    here.verify().await;
}

async fn a_long_poll_wakes_for_a_task_that_another_server_opened(db: &Database) {
    let (here, there) = (server(db).await, server(db).await);
    let mut office = here.office("market-regulation", "market-regulation-350100").await;
    let poll = tokio::spawn(async move { office.awaits_one("c1").await });
    let id = submitted(&mut there.terminal().await, "r1", &form("350100")).await;
    assert_eq!(poll.await.expect("a task").case_id, id);
}

async fn what_another_server_takes_back_is_said(db: &Database) {
    let (here, there) = (server(db).await, server(db).await);
    let mut registry = Stream::open(&here, "market-regulation", "market-regulation-350100", 10).await;
    let id = submitted(&mut here.terminal().await, "r1", &form("350100")).await;
    let task = registry.task().await;
    let withdraw = WithdrawCaseRequest { request_id: "w".into(), case_id: id, reason: String::new() };
    there.terminal().await.withdraw_case(withdraw).await.expect("withdrawn");
    let Hear::Taken(taken) = registry.hear().await else { panic!("taken back") };
    assert_eq!((taken.task, taken.reason.as_str()), (task.id, "WITHDRAWN"));
}

async fn what_somebody_else_takes_at_another_server_is_said(db: &Database) {
    let mut settings = Settings::default();
    settings.limits.lease_default = Duration::ZERO;
    let (here, there) = (server_with(db, &["counter"], settings).await, server(db).await);
    let mut registry = Stream::open(&here, "market-regulation", "market-regulation-350100", 10).await;
    submitted(&mut here.terminal().await, "r1", &form("350100")).await;
    let task = registry.task().await;
    let taken_over = there.office("market-regulation", "market-regulation-350100").await.awaits_one("mine").await;
    assert_eq!((&taken_over.id, taken_over.epoch), (&task.id, 2));
    let Hear::Taken(taken) = registry.hear().await else { panic!("taken") };
    assert_eq!((taken.epoch, taken.reason.as_str()), (1, "EXPIRED"));
}

async fn what_its_holder_ends_at_another_server_makes_room(db: &Database) {
    let (here, there) = (server(db).await, server(db).await);
    let mut registry = Stream::open(&here, "market-regulation", "market-regulation-350100", 1).await;
    let mut terminal = here.terminal().await;
    submitted(&mut terminal, "r1", &form("350100")).await;
    let task = registry.task().await;
    let next = submitted(&mut terminal, "r2", &form("350100")).await;
    let mut office = there.office("market-regulation", "market-regulation-350100").await;
    office.ends(&task, licence()).await.expect("ended");
    // Nothing else is said in between.
    assert_eq!(registry.task().await.case_id, next);
}

async fn a_token_revoked_at_another_server_ends_its_streams(db: &Database) {
    let (here, there) = (server(db).await, server(db).await);
    let request = kaiban_api::v1::IssueTokenRequest {
        role: kaiban_api::v1::Role::Agency.into(),
        organisation: "tax".into(),
        offices: vec!["tax-350100".into()],
        ..Default::default()
    };
    let issued = here.town.issue(request).await.expect("a token");
    let mut stream = Stream::of(&here, &issued.secret, 1).await;
    assert!(stream.tasks(1).await.is_empty());
    let revoke = RevokeTokenRequest { id: issued.token.expect("a token").id };
    AdminServiceClient::new(there.town.security()).revoke_token(revoke).await.expect("revoked");
    assert_eq!(stream.hear.message().await.unwrap_err().code(), Code::Unauthenticated);
}

async fn calendars_published_at_another_server_are_decided_by(db: &Database) {
    let (here, there) = (server(db).await, server(db).await);
    let mut terminal = here.terminal().await;
    let before = submitted(&mut terminal, "r1", &form("350100")).await;
    assert_eq!(promise(&look(&mut terminal, &before).await).1, "2026-03-02T16:30:00+08:00");
    let said = publish(&there, "p1", closed(&[("10:00", "12:00")])).await.expect("published");
    assert_eq!((said.publication, said.total, said.changed), (2, 1, 1));
    // What is decided here next is decided by them.
    let after = submitted(&mut terminal, "r2", &form("350100")).await;
    for id in [&before, &after] {
        assert_eq!(promise(&look(&mut terminal, id).await).1, "2026-03-03T09:30:00+08:00");
    }
    here.town.app().calendars_settled().await;
    assert_eq!(here.town.app().calendars_in_force().0, 2);
    // And the next one may come from here.
    let said = publish(&here, "p2", closed(&[("10:00", "12:00"), ("15:00", "16:00")])).await.expect("published");
    assert_eq!((said.publication, said.total, said.changed), (3, 2, 2));
    // The other one may not have heard of it yet.
    here.verify().await;
}

async fn a_package_that_another_server_stored_is_known(db: &Database) {
    let old = server(db).await;
    let new = server_of(db, &["counter", "parcel"]).await;
    let form = json!({ "registrar": "350100", "addressee": "林晓舟", "kind": "licence" });
    let request = SubmitCaseRequest {
        request_id: "r1".into(),
        workflow: "parcel".into(),
        form: Some(kaiban_api::to_struct(&form).unwrap()),
    };
    let mut terminal = new.terminal().await;
    let case = terminal.submit_case(request).await.expect("a case").into_inner().case.expect("a case");
    let mut terminal = old.terminal().await;
    let seen = look(&mut terminal, &case.id).await;
    assert_eq!(seen.workflow, "parcel");
    let withdraw = WithdrawCaseRequest { request_id: "w".into(), case_id: case.id.clone(), reason: String::new() };
    terminal.withdraw_case(withdraw).await.expect("decided on here");
    let request = GetCaseRequest { id: case.id, ..GetCaseRequest::default() };
    let seen = new.terminal().await.get_case(request).await.expect("the case").into_inner().case.expect("a case");
    assert_eq!(seen.state(), CaseState::Closed);
}

async fn a_stream_at_another_server_is_given_again_what_a_broken_one_had(db: &Database) {
    let (here, there) = (server(db).await, server(db).await);
    let secret = agency(&here).await;
    let mut stream = Stream::of(&here, &secret, 1).await;
    submitted(&mut here.terminal().await, "r1", &form("350100")).await;
    let had = stream.task().await;
    let mut again = Stream::of(&there, &secret, 1).await;
    assert!(again.tasks(1).await.is_empty(), "it is in good hands");
    drop(stream);
    let task = again.task().await;
    assert_eq!((&task.id, task.epoch), (&had.id, had.epoch));
    here.town.stop().await;
    again.completes(&task, granted()).await;
    assert!(matches!(again.hear().await, Hear::Reply(_)));
    there.verify().await;
}

async fn servers_that_start_together_agree(db: &Database) {
    let (one, two, three) = tokio::join!(server(db), server(db), server(db));
    for city in [&one, &two, &three] {
        assert_eq!(city.town.app().calendars_in_force().0, 1);
    }
    let id = submitted(&mut one.terminal().await, "r1", &form("350100")).await;
    look(&mut two.terminal().await, &id).await;
    three.verify().await;
}

/// A machine whose clock is wrong.
struct Wrong {
    by_us: AtomicI64,
}

#[tonic::async_trait]
impl Clock for Wrong {
    fn operating_us(&self) -> i64 {
        SystemClock.operating_us() + self.by_us.load(Ordering::Relaxed)
    }

    fn business_us(&self, operating_us: i64) -> i64 {
        operating_us
    }

    fn is_simulated(&self) -> bool {
        false
    }

    async fn wait(&self, duration: Duration) {
        SystemClock.wait(duration).await;
    }
}

async fn a_clock_that_is_wrong_harms_nothing(db: &Database) {
    const MINUTE_US: i64 = 60_000_000;
    let (workflows, files) = packages_and(&["counter"]);
    let start = async |by_us: i64| {
        let store = Store::open(&db.url, Options::default()).await.expect("a store");
        let clock = Arc::new(Wrong { by_us: AtomicI64::new(by_us) });
        App::start(store, workflows.clone(), &files, clock, Settings::default()).await.expect("an app")
    };
    let (right, fast, slow) = (start(0).await, start(MINUTE_US).await, start(-MINUTE_US).await);
    let is_now = |at_us: i64| (at_us - right.business_now_us()).abs() < MINUTE_US / 4;
    assert!(is_now(fast.business_now_us()) && is_now(slow.business_now_us()));

    // A token that is good for half a minute is good at all of them.
    let half_a_minute = Some(right.business_now_us() + MINUTE_US / 2);
    let issue = async |token: IssueToken| {
        let token = IssueToken { expires_at_us: half_a_minute, ..token };
        let issued = kaiban_app::issue_token_offline(&db.store, &right.library().directory, token).await;
        let (_, secret) = issued.expect("a token");
        for app in [&fast, &slow] {
            app.authenticate(&secret).await.expect("good");
        }
        right.authenticate(&secret).await.expect("good")
    };
    let auditor = issue(IssueToken::new(Role::Auditor, "bureau").of_person("an-auditor")).await;
    let terminal = IssueToken { outlet: Some("b01-001".into()), ..IssueToken::new(Role::Terminal, "b01") };
    let terminal = issue(terminal).await;
    let offices = vec!["market-regulation-350100".to_owned()];
    let office = issue(IssueToken { offices, ..IssueToken::new(Role::Agency, "market-regulation") }).await;

    // One case goes through the hands of all three.
    let submit = Submit { request_id: "r1".into(), workflow: "counter".into(), form: form("350100") };
    let case = slow.submit(&terminal, submit).await.expect("a case").case.id;
    let claim = async |app: &App, id: &str| {
        let claim = Claim {
            request_id: id.to_owned(),
            office: String::new(),
            steps: Vec::new(),
            max: 10,
            lease: Some(Duration::from_secs(10)),
            wait: None,
        };
        app.claim(&office, claim).await.expect("a claim")
    };
    let task = claim(&fast, "c1").await.remove(0);
    assert!(is_now(task.lease_until_us.expect("a lease") - 10_000_000));
    let task_address = TaskAddress { id: task.id, case: String::new(), step: String::new() };
    let deferral = Deferral {
        request_id: "d1".into(),
        task: task_address.clone(),
        epoch: task.epoch,
        until_us: right.business_now_us() + MINUTE_US / 2,
        code: "NOT_NOW".into(),
    };
    fast.defer(&office, deferral).await.expect("half a minute from now is not over");
    for (id, app) in [("c2", &right), ("c3", &fast), ("c4", &slow)] {
        assert!(claim(app, id).await.is_empty(), "it is not time yet at any of them");
    }
    let officer =
        &right.library().directory.office_by_id("market-regulation-350100").expect("an office").officers[0].id;
    let completion = Completion {
        request_id: "e1".into(),
        task: task_address,
        epoch: task.epoch,
        outcome: "approve".into(),
        result: licence().result,
        findings: Vec::new(),
        officer: officer.clone(),
        approver: String::new(),
        reason: String::new(),
    };
    let receipt = slow.complete(&office, completion).await.expect("completed");
    assert!(is_now(receipt.at_us));
    let (journal, _) = right.journal(&auditor, &case, 100, "").await.expect("a journal");
    assert!(journal.iter().all(|entry| is_now(entry.at_us)) && journal.is_sorted_by_key(|entry| entry.at_us));
    for app in [&right, &fast, &slow] {
        app.stop().await;
    }
    let report = kaiban_app::verify(&db.store, right.library()).await.expect("verify");
    assert!(report.clean, "{:?}", report.problems);
}
