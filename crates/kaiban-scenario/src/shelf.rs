//! The scenarios among the files of the packages, and the forms and results that lie beside them.

use kaiban_definition::Files;
use kaiban_findings::{Finding, Place};
use serde_json::Value;

use crate::change::apply;
use crate::scenario::{Given, Named, Scenario};

/// Paths of all scenarios, `<package>/scenarios/<name>.md`, in order. Paths are relative to `workflows/`.
pub fn scenarios(files: &Files) -> Vec<&str> {
    let is_one = |path: &str| {
        let mut parts = path.split('/');
        parts.nth(1) == Some("scenarios")
            && parts.next().is_some_and(|name| name.ends_with(".md"))
            && parts.next().is_none()
    };
    files.iter().map(|(path, _)| path).filter(|path| is_one(path)).collect()
}

/// The files beside a scenario.
#[derive(Clone, Copy, Debug)]
pub struct Shelf<'f> {
    files: &'f Files,
    folder: &'f str,
}

impl<'f> Shelf<'f> {
    /// The files beside this scenario; paths of `files` are relative to `workflows/`.
    pub fn of(scenario: &'f Scenario, files: &'f Files) -> Self {
        Self { files, folder: scenario.folder() }
    }

    /// A file as JSON.
    pub(crate) fn value(&self, file: &Named) -> Result<Value, Box<Finding>> {
        let path = format!("{}/{}", self.folder, file.name);
        let Some(text) = self.files.get(&path) else {
            let (zh, en) = (format!("没有文件 {path}。"), format!("There is no file {path}."));
            let finding = Finding::error("SCENARIO_FILE", file.place.clone(), zh, en);
            return Err(finding
                .with_help("表单和结果放在情景文件旁边。", "Forms and results lie beside the scenario.")
                .into());
        };
        serde_json::from_str(text).map_err(|error| {
            let line = u32::try_from(error.line()).unwrap_or(u32::MAX).max(1);
            let column = u32::try_from(error.column()).unwrap_or(u32::MAX).max(1);
            let place = Place::File { path, line, column };
            Finding::error("SCENARIO_FILE", place, "不是有效的 JSON。", format!("This is no JSON: {error}.")).into()
        })
    }

    /// The whole of what is given.
    pub(crate) fn whole(&self, given: &Given) -> Result<Value, Box<Finding>> {
        let start = match (&given.file, &given.value) {
            (Some(file), _) => self.value(file)?,
            (None, Some(value)) => value.clone(),
            (None, None) => Value::Object(serde_json::Map::new()),
        };
        changed(start, &given.changes)
    }
}

/// A value with places changed.
pub(crate) fn changed(value: Value, changes: &[crate::Change]) -> Result<Value, Box<Finding>> {
    apply(value, changes).map_err(|error| {
        let change = changes.iter().find(|change| change.pointer == error.pointer);
        let place = change.map_or(Place::Whole, |change| change.place.clone());
        let (zh, en) = ("没有这个位置。", "There is no such place.");
        Finding::error("SCENARIO_POINTER", place, zh, en)
            .with_help("列表元素须已存在；在末尾添加请用 /列表/-。", "Elements must be there; /list/- appends one.")
            .into()
    })
}
