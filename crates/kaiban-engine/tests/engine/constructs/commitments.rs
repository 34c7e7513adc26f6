//! Certificates: handed in, known elsewhere, or promised.

use kaiban_engine::{
    Actor, Command, Context, Documents, Event, RegisterRecord, Registers, Rejection, StepState, Way, exclusions,
};
use serde_json::json;

use super::last;
use crate::sim::{Sim, cancel, world};

const PACKAGE: &str = r#"identity: identity
letters:
  promise: { title: { zh: 告知承诺书, en: Commitment }, number: 诺字 }
  correction: { title: { zh: 补正告知书, en: Correction }, number: 补字 }
registers:
  no-go: { title: { zh: 禁设区域名录, en: Places not allowed }, key: form.name }
steps:
  identity:
    title: { zh: 实名认证, en: Real-name check }
    party: tax
    for_each: { over: form.people, key: key }
    counts: false
    shares: [item.name]
    outcomes: { done: {} }
  place:
    title: { zh: 住所核验, en: Place }
    party: housing-fund
    counts: false
    shares: [form.name]
    result: result.schema.json
    outcomes: { done: {} }
  proof:
    title: { zh: 住所使用证明, en: Proof of the place }
    needs: [place]
    when: form.count > 0
    proves:
      law: 条例 §16
      why: { zh: 未能共享核验。, en: It is not in shared data. }
      evidence: form.proof
      shared: results.place.granted
      letter: correction
      commitment:
        letter: promise
        unless:
          - { code: SERIOUS_DISHONESTY, when: credit.serious > 0, zh: 有严重失信记录。, en: A serious record., law: 42号文 }
          - { code: BROKEN_PROMISE, when: credit.broken_promises > 0, zh: 曾作虚假承诺。, en: An earlier false promise., law: 42号文 }
          - { code: KNOWN, when: item.known, zh: 该人员不适用。, en: Not for this person., law: 42号文 }
          - { code: PHONE, when: 'item.phone == "1"', zh: 电话。, en: Phone., law: 42号文 }
          - { code: NO_GO, listed: no-go, zh: 该场所在禁设名录内。, en: The place is listed., law: 42号文 }
  licence:
    title: { zh: 登记, en: Licence }
    party: market-regulation
    needs: [proof]
    counts: true
    shares: [form.name, form.proof, results.proof]
    outcomes: { approve: {}, correct: { asks: applicant, letter: correction } }
"#;

/// A case with one person, whose place shared data knows or not.
fn handed_in(granted: bool) -> Sim {
    let mut sim = Sim::new(world::shop(PACKAGE));
    let form = world::with(
        world::shop_form(&["head"]),
        "/people/0",
        json!({"key": "head", "name": "林舒", "known": false, "phone": "2"}),
    );
    sim.submits(form).unwrap();
    sim.clock_says("09:30");
    sim.office("identity[head]").approves();
    sim.clock_says("10:00");
    let result = sim.file(json!({"number": "N", "granted": granted}));
    sim.office("place").tries(crate::sim::Completion::of("place", "done").result(result)).unwrap();
    sim
}

pub fn sign(sim: &mut Sim) -> Command {
    let (letter, standing, signature) = (sim.file(json!("letter")), sim.file(json!("A")), sim.file(json!("林舒")));
    let text_sha256 = "0".repeat(64);
    Command::Sign {
        step: "proof".into(),
        person: "head".into(),
        letter,
        text_sha256,
        standing,
        signature,
        scheme: "typed".into(),
    }
}

fn signs(sim: &mut Sim) -> Result<Vec<Event>, Rejection> {
    let command = sign(sim);
    sim.run(command)
}

fn withdraws(sim: &mut Sim) -> Result<Vec<Event>, Rejection> {
    sim.run(Command::WithdrawCommitment { step: "proof".into(), person: "head".into(), reason: None })
}

fn declines(sim: &mut Sim) -> Result<Vec<Event>, Rejection> {
    sim.run(Command::DeclineCommitment { step: "proof".into(), person: "head".into() })
}

pub fn promised() -> Sim {
    let mut sim = handed_in(false);
    sim.clock_says("11:00");
    signs(&mut sim).unwrap();
    sim.clock_says("11:30");
    sim.office("licence").approves();
    sim
}

pub fn taken_back() -> Sim {
    let mut sim = handed_in(false);
    signs(&mut sim).unwrap();
    sim.clock_says("10:30");
    sim.office("licence").takes();
    sim.clock_says("11:00");
    withdraws(&mut sim).unwrap();
    sim.clock_says("11:30");
    let form = evidence(&sim);
    sim.resubmits("proof.2", form).unwrap();
    sim.office("licence").approves();
    sim
}

fn evidence(sim: &Sim) -> serde_json::Value {
    let mut form = sim.form();
    form["proof"] = json!(format!("sha256:{}", "a".repeat(64)));
    form
}

#[test]
fn shared_data_leave_nothing_to_be_asked() {
    let mut sim = handed_in(true);
    assert_eq!((sim.case.steps["proof"].way, sim.state("licence")), (Some(Way::Shared), StepState::Offered));
    assert!(matches!(signs(&mut sim), Err(Rejection::CertificateProved { .. })));
    assert!(matches!(declines(&mut sim), Err(Rejection::CertificateProved { .. })));
}

#[test]
fn the_document_is_asked_for_with_a_letter_and_ends_the_asking() {
    let mut sim = handed_in(false);
    assert_eq!(last(&sim, 1), ["proof: correction proof.1 asks for /proof"]);
    let form = evidence(&sim);
    sim.resubmits("proof.1", form).unwrap();
    assert_eq!((sim.case.steps["proof"].way, sim.state("licence")), (Some(Way::Evidence), StepState::Offered));
    assert!(matches!(signs(&mut sim), Err(Rejection::CertificateProved { .. })));
}

#[test]
fn a_promise_before_the_question_leaves_nothing_to_be_asked() {
    let mut sim = Sim::new(world::shop(PACKAGE));
    let form = world::with(
        world::shop_form(&["head"]),
        "/people/0",
        json!({"key": "head", "name": "林舒", "known": false, "phone": "2"}),
    );
    sim.submits(form).unwrap();
    signs(&mut sim).unwrap();
    assert!(matches!(signs(&mut sim), Err(Rejection::AlreadySigned { .. })));
    let result = sim.file(json!({"number": "N", "granted": true}));
    sim.office("place").tries(crate::sim::Completion::of("place", "done").result(result)).unwrap();
    assert_eq!(sim.case.steps["proof"].way, Some(Way::Commitment));
    assert_eq!(sim.case.corrections, []);
}

#[test]
fn a_certificate_that_is_not_needed_is_not_asked_for() {
    let mut sim = Sim::new(world::shop(PACKAGE));
    sim.submits(world::with(world::shop_form(&["head"]), "/count", json!(0))).unwrap();
    assert!(matches!(signs(&mut sim), Err(Rejection::CertificateNotNeeded { .. })));
    let result = sim.file(json!({"number": "N", "granted": false}));
    sim.office("place").tries(crate::sim::Completion::of("place", "done").result(result)).unwrap();
    assert_eq!((sim.state("proof"), sim.state("licence")), (StepState::Skipped, StepState::Offered));
    assert!(matches!(signs(&mut sim), Err(Rejection::CertificateNotNeeded { .. })));
}

#[test]
fn nobody_promises_or_takes_back_after_the_decision() {
    let mut sim = promised();
    assert_eq!(withdraws(&mut sim), Err(Rejection::CaseClosed));
    let mut sim = handed_in(false);
    assert!(matches!(withdraws(&mut sim), Err(Rejection::NotSigned { .. })));
    signs(&mut sim).unwrap();
    let another = Command::WithdrawCommitment { step: "proof".into(), person: "other".into(), reason: None };
    assert!(matches!(sim.run(another), Err(Rejection::NotSigned { .. })));
    sim.office("licence").asks_for(&["/proof"]);
    withdraws(&mut sim).unwrap();
    assert_eq!((sim.state("proof"), sim.state("licence")), (StepState::Correction, StepState::Pending));
    sim.run(cancel()).unwrap();
}

#[test]
fn declining_is_on_record_and_can_be_thought_over() {
    let mut sim = handed_in(false);
    declines(&mut sim).unwrap();
    assert!(matches!(declines(&mut sim), Err(Rejection::AlreadyDeclined { .. })));
    signs(&mut sim).unwrap();
    assert!(matches!(declines(&mut sim), Err(Rejection::AlreadySigned { .. })));
    assert_eq!(sim.state("licence"), StepState::Offered);
}

#[test]
fn every_ground_against_a_promise_is_told_at_once() {
    let mut sim = Sim::new(world::shop(PACKAGE));
    let person = json!({"key": "head", "name": "林舒", "known": true});
    sim.submits(world::with(world::shop_form(&["head"]), "/people/0", person)).unwrap();
    sim.credit.serious = 2;
    sim.credit.broken_promises = 1;
    sim.registers
        .insert(("no-go".into(), "榕溪茶业".into()), RegisterRecord { holder: "bureau".into(), until_us: None });
    let Err(Rejection::CommitmentNotAllowed(findings)) = signs(&mut sim) else { panic!("it was allowed") };
    let codes: Vec<&str> = findings.iter().map(|finding| finding.code.as_ref()).collect();
    // The person has no telephone: a ground that cannot be decided is no leave to promise.
    assert_eq!(codes, ["SERIOUS_DISHONESTY", "BROKEN_PROMISE", "KNOWN", "EXCLUSION_UNDECIDED", "NO_GO"]);
}

#[test]
fn only_the_person_signs() {
    let mut sim = handed_in(false);
    let command = sign(&mut sim);
    let terminal = Actor::Terminal { organisation: "bank".into(), outlet: None };
    assert_eq!(sim.run_as(terminal, command), Err(Rejection::SignatoryRequired));
    let Command::Sign { letter, text_sha256, standing, signature, scheme, .. } = sign(&mut sim) else { unreachable!() };
    let step = "licence".to_owned();
    let elsewhere = Command::Sign { step, person: "head".into(), letter, text_sha256, standing, signature, scheme };
    assert!(matches!(sim.run(elsewhere), Err(Rejection::NotPromisable { .. })));
}

#[test]
fn who_asks_beforehand_gets_the_same_answer() {
    let mut sim = handed_in(false);
    sim.credit.serious = 1;
    let (actor, documents, registers) = (Actor::System, sim.all_documents(), Registers::new());
    let cx = Context {
        now_us: sim.now_us,
        operating_us: sim.now_us,
        actor: &actor,
        directory: &sim.directory,
        calendars: &sim.calendars,
        documents: &documents,
        lease: None,
        registers: &registers,
        credit: Some(sim.credit),
        salt: "",
        tells: false,
        limits: &sim.limits,
    };
    let found = exclusions(&sim.def, &sim.case, "proof", "head", &cx).unwrap();
    assert_eq!(found.len(), 1);
    assert!(matches!(exclusions(&sim.def, &sim.case, "licence", "head", &cx), Err(Rejection::NotPromisable { .. })));
    let none = Context { documents: &Documents::new(), ..cx };
    assert_eq!(exclusions(&sim.def, &sim.case, "proof", "head", &none), Err(Rejection::DocumentMissing));
}

/// Every rejection that a promise can meet.
pub fn refused(say: &mut impl FnMut(&'static str, Result<Vec<Event>, Rejection>)) {
    let mut sim = handed_in(true);
    say("an applicant promises what is known from elsewhere", signs(&mut sim));
    let mut sim = handed_in(false);
    let command = sign(&mut sim);
    let clerk = Actor::Terminal { organisation: "bank".into(), outlet: None };
    say("a clerk signs for the applicant", sim.run_as(clerk, command));
    let licence = Command::DeclineCommitment { step: "licence".into(), person: "head".into() };
    say("an applicant does not want to promise a licence", sim.run(licence));
    say("an applicant takes back what was not signed", withdraws(&mut sim));
    declines(&mut sim).unwrap();
    say("an applicant declines twice", declines(&mut sim));
    sim.credit.broken_promises = 1;
    say("somebody promises again after a false promise", signs(&mut sim));
    sim.credit.broken_promises = 0;
    signs(&mut sim).unwrap();
    say("an applicant signs twice", signs(&mut sim));
    let mut sim = Sim::new(world::shop(PACKAGE));
    sim.submits(world::with(world::shop_form(&["head"]), "/count", json!(0))).unwrap();
    say("an applicant promises what nobody asks for", signs(&mut sim));
}
