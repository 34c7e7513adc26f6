//! The bytes that are hashed: section 1 of `SAMPLER.md`.

use serde::Serialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::{Hex32, METHOD};

/// Between two parts. No part contains it: ids and values are printable, and JSON escapes control characters.
pub(crate) const SEPARATOR: &[u8] = b"\x1f";

/// `H(tag, parts…)`.
pub(crate) fn hash<'a>(tag: &'a str, parts: impl IntoIterator<Item = &'a str>) -> Hex32 {
    let mut hasher = Sha256::new();
    hasher.update(METHOD);
    for part in std::iter::once(tag).chain(parts) {
        hasher.update(SEPARATOR);
        hasher.update(part);
    }
    Hex32::from(<[u8; 32]>::from(hasher.finalize()))
}

/// `H(tag, J(value))`.
pub(crate) fn hash_json(tag: &str, value: &impl Serialize) -> Hex32 {
    hash(tag, [json(&plain(value)).as_str()])
}

/// As a JSON value. What is serialised here has texts as keys and nothing that could fail.
pub(crate) fn plain(value: &impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}

/// `J(value)`. Sorts by itself, since whether `serde_json` does is a feature that any crate of a programme may switch.
pub(crate) fn json(value: &Value) -> String {
    let mut text = String::new();
    write(value, &mut text);
    text
}

fn write(value: &Value, text: &mut String) {
    match value {
        Value::Array(list) => {
            text.push('[');
            for (index, entry) in list.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                write(entry, text);
            }
            text.push(']');
        }
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by_key(|(name, _)| *name);
            text.push('{');
            for (index, (name, entry)) in members.into_iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                text.push_str(&Value::from(name.as_str()).to_string());
                text.push(':');
                write(entry, text);
            }
            text.push('}');
        }
        plain => text.push_str(&plain.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json as value;

    use super::*;

    #[test]
    fn json_is_written_in_one_way() {
        let written = json(&value!({"b": [1, -2, {"z": "字\"\\", "a": true}], "a": {}, "B": []}));
        assert_eq!(written, r#"{"B":[],"a":{},"b":[1,-2,{"a":true,"z":"字\"\\"}]}"#);
    }

    /// `printf 'kaiban-draw/1\037pool\037[]' | sha256sum`, as the document has it.
    #[test]
    fn a_hash_begins_with_the_method_and_what_is_hashed() {
        let hash = hash("pool", ["[]"]).to_string();
        assert_eq!(hash, "f158d1f6d9173bc7b6c3a3f2abadacacc48ebe7cdc7add0c96f91e6ee2f74821");
        assert!(include_str!("../SAMPLER.md").contains(&hash));
    }
}
