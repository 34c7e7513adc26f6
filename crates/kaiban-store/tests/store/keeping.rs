//! Heads, archived cases, erased documents.

use kaiban_store::{ArchivedRow, CaseRow, CaseState, Erasing, ErasureRow, HeadRow, Moved, StoreError};

use crate::database::Database;
use crate::sample::{MONDAY_US, blob, case, effect, entry, new_cases};

on_both!(
    heads_follow_each_other,
    entries_of_a_window_come_in_order,
    a_case_that_has_gone_on_is_not_moved,
    what_waits_is_not_archived,
    what_is_erased_leaves_its_record,
);

fn head(number: i64) -> HeadRow {
    HeadRow {
        number,
        from_us: MONDAY_US * (number - 1),
        until_us: MONDAY_US * number,
        entries: 1,
        lines: "lines".into(),
        head: format!("head-{number}"),
        taken_at_us: MONDAY_US,
    }
}

async fn heads_follow_each_other(db: &Database) {
    assert_eq!(db.store.last_head().await, Ok(None));
    for number in 1..=3 {
        db.store.put_head(&head(number)).await.expect("a head");
    }
    assert_eq!(db.store.last_head().await, Ok(Some(head(3))));
    assert_eq!(db.store.heads(1, 5).await, Ok(vec![head(2), head(3)]));
    assert_eq!(db.store.heads(0, 1).await, Ok(vec![head(1)]));
    // Somebody else was first.
    let late = db.store.put_head(&head(3)).await;
    assert!(matches!(late, Err(StoreError::Conflict(_))), "{late:?}");
}

async fn entries_of_a_window_come_in_order(db: &Database) {
    let mut changes = new_cases([case("c1"), case("c2")]);
    changes.entries = [("c2", 1), ("c1", 3), ("c1", 1), ("c2", 2)].map(|(id, seq)| entry(id, seq)).to_vec();
    db.save(changes).await;
    let found = async |from, until, limit| {
        let marks = db.store.entry_marks(from, until, limit).await.expect("marks");
        marks.into_iter().map(|mark| (mark.at_us - MONDAY_US, mark.hash)).collect::<Vec<_>>()
    };
    let all = found(0, i64::MAX, 9).await;
    assert_eq!(all.iter().map(|(at, _)| *at).collect::<Vec<_>>(), [1, 1, 2, 3]);
    assert_eq!(found(MONDAY_US + 2, MONDAY_US + 3, 9).await, [(2, "hash-c2-2".to_owned())]);
    assert_eq!(found(0, i64::MAX, 2).await.len(), 2);
    assert_eq!(db.store.first_entry_at(MONDAY_US + 2, i64::MAX).await, Ok(Some(MONDAY_US + 2)));
    assert_eq!(db.store.first_entry_at(0, MONDAY_US + 1).await, Ok(None), "the end is not in it");
    assert_eq!(db.store.is_settled(MONDAY_US).await, Ok(true));
}

fn ended(id: &str) -> CaseRow {
    CaseRow { state: CaseState::Closed, closed_at_us: Some(MONDAY_US + 7), outcome: Some("opened".into()), ..case(id) }
}

fn moved(id: &str, seq: i64) -> Moved {
    let (case_id, file, digest) = (id.to_owned(), "f.jsonl.gz".to_owned(), "d".to_owned());
    let row = ArchivedRow { case_id, file, start: 0, length: 9, digest, archived_at_us: MONDAY_US };
    Moved { row, seq, documents: vec![format!("blob-{id}")] }
}

async fn a_case_that_has_gone_on_is_not_moved(db: &Database) {
    let mut changes = new_cases([ended("c1"), ended("c2"), case("c3")]);
    changes.entries = vec![entry("c1", 1), entry("c2", 1)];
    changes.blobs = vec![blob("blob-c1", "c1"), blob("blob-c2", "c2")];
    db.save(changes).await;
    let all = [moved("c1", 1), moved("c2", 2), moved("c3", 1)];
    assert_eq!(db.store.put_archived(&all).await, Ok(vec!["c1".to_owned()]), "one has another entry, one is open");
    let row = db.store.case("c1").await.expect("a row").expect("a row");
    assert!(row.is_archived() && row.outcome == ended("c1").outcome);
    assert_eq!(db.store.entries("c1", 0, 9).await, Ok(vec![]));
    assert_eq!(db.store.blobs(&["blob-c1".into(), "blob-c2".into()]).await.expect("blobs").len(), 1);
    assert_eq!(db.store.archived("c1").await, Ok(Some(moved("c1", 1).row)));
    assert_eq!(db.store.archived("c2").await, Ok(None));
    assert_eq!(db.store.put_archived(&all).await, Ok(vec![]), "once");
    assert_eq!(db.store.archive_files().await, Ok(vec!["f.jsonl.gz".to_owned()]));

    // Its part is in another file now.
    let other = ArchivedRow { file: "g.jsonl.gz".into(), ..moved("c1", 1).row };
    let none = Erasing::default();
    db.store.put_rewritten("f.jsonl.gz", std::slice::from_ref(&other), &none).await.expect("rewritten");
    assert_eq!(db.store.archived_in("g.jsonl.gz").await, Ok(vec![other.clone()]));
    let late = db.store.put_rewritten("f.jsonl.gz", &[other], &none).await;
    assert!(matches!(late, Err(StoreError::Conflict(_))), "somebody else rewrote it: {late:?}");
}

async fn what_waits_is_not_archived(db: &Database) {
    let mut changes = new_cases([ended("c1"), ended("c2"), case("c3")]);
    changes.outbox = vec![effect("c1/1/0", MONDAY_US)];
    db.save(changes).await;
    let free = async |before_us| {
        let rows = db.store.archivable(before_us, None, 9).await.expect("cases");
        rows.into_iter().map(|row| row.id).collect::<Vec<_>>()
    };
    assert_eq!(free(MONDAY_US + 8).await, ["c2"]);
    assert_eq!(free(MONDAY_US + 7).await, [""; 0], "it ended at that instant, not before");
    let over = async |ids: &[&str]| {
        let ids: Vec<String> = ids.iter().map(|id| (*id).to_owned()).collect();
        db.store.are_over(&ids).await.expect("an answer")
    };
    assert!(over(&[]).await && over(&["c2", "none"]).await);
    assert!(!over(&["c1"]).await && !over(&["c2", "c3"]).await);
}

async fn what_is_erased_leaves_its_record(db: &Database) {
    let mut changes = new_cases([ended("c1")]);
    changes.blobs = vec![blob("b1", "c1"), blob("b2", "c1")];
    db.save(changes).await;
    let (case_id, digest, kind, rule) = ("c1".into(), "b1".into(), "form".into(), "form-1m".into());
    let row = ErasureRow { case_id, digest, kind, rule, erased_at_us: MONDAY_US };
    let erasing = Erasing { rows: vec![row.clone()], nameless: vec!["c1".into()], persons: Vec::new() };
    db.store.erase(&erasing).await.expect("erased");
    db.store.erase(&erasing).await.expect("again");
    assert_eq!(db.store.erasures("c1").await, Ok(vec![row]));
    assert_eq!(db.store.blobs(&["b1".into(), "b2".into()]).await.expect("blobs").len(), 1);
    assert_eq!(db.store.case("c1").await.expect("a row").expect("a row").subject, "");

    let due = async |until_us| db.store.erasable(until_us, 1_000, None, 9).await.expect("cases").len();
    assert_eq!((due(MONDAY_US + 6).await, due(MONDAY_US + 7).await), (0, 1));
    db.store.put_looked_through(&["c1".into()], MONDAY_US + 1_007).await.expect("kept");
    assert_eq!(due(MONDAY_US + 7).await, 0, "looked through since its period ended");
    assert_eq!(
        db.store.erasable(i64::MAX, 1_001, None, 9).await.expect("cases").len(),
        1,
        "a longer one has ended too"
    );
}
