//! Which documents of a case a caller sees: those in places that the caller sees.
//!
//! Whoever sees the whole case sees all that it ever referred to; an applicant what form and results refer to now, other
//! people's entries left out. An office sees what stands in the shares of its steps,
//! in the form's revision that the step was offered with, and in its own results: exactly what its tasks show it.

use std::collections::{BTreeMap, BTreeSet};

use kaiban_definition::{Definition, branch_parts};
use kaiban_engine::{Case, Documents, Sheet};
use kaiban_files::Digest;
use serde_json::Value;

use super::reference::references;
use crate::access::{RowFacts, Sight, Verb, permit};
use crate::app::Inner;
use crate::execute::Working;
use crate::masking::Applicant;
use crate::principal::Principal;
use crate::refusal::Refusal;

/// What a caller sees of a case's documents.
pub(super) struct Seen {
    /// Places, by document.
    places: BTreeMap<Digest, BTreeSet<String>>,
    /// Who may know what they are called, the caller's own organisation first.
    pub organisations: Vec<String>,
}

impl Seen {
    /// What a caller sees without naming a case.
    pub fn nothing(organisation: &str) -> Self {
        Self { places: BTreeMap::new(), organisations: vec![organisation.to_owned()] }
    }

    /// All documents.
    pub fn digests(&self) -> Vec<Digest> {
        self.places.keys().copied().collect()
    }

    /// Where a document is referred to.
    pub fn pointers(&self, digest: &Digest) -> Vec<String> {
        self.places.get(digest).into_iter().flatten().cloned().collect()
    }

    fn add(&mut self, places: impl IntoIterator<Item = (String, Digest)>) {
        for (pointer, digest) in places {
            self.places.entry(digest).or_default().insert(pointer);
        }
    }
}

impl Inner {
    /// What the caller sees of a case's documents.
    ///
    /// # Errors
    /// `NOT_FOUND` when the case is not the caller's to see.
    pub(super) async fn seen(&self, who: &Principal, case: &str) -> Result<Seen, Refusal> {
        let row = self.row(case).await?;
        let working = Working::read(&self.library, &row)?;
        let (case, def) = (&working.case, working.def.as_ref());
        let mut seen = Seen::nothing(&who.organisation);
        match permit(who, Verb::ReadDocument, Some(&RowFacts::of(case, &self.library)))? {
            Sight::Full => {
                for row in self.store.case_files(&case.id).await? {
                    let Ok(digest) = Digest::from_hex(&row.digest) else { continue };
                    let root = if row.step.is_empty() { "/form".to_owned() } else { result_root(&row.step) };
                    seen.add([(format!("{root}{}", row.pointer), digest)]);
                }
            }
            // What was masked names no document.
            Sight::Own => {
                let documents = self.read_documents(case, &case.documents()).await?;
                let applicant = Applicant::new(def, who.person.as_deref().unwrap_or_default());
                if let Some(form) = case.form().and_then(|digest| documents.get(digest)) {
                    seen.add(below("/form", &applicant.document(&def.form, form)));
                }
                for (branch, run) in &case.steps {
                    let result = run.result.as_ref().and_then(|digest| documents.get(digest));
                    let schema = def.step(branch).and_then(|step| step.result.as_ref());
                    if let Some((result, schema)) = result.zip(schema).filter(|_| !applicant.is_others(branch)) {
                        seen.add(below(&result_root(branch), &applicant.document(schema, result)));
                    }
                }
            }
            Sight::Shares => {
                let documents = self.read_documents(case, &case.documents()).await?;
                seen.add(shared(case, def, &documents, &who.offices));
            }
            Sight::Progress | Sight::Masked | Sight::Facts => {}
        }
        if !seen.places.is_empty() {
            let parties = case.steps.keys().filter_map(|step| def.step(step)?.party());
            for organisation in std::iter::once(case.organisation.as_str()).chain(parties) {
                if seen.organisations.iter().all(|known| known != organisation) {
                    seen.organisations.push(organisation.to_owned());
                }
            }
        }
        Ok(seen)
    }
}

/// What the tasks of these offices show: shares of their steps, and what they wrote themselves.
fn shared(case: &Case, def: &Definition, documents: &Documents, offices: &[String]) -> Vec<(String, Digest)> {
    let mut places = Vec::new();
    for (branch, run) in case.steps.iter().filter(|(_, run)| !run.office.is_empty() && offices.contains(&run.office)) {
        if let Some(own) = run.result.as_ref().and_then(|digest| documents.get(digest)) {
            places.extend(below(&result_root(branch), own));
        }
        if let Ok(sheet) = Sheet::of(def, case, branch, documents) {
            places.extend(references(&sheet.shared().value));
        }
    }
    places
}

fn below(root: &str, value: &Value) -> Vec<(String, Digest)> {
    references(value).into_iter().map(|(pointer, digest)| (format!("{root}{pointer}"), digest)).collect()
}

/// Where the result of a step, or of a branch of it, stands in what tasks show.
fn result_root(branch: &str) -> String {
    let escaped = |name: &str| name.replace('~', "~0").replace('/', "~1");
    match branch_parts(branch) {
        (step, None) => format!("/results/{}", escaped(step)),
        (step, Some(key)) => format!("/results/{}/{}", escaped(step), escaped(key)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_of_branches_stand_below_their_step() {
        assert_eq!(result_root("registration"), "/results/registration");
        assert_eq!(result_root("enrolment[p-2]"), "/results/enrolment/p-2");
    }
}
