//! The form of a case that a step starts.

use kaiban_definition::{Definition, Filling, Material, Work};
use serde_json::{Map, Value};

use crate::case::Case;
use crate::context::Documents;
use crate::material::{item, results_by_step};

/// The package whose case a step or branch starts, and the form that this case fills in for it. What is not there is left out; the
/// other package says whether it does without. None where the step starts nothing, or the form was not handed in.
pub fn started_form<'d>(
    def: &'d Definition,
    case: &Case,
    step: &str,
    documents: &Documents,
) -> Option<(&'d str, Value)> {
    let declared = def.step(step)?;
    let Work::Start { workflow, form, .. } = &declared.work else { return None };
    let source = documents.get(case.form()?)?;
    let (results, element) = (results_by_step(case, documents), item(declared, step, source));
    let item = element.as_ref().map(|(at, item)| (at.as_str(), *item));
    let material = Material { form: source, results: &results, item };
    let mut filled = Value::Object(Map::new());
    for (pointer, filling) in form {
        let value = match filling {
            Filling::Share(share) => share.find(material).cloned(),
            Filling::Text(text) => Some(Value::from(text.as_str())),
            Filling::Officer(step) => case.steps.get(step).and_then(|run| run.officer.as_deref()).map(Value::from),
        };
        if let Some(value) = value {
            put(&mut filled, pointer, value);
        }
    }
    Some((workflow, filled))
}

/// Puts a value at a pointer, with the objects that lead there.
fn put(root: &mut Value, pointer: &str, value: Value) {
    let mut at = root;
    for name in pointer.split('/').skip(1) {
        if !at.is_object() {
            *at = Value::Object(Map::new());
        }
        let Value::Object(map) = at else { return };
        at = map.entry(name.replace("~1", "/").replace("~0", "~")).or_insert(Value::Null);
    }
    *at = value;
}
