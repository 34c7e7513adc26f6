//! What was granted is taken back after a check of another case.

use kaiban_engine::{Command, Effect, Event, Rejection, StateCode, StepState};
use serde_json::json;

use super::last;
use crate::sim::Sim;

const PACKAGE: &str = r#"letters:
  revocation: { title: { zh: 撤销决定书, en: Revocation }, number: 撤字 }
steps:
  licence:
    title: { zh: 登记, en: Licence }
    party: market-regulation
    counts: true
    shares: [form.name]
    undo: licence-return
    outcomes: { approve: {}, refuse: { adverse: true, closes: refused, law: 条例 §20 } }
  licence-return:
    title: { zh: 收回执照, en: Licence given back }
    party: market-regulation
    counts: false
    shares: [form.name]
    outcomes: { done: {} }
  check:
    title: { zh: 承诺核查, en: Check }
    needs: [licence]
    starts:
      workflow: commitment-check
      form: { /registrar: form.registrar }
      revokes: { after: [revoked], step: licence, letter: revocation }
  seal:
    title: { zh: 刻章, en: Seal }
    party: seal-carver
    needs: [licence]
    counts: true
    shares: [form.name]
    undo: seal-return
    outcomes: { done: {} }
  seal-return:
    title: { zh: 印章收缴, en: Seal given back }
    party: seal-carver
    counts: false
    shares: [form.name]
    outcomes: { done: {} }
  tax:
    title: { zh: 税务, en: Tax }
    party: tax
    needs: [licence]
    counts: true
    shares: [form.name]
    outcomes: { done: {} }
  later:
    title: { zh: 交付, en: Delivery }
    party: delivery
    needs: [seal, tax]
    counts: false
    shares: [form.name]
    outcomes: { done: {} }
"#;

fn granted() -> Sim {
    let mut sim = Sim::shop(PACKAGE, &[]);
    sim.clock_says("09:30");
    sim.office("licence").approves();
    sim.run(Command::SubCaseStarted { step: "check".into(), case: "found".into() }).unwrap();
    sim
}

fn ends(sim: &mut Sim, case: &str, outcome: &str) -> Result<Vec<Event>, Rejection> {
    let result = sim.file(json!({ "case": case, "outcome": outcome }));
    sim.run(Command::SubCaseEnded { step: "check".into(), case: case.into(), result })
}

pub fn while_open() -> Sim {
    let mut sim = granted();
    sim.clock_says("10:00");
    sim.office("seal").approves();
    sim.office("tax").takes();
    sim.clock_says("11:00");
    ends(&mut sim, "found", "revoked").unwrap();
    sim.clock_says("14:30");
    sim.office("seal-return[seal-1]").approves();
    sim.clock_says("15:00");
    sim.office("licence-return[licence-1]").approves();
    sim
}

#[test]
fn open_steps_are_withdrawn_and_finished_ones_undone_before_the_case_ends() {
    let mut sim = granted();
    sim.office("seal").approves();
    ends(&mut sim, "found", "revoked").unwrap();
    assert_eq!(
        (sim.state("tax"), sim.state("seal"), sim.state("later")),
        (StepState::Withdrawn, StepState::Withdrawn, StepState::Pending)
    );
    assert!(sim.case.used.is_some(), "the promise clock has stopped");
    assert_eq!(sim.case.outcome, None);
    sim.office("seal-return[seal-1]").approves();
    sim.office("licence-return[licence-1]").approves();
    assert_eq!(sim.case.outcome.as_deref(), Some("revoked"));
    assert_eq!(sim.case.code(), Some(StateCode::Revoked));
}

#[test]
fn a_closed_case_keeps_what_it_reported() {
    let mut sim = granted();
    sim.office("seal").approves();
    sim.office("tax").approves();
    sim.office("later").approves();
    let before = (sim.case.used.clone(), sim.case.outcome.clone(), sim.case.ledger.clone());
    ends(&mut sim, "found", "revoked").unwrap();
    assert_eq!((sim.case.used.clone(), sim.case.outcome.clone(), sim.case.ledger.clone()), before);
    assert_eq!(sim.case.outcome.as_deref(), Some("opened"));
    assert_eq!(
        (sim.case.code(), sim.case.revocation.as_ref().map(|r| r.case.as_str())),
        (Some(StateCode::Revoked), Some("found"))
    );
    let told = sim.outbox.iter().filter(|effect| matches!(effect, Effect::Revoked { .. } | Effect::Letter { .. }));
    assert_eq!(told.count(), 2, "a letter to the applicant, and the offices are told");
    assert!(matches!(ends(&mut sim, "found", "revoked"), Err(Rejection::NotWaiting { .. })));
}

#[test]
fn any_other_end_changes_nothing() {
    let mut sim = granted();
    ends(&mut sim, "found", "confirmed").unwrap();
    assert_eq!(last(&sim, 1), ["check: case found ended, confirmed"]);
    assert_eq!((sim.state("seal"), sim.case.revocation.is_none()), (StepState::Offered, true));
    let mut sim = granted();
    assert!(matches!(ends(&mut sim, "another", "revoked"), Err(Rejection::OtherSubCase { .. })));
}

/// A started case may be over before anybody says that it is there: what it found out counts all the same.
#[test]
fn the_end_may_be_known_before_the_beginning() {
    let mut sim = Sim::shop(PACKAGE, &[]);
    sim.office("licence").approves();
    ends(&mut sim, "found", "revoked").unwrap();
    assert_eq!((sim.state("check"), sim.state("seal")), (StepState::Completed, StepState::Withdrawn));
    assert_eq!(sim.case.revocation.as_ref().map(|revocation| revocation.case.as_str()), Some("found"));
    let late = sim.run(Command::SubCaseStarted { step: "check".into(), case: "found".into() });
    assert!(matches!(late, Err(Rejection::NotWaiting { .. })));
}

/// A case that is being undone ends as revoked: the applicant cannot end it as if nothing had been granted.
#[test]
fn nobody_withdraws_what_is_being_revoked() {
    let mut sim = granted();
    ends(&mut sim, "found", "revoked").unwrap();
    assert_eq!(sim.run(Command::Withdraw { reason: None }), Err(Rejection::AlreadyDecided));
}
