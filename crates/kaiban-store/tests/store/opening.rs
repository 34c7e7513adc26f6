use kaiban_store::{Options, Store, StoreError};

use crate::database::Database;
use crate::sample::{case, new_cases};

on_both!(
    what_was_saved_is_there_after_reopening,
    opening_without_migrating_needs_a_finished_schema,
    two_openings_at_once_both_succeed,
);

async fn what_was_saved_is_there_after_reopening(db: &Database) {
    db.save(new_cases([case("c1")])).await;
    let again = Store::open(&db.url, Options::default()).await.expect("open");
    assert_eq!(again.case("c1").await, Ok(Some(case("c1"))));
    again.close().await.expect("close");
}

async fn opening_without_migrating_needs_a_finished_schema(db: &Database) {
    let options = Options { migrate: false, ..Options::default() };
    Store::open(&db.url, options.clone()).await.expect("open").close().await.expect("close");
    let connection = db.connect().await;
    sea_orm::ConnectionTrait::execute_unprepared(&connection, "DELETE FROM seaql_migrations").await.expect("delete");
    let result = Store::open(&db.url, options).await.map(|_| ());
    assert!(matches!(result, Err(StoreError::Schema(_))), "{result:?}");
}

async fn two_openings_at_once_both_succeed(db: &Database) {
    let (one, two) = tokio::join!(Store::open(&db.url, Options::default()), Store::open(&db.url, Options::default()));
    one.expect("open").close().await.expect("close");
    two.expect("open").close().await.expect("close");
}

#[test]
fn a_url_of_another_kind_is_refused_without_repeating_it() {
    let runtime = tokio::runtime::Runtime::new().expect("tokio");
    for url in ["mysql://root:secret@localhost/kaiban", "kaiban.db", ""] {
        let error = runtime.block_on(Store::open(url, Options::default())).expect_err("refused");
        assert!(matches!(error, StoreError::BadUrl(_)), "{error:?}");
        assert!(!error.to_string().contains("secret"));
    }
}
