//! Where two forms differ, as JSON pointers (RFC 6901).

use serde_json::Value;

/// Pointers of the outermost places that differ: a changed leaf, an added or removed member, an array of another length.
pub(super) fn difference(before: &Value, after: &Value) -> Vec<String> {
    let mut changed = Vec::new();
    compare(&mut String::new(), before, after, &mut changed);
    changed
}

fn compare(at: &mut String, before: &Value, after: &Value, changed: &mut Vec<String>) {
    match (before, after) {
        (Value::Object(old), Value::Object(new)) => {
            let names: std::collections::BTreeSet<&String> = old.keys().chain(new.keys()).collect();
            for name in names {
                below(at, &name.replace('~', "~0").replace('/', "~1"), |at| match (old.get(name), new.get(name)) {
                    (Some(old), Some(new)) => compare(at, old, new, changed),
                    _ => changed.push(at.clone()),
                });
            }
        }
        (Value::Array(old), Value::Array(new)) if old.len() == new.len() => {
            for (index, (old, new)) in old.iter().zip(new).enumerate() {
                below(at, &index.to_string(), |at| compare(at, old, new, changed));
            }
        }
        _ if before == after => {}
        // The same number in two ways of writing; whole numbers were compared above, exactly.
        (Value::Number(old), Value::Number(new)) if (old.is_f64() || new.is_f64()) && old.as_f64() == new.as_f64() => {}
        _ => changed.push(at.clone()),
    }
}

fn below(at: &mut String, name: &str, visit: impl FnOnce(&mut String)) {
    let length = at.len();
    at.push('/');
    at.push_str(name);
    visit(at);
    at.truncate(length);
}

#[cfg(test)]
mod tests {
    use super::difference;
    use serde_json::json;

    #[test]
    fn names_the_outermost_places_that_differ() {
        let before = json!({"a": 1, "b": {"c/d": [1, 2], "e": "x"}, "f": [1], "g": 2});
        let after = json!({"a": 1.0, "b": {"c/d": [1, 3], "e": "x"}, "f": [1, 2], "h": 2});
        assert_eq!(difference(&before, &after), ["/b/c~1d/1", "/f", "/g", "/h"]);
        assert!(difference(&before, &before).is_empty());
        let (large, larger) = (json!(9_007_199_254_740_992_i64), json!(9_007_199_254_740_993_i64));
        assert_eq!(difference(&large, &larger), [""]);
    }
}
