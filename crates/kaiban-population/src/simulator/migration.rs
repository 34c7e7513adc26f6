//! Half-way through a world every package gets a second version, and every case that can goes on by it. What comes then
//! meets cases of both.

use std::sync::Arc;

use kaiban_engine::{Actor, Command};

use super::shell::{Done, Errand};
use super::{Defect, World};

/// Why a case may stay where it is.
const LEFT: [&str; 2] = ["CASE_CLOSED", "NOT_MIGRATABLE"];

impl World<'_> {
    pub(super) fn move_on(&mut self) -> Result<(), Defect> {
        let versions = self.packages.len();
        let mut migrations = Vec::with_capacity(versions);
        for package in 0..versions {
            let (second, migration) = self.packages[package].second(self.shell.land)?;
            self.packages.push(second);
            migrations.push(migration);
        }
        for (number, running) in &mut self.cases {
            let migration = &migrations[running.package];
            let named = |step: &String| migration.renamed.contains_key(kaiban_definition::branch_parts(step).0);
            // What is still to be done outside comes back under the name that it went out with.
            let waits = running.errands.iter().any(|errand| match errand {
                Errand::Started { step, .. } => named(step),
                Errand::Effect(effect) => {
                    let told = serde_json::to_value(effect).unwrap_or_default();
                    told["step"].as_str().is_some_and(|step| named(&step.to_owned()))
                }
            });
            if waits {
                continue;
            }
            let package = &self.packages[running.package];
            let to = Arc::clone(&self.packages[running.package + versions].definition);
            let command = Command::Migrate { to, migration: Arc::clone(migration) };
            let actor = Actor::Admin { holder: "bureau".into() };
            self.run.report.steps += 1;
            match self.shell.apply(package, running, &command, None, actor) {
                Ok(Done::Events(count)) => {
                    self.run.report.events += count as u64;
                    running.package += versions;
                }
                Ok(Done::Rejected(reason)) if LEFT.contains(&reason) => {
                    self.run.report.rejected += 1;
                    self.run.report.reasons.insert(reason);
                }
                Ok(Done::Rejected(reason)) => {
                    return Err(Defect::of((*number, running), package, format!("left for {reason}")));
                }
                Err(reason) => return Err(Defect::of((*number, running), package, reason)),
            }
        }
        Ok(())
    }
}
