//! The applicant signs the commitment that replaces a certificate, declines to, or takes it back before the matter is
//! decided (国办发〔2020〕42号). Only the person does it, with the credential of the real-name check: nobody promises for
//! another, no agent and no clerk.

use kaiban_definition::{Commitment, Need, Step};

use crate::case::{Phase, Signed, StepState, Way};
use crate::command::Command;
use crate::event::{Actor, Event};
use crate::outlook::Outlook;
use crate::rejection::Rejection;

pub(super) fn sign<'a>(outlook: &mut Outlook<'a>, command: &'a Command) -> Result<(), Rejection> {
    let Command::Sign { step, person, letter, text_sha256, standing, signature, scheme } = command else {
        return Err(Rejection::WrongPhase);
    };
    let (def, commitment) = outlook.promisable(step, person)?;
    if outlook.case.commitment(step).is_some_and(|run| run.is_in_force()) {
        return Err(Rejection::AlreadySigned { step: step.clone() });
    }
    let findings = outlook.exclusions(def, commitment, person)?;
    if !findings.is_empty() {
        return Err(Rejection::CommitmentNotAllowed(findings));
    }
    let signed = Signed {
        letter: letter.digest.clone(),
        text_sha256: text_sha256.clone(),
        standing: standing.digest.clone(),
        signature: signature.digest.clone(),
        scheme: scheme.clone(),
        risk: outlook.cx.credit.map_or_else(|| "A".to_owned(), |credit| credit.risk.to_owned()),
    };
    let event = Event::CommitmentSigned { step: step.clone(), person: person.clone(), signed };
    if outlook.state(step) != StepState::Correction {
        outlook.events.push(event);
        return Ok(());
    }
    outlook.turn(step, StepState::Pending, event);
    outlook.settled(|next| next.progress())
}

pub(super) fn decline(outlook: &mut Outlook<'_>, step: &str, person: &str) -> Result<(), Rejection> {
    outlook.promisable(step, person)?;
    match outlook.case.commitment(step) {
        // Who has signed and does not want to any more takes it back.
        Some(run) if run.is_in_force() => Err(Rejection::AlreadySigned { step: step.to_owned() }),
        Some(run) if run.signed.is_none() => Err(Rejection::AlreadyDeclined { step: step.to_owned() }),
        _ => {
            let (step, person) = (step.to_owned(), person.to_owned());
            outlook.events.push(Event::CommitmentDeclined { step, person });
            Ok(())
        }
    }
}

pub(super) fn withdraw(
    outlook: &mut Outlook<'_>,
    step: &str,
    person: &str,
    reason: Option<&String>,
) -> Result<(), Rejection> {
    let (def, _) = outlook.certificate(step, person)?;
    let signed = outlook.case.commitment(step).filter(|run| run.is_in_force());
    if signed.is_none_or(|run| run.person != person) {
        return Err(Rejection::NotSigned { step: step.to_owned() });
    }
    outlook.undecided_on(def)?;
    let (name, person, reason) = (step.to_owned(), person.to_owned(), reason.cloned());
    outlook.events.push(Event::CommitmentWithdrawn { step: name, person, reason });
    if outlook.run(step).is_some_and(|run| run.way == Some(Way::Commitment)) {
        outlook.take_back(&[step.to_owned()], step, 0)?;
        outlook.settled(|next| next.progress())?;
    }
    Ok(())
}

impl<'a> Outlook<'a> {
    /// The certificate that a step asks for, and that this person may promise instead.
    fn certificate(&self, step: &str, person: &str) -> Result<(&'a Step, &'a Commitment), Rejection> {
        if self.phase == Phase::Closed {
            return Err(Rejection::CaseClosed);
        }
        if !matches!(self.cx.actor, Actor::Applicant { person: actor } if actor == person) {
            return Err(Rejection::SignatoryRequired);
        }
        let def = self.def.steps.get(step).ok_or_else(|| Rejection::UnknownStep(step.to_owned()))?;
        match def.certificate().and_then(|certificate| certificate.commitment.as_ref()) {
            Some(commitment) => Ok((def, commitment)),
            None => Err(Rejection::NotPromisable { step: step.to_owned() }),
        }
    }

    /// The same, while nothing stands for the certificate and the matter is open.
    fn promisable(&self, step: &str, person: &str) -> Result<(&'a Step, &'a Commitment), Rejection> {
        let (def, commitment) = self.certificate(step, person)?;
        self.undecided_on(def)?;
        let needless = match self.state(step) {
            StepState::Skipped | StepState::NotRequested | StepState::Withdrawn => true,
            // Whether it is needed may hang on what is not known yet.
            _ => def.when.as_ref().is_some_and(|when| matches!(self.holds(when, def, step), Ok(false))),
        };
        if needless {
            return Err(Rejection::CertificateNotNeeded { step: step.to_owned() });
        }
        let proved = self.run(step).and_then(|run| run.way).is_some_and(|way| way != Way::Commitment);
        if proved || self.has_evidence(def) {
            return Err(Rejection::CertificateProved { step: step.to_owned() });
        }
        Ok((def, commitment))
    }

    /// No step that waits for the certificate has ended.
    fn undecided_on(&self, certificate: &Step) -> Result<(), Rejection> {
        let needs = |step: &&&Step| step.needs.iter().any(|Need { step, .. }| *step == certificate.name);
        let decides = self.def.steps.values().map(AsRef::as_ref);
        let decides: Vec<&Step> = decides.collect();
        let ended = |step: &&Step| matches!(self.state(&step.name), StepState::Completed | StepState::Ended);
        // Where something was revoked, what rested on the certificate may be withdrawn by now.
        if self.case.revocation.is_some() || decides.iter().filter(needs).any(ended) {
            return Err(Rejection::AlreadyDecided);
        }
        Ok(())
    }
}
