//! What happens to a case as a whole: resubmission, withdrawal, cancellation, resolving an incident.

use kaiban_calendar::local_date;
use kaiban_engine::{Command, Rejection, changed_outside};
use kaiban_findings::Severity;

use super::job::{CaseVerb, Done, Who};
use super::on_commitment;
use super::on_task::{heads, works_at};
use super::stage::Stage;
use super::submit::count;
use crate::access::RowFacts;
use crate::documents::Brought;
use crate::refusal::Refusal;

pub(super) fn run(stage: &mut Stage<'_>, who: &Who, case: &str, verb: &CaseVerb) -> Result<Done, Refusal> {
    let digest = |brought: &Option<Brought>| brought.as_ref().map(|brought| brought.filed.digest.clone());
    let mut doubts_filed = None;
    let mut signed = Vec::new();
    let command = match verb {
        CaseVerb::Resubmit { correction, form, missing } => {
            stage.see(form);
            let working = stage.working(case)?;
            let mut findings = working.def.check_form(&form.filed.content, local_date(working.case.received_at_us));
            // What the engine cannot know is told with all that it would say.
            let before =
                working.case.form().and_then(|digest| stage.documents.get(digest)).filter(|_| !missing.is_empty());
            let outside =
                before.and_then(|before| changed_outside(&working.case, correction, before, &form.filed.content));
            if let Some(outside) = outside {
                findings.extend(outside);
                findings.extend(missing.iter().cloned());
                return Err(Rejection::FormInvalid(findings).into());
            }
            let doubts: Vec<_> = findings.into_iter().filter(|f| f.severity == Severity::Doubt).collect();
            if !doubts.is_empty() {
                let content = serde_json::to_value(&doubts).unwrap_or_default();
                doubts_filed = Some((Brought::new("doubts", content), count(doubts.len())));
            }
            let doubts = doubts_filed.as_ref().map(|(filed, count)| (filed.filed.digest.clone(), *count));
            Command::Resubmit { correction: correction.clone(), form: form.filed.clone(), doubts }
        }
        CaseVerb::Withdraw { reason } => Command::Withdraw { reason: digest(reason) },
        CaseVerb::Cancel { officer, reason } => Command::Cancel { officer: officer.clone(), reason: digest(reason) },
        CaseVerb::Resolve { step, officer } => Command::Resolve { step: step.clone(), officer: officer.clone() },
        CaseVerb::Request { step, form } => {
            if let Some(form) = form {
                stage.see(form);
            }
            Command::Request { step: step.clone(), form: form.as_ref().map(|form| form.filed.clone()) }
        }
        CaseVerb::WithdrawStep { step, reason } => Command::WithdrawStep { step: step.clone(), reason: digest(reason) },
        CaseVerb::Pause { step, reason, until_us, note, officer, approver } => Command::Pause {
            step: step.clone(),
            reason: *reason,
            until_us: *until_us,
            note: digest(note),
            officer: officer.clone(),
            approver: approver.clone(),
        },
        CaseVerb::Resume { step, officer } => Command::Resume { step: step.clone(), officer: officer.clone() },
        CaseVerb::GiveUp { officer, reason } => {
            Command::GiveUp { officer: officer.clone(), reason: reason.filed.digest.clone() }
        }
        CaseVerb::Extend { step, officer, approver, reason } => Command::Extend {
            step: step.clone(),
            officer: officer.clone(),
            approver: approver.clone(),
            reason: reason.filed.digest.clone(),
        },
        CaseVerb::ExplainDelay { step, officer, reason } => {
            Command::ExplainDelay { step: step.clone(), officer: officer.clone(), reason: reason.filed.digest.clone() }
        }
        CaseVerb::Rate { grade, comment } => Command::Rate { grade: *grade, comment: digest(comment) },
        CaseVerb::Sign(verb) => {
            let (command, documents) = on_commitment::sign(stage, who, case, verb)?;
            signed.extend(documents);
            command
        }
        CaseVerb::DeclineCommitment { step } => {
            let (_, person) = on_commitment::person(who)?;
            Command::DeclineCommitment { step: step.clone(), person: person.to_owned() }
        }
        CaseVerb::WithdrawCommitment { step, reason } => {
            let (_, person) = on_commitment::person(who)?;
            Command::WithdrawCommitment { step: step.clone(), person: person.to_owned(), reason: digest(reason) }
        }
    };
    let office = |step: &str| -> Result<&str, Refusal> {
        let run = stage.working(case)?.case.steps.get(step);
        Ok(run.map(|run| run.office.as_str()).unwrap_or_default())
    };
    match verb {
        CaseVerb::Pause { step, officer, approver, .. } => {
            for person in [officer].into_iter().chain(approver) {
                works_at(stage.library, office(step)?, person)?;
            }
        }
        CaseVerb::ExplainDelay { step, officer, .. } => works_at(stage.library, office(step)?, officer)?,
        CaseVerb::Extend { step, officer, approver, .. } => {
            let office = match step {
                Some(step) => office(step)?,
                // Whoever registers answers for the case as a whole.
                None => RowFacts::of(&stage.working(case)?.case, stage.library).bureau.unwrap_or_default(),
            };
            works_at(stage.library, office, officer)?;
            heads(stage.library, office, approver)?;
        }
        _ => {}
    }
    if verb.spends() {
        stage.can_spend(who)?;
    }
    // What takes a task away has to know its lease: its epoch is never given again.
    let taken = match verb {
        CaseVerb::Pause { step, .. } | CaseVerb::WithdrawStep { step, .. } => Some(step.as_str()),
        _ => None,
    };
    stage.apply(case, &who.actor(), taken, &command)?;
    if verb.spends() {
        stage.spend(who);
    }
    match verb {
        CaseVerb::Resubmit { form, .. } | CaseVerb::Request { form: Some(form), .. } => {
            stage.bring(case, None, form);
            stage.set_subject(case, &form.filed.content);
        }
        CaseVerb::Withdraw { reason: Some(text) }
        | CaseVerb::Cancel { reason: Some(text), .. }
        | CaseVerb::WithdrawStep { reason: Some(text), .. }
        | CaseVerb::Pause { note: Some(text), .. }
        | CaseVerb::GiveUp { reason: text, .. }
        | CaseVerb::Extend { reason: text, .. }
        | CaseVerb::ExplainDelay { reason: text, .. }
        | CaseVerb::WithdrawCommitment { reason: Some(text), .. }
        | CaseVerb::Rate { comment: Some(text), .. } => stage.bring(case, None, text),
        CaseVerb::Withdraw { .. }
        | CaseVerb::Cancel { .. }
        | CaseVerb::Resolve { .. }
        | CaseVerb::Request { .. }
        | CaseVerb::WithdrawStep { .. }
        | CaseVerb::Pause { .. }
        | CaseVerb::Resume { .. }
        | CaseVerb::Sign(_)
        | CaseVerb::DeclineCommitment { .. }
        | CaseVerb::WithdrawCommitment { .. }
        | CaseVerb::Rate { .. } => {}
    }
    signed.iter().for_each(|document| stage.bring(case, None, document));
    if let Some((filed, _)) = &doubts_filed {
        stage.bring(case, None, filed);
    }
    let seq = stage.working(case)?.seq;
    Ok(Done::Case { id: case.to_owned(), seq, created: false, left: stage.left(case) })
}
