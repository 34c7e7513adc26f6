//! What a branch is decided and shared with: the form in the revision that it was offered with, the element that it stands
//! for, and the results of what went before.

use std::collections::BTreeMap;

use kaiban_definition::{Definition, Material, Share, Shared, Step, branch_parts};
use serde_json::{Map, Value};

use crate::case::{Case, StepRun};
use crate::context::Documents;
use crate::rejection::Rejection;

/// What a branch is shown with, in one place.
#[derive(Clone, Debug)]
pub struct Sheet<'a> {
    step: &'a Step,
    form: &'a Value,
    results: BTreeMap<String, Value>,
    item: Option<(String, &'a Value)>,
}

impl<'a> Sheet<'a> {
    /// The sheet of an offered step or branch.
    ///
    /// # Errors
    /// There is no such step, or a document was not handed in.
    pub fn of(def: &'a Definition, case: &Case, branch: &str, documents: &'a Documents) -> Result<Self, Rejection> {
        let step = def.step(branch).ok_or_else(|| Rejection::UnknownStep(branch.to_owned()))?;
        let run = case.steps.get(branch).ok_or_else(|| Rejection::UnknownStep(branch.to_owned()))?;
        let form = case.form_of(run).and_then(|digest| documents.get(digest)).ok_or(Rejection::DocumentMissing)?;
        let results = if shows_results(step) { results_of(case, run, documents) } else { BTreeMap::new() };
        Ok(Self { step, form, results, item: item(step, branch, form) })
    }

    fn material(&self) -> Material<'_> {
        let item = self.item.as_ref().map(|(at, item)| (at.as_str(), *item));
        Material { form: self.form, results: &self.results, item }
    }

    /// All that the step's agency gets.
    pub fn shared(&self) -> Shared {
        self.step.shared(self.material())
    }

    /// Pointers of it, without showing it.
    pub fn shared_fields(&self) -> Vec<String> {
        self.step.shared_fields(self.material())
    }

    /// Pointer into the form at the branch's element.
    pub fn item_at(&self) -> Option<&str> {
        self.item.as_ref().map(|(at, _)| at.as_str())
    }

    /// The form.
    pub fn form(&self) -> &'a Value {
        self.form
    }
}

fn shows_results(step: &Step) -> bool {
    step.shares.iter().any(|share| matches!(share, Share::Result { .. }))
}

/// Pointer at, and the element that a branch stands for.
pub fn item<'v>(step: &Step, branch: &str, form: &'v Value) -> Option<(String, &'v Value)> {
    let (for_each, (_, Some(key))) = (step.for_each.as_ref()?, branch_parts(branch)) else { return None };
    let list = form.pointer(&for_each.over)?.as_array()?;
    let at = list.iter().position(|item| item.get(&for_each.key).and_then(Value::as_str) == Some(key))?;
    Some((format!("{}/{at}", for_each.over), &list[at]))
}

/// Results by step; those of branches in an object by key. A run that undoes something sees what it undoes.
pub(crate) fn results_of(case: &Case, run: &StepRun, documents: &Documents) -> BTreeMap<String, Value> {
    let mut results = results_by_step(case, documents);
    if let Some(undone) = &run.undoes
        && let Some(value) = undone.result.as_ref().and_then(|digest| documents.get(digest))
    {
        put(&mut results, &undone.step, value);
    }
    results
}

/// Results by step; those of branches in an object by key.
pub fn results_by_step(case: &Case, documents: &Documents) -> BTreeMap<String, Value> {
    let mut results = BTreeMap::new();
    for (branch, run) in &case.steps {
        if let Some(value) = run.result.as_ref().and_then(|digest| documents.get(digest)) {
            put(&mut results, branch, value);
        }
    }
    results
}

pub(crate) fn put(results: &mut BTreeMap<String, Value>, branch: &str, value: &Value) {
    match branch_parts(branch) {
        (step, None) => {
            results.insert(step.to_owned(), value.clone());
        }
        (step, Some(key)) => {
            let all = results.entry(step.to_owned()).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(all) = all {
                all.insert(key.to_owned(), value.clone());
            }
        }
    }
}
