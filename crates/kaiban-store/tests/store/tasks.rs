use kaiban_store::{Changes, TaskRow, TaskState};

use crate::database::Database;
use crate::sample::{MONDAY_US, leased, queue, task, wants_cases};

on_both!(
    a_task_is_written_over_and_ends,
    a_batch_loads_the_open_tasks_of_its_cases,
    queues_with_something_to_claim_are_listed,
);

async fn a_task_is_written_over_and_ends(db: &Database) {
    db.save(queue([task("t1", "c1"), task("t2", "c1")])).await;
    let taken = TaskRow { epoch: 2, ..leased("t1", "c1", 99) };
    db.save(Changes { tasks: vec![taken.clone(), task("t3", "c1")], ..Changes::default() }).await;
    assert_eq!(db.store.tasks_of("c1").await, Ok(vec![taken, task("t2", "c1"), task("t3", "c1")]));

    let gone = vec!["t1".to_owned(), "t3".into(), "never-was".into()];
    db.save(Changes { tasks_gone: gone, ..Changes::default() }).await;
    assert_eq!(db.store.tasks_of("c1").await, Ok(vec![task("t2", "c1")]));
}

async fn a_batch_loads_the_open_tasks_of_its_cases(db: &Database) {
    db.save(queue([task("t3", "c2"), task("t2", "c1"), task("t1", "c1"), task("t4", "c3")])).await;
    let mut batch = db.store.begin().await.expect("begin");
    let loaded = batch.load(&wants_cases(&["c2", "c1"])).await.expect("load");
    assert_eq!(loaded.tasks, [task("t1", "c1"), task("t2", "c1"), task("t3", "c2")]);
}

async fn queues_with_something_to_claim_are_listed(db: &Database) {
    let at = |id: &str, step: &str, office: &str, state, lease_until_us| TaskRow {
        step: step.into(),
        office: office.into(),
        state,
        lease_until_us,
        ..task(id, id)
    };
    db.save(queue([
        at("t1", "seal", "seal-carver", TaskState::Ready, None),
        at("t2", "seal", "seal-carver", TaskState::Leased, Some(MONDAY_US - 1)),
        at("t3", "seal", "seal-carver", TaskState::Leased, Some(MONDAY_US + 1)),
        at("t4", "invoice", "tax", TaskState::Ready, None),
        at("t5", "invoice", "tax", TaskState::Deferred, None),
        at("t6", "delivery", "post", TaskState::Retrying, None),
    ]))
    .await;
    let queues = db.store.offices_with_ready(MONDAY_US).await.expect("queues");
    let queues: Vec<_> = queues.iter().map(|q| (q.office.as_str(), q.step.as_str(), q.claimable)).collect();
    assert_eq!(queues, [("seal-carver", "seal", 2), ("tax", "invoice", 1)]);
}
