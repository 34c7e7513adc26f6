//! A new case.

use kaiban_engine::Command;

use super::job::{Done, SubmitOp, Who};
use super::stage::Stage;
use crate::ids;
use crate::refusal::Refusal;

pub(super) fn run(stage: &mut Stage<'_>, who: &Who, op: &SubmitOp) -> Result<Done, Refusal> {
    let (organisation, outlet, parent) = match (who, &op.started) {
        (Who::Caller(principal), None) => (principal.organisation.clone(), principal.outlet.clone(), None),
        (Who::System, Some(started)) => {
            (started.organisation.clone(), started.outlet.clone(), Some(started.parent.clone()))
        }
        _ => return Err(Refusal::role()),
    };
    let library = stage.library;
    let def = library.current(&op.workflow, stage.now_us);
    let def = def.ok_or_else(|| Refusal::unknown_workflow(&op.workflow, library.names()))?;
    let id = ids::case_number(stage.now_us);
    let command = Command::Submit {
        case: id.clone(),
        form: op.form.filed.clone(),
        doubts: op.doubts_filed.as_ref().map(|filed| (filed.filed.digest.clone(), count(op.doubts.len()))),
        organisation,
        outlet,
        parent,
    };
    stage.create(&id, &def);
    stage.see(&op.form);
    if let Err(refusal) = stage.apply(&id, &who.actor(), None, &command) {
        stage.forget(&id);
        return Err(refusal);
    }
    stage.bring(&id, None, &op.form);
    stage.set_subject(&id, &op.form.filed.content);
    if let Some(doubts) = &op.doubts_filed {
        stage.bring(&id, None, doubts);
    }
    let left = stage.left(&id);
    Ok(Done::Case { id, seq: 1, created: true, left })
}

pub(super) fn count(items: usize) -> u32 {
    u32::try_from(items).unwrap_or(u32::MAX)
}
