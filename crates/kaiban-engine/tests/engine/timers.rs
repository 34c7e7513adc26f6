//! Deadlines come; none of them decides against anybody.

use kaiban_engine::{Command, Rejection, StepState, TimerClock, TimerKind};

use crate::sim::{Sim, local, world};

fn fire(sim: &mut Sim, step: &str, kind: TimerKind) -> Result<usize, Rejection> {
    sim.run(Command::FireTimer { step: step.into(), kind }).map(|events| events.len())
}

#[test]
fn a_timer_fires_at_its_instant_and_not_before() {
    let mut sim = Sim::business_start("350100");
    sim.office("registration").defers_until("2026-03-02 11:00");
    sim.clock_says("10:59:59.999999");
    assert_eq!(fire(&mut sim, "registration", TimerKind::Deferred), Err(Rejection::NoSuchTimer));
    sim.time_passes(1);
    assert_eq!(fire(&mut sim, "registration", TimerKind::Deferred), Ok(1));
    assert_eq!(fire(&mut sim, "registration", TimerKind::Deferred), Err(Rejection::NoSuchTimer));
}

#[test]
fn a_timer_of_another_kind_or_step_does_not_fire() {
    let mut sim = Sim::business_start("350100");
    sim.office("registration").fails();
    sim.clock_says("2026-03-03 09:00");
    assert_eq!(fire(&mut sim, "registration", TimerKind::Deferred), Err(Rejection::NoSuchTimer));
    assert_eq!(fire(&mut sim, "registration", TimerKind::Deemed), Err(Rejection::NoSuchTimer));
    assert_eq!(fire(&mut sim, "seal", TimerKind::Retry), Err(Rejection::NoSuchTimer));
    assert_eq!(fire(&mut sim, "bank", TimerKind::Retry), Err(Rejection::UnknownStep("bank".into())));
    assert_eq!(fire(&mut sim, "registration", TimerKind::Retry), Ok(1));
    assert_eq!(sim.state("registration"), StepState::Claimed);
}

#[test]
fn a_back_off_runs_on_operating_time_and_a_deferral_on_business_time() {
    let mut sim = Sim::business_start("350100");
    sim.office("registration").fails();
    let timer = sim.case.timers().remove(0);
    assert_eq!(
        (timer.kind, timer.clock, timer.due_us),
        (TimerKind::Retry, TimerClock::Operating, sim.operating_us + 10_000_000)
    );
    sim.operating_us = timer.due_us;
    sim.timers_fire();
    sim.office("registration").defers_until("2026-03-02 11:00");
    let timer = sim.case.timers().remove(0);
    assert_eq!(
        (timer.kind, timer.clock, local(timer.due_us)),
        (TimerKind::Deferred, TimerClock::Business, "2026-03-02 11:00".into())
    );
}

#[test]
fn a_closed_case_has_no_deadlines() {
    let mut sim = Sim::new(world::package("business-start"));
    sim.submits(world::doubtful_company("350100")).unwrap();
    sim.office("intake").defers_until("2026-03-03 09:00");
    assert_eq!(sim.case.timers().len(), 2);
    sim.run(Command::Withdraw { reason: None }).unwrap();
    assert!(sim.case.timers().is_empty());
    sim.clock_says("2026-04-01 09:00");
    for kind in [TimerKind::Deemed, TimerKind::Deferred] {
        assert_eq!(fire(&mut sim, "intake", kind), Err(Rejection::NoSuchTimer));
    }
}
