use kaiban_store::{Changes, OutboxRow, PageRequest, StoreError};

use crate::database::Database;
use crate::sample::{case, effect, new_cases};

on_both!(
    due_effects_are_claimed_in_order_and_once,
    a_claim_that_ran_out_is_taken_again,
    an_effect_that_is_done_has_no_row,
    an_effect_is_retried_when_it_is_due_again,
    an_effect_that_failed_waits_for_somebody_to_revive_it,
    effects_in_trouble_are_listed_in_pages,
    an_effect_is_added_once,
    the_next_due_counts_claims_and_passes_over_failures,
);

fn add(rows: impl IntoIterator<Item = OutboxRow>) -> Changes {
    Changes { outbox: rows.into_iter().collect(), ..Changes::default() }
}

async fn claim(db: &Database, now_us: i64, until_us: i64, limit: u32) -> Vec<String> {
    let rows = db.store.claim_outbox(now_us, until_us, limit).await.expect("claim");
    assert!(rows.iter().all(|row| row.claimed_until_us == Some(until_us)));
    rows.into_iter().map(|row| row.id).collect()
}

async fn due_effects_are_claimed_in_order_and_once(db: &Database) {
    db.save(add([effect("e3", 20), effect("e1", 20), effect("e2", 10), effect("e4", 30), effect("e5", 31)])).await;
    assert_eq!(claim(db, 9, 100, 10).await, [""; 0]);
    assert_eq!(claim(db, 30, 100, 0).await, [""; 0]);
    assert_eq!(claim(db, 30, 100, 2).await, ["e2", "e1"]);
    assert_eq!(claim(db, 30, 100, 10).await, ["e3", "e4"]);
    assert_eq!(claim(db, 30, 100, 10).await, [""; 0]);
    let rows = db.store.outbox_of("c1").await.expect("outbox_of");
    let first = OutboxRow { claimed_until_us: Some(100), ..effect("e1", 20) };
    assert_eq!((rows.len(), &rows[0], &rows[4]), (5, &first, &effect("e5", 31)));
}

async fn a_claim_that_ran_out_is_taken_again(db: &Database) {
    db.save(add([effect("e1", 10), effect("e2", 15)])).await;
    assert_eq!(claim(db, 12, 20, 10).await, ["e1"]);
    assert_eq!(claim(db, 19, 40, 10).await, ["e2"]);
    assert_eq!(claim(db, 20, 40, 10).await, ["e1"]);
    assert_eq!(claim(db, 39, 60, 10).await, [""; 0]);
    assert_eq!(claim(db, 40, 60, 10).await, ["e1", "e2"]);
}

async fn an_effect_that_is_done_has_no_row(db: &Database) {
    db.save(add([effect("e1", 10), effect("e2", 10)])).await;
    assert_eq!(claim(db, 10, 20, 1).await, ["e1"]);
    // In the transaction that its consequences are written in.
    let done = Changes { outbox_done: vec!["e1".into(), "never-was".into()], ..new_cases([case("c1")]) };
    db.save(done).await;
    assert_eq!(db.store.outbox_of("c1").await, Ok(vec![effect("e2", 10)]));
    assert_eq!(db.store.retry_outbox("e1", 1, 30).await, Ok(false));
    assert_eq!(db.store.fail_outbox("e1", "REFUSED").await, Ok(false));
    assert_eq!(claim(db, 99, 100, 10).await, ["e2"]);
}

async fn an_effect_is_retried_when_it_is_due_again(db: &Database) {
    db.save(add([effect("e1", 10)])).await;
    assert_eq!(claim(db, 10, 100, 10).await, ["e1"]);
    assert_eq!(db.store.retry_outbox("e1", 3, 50).await, Ok(true));
    let again = OutboxRow { attempts: 3, ..effect("e1", 50) };
    assert_eq!(db.store.outbox_of("c1").await, Ok(vec![again]));
    assert_eq!(claim(db, 49, 100, 10).await, [""; 0]);
    assert_eq!(claim(db, 50, 100, 10).await, ["e1"]);
}

async fn an_effect_that_failed_waits_for_somebody_to_revive_it(db: &Database) {
    db.save(add([effect("e1", 10), effect("e2", 10)])).await;
    assert_eq!(claim(db, 10, 100, 1).await, ["e1"]);
    assert_eq!(db.store.retry_outbox("e1", 7, 20).await, Ok(true));
    assert_eq!(db.store.fail_outbox("e1", "WEBHOOK_REFUSED").await, Ok(true));
    assert_eq!(db.store.fail_outbox("e1", "ANOTHER").await, Ok(false));
    assert_eq!(db.store.retry_outbox("e1", 8, 20).await, Ok(false));
    let failed = OutboxRow { attempts: 7, failed_code: Some("WEBHOOK_REFUSED".into()), ..effect("e1", 20) };
    assert_eq!(db.store.outbox_of("c1").await, Ok(vec![failed, effect("e2", 10)]));
    assert_eq!(claim(db, 1_000, 2_000, 10).await, ["e2"]);

    assert_eq!(db.store.revive_outbox("e2", 30).await, Ok(false));
    assert_eq!(db.store.revive_outbox("e1", 30).await, Ok(true));
    assert_eq!(db.store.revive_outbox("e1", 30).await, Ok(false));
    assert_eq!(claim(db, 30, 100, 10).await, ["e1"]);
    let rows = db.store.outbox_of("c1").await.expect("outbox_of");
    assert_eq!(rows[0], OutboxRow { claimed_until_us: Some(100), ..effect("e1", 30) });

    // One that waits for another attempt may be hurried, one that somebody is at may not.
    assert_eq!(db.store.retry_outbox("e1", 3, 900).await, Ok(true));
    assert_eq!(db.store.revive_outbox("e1", 40).await, Ok(true));
    assert_eq!(claim(db, 40, 100, 10).await, ["e1"]);
    assert_eq!(db.store.revive_outbox("e1", 50).await, Ok(false));
}

async fn effects_in_trouble_are_listed_in_pages(db: &Database) {
    let at = |id: &str, created_at_us| OutboxRow { created_at_us, ..effect(id, 10) };
    db.save(add([at("e4", 5), at("e1", 7), at("e2", 5), at("e3", 6), at("e5", 1)])).await;
    for id in ["e1", "e2", "e3", "e4"] {
        db.store.fail_outbox(id, "WEBHOOK_REFUSED").await.expect("fail");
    }
    // Tried again and again is trouble, tried again is not.
    db.save(add([at("e6", 8), at("e7", 8)])).await;
    db.store.retry_outbox("e6", 3, 50).await.expect("retry");
    db.store.retry_outbox("e7", 2, 50).await.expect("retry");
    for size in [0, 1, 3, 4, 5] {
        let mut page = PageRequest { size, token: None };
        let mut ids = Vec::new();
        loop {
            let found = db.store.troubled_outbox(3, &page).await.expect("troubled_outbox");
            ids.extend(found.rows.into_iter().map(|row| row.id));
            match found.next {
                Some(next) => page.token = Some(next),
                None => break,
            }
        }
        assert_eq!(ids, ["e2", "e4", "e3", "e1", "e6"], "{size}");
    }
    let page = PageRequest { size: 1, token: Some("no token".into()) };
    assert_eq!(db.store.troubled_outbox(3, &page).await, Err(StoreError::BadPageToken));
}

async fn an_effect_is_added_once(db: &Database) {
    db.save(add([effect("e1", 10)])).await;
    let result = db.store.begin().await.expect("begin").save(&add([effect("e0", 10), effect("e1", 99)])).await;
    assert!(matches!(result, Err(StoreError::Conflict(_))), "{result:?}");
    assert_eq!(db.store.outbox_of("c1").await, Ok(vec![effect("e1", 10)]));
}

async fn the_next_due_counts_claims_and_passes_over_failures(db: &Database) {
    assert_eq!(db.store.next_outbox_due().await, Ok(None));
    db.save(add([effect("e1", 10), effect("e2", 20), effect("e3", 30)])).await;
    assert_eq!(db.store.next_outbox_due().await, Ok(Some(10)));
    assert_eq!(claim(db, 10, 25, 1).await, ["e1"]);
    assert_eq!(db.store.next_outbox_due().await, Ok(Some(20)));
    db.store.fail_outbox("e2", "WEBHOOK_REFUSED").await.expect("fail");
    assert_eq!(db.store.next_outbox_due().await, Ok(Some(25)));
    db.save(Changes { outbox_done: vec!["e1".into(), "e3".into()], ..Changes::default() }).await;
    assert_eq!(db.store.next_outbox_due().await, Ok(None));
}

mod servers {
    use std::collections::BTreeSet;

    use super::*;

    on_postgres!(servers_that_claim_at_the_same_time_never_share_an_effect);

    async fn servers_that_claim_at_the_same_time_never_share_an_effect(db: &Database) {
        let ids: Vec<String> = (0..200).map(|n| format!("e{n:03}")).collect();
        db.save(add(ids.iter().map(|id| effect(id, 10)))).await;
        let mut taken = BTreeSet::new();
        loop {
            let (one, two) = tokio::join!(claim(db, 10, 99, 7), claim(db, 10, 99, 7));
            if one.is_empty() && two.is_empty() {
                break;
            }
            for id in one.into_iter().chain(two) {
                assert!(taken.insert(id.clone()), "{id} twice");
            }
        }
        assert_eq!(taken.into_iter().collect::<Vec<_>>(), ids);
    }
}
