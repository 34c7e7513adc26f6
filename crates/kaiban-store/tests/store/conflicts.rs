use kaiban_store::{CaseRow, Changes, StoreError, Wanted};

use crate::database::Database;
use crate::sample::{blob, case, entry, new_cases, request, task, wants_cases};

on_both!(
    a_change_that_is_not_newer_is_a_conflict,
    a_change_of_an_unknown_case_is_a_conflict,
    every_key_can_be_added_once,
    nothing_of_a_conflicting_batch_is_kept,
    a_dropped_batch_leaves_nothing_and_frees_the_writer,
    an_empty_batch_is_no_error,
);

async fn save(db: &Database, changes: Changes) -> Result<(), StoreError> {
    db.store.begin().await.expect("begin").save(&changes).await
}

fn changed(cases: impl IntoIterator<Item = CaseRow>) -> Changes {
    Changes { cases_changed: cases.into_iter().collect(), ..Changes::default() }
}

async fn a_change_that_is_not_newer_is_a_conflict(db: &Database) {
    db.save(new_cases([CaseRow { seq: 5, ..case("c1") }, case("c2")])).await;
    for seq in [4, 5] {
        let stale = CaseRow { seq, head: "stale".into(), ..case("c1") };
        let fine = CaseRow { seq: 2, ..case("c2") };
        let result = save(db, changed([fine, stale])).await;
        assert!(matches!(result, Err(StoreError::Conflict(_))), "{result:?}");
    }
    assert_eq!(db.store.case("c1").await, Ok(Some(CaseRow { seq: 5, ..case("c1") })));
    assert_eq!(db.store.case("c2").await, Ok(Some(case("c2"))));
    assert_eq!(save(db, changed([CaseRow { seq: 6, ..case("c1") }])).await, Ok(()));
}

async fn a_change_of_an_unknown_case_is_a_conflict(db: &Database) {
    let result = save(db, changed([case("c1")])).await;
    assert!(matches!(result, Err(StoreError::Conflict(_))), "{result:?}");
    assert_eq!(db.store.case("c1").await, Ok(None));
}

async fn every_key_can_be_added_once(db: &Database) {
    let adds = [
        new_cases([case("c1")]),
        Changes { entries: vec![entry("c1", 1)], ..Changes::default() },
        Changes { blobs: vec![blob("d1", "c1")], ..Changes::default() },
        Changes { requests: vec![request("r1", None)], ..Changes::default() },
    ];
    for add in adds {
        assert_eq!(save(db, add.clone()).await, Ok(()));
        let result = save(db, add).await;
        assert!(matches!(result, Err(StoreError::Conflict(_))), "{result:?}");
    }
}

async fn nothing_of_a_conflicting_batch_is_kept(db: &Database) {
    db.save(Changes { requests: vec![request("r1", None)], ..Changes::default() }).await;
    let result = save(
        db,
        Changes {
            cases_new: vec![case("c1")],
            entries: vec![entry("c1", 1)],
            tasks: vec![task("t1", "c1")],
            requests: vec![request("r0", None), request("r1", None), request("r2", None)],
            ..Changes::default()
        },
    )
    .await;
    assert!(matches!(result, Err(StoreError::Conflict(_))), "{result:?}");
    let counts = db.store.counts().await.expect("counts");
    assert_eq!((counts.cases, counts.entries, counts.tasks), (0, 0, 0));
    let wanted = Wanted { requests: vec!["r0".into(), "r1".into()], ..Wanted::default() };
    let loaded = db.store.begin().await.expect("begin").load(&wanted).await.expect("load");
    assert_eq!(loaded.requests.keys().collect::<Vec<_>>(), ["r1"]);
}

async fn a_dropped_batch_leaves_nothing_and_frees_the_writer(db: &Database) {
    db.save(new_cases([case("c1")])).await;
    for _ in 0..5 {
        let mut batch = db.store.begin().await.expect("begin");
        batch.load(&wants_cases(&["c1"])).await.expect("load");
        drop(batch);
    }
    db.save(changed([CaseRow { seq: 2, ..case("c1") }])).await;
}

async fn an_empty_batch_is_no_error(db: &Database) {
    assert!(Changes::default().is_empty());
    db.save(Changes::default()).await;
}
