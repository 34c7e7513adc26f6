//! Keys of registers: the loser is told, the winner keeps.

use kaiban_engine::{Command, Event, RegisterRecord, Rejection, StepState};
use kaiban_findings::Finding;
use serde_json::json;

use super::last;
use crate::sim::{Completion, Sim, cancel, local, world};

const PACKAGE: &str = r#"registers:
  company-names: { title: { zh: 企业名称, en: Company names }, key: 'case.registrar + "/" + form.name', holds: 2 months, keeps: [opened] }
corrections: { remind_after: [3 working days] }
steps:
  name:
    title: { zh: 名称申报, en: Name }
    reserves: { register: company-names, at: form.name, taken: { zh: 该名称已被他人保留，请另选名称。, en: The name is held for somebody else. }, letter: correction }
  licence:
    title: { zh: 登记, en: Licence }
    party: market-regulation
    needs: [name]
    counts: true
    shares: [form.name, form.count]
    outcomes:
      approve: {}
      correct: { asks: applicant }
      rename: { asks: applicant, reopens: [name], at_most: 1, title: { zh: 更名, en: Rename } }
      refuse: { adverse: true, closes: refused, law: 条例 §20 }
"#;

fn key(name: &str) -> (String, String) {
    ("company-names".into(), format!("350100/{name}"))
}

/// Somebody else holds the name until then.
fn held(until_us: Option<i64>) -> Sim {
    let mut sim = Sim::new(world::shop(PACKAGE));
    sim.registers.insert(key("榕溪茶业"), RegisterRecord { holder: "another".into(), until_us });
    sim.submits(world::shop_form(&[])).unwrap();
    sim
}

pub fn taken_and_kept() -> Sim {
    let mut sim = held(None);
    sim.clock_says("10:00");
    sim.registers.insert(key("榕溪"), RegisterRecord { holder: "another".into(), until_us: None });
    sim.corrects("name.1", "/name", json!("榕溪")).unwrap();
    sim.clock_says("11:00");
    sim.corrects("name.2", "/name", json!("榕江")).unwrap();
    sim.office("licence").approves();
    sim
}

/// The reservation runs out, another case takes the name, and the licence comes after that.
pub fn approved_after_the_name_was_lost() -> Result<Vec<Event>, Rejection> {
    let mut sim = Sim::shop(PACKAGE, &[]);
    sim.registers.insert(key("榕溪茶业"), RegisterRecord { holder: "another".into(), until_us: None });
    sim.clock_says("2026-06-01 09:00");
    sim.office("licence").tries(Completion::of("licence", "approve"))
}

#[test]
fn a_name_that_was_lost_is_not_licensed() {
    let lapsed = approved_after_the_name_was_lost();
    assert!(matches!(lapsed, Err(Rejection::ReservationLapsed { ref step }) if step == "name"), "{lapsed:?}");
}

#[test]
fn the_winner_holds_the_name_for_two_months_and_then_for_good() {
    let mut sim = Sim::shop(PACKAGE, &[]);
    let record = &sim.registers[&key("榕溪茶业")];
    assert_eq!(
        (record.holder.as_str(), record.until_us.map(local).as_deref()),
        (sim.case.id.as_str(), Some("2026-05-02 09:00"))
    );
    sim.office("licence").approves();
    assert_eq!(sim.registers[&key("榕溪茶业")].until_us, None);
    assert_eq!(sim.case.steps["name"].holds.as_deref(), Some("company-names"));
}

#[test]
fn the_loser_is_asked_for_another_name_by_the_system() {
    let mut sim = held(None);
    assert_eq!((sim.state("name"), sim.state("licence")), (StepState::Correction, StepState::Pending));
    let asked = &sim.case.corrections[0];
    assert_eq!((asked.id.as_str(), asked.pointers.as_slice()), ("name.1", ["/name".to_owned()].as_slice()));
    assert_eq!(asked.told_at_us, Some(sim.now_us));
    let findings: Vec<Finding> = serde_json::from_value(sim.documents[&asked.findings].as_ref().clone()).unwrap();
    assert_eq!(findings[0].code, "NAME_TAKEN");
    assert_eq!(findings[0].message.en, "The name is held for somebody else.");
    assert_eq!(sim.registers[&key("榕溪茶业")].holder, "another");
    sim.corrects("name.1", "/name", json!("榕江")).unwrap();
    assert_eq!(
        (sim.state("name"), sim.registers[&key("榕江")].holder.clone()),
        (StepState::Completed, sim.case.id.clone())
    );
}

#[test]
fn a_reservation_that_ran_out_holds_nobody_up() {
    let now_us = Sim::new(world::shop(PACKAGE)).now_us;
    for (until_us, state) in [(now_us, StepState::Completed), (now_us + 1, StepState::Correction)] {
        assert_eq!(held(Some(until_us)).state("name"), state);
    }
}

#[test]
fn a_refusal_a_withdrawal_and_a_cancellation_give_the_name_back() {
    let ends: [fn(&mut Sim); 3] = [
        |sim| drop(sim.office("licence").decides("refuse")),
        |sim| drop(sim.run(Command::Withdraw { reason: None }).unwrap()),
        |sim| drop(sim.run(cancel()).unwrap()),
    ];
    for end in ends {
        let mut sim = Sim::shop(PACKAGE, &[]);
        end(&mut sim);
        assert!(sim.registers.is_empty());
        assert_eq!(sim.case.steps["name"].holds, None);
        let events: Vec<Event> =
            serde_json::from_str::<kaiban_engine::Entry>(&sim.journal.last().unwrap().0).unwrap().events;
        assert!(matches!(events.last(), Some(Event::Closed { released, .. }) if *released == ["name"]), "{events:#?}");
    }
}

#[test]
fn what_somebody_else_took_after_it_ran_out_is_not_given_back() {
    let mut sim = Sim::shop(PACKAGE, &[]);
    sim.registers.insert(key("榕溪茶业"), RegisterRecord { holder: "another".into(), until_us: None });
    sim.clock_says("2026-06-01 09:00");
    sim.office("licence").decides("refuse");
    assert_eq!(sim.registers[&key("榕溪茶业")].holder, "another");
}

#[test]
fn a_name_that_was_reserved_changes_only_with_its_step() {
    let mut sim = Sim::shop(PACKAGE, &[]);
    let tried = sim.office("licence").tries(Completion::of("licence", "correct").findings(&["/name"]));
    assert!(
        matches!(tried, Err(Rejection::PointerInUse { findings: ref places, .. }) if places.len() == 1),
        "{tried:?}"
    );
    sim.office("licence").tries(Completion::of("licence", "rename").findings(&["/name"])).unwrap();
    assert_eq!(sim.state("name"), StepState::Completed, "it is taken back when the answer comes");
    sim.corrects("licence.1", "/name", json!("榕江")).unwrap();
    assert_eq!(sim.registers.keys().map(|(_, key)| key.as_str()).collect::<Vec<_>>(), ["350100/榕江"]);
    assert_eq!(
        last(&sim, 6),
        [
            "correction licence.1 answered: /name changed",
            "name: reopened by licence",
            "licence: reopened by licence",
            "name: reserved in company-names until 2026-05-02 09:00",
            "name: done",
            "licence: offer 2 to market-regulation-350100",
        ]
    );
}

#[test]
fn the_same_name_again_is_no_conflict_with_oneself() {
    let mut sim = Sim::shop(PACKAGE, &[]);
    sim.office("licence").tries(Completion::of("licence", "rename").findings(&["/count"])).unwrap();
    sim.clock_says("2026-03-03 09:00");
    sim.corrects("licence.1", "/count", json!(2)).unwrap();
    let record = &sim.registers[&key("榕溪茶业")];
    assert_eq!(
        (record.holder.clone(), record.until_us.map(local)),
        (sim.case.id.clone(), Some("2026-05-03 09:00".into()))
    );
}
