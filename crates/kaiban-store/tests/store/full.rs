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

/// Set in the process that the test below starts for itself.
const ALONE: &str = "KAIBAN_TEST_FULL_ALONE";

/// A limit on the size of files is one of the whole process: the test runs again, alone in one.
#[test]
#[cfg(unix)]
fn what_is_acknowledged_after_commits_that_failed_is_there_for_good() {
    if std::env::var_os(ALONE).is_none() {
        let this = std::env::current_exe().expect("this program");
        let name = "full::what_is_acknowledged_after_commits_that_failed_is_there_for_good";
        let output =
            std::process::Command::new(this).args(["--exact", name]).env(ALONE, "1").output().expect("it runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        return;
    }
    run(Backend::Sqlite, async |db: &Database| {
        // Listened for, so that it does not end the process.
        let too_large = tokio::signal::unix::SignalKind::from_raw(rustix::process::Signal::XFSZ.as_raw());
        let _listening = tokio::signal::unix::signal(too_large).expect("a signal");
        limit_files(Some(0));
        for number in 0..3 {
            let batch = db.store.begin().await.expect("begin");
            let refused = batch.save(&new_cases([case(&format!("refused-{number}"))])).await;
            assert!(matches!(refused, Err(StoreError::Unavailable(_) | StoreError::Full)), "{refused:?}");
        }
        limit_files(None);
        db.save(new_cases([case("taken")])).await;
        assert!(db.store.case("taken").await.is_ok_and(|row| row.is_some()), "readers see what was acknowledged");
        assert_eq!(db.store.case("refused-0").await, Ok(None));
    });
}

#[cfg(unix)]
fn limit_files(bytes: Option<u64>) {
    use rustix::process::{Resource, Rlimit, setrlimit};

    setrlimit(Resource::Fsize, Rlimit { current: bytes, maximum: None }).expect("a limit of this process");
}
