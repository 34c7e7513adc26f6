//! Two servers on one database: what one batch holds, the other waits for or passes over.

use kaiban_store::{CaseRow, Changes, StoreError};

use crate::database::Database;
use crate::sample::{FAR_US, case, claim, leased, new_cases, queue, request, task, wants_cases, wants_tasks};

on_postgres!(
    a_named_case_is_waited_for_and_seen_as_it_became,
    a_claim_passes_over_locked_cases_and_finds_the_next,
    a_task_that_was_taken_is_no_candidate_any_more,
    the_same_request_on_two_servers_is_answered_once,
    the_clock_is_the_databases,
    a_batch_that_began_before_holds_a_head_up,
);

async fn a_named_case_is_waited_for_and_seen_as_it_became(db: &Database) {
    db.save(new_cases([case("c1")])).await;
    let mut first = db.store.begin().await.expect("begin");
    let mut second = db.store.begin().await.expect("begin");
    first.load(&wants_cases(&["c1"])).await.expect("load");
    let newer = CaseRow { seq: 2, ..case("c1") };
    let change = Changes { cases_changed: vec![newer.clone()], ..Changes::default() };
    let wanted = wants_cases(&["c1"]);
    let (loaded, saved) = tokio::join!(second.load(&wanted), first.save(&change));
    saved.expect("save");
    assert_eq!(loaded.expect("load").cases["c1"], newer);
}

async fn a_claim_passes_over_locked_cases_and_finds_the_next(db: &Database) {
    db.save(queue(["t1", "t2", "t3"].map(|id| task(id, id)))).await;
    let mut first = db.store.begin().await.expect("begin");
    let mut second = db.store.begin().await.expect("begin");
    let wanted = wants_tasks([claim("registrar", 2)]);
    assert_eq!(first.load(&wanted).await.expect("load").candidates, [["t1", "t2"]]);
    let loaded = second.load(&wanted).await.expect("load");
    assert_eq!(loaded.candidates, [["t3"]]);
    assert_eq!(loaded.cases.len(), 1);
}

async fn a_task_that_was_taken_is_no_candidate_any_more(db: &Database) {
    db.save(queue([task("t1", "c1"), task("t2", "c1"), task("t3", "c2")])).await;
    let mut first = db.store.begin().await.expect("begin");
    let mut second = db.store.begin().await.expect("begin");
    first.load(&wants_cases(&["c1"])).await.expect("load");
    // The second names c1 and so waits; when it comes to its claim, t1 is leased and t2 is not.
    let mut wanted = wants_tasks([claim("registrar", 9)]);
    wanted.cases.push("c1".into());
    let change = Changes {
        cases_changed: vec![CaseRow { seq: 2, ..case("c1") }],
        tasks: vec![leased("t1", "c1", FAR_US)],
        ..Changes::default()
    };
    let (loaded, saved) = tokio::join!(second.load(&wanted), first.save(&change));
    saved.expect("save");
    assert_eq!(loaded.expect("load").candidates, [["t2", "t3"]]);
}

async fn the_same_request_on_two_servers_is_answered_once(db: &Database) {
    let first = db.store.begin().await.expect("begin");
    let second = db.store.begin().await.expect("begin");
    let change = |id: &str| Changes {
        cases_new: vec![case(id)],
        requests: vec![request("r2", Some(id)), request("r1", Some(id))],
        ..Changes::default()
    };
    let (one, two) = (change("c1"), change("c2"));
    let (one, two) = tokio::join!(first.save(&one), second.save(&two));
    let conflicts = [&one, &two].iter().filter(|result| matches!(result, Err(StoreError::Conflict(_)))).count();
    assert_eq!((conflicts, one.is_ok() || two.is_ok()), (1, true), "{one:?} {two:?}");
    assert_eq!(db.store.counts().await.expect("counts").cases, 1);
}

async fn the_clock_is_the_databases(db: &Database) {
    let mut earlier = 0;
    for _ in 0..3 {
        let mut batch = db.store.begin().await.expect("begin");
        let now_us = batch.load(&wants_tasks([])).await.expect("load").now_us.expect("a clock");
        assert!(now_us > earlier);
        assert!(now_us > 1_700_000_000_000_000 && now_us < FAR_US);
        earlier = now_us;
    }
}

async fn a_batch_that_began_before_holds_a_head_up(db: &Database) {
    let before_us = db.store.now_us().await.expect("a clock").expect("PostgreSQL's");
    let mut batch = db.store.begin().await.expect("begin");
    batch.load(&wants_cases(&["c1"])).await.expect("loaded");
    let now_us = db.store.now_us().await.expect("a clock").expect("PostgreSQL's");
    assert_eq!(db.store.is_settled(before_us).await, Ok(true), "it began later");
    assert_eq!(db.store.is_settled(now_us).await, Ok(false), "it may still write what it stamped before");
    batch.cancel().await.expect("over");
    assert_eq!(db.store.is_settled(now_us).await, Ok(true));
}
