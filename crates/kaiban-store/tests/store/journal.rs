use kaiban_store::{Changes, Wanted};

use crate::database::Database;
use crate::sample::{blob, entry, request};

on_both!(
    entries_come_in_order_from_where_one_left_off,
    blobs_are_found_by_their_digests,
    an_answered_request_is_found_by_its_key,
);

async fn entries_come_in_order_from_where_one_left_off(db: &Database) {
    let mut entries: Vec<_> = (1..=12).rev().map(|seq| entry("c1", seq)).collect();
    entries.push(entry("c2", 1));
    db.save(Changes { entries, ..Changes::default() }).await;
    let numbers = async |after, limit| -> Vec<i64> {
        let rows = db.store.entries("c1", after, limit).await.expect("entries");
        rows.into_iter().map(|row| row.seq).collect()
    };
    assert_eq!(numbers(0, 5).await, [1, 2, 3, 4, 5]);
    assert_eq!(numbers(5, 100).await, [6, 7, 8, 9, 10, 11, 12]);
    assert_eq!(numbers(12, 100).await, [0; 0]);
    assert_eq!(db.store.entries("c2", 0, 10).await, Ok(vec![entry("c2", 1)]));
}

async fn blobs_are_found_by_their_digests(db: &Database) {
    db.save(Changes { blobs: vec![blob("d1", "c1"), blob("d2", "c1"), blob("d3", "c2")], ..Changes::default() }).await;
    let digests = ["d3".to_owned(), "d1".into(), "d9".into()];
    let mut rows = db.store.blobs(&digests).await.expect("blobs");
    rows.sort_by(|a, b| a.digest.cmp(&b.digest));
    assert_eq!(rows, [blob("d1", "c1"), blob("d3", "c2")]);

    let mut batch = db.store.begin().await.expect("begin");
    let wanted = Wanted { blobs: digests.to_vec(), ..Wanted::default() };
    let loaded = batch.load(&wanted).await.expect("load");
    assert_eq!(loaded.blobs.len(), 2);
    assert_eq!(loaded.blobs["d3"], blob("d3", "c2"));
}

async fn an_answered_request_is_found_by_its_key(db: &Database) {
    let rows = vec![request("bank-01/submit/2", Some("c1")), request("bank-01/submit/1", None)];
    db.save(Changes { requests: rows.clone(), ..Changes::default() }).await;
    let mut batch = db.store.begin().await.expect("begin");
    let keys = ["bank-01/submit/1", "bank-01/submit/2", "bank-01/submit/3"];
    let wanted = Wanted { requests: keys.map(Into::into).to_vec(), ..Wanted::default() };
    let loaded = batch.load(&wanted).await.expect("load");
    assert_eq!(loaded.requests.len(), 2);
    assert_eq!(loaded.requests["bank-01/submit/2"], rows[0]);
    assert_eq!(loaded.requests["bank-01/submit/1"], rows[1]);
}
