//! Tokens.

use kaiban_api::{timestamp, v1};
use kaiban_app::{IssueToken, Refusal, Role, TokenView};

use super::fields::Fields;
use crate::limits::Limits;

pub(crate) fn issue(request: v1::IssueTokenRequest, limits: &Limits) -> Result<IssueToken, Refusal> {
    let mut fields = Fields::new(limits);
    let role = match fields.choice("/role", request.role) {
        Some(v1::Role::Terminal) => Role::Terminal,
        Some(v1::Role::Bank) => Role::Bank,
        Some(v1::Role::Agency) => Role::Agency,
        Some(v1::Role::Officer) => Role::Officer,
        Some(v1::Role::Manager) => Role::Manager,
        Some(v1::Role::Applicant) => Role::Applicant,
        Some(v1::Role::Auditor) => Role::Auditor,
        Some(v1::Role::Security) => Role::Security,
        Some(v1::Role::Admin) => Role::Admin,
        None | Some(v1::Role::Unspecified) => {
            if request.role == 0 {
                fields.missing("/role");
            }
            Role::Terminal
        }
    };
    let issue = IssueToken {
        role,
        organisation: fields.name("/organisation", request.organisation),
        outlet: fields.name_option("/outlet", request.outlet),
        offices: fields.names("/offices", request.offices),
        person: fields.name_option("/person", request.person),
        divisions: fields.names("/divisions", request.divisions),
        label: fields.line("/label", request.label, limits.label_max),
        expires_at_us: fields.instant("/expires_at", request.expires_at),
        certificate: fingerprint(&mut fields, request.certificate_sha256),
    };
    fields.finish(issue)
}

/// SHA-256 as people and `openssl` write it, in lower case and without colons.
fn fingerprint(fields: &mut Fields<'_>, value: String) -> Option<String> {
    let fits = value.len() == 64 && value.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if !value.is_empty() && !fits {
        fields.error(
            "/certificate_sha256",
            "WRONG_SHAPE",
            "应为证书（DER）的 SHA-256，64 位小写十六进制数字，不含冒号。",
            "This must be the SHA-256 of the certificate (DER): 64 lower-case hexadecimal digits, no colons.",
        );
    }
    Some(value).filter(|_| fits)
}

pub(crate) fn list(request: v1::ListTokensRequest, limits: &Limits) -> Result<(u32, String), Refusal> {
    let mut fields = Fields::new(limits);
    let page_size = fields.number("/page_size", request.page_size, 100, 1..=limits.page_max);
    let page_token = fields.page_token(request.page_token);
    fields.finish((page_size, page_token))
}

pub(crate) fn revoke(request: v1::RevokeTokenRequest, limits: &Limits) -> Result<String, Refusal> {
    let mut fields = Fields::new(limits);
    let id = fields.id("/id", request.id);
    fields.finish(id)
}

/// Case and key of the person.
pub(crate) fn credential(
    request: v1::IssueApplicantCredentialRequest,
    limits: &Limits,
) -> Result<(String, String), Refusal> {
    let mut fields = Fields::new(limits);
    let case = fields.id("/case_id", request.case_id);
    if request.person_key.is_empty() {
        fields.missing("/person_key");
    }
    let person = fields.line("/person_key", request.person_key, limits.name_max);
    fields.finish((case, person))
}

pub(crate) fn present(token: TokenView) -> v1::Token {
    let role = match token.role {
        Role::Terminal => v1::Role::Terminal,
        Role::Bank => v1::Role::Bank,
        Role::Agency => v1::Role::Agency,
        Role::Officer => v1::Role::Officer,
        Role::Manager => v1::Role::Manager,
        Role::Applicant => v1::Role::Applicant,
        Role::Auditor => v1::Role::Auditor,
        Role::Security => v1::Role::Security,
        Role::Admin => v1::Role::Admin,
    };
    v1::Token {
        id: token.id,
        role: role.into(),
        organisation: token.organisation,
        outlet: token.outlet.unwrap_or_default(),
        offices: token.offices,
        person: token.person.unwrap_or_default(),
        divisions: token.divisions,
        label: token.label,
        issued_at: Some(timestamp(token.issued_at_us)),
        expires_at: token.expires_at_us.map(timestamp),
        revoked_at: token.revoked_at_us.map(timestamp),
        certificate_sha256: token.certificate.unwrap_or_default(),
    }
}
