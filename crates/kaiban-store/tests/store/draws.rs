use kaiban_store::{Changes, DrawItemRow, DrawQuery, DrawRow, DrawWrite, PageRequest, RequestRow, StoreError};

use crate::database::Database;
use crate::sample::MONDAY_US;

on_both!(
    a_draw_is_written_in_its_versions,
    of_a_pool_there_is_one_open_draw,
    a_request_is_answered_once,
    what_waits_is_listed_in_its_order,
    what_a_draw_decides_over_is_its_own,
    draws_are_listed_without_their_records,
    deadlines_are_found,
);

fn draw(id: &str, version: i64) -> DrawRow {
    DrawRow {
        id: id.into(),
        pool: "shops".into(),
        state: "announced".into(),
        announced_at_us: MONDAY_US,
        due_us: Some(MONDAY_US + 10),
        ended_at_us: None,
        version,
        summary: format!(r#"{{"id":"{id}"}}"#),
        record: "{}".into(),
    }
}

fn ended(row: DrawRow) -> DrawRow {
    DrawRow { state: "held".into(), due_us: None, ended_at_us: Some(MONDAY_US + 20), ..row }
}

fn write(row: DrawRow) -> DrawWrite {
    DrawWrite { row, request: None, decided: Vec::new() }
}

fn item(case: &str, entered_at_us: i64) -> DrawItemRow {
    DrawItemRow {
        id: format!("{case}/draw"),
        pool: "shops".into(),
        case_id: case.into(),
        step: "draw".into(),
        stratum: "A".into(),
        recuse: "[]".into(),
        entered_at_us,
        draw: None,
    }
}

fn entered(items: impl IntoIterator<Item = DrawItemRow>) -> Changes {
    Changes { draw_items: items.into_iter().collect(), ..Changes::default() }
}

fn conflict(result: Result<(), StoreError>) -> bool {
    matches!(result, Err(StoreError::Conflict(_)))
}

fn ids(rows: &[DrawItemRow]) -> Vec<&str> {
    rows.iter().map(|row| row.case_id.as_str()).collect()
}

async fn a_draw_is_written_in_its_versions(db: &Database) {
    assert_eq!(db.store.draw("d1").await, Ok(None));
    db.store.put_draw(write(draw("d1", 1))).await.expect("announced");
    let second = DrawRow { state: "committed".into(), ..draw("d1", 2) };
    db.store.put_draw(write(second.clone())).await.expect("committed");
    assert!(conflict(db.store.put_draw(write(draw("d1", 2))).await), "somebody else was faster");
    assert!(conflict(db.store.put_draw(write(draw("d1", 4))).await));
    assert!(conflict(db.store.put_draw(write(draw("d1", 1))).await));
    assert_eq!(db.store.draw("d1").await, Ok(Some(second)));
}

async fn of_a_pool_there_is_one_open_draw(db: &Database) {
    db.store.put_draw(write(draw("d1", 1))).await.expect("announced");
    assert!(conflict(db.store.put_draw(write(draw("d2", 1))).await));
    let elsewhere = DrawRow { pool: "ships".into(), ..draw("d3", 1) };
    db.store.put_draw(write(elsewhere)).await.expect("announced");
    db.store.put_draw(write(ended(draw("d1", 2)))).await.expect("ended");
    let next = DrawRow { announced_at_us: MONDAY_US + 30, ..draw("d2", 1) };
    db.store.put_draw(write(next.clone())).await.expect("announced");
    assert_eq!(db.store.last_draw("shops").await, Ok(Some(next)));
    assert_eq!(db.store.count_draws("shops").await, Ok(2));
}

async fn a_request_is_answered_once(db: &Database) {
    let request =
        RequestRow { key: "k".into(), content: "c".into(), case_id: None, reply: "{}".into(), at_us: MONDAY_US };
    let first = DrawWrite { request: Some(request.clone()), ..write(draw("d1", 1)) };
    db.store.put_draw(first).await.expect("announced");
    assert_eq!(db.store.request("k").await, Ok(Some(request.clone())));
    let again = DrawWrite { request: Some(request), ..write(ended(draw("d1", 2))) };
    assert!(conflict(db.store.put_draw(again).await));
    assert_eq!(db.store.draw("d1").await, Ok(Some(draw("d1", 1))), "nothing of it was written");
}

async fn what_waits_is_listed_in_its_order(db: &Database) {
    let elsewhere = DrawItemRow { pool: "ships".into(), ..item("c5", 1) };
    db.save(entered([item("c1", 30), item("c3", 10), item("c2", 10), item("c4", 40), elsewhere])).await;
    let waiting = db.store.items_waiting("shops", 40, 9).await.expect("items");
    assert_eq!(ids(&waiting), ["c2", "c3", "c1"]);
    assert_eq!(ids(&db.store.items_waiting("shops", 40, 2).await.expect("items")), ["c2", "c3"]);
    assert_eq!(db.store.draw_items_of("c3").await, Ok(vec![item("c3", 10)]));
    // What is there stays as it is, and what goes on is gone.
    let anew = DrawItemRow { stratum: "B".into(), ..item("c3", 99) };
    db.save(Changes { draw_items_gone: vec!["c2/draw".into(), "c9/draw".into()], ..entered([anew]) }).await;
    assert_eq!(db.store.items_waiting("shops", 40, 9).await, Ok(vec![item("c3", 10), item("c1", 30)]));
}

async fn what_a_draw_decides_over_is_its_own(db: &Database) {
    db.save(entered([item("c1", 1), item("c2", 2), item("c3", 3)])).await;
    db.store.put_draw(write(draw("d1", 1))).await.expect("announced");
    let decided = ["c1/draw", "c3/draw", "c8/draw"].map(str::to_owned).to_vec();
    db.store.put_draw(DrawWrite { decided, ..write(ended(draw("d1", 2))) }).await.expect("held");
    assert_eq!(ids(&db.store.items_waiting("shops", 99, 9).await.expect("items")), ["c2"]);
    assert_eq!(db.store.count_decided("d1").await, Ok(2));
    let first = db.store.items_decided(None, 1).await.expect("items");
    assert_eq!(first, [DrawItemRow { draw: Some("d1".into()), ..item("c1", 1) }]);
    let rest = db.store.items_decided(first.last(), 9).await.expect("items");
    assert_eq!(ids(&rest), ["c3"]);
    db.save(Changes { draw_items_gone: vec!["c1/draw".into(), "c3/draw".into()], ..Changes::default() }).await;
    assert_eq!(db.store.count_decided("d1").await, Ok(0));
}

async fn draws_are_listed_without_their_records(db: &Database) {
    for (at, id) in (0..).zip(["d1", "d2", "d3"]) {
        let row = DrawRow { announced_at_us: MONDAY_US + at, ..draw(id, 1) };
        db.store.put_draw(write(row.clone())).await.expect("announced");
        db.store.put_draw(write(ended(DrawRow { version: 2, ..row }))).await.expect("ended");
    }
    let query = DrawQuery { pool: Some("shops".into()), state: Some("held".into()) };
    let first = db.store.draws(&query, &PageRequest { size: 2, token: None }).await.expect("a page");
    let named = |rows: &[DrawRow]| rows.iter().map(|row| (row.id.clone(), row.record.clone())).collect::<Vec<_>>();
    assert_eq!(named(&first.rows), [("d3".to_owned(), String::new()), ("d2".to_owned(), String::new())]);
    let next = PageRequest { size: 2, token: first.next.clone() };
    let last = db.store.draws(&query, &next).await.expect("a page");
    assert_eq!((named(&last.rows), last.next), (vec![("d1".to_owned(), String::new())], None));
    let other = db.store.draws(&DrawQuery::default(), &next).await;
    assert_eq!(other, Err(StoreError::BadPageToken));
    let none = DrawQuery { state: Some("void".into()), ..DrawQuery::default() };
    assert_eq!(db.store.draws(&none, &PageRequest { size: 2, token: None }).await.expect("a page").rows, []);
    let after = db.store.draws_after("d1", 1).await.expect("draws");
    assert_eq!(named(&after), [("d2".to_owned(), "{}".to_owned())]);
}

async fn deadlines_are_found(db: &Database) {
    db.store.put_draw(write(draw("d1", 1))).await.expect("announced");
    let later = DrawRow { pool: "ships".into(), due_us: Some(MONDAY_US + 5), ..draw("d2", 1) };
    db.store.put_draw(write(later)).await.expect("announced");
    assert_eq!(db.store.draws_due(MONDAY_US).await, Ok(vec![]));
    assert_eq!(db.store.next_draw_due(i64::MIN).await, Ok(Some(MONDAY_US + 5)));
    assert_eq!(db.store.draws_due(MONDAY_US + 10).await, Ok(vec!["d2".to_owned(), "d1".to_owned()]));
    assert_eq!(db.store.next_draw_due(MONDAY_US + 5).await, Ok(Some(MONDAY_US + 10)));
    assert_eq!(db.store.next_draw_due(MONDAY_US + 10).await, Ok(None));
}
