//! Applicants' credentials: whoever checked a person's identity gives out one secret, which is good for half an hour, for
//! one case, one person and one act. With it alone can an applicant do what nobody may do for him.

use kaiban_engine::{Case, StepState};
use kaiban_store::{CredentialRow, Wanted};

use crate::access::{RowFacts, Verb, permit};
use crate::app::{App, Inner};
use crate::execute::{RequestKey, Working};
use crate::ids;
use crate::principal::{Principal, Role};
use crate::refusal::{Canonical, Refusal};
use crate::tasks::micros;
use crate::tokens::hash;

/// What every credential begins with.
pub(crate) const PREFIX: &str = "kba_";

/// The step whose branches are the real-name checks, one a person (实名认证).
const IDENTITY: &str = "identity";

impl App {
    /// Gives out a credential for a person whose real-name check the caller's office has completed. The secret is in this
    /// answer only; the second part is when it ends, operating time, µs.
    ///
    /// # Errors
    /// `NOT_FOUND` where the case, the person or the check is not the caller's to see; `IDENTITY_NOT_CHECKED` while the
    /// check is open or where it failed.
    pub async fn issue_credential(&self, who: &Principal, case: &str, person: &str) -> Result<(String, i64), Refusal> {
        who.may(Verb::IssueCredential)?;
        let inner = &self.inner;
        let row = inner.store.case(case).await?.ok_or_else(Refusal::not_found)?;
        let working = Working::read(&inner.library, &row)?;
        let step = format!("{IDENTITY}[{person}]");
        permit(who, Verb::IssueCredential, Some(&RowFacts::step(&working.case, &step, &inner.library.directory)))?;
        let run = working.case.steps.get(&step).ok_or_else(Refusal::not_found)?;
        let declared = working.def.step(IDENTITY).ok_or_else(Refusal::not_found)?;
        let outcome = run.outcome.as_ref().and_then(|outcome| declared.outcomes.get(outcome));
        if run.state != StepState::Completed || outcome.is_none_or(|outcome| outcome.adverse) {
            return Err(Refusal::new(
                Canonical::FailedPrecondition,
                "IDENTITY_NOT_CHECKED",
                "该人员的实名认证尚未通过，不能发放凭证。",
                "This person's identity has not been confirmed: complete the real-name step first.",
            ));
        }
        let now_us = inner.clock.operating_us();
        let secret = format!("{PREFIX}{}", ids::secret());
        let credential = CredentialRow {
            hash: hash(&secret),
            case_id: case.to_owned(),
            person: person.to_owned(),
            issued_at_us: now_us,
            expires_at_us: now_us.saturating_add(micros(inner.settings.limits.credential_life)),
            used_at_us: None,
        };
        inner.store.put_credential(&credential).await?;
        Ok((secret, credential.expires_at_us))
    }
}

impl Inner {
    /// The applicant behind a credential. A used one still lets its bearer look at the case until it ends.
    pub async fn applicant(&self, secret: &str) -> Result<Principal, Refusal> {
        let row = self.store.credential_by_hash(&hash(secret)).await?.ok_or_else(Refusal::unauthenticated)?;
        if self.clock.operating_us() >= row.expires_at_us {
            return Err(Refusal::unauthenticated());
        }
        Ok(Principal {
            token: row.hash,
            role: Role::Applicant,
            organisation: row.case_id.clone(),
            outlet: None,
            offices: Vec::new(),
            person: Some(row.person),
            divisions: Vec::new(),
            case: Some(row.case_id),
        })
    }

    /// Uses an applicant's credential up for a request on his case; everybody else passes. `ready` says whether the case
    /// takes the act as it stands: where it does not, nothing is used up and the decision will say why. The same request
    /// again passes too, and gets the first reply.
    ///
    /// # Errors
    /// `CREDENTIAL_USED` when it was used for another request, and when it has run out meanwhile.
    pub async fn spend(
        &self,
        who: &Principal,
        case: &str,
        request: &RequestKey,
        ready: impl Fn(&Case) -> bool,
    ) -> Result<(), Refusal> {
        if who.case.as_deref() != Some(case) {
            return Ok(());
        }
        let Some(row) = self.store.case(case).await? else { return Ok(()) };
        if !ready(&Working::read(&self.library, &row)?.case)
            || self.store.use_credential(&who.token, self.clock.operating_us()).await?
        {
            return Ok(());
        }
        let wanted = Wanted { requests: vec![request.key.clone()], ..Wanted::default() };
        if self.store.begin().await?.load(&wanted).await?.requests.contains_key(&request.key) {
            return Ok(());
        }
        Err(Refusal::new(
            Canonical::FailedPrecondition,
            "CREDENTIAL_USED",
            "该凭证已使用或已失效，请重新进行实名认证后办理。",
            "This credential has been used or has run out: have your identity checked again for a new one.",
        ))
    }
}
