//! Tokens straight on the database: for whoever is to give out the others, and for whoever has lost the last one. Whoever may
//! write the database may do anything anyway.

use kaiban_api::{micros, timestamp, v1};
use kaiban_app::{IssueToken, Role};
use kaiban_store::{Store, StoreError, TokenRow};
use serde_json::Value;

use crate::database::Database;
use crate::failure::Failure;
use crate::packages::Packages;

/// The roles that tokens are issued for, on the wire and in the app.
const ROLES: [(v1::Role, Role); 8] = [
    (v1::Role::Terminal, Role::Terminal),
    (v1::Role::Bank, Role::Bank),
    (v1::Role::Agency, Role::Agency),
    (v1::Role::Officer, Role::Officer),
    (v1::Role::Manager, Role::Manager),
    (v1::Role::Auditor, Role::Auditor),
    (v1::Role::Security, Role::Security),
    (v1::Role::Admin, Role::Admin),
];

/// Issues a token; the database is made if there is none.
pub async fn issue(
    database: &Database,
    packages: &Packages,
    request: v1::IssueTokenRequest,
) -> Result<v1::IssueTokenResponse, Failure> {
    let (workflows, _) = packages.load()?;
    let store = database.open_or_create().await?;
    let request = IssueToken {
        role: ROLES.iter().find(|(wire, _)| *wire == request.role()).map_or(Role::Terminal, |(_, role)| *role),
        organisation: request.organisation,
        outlet: Some(request.outlet).filter(|outlet| !outlet.is_empty()),
        offices: request.offices,
        person: Some(request.person).filter(|person| !person.is_empty()),
        divisions: request.divisions,
        label: request.label,
        expires_at_us: request.expires_at.as_ref().and_then(micros),
    };
    let (token, secret) = kaiban_app::issue_token_offline(&store, &workflows.directory, request).await?;
    let row = rows(&store).await?.into_iter().find(|row| row.id == token.id);
    Ok(v1::IssueTokenResponse { token: row.map(message), secret })
}

/// All tokens.
pub async fn list(database: &Database) -> Result<Vec<v1::Token>, Failure> {
    let store = database.open_existing().await?;
    Ok(rows(&store).await?.into_iter().map(message).collect())
}

/// Revokes a token. A running server notices when it next looks the token up, a few seconds later.
pub async fn revoke(database: &Database, id: &str) -> Result<v1::Token, Failure> {
    let store = database.open_existing().await?;
    let now_us = kaiban_app::operating_us_of(&store).await.map_err(failed)?;
    store.revoke_token(id, now_us).await.map_err(failed)?;
    let row = rows(&store).await?.into_iter().find(|row| row.id == id);
    row.map(message).ok_or_else(|| {
        Failure::local("NOT_FOUND", "没有该令牌。", "there is no such token")
            .with_hint("`kaiban token list` shows the ids")
    })
}

async fn rows(store: &Store) -> Result<Vec<TokenRow>, Failure> {
    store.tokens().await.map_err(failed)
}

fn failed(error: StoreError) -> Failure {
    Failure::local("DATABASE", "数据库操作失败。", error.to_string())
}

fn message(row: TokenRow) -> v1::Token {
    let scope: Value = serde_json::from_str(&row.scope).unwrap_or_default();
    let texts = |name: &str| -> Vec<String> {
        let listed = scope[name].as_array().into_iter().flatten();
        listed.filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let role = ROLES.iter().find(|(_, role)| role.name() == row.role).map_or(v1::Role::Unspecified, |(wire, _)| *wire);
    v1::Token {
        id: row.id,
        role: role.into(),
        organisation: row.organisation,
        outlet: scope["outlet"].as_str().unwrap_or_default().to_owned(),
        offices: texts("offices"),
        person: scope["person"].as_str().unwrap_or_default().to_owned(),
        divisions: texts("divisions"),
        label: row.label,
        issued_at: Some(timestamp(row.issued_at_us)),
        expires_at: row.expires_at_us.map(timestamp),
        revoked_at: row.revoked_at_us.map(timestamp),
    }
}
