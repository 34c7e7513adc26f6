//! Steps that start a case of another package: the package exists, has the fields that are filled in, and does not lead
//! back here.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use kaiban_findings::{Finding, Text};

use super::draft::{Draft, DraftFilling, DraftWork};
use super::graph::Graph;
use super::reader::{Log, Spot};
use super::schemas::Schemas;
use super::shares::check_value;
use crate::model::{Definition, Work};
use crate::tree::At;

/// A started case as its package names it; what of it can only be checked beside the other packages.
pub(super) struct Started {
    path: String,
    workflow: Spot<String>,
    /// None = what goes into its form could not be read.
    pointers: Option<Vec<Spot<String>>>,
    at: At,
}

/// What can be checked in the package alone; the rest is handed back.
pub(super) fn check(draft: &Draft, schemas: &Schemas, graph: &Graph, log: &mut Log<'_>) -> Vec<Started> {
    let mut started = Vec::new();
    for step in &draft.steps {
        let Some(DraftWork::Start { workflow, form, .. }) = &step.work else { continue };
        for (_, filling) in form.iter().flatten() {
            if let DraftFilling::Share(share) = filling {
                check_value(draft, step, share, schemas, graph, log);
            }
        }
        let Some(workflow) = workflow else { continue };
        if draft.workflow.as_ref().is_some_and(|own| own.value == workflow.value) {
            log.error(workflow.at, "STARTS_ITSELF", "流程不能启动自身。", "A package cannot start cases of its own.");
            continue;
        }
        started.push(Started {
            path: log.path.clone(),
            workflow: workflow.clone(),
            pointers: form.as_ref().map(|form| form.iter().map(|(pointer, _)| pointer.clone()).collect()),
            at: workflow.at,
        });
    }
    started
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
