use kaiban_store::{PackageRow, StoreError, TokenRow};

use crate::database::Database;

on_both!(a_token_is_found_by_its_hash_until_and_after_it_is_revoked, a_hash_can_be_issued_once, a_package_is_kept_once,);

fn token(id: &str, issued_at_us: i64) -> TokenRow {
    TokenRow {
        id: id.into(),
        hash: format!("hash-of-{id}"),
        role: "terminal".into(),
        organisation: "bank-01".into(),
        scope: r#"{"outlet":"bank-01-outlet-007"}"#.into(),
        label: "柜台七号".into(),
        issued_at_us,
        expires_at_us: Some(issued_at_us + 1_000),
        revoked_at_us: None,
    }
}

async fn a_token_is_found_by_its_hash_until_and_after_it_is_revoked(db: &Database) {
    for row in [token("k2", 5), token("k1", 5), token("k3", 4)] {
        db.store.put_token(&row).await.expect("put");
    }
    assert_eq!(db.store.tokens().await, Ok(vec![token("k3", 4), token("k1", 5), token("k2", 5)]));
    assert_eq!(db.store.token_by_hash("hash-of-k1").await, Ok(Some(token("k1", 5))));
    assert_eq!(db.store.token_by_hash("k1").await, Ok(None));

    assert_eq!(db.store.revoke_token("k1", 77).await, Ok(true));
    assert_eq!(db.store.revoke_token("k1", 99).await, Ok(false));
    assert_eq!(db.store.revoke_token("k9", 99).await, Ok(false));
    let revoked = TokenRow { revoked_at_us: Some(77), ..token("k1", 5) };
    assert_eq!(db.store.token_by_hash("hash-of-k1").await, Ok(Some(revoked)));
}

async fn a_hash_can_be_issued_once(db: &Database) {
    db.store.put_token(&token("k1", 1)).await.expect("put");
    let same_hash = TokenRow { id: "k2".into(), ..token("k1", 1) };
    for row in [token("k1", 1), same_hash] {
        let result = db.store.put_token(&row).await;
        assert!(matches!(result, Err(StoreError::Conflict(_))), "{result:?}");
    }
}

async fn a_package_is_kept_once(db: &Database) {
    let package = |digest: &str, workflow: &str, effective_from: &str| PackageRow {
        digest: digest.into(),
        workflow: workflow.into(),
        version: "1".into(),
        effective_from: effective_from.into(),
        files: "{}".into(),
        stored_at_us: 3,
    };
    let rows = [
        package("d3", "business-start", "2020-01-01"),
        package("d1", "business-start", "2026-01-01"),
        package("d2", "six-step", "2020-01-01"),
    ];
    for row in rows.iter().rev().chain(&rows) {
        db.store.put_package(row).await.expect("put");
    }
    assert_eq!(db.store.packages().await, Ok(rows.to_vec()));
}
