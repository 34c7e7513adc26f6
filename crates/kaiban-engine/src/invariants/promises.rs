//! Certificates, the promises that replace them, and what is revoked because one was false.

use kaiban_definition::{Definition, Step, Work};

use super::require;
use crate::case::{Case, CommitmentRun, Phase, StepState, Way};

/// Only a certificate can be promised, by one person at a time; who has declined has signed nothing to take back.
pub(super) fn commitments_replace_certificates(def: &Definition, case: &Case) -> Result<(), String> {
    for (index, run) in case.commitments.iter().enumerate() {
        let step = &run.step;
        require(def.step(step).is_some_and(|step| is_promisable(step)), || format!("{step}: no certificate"))?;
        require(run.signed.is_some() || run.withdrawn_at_us.is_none(), || format!("{step}: declined and taken back"))?;
        require(run.withdrawn_at_us.is_none_or(|at_us| at_us >= run.at_us), || {
            format!("{step}: taken back too early")
        })?;
        let mut later = case.commitments[index + 1..].iter();
        let next = later.find(|next| next.step == *step);
        require(!run.is_in_force() || next.is_none(), || format!("{step}: signed and spoken of again"))?;
    }
    Ok(())
}

fn is_promisable(step: &Step) -> bool {
    match &step.work {
        Work::Prove(certificate) => certificate.commitment.is_some(),
        _ => false,
    }
}

/// Something stands for a certificate exactly while its step is done; a promise only while it is in force.
pub(super) fn certificates_are_proved(def: &Definition, case: &Case) -> Result<(), String> {
    for (name, run) in &case.steps {
        let proves = def.step(name).is_some_and(|step| matches!(step.work, Work::Prove(_)));
        let done = proves && run.state == StepState::Completed;
        require(run.way.is_some() == done, || format!("{name}: proof and state"))?;
        let promised = run.way == Some(Way::Commitment);
        let in_force = case.commitment(name).is_some_and(CommitmentRun::is_in_force);
        require(!promised || in_force, || format!("{name}: rests on no promise"))?;
    }
    Ok(())
}

/// What is revoked was revoked by a step that may; nothing is under way then but what undoes it, and no case ends as
/// revoked by itself.
pub(super) fn what_is_revoked_is_taken_back(def: &Definition, case: &Case) -> Result<(), String> {
    let revoked = case.outcome.as_deref() == Some("revoked");
    let Some(revocation) = &case.revocation else {
        return require(!revoked, || "revoked by nobody".into());
    };
    let by = def.step(&revocation.by).and_then(|step| step.revokes());
    require(by.is_some_and(|revokes| revokes.step == revocation.step), || "revoked by a step that may not".into())?;
    let later = case.closed_at_us.is_some_and(|closed_at_us| closed_at_us < revocation.at_us);
    require(!later || !revoked, || "revoked before it was found out".into())?;
    if case.phase != Phase::Open {
        return Ok(());
    }
    let regular = |name: &str| def.step(name).is_some_and(|step| step.is_regular());
    let under_way = |state: StepState| state.is_open() || state == StepState::Branched;
    let open = case.steps.iter().find(|(name, run)| under_way(run.state) && regular(name));
    require(open.is_none(), || format!("{}: goes on though revoked", open.map_or("", |(name, _)| name)))
}

/// How a started case ended stands where the step did not wait for it, and only of one that was started.
pub(super) fn ends_of_started_cases_are_known_once(def: &Definition, case: &Case) -> Result<(), String> {
    for (name, run) in case.steps.iter().filter(|(_, run)| run.sub_outcome.is_some()) {
        let told = def.step(name).is_some_and(|step| matches!(step.work, Work::Start { waits: false, .. }));
        require(told && run.sub_case.is_some(), || format!("{name}: the end of no case"))?;
    }
    Ok(())
}
