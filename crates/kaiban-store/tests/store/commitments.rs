use kaiban_store::{CaseRow, CaseState, Changes, CommitmentQuery, CommitmentRefusalRow, CommitmentRow};

use crate::database::Database;
use crate::sample::{MONDAY_US, case};

on_both!(
    what_stands_for_certificates_follows_its_case,
    rows_come_in_their_order_and_as_asked_for,
    a_refusal_is_kept_once,
    how_cases_ended_is_told,
);

fn row(case: &str, since_us: i64) -> CommitmentRow {
    CommitmentRow {
        id: format!("{case}/proof"),
        case_id: case.into(),
        step: "proof".into(),
        workflow: "promise".into(),
        division: "350100".into(),
        calendar: "fuzhou".into(),
        since_us,
        asked_at_us: Some(since_us),
        proved_at_us: None,
        way: None,
        declined: true,
        withdrawn: false,
        checks: "[]".into(),
        revoked: None,
    }
}

fn refusal(case: &str, at_us: i64) -> CommitmentRefusalRow {
    CommitmentRefusalRow {
        id: format!("{case}/proof/p1/NO_GO"),
        case_id: case.into(),
        step: "proof".into(),
        workflow: "promise".into(),
        division: "350100".into(),
        codes: r#"["NO_GO"]"#.into(),
        at_us,
    }
}

fn ids(rows: &[CommitmentRow]) -> Vec<&str> {
    rows.iter().map(|row| row.case_id.as_str()).collect()
}

async fn what_stands_for_certificates_follows_its_case(db: &Database) {
    db.save(Changes { commitments: vec![row("c1", MONDAY_US)], ..Changes::default() }).await;
    let proved = CommitmentRow {
        proved_at_us: Some(MONDAY_US + 5),
        way: Some("commitment".into()),
        withdrawn: true,
        checks: r#"["c9"]"#.into(),
        revoked: Some("open".into()),
        ..row("c1", MONDAY_US)
    };
    db.save(Changes { commitments: vec![proved.clone()], ..Changes::default() }).await;
    assert_eq!(db.store.commitments_of("c1").await, Ok(vec![proved]));
    db.save(Changes { commitments_gone: vec!["c1/proof".into(), "c2/proof".into()], ..Changes::default() }).await;
    assert_eq!(db.store.commitments_of("c1").await, Ok(vec![]));
}

async fn rows_come_in_their_order_and_as_asked_for(db: &Database) {
    let elsewhere = CommitmentRow { division: "350102".into(), ..row("c4", MONDAY_US + 3) };
    let other = CommitmentRow { workflow: "other".into(), ..row("c5", MONDAY_US + 4) };
    let rows = vec![row("c2", MONDAY_US + 1), row("c1", MONDAY_US + 1), row("c3", MONDAY_US), elsewhere, other];
    db.save(Changes { commitments: rows, ..Changes::default() }).await;
    let all = CommitmentQuery::default();
    let first = db.store.commitments(&all, None, 2).await.expect("rows");
    assert_eq!(ids(&first), ["c3", "c1"]);
    let rest = db.store.commitments(&all, first.last(), 9).await.expect("rows");
    assert_eq!(ids(&rest), ["c2", "c4", "c5"]);
    let asked = async |query: CommitmentQuery| {
        let rows = db.store.commitments(&query, None, 9).await.expect("rows");
        rows.iter().map(|row| row.case_id.clone()).collect::<Vec<_>>()
    };
    let (from_us, before_us) = (Some(MONDAY_US + 1), Some(MONDAY_US + 3));
    assert_eq!(asked(CommitmentQuery { from_us, before_us, ..all.clone() }).await, ["c1", "c2"]);
    assert_eq!(asked(CommitmentQuery { divisions: Some(vec!["350102".into()]), ..all.clone() }).await, ["c4"]);
    assert!(asked(CommitmentQuery { divisions: Some(vec![]), ..all.clone() }).await.is_empty());
    assert_eq!(asked(CommitmentQuery { workflow: Some("other".into()), ..all }).await, ["c5"]);
}

async fn a_refusal_is_kept_once(db: &Database) {
    for at_us in [MONDAY_US, MONDAY_US + 9] {
        db.store.put_commitment_refusal(&refusal("c1", at_us)).await.expect("kept");
    }
    db.store.put_commitment_refusal(&refusal("c2", MONDAY_US + 1)).await.expect("kept");
    assert_eq!(db.store.commitment_refusals_of("c1").await, Ok(vec![refusal("c1", MONDAY_US)]), "as it was first");
    let all = CommitmentQuery::default();
    let first = db.store.commitment_refusals(&all, None, 1).await.expect("rows");
    assert_eq!(first, [refusal("c1", MONDAY_US)]);
    assert_eq!(db.store.commitment_refusals(&all, first.last(), 9).await, Ok(vec![refusal("c2", MONDAY_US + 1)]));
}

async fn how_cases_ended_is_told(db: &Database) {
    db.save(Changes { cases_new: vec![case("c1"), case("c2"), case("c3")], ..Changes::default() }).await;
    let ended = |id: &str, visited| CaseRow {
        seq: 2,
        state: CaseState::Closed,
        outcome: Some("upheld".into()),
        visited,
        ..case(id)
    };
    let changed = vec![ended("c1", Some(true)), ended("c2", Some(false))];
    db.save(Changes { cases_changed: changed, ..Changes::default() }).await;
    let wanted = ["c1", "c2", "c3", "c4"].map(str::to_owned);
    let mut rows = db.store.ended(&wanted).await.expect("rows");
    rows.sort_unstable_by(|a, b| a.id.cmp(&b.id));
    let told: Vec<_> = rows.iter().map(|row| (row.id.as_str(), row.outcome.as_deref(), row.visited)).collect();
    assert_eq!(told, [("c1", Some("upheld"), Some(1)), ("c2", Some("upheld"), Some(0)), ("c3", None, None)]);
    assert_eq!(db.store.ended(&[]).await, Ok(vec![]));
    assert_eq!(db.store.case("c1").await.expect("a case").expect("a case").visited, Some(true));
}
