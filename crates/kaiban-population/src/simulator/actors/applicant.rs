//! The applicant: hands in, answers, asks for more, takes back, rates.

use std::collections::BTreeSet;
use std::sync::Arc;

use kaiban_calendar::local_date;
use kaiban_definition::{CaseFacts, Scope, Step};
use kaiban_engine::{Case, Command, Filed, Parent, Phase, StepState};
use serde_json::{Value, json};

use super::{Attempt, Expect, Scene, any_step, unless};
use crate::draw::Lot;
use crate::simulator::foresight::{self, lies_in};
use crate::simulator::form::{self, STAFF};
use crate::simulator::package::Package;

/// A new case, now and then with a form that nobody can read.
pub fn submit(package: &Package, id: String, now_us: i64, lot: &mut Lot) -> Attempt {
    let mut content = Arc::clone(lot.pick(&package.forms));
    let mut twist = "";
    match lot.below(40) {
        0 => {
            Arc::make_mut(&mut content)["registrar"] = json!("110101");
            return hand_in(package, id, content, None, now_us, lot).spoilt(&["UNKNOWN_DIVISION"], "foreign registrar");
        }
        1..=2 => (content, twist) = form::broken(content, lot),
        _ => {}
    }
    Attempt { twist, ..hand_in(package, id, content, None, now_us, lot) }
}

/// Hands a form in, for somebody or for a step of another case.
pub fn hand_in(
    package: &Package,
    id: String,
    content: Arc<Value>,
    parent: Option<Parent>,
    now_us: i64,
    lot: &mut Lot,
) -> Attempt {
    let expect = unless(has_errors(package, &content, now_us).then_some(&["FORM_INVALID"]));
    let doubts = lot.chance(0.2).then(|| (format!("{id}-d"), 1 + lot.below(3) as u32));
    let form = Filed { digest: format!("{id}-f"), content };
    let (organisation, outlet) = ("bank-1".to_owned(), lot.chance(0.9).then(|| "outlet-1".to_owned()));
    Attempt::terminal(Command::Submit { case: id, form, doubts, organisation, outlet, parent }, expect)
}

/// Which rules are law follows from the day on which the case was handed in.
fn has_errors(package: &Package, form: &Value, received_us: i64) -> bool {
    package.definition.check_form(form, local_date(received_us)).iter().any(|finding| finding.is_error())
}

/// The same case once more.
pub fn submit_again(scene: Scene<'_>) -> Attempt {
    let form = Filed { digest: scene.running.fresh_digest(), content: Arc::clone(&scene.package.forms[0]) };
    let (case, organisation) = (scene.running.case.id.clone(), "bank-1".to_owned());
    let command = Command::Submit { case, form, doubts: None, organisation, outlet: None, parent: None };
    Attempt::terminal(command, Expect::Done).spoilt(&["WRONG_PHASE"], "submitted twice")
}

pub fn withdraw(scene: Scene<'_>) -> Attempt {
    let case = &scene.running.case;
    let expect = unless(match case.phase {
        Phase::Closed => Some(&["CASE_CLOSED"]),
        _ if foresight::is_granted(&scene.package.definition, case) => Some(&["ALREADY_DECIDED"]),
        _ => None,
    });
    Attempt::terminal(Command::Withdraw { reason: Some(format!("{}-w", case.id)) }, expect)
}

/// An answer to an open correction, right or wrong; or to one that is not open.
pub fn resubmit(scene: Scene<'_>, lot: &mut Lot) -> Attempt {
    let (case, package) = (&scene.running.case, scene.package);
    let open: Vec<&str> =
        case.corrections.iter().filter(|asked| asked.is_open()).map(|asked| asked.id.as_str()).collect();
    if open.is_empty() || lot.chance(0.1) || case.phase == Phase::Closed {
        let over = case.corrections.iter().find(|asked| !asked.is_open());
        let correction = over.map_or_else(|| "nothing.1".to_owned(), |correction| correction.id.clone());
        let form = Filed { digest: scene.running.fresh_digest(), content: Arc::clone(&package.forms[0]) };
        let command = Command::Resubmit { correction, form, doubts: None };
        let reasons = &["NO_OPEN_CORRECTION", "CASE_CLOSED"];
        return Attempt::terminal(command, Expect::Done).spoilt(reasons, "nothing to answer");
    }
    let correction = (*lot.pick(&open)).to_owned();
    let twist = lot.below(12);
    let Some(mut attempt) = answer(scene, &correction, lot) else { return withdraw(scene) };
    let Command::Resubmit { form, .. } = &mut attempt.command else { return attempt };
    match twist {
        0 => {
            if let Some(before) = scene.running.form() {
                form.content = Arc::clone(before);
                attempt.twist = "nothing changed";
                let asked = case.corrections.iter().find(|asked| asked.id == correction);
                if asked.is_some_and(|asked| !foresight::is_mended(&package.definition, case, asked)) {
                    attempt.expect = Expect::Rejected(&["NOTHING_CHANGED"]);
                }
                return attempt;
            }
        }
        1 => {
            let registrar = form.content["registrar"].clone();
            let other = ["350100", "350102"].into_iter().find(|code| registrar != **code);
            Arc::make_mut(&mut form.content)["registrar"] = json!(other);
            return attempt.spoilt(&["POINTER_NOT_OPEN"], "another registrar");
        }
        2 => {
            Arc::make_mut(&mut form.content)["people"] = json!(7);
            return attempt.spoilt(&["FORM_INVALID"], "bad form");
        }
        _ => {}
    }
    attempt
}

/// A right answer to an open correction: every place that it opened changes, nothing else does. None where none of the
/// places is there any more.
pub fn answer(scene: Scene<'_>, correction: &str, lot: &mut Lot) -> Option<Attempt> {
    let running = scene.running;
    let open = running.case.corrections.iter().find(|asked| asked.id == correction && asked.is_open())?;
    let before = running.form()?;
    let mut form = before.as_ref().clone();
    for pointer in &open.pointers {
        form::edit(&mut form, pointer, lot);
    }
    if form == **before && !foresight::is_mended(&scene.package.definition, &running.case, open) {
        return None;
    }
    let digest = running.fresh_digest();
    let doubts = lot.chance(0.1).then(|| (format!("{digest}d"), 1));
    let form = Filed { digest: format!("{digest}f"), content: Arc::new(form) };
    Some(Attempt::terminal(Command::Resubmit { correction: correction.to_owned(), form, doubts }, Expect::Done))
}

/// Asks for a step that was left out, perhaps with a form that now says so.
pub fn request(scene: Scene<'_>, lot: &mut Lot) -> Attempt {
    let (case, def) = (&scene.running.case, &scene.package.definition);
    let optional: Vec<&String> = def.order.iter().filter(|step| def.steps[*step].requested.is_some()).collect();
    let name =
        if optional.is_empty() || lot.chance(0.1) { any_step(scene, lot) } else { (*lot.pick(&optional)).clone() };
    let step = def.steps.get(&name);
    let refused = foresight::not_open(case).or_else(|| match step {
        None => Some(&["UNKNOWN_STEP"]),
        Some(step) if !is_requestable(scene, step) => Some(&["NOT_REQUESTABLE"]),
        Some(_) => None,
    });
    let mut attempt = Attempt::terminal(Command::Request { step: name, form: None }, unless(refused));
    let (Some(step), Some(before)) = (step, scene.running.form()) else { return attempt };
    if lot.chance(0.5) {
        return attempt;
    }
    let (content, reason, twist) = wanted(scene, step, before, lot);
    if let Command::Request { form, .. } = &mut attempt.command {
        *form = Some(Filed { digest: format!("{}f", scene.running.fresh_digest()), content: Arc::new(content) });
    }
    match reason {
        Some(reason) if attempt.expect == Expect::Done => attempt.spoilt(reason, twist),
        _ => attempt,
    }
}

/// The step was left out, or it will be if nobody asks for it.
fn is_requestable(scene: Scene<'_>, step: &Step) -> bool {
    let (case, def) = (&scene.running.case, &scene.package.definition);
    let (Some(guard), Some(form)) = (&step.requested, scene.running.form()) else { return false };
    let date = local_date(scene.now_us).to_string();
    let facts = CaseFacts { registrar: &case.division, workflow: &def.workflow, doubts: case.doubt_count, date: &date };
    let scope = Scope { form, case: facts, results: &std::collections::BTreeMap::new(), item: None, credit: None };
    let known = case.steps.get(&step.name).is_some_and(|run| run.requested);
    if case.revocation.is_some() {
        return false;
    }
    match case.step_state(&step.name) {
        StepState::NotRequested => true,
        StepState::Pending => !known && guard.eval(&scope) == Ok(false),
        _ => false,
    }
}

/// A form that asks for the step, and why it may not be taken.
fn wanted(
    scene: Scene<'_>,
    step: &Step,
    before: &Value,
    lot: &mut Lot,
) -> (Value, Option<&'static [&'static str]>, &'static str) {
    let (case, def) = (&scene.running.case, &scene.package.definition);
    let mut form = before.clone();
    let mut places = vec!["/wants/later"];
    if step.requested.as_ref().is_some_and(|guard| guard.source().contains("extra")) {
        places = vec!["/wants/extra"];
    }
    if lot.chance(0.3) {
        places.push(*lot.pick(&["/count", "/note", STAFF]));
    }
    for place in &places {
        form::edit(&mut form, place, lot);
    }
    if lot.chance(0.1) {
        form["paper"] = json!("perhaps");
        return (form, Some(&["FORM_INVALID"]), "bad form");
    }
    let read = |place: &str| {
        let of_guard = step.requested.as_ref().is_some_and(|guard| guard.reads().iter().any(|read| reads(read, place)));
        of_guard || step.for_each.as_ref().is_some_and(|each| lies_in(place, &each.over))
    };
    if !places.iter().all(|place| step.shares_pointer(place, None) || read(place)) {
        return (form, Some(&["POINTER_NOT_OPEN"]), "asks for more");
    }
    // What has really changed of a list is some of its elements, or the list.
    let nobody = BTreeSet::new();
    let mut differences = places.iter().flat_map(|place| changed(before, &form, place));
    let used = differences.any(|at| foresight::is_in_use(def, case, before, &at, &nobody));
    let reason: Option<&'static [&'static str]> = if used { Some(&["POINTER_IN_USE"]) } else { None };
    (form, reason, "place in use")
}

/// `form.wants.later` reads `/wants/later`.
fn reads(read: &str, place: &str) -> bool {
    read.strip_prefix("form.").is_some_and(|path| lies_in(place, &format!("/{}", path.replace('.', "/"))))
}

/// Where a list differs; of anything else, the place.
fn changed(before: &Value, after: &Value, place: &str) -> Vec<String> {
    let list = |form: &Value| form.pointer(place).and_then(Value::as_array).cloned();
    let (Some(old), Some(new)) = (list(before), list(after)) else { return vec![place.to_owned()] };
    if old.len() != new.len() {
        return vec![place.to_owned()];
    }
    let fields = |at: usize| {
        let names: BTreeSet<String> = [&old[at], &new[at]]
            .into_iter()
            .filter_map(Value::as_object)
            .flat_map(|item| item.keys().cloned())
            .collect();
        let differs = |name: &String| old[at].get(name) != new[at].get(name);
        names.into_iter().filter(differs).map(|name| format!("{place}/{at}/{name}")).collect::<Vec<_>>()
    };
    (0..old.len()).flat_map(fields).collect()
}

/// Takes back a step that may be left out.
pub fn withdraw_step(scene: Scene<'_>, lot: &mut Lot) -> Attempt {
    let (case, def) = (&scene.running.case, &scene.package.definition);
    let optional: Vec<&String> = def.order.iter().filter(|step| def.steps[*step].requested.is_some()).collect();
    let step =
        if optional.is_empty() || lot.chance(0.1) { any_step(scene, lot) } else { (*lot.pick(&optional)).clone() };
    let refused = foresight::not_open(case).or_else(|| match def.steps.get(&step) {
        None => Some(&["UNKNOWN_STEP"]),
        Some(known) if known.requested.is_none() => Some(&["NOT_OPTIONAL"]),
        Some(_) if case.step_state(&step).is_terminal() => Some(&["STEP_OVER"]),
        Some(_) => None,
    });
    let reason = lot.chance(0.5).then(|| format!("{}-n", case.id));
    let command = Command::WithdrawStep { step: step.clone(), reason };
    Attempt { step: Some(step), ..Attempt::terminal(command, unless(refused)) }
}

pub fn rate(scene: Scene<'_>, lot: &mut Lot) -> Attempt {
    let case: &Case = &scene.running.case;
    let grade = lot.below(7) as u8;
    let expect = unless(match case.phase {
        Phase::Closed if case.grade.is_some() => Some(&["ALREADY_RATED"]),
        Phase::Closed if !(1..=5).contains(&grade) => Some(&["GRADE_OUT_OF_RANGE"]),
        Phase::Closed => None,
        _ => Some(&["NOT_CLOSED"]),
    });
    let comment = lot.chance(0.3).then(|| format!("{}-g", case.id));
    Attempt::terminal(Command::Rate { grade, comment }, expect)
}
