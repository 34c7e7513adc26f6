//! A full file: what was refused has changed nothing, and what is acknowledged afterwards is there for good.

use kaiban_store::{Backend, BlobRow, Changes, Options, Store, StoreError};

use crate::database::{Database, run};
use crate::sample::{blob, case, new_cases};

/// Larger than the tables of an empty database with a few cases.
const MAX_BYTES: u64 = 4 << 20;

#[test]
fn what_is_acknowledged_after_a_full_file_is_there_for_good() {
    run(Backend::Sqlite, async |db: &Database| {
        let options = Options { max_bytes: Some(MAX_BYTES), ..Options::default() };
        let store = Store::open(&db.url, options).await.expect("open");
        // SQLite takes a transaction back by itself when its file is full, also behind the driver's back.
        for number in 0..3 {
            let bytes = "x".repeat(MAX_BYTES as usize);
            let large = Changes {
                cases_new: vec![case(&format!("refused-{number}"))],
                blobs: vec![BlobRow { bytes, ..blob(&format!("large-{number}"), "large") }],
                ..Changes::default()
            };
            let refused = store.begin().await.expect("begin").save(&large).await;
            assert_eq!(refused, Err(StoreError::Full));
            let small = new_cases([case(&format!("taken-{number}"))]);
            store.begin().await.expect("begin").save(&small).await.expect("there is room for this one");
            assert_eq!(store.case(&format!("refused-{number}")).await, Ok(None));
            let taken = store.case(&format!("taken-{number}")).await;
            assert!(taken.is_ok_and(|row| row.is_some()), "readers see what was acknowledged");
        }
        store.close().await.expect("close");
        let again = Store::open(&db.url, Options::default()).await.expect("open");
        for number in 0..3 {
            assert!(again.case(&format!("taken-{number}")).await.is_ok_and(|row| row.is_some()));
        }
        again.close().await.expect("close");
    });
}

#[test]
fn several_refusals_in_a_row_leave_no_transaction_open() {
    run(Backend::Sqlite, async |db: &Database| {
        let options = Options { max_bytes: Some(MAX_BYTES), ..Options::default() };
        let store = Store::open(&db.url, options).await.expect("open");
        for number in 0..4 {
            let bytes = "x".repeat(MAX_BYTES as usize);
            let blobs = vec![BlobRow { bytes, ..blob(&format!("large-{number}"), "large") }];
            let large = Changes { blobs, ..Changes::default() };
            let refused = store.begin().await.expect("begin").save(&large).await;
            assert_eq!(refused, Err(StoreError::Full));
        }
        store.begin().await.expect("begin").save(&new_cases([case("taken")])).await.expect("room");
        assert!(store.case("taken").await.is_ok_and(|row| row.is_some()), "readers see what was acknowledged");
        store.close().await.expect("close");
    });
}
