//! What the cases of these tests live in: packages, offices and calendars that are kept beside the tests, small packages
//! that a test writes down, and the forms and results to play them with. The packages are old and plain on purpose: what
//! offices do in them is what most offices do, and journals that were recorded with them stay readable.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, LazyLock, Mutex};

use kaiban_definition::{Definition, Files, Workflows, load, load_package, render};
use serde_json::{Value, json};

static SHIPPED: LazyLock<Workflows> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/workflows");
    let mut files = Files::new();
    read(&folder, &folder, &mut files);
    let (workflows, findings) = load(&files);
    assert!(findings.is_empty(), "{}", render(&findings, &files));
    workflows.definitions.iter().for_each(|def| keep(def, &files));
    workflows
});

/// What a database keeps of packages: their files, by digest.
static KEPT: Mutex<BTreeMap<String, BTreeMap<String, String>>> = Mutex::new(BTreeMap::new());

fn keep(def: &Definition, files: &Files) {
    let files = files.package(&def.workflow).as_map().clone();
    KEPT.lock().unwrap().insert(def.digest.clone(), files);
}

/// The files of a package that a test has used.
#[allow(dead_code, reason = "the bench records nothing")]
pub fn files_of(digest: &str) -> Option<BTreeMap<String, String>> {
    KEPT.lock().unwrap().get(digest).cloned()
}

fn read(root: &Path, folder: &Path, files: &mut Files) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read(root, &path, files);
        } else {
            let name = path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
            files.insert(name, std::fs::read_to_string(&path).unwrap());
        }
    }
}

/// Everything under `workflows/`.
pub fn shipped() -> &'static Workflows {
    &SHIPPED
}

/// A shipped package.
pub fn package(name: &str) -> Arc<Definition> {
    Arc::clone(SHIPPED.definition(name).unwrap())
}

/// The form that both shipped packages take: a limited company that wants its invoices electronically.
pub fn company(registrar: &str) -> Value {
    json!({
        "registrar": registrar,
        "kind": "limited-company",
        "name": "福州榕溪茶业有限公司",
        "business_scope": ["食品销售", "茶具销售"],
        "capital_fen": 100_000_000,
        "domicile": { "division": "350102", "address": "福州市鼓楼区东街口 1 号 302 室", "use": "rented" },
        "legal_representative": { "name": "林舒", "citizen_id": "350102199003078313", "phone": "13900000000" },
        "investors": [
            { "kind": "person", "name": "林舒", "citizen_id": "350102199003078313", "amount_fen": 60_000_000 },
            { "kind": "organisation", "name": "福州榕溪投资有限公司", "uscc": "91350100MA2XN0014K", "amount_fen": 40_000_000 }
        ],
        "contact": { "name": "陈知远", "phone": "13700000000", "email": "zhiyuan@example.com" },
        "seals": { "count": 4 },
        "invoices": { "paper": false, "kinds": ["vat-ordinary"], "monthly": 25 },
        "social_insurance": { "employees": 3 },
        "housing_fund": { "ratio": 8, "bank": "榕荫银行" },
        "delivery": { "way": "counter" }
    })
}

/// The same company with a shareholder whose code dates from Fujian's pilot: lawful, and a doubt.
#[allow(dead_code, reason = "the bench has no doubtful forms")]
pub fn doubtful_company(registrar: &str) -> Value {
    with(company(registrar), "/investors/1/uscc", json!("91350211M0000XUF46"))
}

/// A form or result with one place changed.
#[allow(dead_code, reason = "the bench changes nothing")]
pub fn with(mut value: Value, pointer: &str, part: Value) -> Value {
    *value.pointer_mut(pointer).unwrap() = part;
    value
}

/// A result that a step's schema takes.
pub fn result_of(definition: &Definition, step: &str) -> Option<Value> {
    let schema = definition.step(step)?.result.as_ref()?;
    let candidates = [
        json!({ "number": "N1", "granted": true }),
        json!({ "uscc": "91350100MA2XN0014K" }),
        json!({ "uscc": "91350100MA2XN0014K", "issued_on": "2026-03-02" }),
        json!({ "numbers": ["3501001234560", "3501001234561"], "filed_on": "2026-03-02" }),
        json!({ "kinds": ["vat-ordinary"], "monthly": 25, "ready_on": "2026-03-02" }),
        json!({ "unit_number": "350112345678", "registered_on": "2026-03-02" }),
        json!({ "account": "591123456789", "opened_on": "2026-03-02" }),
        json!({ "way": "counter", "handed_over_on": "2026-03-02" }),
    ];
    Some(candidates.into_iter().find(|candidate| schema.check(candidate).is_empty()).expect("a sample result fits"))
}

const SMALL: &str = r#"workflow: small
version: "1"
effective_from: 2020-01-01
title: { zh: 小流程, en: A small flow }
form: form.schema.json
registrar: form.registrar
subject: form.name
closes: done
"#;

const SMALL_FORM: &str = r#"{
  "type": "object",
  "additionalProperties": false,
  "required": ["registrar", "name", "paper", "count"],
  "properties": {
    "registrar": { "type": "string", "format": "division" },
    "name": { "type": "string", "minLength": 1 },
    "paper": { "type": "boolean" },
    "count": { "type": "integer" },
    "code": { "type": "string", "format": "uscc" },
    "people": {
      "type": "array",
      "items": { "type": "object", "properties": { "name": { "type": "string" } } }
    }
  }
}"#;

const SMALL_RESULT: &str = r#"{
  "type": "object",
  "additionalProperties": false,
  "required": ["number", "granted"],
  "properties": { "number": { "type": "string" }, "granted": { "type": "boolean" } }
}"#;

/// A package that a test writes down: promises, intake and steps; the rest is always the same. Its parties and
/// calendars are the shipped ones, its form is [`small_form`], results are of `result.schema.json`.
#[allow(dead_code, reason = "the bench runs a plain package")]
pub fn small(rest: &str) -> Arc<Definition> {
    let mut files = Files::new();
    let rest = &told(rest);
    files.insert("small/workflow.yaml", format!("{SMALL}{rest}"));
    files.insert("small/form.schema.json", SMALL_FORM);
    if rest.contains("result.schema.json") {
        files.insert("small/result.schema.json", SMALL_RESULT);
    }
    letters("small", rest, &mut files);
    let (definition, findings) = load_package("small", &files.folder("small"), &SHIPPED.directory, &SHIPPED.calendars);
    let definition = definition.unwrap_or_else(|| panic!("{}", render(&findings, &files)));
    keep(&definition, &files);
    Arc::new(definition)
}

/// The package with the letter that every correction is told with; a test that cares writes it down itself.
fn told(rest: &str) -> String {
    let asks = |line: &str| line.contains("asks: applicant") && line.contains('{') && !line.contains("letter:");
    let with = |line: &str| match line {
        _ if asks(line) => line.replace("asks: applicant", "asks: applicant, letter: correction"),
        _ => line.to_owned(),
    };
    let told: Vec<String> = rest.lines().map(with).collect();
    let told = told.join("\n");
    if !told.contains("letter: correction") || told.contains("\n  correction:") {
        return told;
    }
    let letter = "letters:\n  correction: { title: { zh: 补正告知书, en: Correction }, number: 补字 }\n";
    match told.split_once("letters:\n") {
        Some((before, after)) => format!("{before}{letter}{after}"),
        None => format!("{letter}{told}"),
    }
}

/// The letters that a package names; what they say does not matter here.
#[allow(dead_code, reason = "the bench runs a plain package")]
fn letters(package: &str, rest: &str, files: &mut Files) {
    for (letter, title) in
        [("receipt", "收件凭证"), ("correction", "补正告知书"), ("promise", "告知承诺书"), ("revocation", "撤销决定书")]
    {
        if rest.contains(&format!("{letter}: {{ title:")) {
            files.insert(format!("{package}/letters/{letter}.html.hbs"), format!("<h1>{title}</h1>"));
            files.insert(format!("{package}/letters/{letter}.txt.hbs"), format!("{title}\n"));
        }
    }
}

/// A form of a small package.
#[allow(dead_code, reason = "the bench runs a plain package")]
pub fn small_form(registrar: &str) -> Value {
    json!({ "registrar": registrar, "name": "榕溪茶业", "paper": false, "count": 1 })
}

const SHOP: &str = r#"workflow: shop
version: "1"
effective_from: 2020-01-01
title: { zh: 开一家店, en: Opening a shop }
form: form.schema.json
registrar: form.registrar
subject: form.name
closes: opened
"#;

const SHOP_FORM: &str = r#"{
  "type": "object",
  "additionalProperties": false,
  "required": ["registrar", "name", "count", "wanted", "people"],
  "properties": {
    "registrar": { "type": "string", "format": "division" },
    "name": { "type": "string", "minLength": 1 },
    "count": { "type": "integer" },
    "wanted": { "type": "boolean" },
    "note": { "type": "string" },
    "proof": { "type": "string", "pattern": "^sha256:[0-9a-f]{64}$" },
    "phone": { "type": "string" },
    "people": {
      "type": "array",
      "maxItems": 20,
      "items": {
        "type": "object",
        "additionalProperties": false,
        "required": ["key", "name", "known"],
        "properties": {
          "key": { "type": "string", "pattern": "^[a-z0-9-]+$", "maxLength": 40 },
          "name": { "type": "string" },
          "phone": { "type": "string" },
          "known": { "type": "boolean" }
        }
      }
    }
  }
}"#;

/// A package that a test writes down, for what goes beyond [`small`]: lists, wishes, letters. Its form is
/// [`shop_form`], results are of `result.schema.json`; letters may be `receipt` and `correction`.
#[allow(dead_code, reason = "the bench runs a plain package")]
pub fn shop(rest: &str) -> Arc<Definition> {
    let mut files = Files::new();
    let rest = &told(rest);
    files.insert("shop/workflow.yaml", format!("{SHOP}{rest}"));
    files.insert("shop/form.schema.json", SHOP_FORM);
    if rest.contains("result.schema.json") {
        files.insert("shop/result.schema.json", SMALL_RESULT);
    }
    letters("shop", rest, &mut files);
    let (definition, findings) = load_package("shop", &files.folder("shop"), &SHIPPED.directory, &SHIPPED.calendars);
    let definition = definition.unwrap_or_else(|| panic!("{}", render(&findings, &files)));
    keep(&definition, &files);
    Arc::new(definition)
}

/// A form of a shop at the city bureau, with these people.
#[allow(dead_code, reason = "the bench runs a plain package")]
pub fn shop_form(people: &[&str]) -> Value {
    let person = |key: &&str| json!({ "key": key, "name": format!("{key}先生"), "known": false });
    json!({
        "registrar": "350100",
        "name": "榕溪茶业",
        "count": 1,
        "wanted": false,
        "people": people.iter().map(person).collect::<Vec<_>>()
    })
}
