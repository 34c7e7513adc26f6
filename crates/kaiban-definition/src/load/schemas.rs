//! The schema files of a package: the form and the results.

use std::collections::{BTreeMap, BTreeSet};

use kaiban_findings::{Finding, Place};
use serde_json::Value;

use super::draft::{Draft, DraftStep, DraftWork};
use super::reader::{Log, Spot};
use crate::files::Files;
use crate::schema::{Field, Kind, Part, Schema};
use crate::tree::{self, At, Content, Node};

/// What could be read. A schema with problems is there too, to be walked by whoever reads it.
#[derive(Default)]
pub(super) struct Schemas {
    pub form: Option<Schema>,
    /// By step; of a step with branches, what each branch gives.
    pub results: BTreeMap<String, Schema>,
    /// The form's fields in the order of its file.
    pub order: Vec<String>,
}

/// What is known of a place in a result.
pub(super) enum Found {
    /// The step's schema could not be read, or the step gives no result.
    Nothing,
    /// No result can have such a place.
    Impossible,
    Field(Field),
}

impl Schemas {
    /// A place in the result of a step. With `by_key` the result is an object of the branches' results.
    pub fn result(&self, step: &str, path: &[Part], by_key: bool) -> Found {
        let Some(schema) = self.results.get(step) else { return Found::Nothing };
        let below = match path {
            _ if !by_key => path,
            [] => return Found::Field(Field { kinds: BTreeSet::from([Kind::Object]), required: true }),
            // What walks an object by its keys gets the keys, what indexes it gets the values.
            [Part::Item] => return Found::Field(Field { kinds: BTreeSet::new(), required: true }),
            // Which keys there are is only known of a form.
            [Part::Name(_)] => return Found::Field(Field { kinds: BTreeSet::from([Kind::Object]), required: false }),
            [_, below @ ..] => below,
        };
        schema.look(below).map_or(Found::Impossible, Found::Field)
    }
}

/// Whether `viewer` sees the results of a step as an object by key. A step that undoes one of its branches sees that
/// branch's result alone.
pub(super) fn by_key(draft: &Draft, step: &str, viewer: Option<&DraftStep>) -> bool {
    let Some(seen) = draft.step(step) else { return false };
    let undone = viewer.is_some_and(|viewer| seen.undo.as_ref().is_some_and(|undo| undo.value == viewer.name.value));
    seen.for_each.is_some() && !undone
}

pub(super) fn load(package: &str, draft: &Draft, files: &Files, log: &mut Log<'_>) -> Schemas {
    let mut used = BTreeSet::new();
    let mut read = |file: &Spot<String>, log: &mut Log<'_>| {
        let first = used.insert(file.value.clone());
        let Some(text) = files.get(&file.value) else {
            let name = &file.value;
            log.error(file.at, "FILE_MISSING", format!("没有文件 {name}。"), format!("There is no file `{name}`."));
            return None;
        };
        let path = format!("{package}/{}", file.value);
        let (schema, mut findings) = compile(&path, text);
        // Two steps may use one file; its problems are told once.
        if first {
            log.findings.append(&mut findings);
        }
        schema
    };
    let mut schemas = Schemas { form: draft.form.as_ref().and_then(|file| read(file, log)), ..Schemas::default() };
    for step in &draft.steps {
        let schema = match &step.work {
            Some(DraftWork::Start { waits: true, .. }) => started(),
            Some(DraftWork::Prove(_)) => proved(),
            Some(DraftWork::Draw { .. }) => drawn(),
            _ => step.result.as_ref().and_then(|file| read(file, log)),
        };
        schemas.results.extend(schema.map(|schema| (step.name.value.clone(), schema)));
    }
    let form = draft.form.as_ref().and_then(|file| files.get(&file.value));
    schemas.order = form.and_then(|text| tree::parse("", text).ok()).map(|tree| order(&tree)).unwrap_or_default();
    let unused = files.iter().filter(|(path, _)| path.ends_with(".schema.json") && !used.contains(*path));
    for (path, _) in unused {
        log.findings.push(Finding::doubt(
            "UNUSED_FILE",
            At::START.place(&format!("{package}/{path}")),
            "没有环节使用这个文件。",
            "No step uses this file.",
        ));
    }
    schemas
}

/// What a step gives that waits for a case which it started.
fn started() -> Option<Schema> {
    Schema::compile(serde_json::json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["case", "outcome"],
        "properties": { "case": { "type": "string" }, "outcome": { "type": "string" } }
    }))
    .ok()
}

/// What a step gives that asks for a certificate: what stands for it.
fn proved() -> Option<Schema> {
    Schema::compile(serde_json::json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["way"],
        "properties": {
            "way": { "enum": ["evidence", "shared", "commitment"] },
            "person": { "type": "string" },
            "risk": { "type": "string" },
            "text_sha256": { "type": "string" }
        }
    }))
    .ok()
}

/// What a draw gives.
fn drawn() -> Option<Schema> {
    Schema::compile(serde_json::json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["draw", "drawn", "checkers"],
        "properties": {
            "draw": { "type": "string" },
            "drawn": { "type": "boolean" },
            "checkers": { "type": "array", "items": { "type": "string" } }
        }
    }))
    .ok()
}

/// Most fields whose order is remembered; what comes after keeps the order of the alphabet.
const ORDER_MAX: usize = 5_000;

/// Pointers of all fields, `*` for an item of a list, in the order in which the file describes them.
fn order(tree: &Node) -> Vec<String> {
    let mut order = Order { root: tree, known: BTreeSet::new(), pointers: Vec::new() };
    order.walk(tree, "", 0);
    order.pointers
}

struct Order<'n> {
    root: &'n Node,
    known: BTreeSet<String>,
    pointers: Vec<String>,
}

impl<'n> Order<'n> {
    fn walk(&mut self, node: &'n Node, pointer: &str, depth: usize) {
        let Content::Map(keywords) = &node.content else { return };
        if depth > 16 || self.pointers.len() > ORDER_MAX {
            return;
        }
        for (keyword, value) in keywords {
            match (keyword.name.as_str(), &value.content) {
                ("properties", Content::Map(fields)) => {
                    for (field, schema) in fields {
                        let below = format!("{pointer}/{}", field.name.replace('~', "~0").replace('/', "~1"));
                        if self.known.insert(below.clone()) {
                            self.pointers.push(below.clone());
                        }
                        self.walk(schema, &below, depth + 1);
                    }
                }
                ("items" | "additionalProperties", Content::Map(_)) => {
                    self.walk(value, &format!("{pointer}/*"), depth + 1);
                }
                ("allOf" | "anyOf" | "oneOf", Content::List(schemas)) => {
                    schemas.iter().for_each(|schema| self.walk(schema, pointer, depth + 1));
                }
                ("then" | "else", _) => self.walk(value, pointer, depth + 1),
                ("$ref", Content::Text(to)) => {
                    let target = to.strip_prefix('#').and_then(|inner| resolve(self.root, inner));
                    target.into_iter().for_each(|target| self.walk(target, pointer, depth + 1));
                }
                _ => {}
            }
        }
    }
}

fn resolve<'n>(root: &'n Node, pointer: &str) -> Option<&'n Node> {
    pointer.split('/').skip(1).try_fold(root, |node, segment| match &node.content {
        Content::Map(entries) => {
            let name = segment.replace("~1", "/").replace("~0", "~");
            entries.iter().find(|(key, _)| key.name == name).map(|(_, value)| value)
        }
        Content::List(items) => items.get(segment.parse::<usize>().ok()?),
        _ => None,
    })
}

/// None where there is nothing to be walked: no JSON, or no object.
fn compile(path: &str, text: &str) -> (Option<Schema>, Vec<Finding>) {
    let value: Value = match serde_json::from_str(text) {
        Ok(value) => value,
        Err(error) => return (None, vec![syntax(path, text, &error)]),
    };
    // JSON is YAML; the tree knows the places that serde_json forgets.
    let tree = tree::parse(path, text).ok();
    let place = |pointer: &str| tree.as_ref().map_or(At::START, |tree| find(tree, pointer)).place(path);
    let mut findings = Vec::new();
    if let Some(tree) = &tree {
        duplicates(tree, path, &mut findings);
    }
    let schema = Schema::compile(value.clone()).or_else(|found| {
        let outline = Schema::outline(value, &found);
        findings.extend(found.into_iter().map(|finding| match &finding.place {
            Place::Pointer(pointer) => Finding { place: place(pointer), ..finding },
            _ => finding,
        }));
        outline.ok_or(())
    });
    let Ok(schema) = schema else { return (None, findings) };
    let kinds = schema.look(&[]).map(|field| field.kinds).unwrap_or_default();
    if kinds == BTreeSet::from([Kind::Object]) {
        return (Some(schema), findings);
    }
    // A root that is not even valid is told already.
    if findings.is_empty() || !kinds.is_empty() {
        let finding = Finding::error(
            "SCHEMA_NOT_OBJECT",
            At::START.place(path),
            "表单和结果必须是对象。",
            "A form or a result must be an object.",
        );
        findings.push(finding.with_help("请写 \"type\": \"object\"。", "Write \"type\": \"object\"."));
    }
    (None, findings)
}

fn syntax(path: &str, text: &str, error: &serde_json::Error) -> Finding {
    let line = error.line().max(1);
    let before = text.lines().nth(line - 1).map(str::as_bytes).unwrap_or_default();
    let before = &before[..error.column().saturating_sub(1).min(before.len())];
    let column = String::from_utf8_lossy(before).chars().count() + 1;
    let number = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
    let message = error.to_string();
    let detail = message.split(" at line ").next().unwrap_or_default();
    Finding::error(
        "SCHEMA_SYNTAX",
        At { line: number(line), column: number(column) }.place(path),
        "此处不符合 JSON 语法，文件无法读取。",
        format!("This is not JSON: {detail}."),
    )
}

/// The place of a pointer: its key, or the value where it is an item of a list.
fn find(root: &Node, pointer: &str) -> At {
    let (mut node, mut at) = (root, root.at);
    for segment in pointer.split('/').skip(1) {
        let name = segment.replace("~1", "/").replace("~0", "~");
        let next = match &node.content {
            Content::Map(entries) => {
                entries.iter().rev().find(|(key, _)| key.name == name).map(|(key, value)| (value, key.at))
            }
            Content::List(items) => {
                name.parse::<usize>().ok().and_then(|index| items.get(index)).map(|item| (item, item.at))
            }
            _ => None,
        };
        let Some(next) = next else { break };
        (node, at) = next;
    }
    at
}

fn duplicates(node: &Node, path: &str, findings: &mut Vec<Finding>) {
    match &node.content {
        Content::List(items) => items.iter().for_each(|item| duplicates(item, path, findings)),
        Content::Map(entries) => {
            for (index, (key, value)) in entries.iter().enumerate() {
                if entries[..index].iter().any(|(earlier, _)| earlier.name == key.name) {
                    let name = &key.name;
                    findings.push(Finding::error(
                        "DUPLICATE_KEY",
                        key.at.place(path),
                        format!("{name} 写了两次。"),
                        format!("`{name}` stands here twice."),
                    ));
                }
                duplicates(value, path, findings);
            }
        }
        _ => {}
    }
}
