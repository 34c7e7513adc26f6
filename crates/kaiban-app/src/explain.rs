//! A case's time, told as a person reads it.

use kaiban_engine::{Documents, Entry, Explanation, explain};

use crate::access::{RowFacts, Sight, Verb, permit};
use crate::app::App;
use crate::execute::{Working, unreadable};
use crate::principal::Principal;
use crate::refusal::Refusal;

impl App {
    /// Explains a case: where its time went, and why it counts or does not. Holds no form and no result; an office reads
    /// the accounts of its own steps.
    ///
    /// # Errors
    /// `NOT_FOUND` when it is not there or not the caller's to see.
    pub async fn explain(&self, who: &Principal, id: &str) -> Result<Explanation, Refusal> {
        who.may(Verb::ReadCase)?;
        let inner = &self.inner;
        let row = inner.row(id).await?;
        let Working { case, def, seq, .. } = Working::read(&inner.library, &row)?;
        let sight = permit(who, Verb::ReadCase, Some(&RowFacts::of(&case, &inner.library)))?;
        let rows = inner.entries(id, 0, u64::try_from(seq).unwrap_or(0)).await?;
        let entries = rows.iter().map(|row| serde_json::from_str::<Entry>(&row.bytes));
        let entries: Vec<Entry> = entries.collect::<Result<_, _>>().map_err(|_| unreadable())?;
        let reasons = case.steps.values().filter_map(|run| run.delay.as_ref()?.reason.as_ref());
        let reasons: Vec<&str> = reasons.map(|given| given.text.as_str()).filter(|_| sight != Sight::Masked).collect();
        let documents =
            if reasons.is_empty() { Documents::new() } else { inner.read_documents(&case, &reasons).await? };
        let now_us = inner.business_now_us().max(case.last_at_us);
        let calendars = inner.library.calendars();
        let told = explain(&def, &case, &calendars, (&entries, &documents), now_us);
        let mut told = told.map_err(|error| Refusal::from(kaiban_engine::Rejection::from(error)))?;
        if matches!(sight, Sight::Shares | Sight::Facts) {
            let own = |step: &str| {
                let office = case.steps.get(step).map(|run| run.office.as_str()).unwrap_or_default();
                who.offices.iter().any(|own| own == office)
            };
            told.accounts.retain(|account| account.step.as_deref().is_none_or(own));
            // Which other offices had the case, and when, is not an office's to know.
            told.accounts.iter_mut().filter(|account| account.step.is_none()).for_each(|case| case.stretches.clear());
        }
        Ok(told)
    }
}
