//! The one form that all simulated packages take, so that a case of one can start a case of another: its schema, forms
//! that fit and forms that do not, and how an applicant changes a place of it.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::landscape::DIVISIONS;
use crate::draw::Lot;

/// The schema file.
pub(super) const SCHEMA: &str = r#"{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "type": "object",
  "additionalProperties": false,
  "required": ["name", "registrar", "class", "count", "paper", "wants", "people"],
  "properties": {
    "name": { "type": "string", "minLength": 1, "maxLength": 40 },
    "registrar": { "type": "string", "format": "division" },
    "class": { "type": "string", "minLength": 1 },
    "count": { "type": "integer", "minimum": 0, "maximum": 9 },
    "paper": { "type": "boolean" },
    "note": { "type": "string", "maxLength": 40 },
    "proof": { "type": "string", "pattern": "^sha256:[0-9a-f]{64}$" },
    "deed": { "type": "string", "pattern": "^sha256:[0-9a-f]{64}$" },
    "lease": { "type": "string", "pattern": "^sha256:[0-9a-f]{64}$" },
    "wants": {
      "type": "object",
      "additionalProperties": false,
      "required": ["extra", "later"],
      "properties": { "extra": { "type": "boolean" }, "later": { "type": "boolean" } }
    },
    "people": {
      "type": "object",
      "additionalProperties": false,
      "required": ["head", "staff"],
      "properties": {
        "head": { "type": "string", "minLength": 1 },
        "staff": {
          "type": "array",
          "maxItems": 4,
          "items": {
            "type": "object",
            "additionalProperties": false,
            "required": ["key", "name", "known"],
            "properties": {
              "key": { "type": "string", "maxLength": 20 },
              "name": { "type": "string", "minLength": 1 },
              "known": { "type": "boolean" },
              "phone": { "type": "string" }
            }
          }
        }
      }
    }
  }
}"#;

/// Places of the form that a step can share and a correction can open, as shares name them and as pointers.
pub(super) const PLACES: [(&str, &str); 10] = [
    ("form.name", "/name"),
    ("form.count", "/count"),
    ("form.paper", "/paper"),
    ("form.note", "/note"),
    ("form.deed", "/deed"),
    ("form.lease", "/lease"),
    ("form.wants.extra", "/wants/extra"),
    ("form.wants.later", "/wants/later"),
    ("form.people.head", "/people/head"),
    ("form.people.staff", "/people/staff"),
];

/// The list that branches come from.
pub(super) const STAFF: &str = "/people/staff";

/// Fields of an element that a branch can be shown.
pub(super) const FIELDS: [&str; 3] = ["name", "known", "phone"];

/// Names that many cases want; the registers give each to one.
const NAMES_WANTED: u64 = 60;

/// A count that one rule forbids together with paper; no honest applicant writes it.
pub(super) const COUNT_FORBIDDEN: u64 = 9;

/// What a document is named by; nobody has to have it.
pub(super) const PROOF: &str = "sha256:0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f";

/// A form that fits; a quarter of them come without the optional note.
pub(super) fn form(lot: &mut Lot) -> Value {
    let staff: Vec<Value> = (0..lot.below(4)).map(|at| person(&format!("k{at}"), lot)).collect();
    let mut form = json!({
        "name": name(lot),
        "registrar": *lot.pick(&DIVISIONS),
        // Now and then nobody knows what class that is.
        "class": if lot.chance(0.03) { "none" } else { *lot.pick(&["A", "B", "C", "D"]) },
        "count": lot.below(COUNT_FORBIDDEN),
        "paper": lot.chance(0.5),
        "proof": PROOF,
        "wants": { "extra": lot.chance(0.5), "later": lot.chance(0.3) },
        "people": { "head": head(lot), "staff": staff },
    });
    if lot.chance(0.75) {
        form["note"] = json!(*lot.pick(&["x", "y"]));
    }
    for document in DOCUMENTS {
        if lot.chance(0.3) {
            form[document] = json!(digest(lot));
        }
    }
    form
}

/// Documents that prove something; a form may come without them.
pub(super) const DOCUMENTS: [&str; 2] = ["deed", "lease"];

fn digest(lot: &mut Lot) -> String {
    format!("sha256:{:064x}", lot.below(1_000_000_000))
}

fn name(lot: &mut Lot) -> String {
    format!("企业{}", if lot.chance(0.6) { lot.below(NAMES_WANTED) } else { 1_000 + lot.below(1_000_000_000) })
}

fn head(lot: &mut Lot) -> String {
    format!("丁{}", if lot.chance(0.4) { lot.below(NAMES_WANTED) } else { 1_000 + lot.below(1_000_000_000) })
}

fn person(key: &str, lot: &mut Lot) -> Value {
    let mut person = json!({ "key": key, "name": format!("戊{}", lot.below(100)), "known": lot.chance(0.5) });
    if lot.chance(0.5) {
        person["phone"] = json!(format!("1{}", lot.below(1_000)));
    }
    person
}

/// A form with something wrong in it, and what.
pub(super) fn broken(mut form: Arc<Value>, lot: &mut Lot) -> (Arc<Value>, &'static str) {
    let content = Arc::make_mut(&mut form);
    let twist = match lot.below(4) {
        0 => {
            content["count"] = json!("many");
            "bad form"
        }
        1 => {
            content["people"]["staff"] = json!([person("k0", lot), person("k0", lot)]);
            "two of one key"
        }
        2 => {
            (content["count"], content["paper"]) = (json!(COUNT_FORBIDDEN), json!(true));
            "breaks a rule"
        }
        _ => {
            content.as_object_mut().map(|form| form.remove("proof"));
            "no evidence"
        }
    };
    (form, twist)
}

/// Changes a place in a way that every package allows; a place that is not there any more stays so.
pub(super) fn edit(form: &mut Value, pointer: &str, lot: &mut Lot) {
    if let Some(below) = pointer.strip_prefix(STAFF).filter(|below| !below.is_empty()) {
        edit_element(form, below, lot);
        return;
    }
    let Some(object) = form.as_object_mut() else { return };
    match pointer {
        "/name" => change(object, "name", lot, |lot| json!(name(lot))),
        "/count" => change(object, "count", lot, |lot| json!(lot.below(COUNT_FORBIDDEN))),
        "/paper" => flip(form, pointer),
        "/note" if object.contains_key("note") && lot.chance(0.3) => drop(object.remove("note")),
        "/note" => change(object, "note", lot, |lot| json!(*lot.pick(&["x", "y"]))),
        "/deed" | "/lease" if object.contains_key(&pointer[1..]) && lot.chance(0.2) => {
            drop(object.remove(&pointer[1..]))
        }
        "/deed" | "/lease" => change(object, &pointer[1..], lot, |lot| json!(digest(lot))),
        "/wants/extra" | "/wants/later" => flip(form, pointer),
        "/people/head" => {
            if let Some(people) = form["people"].as_object_mut() {
                change(people, "head", lot, |lot| json!(head(lot)));
            }
        }
        STAFF => edit_list(form, lot),
        _ => {}
    }
}

/// Draws until the value is another one.
fn change(object: &mut Map<String, Value>, name: &str, lot: &mut Lot, draw: impl Fn(&mut Lot) -> Value) {
    loop {
        let value = draw(lot);
        if object.get(name) != Some(&value) {
            object.insert(name.to_owned(), value);
            return;
        }
    }
}

fn flip(form: &mut Value, pointer: &str) {
    if let Some(place) = form.pointer_mut(pointer) {
        *place = json!(!place.as_bool().unwrap_or(false));
    }
}

/// Takes people off the list or adds some; those who stay keep their keys. One who was taken off may come back.
fn edit_list(form: &mut Value, lot: &mut Lot) {
    let Some(list) = form.pointer_mut(STAFF).and_then(Value::as_array_mut) else { return };
    let before = list.clone();
    list.retain(|_| lot.chance(0.6));
    for at in 0..6 {
        let key = format!("k{at}");
        if list.len() < 4 && lot.chance(0.3) && !list.iter().any(|person| person["key"] == key.as_str()) {
            let at = lot.index(list.len() + 1);
            list.insert(at, person(&key, lot));
        }
    }
    if *list != before {
        return;
    }
    match list.first_mut() {
        Some(first) => first["name"] = json!(format!("己{}", lot.below(1_000_000_000))),
        None => list.push(person("k0", lot)),
    }
}

/// Changes one element, given what stands behind the list in its pointer.
fn edit_element(form: &mut Value, below: &str, lot: &mut Lot) {
    let (index, field) = below[1..].split_once('/').map_or((&below[1..], None), |(index, field)| (index, Some(field)));
    let Some(list) = form.pointer_mut(STAFF).and_then(Value::as_array_mut) else { return };
    let taken: Vec<Value> = list.iter().map(|person| person["key"].clone()).collect();
    let element = index.parse::<usize>().ok().and_then(|index| list.get_mut(index));
    let Some(element) = element.and_then(Value::as_object_mut) else { return };
    match field {
        Some("known") => {
            let known = element.get("known") == Some(&json!(true));
            element.insert("known".into(), json!(!known));
        }
        Some("phone") => change(element, "phone", lot, |lot| json!(format!("1{}", lot.below(1_000)))),
        // Somebody else altogether.
        None if lot.chance(0.3) => {
            let free = (0..6).map(|at| json!(format!("k{at}"))).find(|key| !taken.contains(key));
            element.extend(free.map(|key| ("key".to_owned(), key)));
        }
        _ => change(element, "name", lot, |lot| json!(format!("庚{}", lot.below(1_000_000_000)))),
    }
}
