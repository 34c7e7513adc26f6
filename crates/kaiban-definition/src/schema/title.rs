//! What a place of a form is called, in the titles of its schema.

use serde_json::Value;

use super::Schema;

/// References followed in a row; a schema that refers to itself for ever has no title.
const REFERENCES_MAX: usize = 16;

impl Schema {
    /// The titles on the way to a JSON pointer, `住所 / 详细地址`; a part without a title is called by its name, an element
    /// of a list by its number from 1.
    pub fn title_of(&self, pointer: &str) -> String {
        let mut at = Some(&self.source);
        let mut names = Vec::new();
        for part in pointer.split('/').skip(1) {
            let part = part.replace("~1", "/").replace("~0", "~");
            if let (Ok(index), Some(items)) = (part.parse::<usize>(), at.and_then(|schema| self.find(schema, "items")))
            {
                names.push(format!("第{}项", index + 1));
                at = Some(items);
                continue;
            }
            at = at.and_then(|schema| self.property(schema, &part));
            let title = at.and_then(|schema| self.find(schema, "title")).and_then(Value::as_str);
            names.push(title.map_or(part, str::to_owned));
        }
        names.join(" / ")
    }

    /// A keyword of a schema or of what it refers to.
    fn find<'s>(&'s self, mut schema: &'s Value, keyword: &str) -> Option<&'s Value> {
        for _ in 0..REFERENCES_MAX {
            if let Some(found) = schema.get(keyword) {
                return Some(found);
            }
            let reference = schema.get("$ref").and_then(Value::as_str)?;
            schema = self.source.pointer(reference.strip_prefix('#')?)?;
        }
        None
    }

    /// A property of a schema, wherever its parts declare it.
    fn property<'s>(&'s self, schema: &'s Value, name: &str) -> Option<&'s Value> {
        let own = self.find(schema, "properties").and_then(|properties| properties.get(name));
        own.or_else(|| {
            let parts = ["allOf", "anyOf", "oneOf"].into_iter().filter_map(|keyword| schema.get(keyword)?.as_array());
            let branches = ["then", "else"].into_iter().filter_map(|keyword| schema.get(keyword));
            parts.flatten().chain(branches).find_map(|part| self.property(part, name))
        })
    }
}
