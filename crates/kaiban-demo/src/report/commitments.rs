//! What became of promises (告知承诺): the server's own figures, and how often was drawn.

use std::collections::BTreeMap;

use kaiban_api::duration_from_us;
use kaiban_api::v1::CertificateFigures;
use serde::Serialize;

/// The certificate of the domicile, the promises made instead of it, and their checks.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Commitments {
    /// The step that asks for the certificate.
    pub certificate: String,
    /// Cases in which it was asked for, or proved without being asked for.
    pub needed: u64,
    /// Proved by shared data.
    pub by_shared: u64,
    /// Proved by the document.
    pub by_evidence: u64,
    /// Promised instead.
    pub used: u64,
    /// Somebody declined to promise.
    pub declined: u64,
    /// Somebody might not promise, by the code of the exclusion; one attempt may fall under several.
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
    /// Median working seconds from the question to the document; none where nobody handed one in.
    pub evidence_median_working_seconds: Option<f64>,
    /// Median working seconds from the question to the promise; none where nobody promised.
    pub promised_median_working_seconds: Option<f64>,
    /// The difference of the two for each promise, added up; none while one is missing.
    pub saved_working_seconds: Option<f64>,
}

/// Registrations that were revoked because a promise was false.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Revoked {
    /// The case was open, and ended with it.
    pub open: u64,
    /// The case had ended before: it keeps its outcome, and counts as later revoked.
    pub after_the_end: u64,
}

impl Commitments {
    /// As the server counts them.
    pub(crate) fn of(figures: &CertificateFigures, draws: u64) -> Self {
        let count = i64::unsigned_abs;
        let seconds = |length_us: i64| length_us as f64 / 1e6;
        let (evidence, promised) = (figures.median_evidence.as_ref(), figures.median_commitment.as_ref());
        Self {
            certificate: figures.step.clone(),
            needed: count(figures.needed),
            by_shared: count(figures.by_shared),
            by_evidence: count(figures.by_evidence),
            used: count(figures.by_commitment),
            declined: count(figures.declined),
            not_allowed: figures.not_allowed_for.iter().map(|of| (of.code.clone(), count(of.count))).collect(),
            draws,
            checked: count(figures.checked),
            visited: count(figures.visited),
            found_false: count(figures.found_false),
            revoked: Revoked { open: count(figures.revoked_open), after_the_end: count(figures.revoked_ended) },
            evidence_median_working_seconds: evidence.and_then(duration_from_us).map(seconds),
            promised_median_working_seconds: promised.and_then(duration_from_us).map(seconds),
            saved_working_seconds: figures.saved.as_ref().and_then(duration_from_us).map(seconds),
        }
    }
}
