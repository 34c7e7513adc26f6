//! What a form will lead to, before it is handed in: everything that is wrong or doubtful, what will be asked for and why,
//! and whether somebody has an open case for the same name already.

use std::collections::BTreeMap;

use kaiban_calendar::local_date;
use kaiban_definition::{CaseFacts, Definition, Scope, Step, Work};
use kaiban_findings::{Finding, Place};
use serde_json::Value;

use crate::access::{RowFacts, Verb, permit};
use crate::app::{App, Inner};
use crate::execute::Working;
use crate::principal::Principal;
use crate::refusal::Refusal;
use crate::request::Detail;
use crate::view::{CaseView, FormCheck};

/// Open cases of the same name that are looked at.
const SAME_SUBJECT_MAX: u64 = 20;

impl App {
    /// All findings about a form, and what it will lead to. Stores nothing.
    ///
    /// # Errors
    /// The role may not ask, or there is no such package (`UNKNOWN_WORKFLOW`).
    pub async fn check_form(&self, who: &Principal, workflow: &str, form: &Value) -> Result<FormCheck, Refusal> {
        who.may(Verb::CheckForm)?;
        let inner = &self.inner;
        let now_us = inner.business_now_us();
        let def = inner.library.current(workflow, now_us);
        let def = def.ok_or_else(|| Refusal::unknown_workflow(workflow, inner.library.names()))?;
        let today = local_date(now_us);
        let registrar = form.pointer(&def.registrar).and_then(Value::as_str).unwrap_or_default();
        let mut findings = def.check_form(form, today);
        findings.extend(inner.check_references(who, None, form).await?);
        findings.extend(inner.taken(&def, form, registrar, now_us).await?);
        Ok(FormCheck {
            findings,
            steps: def.preview(form, registrar, today),
            documents: def.asked(form, today),
            certificates: crate::certificates::asked_for(&def, form, registrar, today),
            same_subject: inner.same_subject(who, &def, form, registrar).await?,
        })
    }
}

impl Inner {
    /// Keys of registers that another case holds now. Only a doubt: it may be free again when the step runs, and the
    /// registrar of the form may be another one by then.
    async fn taken(
        &self,
        def: &Definition,
        form: &Value,
        registrar: &str,
        now_us: i64,
    ) -> Result<Vec<Finding>, Refusal> {
        let date = local_date(now_us).to_string();
        let facts = CaseFacts { registrar, workflow: &def.workflow, doubts: 0, date: &date };
        let scope = Scope { form, case: facts, results: &BTreeMap::new(), item: None, credit: None };
        let mut findings = Vec::new();
        for step in def.steps.values() {
            let Some((register, at, taken)) = reserves(step) else { continue };
            let key = def.registers.get(register).and_then(|register| register.key.eval(&scope).ok());
            let Some(key) = key else { continue };
            let records = self.store.register(register, &[key]).await?;
            if records.iter().any(|record| record.until_us.is_none_or(|until_us| until_us > now_us)) {
                let place = Place::Pointer(at.to_owned());
                findings.push(Finding::doubt("NAME_TAKEN", place, taken.zh.clone(), taken.en.clone()));
            }
        }
        Ok(findings)
    }

    /// The caller's open cases for the same name at the same registrar. Those of others are not the caller's to know.
    async fn same_subject(
        &self,
        who: &Principal,
        def: &Definition,
        form: &Value,
        registrar: &str,
    ) -> Result<Vec<CaseView>, Refusal> {
        let subject = def.subject_of(form);
        if subject.is_empty() {
            return Ok(Vec::new());
        }
        let rows = self.store.open_cases_of_subject(&def.workflow, registrar, &subject, SAME_SUBJECT_MAX).await?;
        let mut views = Vec::new();
        for row in rows {
            let working = Working::read(&self.library, &row)?;
            let facts = RowFacts::of(&working.case, &self.library);
            if permit(who, Verb::ReadCase, Some(&facts)).is_ok() {
                views.push(self.present_row(who, &row, Detail::Basic).await?);
            }
        }
        self.record_cases(who, &views).await?;
        Ok(views)
    }
}

fn reserves(step: &Step) -> Option<(&str, &str, &kaiban_findings::Text)> {
    match &step.work {
        Work::Reserve { register, at, taken, .. } => Some((register, at, taken)),
        Work::Office { .. } | Work::Wait { .. } | Work::Start { .. } | Work::Prove(_) | Work::Draw { .. } => None,
    }
}
