//! Applicants' credentials: whoever checked a person's identity gives out one secret, which is good for half an hour, for
//! one case, one person and one act. With it alone can an applicant do what nobody may do for him.

use kaiban_definition::branch_name;
use kaiban_engine::StepState;
use kaiban_store::CredentialRow;

use crate::access::{RowFacts, Verb, permit};
use crate::app::{App, Inner};
use crate::execute::Working;
use crate::ids;
use crate::principal::{Principal, Role};
use crate::refusal::{Canonical, Refusal};
use crate::tasks::micros;
use crate::tokens::hash;

/// What every credential begins with.
pub(crate) const PREFIX: &str = "kba_";

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
        let row = inner.row(case).await?;
        let working = Working::read(&inner.library, &row)?;
        // Which step checks who people are, the package says.
        let identity = working.def.identity.as_deref().ok_or_else(Refusal::not_found)?;
        let step = branch_name(identity, Some(person));
        permit(who, Verb::IssueCredential, Some(&RowFacts::step(&working.case, &step, &inner.library)))?;
        let run = working.case.steps.get(&step).ok_or_else(Refusal::not_found)?;
        let declared = working.def.step(identity).ok_or_else(Refusal::not_found)?;
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
            return Err(Refusal::expired());
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
}
