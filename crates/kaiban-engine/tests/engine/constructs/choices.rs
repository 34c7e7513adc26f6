//! The first of several is enough.

use kaiban_engine::{Because, Event, StepState};

use crate::sim::{Sim, world};

/// Two ways to prove the address; the third step waits for nothing but the second.
const PACKAGE: &str = "steps:
  after:
    title: { zh: 回访, en: Visit after }
    party: social-insurance
    needs: [post]
    counts: false
    shares: [form.name]
    outcomes: { done: {} }
  deed:
    title: { zh: 查产权, en: Deed }
    party: tax
    counts: true
    shares: [form.name]
    outcomes: { done: {}, decline: { adverse: true, ends: branch, law: 办法 §3 } }
  post:
    title: { zh: 寄信核实, en: Post }
    party: delivery
    counts: true
    shares: [form.name]
    outcomes: { done: {}, decline: { adverse: true, ends: branch, law: 办法 §3 } }
  licence:
    title: { zh: 登记, en: Licence }
    party: market-regulation
    needs_any: { of: [deed, post], cancels: others }
    counts: true
    shares: [form.name]
    outcomes: { approve: {} }
";

pub fn the_first_is_enough() -> Sim {
    let mut sim = Sim::shop(PACKAGE, &[]);
    sim.office("post").takes();
    sim.clock_says("10:00");
    sim.office("deed").approves();
    sim.clock_says("11:00");
    sim.office("after").approves();
    sim.office("licence").approves();
    sim
}

#[test]
fn the_others_go_on_unless_the_package_says_otherwise() {
    let mut sim = Sim::shop(&PACKAGE.replace("{ of: [deed, post], cancels: others }", "[deed, post]"), &[]);
    sim.office("deed").approves();
    assert_eq!(sim.open(), ["licence", "post"]);
    sim.office("licence").approves();
    sim.office("post").decides("decline");
    assert_eq!(sim.open(), ["after"], "an ended branch satisfies what needs it");
}

#[test]
fn a_branch_that_ends_is_no_first() {
    let mut sim = Sim::shop(PACKAGE, &[]);
    sim.office("deed").decides("decline");
    assert_eq!((sim.state("licence"), sim.open()), (StepState::Pending, vec!["post".to_owned()]));
    sim.office("post").approves();
    assert_eq!(sim.state("licence"), StepState::Offered);
}

#[test]
fn when_all_end_and_none_completes_the_step_is_skipped() {
    let mut sim = Sim::shop(PACKAGE, &[]);
    sim.office("deed").decides("decline");
    sim.office("post").decides("decline");
    assert_eq!(sim.state("licence"), StepState::Skipped);
    sim.office("after").approves();
    assert_eq!(sim.case.outcome.as_deref(), Some("opened"));
}

#[test]
fn a_step_that_has_not_begun_is_taken_back_too() {
    let mut sim = Sim::shop(
        &PACKAGE.replace(
            "  post:\n    title: { zh: 寄信核实, en: Post }\n",
            "  print:
    title: { zh: 打印, en: Print }
    party: delivery
    counts: true
    shares: [form.name]
    outcomes: { done: {} }
  post:
    title: { zh: 寄信核实, en: Post }
    needs: [print]
",
        ),
        &[],
    );
    let events = sim.office("deed").approves();
    let because = Because::Others;
    let withdrawn = Event::StepWithdrawn { step: "post".into(), because, reason: None, epoch: 0, used: None };
    assert!(events.contains(&withdrawn), "{events:#?}");
    assert_eq!(sim.open(), ["after", "licence", "print"]);
}

#[test]
fn a_correction_of_a_step_that_is_taken_back_needs_no_answer() {
    let package =
        PACKAGE.replace("outcomes: { done: {}, decline", "outcomes: { done: {}, correct: { asks: applicant }, decline");
    // Who only sees a place may end while another asks for it.
    let package = package.replace("shares: [form.name]", "shares: [{ sees: form.name }]");
    let mut sim = Sim::shop(&package, &[]);
    sim.office("post").asks_for(&["/name"]);
    sim.office("deed").approves();
    assert!(sim.case.open_correction("post").is_none());
    assert_eq!(sim.case.steps["post"].codes.iter().map(|at| at.code as u8).collect::<Vec<_>>(), [8, 6, 7]);
    assert!(sim.corrects("post.1", "/name", "榕溪".into()).is_err());
}

#[test]
fn a_group_of_branches_can_be_the_first() {
    let package = "steps:
  ask:
    title: { zh: 询问, en: Ask }
    party: tax
    for_each: { over: form.people, key: key }
    counts: true
    shares: [item.name]
    outcomes: { done: {} }
  look:
    title: { zh: 查看, en: Look }
    party: delivery
    counts: true
    shares: [form.name]
    outcomes: { done: {} }
  licence:
    title: { zh: 登记, en: Licence }
    party: market-regulation
    needs_any: { of: [ask, look], cancels: others }
    counts: true
    shares: [form.name]
    outcomes: { approve: {} }
";
    let mut sim = Sim::shop(package, &["ann", "bo"]);
    sim.office("ask[ann]").approves();
    assert_eq!(sim.state("licence"), StepState::Pending);
    let mut other = Sim::new(world::shop(package));
    other.submits(world::shop_form(&["ann", "bo"])).unwrap();
    other.office("ask[ann]").approves();
    sim.office("ask[bo]").approves();
    assert_eq!((sim.state("look"), sim.state("licence")), (StepState::Withdrawn, StepState::Offered));
    other.office("look").approves();
    assert_eq!((other.state("ask"), other.state("ask[bo]")), (StepState::Withdrawn, StepState::Withdrawn));
    assert_eq!((other.state("ask[ann]"), other.state("licence")), (StepState::Completed, StepState::Offered));
}
