//! Changes of a form or a result, one place at a time.

use serde_json::{Map, Value};

use crate::scenario::Change;

/// A place that is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeError {
    /// The pointer.
    pub pointer: String,
}

/// Puts every change in place. Objects on the way are made; elements of lists are not, but for `/list/-`, which appends.
///
/// # Errors
/// The first place that is not there.
pub fn apply(mut value: Value, changes: &[Change]) -> Result<Value, ChangeError> {
    for Change { pointer, value: part, .. } in changes {
        let failed = || ChangeError { pointer: pointer.clone() };
        let (above, name) = pointer.rsplit_once('/').ok_or_else(failed)?;
        let name = name.replace("~1", "/").replace("~0", "~");
        let holder = reach(&mut value, above).ok_or_else(failed)?;
        match (holder, part) {
            (Value::Object(map), Some(part)) => {
                map.insert(name, part.clone());
            }
            (Value::Object(map), None) => {
                map.remove(&name).ok_or_else(failed)?;
            }
            (Value::Array(items), Some(part)) if name == "-" => items.push(part.clone()),
            (Value::Array(items), part) => {
                let index: usize = name.parse().map_err(|_| failed())?;
                let item = items.get_mut(index).ok_or_else(failed)?;
                match part {
                    Some(part) => *item = part.clone(),
                    None => {
                        items.remove(index);
                    }
                }
            }
            _ => return Err(failed()),
        }
    }
    Ok(value)
}

fn reach<'v>(root: &'v mut Value, pointer: &str) -> Option<&'v mut Value> {
    let mut at = root;
    for name in pointer.split('/').skip(1) {
        let name = name.replace("~1", "/").replace("~0", "~");
        at = match at {
            Value::Object(map) => map.entry(name).or_insert_with(|| Value::Object(Map::new())),
            Value::Array(items) => items.get_mut(name.parse::<usize>().ok()?)?,
            _ => return None,
        };
    }
    Some(at)
}

#[cfg(test)]
mod tests {
    use kaiban_findings::Place;
    use serde_json::json;

    use super::*;

    fn change(pointer: &str, value: Option<Value>) -> Change {
        Change { pointer: pointer.into(), value, place: Place::Whole }
    }

    #[test]
    fn places_are_put_appended_and_taken_away() {
        let form = json!({ "people": [{ "key": "a" }, { "key": "b" }], "name": "x" });
        let changes = [
            change("/people/-", Some(json!({ "key": "c" }))),
            change("/people/1", None),
            change("/seals/kinds", Some(json!(["official"]))),
            change("/name", None),
        ];
        let changed = apply(form, &changes).unwrap();
        assert_eq!(changed, json!({ "people": [{ "key": "a" }, { "key": "c" }], "seals": { "kinds": ["official"] } }));
    }

    #[test]
    fn a_place_that_is_not_there_is_named() {
        for pointer in ["/people/7/key", "/people/-", "/name/first", "name"] {
            let form = json!({ "people": [], "name": "x" });
            let error = apply(form, &[change(pointer, None)]).unwrap_err();
            assert_eq!(error.pointer, pointer);
        }
    }
}
