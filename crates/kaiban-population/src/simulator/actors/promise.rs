//! The applicant in person: promises instead of proving, will not, thinks better of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use kaiban_calendar::local_date;
use kaiban_definition::{CaseFacts, Commitment, Definition, Ground, Scope, Step, Work, branch_parts};
use kaiban_engine::{Actor, Command, Filed, Phase, StepState, Way, results_by_step};
use serde_json::{Value, json};

use super::{Attempt, Expect, Scene, any_step, unless};
use crate::draw::Lot;
use crate::simulator::credit;
use crate::simulator::form::STAFF;
use crate::simulator::package::Package;

type Reasons = Option<&'static [&'static str]>;

/// Whether anything of the package can be promised.
pub fn is_possible(package: &Package) -> bool {
    package.definition.steps.values().any(|step| promise(step).is_some())
}

/// Whether somebody has been asked for a certificate that can be promised.
pub fn is_asked(scene: Scene<'_>) -> bool {
    let steps = scene.package.definition.steps.values().filter(|step| promise(step).is_some());
    steps.map(|step| scene.running.case.step_state(&step.name)).any(|state| state == StepState::Correction)
}

fn promise(step: &Step) -> Option<&Commitment> {
    match &step.work {
        Work::Prove(certificate) => certificate.commitment.as_ref(),
        _ => None,
    }
}

/// Signs, declines or takes back; about one in ten times about any step, as somebody else, or as nobody of the form.
pub fn anything(scene: Scene<'_>, lot: &mut Lot) -> Attempt {
    let def = &scene.package.definition;
    let mut open: Vec<&String> = def.order.iter().filter(|step| promise(&def.steps[*step]).is_some()).collect();
    let asked = |step: &String| scene.running.case.step_state(step) == StepState::Correction;
    if open.iter().any(|step| asked(step)) && lot.chance(0.8) {
        open.retain(|step| asked(step));
    }
    let declined = |step: &str| scene.running.case.commitment(step).is_some_and(|run| run.signed.is_none());
    if open.iter().any(|step| declined(step)) && lot.chance(0.8) {
        open.retain(|step| declined(step));
    }
    let step = match lot.below(20) {
        0 => "nowhere".to_owned(),
        1 => any_step(scene, lot),
        _ => (*lot.pick(&open)).clone(),
    };
    let signed = scene.running.case.commitment(&step).filter(|run| run.is_in_force());
    let person = match signed {
        Some(run) if lot.chance(0.6) => run.person.clone(),
        _ => format!("k{}", lot.below(4)),
    };
    let as_other = lot.chance(0.05);
    let actor = Actor::Applicant { person: if as_other { "k9".to_owned() } else { person.clone() } };
    let (command, refused) = match (signed.is_some(), lot.below(10)) {
        (true, 0..=5) | (false, 0) => {
            let refused = not_taken_back(scene, &step, &person);
            let reason = lot.chance(0.5).then(|| format!("{}-b", scene.running.case.id));
            (Command::WithdrawCommitment { step: step.clone(), person, reason }, refused)
        }
        (_, roll) if roll <= if declined(&step) { 5 } else { 3 } => {
            let refused = not_declined(scene, &step);
            (Command::DeclineCommitment { step: step.clone(), person }, refused)
        }
        _ => {
            let refused = not_signed(scene, &step, &person);
            (sign(scene, &step, &person), refused)
        }
    };
    let over: Reasons = (scene.running.case.phase == Phase::Closed).then_some(&["CASE_CLOSED"]);
    let other: Reasons = as_other.then_some(&["SIGNATORY_REQUIRED"]);
    let unknown: Reasons = (!def.steps.contains_key(&step)).then_some(&["UNKNOWN_STEP"]);
    let expect = unless(over.or(other).or(unknown).or(refused));
    Attempt { command, step: Some(step), actor, expect, twist: if as_other { "as another" } else { "" } }
}

fn sign(scene: Scene<'_>, step: &str, person: &str) -> Command {
    let digest = scene.running.fresh_digest();
    let filed = |word: &str| Filed { digest: format!("{digest}{word}"), content: Arc::new(json!(word)) };
    let (step, person) = (step.to_owned(), person.to_owned());
    let (letter, standing, signature) = (filed("l"), filed("t"), filed("g"));
    Command::Sign { step, person, letter, text_sha256: "0".repeat(64), standing, signature, scheme: "typed".into() }
}

fn not_signed(scene: Scene<'_>, step: &str, person: &str) -> Reasons {
    let Some((def, commitment)) = promisable(scene, step) else { return Some(&["NOT_PROMISABLE"]) };
    needless(scene, def).or_else(|| {
        let in_force = scene.running.case.commitment(step).is_some_and(|run| run.is_in_force());
        if in_force {
            return Some(["ALREADY_SIGNED"].as_slice());
        }
        let excluded = commitment.unless.iter().any(|unless| is_excluded(scene, &unless.holds, person));
        excluded.then_some(["COMMITMENT_NOT_ALLOWED"].as_slice())
    })
}

fn not_declined(scene: Scene<'_>, step: &str) -> Reasons {
    let Some((def, _)) = promisable(scene, step) else { return Some(&["NOT_PROMISABLE"]) };
    needless(scene, def).or_else(|| match scene.running.case.commitment(step) {
        Some(run) if run.signed.is_none() => Some(["ALREADY_DECLINED"].as_slice()),
        Some(run) if run.is_in_force() => Some(&["ALREADY_SIGNED"]),
        _ => None,
    })
}

fn not_taken_back(scene: Scene<'_>, step: &str, person: &str) -> Reasons {
    let Some((def, _)) = promisable(scene, step) else { return Some(&["NOT_PROMISABLE"]) };
    let run = scene.running.case.commitment(step).filter(|run| run.is_in_force() && run.person == person);
    if run.is_none() {
        return Some(&["NOT_SIGNED"]);
    }
    is_decided(scene, def).then_some(&["ALREADY_DECIDED"])
}

fn promisable<'s>(scene: Scene<'s>, step: &str) -> Option<(&'s Step, &'s Commitment)> {
    let def = scene.package.definition.steps.get(step)?;
    Some((def, promise(def)?))
}

/// Why nobody has to promise any more, or needed to at all.
fn needless(scene: Scene<'_>, def: &Step) -> Reasons {
    let case = &scene.running.case;
    let state = case.step_state(&def.name);
    if is_decided(scene, def) {
        return Some(&["ALREADY_DECIDED"]);
    }
    let gone = matches!(state, StepState::Skipped | StepState::NotRequested | StepState::Withdrawn);
    if gone || is_not_needed(scene, def) {
        return Some(&["CERTIFICATE_NOT_NEEDED"]);
    }
    let way = case.steps.get(&def.name).and_then(|run| run.way);
    let proved = matches!(way, Some(Way::Evidence | Way::Shared));
    let Work::Prove(certificate) = &def.work else { return None };
    let handed_in = scene.running.form().is_some_and(|form| form.pointer(&certificate.evidence).is_some());
    (proved || handed_in).then_some(&["CERTIFICATE_PROVED"])
}

/// Whether a step that waits for the certificate is over.
fn is_decided(scene: Scene<'_>, certificate: &Step) -> bool {
    let (case, def) = (&scene.running.case, &scene.package.definition);
    let mut needing = def.steps.values().filter(|step| step.needs.iter().any(|need| need.step == certificate.name));
    let over = |step: &str| matches!(case.step_state(step), StepState::Completed | StepState::Ended);
    case.revocation.is_some() || needing.any(|step| over(&step.name))
}

/// Whether its guard is false by what is known now.
fn is_not_needed(scene: Scene<'_>, def: &Step) -> bool {
    let Some(guard) = &def.when else { return false };
    let Some(form) = scene.running.form() else { return false };
    let results = results(scene);
    let date = local_date(scene.now_us).to_string();
    guard.eval(&Scope { form, case: facts(scene, &date), results: &results, item: None, credit: None }) == Ok(false)
}

/// Results by step, those of a group once it has ended.
fn results(scene: Scene<'_>) -> BTreeMap<String, Value> {
    let (case, def): (_, &Definition) = (&scene.running.case, &scene.package.definition);
    let documents = scene.running.documents.iter().map(|(digest, content)| (digest.clone(), Arc::clone(content)));
    let mut results = results_by_step(case, &documents.collect());
    let grouped = |step: &str| def.step(branch_parts(step).0).is_some_and(|step| step.for_each.is_some());
    results.retain(|step, _| !grouped(step) || case.step_state(step) == StepState::Completed);
    results
}

fn facts<'s>(scene: Scene<'s>, date: &'s str) -> CaseFacts<'s> {
    let (case, def) = (&scene.running.case, &scene.package.definition);
    CaseFacts { registrar: &case.division, workflow: &def.workflow, doubts: case.doubt_count, date }
}

/// Whether a ground against the promise holds, or nobody can tell.
fn is_excluded(scene: Scene<'_>, ground: &Ground, person: &str) -> bool {
    let (case, def) = (&scene.running.case, &scene.package.definition);
    let Some(form) = scene.running.form() else { return true };
    let nothing = BTreeMap::new();
    let date = local_date(scene.now_us).to_string();
    let plain = Scope { form, case: facts(scene, &date), results: &nothing, item: None, credit: None };
    match ground {
        Ground::When(guard) => {
            let people = form.pointer(STAFF).and_then(Value::as_array);
            let item = people.and_then(|people| people.iter().find(|item| item["key"] == person));
            let credit = Some(credit::facts(&case.id, person, scene.now_us));
            guard.eval(&Scope { item, credit, ..plain }) != Ok(false)
        }
        Ground::Listed(register) => {
            let keys = def.registers.get(register).and_then(|register| register.keys(&plain).ok());
            let Some(keys) = keys else { return true };
            let mut records = keys.into_iter().filter_map(|key| scene.registers.get(&(register.clone(), key)));
            records.any(|record| record.until_us.is_none_or(|until_us| until_us > scene.now_us))
        }
    }
}

/// Promises as an honest applicant would, where it is allowed.
pub fn honest(scene: Scene<'_>, step: &str, lot: &mut Lot) -> Option<Attempt> {
    let form = scene.running.form()?;
    let people = form.pointer(STAFF).and_then(Value::as_array).filter(|people| !people.is_empty())?;
    let person = lot.pick(people)["key"].as_str()?.to_owned();
    if not_signed(scene, step, &person).is_some() {
        return None;
    }
    let command = sign(scene, step, &person);
    let actor = Actor::Applicant { person };
    Some(Attempt { command, step: Some(step.to_owned()), actor, expect: Expect::Done, twist: "" })
}
