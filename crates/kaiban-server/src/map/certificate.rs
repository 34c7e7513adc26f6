//! Certificates and commitments.

use kaiban_api::{timestamp, v1};
use kaiban_app::{
    CertificateAsked, CertificateView, CommitmentPreview, CommitmentView, EligibilityView, GroundView, Refusal,
    SaidView, Sign, SignatureGiven, Unsigned,
};
use kaiban_definition::Needed;
use kaiban_engine::Way;

use super::case::step_state;
use super::fields::Fields;
use super::finding;
use crate::limits::Limits;

/// What a preview is asked for: case, step, person.
pub(crate) fn preview(
    request: v1::PreviewCommitmentRequest,
    limits: &Limits,
) -> Result<(String, String, String), Refusal> {
    let mut fields = Fields::new(limits);
    let wanted = (
        fields.id("/case_id", request.case_id),
        fields.id("/step", request.step),
        fields.name_or_empty("/person_key", request.person_key),
    );
    fields.finish(wanted)
}

pub(crate) fn list(request: v1::ListCertificatesRequest, limits: &Limits) -> Result<String, Refusal> {
    let mut fields = Fields::new(limits);
    let case = fields.id("/case_id", request.case_id);
    fields.finish(case)
}

pub(crate) fn sign(request: v1::SignCommitmentRequest, limits: &Limits) -> Result<Sign, Refusal> {
    let mut fields = Fields::new(limits);
    let hex = |text: &str| text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    if !hex(&request.text_sha256) {
        fields.error(
            "/text_sha256",
            "WRONG_SHAPE",
            "应为 SHA-256 的64位小写十六进制数。",
            "This must be a SHA-256 as 64 lower-case hex digits.",
        );
    }
    if request.typed_name.trim().is_empty() {
        fields.missing("/typed_name");
    }
    let signature = request.signature.map(|given| {
        fields.count("/signature/value", given.value.len(), 1..=limits.signature_max);
        SignatureGiven { scheme: fields.name("/signature/scheme", given.scheme), value: given.value }
    });
    let sign = Sign {
        request_id: fields.request_id(request.request_id),
        case: fields.id("/case_id", request.case_id),
        step: fields.id("/step", request.step),
        text_sha256: request.text_sha256,
        typed_name: fields.line("/typed_name", request.typed_name, limits.label_max),
        signature,
    };
    fields.finish(sign)
}

pub(crate) fn decline(request: v1::DeclineCommitmentRequest, limits: &Limits) -> Result<Unsigned, Refusal> {
    let mut fields = Fields::new(limits);
    let unsigned = Unsigned {
        request_id: fields.request_id(request.request_id),
        case: fields.id("/case_id", request.case_id),
        step: fields.id("/step", request.step),
        reason: String::new(),
    };
    fields.finish(unsigned)
}

pub(crate) fn withdraw(request: v1::WithdrawCommitmentRequest, limits: &Limits) -> Result<Unsigned, Refusal> {
    let mut fields = Fields::new(limits);
    let unsigned = Unsigned {
        request_id: fields.request_id(request.request_id),
        case: fields.id("/case_id", request.case_id),
        step: fields.id("/step", request.step),
        reason: fields.text("/reason", request.reason, limits.case_reason_max),
    };
    fields.finish(unsigned)
}

pub(crate) fn previewed(preview: CommitmentPreview) -> v1::PreviewCommitmentResponse {
    v1::PreviewCommitmentResponse {
        step: preview.step,
        person_key: preview.person,
        letter: preview.letter,
        title: Some(finding::text(preview.title)),
        text: preview.text,
        html: preview.html,
        text_sha256: preview.text_sha256,
        version: preview.version,
        digest: preview.digest,
        exclusions: finding::present_all(preview.exclusions),
        signature_scheme: preview.scheme.unwrap_or_default(),
    }
}

pub(crate) fn present(view: CertificateView) -> v1::Certificate {
    let way = match view.way {
        None => v1::CertificateWay::Unspecified,
        Some(Way::Evidence) => v1::CertificateWay::Evidence,
        Some(Way::Shared) => v1::CertificateWay::Shared,
        Some(Way::Commitment) => v1::CertificateWay::Commitment,
    };
    v1::Certificate {
        step: view.step,
        title: Some(finding::text(view.title)),
        law: view.law,
        why: Some(finding::text(view.why)),
        evidence: view.evidence,
        needed: needed(view.needed).into(),
        needed_why: Some(finding::text(view.needed_why)),
        state: step_state(view.state).into(),
        way: way.into(),
        since: view.since_us.map(timestamp),
        by: view.by,
        correction_id: view.correction.unwrap_or_default(),
        commitment: view.commitment.map(commitment),
    }
}

pub(crate) fn asked(asked: CertificateAsked) -> v1::AskedCertificate {
    v1::AskedCertificate {
        step: asked.step,
        title: Some(finding::text(asked.title)),
        law: asked.law,
        why: Some(finding::text(asked.why)),
        evidence: asked.evidence,
        given: asked.given,
        needed: needed(asked.needed).into(),
        needed_why: Some(finding::text(asked.needed_why)),
        shared: asked.shared,
        commitment: asked.commitment.map(commitment),
    }
}

pub(crate) fn needed(needed: Needed) -> v1::Needed {
    match needed {
        Needed::Yes => v1::Needed::Yes,
        Needed::No => v1::Needed::No,
        Needed::Later => v1::Needed::Later,
    }
}

fn commitment(view: CommitmentView) -> v1::Commitment {
    let ground = |ground: GroundView| v1::CommitmentGround {
        code: ground.code,
        message: Some(finding::text(ground.text)),
        law: ground.law,
    };
    let eligibility = |person: EligibilityView| v1::Eligibility {
        person_key: person.person,
        allowed: person.exclusions.is_empty(),
        exclusions: finding::present_all(person.exclusions),
    };
    let said = |said: SaidView| v1::CommitmentEvent {
        person_key: said.person,
        at: Some(timestamp(said.at_us)),
        signed: said.text_sha256.is_some(),
        text_sha256: said.text_sha256.unwrap_or_default(),
        scheme: said.scheme.unwrap_or_default(),
        withdrawn_at: said.withdrawn_at_us.map(timestamp),
    };
    v1::Commitment {
        letter: view.letter,
        grounds: view.grounds.into_iter().map(ground).collect(),
        persons: view.persons.into_iter().map(eligibility).collect(),
        events: view.said.into_iter().map(said).collect(),
    }
}
