//! Forms that are right, to be made wrong one place at a time.

use kaiban_api::to_struct;
use prost_types::Struct;
use serde_json::{Value, json};

/// The documents that [`company`] names.
pub const PAPERS: &[(&str, &[u8])] = &[
    ("租赁合同.pdf", include_bytes!("../forms/documents/lease.pdf")),
    ("章程.pdf", include_bytes!("../forms/documents/articles.pdf")),
];

/// A complete form for a limited company registered at a division: the one that the README submits.
pub fn company(registrar: &str) -> Value {
    let form: Value = serde_json::from_str(include_str!("../forms/company.json")).expect("a form");
    with(form, "/registrar", json!(registrar))
}

/// A form of the package `witness`: one person, perhaps a lease.
pub fn witness(registrar: &str, lease: Option<&str>) -> Value {
    let person = json!({"key": "p1", "name": "张样例", "citizen_id": "11010519491231002X"});
    let mut form = json!({"registrar": registrar, "name": "福州青榕样例贸易有限公司", "people": [person]});
    if let Some(lease) = lease {
        form["lease"] = json!(lease);
    }
    form
}

/// A form of the package `promise`: one person, and a place whose proof is asked for.
pub fn promise(place: &str, asked: bool) -> Value {
    let mut form = witness("350100", None);
    form["place"] = json!(place);
    form["asked"] = json!(asked);
    form
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
