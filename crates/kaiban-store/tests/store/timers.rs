use kaiban_store::{Changes, Clock, StuckTimer, TimerKey, TimerRow};

use crate::database::Database;
use crate::sample::timer;

on_both!(
    due_timers_come_in_order_by_clock,
    a_timer_is_moved_and_taken_away,
    what_is_tried_in_vain_stands_with_its_timer
);

fn set(timers: impl IntoIterator<Item = TimerRow>) -> Changes {
    Changes { timers: timers.into_iter().collect(), ..Changes::default() }
}

async fn due_timers_come_in_order_by_clock(db: &Database) {
    let operating = TimerRow { clock: Clock::Operating, ..timer("c9", "seal", 15) };
    db.save(set([timer("c2", "seal", 20), timer("c1", "seal", 20), timer("c1", "", 10), operating.clone()])).await;
    let business = [timer("c1", "", 10), timer("c1", "seal", 20), timer("c2", "seal", 20)];
    assert_eq!(db.store.timers_due(Clock::Business, 20, None, 10).await, Ok(business.to_vec()));
    assert_eq!(db.store.timers_due(Clock::Business, 20, None, 2).await, Ok(business[..2].to_vec()));
    assert_eq!(db.store.timers_due(Clock::Business, 19, None, 10).await, Ok(business[..1].to_vec()));
    assert_eq!(db.store.timers_due(Clock::Business, 9, None, 10).await, Ok(vec![]));
    assert_eq!(db.store.timers_due(Clock::Operating, 99, None, 10).await, Ok(vec![operating]));
    for (place, row) in business.iter().enumerate() {
        let behind = business[place + 1..].to_vec();
        assert_eq!(db.store.timers_due(Clock::Business, 20, Some(row), 10).await, Ok(behind), "behind {row:?}");
    }
    assert_eq!(db.store.next_timer(Clock::Business, 0).await, Ok(Some(10)));
    assert_eq!(db.store.next_timer(Clock::Business, 10).await, Ok(Some(20)));
    assert_eq!(db.store.next_timer(Clock::Business, 20).await, Ok(None));
    assert_eq!(db.store.next_timer(Clock::Operating, 0).await, Ok(Some(15)));
}

async fn what_is_tried_in_vain_stands_with_its_timer(db: &Database) {
    db.save(set([timer("c1", "seal", 10), timer("c2", "seal", 10)])).await;
    let stuck = |row| StuckTimer { row, code: "NO".into(), passing: true, attempts: 2, since_us: 5, again_us: 9 };
    let one = stuck(timer("c1", "seal", 10));
    assert_eq!(db.store.put_stuck_timer(&one).await, Ok(true));
    assert_eq!(db.store.put_stuck_timer(&stuck(timer("c2", "seal", 11))).await, Ok(false), "it was moved");
    assert_eq!(db.store.stuck_timers(None).await, Ok(vec![one.clone()]));
    assert_eq!(db.store.stuck_timers(Some("c1")).await, Ok(vec![one.clone()]));
    assert_eq!(db.store.stuck_timers(Some("c2")).await, Ok(vec![]));
    db.save(set([timer("c1", "seal", 10)])).await;
    assert_eq!(db.store.stuck_timers(None).await, Ok(vec![one]), "it stands as it did");
    db.save(set([timer("c1", "seal", 20)])).await;
    assert_eq!(db.store.stuck_timers(None).await, Ok(vec![]), "another deadline");
}

async fn a_timer_is_moved_and_taken_away(db: &Database) {
    let other_kind = TimerRow { kind: "escalate".into(), ..timer("c1", "seal", 30) };
    db.save(set([timer("c1", "seal", 10), other_kind.clone(), timer("c2", "seal", 10)])).await;
    db.save(set([TimerRow { clock: Clock::Operating, ..timer("c1", "seal", 50) }])).await;
    let moved = TimerRow { clock: Clock::Operating, ..timer("c1", "seal", 50) };
    assert_eq!(db.store.timers_of("c1").await, Ok(vec![other_kind.clone(), moved]));
    let key = |case_id: &str, step: &str, kind: &str| TimerKey {
        case_id: case_id.into(),
        step: step.into(),
        kind: kind.into(),
    };
    let gone = vec![key("c1", "seal", "remind"), key("c2", "seal", "remind"), key("c3", "seal", "remind")];
    db.save(Changes { timers_gone: gone, ..Changes::default() }).await;
    assert_eq!(db.store.timers_of("c1").await, Ok(vec![other_kind]));
    assert_eq!(db.store.timers_of("c2").await, Ok(vec![]));
    assert_eq!(db.store.next_timer(Clock::Operating, 0).await, Ok(None));
}
