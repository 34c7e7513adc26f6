//! A caller who remembers cases: what still stands where it is remembered is not read again, and what somebody else wrote is.

use std::collections::HashSet;

use kaiban_store::{Backend, CaseRow, Changes, Loaded, Options, Store};

use crate::database::Database;
use crate::sample::{case, claim, new_cases, queue, task, wants_cases, wants_tasks};

on_both!(what_stands_where_it_is_known_is_not_read_again, a_known_case_is_in_reach_of_a_claim);

#[test]
fn postgres_tells_by_its_rows() {
    crate::database::run(Backend::Postgres, what_another_server_changed_is_read);
}

#[test]
fn sqlite_tells_by_its_era() {
    crate::database::run(Backend::Sqlite, an_era_ends_when_somebody_else_has_written);
}

async fn known(db: &Database, seq: i64) -> (Option<u64>, Loaded) {
    let mut batch = db.store.begin().await.expect("begin");
    let loaded = batch.load_beside(&wants_cases(&["c1", "c2"]), |id| (id == "c1").then_some(seq)).await.expect("load");
    let era = batch.era();
    batch.cancel().await.expect("cancel");
    (era, loaded)
}

async fn elsewhere(db: &Database, changes: Changes) {
    let elsewhere = Store::open(&db.url, Options::default()).await.expect("open");
    elsewhere.begin().await.expect("begin").save(&changes).await.expect("save");
    elsewhere.close().await.expect("close");
}

async fn what_stands_where_it_is_known_is_not_read_again(db: &Database) {
    db.save(new_cases([case("c1"), case("c2")])).await;
    let (_, loaded) = known(db, 1).await;
    assert_eq!(loaded.unchanged, HashSet::from(["c1".to_owned()]));
    assert_eq!(loaded.cases.into_values().collect::<Vec<_>>(), [case("c2")]);
}

/// Many servers write to PostgreSQL: the row tells.
async fn what_another_server_changed_is_read(db: &Database) {
    db.save(new_cases([case("c1"), case("c2")])).await;
    db.save(Changes { tasks: vec![task("t1", "c1")], ..Changes::default() }).await;
    let (era, loaded) = known(db, 1).await;
    assert_eq!(era, None);
    assert_eq!(loaded.tasks, [task("t1", "c1")]);
    let newer = CaseRow { seq: 2, ..case("c1") };
    elsewhere(db, Changes { cases_changed: vec![newer.clone()], ..Changes::default() }).await;
    let (_, loaded) = known(db, 1).await;
    assert!(loaded.unchanged.is_empty());
    assert_eq!(loaded.cases["c1"], newer);
}

/// One process owns an SQLite file; another one that writes all the same does not go unnoticed.
async fn an_era_ends_when_somebody_else_has_written(db: &Database) {
    db.save(new_cases([case("c1"), case("c2")])).await;
    let (first, _) = known(db, 1).await;
    db.save(Changes { tasks: vec![task("t1", "c1")], ..Changes::default() }).await;
    let (same, loaded) = known(db, 1).await;
    assert_eq!(same, first, "that was ourselves");
    assert_eq!(loaded.tasks, [], "whoever knows the case knows its tasks");
    elsewhere(db, Changes { tasks_gone: vec!["t1".into()], ..Changes::default() }).await;
    let (another, _) = known(db, 1).await;
    assert_ne!(another, first);
    assert_eq!(known(db, 1).await.0, another);
}

async fn a_known_case_is_in_reach_of_a_claim(db: &Database) {
    db.save(queue([task("t1", "c1"), task("t2", "c2")])).await;
    let mut batch = db.store.begin().await.expect("begin");
    let loaded = batch.load_beside(&wants_tasks([claim("registrar", 2)]), |_| Some(1)).await.expect("load");
    assert_eq!(loaded.candidates, [["t1", "t2"]]);
    assert_eq!(loaded.unchanged.len(), 2);
    assert!(loaded.cases.is_empty());
}
