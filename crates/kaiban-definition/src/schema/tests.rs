use serde_json::json;

use super::*;

fn shown(schema: &Schema, value: Value) -> Vec<String> {
    let mut lines: Vec<String> = schema
        .check(&value)
        .into_iter()
        .map(|f| {
            let severity = if f.is_error() { "" } else { "doubt " };
            format!("{severity}{} {} | {} | {}", f.code, f.place, f.message.zh, f.message.en)
        })
        .collect();
    lines.sort();
    lines
}

fn person() -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["name", "phone"],
        "properties": {
            "name": { "title": "姓名", "description": "Name", "type": "string", "minLength": 2, "maxLength": 4 },
            "phone": { "title": "手机号码", "description": "Mobile number", "type": "string", "pattern": "^1[0-9]{10}$" },
            "uscc": { "title": "统一社会信用代码", "type": "string", "format": "uscc" },
            "division": { "title": "区划", "type": "string", "format": "division" },
            "born": { "title": "出生日期", "type": "string", "format": "date" },
            "shares": { "title": "出资", "type": "array", "minItems": 1, "maxItems": 2, "uniqueItems": true,
                        "items": { "title": "金额", "type": "integer", "minimum": 1, "exclusiveMaximum": 10, "multipleOf": 2 } },
            "kind": { "enum": ["a", "b"] },
            "office": { "$ref": "#/$defs/office" }
        },
        "$defs": { "office": { "title": "办公室", "type": "object", "required": ["room"],
                               "properties": { "room": { "title": "房间", "type": ["string", "integer"] } } } }
    })
}

#[test]
fn everything_wrong_is_told_at_once_and_no_value_is_quoted() {
    let schema = Schema::compile(person()).unwrap();
    let value = json!({
        "name": "秘", "uscc": "91350100M000100Y4Z", "division": "35010", "born": "2020-02-30",
        "shares": [11, 0, 11], "kind": "secret", "office": {}, "extra/field": "secret"
    });
    insta::assert_snapshot!(shown(&schema, value.clone()).join("\n"));
    assert!(!format!("{:?}", schema.check(&value)).contains("secret"));
}

#[test]
fn what_fits_has_no_findings() {
    let schema = Schema::compile(person()).unwrap();
    let value = json!({"name": "林舒", "phone": "13900000000", "office": {"room": 3}, "uscc": "91350100M000100Y43"});
    assert_eq!(schema.check(&value), []);
}

#[test]
fn a_doubt_stays_a_doubt_also_inside_a_branch() {
    let pilot = "91350100M0001TGQXM";
    let schema = Schema::compile(person()).unwrap();
    let found = schema.check(&json!({"name": "林舒", "phone": "13900000000", "uscc": pilot}));
    assert_eq!(found.len(), 1);
    assert!(!found[0].is_error());
    assert_eq!(found[0].place, Place::Pointer("/uscc".into()));

    let either = json!({"oneOf": [{"type": "string", "format": "uscc"}, {"type": "integer"}]});
    let found = Schema::compile(either).unwrap().check(&json!(pilot));
    assert_eq!(found.iter().map(Finding::is_error).collect::<Vec<_>>(), [false]);
}

#[test]
fn names_and_numbers_give_their_own_findings() {
    let schema = Schema::compile(json!({"type": "object", "properties": {
        "name": { "format": "company-name" }, "industry": { "format": "industry-code" }, "phone": { "format": "mobile" }
    }}))
    .unwrap();
    let codes = |value: Value| -> Vec<String> {
        let found = schema.check(&value);
        found.iter().map(|f| format!("{} {}{}", f.place, f.code, if f.is_error() { "" } else { "?" })).collect()
    };
    assert_eq!(codes(json!({"name": "福州榕光科技有限公司", "industry": "I6510", "phone": "13900000000"})), [""; 0]);
    let mut found = codes(json!({"name": "鼓楼区榕光公司", "industry": "A6510", "phone": "139"}));
    found.sort();
    assert_eq!(
        found,
        [
            "/industry UNKNOWN_SECTION",
            "/name DISTRICT_WITHOUT_CITY",
            "/name INDUSTRY_NOT_RECOGNISED?",
            "/name LIABILITY_MISSING",
            "/phone WRONG_SHAPE"
        ]
    );
    assert_eq!(codes(json!({"name": "福州榕堃科技有限公司"})), ["/name RARE_CHARACTER?"]);
}

#[test]
fn a_condition_names_the_field_that_stands_beside_it() {
    let schema = Schema::compile(json!({
        "type": "object",
        "properties": { "way": { "type": "string" }, "address": { "title": "邮寄地址", "description": "Postal address" } },
        "if": { "properties": { "way": { "const": "mail" } } },
        "then": { "required": ["address"] }
    }))
    .unwrap();
    assert_eq!(
        shown(&schema, json!({"way": "mail"})),
        ["REQUIRED /address | 缺少“邮寄地址”。 | Postal address is missing."]
    );
}

#[test]
fn a_flood_of_findings_ends() {
    let schema = Schema::compile(json!({"type": "object", "additionalProperties": false})).unwrap();
    let flood: serde_json::Map<String, Value> = (0..5_000).map(|n| (format!("f{n}"), json!(1))).collect();
    let found = schema.check(&Value::Object(flood));
    assert!(found.iter().take(5).all(|finding| finding.code == "UNKNOWN_FIELD"));
    assert_eq!(found.len(), FINDINGS_MAX);
    assert_eq!(found[FINDINGS_MAX - 1].code, "MORE_FINDINGS");
}

#[test]
fn pointers_that_a_form_could_have() {
    let schema = Schema::compile(person()).unwrap();
    for pointer in ["", "/name", "/shares", "/shares/0", "/shares/17", "/office/room", "/kind"] {
        assert!(schema.has(pointer), "{pointer}");
    }
    for pointer in ["name", "/", "/nobody", "/name/0", "/shares/first", "/shares/0/x", "/office/room/x"] {
        assert!(!schema.has(pointer), "{pointer}");
    }
    let free = Schema::compile(json!({"type": "object", "properties": {"note": {"type": "object"}}})).unwrap();
    assert!(free.has("/note/anything/below"));
    assert!(!free.has("/other"));
}

#[test]
fn a_circular_reference_ends() {
    let schema = Schema::compile(json!({
        "$ref": "#/$defs/tree",
        "$defs": { "tree": { "type": "object", "properties": { "child": { "$ref": "#/$defs/tree" } } } }
    }))
    .unwrap();
    assert!(schema.has("/child/child/child"));
    let round = Schema::compile(json!({"$defs": {"a": {"$ref": "#/$defs/a"}}, "type": "object"})).unwrap();
    assert!(round.has("/x"));
}

#[test]
fn types_and_requirements_are_known_without_an_input() {
    let schema = Schema::compile(person()).unwrap();
    let name = |text: &str| Part::Name(text.to_owned());
    let required = |path: &[Part]| schema.look(path).map(|field| field.required);
    assert_eq!(required(&[name("name")]), Some(true));
    assert_eq!(required(&[name("kind")]), Some(false));
    assert_eq!(required(&[name("office"), name("room")]), Some(true));
    assert_eq!(required(&[name("nobody")]), None);
    let kinds = |path: &[Part]| schema.look(path).map(|field| field.kinds.into_iter().collect::<Vec<_>>());
    assert_eq!(kinds(&[name("shares"), Part::Item]), Some(vec![Kind::Number]));
    assert_eq!(kinds(&[name("kind")]), Some(vec![Kind::Text]));
    assert_eq!(kinds(&[name("office"), name("room")]), Some(vec![Kind::Number, Kind::Text]));
}

#[test]
fn bad_schemas_are_refused_with_every_problem() {
    let codes = |schema: Value| -> Vec<String> {
        let findings = Schema::compile(schema).err().unwrap_or_default();
        findings.iter().map(|finding| format!("{} {}", finding.code, finding.place)).collect()
    };
    assert_eq!(
        codes(json!({"properties": {"a": {"$ref": "https://example.com/x.json"}, "format": {"format": "phone"}}})),
        ["SCHEMA_REMOTE_REF /properties/a/$ref", "SCHEMA_UNKNOWN_FORMAT /properties/format/format"]
    );
    assert_eq!(codes(json!({"$schema": "http://json-schema.org/draft-07/schema#"})), ["SCHEMA_DRAFT /$schema"]);
    assert_eq!(codes(json!({"type": "text", "minLength": -1})).len(), 2);
    assert_eq!(codes(json!({"pattern": "("})).len(), 1);
    assert_eq!(codes(json!({"$ref": "#/$defs/missing"})).len(), 1);
    assert_eq!(codes(json!({"const": {"$ref": "elsewhere"}})), [""; 0]);
}
