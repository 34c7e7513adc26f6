//! What happens to a case as a whole: resubmission, withdrawal, cancellation, resolving an incident.

use std::sync::Arc;

use kaiban_engine::Command;
use kaiban_findings::Severity;

use super::job::{CaseVerb, Done, Who};
use super::stage::Stage;
use super::submit::count;
use crate::documents::Brought;
use crate::refusal::Refusal;

pub(super) fn run(stage: &mut Stage<'_>, who: &Who, case: &str, verb: &CaseVerb) -> Result<Done, Refusal> {
    let digest = |brought: &Option<Brought>| brought.as_ref().map(|brought| brought.filed.digest.clone());
    let mut doubts_filed = None;
    let command = match verb {
        CaseVerb::Resubmit { correction, form } => {
            stage.documents.insert(form.filed.digest.clone(), Arc::clone(&form.filed.content));
            let findings = stage.working(case)?.def.form.check(&form.filed.content);
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
        CaseVerb::Resolve { step } => Command::Resolve { step: step.clone() },
    };
    stage.apply(case, &who.actor(), None, &command)?;
    match verb {
        CaseVerb::Resubmit { form, .. } => {
            stage.bring(case, form);
            stage.set_subject(case, &form.filed.content);
        }
        CaseVerb::Withdraw { reason: Some(reason) } | CaseVerb::Cancel { reason: Some(reason), .. } => {
            stage.bring(case, reason);
        }
        CaseVerb::Withdraw { .. } | CaseVerb::Cancel { .. } | CaseVerb::Resolve { .. } => {}
    }
    if let Some((filed, _)) = &doubts_filed {
        stage.bring(case, filed);
    }
    let seq = stage.working(case)?.seq;
    Ok(Done::Case { id: case.to_owned(), seq, created: false, left: stage.left(case) })
}
