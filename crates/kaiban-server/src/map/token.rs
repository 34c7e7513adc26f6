//! Tokens.

use kaiban_api::{timestamp, v1};
use kaiban_app::{IssueToken, Refusal, Role, TokenView};

use super::fields::Fields;
use crate::limits::Limits;

pub(crate) fn issue(request: v1::IssueTokenRequest, limits: &Limits) -> Result<IssueToken, Refusal> {
    let mut fields = Fields::new(limits);
    let role = match fields.choice("/role", request.role) {
        Some(v1::Role::Terminal) => Role::Terminal,
        Some(v1::Role::Agency) => Role::Agency,
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
        label: fields.line("/label", request.label, limits.label_max),
        expires_at_us: fields.instant("/expires_at", request.expires_at),
    };
    fields.finish(issue)
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

/// Request id, case and step.
pub(crate) fn resolve(
    request: v1::ResolveIncidentRequest,
    limits: &Limits,
) -> Result<(String, String, String), Refusal> {
    let mut fields = Fields::new(limits);
    let request_id = fields.request_id(request.request_id);
    let case = fields.id("/case_id", request.case_id);
    let step = fields.name("/step", request.step);
    fields.finish((request_id, case, step))
}

pub(crate) fn present(token: TokenView) -> v1::Token {
    let role = match token.role {
        Role::Terminal => v1::Role::Terminal,
        Role::Agency => v1::Role::Agency,
        Role::Admin => v1::Role::Admin,
    };
    v1::Token {
        id: token.id,
        role: role.into(),
        organisation: token.organisation,
        outlet: token.outlet.unwrap_or_default(),
        offices: token.offices,
        label: token.label,
        issued_at: Some(timestamp(token.issued_at_us)),
        expires_at: token.expires_at_us.map(timestamp),
        revoked_at: token.revoked_at_us.map(timestamp),
    }
}
