//! A small sound set of files to break.

use kaiban_definition::Files;

const WORKFLOW: &str = r#"workflow: small
version: "1"
effective_from: 2020-01-01
title: { zh: 小流程, en: A small flow }
form: form.schema.json
registrar: form.registrar
subject: form.name
closes: opened
intake: { party: bureau, when: case.doubts > 0, deemed_within: 5 working days }
promise:
  - { from: 2020-01-01, when: case.registrar == "350100", within: 5 working hours }
  - { from: 2020-01-01, within: 1 working day }
steps:
  registration:
    title: { zh: 登记, en: Registration }
    party: bureau
    counts: true
    within: 2 working hours
    shares: [form.name, form.people]
    result: licence.schema.json
    retries: 3
    outcomes:
      approve: {}
      correct: { asks: applicant, letter: correction }
      refuse: { adverse: true, closes: refused, law: 条例 §20 }
  check:
    title: { zh: 核对, en: Check }
    party: bureau
    counts: false
    shares: [form.name]
    outcomes: { done: {} }
  seal:
    title: { zh: 印章, en: Seal }
    party: carver
    needs: [registration]
    when: form.paper
    counts: false
    shares: [results.registration.uscc]
    result: seal.schema.json
    outcomes:
      done: {}
      decline: { adverse: true, ends: branch, law: 办法 §3 }
  delivery: # guard
    title: { zh: 出件, en: Delivery }
    party: bureau
    needs: [seal, check, { step: registration, when: form.paper }]
    counts: false
    shares: [form.name]
    outcomes: { done: {} }
letters:
  correction: { title: { zh: 补正告知书, en: Corrections }, number: 补字 }
"#;

const FORM: &str = r#"{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "表单",
  "type": "object",
  "additionalProperties": false,
  "required": ["registrar", "name", "paper", "people"],
  "properties": {
    "registrar": { "type": "string", "format": "division" },
    "name": { "title": "名称", "type": "string" },
    "paper": { "type": "boolean" },
    "note": { "type": "string" },
    "people": {
      "type": "object",
      "properties": { "head": { "type": "string" } }
    }
  }
}
"#;

const LICENCE: &str = r#"{
  "type": "object",
  "required": ["uscc"],
  "properties": { "uscc": { "type": "string", "format": "uscc" } }
}
"#;

const SEAL: &str = r#"{
  "type": "object",
  "required": ["number"],
  "properties": { "number": { "type": "string" } }
}
"#;

const DIVISIONS: &str = r#"divisions:
  - { code: "350100", title: { zh: 福州市, en: Fuzhou City }, kind: city, calendar: office }
  - { code: "350102", title: { zh: 鼓楼区, en: Gulou District }, kind: district, calendar: office }
"#;

const AGENCIES: &str = r#"parties:
  bureau:
    title: { zh: 登记机关, en: Bureau }
    offices:
      - { id: bureau-1, title: { zh: 一, en: One }, calendar: office, divisions: ["350100"] }
      - { id: bureau-2, title: { zh: 二, en: Two }, calendar: office, divisions: ["350102"],
          officers: [{ id: bureau-2-1, name: 林舒, sample: true }] }
  carver:
    title: { zh: 刻制单位, en: Carver }
    offices:
      - { id: carver-1, title: { zh: 一, en: One }, calendar: office, divisions: all } # carver
"#;

const BANKS: &str = r#"banks:
  - id: b01
    title: { zh: 榕荫银行, en: Rongyin Bank }
    sample: true
    outlets:
      - { id: b01-001, title: 榕荫银行东街口支行, division: "350102", calendar: office }
      - { id: b01-002, title: 榕荫银行市府支行, division: "350100", calendar: office }
"#;

const OFFICE: &str = include_str!("../../../../workflows/calendars/hall.yaml");
const ARRANGEMENT: &str = include_str!("../../../../workflows/calendars/cn.yaml");

/// The sound files.
pub fn sound() -> Files {
    let office = OFFICE.replace("calendar: hall", "calendar: office");
    let files = [
        ("small/workflow.yaml", WORKFLOW),
        ("small/form.schema.json", FORM),
        ("small/licence.schema.json", LICENCE),
        ("small/seal.schema.json", SEAL),
        ("small/letters/correction.html.hbs", "<h1>补正告知书</h1>\n"),
        ("small/letters/correction.txt.hbs", "补正告知书\n"),
        ("directory/divisions.yaml", DIVISIONS),
        ("directory/agencies.yaml", AGENCIES),
        ("directory/banks.yaml", BANKS),
        ("calendars/office.yaml", &office),
        ("calendars/cn.yaml", ARRANGEMENT),
    ];
    files.into_iter().map(|(path, text)| (path.to_owned(), text.to_owned())).collect()
}

/// The sound files with one text changed in one file.
pub fn with(path: &str, old: &str, new: &str) -> Files {
    changed(sound(), path, old, new)
}

/// Files with one text changed in one of them.
pub fn changed(mut files: Files, path: &str, old: &str, new: &str) -> Files {
    let text = files.get(path).unwrap_or_else(|| panic!("no file {path}"));
    assert!(text.contains(old), "{path} has no {old:?}");
    let text = text.replacen(old, new, 1);
    files.insert(path, text);
    files
}
