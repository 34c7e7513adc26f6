//! The applicant takes the application back.

use kaiban_engine::{Command, Event, Phase, Rejection, StepState};

use crate::sim::{Sim, hours, world};

fn withdraw(sim: &mut Sim) -> Result<Vec<Event>, Rejection> {
    sim.run(Command::Withdraw { reason: None })
}

#[test]
fn everything_under_way_is_taken_back() {
    let mut sim = Sim::business_start("350100");
    sim.office("registration").takes();
    sim.clock_says("10:30");
    let events = withdraw(&mut sim).unwrap();
    assert!(matches!(
        &events[..],
        [Event::Withdrawn { reason: None }, Event::PromiseStopped { .. }, Event::Closed { .. }]
    ));
    assert_eq!((sim.case.phase, sim.case.outcome.as_deref()), (Phase::Closed, Some("withdrawn")));
    assert_eq!(sim.state("registration"), StepState::Withdrawn);
    sim.clock_says("2026-03-20 09:00");
    assert_eq!((hours(sim.clock().elapsed_us), sim.clock().state.name()), ("1:30".into(), "stopped"));
}

#[test]
fn it_may_be_withdrawn_before_acceptance_and_while_a_correction_waits() {
    let mut sim = Sim::new(world::package("business-start"));
    sim.submits(world::doubtful_company("350100")).unwrap();
    withdraw(&mut sim).unwrap();
    assert_eq!(sim.case.used, None);

    let mut sim = Sim::business_start("350100");
    sim.office("registration").asks_for(&["/name"]);
    withdraw(&mut sim).unwrap();
    assert_eq!(sim.state("registration"), StepState::Withdrawn);
}

#[test]
fn what_was_granted_cannot_be_withdrawn() {
    let mut sim = Sim::business_start("350100");
    sim.office("registration").approves();
    assert_eq!(withdraw(&mut sim), Err(Rejection::AlreadyDecided));
}

#[test]
fn without_a_step_that_decides_the_whole_case_it_may_be_withdrawn_to_the_end() {
    let mut sim = Sim::new(world::package("six-step"));
    sim.submits(world::company("350102")).unwrap();
    sim.office("registration").approves();
    withdraw(&mut sim).unwrap();
    assert_eq!(sim.state("seal"), StepState::Withdrawn);
    assert_eq!(sim.state("registration"), StepState::Completed);
}

#[test]
fn once() {
    let mut sim = Sim::business_start("350100");
    withdraw(&mut sim).unwrap();
    assert_eq!(withdraw(&mut sim), Err(Rejection::CaseClosed));
}
