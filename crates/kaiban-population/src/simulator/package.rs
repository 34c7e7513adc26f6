//! Random packages, written as the files that a person would write and read by the product's own loader.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use kaiban_definition::{Definition, Files, load_package};
use kaiban_findings::Finding;
use serde_json::{Value, json};

use super::landscape::{DIVISIONS, Landscape, PARTIES};
use crate::draw::Lot;

const FORM_SCHEMA: &str = r#"{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "type": "object",
  "additionalProperties": false,
  "required": ["name", "registrar", "count", "paper", "people"],
  "properties": {
    "name": { "type": "string", "minLength": 1, "maxLength": 40 },
    "registrar": { "type": "string", "format": "division" },
    "count": { "type": "integer", "minimum": 0, "maximum": 9 },
    "paper": { "type": "boolean" },
    "note": { "type": "string", "maxLength": 40 },
    "people": {
      "type": "object",
      "additionalProperties": false,
      "required": ["head", "others"],
      "properties": {
        "head": { "type": "string", "minLength": 1 },
        "others": { "type": "array", "maxItems": 5, "items": { "type": "string" } }
      }
    }
  }
}"#;

const RESULT_SCHEMA: &str = r#"{
  "type": "object",
  "additionalProperties": false,
  "required": ["number", "amount", "granted"],
  "properties": {
    "number": { "type": "string", "minLength": 1 },
    "amount": { "type": "integer", "minimum": 0, "maximum": 9 },
    "granted": { "type": "boolean" },
    "remark": { "type": "string" }
  }
}"#;

/// Places of the form that a correction can open, as shares name them and as pointers.
pub(super) const PLACES: [(&str, &str); 6] = [
    ("form.name", "/name"),
    ("form.count", "/count"),
    ("form.paper", "/paper"),
    ("form.note", "/note"),
    ("form.people.head", "/people/head"),
    ("form.people.others", "/people/others"),
];

/// A random package with forms and results to play it with.
#[derive(Debug)]
pub(super) struct Package {
    pub definition: Arc<Definition>,
    pub forms: Vec<Arc<Value>>,
    pub results: Vec<Arc<Value>>,
}

/// What the writer knows of a step that it wrote, so that the next ones stay sound.
struct Written {
    name: String,
    result: bool,
    /// It may end without a result.
    resultless: bool,
    /// Steps that have surely ended when it is offered.
    awaited: BTreeSet<usize>,
    /// Steps that may have ended.
    before: BTreeSet<usize>,
}

impl Package {
    /// Draws, writes and loads a package; the error names what the loader did not like.
    pub fn random(number: u64, lot: &mut Lot, land: &Landscape) -> Result<Self, String> {
        let name = format!("sim-{number}");
        let (text, any_result) = write(&name, lot);
        let mut files = Files::new();
        files.insert("workflow.yaml", text.clone());
        files.insert("form.schema.json", FORM_SCHEMA);
        if any_result {
            files.insert("result.schema.json", RESULT_SCHEMA);
        }
        let (definition, findings) = load_package(&name, &files, &land.directory, &land.calendars);
        let Some(definition) = definition else {
            let errors: Vec<String> = findings.iter().filter(|f| f.is_error()).map(Finding::to_string).collect();
            return Err(format!("a sound package was refused: {}\n{text}", errors.join("; ")));
        };
        let forms = (0..24).map(|_| Arc::new(form(lot))).collect();
        let results = (0..8).map(|_| Arc::new(result(lot))).collect();
        Ok(Self { definition: Arc::new(definition), forms, results })
    }
}

/// A form that fits; a quarter of them come without the optional note.
fn form(lot: &mut Lot) -> Value {
    let mut form = json!({
        "name": format!("企业{}", lot.below(1000)),
        "registrar": *lot.pick(&DIVISIONS),
        "count": lot.below(10),
        "paper": lot.chance(0.5),
        "people": { "head": "甲", "others": ["乙", "丙"] },
    });
    if lot.chance(0.75) {
        form["note"] = json!(*lot.pick(&["x", "y"]));
    }
    form
}

fn result(lot: &mut Lot) -> Value {
    json!({ "number": format!("N{}", lot.below(1000)), "amount": lot.below(10), "granted": lot.chance(0.5) })
}

/// Text of `workflow.yaml`, and whether any step has a result.
fn write(name: &str, lot: &mut Lot) -> (String, bool) {
    let mut out = String::with_capacity(4096);
    let _ = write!(
        out,
        "workflow: {name}\nversion: \"1\"\neffective_from: 2020-01-01\ntitle: {{ zh: 模拟流程, en: Simulated flow }}\n\
         form: form.schema.json\nregistrar: form.registrar\nsubject: form.name\ncloses: done\n"
    );
    if lot.chance(0.4) {
        let party = *lot.pick(&PARTIES);
        let when = if lot.chance(0.7) { "when: 'case.doubts > 0', " } else { "" };
        let days = lot.range(1, 5);
        let _ = writeln!(out, "intake: {{ party: {party}, {when}deemed_within: {days} working days }}");
    }
    if lot.chance(0.8) {
        out.push_str("promise:\n");
        if lot.chance(0.5) {
            out.push_str("  - { from: 2020-01-01, when: 'case.registrar == \"350100\"', within: 5 working hours }\n");
        }
        out.push_str("  - { from: 2020-01-01, within: 1 working day }\n");
    }
    out.push_str("steps:\n");
    let count = lot.range(1, 8);
    let mut steps: Vec<Written> = Vec::new();
    for _ in 0..count {
        let step = write_step(&mut out, &steps, lot);
        steps.push(step);
    }
    (out, steps.iter().any(|step| step.result))
}

fn write_step(out: &mut String, earlier: &[Written], lot: &mut Lot) -> Written {
    let index = earlier.len();
    let name = if lot.chance(0.5) { format!("s{index}") } else { format!("step_{index}") };
    let mut step =
        Written { name, result: lot.chance(0.5), resultless: false, awaited: BTreeSet::new(), before: BTreeSet::new() };
    let mut needs: Vec<(usize, bool)> = Vec::new();
    for (other, written) in earlier.iter().enumerate() {
        if !lot.chance(1.6 / (index as f64 + 1.0)) {
            continue;
        }
        let conditional = lot.chance(0.25);
        needs.push((other, conditional));
        step.before.insert(other);
        step.before.extend(&written.before);
        if !conditional {
            step.awaited.insert(other);
            step.awaited.extend(&written.awaited);
        }
        step.resultless |= written.resultless;
    }
    let _ = write!(out, "  {}:\n    title: {{ zh: 环节, en: Step }}\n    party: {}\n", step.name, lot.pick(&PARTIES));
    let needs: Vec<String> = needs
        .iter()
        .map(|&(other, conditional)| {
            let name = &earlier[other].name;
            if conditional {
                format!("{{ step: {name}, when: '{}' }}", guard(&step, earlier, lot))
            } else {
                name.clone()
            }
        })
        .collect();
    let _ = writeln!(out, "    needs: [{}]", needs.join(", "));
    if lot.chance(0.25) {
        let _ = writeln!(out, "    when: '{}'", guard(&step, earlier, lot));
        step.resultless = true;
    }
    let _ = writeln!(out, "    counts: {}", lot.chance(0.6));
    if lot.chance(0.4) {
        let _ = writeln!(out, "    within: {} working hours", lot.range(1, 6));
    }
    let _ = writeln!(out, "    shares: [{}]", shares(&step, earlier, lot).join(", "));
    if step.result {
        out.push_str("    result: result.schema.json\n");
    }
    if lot.chance(0.5) {
        let _ = writeln!(out, "    retries: {}", lot.range(0, 3));
    }
    out.push_str("    outcomes:\n      approve: {}\n");
    if lot.chance(0.2) {
        out.push_str("      waive: { title: { zh: 容缺通过, en: Waive } }\n");
    }
    if lot.chance(0.5) {
        out.push_str("      correct: { asks: applicant }\n");
    }
    if lot.chance(0.2) {
        out.push_str("      decline: { ends: branch, adverse: true, law: 行政许可法 §38 }\n");
        step.resultless = true;
    } else if lot.chance(0.1) {
        out.push_str("      leave: { title: { zh: 自愿放弃, en: Leave }, ends: branch }\n");
        step.resultless = true;
    }
    if lot.chance(0.2) {
        out.push_str("      refuse: { adverse: true, closes: refused, law: 市场主体登记管理条例 §20 }\n");
    }
    step
}

/// A guard that the step may have: it reads only what is sure to be there, but for the note, now and then.
fn guard(step: &Written, earlier: &[Written], lot: &mut Lot) -> String {
    let readable: Vec<&Written> = step.awaited.iter().map(|other| &earlier[*other]).filter(|o| o.result).collect();
    if !readable.is_empty() && lot.chance(0.4) {
        let other = *lot.pick(&readable);
        let read = format!("results.{}.amount > {}", other.name, lot.range(0, 9));
        return if other.resultless { format!("has(results.{}) && {read}", other.name) } else { read };
    }
    match lot.below(20) {
        0 => "form.note == \"x\"".to_owned(),
        1..=3 => "has(form.note) && form.note == \"x\"".to_owned(),
        4..=8 => "form.paper".to_owned(),
        9..=11 => format!("case.registrar == \"{}\"", lot.pick(&DIVISIONS)),
        12..=13 => "case.doubts == 0".to_owned(),
        14 => "form.people.others.size() > 1".to_owned(),
        _ => format!("form.count > {}", lot.range(0, 9)),
    }
}

fn shares(step: &Written, earlier: &[Written], lot: &mut Lot) -> Vec<String> {
    let mut shares: Vec<String> =
        PLACES.iter().filter(|_| lot.chance(0.5)).map(|(share, _)| (*share).to_owned()).collect();
    for other in step.before.iter().map(|other| &earlier[*other]).filter(|other| other.result) {
        match lot.below(4) {
            0 => shares.push(format!("results.{}", other.name)),
            1 => shares.push(format!("results.{}.number", other.name)),
            _ => {}
        }
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::Draw;

    #[test]
    fn random_packages_load() {
        let land = Landscape::new().unwrap();
        let mut lot = Draw::new(5).stream();
        for number in 0..300 {
            let package = Package::random(number, &mut lot, &land).unwrap();
            for form in &package.forms {
                assert!(package.definition.form.check(form).is_empty());
            }
            for step in package.definition.steps.values() {
                let checks =
                    |schema: &kaiban_definition::Schema| package.results.iter().all(|r| schema.check(r).is_empty());
                assert!(step.result.as_ref().is_none_or(checks));
            }
        }
    }
}
