//! Forms and results: a JSON Schema 2020-12 that answers with findings a person can read.
//!
//! This module and those below it are the only ones that know jsonschema. Schemas may only refer into themselves:
//! nothing is ever fetched.

mod explain;
mod formats;
mod look;
mod public;
mod title;

use std::collections::HashSet;
use std::fmt;

use jsonschema::{Draft, PatternOptions, Validator};
use kaiban_findings::{Finding, Place};
use serde_json::Value;

pub(crate) use look::{DOCUMENT, Field, Kind, Part};
pub use public::{Described, Public};

pub use kaiban_limits::package::FINDINGS_MAX;

/// A schema that was checked and compiled.
pub struct Schema {
    source: Value,
    /// Accepts what is only doubtful.
    lenient: Validator,
    /// Rejects what is doubtful too; none where the schema uses no format that doubts.
    strict: Option<Validator>,
}

impl fmt::Debug for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Schema").field("source", &self.source).finish_non_exhaustive()
    }
}

impl Schema {
    /// Compiles a schema.
    ///
    /// # Errors
    /// Every problem of the schema, with a pointer into the schema as its place: `SCHEMA_INVALID`, `SCHEMA_DRAFT`,
    /// `SCHEMA_REMOTE_REF`, `SCHEMA_UNKNOWN_FORMAT`, `SCHEMA_UNKNOWN_KEYWORD`, `UNKNOWN_VALUE`, `NEVER_PUBLIC`.
    pub fn compile(source: Value) -> Result<Self, Vec<Finding>> {
        let mut findings = Vec::new();
        check_dialect(&source, &mut findings);
        check_keywords(&source, &source, &mut String::new(), true, &mut findings);
        // What another draft calls valid, this one need not.
        if !findings.iter().any(|finding| finding.code == "SCHEMA_DRAFT") {
            for error in jsonschema::draft202012::meta::validator().iter_errors(&source) {
                findings.push(invalid(error.instance_path().as_str(), &error.masked().to_string()));
            }
        }
        if !findings.is_empty() {
            return Err(findings);
        }
        let build = |doubts: bool| {
            let mut options = jsonschema::options()
                .with_draft(Draft::Draft202012)
                .offline()
                .should_validate_formats(true)
                .should_ignore_unknown_formats(false)
                .with_pattern_options(PatternOptions::regex());
            for format in formats::NAMES {
                options = options.with_format(format, move |text: &str| {
                    !formats::check(format, text).iter().any(|finding| doubts || finding.is_error())
                });
            }
            options
                .build(&source)
                .map_err(|error| vec![invalid(error.instance_path().as_str(), &error.masked().to_string())])
        };
        let lenient = build(false)?;
        let strict = if uses_own_format(&source) { Some(build(true)?) } else { None };
        Ok(Self { source, lenient, strict })
    }

    /// A schema with problems, only to be walked: what could be said against whatever reads it is said now, not when the
    /// problems are gone. It accepts every input, and any field where it is not valid. None where it cannot be that.
    pub(crate) fn outline(mut source: Value, problems: &[Finding]) -> Option<Self> {
        for problem in problems.iter().filter(|problem| problem.code == "SCHEMA_INVALID") {
            if let Place::Pointer(pointer) = &problem.place {
                open(&mut source, pointer);
            }
        }
        let lenient = jsonschema::draft202012::new(&Value::Bool(true)).ok()?;
        Some(Self { source, lenient, strict: None })
    }

    /// Everything that is wrong or doubtful, at once; places are pointers into `value`. No message quotes a value.
    ///
    /// Codes: REQUIRED, WRONG_TYPE, TOO_SHORT, TOO_LONG, NOT_IN_LIST, WRONG_SHAPE, WRONG_FORMAT, UNKNOWN_FIELD,
    /// TOO_SMALL, TOO_LARGE, WRONG_STEP, TOO_FEW, TOO_MANY, NOT_UNIQUE, NOT_ALLOWED, NO_VARIANT, SEVERAL_VARIANTS,
    /// MISSING_ITEM, NOT_READABLE, and the codes of the identifiers behind the formats `uscc`, `citizen-id`,
    /// `division`, `company-name`, `industry-code`, `mobile`, `landline`, `postcode`, `bank-code`.
    pub fn check(&self, value: &Value) -> Vec<Finding> {
        if self.strict.as_ref().unwrap_or(&self.lenient).is_valid(value) {
            return Vec::new();
        }
        let mut findings = Vec::new();
        for error in self.lenient.iter_errors(value) {
            explain::error(&self.source, value, &error, &mut findings);
            if findings.len() >= FINDINGS_MAX {
                break;
            }
        }
        if findings.is_empty() && !self.lenient.is_valid(value) {
            findings.push(Finding::error(
                "NOT_READABLE",
                Place::Whole,
                "填写内容无法读取。",
                "The input cannot be read.",
            ));
        }
        if let Some(strict) = &self.strict {
            for error in strict.iter_errors(value) {
                explain::doubts(&error, &mut findings);
                if findings.len() >= FINDINGS_MAX {
                    break;
                }
            }
        }
        let mut seen = HashSet::new();
        findings.retain(|finding| seen.insert((finding.code.clone(), finding.place.to_string())));
        if findings.len() >= FINDINGS_MAX {
            findings.truncate(FINDINGS_MAX - 1);
            findings.push(more_findings());
        }
        findings
    }

    /// The schema as it was written.
    pub fn source(&self) -> &Value {
        &self.source
    }

    /// Whether an input that fits the schema could have something at this JSON pointer. The empty pointer is the whole
    /// input. Under an object that names no field of its own, any name could be.
    pub fn has(&self, pointer: &str) -> bool {
        look::has(&self.source, pointer)
    }

    /// The most items that the list at a place can have, if the schema bounds it.
    pub(crate) fn items_max(&self, path: &[Part]) -> Option<u64> {
        look::items_max(&self.source, path)
    }

    /// The most characters that the text at a place can have, if the schema bounds it.
    pub(crate) fn length_max(&self, path: &[Part]) -> Option<u64> {
        look::length_max(&self.source, path)
    }

    /// Whether a list can be empty, or left out, in an input that fits the schema; `pointer` leads to it through objects.
    pub fn may_be_empty(&self, pointer: &str) -> bool {
        look::may_be_empty(&self.source, pointer)
    }

    /// Whether what stands at the place can only be a document: the text that an uploaded file is named by.
    pub(crate) fn is_document(&self, path: &[Part]) -> bool {
        look::is_document(&self.source, path)
    }

    /// What is known of the place that these parts lead to; none = there can be no such place.
    pub(crate) fn look(&self, path: &[Part]) -> Option<look::Field> {
        look::look(&self.source, path)
    }
}

/// Replaces the subschema in which something is not valid by one that says nothing.
fn open(source: &mut Value, pointer: &str) {
    const NAMED: [&str; 4] = ["properties", "patternProperties", "$defs", "dependentSchemas"];
    let (parent, _) = pointer.rsplit_once('/').unwrap_or_default();
    // The value of a keyword is no schema; a field of `properties` is one itself.
    let at = if parent.rsplit('/').next().is_some_and(|name| NAMED.contains(&name)) { pointer } else { parent };
    if let Some(found) = source.pointer_mut(at) {
        *found = Value::Bool(true);
    }
}

/// What stands for the findings that are not listed.
pub(crate) fn more_findings() -> Finding {
    Finding::error("MORE_FINDINGS", Place::Whole, "问题过多，其余未列出。", "There are more problems than are listed.")
}

fn invalid(pointer: &str, detail: &str) -> Finding {
    Finding::error(
        "SCHEMA_INVALID",
        Place::Pointer(pointer.to_owned()),
        "此处不是有效的 JSON Schema 2020-12。",
        format!("This is not valid JSON Schema 2020-12: {detail}."),
    )
}

fn check_dialect(source: &Value, findings: &mut Vec<Finding>) {
    let dialect = source.get("$schema").and_then(Value::as_str);
    if dialect.is_some_and(|uri| uri.trim_end_matches('#') != "https://json-schema.org/draft/2020-12/schema") {
        findings.push(Finding::error(
            "SCHEMA_DRAFT",
            Place::Pointer("/$schema".into()),
            "只支持 JSON Schema 2020-12。",
            "Only JSON Schema 2020-12 is supported.",
        ));
    }
}

/// Walks the whole schema for references out of it, formats that nobody would check, and what is called public and cannot
/// be. Keywords are recognised by their name and type alone; below `properties` and its like a name is a field, not a
/// keyword. `always` is false below conditions and choices.
fn check_keywords(root: &Value, node: &Value, pointer: &mut String, always: bool, findings: &mut Vec<Finding>) {
    let length = pointer.len();
    match node {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                pointer.push_str(&format!("/{index}"));
                check_keywords(root, item, pointer, always, findings);
                pointer.truncate(length);
            }
        }
        Value::Object(map) => {
            for (name, value) in map {
                pointer.push('/');
                pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
                match (name.as_str(), value) {
                    ("$ref" | "$dynamicRef", Value::String(to)) if !to.starts_with('#') => findings.push(
                        Finding::error(
                            "SCHEMA_REMOTE_REF",
                            Place::Pointer(pointer.clone()),
                            "$ref 只能指向本文件之内（以 # 开头）。",
                            "A $ref must stay inside its own file (begin with #).",
                        )
                        .with_help(
                            "请把所引用的定义放进本文件的 $defs。",
                            "Put the definition under $defs of this file.",
                        ),
                    ),
                    ("format", Value::String(format)) if !formats::is_known(format) => findings.push(
                        Finding::error(
                            "SCHEMA_UNKNOWN_FORMAT",
                            Place::Pointer(pointer.clone()),
                            "没有这种 format，填写内容将不会被校验。",
                            "There is no such format; nothing would be checked.",
                        )
                        .with_help(
                            "可用：uscc、citizen-id、division、company-name、industry-code、mobile、date、date-time、email 等。",
                            "Use uscc, citizen-id, division, company-name, industry-code, mobile, date, date-time, email or another \
                             standard format.",
                        ),
                    ),
                    ("properties" | "patternProperties" | "$defs" | "dependentSchemas", Value::Object(named)) => {
                        let length = pointer.len();
                        for (name, schema) in named {
                            pointer.push('/');
                            pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
                            check_keywords(root, schema, pointer, always, findings);
                            pointer.truncate(length);
                        }
                    }
                    ("const" | "enum" | "default" | "examples", _) => {}
                    (name, _) if public::is_own_keyword(name) => match always {
                        true => findings.extend(public::check(root, map, name, pointer)),
                        false => findings.push(public::below_a_choice(pointer)),
                    },
                    ("if" | "then" | "else" | "anyOf" | "oneOf" | "not", _) => {
                        check_keywords(root, value, pointer, false, findings);
                    }
                    _ => check_keywords(root, value, pointer, always, findings),
                }
                pointer.truncate(length);
            }
        }
        _ => {}
    }
}

fn uses_own_format(node: &Value) -> bool {
    match node {
        Value::Array(items) => items.iter().any(uses_own_format),
        Value::Object(map) => map.iter().any(|(name, value)| {
            (name == "format" && value.as_str().is_some_and(|format| formats::NAMES.contains(&format)))
                || uses_own_format(value)
        }),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
