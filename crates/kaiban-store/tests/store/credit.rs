use kaiban_store::{Changes, CreditEntryRow, StoreError, Wanted};

use crate::database::Database;
use crate::sample::{MONDAY_US, case, new_cases};

on_both!(
    a_history_keeps_its_order,
    an_entry_is_added_once_and_never_replaced,
    a_batch_loads_the_histories_that_it_names,
);

fn entry(subject: &str, seq: i64) -> CreditEntryRow {
    CreditEntryRow {
        subject: subject.into(),
        seq,
        on: "2026-04-01".into(),
        entry: format!(r#"{{"record":"r{seq}"}}"#),
        recorded_at_us: MONDAY_US + seq,
    }
}

fn added(entries: impl IntoIterator<Item = CreditEntryRow>) -> Changes {
    Changes { credit_entries: entries.into_iter().collect(), ..Changes::default() }
}

async fn save(db: &Database, changes: Changes) -> Result<(), StoreError> {
    db.store.begin().await.expect("begin").save(&changes).await
}

async fn a_history_keeps_its_order(db: &Database) {
    assert_eq!(db.store.credit_entries("s1").await, Ok(vec![]));
    // More than one digit: the order is that of the numbers.
    db.save(added((1..=12).rev().map(|seq| entry("s1", seq)).chain([entry("s2", 1)]))).await;
    let all = db.store.credit_entries("s1").await.expect("a history");
    assert_eq!(all, (1..=12).map(|seq| entry("s1", seq)).collect::<Vec<_>>());
}

async fn an_entry_is_added_once_and_never_replaced(db: &Database) {
    db.save(added([entry("s1", 1)])).await;
    let other = CreditEntryRow { entry: "{}".into(), ..entry("s1", 1) };
    let late = Changes { credit_entries: vec![entry("s1", 2), other], ..new_cases([case("c1")]) };
    let result = save(db, late).await;
    assert!(matches!(result, Err(StoreError::Conflict(_))), "{result:?}");
    assert_eq!(db.store.credit_entries("s1").await, Ok(vec![entry("s1", 1)]));
    assert_eq!(db.store.case("c1").await, Ok(None));
}

async fn a_batch_loads_the_histories_that_it_names(db: &Database) {
    db.save(added([entry("s1", 1), entry("s1", 2), entry("s2", 1), entry("\"s'3", 1)])).await;
    let mut batch = db.store.begin().await.expect("begin");
    let credit = vec!["s1".to_owned(), "\"s'3".to_owned(), "never-was".to_owned()];
    let loaded = batch.load(&Wanted { credit, ..Wanted::default() }).await.expect("load").credit;
    assert_eq!(loaded.len(), 2);
    assert_eq!(loaded["s1"], [entry("s1", 1), entry("s1", 2)]);
    let again = Wanted { credit: vec!["s2".into()], ..Wanted::default() };
    assert_eq!(batch.load(&again).await.expect("load").credit["s2"], [entry("s2", 1)]);
}
