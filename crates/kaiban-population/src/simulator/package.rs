//! Random packages, written as the files that a person would write and read by the product's own loader.

use std::sync::Arc;

use kaiban_definition::{Definition, Effect, Files, Migration, MigrationFile, Work, load_package};
use kaiban_findings::Finding;
use serde_json::{Value, json};

use super::form;
use super::landscape::Landscape;
use super::writer::{self, LETTERS, Startable};
use crate::draw::Lot;

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

/// A random package with forms and results to play it with.
#[derive(Debug)]
pub(super) struct Package {
    pub definition: Arc<Definition>,
    /// Its `workflow.yaml`; shown where a run fails.
    pub text: String,
    pub forms: Vec<Arc<Value>>,
    pub results: Vec<Arc<Value>>,
    files: Files,
}

impl Package {
    /// Name of the package of that number.
    pub fn name(number: u64) -> String {
        format!("sim-{number}")
    }

    /// What other packages must know to start its cases.
    pub fn startable(&self) -> Startable {
        let outcomes = self.definition.steps.values().flat_map(|step| step.outcomes.values());
        let refuses = outcomes.into_iter().any(|outcome| matches!(outcome.effect, Effect::Closes(_)));
        Startable { name: self.definition.workflow.clone(), refuses }
    }

    /// Draws, writes and loads a package, whose steps may start cases of the other ones; the error names what the loader
    /// did not like.
    pub fn random(number: u64, startable: &[Startable], lot: &mut Lot, land: &Landscape) -> Result<Self, String> {
        let name = Self::name(number);
        let text = writer::write(&name, startable, lot);
        let mut files = Files::new();
        files.insert("workflow.yaml", text.workflow.clone());
        files.insert("form.schema.json", form::SCHEMA);
        if text.results {
            files.insert("result.schema.json", RESULT_SCHEMA);
        }
        for letter in LETTERS.into_iter().filter(|letter| text.letters || *letter == "correction") {
            files.insert(format!("letters/{letter}.html.hbs"), "<!doctype html>\n<p>{{form.name}}</p>\n");
            files.insert(format!("letters/{letter}.txt.hbs"), "文书\n{{form.name}}\n");
        }
        let (definition, findings) = load_package(&name, &files, &land.directory, &land.calendars);
        let Some(definition) = definition else {
            let errors: Vec<String> = findings.iter().filter(|f| f.is_error()).map(Finding::to_string).collect();
            return Err(format!("{}\na sound package was refused: {}", text.workflow, errors.join("; ")));
        };
        let forms = (0..24).map(|_| Arc::new(form::form(lot))).collect();
        let results = (0..8).map(|_| Arc::new(result(lot))).collect();
        Ok(Self { definition: Arc::new(definition), text: text.workflow, forms, results, files })
    }

    /// A second version, in which a step has another name, and how cases get there.
    pub fn second(&self, land: &Landscape) -> Result<(Self, Arc<Migration>), String> {
        let old = &self.definition;
        // The records of draws name their steps.
        let renamable = |step: &&String| !matches!(old.steps[*step].work, Work::Draw { .. });
        let step = old.order.iter().filter(renamable).nth(1).or(old.order.first()).cloned().unwrap_or_default();
        let name = format!("{step}x");
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        let words = self.text.split_inclusive(|c: char| !is_name(c));
        let text: String = words
            .map(|word| match word.strip_suffix(|c: char| !is_name(c)).unwrap_or(word) == step {
                true => word.replacen(&step, &name, 1),
                false => word.to_owned(),
            })
            .collect();
        let mut files = self.files.clone();
        files.insert("workflow.yaml", text.clone());
        let (definition, findings) = load_package(&old.workflow, &files, &land.directory, &land.calendars);
        let refused = |findings: Vec<Finding>| {
            let errors: Vec<String> = findings.iter().filter(|f| f.is_error()).map(Finding::to_string).collect();
            format!("{text}\na second version was refused: {}", errors.join("; "))
        };
        let definition = definition.ok_or_else(|| refused(findings))?;
        let mapping = format!("{{ workflow: {}, from: a, to: b, renamed: {{ {step}: {name} }} }}", old.workflow);
        let (file, findings) = MigrationFile::read("mapping.yaml", &mapping);
        let (migration, findings) = file.ok_or_else(|| refused(findings))?.check(old, &definition);
        let migration = migration.ok_or_else(|| refused(findings))?;
        let (forms, results) = (self.forms.clone(), self.results.clone());
        Ok((Self { definition: Arc::new(definition), text, forms, results, files }, Arc::new(migration)))
    }
}

fn result(lot: &mut Lot) -> Value {
    json!({ "number": format!("N{}", lot.below(1000)), "amount": lot.below(10), "granted": lot.chance(0.5) })
}

#[cfg(test)]
mod tests {
    use kaiban_definition::Schema;

    use super::*;
    use crate::draw::Draw;

    #[test]
    fn random_packages_load() {
        let land = Landscape::new().unwrap();
        let mut lot = Draw::new(5).stream();
        let earlier = [Startable { name: Package::name(1_000), refuses: true }];
        for number in 0..100 {
            let package = Package::random(number, &earlier, &mut lot, &land).unwrap();
            let day = kaiban_calendar::local_date(0);
            for form in &package.forms {
                let findings = package.definition.check_form(form, day);
                assert!(findings.iter().all(|finding| !finding.is_error()), "{findings:?}");
            }
            for step in package.definition.steps.values().filter(|step| step.party().is_some()) {
                let checks = |schema: &Schema| package.results.iter().all(|r| schema.check(r).is_empty());
                assert!(step.result.as_ref().is_none_or(checks));
            }
        }
    }
}
