//! One branch for each element of a list.

use kaiban_engine::{Command, Event, Rejection, StepState};
use serde_json::json;

use super::last;
use crate::sim::{Completion, Sim, world};

/// Everybody is checked for themselves, but not who is known; then somebody writes the licence.
const PACKAGE: &str = r#"steps:
  identity:
    title: { zh: 实名核验, en: Identity }
    party: social-insurance
    for_each: { over: form.people, key: key }
    when: item.known == false
    counts: true
    shares: [item.name, { sees: item.phone }]
    result: result.schema.json
    outcomes: { done: {}, correct: { asks: applicant }, decline: { adverse: true, ends: branch, law: 办法 §3 } }
  list:
    title: { zh: 核对名单, en: List }
    party: tax
    counts: false
    shares: [{ sees: form.people }]
    outcomes: { done: {}, correct: { asks: applicant } }
  licence:
    title: { zh: 登记, en: Licence }
    party: market-regulation
    needs: [identity]
    counts: true
    shares: [form.name, results.identity]
    outcomes: { approve: {} }
"#;

fn people(keys: &[&str]) -> serde_json::Value {
    world::shop_form(keys)["people"].clone()
}

pub fn checked_one_by_one() -> Sim {
    let mut sim = Sim::new(world::shop(PACKAGE));
    sim.submits(world::with(world::shop_form(&["ann", "bo", "cy"]), "/people/1/known", json!(true))).unwrap();
    sim.clock_says("10:00");
    sim.office("identity[ann]").asks_for(&["/people/0/name"]);
    sim.office("identity[cy]").asks_for(&["/people/2/name"]);
    sim.clock_says("11:00");
    sim.corrects("identity[cy].1", "/people/2/name", json!("陈先生")).unwrap();
    sim.clock_says("11:30");
    sim.corrects("identity[ann].1", "/people/0/name", json!("安先生")).unwrap();
    sim.office("identity[ann]").approves();
    sim.office("identity[cy]").decides("decline");
    sim.office("list").approves();
    sim.office("licence").approves();
    sim
}

pub fn the_list_changes() -> Sim {
    let mut sim = Sim::shop(PACKAGE, &["ann", "bo"]);
    sim.office("identity[bo]").takes();
    sim.office("list").asks_for(&["/people"]);
    sim.clock_says("10:00");
    sim.corrects("list.1", "/people", people(&["cy", "ann"])).unwrap();
    sim.office("identity[ann]").approves();
    sim.office("identity[cy]").approves();
    sim.office("list").approves();
    sim.office("licence").approves();
    sim
}

/// Bo was taken off the list and comes back when everybody else has been checked.
#[test]
fn a_group_that_had_joined_goes_on_with_whoever_is_added() {
    let package = PACKAGE
        .replace("shares: [item.name, { sees: item.phone }]", "shares: [{ sees: item.name }, { sees: item.phone }]");
    let mut sim = Sim::shop(&package, &["ann", "bo"]);
    sim.office("identity[ann]").approves();
    sim.office("list").asks_for(&["/people"]);
    sim.corrects("list.1", "/people", people(&["ann"])).unwrap();
    assert_eq!((sim.state("identity"), sim.state("licence")), (StepState::Completed, StepState::Offered));
    sim.office("list").asks_for(&["/people"]);
    sim.corrects("list.2", "/people", people(&["bo", "ann", "cy"])).unwrap();
    assert_eq!(sim.open(), ["identity[bo]", "identity[cy]", "licence", "list"], "what had begun goes on");
    sim.office("identity[bo]").approves();
    sim.office("identity[cy]").approves();
    assert_eq!(sim.state("identity"), StepState::Completed);
    assert_eq!(sim.case.steps["identity[bo]"].offers, 2, "the second offer of the same branch");
}

#[test]
fn a_branch_gets_its_element_and_nothing_of_the_others() {
    let mut sim = Sim::shop(PACKAGE, &["ann", "bo"]);
    let fields = |sim: &mut Sim, step: &str| {
        let events = sim.run(Command::Claim { step: step.into(), holder: "w".into() }).unwrap();
        let Event::TaskHandedOver { fields, .. } = &events[0] else { panic!("{events:#?}") };
        fields.clone()
    };
    assert_eq!(fields(&mut sim, "identity[bo]"), ["/item/name"]);
    sim.office("identity[ann]").approves();
    sim.office("identity[bo]").approves();
    assert_eq!(fields(&mut sim, "licence"), ["/form/name", "/results/identity"]);
}

#[test]
fn without_an_element_nobody_is_asked() {
    let sim = Sim::shop(PACKAGE, &[]);
    assert_eq!((sim.state("identity"), sim.state("licence")), (StepState::Skipped, StepState::Offered));
}

#[test]
fn a_group_joins_when_all_are_skipped() {
    let mut form = world::shop_form(&["ann", "bo"]);
    for index in 0..2 {
        form["people"][index]["known"] = json!(true);
    }
    let mut sim = Sim::new(world::shop(PACKAGE));
    sim.submits(form).unwrap();
    assert_eq!((sim.state("identity"), sim.state("licence")), (StepState::Completed, StepState::Offered));
}

#[test]
fn a_correction_of_a_branch_opens_its_own_element_only() {
    let mut sim = Sim::shop(PACKAGE, &["ann", "bo"]);
    for (pointers, refused) in [(["/people/0/name"], true), (["/people/1/key"], true), (["/people/1/phone"], false)] {
        let correct = Completion::of("identity[bo]", "correct").findings(&pointers);
        let tried = sim.office("identity[bo]").tries(correct);
        assert_eq!(matches!(tried, Err(Rejection::CorrectionInvalid(_))), refused, "{pointers:?}: {tried:?}");
    }
}

#[test]
fn the_element_is_found_by_its_key_wherever_it_stands() {
    let mut sim = Sim::shop(PACKAGE, &["ann", "bo"]);
    sim.office("list").asks_for(&["/people"]);
    sim.corrects("list.1", "/people", people(&["cy", "bo", "ann"])).unwrap();
    let correct = |at: &str| Completion::of("identity[bo]", "correct").findings(&[at]);
    assert!(sim.office("identity[bo]").tries(correct("/people/2/name")).is_err());
    sim.office("identity[bo]").tries(correct("/people/1/name")).unwrap();
}

#[test]
fn who_was_checked_and_is_taken_off_the_list_is_withdrawn_with_the_result_kept_under_its_round() {
    let package = PACKAGE.replace("shares: [item.name,", "shares: [{ sees: item.name },");
    let mut sim = Sim::shop(&package, &["ann", "bo"]);
    sim.office("list").asks_for(&["/people"]);
    sim.office("identity[ann]").approves();
    sim.corrects("list.1", "/people", people(&["bo"])).unwrap();
    let gone = &sim.case.steps["identity[ann]"];
    assert_eq!((gone.state, gone.superseded.len(), gone.result.as_ref()), (StepState::Withdrawn, 1, None));
    sim.office("identity[bo]").approves();
    assert_eq!(sim.state("licence"), StepState::Offered);
}

#[test]
fn nobody_left_is_like_nobody_at_all() {
    let mut sim = Sim::shop(PACKAGE, &["ann"]);
    sim.office("list").asks_for(&["/people"]);
    sim.corrects("list.1", "/people", json!([])).unwrap();
    assert_eq!((sim.state("identity"), sim.state("licence")), (StepState::Skipped, StepState::Offered));
}

#[test]
fn a_branch_whose_own_answer_removes_it_is_gone() {
    let package = PACKAGE.replace("shares: [item.name, { sees: item.phone }]", "shares: [item.name, form.people]");
    let mut sim = Sim::shop(&package, &["ann", "bo"]);
    sim.office("identity[bo]").asks_for(&["/people"]);
    sim.corrects("identity[bo].1", "/people", people(&["ann"])).unwrap();
    assert_eq!(sim.state("identity[bo]"), StepState::Withdrawn);
    assert_eq!(sim.open(), ["identity[ann]", "list"]);
}

#[test]
fn guards_see_the_element_and_an_incident_is_the_branchs_own() {
    let package =
        PACKAGE.replace("item.known == false", "item.known == false && size(item.name) * 4000000000000000000 > 0");
    let mut form = world::shop_form(&["ann", "bo"]);
    form["people"][0]["name"] = json!("安");
    let mut sim = Sim::new(world::shop(&package));
    sim.submits(form).unwrap();
    assert_eq!((sim.state("identity[ann]"), sim.state("identity[bo]")), (StepState::Offered, StepState::Incident));
    let resolve = Command::Resolve { step: "identity[bo]".into(), officer: "FZ-1".into() };
    sim.run(resolve).unwrap();
    assert_eq!(last(&sim, 2), ["identity[bo]: incident resolved", "identity[bo]: incident, GUARD_FAILED"]);
}

#[test]
fn without_says_which_branch_ended() {
    let sim = checked_one_by_one();
    assert_eq!(last(&sim, 1), ["closed: opened, without identity[cy]"]);
}
