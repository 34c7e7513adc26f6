//! Tokens: issued once, stored hashed, revocable, expiring. Authentication trusts a token that it has looked up lately.

mod scope;

use std::collections::{BTreeSet, HashMap};
use std::sync::Mutex;

use kaiban_definition::Directory;
use kaiban_store::{Store, TokenRow};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tokio::sync::watch;

use crate::access::Verb;
use crate::app::{App, Inner, lock};
use crate::clock::operating_us_of;
use crate::credentials;
use crate::ids;
use crate::limits::Limits;
use crate::principal::{Principal, Role};
use crate::refusal::{Canonical, Refusal};
use crate::request::IssueToken;
use crate::tasks::micros;
use crate::view::TokenView;

/// Tokens that were looked up lately, by hash.
#[derive(Default)]
pub(crate) struct TokenCache {
    known: Mutex<HashMap<String, (Principal, i64, i64)>>,
    /// Rises when tokens are revoked.
    revocations: watch::Sender<u64>,
}

impl TokenCache {
    /// Looks tokens up anew from now on, all of them where none is named, and wakes whatever they hold open.
    pub fn forget(&self, tokens: Option<&BTreeSet<String>>) {
        let revoked = |principal: &Principal| tokens.is_none_or(|tokens| tokens.contains(&principal.token));
        lock(&self.known).retain(|_, (principal, ..)| !revoked(principal));
        self.revocations.send_modify(|revocations| *revocations += 1);
    }
}

/// What a token row keeps about its bearer besides role and organisation.
#[derive(Serialize, Deserialize)]
struct Scope {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    outlet: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    offices: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    person: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    divisions: Vec<String>,
}

/// Tokens kept in the cache; a full cache starts afresh.
const CACHE_MAX: usize = 10_000;

impl App {
    /// The caller behind a secret.
    ///
    /// # Errors
    /// `TOKEN_INVALID`: unknown; `TOKEN_REVOKED` and `TOKEN_EXPIRED`: ours, and over.
    pub async fn authenticate(&self, secret: &str) -> Result<Principal, Refusal> {
        self.inner.authenticate(secret).await
    }

    /// Changes when tokens were revoked, on whatever server; which ones, authenticating again tells.
    pub fn revocations(&self) -> watch::Receiver<u64> {
        self.inner.tokens.revocations.subscribe()
    }

    /// Issues a token; the secret is in this answer only.
    ///
    /// # Errors
    /// The scope names what the directory does not have, the life is too long, or the person holds a role already that
    /// goes with no other (`ROLE_CONFLICT`).
    pub async fn issue_token(&self, who: &Principal, request: IssueToken) -> Result<(TokenView, String), Refusal> {
        who.may(Verb::ManageTokens)?;
        let inner = &self.inner;
        let now_us = inner.clock.operating_us();
        issue(&inner.store, &inner.library.directory, &inner.settings.limits, request, now_us).await
    }

    /// Tokens by id, and the token of the next page; empty on the last.
    ///
    /// # Errors
    /// The page token is none of ours.
    pub async fn tokens(
        &self,
        who: &Principal,
        page_size: u32,
        page_token: &str,
    ) -> Result<(Vec<TokenView>, String), Refusal> {
        who.may(Verb::ManageTokens)?;
        let size = if page_size == 0 { 100 } else { page_size.min(self.inner.settings.limits.page_max) } as usize;
        let mut rows = self.inner.store.tokens().await?;
        rows.sort_by(|one, other| one.id.cmp(&other.id));
        if !page_token.is_empty() && !rows.iter().any(|row| row.id == page_token) {
            return Err(kaiban_store::StoreError::BadPageToken.into());
        }
        let mut rest = rows.iter().filter(|row| row.id.as_str() > page_token);
        let views: Vec<TokenView> = rest.by_ref().take(size).map(view).collect::<Result<_, _>>()?;
        let next = if rest.next().is_some() { views.last().map(|view| view.id.clone()) } else { None };
        Ok((views, next.unwrap_or_default()))
    }

    /// Ends a token at once, and the streams that it opened, on whatever server.
    ///
    /// # Errors
    /// There is no such token.
    pub async fn revoke_token(&self, who: &Principal, id: &str) -> Result<TokenView, Refusal> {
        who.may(Verb::ManageTokens)?;
        let inner = &self.inner;
        let known = inner.store.tokens().await?.into_iter().find(|row| row.id == id).ok_or_else(Refusal::not_found)?;
        if known.revoked_at_us.is_none() {
            inner.store.revoke_token(id, inner.clock.operating_us()).await?;
        }
        let revoked = BTreeSet::from([id.to_owned()]);
        inner.end_tokens(&revoked);
        inner.nodes.tell(|news| news.tokens.extend(revoked));
        let rows = inner.store.tokens().await?;
        view(rows.iter().find(|row| row.id == id).ok_or_else(Refusal::not_found)?)
    }
}

/// Issues a token straight into a store, for the first administrator of a server.
///
/// # Errors
/// As [`App::issue_token`].
pub async fn issue_token_offline(
    store: &Store,
    directory: &Directory,
    request: IssueToken,
) -> Result<(TokenView, String), Refusal> {
    issue(store, directory, &Limits::default(), request, operating_us_of(store).await?).await
}

async fn issue(
    store: &Store,
    directory: &Directory,
    limits: &Limits,
    request: IssueToken,
    now_us: i64,
) -> Result<(TokenView, String), Refusal> {
    let request = scope::complete(directory, request)?;
    let life_us = request.expires_at_us.map_or(micros(limits.token_life_default), |at| at.saturating_sub(now_us));
    if life_us <= 0 || life_us > micros(limits.token_life_max) || request.label.chars().count() > 100 {
        return Err(Refusal::argument(
            "TOKEN_REQUEST_INVALID",
            "令牌有效期须在将来且不超过400天，名称最长100字。",
            "A token expires in the future, at most 400 days ahead; its label has at most 100 characters.",
        ));
    }
    let IssueToken { role, organisation, outlet, offices, person, divisions, label, .. } = request;
    let secret = ids::token_secret();
    let row = TokenRow {
        id: ids::token_id(),
        hash: hash(&secret),
        role: role.name().to_owned(),
        organisation,
        scope: serde_json::to_string(&Scope { outlet, offices, person, divisions }).unwrap_or_default(),
        label,
        issued_at_us: now_us,
        expires_at_us: Some(now_us.saturating_add(life_us)),
        revoked_at_us: None,
    };
    let issued = view(&row)?;
    if conflict(store, &issued, now_us).await? {
        return Err(role_conflict());
    }
    store.put_token(&row).await?;
    // Two that are issued at the same moment see each other now at the latest, and neither secret is given out.
    if conflict(store, &issued, now_us).await? {
        store.revoke_token(&row.id, now_us).await?;
        return Err(role_conflict());
    }
    Ok((issued, secret))
}

/// Whether the person holds another one of the roles that go with no other.
async fn conflict(store: &Store, token: &TokenView, now_us: i64) -> Result<bool, Refusal> {
    if !token.role.is_exclusive() {
        return Ok(false);
    }
    let conflicts = |other: &TokenView| {
        let live = other.revoked_at_us.is_none() && other.expires_at_us.is_none_or(|at| now_us < at);
        live && other.person == token.person && other.role.is_exclusive() && other.role != token.role
    };
    // A row that cannot be read belongs to nobody.
    Ok(store.tokens().await?.iter().filter_map(|row| view(row).ok()).any(|other| conflicts(&other)))
}

fn role_conflict() -> Refusal {
    Refusal::new(
        Canonical::FailedPrecondition,
        "ROLE_CONFLICT",
        "审计、安全、系统管理三种角色不得由同一人兼任：请先撤销其现有令牌，或另指定人员。",
        "Nobody is two of auditor, security and admin: revoke the token that this person holds first, or name somebody else.",
    )
}

/// What a secret is found by.
pub(crate) fn hash(secret: &str) -> String {
    ids::hex(&Sha256::digest(secret.as_bytes()))
}

/// A row as it is shown.
fn view(row: &TokenRow) -> Result<TokenView, Refusal> {
    let scope: Scope = serde_json::from_str(&row.scope).map_err(|_| Refusal::not_found())?;
    let role = match Role::named(&row.role).ok_or_else(Refusal::not_found)? {
        // Before banks had a role of their own, a terminal without an outlet was one.
        Role::Terminal if scope.outlet.is_none() => Role::Bank,
        role => role,
    };
    Ok(TokenView {
        id: row.id.clone(),
        role,
        organisation: row.organisation.clone(),
        outlet: scope.outlet,
        offices: scope.offices,
        person: scope.person,
        divisions: scope.divisions,
        label: row.label.clone(),
        issued_at_us: row.issued_at_us,
        expires_at_us: row.expires_at_us,
        revoked_at_us: row.revoked_at_us,
    })
}

impl Inner {
    /// Ends what revoked tokens hold open here.
    pub fn end_tokens(&self, tokens: &BTreeSet<String>) {
        self.tokens.forget(Some(tokens));
        tokens.iter().for_each(|token| self.dispatcher.end(Some(token), &Refusal::revoked()));
    }

    async fn authenticate(&self, secret: &str) -> Result<Principal, Refusal> {
        if secret.len() > 100 {
            return Err(Refusal::unauthenticated());
        }
        if secret.starts_with(credentials::PREFIX) {
            return self.applicant(secret).await;
        }
        if !secret.starts_with("kb_") {
            return Err(Refusal::unauthenticated());
        }
        let now_us = self.clock.operating_us();
        let trusted_us = micros(self.settings.limits.token_cache);
        let hash = hash(secret);
        if let Some((principal, expires_at_us, looked_up_us)) = lock(&self.tokens.known).get(&hash)
            && now_us < *expires_at_us
            && now_us - looked_up_us < trusted_us
        {
            return Ok(principal.clone());
        }
        let row = self.store.token_by_hash(&hash).await?.ok_or_else(Refusal::unauthenticated)?;
        let expires_at_us = row.expires_at_us.unwrap_or(i64::MAX);
        let over = match row.revoked_at_us {
            Some(_) => Some(Refusal::revoked()),
            None => (now_us >= expires_at_us).then(Refusal::expired),
        };
        if let Some(refusal) = over {
            lock(&self.tokens.known).remove(&hash);
            return Err(refusal);
        }
        let view = view(&row)?;
        let principal = Principal {
            token: view.id,
            role: view.role,
            organisation: view.organisation,
            outlet: view.outlet,
            offices: view.offices,
            person: view.person,
            divisions: view.divisions,
            case: None,
        };
        let mut cache = lock(&self.tokens.known);
        if cache.len() >= CACHE_MAX {
            cache.clear();
        }
        cache.insert(hash, (principal.clone(), expires_at_us, now_us));
        Ok(principal)
    }
}
