use kaiban_store::{Changes, Claim, TaskRow, TaskState, Wanted};

use crate::database::Database;
use crate::sample::{FAR_US, MONDAY_US, claim, leased, queue, task, wants_tasks};

on_both!(
    the_earliest_due_comes_first_then_the_earliest_offered_then_the_id,
    a_lease_that_ran_out_stands_in_the_queue_at_its_old_place,
    only_ready_tasks_and_expired_leases_can_be_claimed,
    a_claim_can_name_steps,
    claims_of_one_batch_never_share_a_task,
    a_claim_loads_the_cases_and_all_their_open_tasks,
    a_claim_of_nothing_finds_nothing,
    a_deep_queue_gives_its_head,
);

async fn candidates(db: &Database, claims: impl IntoIterator<Item = Claim>) -> Vec<Vec<String>> {
    let mut batch = db.store.begin().await.expect("begin");
    let loaded = batch.load(&wants_tasks(claims)).await.expect("load");
    batch.cancel().await.expect("cancel");
    loaded.candidates
}

async fn the_earliest_due_comes_first_then_the_earliest_offered_then_the_id(db: &Database) {
    let at = |id: &str, due_at_us, offered_at_us| TaskRow { due_at_us, offered_at_us, ..task(id, id) };
    db.save(queue([at("t1", 30, 1), at("t2", 20, 9), at("t4", 20, 8), at("t3", 20, 8), at("t5", 10, 99)])).await;
    assert_eq!(candidates(db, [claim("registrar", 10)]).await, [["t5", "t3", "t4", "t2", "t1"]]);
    assert_eq!(candidates(db, [claim("registrar", 2)]).await, [["t5", "t3"]]);
}

async fn a_lease_that_ran_out_stands_in_the_queue_at_its_old_place(db: &Database) {
    db.save(queue([
        TaskRow { due_at_us: 1, ..task("t1", "c1") },
        TaskRow { due_at_us: 2, ..leased("t2", "c2", 5) },
        TaskRow { due_at_us: 3, ..task("t3", "c3") },
        TaskRow { due_at_us: 4, ..leased("t4", "c4", FAR_US) },
    ]))
    .await;
    assert_eq!(candidates(db, [claim("registrar", 2)]).await, [["t1", "t2"]]);
    assert_eq!(candidates(db, [claim("registrar", 9)]).await, [["t1", "t2", "t3"]]);
}

async fn only_ready_tasks_and_expired_leases_can_be_claimed(db: &Database) {
    let in_state = |id: &str, state| TaskRow { state, lease_until_us: Some(1), ..task(id, id) };
    db.save(queue([
        in_state("t2", TaskState::Retrying),
        in_state("t3", TaskState::Deferred),
        TaskRow { lease_until_us: None, ..leased("t4", "t4", 0) },
        TaskRow { office: "elsewhere".into(), ..task("t5", "t5") },
    ]))
    .await;
    assert_eq!(candidates(db, [claim("registrar", 10)]).await, [[""; 0]]);
    for state in [TaskState::Ready, TaskState::Leased] {
        db.save(Changes { tasks: vec![in_state("t3", state)], ..Changes::default() }).await;
        assert_eq!(candidates(db, [claim("registrar", 10)]).await, [["t3"]]);
    }
}

async fn a_claim_can_name_steps(db: &Database) {
    let at = |id: &str, step: &str, due_at_us| TaskRow { step: step.into(), due_at_us, ..task(id, id) };
    db.save(queue([at("t1", "seal", 1), at("t2", "seal-2", 2), at("t3", "invoice", 3), at("t4", "seal", 4)])).await;
    let named = |steps: &[&str]| Claim {
        steps: steps.iter().map(|step| (*step).to_owned()).collect(),
        ..claim("registrar", 10)
    };
    assert_eq!(candidates(db, [named(&["seal"])]).await, [["t1", "t4"]]);
    assert_eq!(candidates(db, [named(&["invoice", "seal", "nothing"])]).await, [["t1", "t3", "t4"]]);
    assert_eq!(candidates(db, [named(&["nothing"])]).await, [[""; 0]]);
}

async fn claims_of_one_batch_never_share_a_task(db: &Database) {
    let at = |id: &str, step: &str, due_at_us| TaskRow { step: step.into(), due_at_us, ..task(id, id) };
    db.save(queue([at("t1", "seal", 1), at("t2", "seal", 2), at("t3", "invoice", 3), at("t4", "seal", 4)])).await;
    let seals = Claim { steps: vec!["seal".into()], ..claim("registrar", 2) };
    let found = candidates(db, [claim("registrar", 1), seals.clone(), claim("registrar", 1), seals]).await;
    assert_eq!(found, [vec!["t1"], vec!["t2", "t4"], vec!["t3"], vec![]]);
}

async fn a_claim_loads_the_cases_and_all_their_open_tasks(db: &Database) {
    let other = TaskRow { office: "tax".into(), state: TaskState::Deferred, ..task("t2", "c1") };
    db.save(queue([task("t1", "c1"), other.clone(), task("t3", "c2")])).await;
    let mut batch = db.store.begin().await.expect("begin");
    let wanted = Wanted { cases: vec!["c1".into()], ..wants_tasks([claim("registrar", 1), claim("tax", 1)]) };
    let loaded = batch.load(&wanted).await.expect("load");
    assert_eq!(loaded.candidates, [vec!["t1"], vec![]]);
    assert_eq!(loaded.tasks, [task("t1", "c1"), other]);
    assert_eq!(loaded.cases.keys().collect::<Vec<_>>(), ["c1"]);
}

async fn a_claim_of_nothing_finds_nothing(db: &Database) {
    db.save(queue([task("t1", "c1")])).await;
    assert_eq!(candidates(db, [claim("registrar", 0)]).await, [[""; 0]]);
    assert_eq!(candidates(db, []).await, Vec::<Vec<String>>::new());
}

async fn a_deep_queue_gives_its_head(db: &Database) {
    let ids: Vec<String> = (0..2_000).map(|n| format!("t{n:05}")).collect();
    let deep = ids.iter().rev().enumerate().map(|(n, id)| TaskRow {
        due_at_us: MONDAY_US + n as i64 / 10,
        office: format!("office-{}", n % 2),
        ..task(id, id)
    });
    db.save(queue(deep)).await;
    let claims = (0..40).map(|n| claim(&format!("office-{}", n % 2), 3));
    let found = candidates(db, claims).await;
    let mut all: Vec<&String> = found.iter().flatten().collect();
    assert_eq!(all.len(), 120);
    all.sort();
    all.dedup();
    // The last ids were due first; of one due time the smaller id comes first.
    assert_eq!(all.len(), 120);
    assert_eq!(all.first().map(|id| id.as_str()), Some("t01880"));
    assert_eq!(found[0], ["t01991", "t01993", "t01995"]);
}
