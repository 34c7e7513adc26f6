//! What became of promises (告知承诺), from the server's answers only.

use std::collections::BTreeMap;

use kaiban_api::micros;
use kaiban_api::v1::{Case, CaseState, CertificateWay, Step, StepState};
use serde::Serialize;

use super::quantile;

/// The step that decides once everything is proved.
const DECIDES: &str = "registration";
/// The step of a check that goes to the place.
const VISIT: &str = "visit";

/// Promises of a demo, and their checks.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Commitments {
    /// Certificates for which a signed promise stands, by the step that asks for them.
    pub used: BTreeMap<String, u64>,
    /// Times somebody declined to promise.
    pub declined: u64,
    /// Times somebody might not promise, by the code of the exclusion; one attempt may fall under several.
    pub not_allowed: BTreeMap<String, u64>,
    /// Draws that were held over those that wait to be checked.
    pub draws: u64,
    /// Promises whose check has ended.
    pub checked: u64,
    /// Of these, those that were drawn and visited.
    pub visited: u64,
    /// Of these, those that were found false.
    #[serde(rename = "false")]
    pub found_false: u64,
    /// Registrations that were revoked for it.
    pub revoked: Revoked,
    /// Working time from acceptance to the offer of the registration.
    pub until_registration: UntilRegistration,
}

/// Registrations that were revoked because a promise was false.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Revoked {
    /// The case was open, and ended with it.
    pub open: u64,
    /// The case had ended before: it keeps its outcome, and counts as later revoked.
    pub after_the_end: u64,
}

/// How long a missing proof kept the registrar waiting, working seconds of the division; cases whose registration was
/// offered more than once are left out.
#[derive(Clone, Debug, Default, Serialize)]
pub struct UntilRegistration {
    /// Median where the proof was promised; none without such cases.
    pub promised_median_working_seconds: Option<f64>,
    /// Median where it was asked for and handed in later; none without such cases.
    pub evidence_median_working_seconds: Option<f64>,
    /// What a promise saves; none where one of the two is missing.
    pub saved_working_seconds: Option<f64>,
}

/// What only those who attempt and draw know.
#[derive(Clone, Debug, Default)]
pub(crate) struct Attempts {
    pub not_allowed: BTreeMap<String, u64>,
    pub draws: u64,
}

impl Commitments {
    /// Adds up the cases and their checks as the server gave them; `working` gives working seconds of a division
    /// between two instants, µs.
    pub(crate) fn of(
        cases: &[Case],
        checks: &[Case],
        attempts: Attempts,
        working: impl Fn(&str, i64, i64) -> Option<f64>,
    ) -> Self {
        let mut all = Self { not_allowed: attempts.not_allowed, draws: attempts.draws, ..Self::default() };
        let (mut promised, mut evidence) = (Vec::new(), Vec::new());
        for case in cases {
            for certificate in &case.certificates {
                let events = certificate.commitment.iter().flat_map(|commitment| &commitment.events);
                all.declined += events.filter(|event| !event.signed).count() as u64;
                let asked = case.corrections.iter().any(|correction| correction.step == certificate.step);
                match certificate.way() {
                    CertificateWay::Commitment => {
                        *all.used.entry(certificate.step.clone()).or_default() += 1;
                        promised.extend(waited(case, &working));
                    }
                    CertificateWay::Evidence if asked => evidence.extend(waited(case, &working)),
                    _ => {}
                }
            }
        }
        let outcomes: BTreeMap<&str, &str> =
            cases.iter().map(|case| (case.id.as_str(), case.outcome.as_str())).collect();
        for check in checks.iter().filter(|check| check.state() == CaseState::Closed) {
            all.checked += 1;
            all.visited += u64::from(step(check, VISIT).is_some_and(|visit| visit.state() == StepState::Completed));
            if check.outcome != "found-false" {
                continue;
            }
            all.found_false += 1;
            match outcomes.get(check.parent.as_str()) {
                Some(&"revoked") => all.revoked.open += 1,
                Some(_) => all.revoked.after_the_end += 1,
                None => {}
            }
        }
        let median = |mut values: Vec<f64>| (!values.is_empty()).then(|| quantile(&mut values, 0.5));
        let (promised, evidence) = (median(promised), median(evidence));
        all.until_registration = UntilRegistration {
            promised_median_working_seconds: promised,
            evidence_median_working_seconds: evidence,
            saved_working_seconds: promised.zip(evidence).map(|(promised, evidence)| evidence - promised),
        };
        all
    }
}

fn step<'c>(case: &'c Case, name: &str) -> Option<&'c Step> {
    case.steps.iter().find(|step| step.step == name)
}

fn waited(case: &Case, working: impl Fn(&str, i64, i64) -> Option<f64>) -> Option<f64> {
    let registration = step(case, DECIDES).filter(|step| step.corrections == 0 && step.superseded.is_empty())?;
    let (from, to) = (micros(case.accepted_at.as_ref()?)?, micros(registration.offered_at.as_ref()?)?);
    working(&case.division, from, to)
}
