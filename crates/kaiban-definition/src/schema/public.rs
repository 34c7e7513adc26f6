//! What of a form or result is nobody's personal data, by the keyword `x-public`. The list is closed: what a schema does
//! not call public, whether forgotten or not even described, is taken for somebody's.
//!
//! The keyword counts only where a field is described for every form: in the field's own schema, in what it refers to, and
//! in the parts of its `allOf`; never below a condition or a choice.

use kaiban_findings::{Finding, Place};
use serde_json::{Map, Value};

use super::Schema;

/// The keyword.
const KEYWORD: &str = "x-public";
/// Its value for a business's name.
const BUSINESS_NAME: &str = "business-name";
/// Formats of what is always about a person.
const PERSONAL: [&str; 3] = ["citizen-id", "mobile", "email"];
/// References followed in a row.
const REFERENCES_MAX: usize = 16;

/// How public a text, number or truth value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Public {
    /// Somebody's, as far as the schema says.
    No,
    /// The name of a business: a company's is public, a shop's may be its owner's.
    BusinessName,
    /// For everybody.
    Yes,
}

/// A place of a form or result as its schema describes it.
#[derive(Clone, Debug)]
pub struct Described<'s> {
    root: &'s Value,
    parts: Vec<&'s Map<String, Value>>,
}

impl Schema {
    /// The whole form or result.
    pub fn described(&self) -> Described<'_> {
        Described::new(&self.source, [&self.source])
    }
}

impl<'s> Described<'s> {
    fn new(root: &'s Value, schemas: impl IntoIterator<Item = &'s Value>) -> Self {
        let mut parts = Vec::new();
        schemas.into_iter().for_each(|schema| gather(root, schema, 0, &mut parts));
        Self { root, parts }
    }

    /// A field of the object here; none = the schema does not describe it for every form.
    pub fn field(&self, name: &str) -> Option<Self> {
        let fields = self.parts.iter().filter_map(|part| part.get("properties")?.get(name));
        Some(Self::new(self.root, fields)).filter(|field| !field.parts.is_empty())
    }

    /// An element of the list here.
    pub fn element(&self) -> Self {
        Self::new(self.root, self.parts.iter().filter_map(|part| part.get("items")))
    }

    /// The place that a JSON pointer leads to.
    pub fn at(&self, pointer: &str) -> Option<Self> {
        pointer.split('/').skip(1).try_fold(self.clone(), |at, name| {
            let field = at.field(&name.replace("~1", "/").replace("~0", "~"));
            field.or_else(|| name.parse::<usize>().is_ok().then(|| at.element()))
        })
    }

    /// How public what stands here is.
    pub fn public(&self) -> Public {
        let said = self.parts.iter().filter_map(|part| match part.get(KEYWORD)? {
            Value::Bool(true) => Some(Public::Yes),
            Value::String(text) if text == BUSINESS_NAME => Some(Public::BusinessName),
            _ => None,
        });
        // Where two parts differ, the careful one counts.
        said.min().unwrap_or(Public::No)
    }
}

/// The schema, what it refers to, and the parts of its `allOf`.
fn gather<'s>(root: &'s Value, schema: &'s Value, depth: usize, parts: &mut Vec<&'s Map<String, Value>>) {
    let Some(map) = schema.as_object().filter(|_| depth < REFERENCES_MAX) else { return };
    parts.push(map);
    let reference = map.get("$ref").and_then(Value::as_str).and_then(|to| root.pointer(to.strip_prefix('#')?));
    let all = map.get("allOf").and_then(Value::as_array).into_iter().flatten();
    reference.into_iter().chain(all).for_each(|schema| gather(root, schema, depth + 1, parts));
}

/// Whether a name of a keyword is one of kaiban's own, right or mistyped.
pub(super) fn is_own_keyword(name: &str) -> bool {
    name.starts_with("x-")
}

/// What is wrong with a keyword of kaiban's own, which stands in `schema` at `pointer`.
pub(super) fn check(root: &Value, schema: &Map<String, Value>, name: &str, pointer: &str) -> Option<Finding> {
    let place = Place::Pointer(pointer.to_owned());
    if name != KEYWORD {
        let finding = Finding::error(
            "SCHEMA_UNKNOWN_KEYWORD",
            place,
            format!("没有 {name} 这个关键字。"),
            format!("There is no keyword `{name}`."),
        );
        return Some(finding.with_help(
            "可用的自有关键字只有 x-public；没有写 x-public 的内容一律脱敏。",
            "The only keyword of this kind is x-public; what does not have it is masked.",
        ));
    }
    let value = schema.get(name);
    let named = value.and_then(Value::as_str) == Some(BUSINESS_NAME);
    if !named && value != Some(&Value::Bool(true)) {
        let finding = Finding::error(
            "UNKNOWN_VALUE",
            place,
            "x-public 只能写 true 或 \"business-name\"。",
            "`x-public` is true or \"business-name\".",
        );
        return Some(
            finding
                .with_help("不公开的内容不必写 x-public。", "Leave it out for what is not public: unmarked is masked."),
        );
    }
    let whole = Value::Object(schema.clone());
    let parts = Described::new(root, [&whole]).parts;
    let has = |keyword: &str| parts.iter().any(|part| part.contains_key(keyword));
    let is_a = |name: &str| parts.iter().any(|part| part.get("type").is_some_and(|kind| names(kind, name)));
    let holds = has("properties") || has("items") || is_a("object") || is_a("array");
    let person = parts.iter().filter_map(|part| part.get("format")?.as_str()).find(|format| PERSONAL.contains(format));
    let (zh, en) = match person {
        Some(format) => (
            format!("{format} 总是个人信息，不能公开。"),
            format!("A `{format}` is always somebody's and cannot be public."),
        ),
        None if holds => (
            "x-public 只能写在单个值上，不能写在对象或列表上。".to_owned(),
            "`x-public` stands with single values, not with an object or a list.".to_owned(),
        ),
        None if named && !is_a("string") => {
            ("\"business-name\" 只能用于文本。".to_owned(), "\"business-name\" is for texts only.".to_owned())
        }
        None => return None,
    };
    let finding = Finding::error("NEVER_PUBLIC", place, zh, en);
    Some(finding.with_help(
        "请逐项写在确实不涉及个人的字段上；列表写在 items 中。",
        "Mark each field that is nobody's; for a list of texts mark its `items`.",
    ))
}

/// Whether a `type` allows this one.
fn names(kind: &Value, name: &str) -> bool {
    kind == name || kind.as_array().is_some_and(|kinds| kinds.iter().any(|kind| kind == name))
}

/// What is wrong with a keyword that stands where no form always has it.
pub(super) fn below_a_choice(pointer: &str) -> Finding {
    let finding = Finding::error(
        "NEVER_PUBLIC",
        Place::Pointer(pointer.to_owned()),
        "x-public 不能写在 if、then、else、anyOf、oneOf、not 之下。",
        "`x-public` has no meaning below a condition or a choice.",
    );
    finding.with_help(
        "请写在字段本身的 properties 中。",
        "Write it where `properties` describes the field for every form.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_what_is_called_public_for_every_form_is() {
        let schema = Schema::compile(json!({
            "type": "object",
            "properties": {
                "name": { "$ref": "#/$defs/name" },
                "kind": { "type": "string", "x-public": true },
                "phone": { "type": "string", "format": "mobile" },
                "people": { "type": "array", "items": { "type": "object", "properties": {
                    "name": { "type": "string" },
                    "roles": { "type": "array", "items": { "type": "string", "x-public": true } },
                } } },
            },
            "allOf": [
                { "properties": { "kind": { "minLength": 1 }, "day": { "type": "string", "x-public": true } } },
                { "if": { "required": ["kind"] }, "then": { "properties": { "then": { "type": "string" } } } },
            ],
            "$defs": { "name": { "type": "string", "x-public": "business-name" } },
        }))
        .expect("a schema");
        let public = |pointer: &str| schema.described().at(pointer).map(|place| place.public());
        assert_eq!(public("/name"), Some(Public::BusinessName));
        assert_eq!((public("/kind"), public("/day")), (Some(Public::Yes), Some(Public::Yes)));
        assert_eq!((public("/phone"), public("/people/0/name")), (Some(Public::No), Some(Public::No)));
        assert_eq!(public("/people/7/roles/1"), Some(Public::Yes));
        assert_eq!((public("/then"), public("/nothing"), public("/people/0/x")), (None, None, None));
    }
}
