//! The JSON Schemas of `workflow.yaml` and of mapping files, for editors: they complete keys and mark what cannot be. They
//! are made of the same description that the reader asks by, and say less than the loader: what spans several places
//! only the loader knows.

use serde_json::{Map, Value, json};

use super::keys::{self, Object, Shape};
use crate::guard::GUARD_LENGTH_MAX;

/// JSON Schema 2020-12 of `workflow.yaml`.
pub fn editor_schema() -> Value {
    file("A workflow package of kaiban", &keys::PACKAGE)
}

/// JSON Schema 2020-12 of the files that say how running cases get to another version of their package.
pub fn migration_schema() -> Value {
    file("A mapping between two versions of a workflow package of kaiban", &keys::MIGRATION)
}

fn file(title: &str, root: &'static Object) -> Value {
    let mut defs = Map::new();
    let root = object(root, &mut defs);
    let mut schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        "$defs": defs,
    });
    if let (Value::Object(schema), Value::Object(root)) = (&mut schema, root) {
        schema.extend(root);
    }
    schema
}

fn object(object: &'static Object, defs: &mut Map<String, Value>) -> Value {
    let mut properties = Map::new();
    for key in object.keys {
        let mut schema = shape(&key.shape, defs);
        if let Value::Object(schema) = &mut schema {
            schema.insert("description".into(), json!(key.about));
        }
        properties.insert(key.name.into(), schema);
    }
    let required: Vec<&str> = object.keys.iter().filter(|key| key.required).map(|key| key.name).collect();
    let mut schema = json!({ "type": "object", "additionalProperties": false, "properties": properties });
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    if !object.one_of.is_empty() {
        schema["anyOf"] = object.one_of.iter().map(|group| json!({ "required": group })).collect();
    }
    schema
}

fn reference(named: &'static Object, defs: &mut Map<String, Value>) -> Value {
    if !defs.contains_key(named.name) {
        let schema = object(named, defs);
        defs.insert(named.name.into(), schema);
    }
    json!({ "$ref": format!("#/$defs/{}", named.name) })
}

fn shape(of: &'static Shape, defs: &mut Map<String, Value>) -> Value {
    const UNIT: &str = "(second|minute|hour|day)s?$";
    match of {
        Shape::Text => json!({ "type": "string", "minLength": 1 }),
        Shape::Name => json!({ "type": "string", "pattern": "^[a-z][a-z0-9_]*(-[a-z0-9_]+)*$", "maxLength": 63 }),
        Shape::Code => json!({ "type": "string", "pattern": "^[A-Z][A-Z0-9_]*$", "maxLength": 63 }),
        Shape::Title => json!({
            "type": "object",
            "additionalProperties": false,
            "required": ["zh", "en"],
            "properties": { "zh": { "type": "string", "minLength": 1 }, "en": { "type": "string", "minLength": 1 } },
        }),
        Shape::Guard => json!({ "type": "string", "minLength": 1, "maxLength": GUARD_LENGTH_MAX }),
        Shape::Path => json!({ "type": "string", "pattern": "^(form|item|results\\.[^.]+)(\\.[A-Za-z0-9_-]+)*$" }),
        Shape::Date => json!({ "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$" }),
        Shape::Boolean => json!({ "type": "boolean" }),
        Shape::Working => json!({ "type": "string", "pattern": format!("^[0-9]+ working {UNIT}") }),
        Shape::Time => json!({ "type": "string", "pattern": format!("^[0-9]+ (working )?{UNIT}") }),
        Shape::Months => json!({ "type": "string", "pattern": "^[0-9]+ months?$" }),
        Shape::Count { min, max } => json!({ "type": "integer", "minimum": min, "maximum": max }),
        Shape::Word(words) => json!({ "enum": words }),
        Shape::List(item) => json!({ "type": "array", "items": shape(item, defs) }),
        Shape::Map(value) => json!({ "type": "object", "additionalProperties": shape(value, defs) }),
        Shape::Pointers(value) => json!({
            "type": "object",
            "propertyNames": { "pattern": "^/" },
            "additionalProperties": shape(value, defs),
        }),
        Shape::Object(named) => reference(named, defs),
        Shape::Either(shapes) => json!({ "anyOf": shapes.iter().map(|of| shape(of, defs)).collect::<Vec<_>>() }),
    }
}
