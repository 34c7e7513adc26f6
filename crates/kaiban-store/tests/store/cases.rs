use kaiban_store::{CaseQuery, CaseRow, CaseState, Changes};

use crate::database::Database;
use crate::sample::{case, new_cases, seen, wants_cases};

on_both!(
    a_new_case_reads_back_as_it_was_written,
    a_case_without_optional_facts_keeps_them_missing,
    a_change_replaces_all_but_the_facts_of_the_receipt,
    a_batch_loads_the_named_cases_that_exist,
    the_walk_visits_every_case_once_in_id_order,
    offices_are_remembered_once,
    open_cases_about_one_subject_are_found,
    a_case_remembers_what_started_it,
    counts_follow_the_rows,
);

async fn a_new_case_reads_back_as_it_was_written(db: &Database) {
    db.save(new_cases([case("c1"), case("c2")])).await;
    assert_eq!(db.store.case("c1").await, Ok(Some(case("c1"))));
    assert_eq!(db.store.case("c2").await, Ok(Some(case("c2"))));
    assert_eq!(db.store.case("c3").await, Ok(None));
}

async fn a_case_without_optional_facts_keeps_them_missing(db: &Database) {
    let bare =
        CaseRow { outlet: None, accepted_at_us: None, promise_due_us: None, state: CaseState::Intake, ..case("c1") };
    let empty = CaseRow { outlet: Some(String::new()), ..case("c2") };
    db.save(new_cases([bare.clone(), empty.clone()])).await;
    assert_eq!(db.store.case("c1").await, Ok(Some(bare)));
    assert_eq!(db.store.case("c2").await, Ok(Some(empty)));
}

async fn a_change_replaces_all_but_the_facts_of_the_receipt(db: &Database) {
    db.save(new_cases([case("c1"), case("c2")])).await;
    let closed = CaseRow {
        workflow: "business-start".into(),
        version: "2".into(),
        digest: "other".into(),
        state: CaseState::Closed,
        outcome: Some("opened".into()),
        subject: "other".into(),
        seq: 9,
        head: "head-9".into(),
        accepted_at_us: Some(7),
        promise_due_us: None,
        closed_at_us: Some(8),
        snapshot: "{}".into(),
        ..case("c1")
    };
    let sent = CaseRow {
        division: "350100".into(),
        organisation: "bank-99".into(),
        outlet: None,
        received_at_us: 1,
        ..closed.clone()
    };
    db.save(Changes { cases_changed: vec![sent], ..Changes::default() }).await;
    assert_eq!(db.store.case("c1").await, Ok(Some(closed)));
    assert_eq!(db.store.case("c2").await, Ok(Some(case("c2"))));
}

async fn a_batch_loads_the_named_cases_that_exist(db: &Database) {
    db.save(new_cases([case("c1"), case("c2"), case("c3")])).await;
    let mut batch = db.store.begin().await.expect("begin");
    let loaded = batch.load(&wants_cases(&["c3", "c1", "nowhere"])).await.expect("load");
    let mut ids: Vec<_> = loaded.cases.keys().cloned().collect();
    ids.sort();
    assert_eq!(ids, ["c1", "c3"]);
    assert_eq!(loaded.cases["c3"], case("c3"));
}

async fn the_walk_visits_every_case_once_in_id_order(db: &Database) {
    // Neither the alphabet's order nor the locale's: the bytes'.
    let ids = ["B", "a", "a-1", "aa", "é", "办件", "🏢"];
    db.save(new_cases(ids.iter().rev().map(|id| case(id)))).await;
    let mut walked: Vec<String> = Vec::new();
    loop {
        let after = walked.last().cloned().unwrap_or_default();
        let rows = db.store.cases_after(&after, 3).await.expect("cases_after");
        if rows.is_empty() {
            break;
        }
        walked.extend(rows.into_iter().map(|row| row.id));
    }
    assert_eq!(walked, ids);
}

async fn offices_are_remembered_once(db: &Database) {
    let changes = |offices: &[&str]| Changes {
        case_offices: offices.iter().map(|office| seen("c1", office)).collect(),
        ..Changes::default()
    };
    db.save(new_cases([case("c1")])).await;
    db.save(changes(&["tax", "registrar"])).await;
    db.save(changes(&["registrar", "seal"])).await;
    let offices = ["registrar", "seal", "tax"].map(str::to_owned).to_vec();
    let query = CaseQuery { offices: Some(offices), page_size: 9, ..CaseQuery::default() };
    assert_eq!(db.store.cases(&query).await.map(|page| page.rows), Ok(vec![case("c1")]));
}

async fn open_cases_about_one_subject_are_found(db: &Database) {
    let named = |id: &str, received_at_us| CaseRow { subject: "福州示例".into(), received_at_us, ..case(id) };
    db.save(new_cases([
        named("c3", 20),
        named("c2", 20),
        CaseRow { state: CaseState::Intake, ..named("c1", 30) },
        CaseRow { state: CaseState::Closed, ..named("c4", 1) },
        CaseRow { division: "350103".into(), ..named("c5", 1) },
        CaseRow { workflow: "other".into(), ..named("c6", 1) },
        case("c7"),
    ]))
    .await;
    let find = async |limit| {
        let rows = db.store.open_cases_of_subject("six-step", "350102", "福州示例", limit).await.expect("cases");
        rows.into_iter().map(|row| row.id).collect::<Vec<_>>()
    };
    assert_eq!(find(9).await, ["c2", "c3", "c1"]);
    assert_eq!(find(2).await, ["c2", "c3"]);
}

async fn a_case_remembers_what_started_it(db: &Database) {
    let child = CaseRow { parent: Some("c1".into()), waiting: true, ..case("c2") };
    db.save(new_cases([case("c1"), child.clone()])).await;
    assert_eq!(db.store.case("c2").await, Ok(Some(child.clone())));
    let sent = CaseRow { parent: None, waiting: false, seq: 2, ..child.clone() };
    db.save(Changes { cases_changed: vec![sent], ..Changes::default() }).await;
    assert_eq!(db.store.case("c2").await, Ok(Some(CaseRow { waiting: false, seq: 2, ..child })));
}

async fn counts_follow_the_rows(db: &Database) {
    db.save(Changes {
        cases_new: vec![case("c1"), case("c2")],
        entries: (1..=5).map(|seq| crate::sample::entry("c1", seq)).collect(),
        tasks: vec![crate::sample::task("t1", "c1")],
        ..Changes::default()
    })
    .await;
    let counts = db.store.counts().await.expect("counts");
    assert_eq!((counts.cases, counts.entries, counts.tasks), (2, 5, 1));
    assert!(db.store.size_bytes().await.expect("size") > 4096);
}
