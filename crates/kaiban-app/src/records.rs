//! Access records: who was shown which personal data of which case, and what for (个人信息保护法 §54, §69). A hand-over is
//! recorded in the transaction that makes it; a read is recorded before its answer leaves, and where it cannot be recorded
//! there is no answer. Records name fields, never their values. They are kept for three years.
//!
//! Persons are found by a keyed digest of their number: whoever reads the database alone can neither list nor try numbers.

mod gather;

use std::sync::Arc;
use std::time::Duration;

use hmac::{Hmac, Mac};
use kaiban_definition::Definition;
use kaiban_identifiers::citizen_id;
use kaiban_store::{AccessRecordRow, CasePersonRow, Store, StoreError};
use serde_json::Value;
use sha2::Sha256;

pub(crate) use self::gather::{Gatherer, run as write};
use crate::app::Inner;
use crate::ids;
use crate::masking;
use crate::principal::Principal;
use crate::refusal::Refusal;
use crate::tasks::micros;
use crate::view::{CaseView, TaskView};

/// Who takes messages to applicants, in records.
const WEB_HOOK: &str = "web-hook";

/// What personal data was shown for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Purpose<'a> {
    /// A task of this step went into somebody's hands.
    HandOver(&'a str),
    /// Its holder looked at a task of this step again.
    ReadTask(&'a str),
    /// Whoever may see a case in full looked at it.
    ReadCase,
    /// A document was downloaded.
    ReadDocument,
    /// A letter was read.
    ReadLetter,
    /// A commitment's letter was looked at before it was signed.
    ReadCommitment(&'a str),
    /// What is on record about a person's credit was read.
    ReadCredit,
    /// A message about the case went to who reaches applicants.
    Tell,
}

impl Purpose<'_> {
    /// Name in rows: `hand-over/registration`.
    fn text(&self) -> String {
        match self {
            Self::HandOver(step) => format!("hand-over/{step}"),
            Self::ReadTask(step) => format!("read-task/{step}"),
            Self::ReadCase => "read-case".to_owned(),
            Self::ReadDocument => "read-document".to_owned(),
            Self::ReadLetter => "read-letter".to_owned(),
            Self::ReadCommitment(step) => format!("read-commitment/{step}"),
            Self::ReadCredit => "read-credit".to_owned(),
            Self::Tell => "tell".to_owned(),
        }
    }
}

/// A record, to be written with whatever shows the fields.
pub(crate) fn of(who: &Principal, case: &str, fields: &[String], purpose: &Purpose<'_>, at_us: i64) -> AccessRecordRow {
    AccessRecordRow {
        id: ids::record_id(at_us),
        at_us,
        token: who.token.clone(),
        role: who.role.name().to_owned(),
        organisation: who.organisation.clone(),
        officer: who.person.clone(),
        case_id: case.to_owned(),
        fields: serde_json::to_string(fields).unwrap_or_default(),
        purpose: purpose.text(),
    }
}

/// The record of a task that goes into somebody's hands.
pub(crate) fn of_hand_over(holder: &Principal, task: &TaskView, at_us: i64) -> AccessRecordRow {
    of(holder, &task.case, &shared_fields(&task.shared), &Purpose::HandOver(&task.step), at_us)
}

/// The record of a message that the web hook took, with the name of who takes it in place of a token's.
pub(crate) fn of_telling(case: &str, fields: &[String], at_us: i64) -> AccessRecordRow {
    AccessRecordRow {
        id: ids::record_id(at_us),
        at_us,
        token: WEB_HOOK.to_owned(),
        role: WEB_HOOK.to_owned(),
        organisation: WEB_HOOK.to_owned(),
        officer: None,
        case_id: case.to_owned(),
        fields: serde_json::to_string(fields).unwrap_or_default(),
        purpose: Purpose::Tell.text(),
    }
}

/// Names of what a task shares: `form.name`, `item.name`, `results.registration.uscc`.
pub(crate) fn shared_fields(shared: &Value) -> Vec<String> {
    let mut fields = Vec::new();
    for (root, value) in shared.as_object().into_iter().flatten() {
        let depth = if root == "results" { 2 } else { 1 };
        name_fields(root, value, depth, &mut fields);
    }
    fields
}

fn name_fields(path: &str, value: &Value, depth: usize, fields: &mut Vec<String>) {
    match value.as_object().filter(|_| depth > 0) {
        Some(object) => {
            object.iter().for_each(|(name, value)| name_fields(&format!("{path}.{name}"), value, depth - 1, fields));
        }
        None => fields.push(path.to_owned()),
    }
}

/// Names of what an answer about a case shows that may be somebody's: documents, what offices wrote, and a name that is not
/// public; empty where there is nothing of the kind.
fn case_fields(view: &CaseView, def: Option<&Definition>) -> Vec<String> {
    let mut fields: Vec<String> = view.form.iter().map(|_| "form".to_owned()).collect();
    let public = def.is_some_and(|def| masking::subject(def, &view.subject) == view.subject);
    if view.form.is_none() && !view.subject.is_empty() && !public {
        fields.push("subject".to_owned());
    }
    for step in &view.steps {
        fields.extend(step.result.as_ref().map(|_| format!("results.{}", step.step)));
        fields.extend(step.reason.as_ref().map(|_| format!("reasons.{}", step.step)));
    }
    for correction in view.corrections.iter().filter(|correction| !correction.findings.is_empty()) {
        fields.push(format!("corrections.{}", correction.id));
    }
    fields
}

/// Key of the persons' digests; one for all servers of a database.
pub(crate) struct PersonKey(Hmac<Sha256>);

impl PersonKey {
    /// Reads the key; the first server makes it.
    pub async fn load(store: &Store) -> Result<Self, StoreError> {
        let secret = store.secret("persons", &ids::key()).await?;
        let key = Hmac::new_from_slice(secret.as_bytes());
        key.map(Self).map_err(|_| StoreError::Corrupt("secrets".into()))
    }

    /// Digest of a citizen number in any spelling; none = it is no citizen number.
    pub fn digest(&self, number: &str) -> Option<String> {
        let normalized = citizen_id::check(number).normalized?;
        let mut mac = self.0.clone();
        mac.update(normalized.as_bytes());
        Some(ids::hex(&mac.finalize().into_bytes()))
    }

    /// The persons whose numbers a form holds, anywhere.
    pub fn persons(&self, case: &str, form: &Value) -> Vec<CasePersonRow> {
        let mut persons = Vec::new();
        self.collect(form, &mut persons);
        persons.sort_unstable();
        persons.dedup();
        persons.into_iter().map(|person| CasePersonRow { person, case_id: case.to_owned() }).collect()
    }

    /// The first person whose number stands in a value, in the order of its text.
    pub fn first(&self, value: &Value) -> Option<String> {
        let mut persons = Vec::new();
        self.collect(value, &mut persons);
        persons.into_iter().next()
    }

    fn collect(&self, value: &Value, persons: &mut Vec<String>) {
        match value {
            // A number has 18 characters, and a few more where it is spaced.
            Value::String(text) if (15..=40).contains(&text.len()) && has_digits(text, 15) => {
                persons.extend(self.digest(text));
            }
            Value::Array(values) => values.iter().for_each(|value| self.collect(value, persons)),
            Value::Object(object) => object.values().for_each(|value| self.collect(value, persons)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
}

/// Whether there are so many digits in a text: most texts of a form are words.
fn has_digits(text: &str, count: usize) -> bool {
    text.bytes().filter(u8::is_ascii_digit).count() >= count
}

impl Inner {
    /// Records a read; without it the answer must not leave.
    pub async fn record_read(
        &self,
        who: &Principal,
        case: &str,
        fields: &[String],
        purpose: Purpose<'_>,
    ) -> Result<(), Refusal> {
        let row = of(who, case, fields, &purpose, self.business_now_us());
        self.reads.write(&self.store, vec![row]).await
    }

    /// Records what answers about cases show of their documents. Masked ones show nothing.
    pub async fn record_cases(&self, who: &Principal, views: &[CaseView]) -> Result<(), Refusal> {
        let at_us = self.business_now_us();
        let def = |view: &CaseView| self.library.pinned(&view.digest);
        let shown =
            views.iter().filter(|view| !view.masked).map(|view| (view, case_fields(view, def(view).as_deref())));
        let rows: Vec<_> = shown
            .filter(|(_, fields)| !fields.is_empty())
            .map(|(view, fields)| of(who, &view.id, &fields, &Purpose::ReadCase, at_us))
            .collect();
        if !rows.is_empty() {
            self.reads.write(&self.store, rows).await?;
        }
        Ok(())
    }
}

/// Forgets records whose time is over, at once and then every day.
pub(crate) async fn keep(inner: Arc<Inner>) {
    const DAY: Duration = Duration::from_secs(86_400);
    loop {
        let before_us = inner.business_now_us().saturating_sub(micros(inner.settings.limits.access_records_kept));
        match inner.store.forget_access_records(before_us).await {
            Ok(0) => {}
            Ok(forgotten) => tracing::info!(forgotten, "access records ended"),
            Err(error) => tracing::warn!(%error, "access records could not be ended; tomorrow again"),
        }
        tokio::select! {
            () = inner.clock.wait(DAY) => {}
            () = inner.bell.stopped() => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn key() -> PersonKey {
        PersonKey(Hmac::new_from_slice(b"a key of a test").expect("any length"))
    }

    #[test]
    fn a_person_is_the_same_however_the_number_is_written() {
        let digest = key().digest("11010519491231002X").expect("a number");
        assert_eq!(key().digest("11010519491231002x"), Some(digest.clone()));
        assert!(!digest.contains("1949") && digest.len() == 64);
        assert_eq!(key().digest("110105194912310021"), None, "a wrong check character");
        assert_eq!(key().digest("福州青榕样例贸易有限公司"), None);
        let other = PersonKey(Hmac::new_from_slice(b"another").expect("any length"));
        assert_ne!(other.digest("11010519491231002X"), Some(digest));
    }

    #[test]
    fn all_persons_of_a_form_are_found_once() {
        let form = json!({
            "legal_representative": {"citizen_id": "11010519491231002X"},
            "investors": [{"citizen_id": "11010519491231002x"}, {"citizen_id": "440524188001010014"}],
            "name": "福州青榕样例贸易有限公司",
        });
        let persons = key().persons("c", &form);
        assert_eq!(persons.len(), 2, "{persons:?}");
        assert!(persons.iter().all(|row| row.case_id == "c"));
    }

    #[test]
    fn fields_are_named_and_their_values_are_not() {
        let shared = json!({
            "form": {"name": "张样例", "people": [{"name": "李样例"}]},
            "item": {"name": "王样例"},
            "results": {"registration": {"uscc": "91350100M000100Y43"}},
        });
        assert_eq!(shared_fields(&shared), ["form.name", "form.people", "item.name", "results.registration.uscc"]);
    }
}
