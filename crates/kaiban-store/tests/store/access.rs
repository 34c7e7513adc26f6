use kaiban_store::{AccessRecordRow, CasePersonRow, Changes, PageRequest, StoreError};

use crate::database::Database;

on_both!(
    records_are_listed_by_case_the_oldest_first,
    records_are_listed_by_person_over_all_cases,
    records_are_listed_by_token_within_a_window,
    a_record_is_added_once,
    records_are_forgotten_when_their_time_is_over,
    a_page_token_of_another_list_is_refused,
);

fn shown(id: &str, case_id: &str, at_us: i64) -> AccessRecordRow {
    AccessRecordRow {
        id: id.into(),
        at_us,
        token: "k1".into(),
        role: "agency".into(),
        organisation: "tax-350102".into(),
        officer: (at_us % 2 == 0).then(|| "officer-7".into()),
        case_id: case_id.into(),
        fields: r#"["/people","/name"]"#.into(),
        purpose: "invoices".into(),
    }
}

fn named(person: &str, case_id: &str) -> CasePersonRow {
    CasePersonRow { person: person.into(), case_id: case_id.into() }
}

/// In a batch, as a hand-over is; out of order.
async fn some(db: &Database) {
    let access_records = vec![
        shown("a5", "c1", 30),
        shown("a1", "c1", 10),
        shown("a4", "c2", 20),
        shown("a3", "c1", 20),
        shown("a2", "c1", 20),
        shown("a6", "c3", 20),
    ];
    let case_persons = vec![named("p1", "c1"), named("p1", "c2"), named("p2", "c3")];
    db.save(Changes { access_records, case_persons, ..Changes::default() }).await;
}

async fn of(db: &Database, case_id: Option<&str>, person: &str, size: u32) -> Vec<String> {
    let mut page = PageRequest { size, token: None };
    let mut ids = Vec::new();
    loop {
        let found = match case_id {
            Some(case_id) => db.store.access_records_of_case(case_id, &page).await,
            None => db.store.access_records_of_person(person, &page).await,
        };
        let found = found.expect("access records");
        assert!(found.rows.len() <= size.max(1) as usize);
        ids.extend(found.rows.into_iter().map(|row| row.id));
        match found.next {
            Some(next) => page.token = Some(next),
            None => return ids,
        }
    }
}

async fn records_are_listed_by_case_the_oldest_first(db: &Database) {
    some(db).await;
    for size in [0, 1, 2, 3, 4, 5] {
        assert_eq!(of(db, Some("c1"), "", size).await, ["a1", "a2", "a3", "a5"], "{size}");
    }
    assert_eq!(of(db, Some("c9"), "", 5).await, [""; 0]);
    let page = db.store.access_records_of_case("c1", &PageRequest { size: 1, token: None }).await.expect("page");
    assert_eq!(page.rows, [shown("a1", "c1", 10)]);
}

async fn records_are_listed_by_token_within_a_window(db: &Database) {
    some(db).await;
    let other = AccessRecordRow { token: "k2".into(), ..shown("b1", "c1", 20) };
    db.save(Changes { access_records: vec![other], ..Changes::default() }).await;
    let of = async |token: &str, from_us: i64, until_us: i64, size: u32| {
        let mut page = PageRequest { size, token: None };
        let mut ids = Vec::new();
        loop {
            let found = db.store.access_records_of_token(token, from_us, until_us, &page).await.expect("records");
            ids.extend(found.rows.into_iter().map(|row| row.id));
            match found.next {
                Some(next) => page.token = Some(next),
                None => return ids,
            }
        }
    };
    for size in [1, 2, 9] {
        assert_eq!(of("k1", 0, 100, size).await, ["a1", "a2", "a3", "a4", "a6", "a5"], "{size}");
        assert_eq!(of("k1", 10, 20, size).await, ["a1"], "the end is not in it");
        assert_eq!(of("k1", 11, 31, size).await, ["a2", "a3", "a4", "a6", "a5"], "{size}");
        assert_eq!(of("k2", 0, 100, size).await, ["b1"], "{size}");
    }
    let first = PageRequest { size: 1, token: None };
    let next = db.store.access_records_of_token("k1", 0, 100, &first).await.expect("a page").next;
    let astray = PageRequest { size: 1, token: next };
    let astray = db.store.access_records_of_token("k1", 0, 99, &astray).await;
    assert_eq!(astray, Err(StoreError::BadPageToken));
}

async fn records_are_listed_by_person_over_all_cases(db: &Database) {
    some(db).await;
    // A person who is in a case already is no news.
    db.save(Changes { case_persons: vec![named("p1", "c1"), named("p3", "c1")], ..Changes::default() }).await;
    for size in [1, 2, 9] {
        assert_eq!(of(db, None, "p1", size).await, ["a1", "a2", "a3", "a4", "a5"], "{size}");
        assert_eq!(of(db, None, "p2", size).await, ["a6"], "{size}");
        assert_eq!(of(db, None, "p3", size).await, ["a1", "a2", "a3", "a5"], "{size}");
        assert_eq!(of(db, None, "p9", size).await, [""; 0], "{size}");
    }
}

async fn a_record_is_added_once(db: &Database) {
    some(db).await;
    db.store.put_access_records(&[]).await.expect("nothing");
    db.store.put_access_records(&[shown("b1", "c2", 1), shown("b2", "c2", 99)]).await.expect("put");
    assert_eq!(of(db, Some("c2"), "", 9).await, ["b1", "a4", "b2"]);
    let result = db.store.put_access_records(&[shown("b3", "c2", 1), shown("a1", "c2", 1)]).await;
    assert!(matches!(result, Err(StoreError::Conflict(_))), "{result:?}");
    assert_eq!(of(db, Some("c2"), "", 9).await, ["b1", "a4", "b2"]);
}

async fn records_are_forgotten_when_their_time_is_over(db: &Database) {
    some(db).await;
    let old: Vec<AccessRecordRow> = (0..12_001).map(|n| shown(&format!("old{n:05}"), "c4", 5)).collect();
    db.store.put_access_records(&old).await.expect("put");
    assert_eq!(db.store.forget_access_records(20).await, Ok(12_002));
    assert_eq!(db.store.forget_access_records(20).await, Ok(0));
    assert_eq!(of(db, Some("c4"), "", 9).await, [""; 0]);
    assert_eq!(of(db, None, "p1", 9).await, ["a2", "a3", "a4", "a5"]);
}

async fn a_page_token_of_another_list_is_refused(db: &Database) {
    some(db).await;
    let first = PageRequest { size: 1, token: None };
    let next = db.store.access_records_of_case("c1", &first).await.expect("page").next.expect("a next page");
    let page = PageRequest { size: 1, token: Some(next) };
    assert_eq!(db.store.access_records_of_case("c2", &page).await, Err(StoreError::BadPageToken));
    assert_eq!(db.store.access_records_of_person("c1", &page).await, Err(StoreError::BadPageToken));
}
