//! An officer ends a case that cannot go on.

use kaiban_engine::{Command, Event, Rejection};

use crate::sim::Sim;
use crate::sim::desk::OFFICER;

fn cancel(sim: &mut Sim, officer: &str) -> Result<Vec<Event>, Rejection> {
    sim.run(Command::Cancel { officer: officer.into(), reason: Some("digest".into()) })
}

#[test]
fn it_ends_at_any_stage_even_after_the_licence() {
    let mut sim = Sim::business_start("350100");
    sim.office("registration").approves();
    sim.office("seal").asks_for(&["/seals/count"]);
    sim.office("invoices").decides("decline");
    let events = cancel(&mut sim, OFFICER).unwrap();
    assert_eq!(events[0], Event::Cancelled { officer: OFFICER.into(), reason: Some("digest".into()) });
    let Some(Event::Closed { outcome, without, taken_back, .. }) = events.last() else { panic!("{events:?}") };
    assert_eq!((outcome.as_str(), without.as_slice()), ("cancelled", ["invoices".to_owned()].as_slice()));
    assert_eq!(taken_back.keys().collect::<Vec<_>>(), ["housing-fund", "seal", "social-insurance"]);
}

#[test]
fn the_reported_time_is_not_touched_once_the_clock_stopped() {
    let mut sim = Sim::business_start("350100");
    for step in ["registration", "seal", "invoices", "social-insurance", "housing-fund"] {
        sim.office(step).approves();
    }
    let used = sim.case.used.clone().unwrap();
    sim.clock_says("2026-03-05 10:00");
    let events = cancel(&mut sim, OFFICER).unwrap();
    assert!(!events.iter().any(|event| matches!(event, Event::PromiseStopped { .. })), "{events:#?}");
    assert_eq!(sim.case.used, Some(used));
}

#[test]
fn somebody_answers_for_it() {
    let mut sim = Sim::business_start("350100");
    assert_eq!(cancel(&mut sim, ""), Err(Rejection::TextInvalid { field: "officer" }));
    assert_eq!(cancel(&mut sim, "张三"), Err(Rejection::TextInvalid { field: "officer" }));
}

#[test]
fn once() {
    let mut sim = Sim::business_start("350100");
    cancel(&mut sim, OFFICER).unwrap();
    assert_eq!(cancel(&mut sim, OFFICER), Err(Rejection::CaseClosed));
}
