//! Turns the validator's errors into findings: a stable code, a Chinese and an English sentence that name the field and
//! the rule, never the value.

use std::collections::BTreeSet;

use jsonschema::ValidationError;
use jsonschema::error::{TypeKind, ValidationErrorKind as Error};
use kaiban_findings::{Finding, Place, Severity};
use serde_json::Value;

use super::formats;

/// How a person calls a field.
struct Label {
    zh: String,
    en: String,
}

/// Adds what the error says; `root` is the schema, `value` what was checked.
pub(super) fn error(root: &Value, value: &Value, error: &ValidationError<'_>, findings: &mut Vec<Finding>) {
    let pointer = error.instance_path().as_str();
    let at = |pointer: &str| Place::Pointer(pointer.to_owned());
    let label = label(root, error);
    let (zh, en) = (&label.zh, &label.en);
    let mut say = |code: &'static str, zh: String, en: String| findings.push(Finding::error(code, at(pointer), zh, en));
    match error.kind() {
        Error::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            let Label { zh, en } = field_label(root, error, name);
            let place = at(&format!("{pointer}/{}", escape(name)));
            findings.push(Finding::error("REQUIRED", place, format!("缺少“{zh}”。"), format!("{en} is missing.")));
        }
        Error::AdditionalProperties { unexpected } | Error::UnevaluatedProperties { unexpected } => {
            for name in unexpected {
                unknown_field(pointer, name, findings);
            }
        }
        Error::Type { kind } => {
            let (types_zh, types_en) = types(kind);
            say("WRONG_TYPE", format!("“{zh}”应为{types_zh}。"), format!("{en} must be {types_en}."));
        }
        Error::MinLength { limit: 1 } => {
            say("TOO_SHORT", format!("“{zh}”不能为空。"), format!("{en} must not be empty."))
        }
        Error::MinLength { limit } => say(
            "TOO_SHORT",
            format!("“{zh}”不得少于 {limit} 个字符。"),
            format!("{en} must have at least {limit} characters."),
        ),
        Error::MaxLength { limit } => say(
            "TOO_LONG",
            format!("“{zh}”不得超过 {limit} 个字符。"),
            format!("{en} must have at most {limit} characters."),
        ),
        Error::Enum { options } => {
            let (list_zh, list_en) =
                options.as_array().map(|options| (list(options, "、"), list(options, ", "))).unwrap_or_default();
            say("NOT_IN_LIST", format!("“{zh}”应为以下之一：{list_zh}。"), format!("{en} must be one of: {list_en}."))
        }
        Error::Constant { expected_value } => {
            let only = list(std::slice::from_ref(&**expected_value), "");
            say("NOT_IN_LIST", format!("“{zh}”只能是 {only}。"), format!("{en} must be {only}."))
        }
        Error::Pattern { .. } => {
            say("WRONG_SHAPE", format!("“{zh}”的写法不正确。"), format!("{en} is not written as it must be."))
        }
        Error::Minimum { limit } => {
            say("TOO_SMALL", format!("“{zh}”不得小于 {limit}。"), format!("{en} must be at least {limit}."))
        }
        Error::ExclusiveMinimum { limit } => {
            say("TOO_SMALL", format!("“{zh}”必须大于 {limit}。"), format!("{en} must be more than {limit}."))
        }
        Error::Maximum { limit } => {
            say("TOO_LARGE", format!("“{zh}”不得大于 {limit}。"), format!("{en} must be at most {limit}."))
        }
        Error::ExclusiveMaximum { limit } => {
            say("TOO_LARGE", format!("“{zh}”必须小于 {limit}。"), format!("{en} must be less than {limit}."))
        }
        Error::MultipleOf { multiple_of } => say(
            "WRONG_STEP",
            format!("“{zh}”必须是 {multiple_of} 的倍数。"),
            format!("{en} must be a multiple of {multiple_of}."),
        ),
        Error::MinItems { limit } => {
            say("TOO_FEW", format!("“{zh}”至少要有 {limit} 项。"), format!("{en} must have at least {limit} items."))
        }
        Error::MinProperties { limit } => say(
            "TOO_FEW",
            format!("“{zh}”至少要填 {limit} 个字段。"),
            format!("{en} must have at least {limit} fields."),
        ),
        Error::MaxItems { limit } => {
            say("TOO_MANY", format!("“{zh}”最多 {limit} 项。"), format!("{en} must have at most {limit} items."))
        }
        Error::AdditionalItems { limit } => {
            say("TOO_MANY", format!("“{zh}”最多 {limit} 项。"), format!("{en} must have at most {limit} items."))
        }
        Error::UnevaluatedItems { .. } => {
            say("TOO_MANY", format!("“{zh}”的项数过多。"), format!("{en} has too many items."))
        }
        Error::MaxProperties { limit } => {
            say("TOO_MANY", format!("“{zh}”最多填 {limit} 个字段。"), format!("{en} must have at most {limit} fields."))
        }
        Error::UniqueItems => {
            say("NOT_UNIQUE", format!("“{zh}”中有重复的项。"), format!("{en} has the same item twice."))
        }
        Error::Contains => {
            say("MISSING_ITEM", format!("“{zh}”中缺少必需的项。"), format!("{en} lacks an item that it must have."))
        }
        Error::Format { format } => match error.instance().as_str() {
            Some(text) if formats::NAMES.contains(&format.as_str()) => {
                let errors = formats::check(format, text).into_iter().filter(Finding::is_error);
                findings.extend(errors.map(|finding| Finding { place: at(pointer), ..finding }));
            }
            _ => {
                let (format_zh, format_en) = formats::words(format);
                say("WRONG_FORMAT", format!("“{zh}”不是{format_zh}。"), format!("{en} is not {format_en}."))
            }
        },
        // An object that may have no field at all; the error tells only of its first one.
        Error::FalseSchema if error.schema_path().as_str().ends_with("/additionalProperties") => {
            for name in value.pointer(pointer).and_then(Value::as_object).into_iter().flat_map(|map| map.keys()) {
                unknown_field(pointer, name, findings);
            }
        }
        Error::FalseSchema | Error::Not { .. } => say(
            "NOT_ALLOWED",
            format!("此处不应填写“{zh}”，或不应这样填写。"),
            format!("{en} may not be given here, or not like this."),
        ),
        Error::AnyOf { .. } | Error::OneOfNotValid { .. } => say(
            "NO_VARIANT",
            format!("“{zh}”不符合任何一种允许的填法。"),
            format!("{en} fits none of the ways to fill it in."),
        ),
        Error::OneOfMultipleValid { .. } => say(
            "SEVERAL_VARIANTS",
            format!("“{zh}”同时符合几种互斥的填法。"),
            format!("{en} fits several ways to fill it in that exclude each other."),
        ),
        Error::PropertyNames { .. } => say(
            "WRONG_SHAPE",
            format!("“{zh}”中有字段名写法不正确。"),
            format!("{en} has a field whose name is not written as it must be."),
        ),
        Error::ContentEncoding { .. }
        | Error::ContentMediaType { .. }
        | Error::FromUtf8 { .. }
        | Error::BacktrackLimitExceeded { .. }
        | Error::RegexEngineFailure { .. }
        | Error::Custom { .. }
        | Error::Referencing(_) => say("NOT_READABLE", format!("“{zh}”无法读取。"), format!("{en} cannot be read.")),
    }
}

/// Adds what the error says only as a doubt, also where it lies below a branch.
pub(super) fn doubts(error: &ValidationError<'_>, findings: &mut Vec<Finding>) {
    match error.kind() {
        Error::Format { format } if formats::NAMES.contains(&format.as_str()) => {
            let text = error.instance();
            let doubts = formats::check(format, text.as_str().unwrap_or_default());
            findings.extend(doubts.into_iter().filter(|finding| finding.severity == Severity::Doubt).map(|finding| {
                Finding { place: Place::Pointer(error.instance_path().as_str().to_owned()), ..finding }
            }));
        }
        Error::AnyOf { context } | Error::OneOfNotValid { context } | Error::OneOfMultipleValid { context } => {
            for below in context.iter().flatten() {
                doubts(below, findings);
            }
        }
        _ => {}
    }
}

fn unknown_field(pointer: &str, name: &str, findings: &mut Vec<Finding>) {
    let place = Place::Pointer(format!("{pointer}/{}", escape(name)));
    findings.push(Finding::error("UNKNOWN_FIELD", place, "没有这个字段。", "There is no such field."));
}

fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// The label of the value that the error is about.
fn label(root: &Value, error: &ValidationError<'_>) -> Label {
    let keyword = error.schema_path().as_str();
    let schema = keyword.rfind('/').and_then(|end| root.pointer(&keyword[..end]));
    let name = error.instance_path().as_str().rsplit('/').find(|part| !part.is_empty() && part.parse::<u32>().is_err());
    labelled(schema, name)
}

/// The label of a field of the value that the error is about.
fn field_label(root: &Value, error: &ValidationError<'_>, name: &str) -> Label {
    let keyword = error.schema_path().as_str();
    let parent = keyword.rfind('/').map(|end| &keyword[..end]).unwrap_or_default();
    // A condition (`then`) often only adds `required`; the field itself then stands beside the condition.
    let mut above = Some(parent);
    while let Some(pointer) = above {
        let field = root.pointer(pointer).and_then(|schema| schema.get("properties")?.get(name));
        let target = field.and_then(|field| field.get("$ref")?.as_str()?.strip_prefix('#'));
        let titled = [field, target.and_then(|pointer| root.pointer(pointer))];
        if let Some(schema) = titled.into_iter().flatten().find(|schema| schema.get("title").is_some()) {
            return labelled(Some(schema), Some(name));
        }
        above = pointer.rfind('/').map(|end| &pointer[..end]);
    }
    labelled(None, Some(name))
}

fn labelled(schema: Option<&Value>, name: Option<&str>) -> Label {
    let text = |keyword: &str| schema.and_then(|schema| schema.get(keyword)?.as_str());
    let name = name.unwrap_or_default();
    let or_form = |zh: bool| match (name, zh) {
        ("", true) => "填写内容".to_owned(),
        ("", false) => "The input".to_owned(),
        (name, true) => name.to_owned(),
        (name, false) => format!("`{name}`"),
    };
    let short = |text: &&str| text.chars().count() <= 60;
    Label {
        zh: text("title").map_or_else(|| or_form(true), str::to_owned),
        en: text("description")
            .filter(short)
            .map_or_else(|| or_form(false), |text| text.trim_end_matches('.').to_owned()),
    }
}

fn list(values: &[Value], comma: &str) -> String {
    let texts: Vec<String> =
        values.iter().map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned)).collect();
    texts.join(comma)
}

fn types(kind: &TypeKind) -> (String, String) {
    let names: BTreeSet<String> = match kind {
        TypeKind::Single(one) => BTreeSet::from([one.to_string()]),
        TypeKind::Multiple(several) => several.iter().map(|one| one.to_string()).collect(),
    };
    let words = |name: &str| match name {
        "string" => ("文本", "a text"),
        "integer" => ("整数", "a whole number"),
        "number" => ("数字", "a number"),
        "boolean" => ("true 或 false", "true or false"),
        "array" => ("列表", "a list"),
        "object" => ("一组字段", "a group of fields"),
        _ => ("空值", "null"),
    };
    let pairs: Vec<_> = names.iter().map(|name| words(name)).collect();
    let join = |pick: fn(&(&'static str, &'static str)) -> &'static str, or: &str| {
        pairs.iter().map(pick).collect::<Vec<_>>().join(or)
    };
    (join(|pair| pair.0, "或"), join(|pair| pair.1, " or "))
}
