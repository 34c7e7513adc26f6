//! Forms that are right, to be made wrong one place at a time.

use kaiban_api::to_struct;
use prost_types::Struct;
use serde_json::{Value, json};

/// A complete form for a limited company registered at a division: the one that the README submits.
pub fn company(registrar: &str) -> Value {
    let form: Value = serde_json::from_str(include_str!("../forms/company.json")).expect("a form");
    with(form, "/registrar", json!(registrar))
}

/// The same with one place replaced.
pub fn with(mut form: Value, pointer: &str, value: Value) -> Value {
    *form.pointer_mut(pointer).expect("a place of the form") = value;
    form
}

/// For the wire.
pub fn wire(form: &Value) -> Option<Struct> {
    Some(to_struct(form).expect("a form"))
}
