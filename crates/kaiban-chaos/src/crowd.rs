//! Who comes with what: the simulated population, all of whose cases register with a few divisions, so that few offices
//! have much to do.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use kaiban_calendar::Calendars;
use kaiban_definition::{Definition, Directory, Files, load};
use kaiban_population::{Applicants, Application, Crowd, Habits};

/// The package that is played.
pub(crate) const WORKFLOW: &str = "business-start";

/// Where cases register: the city's busy bureau and a district.
pub(crate) const DIVISIONS: [&str; 2] = ["350100", "350102"];

/// Applicants before nobody comes any more.
const APPLICANTS: u64 = 200_000;

/// The first of them filled in his form so many days ago; no form is dated past the servers' own day.
const DAYS_AGO: i64 = 12;

const DAY_US: i64 = 86_400_000_000;

/// The population and what it knows.
pub(crate) struct Town {
    pub directory: Arc<Directory>,
    pub calendars: Arc<Calendars>,
    pub definition: Arc<Definition>,
    pub crowd: Arc<Crowd>,
    pub applicants: Applicants,
}

impl Town {
    /// The population of a seed, at present.
    pub fn new(seed: u64, now_us: i64) -> Result<Self> {
        let root = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../workflows"));
        let mut files = Files::new();
        read(&root, &root, &mut files).with_context(|| format!("cannot read {}", root.display()))?;
        let (workflows, findings) = load(&files);
        if let Some(finding) = findings.iter().find(|finding| finding.is_error()) {
            bail!("the packages have an error: {finding}");
        }
        let definition = workflows.definition(WORKFLOW).with_context(|| format!("no package {WORKFLOW}"))?;
        let habits = habits();
        let start_us = now_us - DAYS_AGO * DAY_US;
        let crowd = Crowd::new(seed, APPLICANTS, start_us, &workflows.directory, &workflows.calendars, habits)?;
        let crowd = Arc::new(crowd);
        Ok(Self {
            directory: Arc::clone(&workflows.directory),
            calendars: Arc::clone(&workflows.calendars),
            definition: Arc::clone(definition),
            applicants: Applicants::new(Arc::clone(&crowd)),
            crowd,
        })
    }

    /// The first application from an index on that registers with one of [`DIVISIONS`]; its own index is in it.
    pub fn application(&self, from: u64) -> Application {
        let mut all = (from..).map(|index| self.crowd.application(index));
        let near = all.find(|application| DIVISIONS.contains(&application.registrar.as_str()));
        near.unwrap_or_else(|| self.crowd.application(from))
    }
}

/// More goes wrong in the applications than usual: what is rare in a day has to happen in minutes.
fn habits() -> Habits {
    Habits {
        arrivals_per_day: 1_000_000,
        city_share: 0.6,
        correction_rate: 0.08,
        later_request_rate: 0.1,
        withdrawal_rate: 0.03,
        refusal_rate: 0.03,
        decline_rate: 0.02,
        // Nobody promises: a promise is checked in a case of its own, months later.
        commitment_rate: 0.0,
        pause_rate: 0.0,
        ..Habits::default()
    }
}

fn read(root: &Path, folder: &Path, files: &mut Files) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            read(root, &path, files)?;
        } else if let Ok(name) = path.strip_prefix(root) {
            files.insert(name.to_string_lossy().into_owned(), std::fs::read_to_string(&path)?);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_registers_nearby() {
        // 23 November 2026, noon in Fuzhou.
        let town = Town::new(1, 1_795_406_400_000_000).unwrap();
        let mut from = 0;
        for _ in 0..20 {
            let application = town.application(from);
            assert!(DIVISIONS.contains(&application.registrar.as_str()));
            from = application.index + 1;
        }
    }
}
