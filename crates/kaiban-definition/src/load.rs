//! From texts to checked packages, with everything that is wrong in them.
//!
//! Reading and checking are apart: `reader` and `draft` take a file to its end whatever is in it, the other modules
//! check one thing each on what could be read. A package with an error is not loaded; doubts let it pass.

mod automatic;
mod branches;
mod build;
mod directory;
mod draft;
mod drawn;
mod editor;
mod form_rules;
mod graph;
mod guards;
mod identity;
mod keys;
mod letters;
mod loops;
mod migration;
mod outcomes;
mod parties;
mod promises;
mod reader;
mod registers;
mod requested;
mod schemas;
mod shares;
mod starts;
mod undo;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use kaiban_calendar::Calendars;
use kaiban_findings::{Finding, Place};

use crate::directory::Directory;
use crate::files::Files;
use crate::model::Definition;
use crate::tree::{self, At};
pub use editor::{editor_schema, migration_schema};
pub use migration::MigrationFile;
use reader::Log;
use starts::Started;

/// Folder of the calendars.
const CALENDARS: &str = "calendars";
/// Folder of the divisions, agencies and banks.
const DIRECTORY: &str = "directory";
/// Folder of the partials that the letters of all packages share.
const LETTERS: &str = "letters";
/// Folder of a package's mapping files.
const MIGRATIONS: &str = "migrations";
/// The file that makes a folder a package.
const WORKFLOW: &str = "workflow.yaml";

/// Everything under `workflows/`, checked.
#[derive(Clone, Debug)]
pub struct Workflows {
    /// The packages without errors, by name.
    pub definitions: Vec<Arc<Definition>>,
    /// Divisions, agencies and banks.
    pub directory: Arc<Directory>,
    /// Working-time calendars.
    pub calendars: Arc<Calendars>,
}

impl Workflows {
    /// The package of that name.
    pub fn definition(&self, workflow: &str) -> Option<&Arc<Definition>> {
        self.definitions.iter().find(|definition| definition.workflow == workflow)
    }
}

/// Loads all packages, calendars and the directory. Paths are relative to `workflows/`.
///
/// What has errors is left out of the result; every error and doubt is in the findings, in the order of files and lines.
pub fn load(files: &Files) -> (Workflows, Vec<Finding>) {
    let (calendars, mut findings) = load_calendars(files);
    let (directory, mut found) = directory::load(files, DIRECTORY, &calendars);
    findings.append(&mut found);

    let folders: BTreeSet<&str> = files
        .iter()
        .filter_map(|(path, _)| Some(path.split_once('/')?.0))
        .filter(|name| ![CALENDARS, DIRECTORY, LETTERS].contains(name))
        .collect();
    let (mut sound, mut started) = (BTreeMap::new(), Vec::new());
    let mut found = Vec::new();
    for name in &folders {
        let package = load_one(name, &files.package(name), &directory, &calendars);
        sound.extend(package.definition.map(|definition| (definition.workflow.clone(), Arc::new(definition))));
        started.extend(package.started);
        found.extend(package.findings.into_iter().map(|finding| in_shared(finding, files)));
    }
    let across = starts::check_across(&started, &folders, &sound);
    for finding in &across {
        if let Some((name, _)) = position(finding).0.split_once('/') {
            sound.remove(name);
        }
    }
    found.extend(across);
    // By package, and within it by line.
    found.sort_by(|a, b| position(a).cmp(&position(b)));
    // What packages share is told once.
    found.dedup();
    findings.append(&mut found);
    let definitions = sound.into_values().collect();
    let workflows = Workflows { definitions, directory: Arc::new(directory), calendars: Arc::new(calendars) };
    (workflows, findings)
}

/// Loads the calendars alone, for whoever needs no package. Paths are relative to `workflows/`.
pub fn load_calendars(files: &Files) -> (Calendars, Vec<Finding>) {
    Calendars::load(files.iter().filter(|(path, _)| is_in(path, CALENDARS)))
}

/// Loads one package; paths of `files` are relative to the package's folder, places in findings begin with its name. The
/// packages whose cases it starts are not looked at.
pub fn load_package(
    name: &str,
    files: &Files,
    directory: &Directory,
    calendars: &Calendars,
) -> (Option<Definition>, Vec<Finding>) {
    let Package { definition, findings, .. } = load_one(name, files, directory, calendars);
    (definition, findings)
}

/// What a package's own files give.
struct Package {
    definition: Option<Definition>,
    started: Vec<Started>,
    findings: Vec<Finding>,
}

fn load_one(name: &str, files: &Files, directory: &Directory, calendars: &Calendars) -> Package {
    let mut log = Log::new(format!("{name}/{WORKFLOW}"), files.get(WORKFLOW).unwrap_or_default());
    let mut started = Vec::new();
    let definition = package(name, files, directory, calendars, &mut started, &mut log);
    let mut findings = log.findings;
    findings.sort_by(|a, b| position(a).cmp(&position(b)));
    let sound = !findings.iter().any(Finding::is_error);
    // A mapping that cannot be read keeps nobody from working.
    for (path, text) in files.iter().filter(|(path, _)| is_in(path, MIGRATIONS)) {
        findings.extend(MigrationFile::read(&format!("{name}/{path}"), text).1);
    }
    Package { definition: definition.filter(|_| sound), started, findings }
}

fn package(
    name: &str,
    files: &Files,
    directory: &Directory,
    calendars: &Calendars,
    started: &mut Vec<Started>,
    log: &mut Log<'_>,
) -> Option<Definition> {
    let Some(text) = files.get(WORKFLOW) else {
        log.error(At::START, "FILE_MISSING", "缺少 workflow.yaml。", "There is no workflow.yaml.");
        return None;
    };
    let root = match tree::parse(&log.path, text) {
        Ok(root) => root,
        Err(finding) => {
            log.findings.push(*finding);
            return None;
        }
    };
    let draft = draft::read(&root, log)?;
    draft::check_name(&draft, name, log);
    let schemas = schemas::load(name, &draft, files, log);
    let graph = graph::check(&draft.steps, log);
    outcomes::check(&draft, log);
    loops::check(&draft, &graph, log);
    automatic::check(&draft, log);
    undo::check(&draft, log);
    requested::check(&draft, log);
    branches::check(&draft, &schemas, log);
    identity::check(&draft, log);
    parties::check(&draft, directory, calendars, log);
    drawn::check(&draft, &graph, log);
    promises::check(&draft, log);
    letters::check(&draft, log);
    let letters = letters::load(name, &draft, files, &schemas, &graph, log);
    registers::check(&draft, &schemas, log);
    form_rules::check(&draft, &schemas, log);
    guards::check(&draft, &schemas, &graph, log);
    shares::check(&draft, &schemas, &graph, log);
    *started = starts::check(&draft, &schemas, &graph, log);
    if log.findings.iter().any(Finding::is_error) {
        return None;
    }
    build::build(draft, schemas, &letters, graph, files)
}

/// What is wrong in a partial that packages share stands where the partial lies.
fn in_shared(finding: Finding, files: &Files) -> Finding {
    match finding.place {
        Place::File { path, line, column } if files.get(&path).is_none() => {
            let shared = path.split_once('/').map(|(_, below)| below).filter(|below| files.get(below).is_some());
            let path = shared.map_or(path.clone(), str::to_owned);
            Finding { place: Place::File { path, line, column }, ..finding }
        }
        place => Finding { place, ..finding },
    }
}

fn is_in(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

fn position(finding: &Finding) -> (&str, u32, u32) {
    match &finding.place {
        Place::File { path, line, column } => (path, *line, *column),
        Place::Whole | Place::Pointer(_) => ("", 0, 0),
    }
}
