//! What a schema says about a place without looking at any input: whether it can exist, whether it must, and what type
//! it has. Used to check guards and shares when a package is loaded.

use std::collections::BTreeSet;

use serde_json::Value;

/// One step down from a value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Part {
    /// The field of that name.
    Name(String),
    /// Some item of a list.
    Item,
}

/// A JSON type; integers are numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Null,
    Bool,
    Number,
    Text,
    List,
    Object,
}

/// What is known of a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Field {
    /// Its possible types; empty = not known.
    pub kinds: BTreeSet<Kind>,
    /// Whether it is there whenever its parent is.
    pub required: bool,
}

static ANYTHING: Value = Value::Bool(true);

/// References that lead in a circle are cut off here.
const DEPTH_MAX: usize = 32;

pub(super) fn look(root: &Value, path: &[Part]) -> Option<Field> {
    let mut views = expand(root, root);
    let mut required = true;
    for part in path {
        required = match part {
            Part::Name(name) => views.iter().any(|view| view.sure && requires(view.schema, name)),
            Part::Item => false,
        };
        views = below(root, &views, part);
        if views.is_empty() {
            return None;
        }
    }
    Some(Field { kinds: kinds(&views), required })
}

/// The most items that a list can have, if the schema surely bounds it.
pub(super) fn items_max(root: &Value, path: &[Part]) -> Option<u64> {
    let views = views(root, path)?;
    views.iter().filter(|view| view.sure).filter_map(|view| view.schema.get("maxItems")?.as_u64()).min()
}

/// The most characters that a text can have, if the schema surely bounds it.
pub(super) fn length_max(root: &Value, path: &[Part]) -> Option<u64> {
    let count = |value: &Value| value.as_str().map(|text| text.chars().count() as u64);
    let bound = |schema: &Value| {
        let listed = schema.get("enum").and_then(Value::as_array);
        let longest =
            listed.and_then(|values| values.iter().map(&count).collect::<Option<Vec<_>>>()?.into_iter().max());
        schema.get("maxLength").and_then(Value::as_u64).or(longest).or_else(|| count(schema.get("const")?))
    };
    let views = views(root, path)?;
    views.iter().filter(|view| view.sure).filter_map(|view| bound(view.schema)).min()
}

/// Whether a list can be empty or left out.
pub(super) fn may_be_empty(root: &Value, pointer: &str) -> bool {
    let path: Vec<Part> =
        pointer.split('/').skip(1).map(|name| Part::Name(name.replace("~1", "/").replace("~0", "~"))).collect();
    let required = (1..=path.len()).all(|end| look(root, &path[..end]).is_some_and(|field| field.required));
    let least = views(root, &path).into_iter().flatten().filter(|view| view.sure);
    let least = least.filter_map(|view| view.schema.get("minItems")?.as_u64()).max();
    !required || least.unwrap_or(0) == 0
}

/// The `pattern` of a field that names a document.
pub(crate) const DOCUMENT: &str = "^sha256:[0-9a-f]{64}$";

/// Whether the schema surely lets nothing but a document's name stand at a place.
pub(super) fn is_document(root: &Value, path: &[Part]) -> bool {
    let views = views(root, path).unwrap_or_default();
    views.iter().any(|view| view.sure && view.schema.get("pattern").and_then(Value::as_str) == Some(DOCUMENT))
        && kinds(&views).iter().eq([&Kind::Text])
}

fn views<'s>(root: &'s Value, path: &[Part]) -> Option<Vec<View<'s>>> {
    let mut views = expand(root, root);
    for part in path {
        views = below(root, &views, part);
    }
    (!views.is_empty()).then_some(views)
}

pub(super) fn has(root: &Value, pointer: &str) -> bool {
    if pointer.is_empty() {
        return true;
    }
    let Some(rest) = pointer.strip_prefix('/') else { return false };
    let mut views = expand(root, root);
    for segment in rest.split('/') {
        let name = segment.replace("~1", "/").replace("~0", "~");
        let mut next = below(root, &views, &Part::Name(name));
        let is_index = !segment.is_empty() && segment.len() <= 6 && segment.bytes().all(|b| b.is_ascii_digit());
        if is_index {
            next.extend(below(root, &views, &Part::Item));
        }
        if next.is_empty() {
            return false;
        }
        views = next;
    }
    true
}

/// A subschema that describes the value at hand, surely or only in some branch.
#[derive(Clone, Copy)]
struct View<'s> {
    schema: &'s Value,
    sure: bool,
}

fn expand<'s>(root: &'s Value, schema: &'s Value) -> Vec<View<'s>> {
    let mut views = Vec::new();
    collect(root, View { schema, sure: true }, 0, &mut views);
    views
}

fn collect<'s>(root: &'s Value, view: View<'s>, depth: usize, views: &mut Vec<View<'s>>) {
    if depth > DEPTH_MAX || view.schema == &Value::Bool(false) {
        return;
    }
    views.push(view);
    let Some(map) = view.schema.as_object() else { return };
    let mut follow = |schema: &'s Value, sure: bool| {
        collect(root, View { schema, sure: view.sure && sure }, depth + 1, views);
    };
    if let Some(to) = map.get("$ref").and_then(Value::as_str)
        && let Some(target) = to.strip_prefix('#').and_then(|pointer| root.pointer(pointer))
    {
        follow(target, true);
    }
    for (keyword, sure) in [("allOf", true), ("anyOf", false), ("oneOf", false)] {
        for schema in map.get(keyword).and_then(Value::as_array).into_iter().flatten() {
            follow(schema, sure);
        }
    }
    for keyword in ["then", "else"] {
        map.get(keyword).into_iter().for_each(|schema| follow(schema, false));
    }
    for schema in map.get("dependentSchemas").and_then(Value::as_object).into_iter().flat_map(|map| map.values()) {
        follow(schema, false);
    }
}

fn below<'s>(root: &'s Value, views: &[View<'s>], part: &Part) -> Vec<View<'s>> {
    let mut found = Vec::new();
    for view in views {
        let mut take = |schema: &'s Value| collect(root, View { schema, sure: view.sure }, 0, &mut found);
        let get = |keyword: &str| view.schema.get(keyword);
        match part {
            Part::Name(name) => {
                if let Some(schema) = get("properties").and_then(|map| map.get(name)) {
                    take(schema);
                    continue;
                }
                get("patternProperties")
                    .and_then(Value::as_object)
                    .into_iter()
                    .flat_map(|map| map.values())
                    .for_each(&mut take);
                get("additionalProperties").filter(|schema| schema.is_object()).into_iter().for_each(take);
            }
            Part::Item => {
                get("prefixItems").and_then(Value::as_array).into_iter().flatten().for_each(&mut take);
                get("items").into_iter().for_each(take);
            }
        }
    }
    if found.is_empty() && is_open(views, part) {
        found.push(View { schema: &ANYTHING, sure: false });
    }
    found
}

/// Whether nothing says what lies below: then anything may.
fn is_open(views: &[View<'_>], part: &Part) -> bool {
    let (kind, keywords): (_, &[&str]) = match part {
        Part::Name(_) => {
            (Kind::Object, &["properties", "patternProperties", "additionalProperties", "unevaluatedProperties"])
        }
        Part::Item => (Kind::List, &["items", "prefixItems"]),
    };
    let kinds = kinds(views);
    (kinds.is_empty() || kinds.contains(&kind))
        && !views.iter().any(|view| keywords.iter().any(|keyword| view.schema.get(keyword).is_some()))
}

fn requires(schema: &Value, name: &str) -> bool {
    let names = schema.get("required").and_then(Value::as_array);
    names.is_some_and(|names| names.iter().any(|required| required.as_str() == Some(name)))
}

/// The types that the sure views leave; where they say nothing, what the others allow.
fn kinds(views: &[View<'_>]) -> BTreeSet<Kind> {
    let sure = views.iter().filter(|view| view.sure).filter_map(|view| stated(view.schema));
    if let Some(kinds) = sure.reduce(|a, b| a.intersection(&b).copied().collect()) {
        return kinds;
    }
    views.iter().filter_map(|view| stated(view.schema)).flatten().collect()
}

fn stated(schema: &Value) -> Option<BTreeSet<Kind>> {
    let kind_of = |value: &Value| match value {
        Value::Null => Kind::Null,
        Value::Bool(_) => Kind::Bool,
        Value::Number(_) => Kind::Number,
        Value::String(_) => Kind::Text,
        Value::Array(_) => Kind::List,
        Value::Object(_) => Kind::Object,
    };
    if let Some(value) = schema.get("const") {
        return Some(BTreeSet::from([kind_of(value)]));
    }
    if let Some(values) = schema.get("enum").and_then(Value::as_array) {
        return Some(values.iter().map(kind_of).collect());
    }
    let named = |name: &Value| {
        Some(match name.as_str()? {
            "null" => Kind::Null,
            "boolean" => Kind::Bool,
            "integer" | "number" => Kind::Number,
            "string" => Kind::Text,
            "array" => Kind::List,
            "object" => Kind::Object,
            _ => return None,
        })
    };
    match schema.get("type")? {
        Value::Array(names) => Some(names.iter().filter_map(named).collect()),
        name => named(name).map(|kind| BTreeSet::from([kind])),
    }
}
