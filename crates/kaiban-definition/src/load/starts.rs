//! Steps that start a case of another package: the package exists, has the fields that are filled in, and does not lead
//! back here.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use kaiban_findings::{Finding, Text};

use super::draft::{Draft, DraftBreaks, DraftFilling, DraftRevokes, DraftStep, DraftWork};
use super::graph::{Graph, known_step};
use super::reader::{Log, Spot};
use super::schemas::Schemas;
use super::shares::check_value;
use crate::model::{Definition, Effect, Work};
use crate::tree::At;

/// A started case as its package names it; what of it can only be checked beside the other packages.
pub(super) struct Started {
    path: String,
    workflow: Spot<String>,
    /// Outcomes of it that take something back here.
    after: Vec<Spot<String>>,
    /// None = what goes into its form could not be read.
    pointers: Option<Vec<Spot<String>>>,
    at: At,
}

/// What can be checked in the package alone; the rest is handed back.
pub(super) fn check(draft: &Draft, schemas: &Schemas, graph: &Graph, log: &mut Log<'_>) -> Vec<Started> {
    let mut started = Vec::new();
    for step in &draft.steps {
        let Some(DraftWork::Start { workflow, form, revokes, breaks, .. }) = &step.work else { continue };
        for (_, filling) in form.iter().flatten() {
            match filling {
                DraftFilling::Share(share) => check_value(draft, step, share, schemas, graph, log),
                DraftFilling::Officer(by) => check_officer(draft, step, by, graph, log),
                DraftFilling::Text(_) => {}
            }
        }
        if let Some(revokes) = revokes {
            check_revokes(draft, revokes, log);
        }
        if let Some(breaks) = breaks {
            check_breaks(draft, breaks, log);
        }
        let Some(workflow) = workflow else { continue };
        if draft.workflow.as_ref().is_some_and(|own| own.value == workflow.value) {
            log.error(workflow.at, "STARTS_ITSELF", "流程不能启动自身。", "A package cannot start cases of its own.");
            continue;
        }
        started.push(Started {
            path: log.path.clone(),
            workflow: workflow.clone(),
            after: [revokes.as_ref().map(|it| &it.after), breaks.as_ref().map(|it| &it.after)]
                .into_iter()
                .flatten()
                .flatten()
                .cloned()
                .collect(),
            pointers: form.as_ref().map(|form| form.iter().map(|(pointer, _)| pointer.clone()).collect()),
            at: workflow.at,
        });
    }
    started
}

/// Somebody has decided the step by then.
fn check_officer(draft: &Draft, step: &DraftStep, by: &Spot<String>, graph: &Graph, log: &mut Log<'_>) {
    if !known_step(&draft.steps, by, log) {
        return;
    }
    let (name, other) = (&step.name.value, &by.value);
    if !graph.awaits(name, other) || draft.step(other).is_some_and(|step| !step.is_office()) {
        log.error(
            by.at,
            "OFFICER_NOT_KNOWN",
            format!("{name} 开始时，{other} 不一定已有人员作出决定。"),
            format!("When `{name}` begins nobody has surely decided `{other}`."),
        );
        log.help(
            "请写由机构办理、且不带条件列在 needs 中的环节。",
            "Name a step that an office does and that stands in `needs` without a condition.",
        );
    }
}

/// What is taken back is granted by an office.
fn check_revokes(draft: &Draft, revokes: &DraftRevokes, log: &mut Log<'_>) {
    let Some(step) = revokes.step.as_ref().filter(|step| known_step(&draft.steps, step, log)) else { return };
    if draft.step(&step.value).is_some_and(|step| !step.is_office()) {
        let name = &step.value;
        log.error(
            step.at,
            "REVOKES_NO_DECISION",
            format!("环节 {name} 不是由机构决定的，没有可以撤销的结果。"),
            format!("No office decides in `{name}`; there is nothing to take back."),
        );
    }
}

/// What is broken is a promise.
fn check_breaks(draft: &Draft, breaks: &DraftBreaks, log: &mut Log<'_>) {
    let Some(step) = breaks.certificate.as_ref().filter(|step| known_step(&draft.steps, step, log)) else { return };
    let promised = |step: &DraftStep| step.certificate().is_some_and(|certificate| certificate.commitment.is_some());
    if draft.step(&step.value).is_some_and(|step| !promised(step)) {
        let name = &step.value;
        log.error(
            step.at,
            "BREAKS_NO_PROMISE",
            format!("环节 {name} 没有可以签署的告知承诺书。"),
            format!("Nothing can be promised in `{name}`."),
        );
        log.help("请写 proves 中带 commitment 的环节。", "Name a step with a `commitment` under `proves`.");
    }
}

/// Whether a case of a package can end so.
fn ends_as(package: &Definition, outcome: &str) -> bool {
    let outcomes = package.steps.values().flat_map(|step| step.outcomes.values());
    let mut closes = outcomes.filter_map(|outcome| match &outcome.effect {
        Effect::Closes(case) => Some(case),
        _ => None,
    });
    package.closes == outcome || closes.any(|case| case == outcome)
}

/// Against the other packages; `folders` are the names of all of them, `sound` those that could be loaded.
pub(super) fn check_across(
    started: &[Started],
    folders: &BTreeSet<&str>,
    sound: &BTreeMap<String, Arc<Definition>>,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    for one in started {
        let name = &one.workflow.value;
        if !folders.contains(name.as_str()) {
            let (zh, en) = (format!("没有名为 {name} 的流程。"), format!("There is no package `{name}`."));
            let mut finding = Finding::error("UNKNOWN_WORKFLOW", one.at.place(&one.path), zh, en);
            let known = folders.iter().copied().collect::<Vec<_>>().join(", ");
            finding.help = Some(Text::new(format!("已有流程：{known}。"), format!("The packages are: {known}.")));
            findings.push(finding);
            continue;
        }
        // A package with problems of its own is told of elsewhere.
        let Some(other) = sound.get(name) else { continue };
        let pointers = one.pointers.iter().flatten();
        for pointer in pointers.clone().filter(|pointer| !other.form.has(&pointer.value)) {
            let shown = &pointer.value;
            findings.push(Finding::error(
                "UNKNOWN_FIELD",
                pointer.at.place(&one.path),
                format!("流程 {name} 的表单没有 {shown}。"),
                format!("The form of `{name}` has no `{shown}`."),
            ));
        }
        for outcome in one.after.iter().filter(|outcome| !ends_as(other, &outcome.value)) {
            let outcome_name = &outcome.value;
            findings.push(Finding::error(
                "UNKNOWN_OUTCOME",
                outcome.at.place(&one.path),
                format!("流程 {name} 的办件没有结果 {outcome_name}。"),
                format!("No case of `{name}` ends as `{outcome_name}`."),
            ));
        }
        let given = |pointer: &&Spot<String>| lies_above(&pointer.value, &other.registrar);
        if one.pointers.is_some() && !pointers.clone().any(|pointer| given(&pointer)) {
            let registrar = &other.registrar;
            findings.push(
                Finding::error(
                    "STARTS_NOWHERE",
                    one.at.place(&one.path),
                    format!("没有填写 {registrar}，新办件不知由哪里登记。"),
                    format!("Nothing fills `{registrar}`; nobody would know where the new case belongs."),
                )
                .with_help(
                    format!("请在 form 中加上 {registrar}。"),
                    format!("Add `{registrar}` to the step's `form`."),
                ),
            );
        }
        if leads_to(name, one.path.split('/').next().unwrap_or_default(), sound) {
            findings.push(Finding::error(
                "STARTS_ITSELF",
                one.at.place(&one.path),
                format!("流程 {name} 又会启动本流程，没有尽头。"),
                format!("`{name}` leads back to this package, without end."),
            ));
        }
    }
    findings
}

fn lies_above(pointer: &str, place: &str) -> bool {
    place.strip_prefix(pointer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether cases of one package start, directly or through others, cases of another.
fn leads_to(from: &str, to: &str, sound: &BTreeMap<String, Arc<Definition>>) -> bool {
    let (mut open, mut seen) = (vec![from], BTreeSet::new());
    while let Some(name) = open.pop() {
        if name == to {
            return true;
        }
        let steps = sound.get(name).into_iter().flat_map(|definition| definition.steps.values());
        open.extend(steps.filter_map(|step| match &step.work {
            Work::Start { workflow, .. } if seen.insert(workflow.as_str()) => Some(workflow.as_str()),
            _ => None,
        }));
    }
    false
}
