//! What servers of one database need of it besides its rows: words to each other, a moment without batches, a turn.

use kaiban_store::{Progress, PublicationRow, StoreError};

use crate::database::Database;
use crate::sample::{FAR_US, case, claim, leased, new_cases, queue, task, wants_cases, wants_tasks};

on_postgres!(
    what_is_told_is_heard_by_all,
    a_claim_says_what_it_passed_over,
    a_publication_waits_for_the_batches_and_the_next_one_knows_it,
    a_publication_does_not_wait_for_ever,
    one_server_at_a_time_has_the_turn,
);

mod both {
    use super::*;

    on_both!(
        a_queue_is_empty_when_nothing_else_is_in_it,
        progress_never_goes_back,
        held_tasks_are_found_by_their_holder
    );
}

async fn what_is_told_is_heard_by_all(db: &Database) {
    let (herald, mut one) = db.store.news().await.expect("news").expect("PostgreSQL");
    let (_, mut other) = db.store.news().await.expect("news").expect("PostgreSQL");
    let texts = ["a", "b\u{1f}市", &"c".repeat(kaiban_store::NOTICE_BYTES_MAX)].map(str::to_owned);
    let now_us = herald.tell(&texts).await.expect("told");
    assert!(now_us > 1_700_000_000_000_000 && now_us < FAR_US);
    for listener in [&mut one, &mut other] {
        for text in &texts {
            assert_eq!(listener.hear().await.expect("heard").as_ref(), Some(text));
        }
    }
    assert!(herald.tell(&[]).await.expect("told") >= now_us);
}

async fn a_claim_says_what_it_passed_over(db: &Database) {
    db.save(queue(["t1", "t2", "t3"].map(|id| task(id, id)))).await;
    db.save(queue([leased("t4", "t4", 5), leased("t5", "t5", FAR_US)])).await;
    let mut first = db.store.begin().await.expect("begin");
    first.load(&wants_cases(&["t2", "t4", "t5"])).await.expect("load");
    let mut second = db.store.begin().await.expect("begin");
    let wanted = wants_tasks([claim("registrar", 2), claim("registrar", 9), claim("elsewhere", 1)]);
    let loaded = second.load(&wanted).await.expect("load");
    assert_eq!(loaded.candidates, [vec!["t1", "t3"], vec![], vec![]]);
    assert_eq!(loaded.emptied, [false, false, true]);
    assert_eq!(loaded.passed_over[1], ["t2", "t4"]);
    assert!(loaded.passed_over[2].is_empty());
    second.cancel().await.expect("cancel");
    // Named, they are waited for.
    let mut second = db.store.begin().await.expect("begin");
    let mut wanted = wants_tasks([claim("registrar", 9)]);
    wanted.cases = loaded.passed_over[1].clone();
    let (loaded, cancelled) = tokio::join!(second.load(&wanted), first.cancel());
    cancelled.expect("cancel");
    let loaded = loaded.expect("load");
    assert_eq!((loaded.candidates[0].len(), loaded.emptied[0]), (4, true));
}

fn publication(number: i64) -> PublicationRow {
    PublicationRow {
        number,
        published_at_us: 1,
        publisher: String::new(),
        source: String::new(),
        request: None,
        content: String::new(),
        brought: "[]".into(),
        files: "{}".into(),
        progress: Progress::default(),
    }
}

async fn a_publication_waits_for_the_batches_and_the_next_one_knows_it(db: &Database) {
    let mut batch = db.store.begin().await.expect("begin");
    let loaded = batch.load(&wants_cases(&[])).await.expect("load");
    assert_eq!(loaded.publication, None);
    let publishes = async {
        let publishing = db.store.publishing().await.expect("no batch is under way");
        publishing.put(&publication(1)).await.expect("put");
        publishing.commit().await.expect("commit");
    };
    let saves = async {
        // The batch that was there first goes on as if nothing were; it also may load again.
        batch.load(&wants_cases(&["c1"])).await.expect("load");
        batch.save(&new_cases([case("c1")])).await.expect("save");
    };
    tokio::join!(publishes, saves);
    let mut batch = db.store.begin().await.expect("begin");
    assert_eq!(batch.load(&wants_cases(&[])).await.expect("load").publication, Some(1));
}

async fn a_publication_does_not_wait_for_ever(db: &Database) {
    let mut batch = db.store.begin().await.expect("begin");
    batch.load(&wants_cases(&[])).await.expect("load");
    assert!(matches!(db.store.publishing().await, Err(StoreError::Held)));
    batch.save(&new_cases([case("c1")])).await.expect("save");
}

async fn one_server_at_a_time_has_the_turn(db: &Database) {
    let turn = db.store.turn().await.expect("asked").expect("the turn");
    assert!(db.store.turn().await.expect("asked").is_none());
    turn.keep().await.expect("kept");
    drop(turn);
    // The rollback is on its way.
    while db.store.turn().await.expect("asked").is_none() {}
}

async fn a_queue_is_empty_when_nothing_else_is_in_it(db: &Database) {
    db.save(queue(["t1", "t2", "t3"].map(|id| task(id, id)))).await;
    for (limit, emptied) in [(2, false), (3, false), (4, true)] {
        let mut batch = db.store.begin().await.expect("begin");
        let loaded = batch.load(&wants_tasks([claim("registrar", limit)])).await.expect("load");
        assert_eq!(loaded.emptied, [emptied], "{limit}");
        batch.cancel().await.expect("cancel");
    }
}

async fn progress_never_goes_back(db: &Database) {
    db.store.put_publication(&publication(1)).await.expect("put");
    let at = |done: u64, last: &str, finished_at_us| Progress {
        done,
        total: 9,
        last_case: last.into(),
        finished_at_us,
        ..Progress::default()
    };
    db.store.put_progress(1, &at(4, "c4", None)).await.expect("further");
    assert!(matches!(db.store.put_progress(1, &at(3, "c3", None)).await, Err(StoreError::Conflict(_))));
    db.store.put_progress(1, &at(9, "c9", Some(7))).await.expect("finished");
    assert!(matches!(db.store.put_progress(1, &at(9, "c9", None)).await, Err(StoreError::Conflict(_))));
    assert_eq!(db.store.publications().await.expect("read")[0].progress, at(9, "c9", Some(7)));
}

async fn held_tasks_are_found_by_their_holder(db: &Database) {
    let held = |id: &str, holder: &str, until_us| kaiban_store::TaskRow {
        holder: Some(holder.into()),
        ..leased(id, id, until_us)
    };
    db.save(queue([
        held("t1", "K1@N.1", 50),
        held("t2", "K1", 50),
        held("t3", "K1@", 50),
        held("t4", "K1@N.2", 49),
        held("t5", "K11@N.1", 50),
        task("t6", "t6"),
    ]))
    .await;
    let found = db.store.tasks_held("registrar", "K1@", 50, 9).await.expect("read");
    assert_eq!(found.iter().map(|row| row.id.as_str()).collect::<Vec<_>>(), ["t1", "t3"]);
    assert!(db.store.tasks_held("elsewhere", "K1@", 50, 9).await.expect("read").is_empty());
    let of_cases = db.store.tasks_of_all(&["t1".into(), "t6".into(), "t9".into()]).await.expect("read");
    assert_eq!(of_cases.len(), 2);
    assert_eq!(db.store.cases_named(&["t1".into(), "t9".into()]).await.expect("read").len(), 1);
}
