//! An attempt fails for technical reasons.

use kaiban_engine::{Command, Event, Rejection, StepState};

use crate::sim::{Completion, Sim};

const ONE_STEP: &str = "steps:
  a:
    title: { zh: 甲, en: A }
    party: tax
    counts: true
    shares: [form.name]
    retries: 12
    outcomes: { done: {} }
";

#[test]
fn back_off_doubles_up_to_a_bound_on_operating_time() {
    let mut sim = Sim::small(ONE_STEP);
    let mut waits_s = Vec::new();
    for _ in 0..12 {
        // Business time may be far ahead, or may stand still: back-off does not look at it.
        sim.now_us += 3_600_000_000;
        let before_us = sim.operating_us;
        let events = sim.office("a").fails();
        let Event::AttemptFailed { again_at_us, .. } = events[0] else { panic!("{events:#?}") };
        waits_s.push((again_at_us - before_us) / 1_000_000);
        assert!(sim.timers_fire().is_empty());
        sim.operating_us = again_at_us;
        assert_eq!(sim.timers_fire(), ["a retry"]);
    }
    assert_eq!(waits_s, [10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600, 3600]);
}

#[test]
fn used_up_retries_become_an_incident_and_never_an_outcome() {
    let mut sim = Sim::business_start("350100");
    for attempt in 1..=5 {
        let events = sim.office("registration").fails();
        assert!(matches!(events[0], Event::AttemptFailed { attempts, .. } if attempts == attempt));
        sim.time_passes(3_600_000_000).timers_fire();
    }
    let events = sim.office("registration").fails();
    let (step, code) = ("registration".into(), "RETRIES_EXHAUSTED".into());
    assert_eq!(events, [Event::IncidentOpened { step, code, counted: true, epoch: 6 }]);
    assert_eq!(sim.state("registration"), StepState::Incident);
    assert!(sim.open().is_empty() && sim.case.timers().is_empty());
}

#[test]
fn without_retries_the_first_failure_is_an_incident() {
    let mut sim = Sim::small(&ONE_STEP.replace("retries: 12", "retries: 0"));
    sim.office("a").fails();
    assert_eq!(sim.state("a"), StepState::Incident);
}

#[test]
fn whoever_failed_has_given_the_task_back() {
    let mut sim = Sim::small(ONE_STEP);
    sim.office("a").is_taken_by("first").fails();
    let stale = Err(Rejection::StaleEpoch { step: "a".into() });
    let fail = |epoch| Command::Fail { step: "a".into(), epoch, code: "X".into() };
    let done = || Command::from(Completion::of("a", "done"));
    // A report that is sent twice is not a second failure, neither while it backs off nor afterwards.
    for time in ["09:00", "09:30"] {
        sim.clock_says(time).timers_fire();
        assert_eq!((sim.run(fail(1)), sim.run(done())), (stale.clone(), stale.clone()), "{time}");
    }
    sim.office("a").is_taken_by("first");
    assert_eq!((sim.run(fail(1)), sim.case.steps["a"].attempts), (stale, 1));
    sim.run(fail(2)).unwrap();
    assert_eq!(sim.case.steps["a"].attempts, 2);
}

#[test]
fn a_new_offer_has_all_its_retries() {
    let mut sim = Sim::business_start("350100");
    for _ in 0..5 {
        sim.office("registration").fails();
        sim.time_passes(3_600_000_000).timers_fire();
    }
    sim.office("registration").asks_for(&["/name"]);
    sim.corrects("registration.1", "/name", "福州榕溪茶叶有限公司".into()).unwrap();
    assert!(matches!(sim.office("registration").fails()[0], Event::AttemptFailed { attempts: 1, .. }));
}

#[test]
fn the_reason_is_a_word_and_no_text() {
    let mut sim = Sim::small(ONE_STEP);
    sim.office("a").takes();
    let fail = Command::Fail { step: "a".into(), epoch: 1, code: "系统故障".into() };
    assert_eq!(sim.run(fail), Err(Rejection::TextInvalid { field: "code" }));
}
