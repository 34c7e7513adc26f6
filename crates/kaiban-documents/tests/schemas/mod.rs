//! Enough of JSON Schema to judge whether a letter's field exists: what the package loader does for real.

use std::fs;
use std::path::Path;

use kaiban_documents::{Field, Read};
use serde_json::Value;

pub struct Schemas {
    form: Value,
    results: Vec<(&'static str, Value)>,
}

impl Schemas {
    pub fn read(package: &Path, results: &[(&'static str, &str)]) -> Self {
        let read = |file: &str| serde_json::from_str(&fs::read_to_string(package.join(file)).unwrap()).unwrap();
        let results = results.iter().map(|(step, file)| (*step, read(file))).collect();
        Self { form: read("form.schema.json"), results }
    }

    pub fn judge(&self, field: &Field) -> Result<(), String> {
        let (root, from) = match field.path.first().map(String::as_str) {
            Some("form") => (&self.form, 1),
            Some("results") => {
                let step = field.path.get(1).ok_or("results without a step")?;
                let found = self.results.iter().find(|(name, _)| name == step);
                (&found.ok_or(format!("no schema for the result of {step}"))?.1, 2)
            }
            _ => return Ok(()),
        };
        let mut here = root;
        for length in from..field.path.len() {
            let name = &field.path[length];
            let required = here["required"].as_array().is_some_and(|list| list.iter().any(|one| one == name));
            here = resolve(root, &here["properties"][name.as_str()]);
            if here.is_null() {
                return Err(format!("there is no {}", field.path[..=length].join(".")));
            }
            if !required && field.read != Read::Condition && !field.is_ensured(length + 1) {
                return Err(format!("{} may be missing", field.path[..=length].join(".")));
            }
            match (here["type"] == "array", field.lists.contains(&(length + 1))) {
                (true, true) => here = resolve(root, &here["items"]),
                (false, false) => {}
                (true, false) if length + 1 == field.path.len() && field.read == Read::List => {}
                _ => return Err(format!("{}: list or not?", field.dotted())),
            }
        }
        let single = !matches!(here["type"].as_str(), Some("object" | "array"));
        match field.read {
            Read::Value if !single => Err(format!("{} is no single value", field.dotted())),
            _ => Ok(()),
        }
    }
}

fn resolve<'a>(root: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str().and_then(|reference| reference.strip_prefix('#')) {
        Some(pointer) => root.pointer(pointer).unwrap_or(&Value::Null),
        None => schema,
    }
}
