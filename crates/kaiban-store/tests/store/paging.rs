use kaiban_store::{CaseQuery, CaseRow, CaseSort, CaseState, Changes, StoreError};

use crate::database::Database;
use crate::sample::{MONDAY_US, case, new_cases, seen};

on_both!(
    pages_join_to_the_whole_list_in_every_order,
    cases_that_arrive_meanwhile_do_not_disturb_the_pages,
    filters_are_joined_by_and,
    an_offices_list_has_every_case_it_ever_saw,
    a_token_of_another_query_is_refused,
);

async fn all_pages(db: &Database, query: &CaseQuery) -> Vec<String> {
    let mut query = query.clone();
    let mut ids = Vec::new();
    loop {
        let page = db.store.cases(&query).await.expect("cases");
        assert!(page.rows.len() <= query.page_size as usize);
        ids.extend(page.rows.into_iter().map(|row| row.id));
        match page.next {
            Some(next) => query.page_token = Some(next),
            None => return ids,
        }
    }
}

async fn pages_join_to_the_whole_list_in_every_order(db: &Database) {
    // Three instants of receipt and of promise for twenty cases: many equal keys.
    let rows: Vec<CaseRow> = (0..20)
        .map(|n| CaseRow {
            received_at_us: MONDAY_US + n % 3,
            promise_due_us: (n % 4 != 0).then_some(MONDAY_US - n % 4),
            ..case(&format!("c{n:02}"))
        })
        .collect();
    db.save(new_cases(rows.clone())).await;
    for sort in [CaseSort::ReceivedAsc, CaseSort::ReceivedDesc, CaseSort::PromiseDue] {
        let mut expected: Vec<(i64, String)> = rows
            .iter()
            .map(|row| match sort {
                CaseSort::PromiseDue => (row.promise_due_us.unwrap_or(i64::MAX), row.id.clone()),
                _ => (row.received_at_us, row.id.clone()),
            })
            .collect();
        expected.sort();
        if sort == CaseSort::ReceivedDesc {
            expected.reverse();
        }
        let expected: Vec<String> = expected.into_iter().map(|(_, id)| id).collect();
        for page_size in [1, 3, 7, 20, 21] {
            let query = CaseQuery { sort, page_size, ..CaseQuery::default() };
            assert_eq!(all_pages(db, &query).await, expected, "{sort:?} {page_size}");
        }
    }
}

async fn cases_that_arrive_meanwhile_do_not_disturb_the_pages(db: &Database) {
    let at = |id: &str, received_at_us| CaseRow { received_at_us, ..case(id) };
    db.save(new_cases([at("c1", 10), at("c2", 20), at("c3", 30)])).await;
    let mut query = CaseQuery { sort: CaseSort::ReceivedDesc, page_size: 2, ..CaseQuery::default() };
    let page = db.store.cases(&query).await.expect("cases");
    assert_eq!(page.rows.iter().map(|row| row.id.as_str()).collect::<Vec<_>>(), ["c3", "c2"]);
    db.save(new_cases([at("c4", 40)])).await;
    query.page_token = page.next;
    let page = db.store.cases(&query).await.expect("cases");
    assert_eq!(page.rows.iter().map(|row| row.id.as_str()).collect::<Vec<_>>(), ["c1"]);
    assert_eq!(page.next, None);
}

async fn filters_are_joined_by_and(db: &Database) {
    let closed = CaseRow { state: CaseState::Closed, outcome: Some("opened".into()), ..case("c3") };
    db.save(new_cases([
        CaseRow { organisation: "bank-02".into(), received_at_us: 100, ..case("c1") },
        CaseRow { organisation: "bank-02".into(), outlet: None, received_at_us: 200, waiting: true, ..case("c2") },
        closed,
        CaseRow { division: "350100".into(), workflow: "business-start".into(), ..case("c4") },
        CaseRow { state: CaseState::Intake, waiting: true, ..case("c5") },
    ]))
    .await;
    let base = CaseQuery { page_size: 10, ..CaseQuery::default() };
    let bank = || Some("bank-02".to_owned());
    let checks = [
        (CaseQuery { organisation: bank(), ..base.clone() }, vec!["c1", "c2"]),
        (CaseQuery { organisation: bank(), outlet: Some("bank-01-outlet-007".into()), ..base.clone() }, vec!["c1"]),
        (CaseQuery { received_from_us: Some(100), received_to_us: Some(200), ..base.clone() }, vec!["c1"]),
        (CaseQuery { received_to_us: Some(201), ..base.clone() }, vec!["c1", "c2"]),
        (CaseQuery { outcome: Some("opened".into()), ..base.clone() }, vec!["c3"]),
        (CaseQuery { division: Some("350100".into()), ..base.clone() }, vec!["c4"]),
        (CaseQuery { workflow: Some("business-start".into()), ..base.clone() }, vec!["c4"]),
        (CaseQuery { open_only: true, ..base.clone() }, vec!["c1", "c2", "c4", "c5"]),
        (CaseQuery { open_only: true, outcome: Some("opened".into()), ..base.clone() }, vec![]),
        (CaseQuery { waiting: Some(true), ..base.clone() }, vec!["c2", "c5"]),
        (CaseQuery { waiting: Some(true), organisation: bank(), ..base.clone() }, vec!["c2"]),
        (CaseQuery { waiting: Some(false), organisation: bank(), ..base.clone() }, vec!["c1"]),
        (CaseQuery { troubled: Some(true), ..base.clone() }, vec![]),
        (CaseQuery { page_size: 0, ..base.clone() }, vec!["c1"]),
    ];
    for (query, expected) in checks {
        let page = db.store.cases(&query).await.expect("cases");
        assert_eq!(page.rows.iter().map(|row| row.id.as_str()).collect::<Vec<_>>(), expected, "{query:?}");
    }
}

async fn an_offices_list_has_every_case_it_ever_saw(db: &Database) {
    db.save(Changes {
        cases_new: ["c1", "c2", "c3"].map(case).to_vec(),
        case_offices: vec![seen("c1", "tax"), seen("c3", "tax"), seen("c2", "seal"), seen("c3", "seal")],
        ..Changes::default()
    })
    .await;
    let query = CaseQuery { offices: Some(vec!["tax".into()]), page_size: 1, ..CaseQuery::default() };
    assert_eq!(all_pages(db, &query).await, ["c1", "c3"]);
    for nowhere in [vec!["post".into()], vec![]] {
        let query = CaseQuery { offices: Some(nowhere), ..query.clone() };
        assert_eq!(all_pages(db, &query).await, [""; 0]);
    }
    let query = CaseQuery { offices: None, ..query };
    assert_eq!(all_pages(db, &query).await, ["c1", "c2", "c3"]);
}

async fn a_token_of_another_query_is_refused(db: &Database) {
    db.save(new_cases(["c1", "c2", "办件-3"].map(case))).await;
    let query = CaseQuery { page_size: 1, ..CaseQuery::default() };
    let token = db.store.cases(&query).await.expect("cases").next.expect("a next page");
    let with = |token: &str, query: &CaseQuery| CaseQuery { page_token: Some(token.into()), ..query.clone() };
    // The size of a page may change from page to page.
    let bigger = CaseQuery { page_size: 5, ..query.clone() };
    assert_eq!(db.store.cases(&with(&token, &bigger)).await.expect("cases").rows.len(), 2);

    let descending = CaseQuery { sort: CaseSort::ReceivedDesc, ..query.clone() };
    let of_a_bank = CaseQuery { organisation: Some("bank-01".into()), ..query.clone() };
    let from = CaseQuery { received_from_us: Some(0), ..query.clone() };
    let waiting = CaseQuery { waiting: Some(false), ..query.clone() };
    let of_no_office = CaseQuery { offices: Some(vec![]), ..query.clone() };
    let mut broken = token.clone();
    broken.pop();
    let checks = [
        with(&token, &descending),
        with(&token, &of_a_bank),
        with(&token, &from),
        with(&token, &waiting),
        with(&token, &of_no_office),
        with(&broken, &query),
        with("", &query),
        with("0-0-", &query),
        with("no token", &query),
        with("办件", &query),
        with(&format!("{token}é"), &query),
    ];
    for query in checks {
        assert_eq!(db.store.cases(&query).await.map(|page| page.rows), Err(StoreError::BadPageToken), "{query:?}");
    }
}
