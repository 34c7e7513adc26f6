//! Codes of a form: what the applicant reads.

use jiff::civil::{Date, date};
use kaiban_definition::{Needed, load};
use kaiban_findings::Finding;
use serde_json::{Value, json};

use crate::golden_of;
use crate::rich::rich;

const DAY: Date = date(2026, 11, 22);

fn form() -> Value {
    json!({
        "registrar": "350102", "name": "榕溪茶业", "rented": true, "proof": format!("sha256:{}", "0f".repeat(32)), "seal": false,
        "people": [{ "key": "head", "name": "林舒", "role": "head" }]
    })
}

fn check(form: &Value, on: Date) -> Vec<Finding> {
    let (workflows, _) = load(&rich());
    workflows.definition("rich").unwrap().check_form(form, on)
}

fn shown(findings: &[Finding]) -> Vec<String> {
    findings.iter().map(|finding| format!("{} {}", finding.code, finding.place)).collect()
}

#[test]
fn a_sound_form_has_no_finding() {
    assert_eq!(check(&form(), DAY), []);
}

/// Rules, keys and documents, in the order of the form.
#[test]
fn form_rules() {
    let mut form = form();
    form["people"] = json!([
        { "key": "head", "name": "林舒", "role": "head", "paid_by": "2032-01-01" },
        { "key": "head", "name": "陈", "role": "partner", "paid_by": "2031-11-22" },
        { "key": "Kind 1", "name": "林", "role": "child" }
    ]);
    form.as_object_mut().unwrap().remove("proof");
    let findings = check(&form, DAY);
    golden_of(
        "form_rules",
        &findings,
        &rich(),
        &["EVIDENCE_MISSING", "PAID_LATE", "DUPLICATE_KEY", "BRANCH_KEY_SHAPE"],
    );
    assert_eq!(
        shown(&findings),
        [
            "EVIDENCE_MISSING /proof",
            "PAID_LATE /people/0/paid_by",
            "DUPLICATE_KEY /people/1/key",
            "BRANCH_KEY_SHAPE /people/2/key",
            "EVIDENCE_MISSING /people/2/consent",
        ]
    );
}

/// A rule that is not yet, or no longer, law says nothing.
#[test]
fn rules_have_their_time() {
    let mut form = form();
    form["people"][0]["paid_by"] = json!("2045-01-01");
    let codes = |on| shown(&check(&form, on));
    assert_eq!(codes(date(2019, 12, 31)), Vec::<String>::new());
    assert_eq!(codes(date(2020, 1, 1)), ["PAID_LATE /people/0/paid_by"]);
    assert_eq!(codes(date(2030, 12, 31)), ["PAID_LATE /people/0/paid_by"]);
    assert_eq!(codes(date(2031, 1, 1)), Vec::<String>::new());
}

/// A rule that has no answer goes to the officer; it never blocks.
#[test]
fn rule_undecided() {
    let (workflows, _) = load(&crate::sound::changed(
        rich(),
        "rich/workflow.yaml",
        "broken: size(form.people) == 0",
        "broken: 'plus_days(form.name, 1) == form.name'",
    ));
    let findings = workflows.definition("rich").unwrap().check_form(&form(), DAY);
    golden_of("rule_undecided", &findings, &rich(), &["RULE_UNDECIDED"]);
    assert!(!findings[0].is_error());
}

/// One schema with a field for each keyword, and a value that each of them refuses.
#[test]
fn form_schema_codes() {
    let mut schema = json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["missing"],
        "properties": {
            "missing": { "type": "string" }, "type": { "type": "string" }, "short": { "minLength": 3 },
            "long": { "maxLength": 3 }, "listed": { "enum": ["a", "b"] }, "pattern": { "pattern": "^a$" },
            "format": { "format": "email" }, "small": { "minimum": 5 }, "large": { "maximum": 5 },
            "step": { "multipleOf": 5 }, "few": { "minItems": 2 }, "many": { "maxItems": 1 },
            "unique": { "uniqueItems": true }, "not": { "not": { "const": 1 } },
            "any": { "anyOf": [{ "const": 1 }, { "const": 2 }] },
            "one": { "oneOf": [{ "type": "integer" }, { "type": "number" }] },
            "contains": { "contains": { "const": 1 } }
        }
    });
    for field in schema["properties"].as_object_mut().unwrap().values_mut() {
        field["title"] = json!("项目");
        field["description"] = json!("The entry");
    }
    let schema = kaiban_definition::Schema::compile(schema).unwrap();
    let findings = schema.check(&json!({
        "type": 1, "short": "a", "long": "abcd", "listed": "c", "pattern": "b", "format": "x", "small": 1, "large": 9,
        "step": 3, "few": [1], "many": [1, 2], "unique": [1, 1], "not": 1, "any": 3, "one": 1, "contains": [2],
        "unknown": 1
    }));
    golden_of(
        "form_schema_codes",
        &findings,
        &rich(),
        &[
            "REQUIRED",
            "WRONG_TYPE",
            "TOO_SHORT",
            "TOO_LONG",
            "NOT_IN_LIST",
            "WRONG_SHAPE",
            "WRONG_FORMAT",
            "TOO_SMALL",
            "TOO_LARGE",
            "WRONG_STEP",
            "TOO_FEW",
            "TOO_MANY",
            "NOT_UNIQUE",
            "NOT_ALLOWED",
            "NO_VARIANT",
            "SEVERAL_VARIANTS",
            "MISSING_ITEM",
            "UNKNOWN_FIELD",
        ],
    );
}

#[test]
fn division_shape() {
    let mut form = form();
    form["registrar"] = json!("35");
    golden_of("division_shape", &check(&form, DAY), &rich(), &["DIVISION_SHAPE"]);
}

#[test]
fn more_findings() {
    let schema = kaiban_definition::Schema::compile(json!({ "additionalProperties": { "type": "string" } })).unwrap();
    let value: serde_json::Map<String, Value> = (0..300).map(|n| (format!("field-{n:03}"), json!(1))).collect();
    let findings = schema.check(&Value::Object(value));
    assert_eq!(findings.len(), kaiban_definition::FINDINGS_MAX);
    golden_of("more_findings", &findings[findings.len() - 1..], &rich(), &["MORE_FINDINGS"]);
}

#[test]
fn a_preview_says_what_runs_and_why() {
    let (workflows, _) = load(&rich());
    let rich = workflows.definition("rich").unwrap();
    let mut form = form();
    form["people"] =
        json!([{ "key": "a", "name": "甲", "role": "head" }, { "key": "b", "name": "乙", "role": "child" }]);
    let preview = rich.preview(&form, "350102", DAY);
    let needed: Vec<(&str, Needed)> = preview.iter().map(|one| (one.step.as_str(), one.needed)).collect();
    assert_eq!(
        needed,
        [
            ("name", Needed::Yes),
            ("people", Needed::Yes),
            ("premises", Needed::Yes),
            ("photo", Needed::Yes),
            ("visit", Needed::Yes),
            ("inspection", Needed::Later),
            ("review", Needed::Yes),
            ("seal", Needed::No),
            ("cool-off", Needed::Yes),
            ("follow-up", Needed::Yes),
            ("close", Needed::Later),
        ]
    );
    assert_eq!(preview[1].why.zh, "逐项办理，共 1 项。");
    assert_eq!((preview[0].party.as_deref(), preview[1].party.as_deref()), (None, Some("bureau")));
    let asked = rich.asked(&form, DAY);
    let asked: Vec<(&str, bool)> = asked.iter().map(|one| (one.pointer.as_str(), one.given)).collect();
    assert_eq!(asked, [("/proof", true), ("/people/1/consent", false)]);
}
