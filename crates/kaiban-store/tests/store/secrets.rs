use kaiban_store::{Changes, CredentialRow, Options, RequestRow, Store, StoreError, Wanted};

use crate::database::Database;

on_both!(
    a_secret_is_the_first_candidate_for_everybody,
    a_secret_outlives_the_server,
    a_credential_is_used_once_and_in_time,
    a_credential_is_issued_once,
    no_debug_text_shows_a_hash,
);

async fn a_secret_is_the_first_candidate_for_everybody(db: &Database) {
    let (one, two) = tokio::join!(db.store.secret("persons", "aaa"), db.store.secret("persons", "bbb"));
    let one = one.expect("a secret");
    assert_eq!(two, Ok(one.clone()));
    assert!(one == "aaa" || one == "bbb");
    assert_eq!(db.store.secret("persons", "ccc").await, Ok(one));
    assert_eq!(db.store.secret("webhook", "ccc").await, Ok("ccc".into()));
    assert_eq!(db.store.secret("nul", "a\0").await, Err(StoreError::Unstorable("secrets".into())));
}

async fn a_secret_outlives_the_server(db: &Database) {
    db.store.secret("persons", "aaa").await.expect("a secret");
    let other = Store::open(&db.url, Options::default()).await.expect("open");
    assert_eq!(other.secret("persons", "bbb").await, Ok("aaa".into()));
    other.close().await.expect("close");
}

fn credential(hash: &str) -> CredentialRow {
    CredentialRow {
        hash: hash.into(),
        case_id: "c1".into(),
        person: "p1".into(),
        issued_at_us: 10,
        expires_at_us: 40,
        used_at_us: None,
    }
}

async fn a_credential_is_used_once_and_in_time(db: &Database) {
    for hash in ["h1", "h2"] {
        db.store.put_credential(&credential(hash)).await.expect("put");
    }
    assert_eq!(db.store.credential_by_hash("h1").await, Ok(Some(credential("h1"))));
    assert_eq!(db.store.credential_by_hash("h9").await, Ok(None));

    let wanted = Wanted { credentials: vec!["h1".into(), "h9".into()], ..Wanted::default() };
    let mut batch = db.store.begin().await.expect("a batch");
    let loaded = batch.load(&wanted).await.expect("a load");
    assert_eq!(loaded.credentials.into_iter().collect::<Vec<_>>(), [("h1".to_owned(), credential("h1"))]);
    batch.cancel().await.expect("the end");

    // It goes with all else that the batch writes, or not at all.
    let uses = async |hash: &str, at_us: i64, answered: &str| {
        let request =
            RequestRow { key: answered.into(), content: String::new(), case_id: None, reply: String::new(), at_us };
        let changes =
            Changes { credentials_used: vec![(hash.into(), at_us)], requests: vec![request], ..Changes::default() };
        db.store.begin().await.expect("a batch").save(&changes).await
    };
    let (one, two) = tokio::join!(uses("h1", 39, "a"), uses("h1", 39, "b"));
    assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
    for (hash, at_us) in [("h1", 39), ("h2", 40), ("h9", 11)] {
        assert!(matches!(uses(hash, at_us, "c").await, Err(StoreError::Conflict(_))), "{hash}");
    }
    let requests = Wanted { requests: ["a", "b", "c"].map(str::to_owned).to_vec(), ..Wanted::default() };
    let loaded = db.store.begin().await.expect("a batch").load(&requests).await.expect("a load");
    assert_eq!(loaded.requests.len(), 1);
    let used = CredentialRow { used_at_us: Some(39), ..credential("h1") };
    assert_eq!(db.store.credential_by_hash("h1").await, Ok(Some(used)));
    assert_eq!(db.store.credential_by_hash("h2").await, Ok(Some(credential("h2"))));
}

async fn a_credential_is_issued_once(db: &Database) {
    db.store.put_credential(&credential("h1")).await.expect("put");
    let result = db.store.put_credential(&CredentialRow { person: "p2".into(), ..credential("h1") }).await;
    assert!(matches!(result, Err(StoreError::Conflict(_))), "{result:?}");
    assert_eq!(db.store.credential_by_hash("h1").await, Ok(Some(credential("h1"))));
}

async fn no_debug_text_shows_a_hash(db: &Database) {
    db.store.put_credential(&credential("secret-hash")).await.expect("put");
    let found = db.store.credential_by_hash("secret-hash").await.expect("credential");
    assert!(found.is_some() && !format!("{found:?}").contains("secret-hash"));
}
