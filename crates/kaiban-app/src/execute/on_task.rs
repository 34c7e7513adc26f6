//! What a task's holder does with it.

use kaiban_definition::branch_parts;
use kaiban_engine::{Command, task_id};

use super::job::{Done, TaskVerb, Who};
use super::stage::Stage;
use crate::documents::Brought;
use crate::library::Library;
use crate::refusal::Refusal;
use crate::view::Receipt;

/// A task id names an offer; a later offer of the step is another task, whatever the epoch.
pub(super) fn same_offer(stage: &Stage<'_>, case: &str, step: &str, offer: Option<u32>) -> Result<(), Refusal> {
    let current = stage.working(case)?.case.steps.get(step).map_or(0, |run| run.offers);
    match offer {
        Some(offer) if offer > current => Err(Refusal::not_found()),
        Some(offer) if offer < current => Err(kaiban_engine::Rejection::StaleEpoch { step: step.to_owned() }.into()),
        _ => Ok(()),
    }
}

pub(super) fn run(stage: &mut Stage<'_>, who: &Who, case: &str, step: &str, verb: &TaskVerb) -> Result<Done, Refusal> {
    let step_name = step.to_owned();
    let offer = stage.working(case)?.case.steps.get(step).map_or(0, |run| run.offers);
    if let TaskVerb::Complete { officer, approver, .. } = verb {
        let library = stage.library;
        let working = stage.working(case)?;
        let office = working.case.steps.get(step).map(|run| run.office.as_str()).unwrap_or_default();
        // A draw sends officers of any office of the authority; the engine knows whom.
        let drawn = working.def.step(branch_parts(step).0).is_some_and(|step| step.drawn_by.is_some());
        for person in officer.iter().chain(approver) {
            if !(drawn && is_colleague(library, office, person)) {
                works_at(library, office, person)?;
            }
        }
    }
    let (command, brought): (Command, Vec<&Brought>) = match verb {
        TaskVerb::Complete { epoch, outcome, result, findings, officer, approver, reason } => {
            let command = Command::Complete {
                step: step_name,
                epoch: *epoch,
                outcome: outcome.clone(),
                result: result.as_ref().map(|brought| brought.filed.clone()),
                findings: findings.as_ref().map(|(brought, list)| (brought.filed.digest.clone(), list.clone())),
                officer: officer.clone(),
                approver: approver.clone(),
                reason: reason.as_ref().map(|brought| brought.filed.digest.clone()),
            };
            let findings = findings.iter().map(|(brought, _)| brought);
            (command, result.iter().chain(findings).chain(reason).collect())
        }
        TaskVerb::Defer { epoch, until_us, code } => {
            (Command::Defer { step: step_name, epoch: *epoch, until_us: *until_us, code: code.clone() }, Vec::new())
        }
        TaskVerb::Fail { epoch, code } => {
            (Command::Fail { step: step_name, epoch: *epoch, code: code.clone() }, Vec::new())
        }
    };
    // What a task opens may be handed out in the same commit, and then its result is shared at once.
    for document in &brought {
        stage.documents.insert(document.filed.digest.clone(), std::sync::Arc::clone(&document.filed.content));
    }
    stage.apply(case, &who.actor(), Some(step), &command)?;
    for document in brought {
        stage.bring(case, Some(step), document);
    }
    let working = stage.working(case)?;
    let run = working.case.steps.get(step).ok_or_else(Refusal::not_found)?;
    Ok(Done::Receipt(Receipt {
        task: task_id(case, step, offer),
        state: run.state,
        revision: working.seq,
        head: working.head.clone(),
        at_us: working.case.last_at_us,
        lease_until_us: None,
        again_at_us: run.again_at_us,
    }))
}

/// Whether an officer works at any office of the party that an office is of.
fn is_colleague(library: &Library, office: &str, officer: &str) -> bool {
    let Some(office) = library.directory.office_by_id(office) else { return false };
    let mut offices = library.directory.offices().filter(|other| other.party == office.party);
    offices.any(|other| other.officers.iter().any(|known| known.id == officer))
}

/// Refuses an officer whom the directory does not know in this office; of an office without officers in the directory
/// nobody is known.
pub(super) fn works_at(library: &Library, office: &str, officer: &str) -> Result<(), Refusal> {
    let known = library.directory.office_by_id(office).map(|office| office.officers.as_slice()).unwrap_or_default();
    if known.is_empty() || known.iter().any(|known| known.id == officer) {
        return Ok(());
    }
    Err(Refusal::argument(
        "UNKNOWN_OFFICER",
        "经办人或审批人不是该机构在册的工作人员，请填写名录中的工号。",
        "The officer or the approver is none of this office in the directory: name one of its officers by id.",
    ))
}

/// Prolongs a lease that is still good. Nothing of it is journalled.
pub(super) fn heartbeat(
    stage: &mut Stage<'_>,
    case: &str,
    step: &str,
    epoch: i64,
    lease_us: Option<i64>,
) -> Result<Done, Refusal> {
    let operating_us = stage.operating_us;
    let working = stage.working(case)?;
    let state = working.case.step_state(step);
    let Some(task) = working.tasks.get(step) else {
        let known = working.case.steps.get(step).map(|run| run.epoch);
        let step = step.to_owned();
        return Err(match known {
            Some(last) if last == epoch && !state.took_task_away() => {
                kaiban_engine::Rejection::NoOpenTask { step, state: state.name() }
            }
            _ => kaiban_engine::Rejection::StaleEpoch { step },
        }
        .into());
    };
    if task.epoch != epoch || epoch < 1 || task.holder.is_none() {
        return Err(kaiban_engine::Rejection::StaleEpoch { step: step.to_owned() }.into());
    }
    let default_us = i64::try_from(stage.limits.lease_default.as_micros()).unwrap_or(i64::MAX);
    let wanted_us = operating_us.saturating_add(lease_us.unwrap_or(default_us));
    let until_us = wanted_us.max(task.lease_until_us.unwrap_or(0));
    let again_at_us = working.case.steps.get(step).and_then(|run| run.again_at_us);
    let receipt = Receipt {
        task: task.id.clone(),
        state,
        revision: working.seq,
        head: String::new(),
        at_us: stage.now_us,
        // A task that was put off has no lease that runs.
        lease_until_us: again_at_us.is_none().then_some(until_us),
        again_at_us,
    };
    if state.has_task() && again_at_us.is_none() {
        stage.prolong(case, step, until_us);
    }
    Ok(Done::Receipt(receipt))
}

/// Refuses an approver who is not a head of this office by the directory; of an office without officers in it nobody is
/// known.
pub(super) fn heads(library: &Library, office: &str, approver: &str) -> Result<(), Refusal> {
    // Without one the engine says what is missing.
    if approver.is_empty() {
        return Ok(());
    }
    works_at(library, office, approver)?;
    let known = library.directory.office_by_id(office).map(|office| office.officers.as_slice()).unwrap_or_default();
    if known.is_empty() || known.iter().any(|known| known.head && known.id == approver) {
        return Ok(());
    }
    Err(Refusal::argument(
        "APPROVER_NOT_A_HEAD",
        "延长法定期限须经本机构负责人批准，所填审批人不是负责人。",
        "Only a head of the office may approve that the period of the law is prolonged; this officer is none.",
    ))
}
