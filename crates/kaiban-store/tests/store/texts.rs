use kaiban_store::{BlobRow, CaseRow, Changes, EntryRow, StoreError};

use crate::database::Database;
use crate::sample::{blob, case, entry, new_cases};

on_both!(
    texts_come_back_byte_for_byte,
    a_batch_may_be_large,
    what_one_database_cannot_keep_is_refused_by_both,
    numbers_keep_all_their_digits,
);

async fn texts_come_back_byte_for_byte(db: &Database) {
    let texts = [
        "",
        " ",
        "'",
        "\"quoted\" and \\back\\slashed\\",
        "line\nline\r\n\ttab",
        "\u{1}\u{2}\u{1f}\u{7f}",
        "{\"json\": [1, 2.50, null], \"u\": \"\\u0000\"}",
        "福州市鼓楼区示例科技有限公司 𠮷野家 👩‍💻",
        "e\u{301} ≠ é",
        "\u{200f}مرحبا",
        "\u{ffff}\u{10ffff}",
        "$1 ? ?1 :name %s {} ;--",
        "null",
        "12345678901234567890",
    ];
    let blobs: Vec<BlobRow> = texts
        .iter()
        .enumerate()
        .map(|(n, text)| BlobRow { bytes: (*text).into(), ..blob(&format!("d{n:02}"), "c1") })
        .collect();
    let entries: Vec<EntryRow> =
        texts.iter().zip(1..).map(|(text, seq)| EntryRow { bytes: (*text).into(), ..entry("c1", seq) }).collect();
    let cases: Vec<CaseRow> = texts
        .iter()
        .enumerate()
        .map(|(n, text)| CaseRow { outlet: Some((*text).into()), ..case(&format!("c{n:02}")) })
        .collect();
    db.save(Changes { blobs: blobs.clone(), entries: entries.clone(), cases_new: cases.clone(), ..Changes::default() })
        .await;
    let digests: Vec<String> = blobs.iter().map(|row| row.digest.clone()).collect();
    let mut found = db.store.blobs(&digests).await.expect("blobs");
    found.sort_by(|a, b| a.digest.cmp(&b.digest));
    for (found, written) in found.iter().zip(&blobs) {
        assert_eq!(found.bytes, written.bytes);
    }
    assert_eq!(found.len(), blobs.len());
    assert_eq!(db.store.entries("c1", 0, 100).await, Ok(entries));
    assert_eq!(db.store.cases_after("", 100).await, Ok(cases));
}

/// More rows than one statement may have parameters, and more text than one script may carry.
async fn a_batch_may_be_large(db: &Database) {
    let long = "长".repeat(1 << 20);
    let blobs: Vec<BlobRow> =
        (0..24).map(|n| BlobRow { bytes: format!("{n}{long}"), ..blob(&format!("d{n:02}"), "c1") }).collect();
    let cases: Vec<CaseRow> = (0..5_000).map(|n| case(&format!("c{n:05}"))).collect();
    let entries: Vec<EntryRow> = (1..=20_000).map(|seq| entry("c1", seq)).collect();
    db.save(Changes { blobs: blobs.clone(), cases_new: cases, entries, ..Changes::default() }).await;
    let changed = (0..5_000).map(|n| CaseRow { seq: 2, ..case(&format!("c{n:05}")) }).collect();
    db.save(Changes { cases_changed: changed, ..Changes::default() }).await;
    let counts = db.store.counts().await.expect("counts");
    assert_eq!((counts.cases, counts.entries), (5_000, 20_000));
    assert_eq!(db.store.blobs(&["d23".into()]).await, Ok(vec![blobs[23].clone()]));
}

async fn what_one_database_cannot_keep_is_refused_by_both(db: &Database) {
    let unstorable = [
        CaseRow { snapshot: "a\0b".into(), ..case("c1") },
        CaseRow { outlet: Some("\0".into()), ..case("c1") },
        CaseRow { outlet: Some("\u{1}".into()), ..case("c1") },
        CaseRow { closed_at_us: Some(i64::MIN), ..case("c1") },
    ];
    for row in unstorable {
        let batch = db.store.begin().await.expect("begin");
        let result = batch.save(&new_cases([row])).await;
        assert_eq!(result, Err(StoreError::Unstorable("cases".into())));
    }
    assert_eq!(db.store.case("c1").await, Ok(None));
}

async fn numbers_keep_all_their_digits(db: &Database) {
    let extremes = [i64::MIN, i64::MIN + 1, -9_007_199_254_740_993, -1, 0, 9_007_199_254_740_993, i64::MAX];
    let cases: Vec<CaseRow> = extremes
        .iter()
        .enumerate()
        .map(|(n, us)| CaseRow {
            received_at_us: *us,
            promise_due_us: Some((*us).max(i64::MIN + 1)),
            ..case(&format!("c{n}"))
        })
        .collect();
    db.save(new_cases(cases.clone())).await;
    assert_eq!(db.store.cases_after("", 100).await, Ok(cases));
}
