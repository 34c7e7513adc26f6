//! What follows by itself: joins, conditional edges, skipped steps, ended branches, the end.

use kaiban_engine::{Event, Phase, StepState};
use serde_json::json;

use crate::sim::{Sim, closed, world};

fn started(package: &str, changes: &[(&str, serde_json::Value)]) -> Sim {
    let mut sim = Sim::new(world::small(package));
    let form = changes.iter().fold(world::small_form("350100"), |form, (at, part)| world::with(form, at, part.clone()));
    sim.submits(form).unwrap();
    sim
}

/// A licence, then a card only on paper, then a desk that waits for the card only on paper.
const PAPER: &str = "steps:
  licence:
    title: { zh: 登记, en: Licence }
    party: market-regulation
    counts: true
    shares: [form.name]
    result: result.schema.json
    outcomes: { approve: {}, refuse: { adverse: true, closes: refused, law: 条例 §20 } }
  card:
    title: { zh: 卡证, en: Card }
    party: seal-carver
    needs: [licence]
    counts: true
    shares: [form.name]
    outcomes: { done: {}, decline: { adverse: true, ends: branch, law: 办法 §3 } }
  tax:
    title: { zh: 税务, en: Tax }
    party: tax
    needs: [licence, { step: card, when: form.paper }]
    counts: true
    shares: [form.name]
    outcomes: { done: {} }
  bonus:
    title: { zh: 补贴, en: Bonus }
    party: tax
    needs: [tax]
    when: results.licence.granted && form.count > 3
    counts: false
    shares: [form.name]
    outcomes: { done: {} }
  desk:
    title: { zh: 出件, en: Desk }
    party: delivery
    needs: [card, bonus]
    counts: false
    shares: [form.name]
    outcomes: { done: {} }
";

#[test]
fn a_conditional_edge_waits_only_where_its_guard_holds() {
    for (paper, open) in [(true, vec!["card"]), (false, vec!["card", "tax"])] {
        let mut sim = started(PAPER, &[("/paper", json!(paper))]);
        let events = sim.office("licence").approves();
        assert_eq!(sim.open(), open);
        let waived = if paper { vec![] } else { vec!["card".to_owned()] };
        assert!(events.contains(&Event::NeedsResolved { step: "tax".into(), waived }), "{events:#?}");
    }
}

#[test]
fn conditional_edges_are_resolved_once() {
    let mut sim = started(PAPER, &[("/paper", json!(true))]);
    sim.office("licence").approves();
    let events = sim.office("card").approves();
    assert!(!events.iter().any(|event| matches!(event, Event::NeedsResolved { .. })), "{events:#?}");
    assert_eq!(sim.open(), ["tax"]);
}

#[test]
fn a_skipped_step_satisfies_what_needs_it() {
    let mut sim = started(PAPER, &[]);
    for step in ["licence", "card"] {
        sim.office(step).approves();
    }
    let events = sim.office("tax").approves();
    assert!(events.contains(&Event::StepSkipped { step: "bonus".into() }));
    assert_eq!((sim.state("bonus"), sim.open()), (StepState::Skipped, vec!["desk".to_owned()]));
}

#[test]
fn a_guard_that_holds_offers_the_step() {
    let mut sim = started(PAPER, &[("/count", json!(4))]);
    for step in ["licence", "card", "tax"] {
        sim.office(step).approves();
    }
    assert_eq!(sim.open(), ["bonus"]);
    sim.office("bonus").approves();
    assert_eq!(sim.open(), ["desk"]);
}

#[test]
fn an_ended_branch_lets_the_others_go_on() {
    let mut sim = started(PAPER, &[("/paper", json!(true))]);
    sim.office("licence").approves();
    sim.office("card").decides("decline");
    assert_eq!((sim.state("card"), sim.open()), (StepState::Ended, vec!["tax".to_owned()]));
    sim.office("tax").approves();
    let events = sim.office("desk").approves();
    assert_eq!(events.last(), Some(&closed("done", &["card"])));
}

#[test]
fn a_closing_outcome_ends_the_case_from_any_branch() {
    let mut sim = started(PAPER, &[]);
    sim.office("licence").decides("refuse");
    assert_eq!((sim.case.phase, sim.case.outcome.as_deref()), (Phase::Closed, Some("refused")));
    assert!(sim.case.steps.values().all(|run| run.state.is_terminal()));
}

#[test]
fn skipping_goes_through_a_whole_chain_at_once() {
    let step = |name: &str, needs: &str, when: &str| {
        format!(
            "  {name}:\n    title: {{ zh: 环节, en: Step }}\n    party: tax\n{needs}{when}    counts: true\n    \
             shares: [form.name]\n    outcomes: {{ done: {{}} }}\n"
        )
    };
    let when = "    when: form.paper\n";
    let package = format!(
        "promise: [{{ from: 2020-01-01, within: 1 working day }}]\nsteps:\n{}{}{}",
        step("a", "", when),
        step("b", "    needs: [a]\n", when),
        step("c", "    needs: [a, b]\n", when)
    );
    let sim = started(&package, &[]);
    assert_eq!((sim.case.phase, sim.case.outcome.as_deref()), (Phase::Closed, Some("done")));
    assert!(sim.case.steps.values().all(|run| run.state == StepState::Skipped));
    // No counted step was ever offered: there is no time to report.
    assert_eq!((sim.case.used.as_ref(), sim.clock().elapsed_us), (None, 0));
}

#[test]
fn branches_without_needs_begin_together() {
    let package = PAPER.replace("    needs: [licence]\n", "");
    let sim = started(&package, &[]);
    assert_eq!(sim.open(), ["card", "licence"]);
}

#[test]
fn a_resubmission_does_not_ask_the_guard_again() {
    let package = PAPER
        .replace(
            "shares: [form.name]\n    outcomes: { done: {} }\n  bonus",
            "shares: [form.paper]\n    outcomes: { done: {}, correct: { asks: applicant } }\n  bonus",
        )
        .replace(
            "needs: [tax]\n    when: results.licence.granted && form.count > 3",
            "needs: [licence]\n    when: form.paper == false",
        )
        .replace(
            "shares: [form.name]\n    outcomes: { done: {} }\n  desk",
            "shares: [form.name, form.paper]\n    outcomes: { done: {}, correct: { asks: applicant } }\n  desk",
        );
    let mut sim = started(&package, &[]);
    sim.office("licence").approves();
    assert_eq!(sim.open(), ["bonus", "card", "tax"]);
    sim.office("bonus").asks_for(&["/paper"]);
    sim.corrects("bonus.1", "/paper", json!(true)).unwrap();
    assert_eq!(sim.state("bonus"), StepState::Offered, "evaluated once, when its needs were satisfied");
    sim.office("tax").asks_for(&["/paper"]);
    sim.corrects("tax.1", "/paper", json!(false)).unwrap();
    assert_eq!(sim.state("tax"), StepState::Offered);
}
