//! Taking tasks from a queue, by a call or for a stream.

use kaiban_engine::{Command, task_address};
use kaiban_store::TaskState;

use super::job::{ClaimOp, Done, Job, Op, Who};
use super::stage::{Pulled, Stage};
use crate::refusal::Refusal;

pub(super) fn run(stage: &mut Stage<'_>, who: &Who, op: &ClaimOp, index: usize) -> Result<Done, Refusal> {
    let Who::Caller(principal) = who else { return Err(Refusal::role()) };
    let candidates = stage.candidates.get(index).cloned().unwrap_or_default();
    let mut views = Vec::new();
    for id in candidates {
        let Some((case, step, _)) = task_address(&id) else { continue };
        let still_there = stage
            .cases
            .get(case)
            .and_then(|working| working.tasks.get(step))
            .is_some_and(|task| task.id == id && matches!(task.state, TaskState::Ready | TaskState::Leased));
        if !still_there {
            continue;
        }
        let until_us = stage.operating_us.saturating_add(op.lease_us);
        let taken = if op.session.is_some_and(|session| stage.dispatcher.holds(session, &id)) {
            // The lease ran out in these very hands and nobody took it: it is still good and goes on. It is said again, because
            // whoever lets a lease run out may never have heard of it.
            stage.prolong(case, step, until_us);
            stage.show_again(case, step, principal, until_us)
        } else {
            let command = Command::Claim { step: step.to_owned(), holder: principal.token.clone() };
            stage
                .apply(case, &who.actor(), Some(step), &command)
                .and_then(|()| stage.lease(case, step, (principal, op.session), until_us))
        };
        match taken {
            Ok(view) => views.push(view),
            // A task that cannot be handed over must not keep the ones behind it.
            Err(refusal) => tracing::error!(task = %id, reason = refusal.reason, "a task cannot be handed over"),
        }
    }
    let left = stage.left_in_queues.get_mut(index).map(std::mem::take).unwrap_or_default();
    let Some(session) = op.session else { return Ok(Done::Claimed(views, left)) };
    let pulled = views.len();
    let token = &principal.token;
    stage.news.pulled.extend(views.into_iter().map(|view| Pulled { session, token: token.clone(), view }));
    Ok(Done::Pulled(pulled, left))
}

/// A claim that a batch answered: which queue versions it had seen, and whether it left nothing behind.
pub(crate) struct Served {
    pub office: String,
    pub versions: Vec<(String, u64)>,
    pub emptied: bool,
}

/// What the claims of a batch found, for the dispatcher.
pub(super) fn served(jobs: &[Job], outcomes: &[Result<Done, Refusal>]) -> Vec<Served> {
    let claims = jobs.iter().zip(outcomes).filter_map(|(job, outcome)| match (&job.op, outcome) {
        (Op::Claim(op), Ok(done)) => {
            let (Done::Claimed(_, left) | Done::Pulled(_, left)) = done else { return None };
            let (office, versions) = (op.office.clone(), op.versions.clone());
            Some(Served { office, versions, emptied: left.emptied })
        }
        _ => None,
    });
    claims.collect()
}
