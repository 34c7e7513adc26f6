//! An outcome takes earlier steps back; what was done is undone.

use kaiban_engine::{Command, Event, Rejection, StepState};
use serde_json::json;

use super::last;
use crate::sim::{Completion, Sim, hours, local, world};

/// A draft, seals made from it, a look at both, and a desk that is not part of the loop.
const PACKAGE: &str = r#"promise: [{ from: 2020-01-01, within: 1 working day }]
steps:
  draft:
    title: { zh: 起草, en: Draft }
    party: tax
    counts: true
    within: 2 working hours
    shares: [form.name]
    outcomes: { done: {} }
  seal:
    title: { zh: 刻章, en: Seal }
    party: seal-carver
    needs: [draft]
    counts: true
    shares: [form.count]
    result: result.schema.json
    undo: seal-return
    outcomes: { done: {} }
  seal-return:
    title: { zh: 收回印章, en: Seals returned }
    party: delivery
    counts: false
    shares: [results.seal.number]
    outcomes: { done: {} }
  review:
    title: { zh: 复核, en: Review }
    party: market-regulation
    needs: [seal]
    counts: true
    shares: [form.name, form.count]
    outcomes:
      approve: {}
      redo: { reopens: [draft], at_most: 2, title: { zh: 退回, en: Redo } }
      correct: { asks: applicant, reopens: [seal], at_most: 1 }
  desk:
    title: { zh: 窗口, en: Desk }
    party: housing-fund
    counts: false
    shares: [form.name]
    outcomes: { done: {}, correct: { asks: applicant } }
"#;

pub fn drawn_again() -> Sim {
    let mut sim = Sim::shop(PACKAGE, &[]);
    sim.clock_says("09:30");
    sim.office("draft").approves();
    sim.clock_says("10:00");
    sim.office("seal").approves();
    sim.clock_says("10:30");
    sim.office("review").decides("redo");
    sim.clock_says("11:00");
    for step in ["draft", "seal"] {
        sim.office(step).approves();
    }
    sim.clock_says("11:30");
    sim.office("review").approves();
    sim.office("desk").approves();
    sim.clock_says("15:00");
    sim.office("seal-return[seal-1]").approves();
    sim
}

pub fn corrected_from_far_behind() -> Sim {
    let mut sim = Sim::shop(PACKAGE, &[]);
    sim.office("draft").approves();
    sim.office("seal").approves();
    sim.clock_says("10:00");
    sim.office("review").asks_for(&["/count"]);
    sim.clock_says("11:00");
    sim.corrects("review.1", "/count", json!(2)).unwrap();
    sim.office("seal").approves();
    sim.office("seal-return[seal-1]").approves();
    sim.office("review").approves();
    sim.office("desk").approves();
    sim
}

fn redone(times: usize) -> Sim {
    let mut sim = Sim::shop(PACKAGE, &[]);
    for _ in 0..times {
        sim.office("draft").approves();
        sim.office("seal").approves();
        sim.office("review").decides("redo");
    }
    sim
}

#[test]
fn a_loop_has_a_bound() {
    let mut sim = redone(2);
    sim.office("draft").approves();
    sim.office("seal").approves();
    let tried = sim.office("review").tries(Completion::of("review", "redo"));
    assert_eq!(tried, Err(Rejection::LoopExhausted { step: "review".into(), at_most: 2 }));
    // Another loop of the same step has a bound of its own.
    sim.office("review").asks_for(&["/count"]);
    sim.corrects("review.1", "/count", json!(2)).unwrap();
    sim.office("seal").approves();
    let again = Completion::of("review", "correct").findings(&["/count"]);
    assert!(matches!(sim.office("review").tries(again), Err(Rejection::LoopExhausted { at_most: 1, .. })));
}

#[test]
fn rounds_keep_their_results_and_each_is_undone() {
    let sim = redone(2);
    let seal = &sim.case.steps["seal"];
    let rounds: Vec<(u32, bool)> = seal.superseded.iter().map(|round| (round.round, round.result.is_some())).collect();
    assert_eq!((seal.state, rounds), (StepState::Pending, vec![(1, true), (2, true)]));
    assert_eq!(sim.open(), ["desk", "draft", "seal-return[seal-1]", "seal-return[seal-2]"]);
    let undone = |branch: &str| sim.case.steps[branch].undoes.as_ref().unwrap().result.clone();
    assert_eq!(undone("seal-return[seal-1]"), seal.superseded[0].result);
    assert_eq!(undone("seal-return[seal-2]"), seal.superseded[1].result);
}

#[test]
fn whoever_undoes_sees_what_is_undone_not_what_came_after() {
    let mut sim = redone(1);
    sim.office("draft").approves();
    sim.office("seal").approves();
    let events = sim.run(Command::Claim { step: "seal-return[seal-1]".into(), holder: "w".into() }).unwrap();
    assert!(matches!(&events[0], Event::TaskHandedOver { fields, .. } if *fields == ["/results/seal/number"]));
    let sheet =
        kaiban_engine::Sheet::of(&sim.def, &sim.case, "seal-return[seal-1]", &sim.all_documents()).unwrap().shared();
    let first = &sim.case.steps["seal"].superseded[0].result.clone().unwrap();
    assert_eq!(sheet.value["results"]["seal"]["number"], sim.documents[first]["number"]);
}

#[test]
fn a_case_does_not_end_before_everything_is_undone() {
    let mut sim = redone(1);
    for step in ["draft", "seal", "review", "desk"] {
        sim.office(step).approves();
    }
    assert_eq!((sim.case.outcome.as_deref(), sim.open()), (None, vec!["seal-return[seal-1]".to_owned()]));
    assert!(sim.case.used.is_some(), "undoing never counts");
    sim.office("seal-return[seal-1]").approves();
    assert_eq!(sim.case.outcome.as_deref(), Some("opened"));
}

#[test]
fn a_step_goes_on_with_the_time_that_it_used_before() {
    let mut sim = Sim::shop(PACKAGE, &[]);
    sim.clock_says("10:00");
    sim.office("draft").approves();
    sim.office("seal").approves();
    sim.clock_says("11:00");
    sim.office("review").decides("redo");
    sim.clock_says("11:30");
    let clock = sim.step_clock("draft");
    assert_eq!((hours(clock.elapsed_us), clock.budget_us.map(hours)), ("1:30".into(), Some("2:00".into())));
    assert_eq!(hours(sim.clock().elapsed_us), "2:30", "the case's clock never stopped");
}

/// Lateness is measured round by round, and a default that did not come in the first can come in the second.
#[test]
fn a_round_is_late_by_its_own_time() {
    let listed = "within: 2 working hours\n    on_overdue:\n      - { after: 2 working hours, do: remind }\n      \
                  - { after: 4 working hours, outcome: done }\n";
    let mut sim = Sim::shop(&PACKAGE.replace("within: 2 working hours\n", listed), &[]);
    let offered = sim.case.steps["draft"].overdue.clone();
    assert_eq!(offered.len(), 2);
    sim.clock_says("11:30").timers_fire();
    assert_eq!(sim.case.steps["draft"].reached, [0]);
    sim.office("draft").approves();
    sim.office("seal").approves();
    sim.clock_says("2026-03-03 09:00");
    sim.office("review").decides("redo");
    let due: Vec<String> = sim.case.steps["draft"].overdue.iter().map(|(_, at_us)| local(*at_us)).collect();
    assert_eq!(due, ["2026-03-03 11:00", "2026-03-03 15:30"], "the whole list again, from the new offer on");
    sim.clock_says("15:30").timers_fire();
    assert_eq!((sim.state("draft"), sim.case.steps["draft"].superseded.len()), (StepState::Completed, 1));
    let clock = sim.step_clock("draft");
    assert_eq!((hours(clock.elapsed_us), clock.within()), ("6:30".into(), false), "the promise was made once");
}

#[test]
fn who_is_not_downstream_is_not_touched_and_whoever_holds_a_task_loses_it() {
    let mut sim = Sim::shop(PACKAGE, &[]);
    sim.office("desk").takes();
    sim.office("draft").approves();
    sim.office("seal").approves();
    sim.office("review").decides("redo");
    assert_eq!(sim.state("desk"), StepState::Claimed);
    assert_eq!(
        last(&sim, 7),
        [
            "review: redo by FZ-0591 takes back",
            "draft: reopened by review",
            "seal: reopened by review",
            "seal-return[seal-1]: undoes round 1 of seal",
            "review: reopened by review",
            "draft: offer 2 to tax-350100, 2:00 promised",
            "seal-return[seal-1]: offer 1 to delivery-350100, not counted",
        ]
    );
}

/// Two looks at one draft: the second finds it wrong while the first still has it in hand.
const PARALLEL: &str = "steps:
  draft:
    title: { zh: 起草, en: Draft }
    party: tax
    counts: true
    shares: [form.name]
    outcomes: { done: {} }
  first:
    title: { zh: 初审, en: First look }
    party: market-regulation
    needs: [draft]
    counts: true
    shares: [form.name]
    outcomes: { done: {} }
  second:
    title: { zh: 复审, en: Second look }
    party: seal-carver
    needs: [draft]
    counts: true
    shares: [form.name]
    outcomes: { done: {}, redo: { reopens: [draft], at_most: 3, title: { zh: 退回, en: Redo } } }
";

#[test]
fn an_epoch_of_a_task_that_was_taken_away_is_never_good_again() {
    let mut sim = Sim::shop(PARALLEL, &[]);
    sim.office("draft").approves();
    // The journal only knows of the first of these hands.
    for holder in ["window-1", "window-2", "window-3"] {
        sim.office("first").is_taken_by(holder);
    }
    sim.office("second").decides("redo");
    assert_eq!(sim.state("first"), StepState::Pending);
    sim.office("draft").approves();
    sim.office("first").is_taken_by("window-4");
    for epoch in 1..=4 {
        let tried = sim.run(Completion::of("first", "done").epoch(epoch).into());
        assert_eq!(tried, Err(Rejection::StaleEpoch { step: "first".into() }), "{epoch}");
    }
    sim.office("first").approves();
}

#[test]
fn an_open_correction_of_a_step_that_is_taken_back_is_dropped() {
    let package = PARALLEL.replacen(
        "outcomes: { done: {} }\n  second",
        "outcomes: { done: {}, correct: { asks: applicant } }\n  second",
        1,
    );
    let package = package.replacen("shares: [form.name]", "shares: [{ sees: form.name }]", 1);
    let mut sim = Sim::shop(&package, &[]);
    sim.office("draft").approves();
    sim.office("first").asks_for(&["/name"]);
    sim.clock_says("10:00");
    sim.office("second").decides("redo");
    assert_eq!(sim.corrects("first.1", "/name", json!("榕溪")), Err(Rejection::NoOpenCorrection));
    assert_eq!(sim.case.corrections[0].dropped_at_us, Some(sim.now_us));
    sim.office("draft").approves();
    sim.office("first").asks_for(&["/name"]);
    sim.clock_says("11:00");
    sim.office("second").decides("redo");
    let dropped: Vec<_> = sim.case.corrections.iter().map(|asked| asked.dropped_at_us.unwrap()).collect();
    assert!(dropped[0] < dropped[1], "what was dropped once stays as it was");
}

#[test]
fn a_guard_is_asked_again_in_every_round() {
    let package = PARALLEL.replace("    title: { zh: 初审", "    when: form.count > 1\n    title: { zh: 初审").replace(
        "redo: { reopens: [draft], at_most: 3, title: { zh: 退回, en: Redo } }",
        "correct: { asks: applicant, reopens: [draft], at_most: 3 }",
    );
    let package = package.replacen(
        "shares: [form.name]\n    outcomes: { done: {}, correct",
        "shares: [form.count]\n    outcomes: { done: {}, correct",
        1,
    );
    let mut sim = Sim::shop(&package, &[]);
    sim.office("draft").approves();
    assert_eq!(sim.state("first"), StepState::Skipped);
    sim.office("second").asks_for(&["/count"]);
    sim.corrects("second.1", "/count", json!(2)).unwrap();
    sim.office("draft").approves();
    // It does not stand behind the step that reopened it, but it needs what was reopened.
    assert_eq!(sim.state("first"), StepState::Offered);
}

#[test]
fn a_group_is_taken_back_with_all_of_its_branches() {
    let package = "steps:
  check:
    title: { zh: 核验, en: Check }
    party: tax
    for_each: { over: form.people, key: key }
    counts: true
    shares: [item.name]
    result: result.schema.json
    undo: tear
    outcomes: { done: {} }
  tear:
    title: { zh: 作废, en: Tear up }
    party: delivery
    counts: false
    shares: [results.check]
    outcomes: { done: {} }
  review:
    title: { zh: 复核, en: Review }
    party: market-regulation
    needs: [check]
    counts: true
    shares: [form.people]
    outcomes: { approve: {}, correct: { asks: applicant, reopens: [check], at_most: 2 } }
";
    let mut sim = Sim::shop(package, &["ann", "bo"]);
    sim.office("check[ann]").approves();
    sim.office("check[bo]").approves();
    sim.office("review").asks_for(&["/people"]);
    sim.corrects("review.1", "/people", world::shop_form(&["bo", "cy"])["people"].clone()).unwrap();
    assert_eq!(sim.open(), ["check[bo]", "check[cy]", "tear[check[ann]-1]", "tear[check[bo]-1]"]);
    assert_eq!(sim.state("check[ann]"), StepState::Withdrawn);
    let documents = sim.all_documents();
    let sheet = kaiban_engine::Sheet::of(&sim.def, &sim.case, "tear[check[ann]-1]", &documents).unwrap();
    assert_eq!(sheet.shared().value["results"]["check"]["ann"]["number"], "N1");
    for step in ["check[bo]", "check[cy]", "tear[check[ann]-1]", "tear[check[bo]-1]", "review"] {
        sim.office(step).approves();
    }
    assert_eq!(sim.case.outcome.as_deref(), Some("opened"));
}

#[test]
fn counted_work_that_is_reopened_after_the_clock_stopped_is_reported_again() {
    let package = PARALLEL.replacen(
        "counts: true\n    shares: [form.name]\n    outcomes: { done: {}, redo",
        "counts: false\n    shares: [form.name]\n    outcomes: { done: {}, redo",
        1,
    );
    let mut sim = Sim::shop(&package, &[]);
    sim.clock_says("09:30");
    sim.office("draft").approves();
    sim.clock_says("10:00");
    sim.office("first").approves();
    assert_eq!(sim.case.used.as_ref().map(|used| hours(used.working_us)).as_deref(), Some("1:00"));
    sim.clock_says("11:00");
    sim.office("second").decides("redo");
    assert_eq!((sim.case.used.as_ref(), sim.clock().state.name()), (None, "running"));
    sim.clock_says("11:30");
    for step in ["draft", "first", "second"] {
        sim.office(step).approves();
    }
    assert_eq!(sim.case.used.as_ref().map(|used| hours(used.working_us)).as_deref(), Some("1:30"));
}
