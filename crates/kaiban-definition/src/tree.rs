//! A YAML file as a tree in which every key and every value knows its place, so that the checks can say where.
//!
//! The tree is built without any expectation: a loader that let serde look for the fields would stop at the first one
//! that is missing or wrong. This is the only module that knows serde-saphyr.

use std::fmt;

use kaiban_findings::{Finding, Place};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::Spanned;
use serde_saphyr::options::{DuplicateKeyPolicy, MergeKeyPolicy};

/// A line and a column, both from 1, in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct At {
    pub line: u32,
    pub column: u32,
}

impl At {
    /// The first character of a file.
    pub const START: At = At { line: 1, column: 1 };

    /// The place in the file of that path.
    pub fn place(self, path: &str) -> Place {
        Place::File { path: path.to_owned(), line: self.line, column: self.column }
    }
}

/// A value with its place.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub at: At,
    pub content: Content,
}

/// What a node is.
#[derive(Clone, Debug)]
pub(crate) enum Content {
    Null,
    Bool(bool),
    Integer(i64),
    /// Neither 64-bit integer nor text; no package has a use for such numbers.
    Number,
    Text(String),
    List(Vec<Node>),
    /// In the order of the file; a key may stand here twice.
    Map(Vec<(Key, Node)>),
}

/// A key of a map with its place.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    pub at: At,
    pub name: String,
}

/// Parses one YAML (or JSON) document; the error is a finding `YAML_SYNTAX`.
pub(crate) fn parse(path: &str, text: &str) -> Result<Node, Box<Finding>> {
    let options = serde_saphyr::options! {
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        merge_keys: MergeKeyPolicy::Error,
        strict_booleans: true,
        // `when: !form.x` without quotes is a tag; ignoring it would lose the guard.
        reject_unsupported_tags: true,
    };
    match serde_saphyr::from_str_with_options::<Spanned<Content>>(text, options) {
        Ok(spanned) => Ok(node(spanned)),
        Err(error) => {
            let at = error.location().map_or(At::START, at);
            let detail = plain(&error.without_snippet().to_string());
            let finding = Finding::error(
                "YAML_SYNTAX",
                at.place(path),
                "此处不符合 YAML 语法，文件无法读取。",
                format!("This is not YAML: {detail}."),
            );
            Err(Box::new(if detail.contains("tag") {
                finding.with_help("以 ! 开头的条件要加引号。", "Put a guard that begins with `!` in quotes.")
            } else {
                finding.with_help("请检查缩进、引号和括号。", "Check indentation, quotes and brackets.")
            }))
        }
    }
}

/// The parser's message without the place that it repeats.
fn plain(message: &str) -> String {
    let line = message.lines().next().unwrap_or_default();
    let line = line.strip_prefix("error: ").unwrap_or(line);
    let end = line.find(" at line ").unwrap_or(line.len());
    line[..end].trim_end_matches('.').to_owned()
}

fn at(location: serde_saphyr::Location) -> At {
    let number = |value: u64| u32::try_from(value).unwrap_or(u32::MAX).max(1);
    At { line: number(location.line()), column: number(location.column()) }
}

fn node(spanned: Spanned<Content>) -> Node {
    Node { at: at(spanned.referenced), content: spanned.value }
}

impl<'de> Deserialize<'de> for Content {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ContentVisitor)
    }
}

struct ContentVisitor;

impl<'de> Visitor<'de> for ContentVisitor {
    type Value = Content;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Content, E> {
        Ok(Content::Null)
    }

    fn visit_none<E>(self) -> Result<Content, E> {
        Ok(Content::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Content, D::Error> {
        Content::deserialize(deserializer)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Content, E> {
        Ok(Content::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Content, E> {
        Ok(Content::Integer(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Content, E> {
        Ok(i64::try_from(value).map_or(Content::Number, Content::Integer))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Content, E> {
        Ok(Content::Number)
    }

    fn visit_str<E>(self, value: &str) -> Result<Content, E> {
        Ok(Content::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Content, E> {
        Ok(Content::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Content, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element::<Spanned<Content>>()? {
            items.push(node(item));
        }
        Ok(Content::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Content, A::Error> {
        let mut entries = Vec::new();
        while let Some((key, value)) = map.next_entry::<Spanned<String>, Spanned<Content>>()? {
            entries.push((Key { at: at(key.referenced), name: key.value }, node(value)));
        }
        Ok(Content::Map(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(node: &Node, out: &mut String) {
        let At { line, column } = node.at;
        match &node.content {
            Content::List(items) => {
                out.push_str(&format!("{line}:{column}["));
                items.iter().for_each(|item| show(item, out));
                out.push(']');
            }
            Content::Map(entries) => {
                out.push_str(&format!("{line}:{column}{{"));
                for (key, value) in entries {
                    out.push_str(&format!(" {}:{}={}=>", key.at.line, key.at.column, key.name));
                    show(value, out);
                }
                out.push('}');
            }
            other => out.push_str(&format!("{line}:{column}{other:?}")),
        }
    }

    #[test]
    fn every_key_and_value_knows_its_place() {
        let text = "a: 1\nb:\n  - { 中文: x, d: true }\n  - ~\na: 2020-01-01\n";
        let mut out = String::new();
        show(&parse("f", text).unwrap(), &mut out);
        assert_eq!(
            out,
            "1:1{ 1:1=a=>1:4Integer(1) 2:1=b=>3:3[3:5{ 3:7=中文=>3:11Text(\"x\") 3:14=d=>3:17Bool(true)}4:5Null] \
             5:1=a=>5:4Text(\"2020-01-01\")}"
        );
    }

    #[test]
    fn bad_yaml_says_where() {
        let finding = parse("f.yaml", "a: [1, 2\nb: 3\n").unwrap_err();
        assert_eq!(finding.code, "YAML_SYNTAX");
        assert_eq!(finding.place, At { line: 2, column: 2 }.place("f.yaml"));
        assert!(parse("f.yaml", "a: !unquoted\n").is_err());
    }
}
