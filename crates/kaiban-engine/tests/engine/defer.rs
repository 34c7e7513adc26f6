//! An office puts a task off; the time stays the office's.

use kaiban_engine::{Command, Event, Rejection, StepState};

use crate::sim::{MINUTE_US, Sim, hours};

const DAY_US: i64 = 24 * 60 * MINUTE_US;

fn defer(sim: &mut Sim, ahead_us: i64, code: &str) -> Result<Vec<Event>, Rejection> {
    sim.office("registration").takes();
    let (step, epoch) = ("registration".into(), sim.lease("registration").unwrap().epoch);
    let until_us = sim.now_us.saturating_add(ahead_us);
    sim.run(Command::Defer { step, epoch, until_us, code: code.into() })
}

#[test]
fn holder_epoch_and_clock_stay() {
    let mut sim = Sim::business_start("350100");
    sim.office("registration").is_taken_by("window-1").defers_until("2026-03-02 11:00");
    assert_eq!(sim.state("registration"), StepState::Deferred);
    sim.clock_says("11:00");
    assert_eq!((hours(sim.clock().elapsed_us), sim.clock().state.name()), ("2:00".into(), "running"));
    // A deferral is the office's time: half of the promise, and more, is over.
    assert_eq!(sim.timers_fire(), [" mark", "registration deferred"]);
    assert_eq!(sim.state("registration"), StepState::Claimed);
    let lease = sim.lease("registration").unwrap();
    assert_eq!((lease.epoch, lease.holder.as_deref()), (1, Some("window-1")));
}

#[test]
fn a_deferral_can_be_moved() {
    let mut sim = Sim::business_start("350100");
    sim.office("registration").defers_until("2026-03-02 11:00");
    sim.office("registration").defers_until("2026-03-02 10:00");
    sim.clock_says("10:00");
    assert_eq!(sim.timers_fire(), ["registration deferred", " mark"]);
}

#[test]
fn it_lies_ahead_and_within_a_bound() {
    let mut sim = Sim::business_start("350100");
    let max = sim.limits.deferral_max;
    for ahead_us in [0, -1, 60 * DAY_US + 1, i64::MAX, i64::MIN] {
        assert_eq!(defer(&mut sim, ahead_us, "X"), Err(Rejection::TimeOutOfRange { max }), "{ahead_us}");
    }
    defer(&mut sim, 60 * DAY_US, "X").unwrap();
    defer(&mut sim, 1, "X").unwrap();
}

#[test]
fn the_reason_is_a_word_and_no_text() {
    let mut sim = Sim::business_start("350100");
    for code in ["", "system down", "系统故障", "down", &"X".repeat(65)] {
        assert_eq!(defer(&mut sim, DAY_US, code), Err(Rejection::TextInvalid { field: "code" }), "{code}");
    }
    defer(&mut sim, DAY_US, "SITE_VISIT_2").unwrap();
}

#[test]
fn only_the_holder_of_an_open_task_defers() {
    let mut sim = Sim::business_start("350100");
    let defer = |sim: &mut Sim, step: &str, epoch| {
        let until_us = sim.now_us + DAY_US;
        sim.run(Command::Defer { step: step.into(), epoch, until_us, code: "X".into() })
    };
    assert_eq!(defer(&mut sim, "registration", 0), Err(Rejection::StaleEpoch { step: "registration".into() }));
    sim.office("registration").is_taken_by("a").is_taken_by("b");
    assert_eq!(defer(&mut sim, "registration", 1), Err(Rejection::StaleEpoch { step: "registration".into() }));
    sim.office("registration").asks_for(&["/name"]);
    let asked = Rejection::NoOpenTask { step: "registration".into(), state: "CORRECTION" };
    assert_eq!(defer(&mut sim, "registration", 2), Err(asked));
}
