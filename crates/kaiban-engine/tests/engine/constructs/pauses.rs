//! Pauses by the table: who approves, until when, which codes.

use kaiban_engine::{Command, Event, PauseReason, Rejection, StepState};

use crate::sim::desk::{APPROVER, OFFICER};
use crate::sim::{MINUTE_US, Sim, hours, world};

const PACKAGE: &str = "promise: [{ from: 2020-01-01, within: 1 working day }]
intake: { party: market-regulation, when: form.count > 5, deemed_within: 2 working days }
steps:
  look:
    title: { zh: 审查, en: Look }
    party: tax
    counts: true
    within: 3 working hours
    shares: [form.name]
    on_overdue: [{ after: 2 working hours, do: remind }]
    outcomes: { done: {}, correct: { asks: applicant } }
";

fn pause(sim: &Sim, reason: PauseReason) -> Command {
    Command::Pause {
        step: "look".into(),
        reason,
        until_us: Some(sim.now_us + 1440 * MINUTE_US),
        note: Some("digest".into()),
        officer: OFFICER.into(),
        approver: Some(APPROVER.into()),
    }
}

fn resume() -> Command {
    Command::Resume { step: "look".into(), officer: OFFICER.into() }
}

pub fn paused() -> Sim {
    let mut sim = Sim::shop(PACKAGE, &[]);
    sim.office("look").takes();
    sim.clock_says("10:00");
    sim.run(pause(&sim, PauseReason::SpecialProcedure)).unwrap();
    sim.clock_says("2026-03-04 09:00");
    sim.run(resume()).unwrap();
    sim.clock_says("09:30");
    sim.office("look").takes();
    sim.run(pause(&sim, PauseReason::Appointment)).unwrap();
    sim.clock_says("2026-03-05 09:00");
    sim.run(resume()).unwrap();
    sim.clock_says("10:00");
    sim.office("look").approves();
    sim
}

#[test]
fn a_pause_keeps_what_is_left_and_takes_the_task_away() {
    let mut sim = Sim::shop(PACKAGE, &[]);
    sim.office("look").is_taken_by("window-1").is_taken_by("window-2");
    sim.clock_says("10:00");
    let events = sim.run(pause(&sim, PauseReason::SpecialProcedure)).unwrap();
    assert!(matches!(&events[..], [Event::StepPaused { epoch: 2, .. }]), "{events:#?}");
    assert_eq!((sim.state("look"), sim.open(), sim.clock().state.name()), (StepState::Paused, vec![], "paused"));
    assert!(sim.case.timers().is_empty());
    sim.clock_says("2026-03-09 09:00");
    sim.run(resume()).unwrap();
    assert_eq!((sim.state("look"), hours(sim.clock().elapsed_us)), (StepState::Offered, "1:00".into()));
    assert_eq!(hours(sim.step_clock("look").remaining_us().unwrap()), "2:00");
    let late = sim.case.steps["look"].overdue[0].1;
    assert_eq!(crate::sim::local(late), "2026-03-09 10:00");
    // Nobody had the third epoch.
    let held = sim.office("look").is_taken_by("window-2").epoch();
    assert_eq!(held, 3);
}

#[test]
fn codes_come_in_pairs_by_the_table() {
    for (reason, codes) in [
        (PauseReason::SpecialProcedure, &[9, 10][..]),
        (PauseReason::Litigation, &[9, 10]),
        (PauseReason::Appointment, &[]),
    ] {
        let mut sim = Sim::shop(PACKAGE, &[]);
        let emitted = |sim: &Sim| sim.case.steps["look"].codes.iter().map(|at| at.code as u8).collect::<Vec<_>>();
        sim.run(pause(&sim, reason)).unwrap();
        assert_eq!(emitted(&sim), codes[..codes.len().min(1)]);
        let mut withdrawn = Sim::shop(PACKAGE, &[]);
        withdrawn.run(pause(&withdrawn, reason)).unwrap();
        withdrawn.run(Command::Withdraw { reason: None }).unwrap();
        assert_eq!(emitted(&withdrawn), codes, "a withdrawal ends what was begun");
        sim.run(resume()).unwrap();
        assert_eq!(emitted(&sim), codes);
    }
}

#[test]
fn the_table_says_who_approves_and_whether_the_end_is_said() {
    let mut sim = Sim::shop(PACKAGE, &[]);
    let mut tries = |approver: Option<&str>, until_us: Option<i64>, reason| {
        let (approver, officer) = (approver.map(String::from), OFFICER.into());
        sim.run(Command::Pause { step: "look".into(), reason, until_us, note: None, officer, approver })
    };
    let ahead = Some(world_now() + 1440 * MINUTE_US);
    let special = PauseReason::SpecialProcedure;
    assert_eq!(tries(None, ahead, special), Err(Rejection::ApproverRequired));
    assert_eq!(tries(Some(OFFICER), ahead, special), Err(Rejection::ApproverNotAnother));
    assert_eq!(tries(Some(APPROVER), None, special), Err(Rejection::UntilRequired));
    for until_us in [world_now(), world_now() - 1, world_now() + 731 * 1440 * MINUTE_US] {
        let refused = Err(Rejection::TimeOutOfRange { max: std::time::Duration::from_secs(730 * 86_400) });
        assert_eq!(tries(Some(APPROVER), Some(until_us), special), refused);
    }
    assert_eq!(tries(Some("林舒"), ahead, special), Err(Rejection::TextInvalid { field: "approver" }));
    tries(Some(APPROVER), None, PauseReason::Litigation).unwrap();
}

/// When the simulation begins.
fn world_now() -> i64 {
    Sim::new(world::shop(PACKAGE)).now_us
}

#[test]
fn only_what_an_office_has_to_do_is_paused() {
    let mut sim = Sim::shop(PACKAGE, &[]);
    assert_eq!(sim.run(resume()), Err(Rejection::NotPaused { step: "look".into() }));
    sim.office("look").asks_for(&["/name"]);
    let refused = sim.run(pause(&sim, PauseReason::Litigation));
    assert_eq!(refused, Err(Rejection::NotPausable { step: "look".into(), state: "CORRECTION" }));
    // The silence of the intake counts, whatever is said to it.
    let mut sim = Sim::new(world::shop(PACKAGE));
    sim.submits(world::with(world::shop_form(&[]), "/count", 6.into())).unwrap();
    assert_eq!(sim.run(pause(&sim, PauseReason::Litigation)), Err(Rejection::NotAcceptedYet));
    let Command::Pause { reason, until_us, note, officer, approver, .. } = pause(&sim, PauseReason::Litigation) else {
        unreachable!()
    };
    let intake = Command::Pause { step: "intake".into(), reason, until_us, note, officer, approver };
    assert_eq!(sim.run(intake), Err(Rejection::NotPausable { step: "intake".into(), state: "OFFERED" }));
}
