//! From texts to checked packages, with everything that is wrong in them.
//!
//! Reading and checking are apart: `reader` and `draft` take a file to its end whatever is in it, the other modules
//! check one thing each on what could be read. A package with an error is not loaded; doubts let it pass.

mod build;
mod directory;
mod draft;
mod graph;
mod guards;
mod outcomes;
mod parties;
mod promises;
mod reader;
mod schemas;
mod shares;

use std::collections::BTreeSet;
use std::sync::Arc;

use kaiban_calendar::Calendars;
use kaiban_findings::{Finding, Place};

use crate::directory::Directory;
use crate::files::Files;
use crate::model::Definition;
use crate::tree::{self, At};
use reader::Log;

/// Folder of the calendars.
const CALENDARS: &str = "calendars";
/// Folder of the divisions, agencies and banks.
const DIRECTORY: &str = "directory";
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
    let below = |folder: &'static str| files.iter().filter(move |(path, _)| is_in(path, folder));
    let (calendars, mut findings) = Calendars::load(below(CALENDARS));
    let (directory, mut found) = directory::load(files, DIRECTORY, &calendars);
    findings.append(&mut found);

    let folders: BTreeSet<&str> = files.iter().filter_map(|(path, _)| Some(path.split_once('/')?.0)).collect();
    let mut definitions = Vec::new();
    for name in folders.into_iter().filter(|name| ![CALENDARS, DIRECTORY].contains(name)) {
        let (definition, mut found) = load_package(name, &files.folder(name), &directory, &calendars);
        definitions.extend(definition.map(Arc::new));
        findings.append(&mut found);
    }
    let workflows = Workflows { definitions, directory: Arc::new(directory), calendars: Arc::new(calendars) };
    (workflows, findings)
}

/// Loads one package; paths of `files` are relative to the package's folder, places in findings begin with its name.
pub fn load_package(
    name: &str,
    files: &Files,
    directory: &Directory,
    calendars: &Calendars,
) -> (Option<Definition>, Vec<Finding>) {
    let mut log = Log::new(format!("{name}/{WORKFLOW}"), files.get(WORKFLOW).unwrap_or_default());
    let definition = package(name, files, directory, calendars, &mut log);
    let mut findings = log.findings;
    findings.sort_by(|a, b| position(a).cmp(&position(b)));
    let sound = !findings.iter().any(Finding::is_error);
    (definition.filter(|_| sound), findings)
}

fn package(
    name: &str,
    files: &Files,
    directory: &Directory,
    calendars: &Calendars,
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
    parties::check(&draft, directory, calendars, log);
    promises::check(&draft, log);
    guards::check(&draft, &schemas, &graph, log);
    shares::check(&draft, &schemas, &graph, log);
    if log.findings.iter().any(Finding::is_error) {
        return None;
    }
    build::build(draft, schemas, graph, files)
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
