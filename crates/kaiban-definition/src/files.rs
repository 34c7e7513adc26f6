//! Package files in memory. Reading them from a disk or a database is the caller's business.

use std::collections::BTreeMap;

/// Texts by path, in the order of the paths. Paths use `/` and are relative to the folder `workflows/`
/// (`business-start/workflow.yaml`), or to the package's own folder where a function says so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Files(BTreeMap<String, String>);

/// What the letters of all packages are made of lies beside the packages.
const SHARED_PARTIALS: &str = "letters/";

impl Files {
    /// No files.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a file, or replaces its text.
    pub fn insert(&mut self, path: impl Into<String>, text: impl Into<String>) {
        self.0.insert(path.into(), text.into());
    }

    /// The text of a file.
    pub fn get(&self, path: &str) -> Option<&str> {
        self.0.get(path).map(String::as_str)
    }

    /// Path and text of every file, by path.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// The files of one folder, with paths relative to it.
    pub fn folder(&self, name: &str) -> Files {
        let below = |path: &str| Some(path.strip_prefix(name)?.strip_prefix('/')?.to_owned());
        self.0.iter().filter_map(|(path, text)| Some((below(path)?, text.clone()))).collect()
    }

    /// The files of one package, with paths relative to its folder: those in it, and, where it has letters, the partials
    /// that all packages share (`letters/_*.hbs`) and it does not have itself.
    pub fn package(&self, name: &str) -> Files {
        let mut files = self.folder(name);
        if files.iter().any(|(path, _)| path.starts_with(SHARED_PARTIALS)) {
            let shared = self.iter().filter(|(path, _)| path.starts_with(SHARED_PARTIALS));
            for (path, text) in shared {
                files.0.entry(path.to_owned()).or_insert_with(|| text.to_owned());
            }
        }
        files
    }

    /// The map itself.
    pub fn as_map(&self) -> &BTreeMap<String, String> {
        &self.0
    }
}

impl From<BTreeMap<String, String>> for Files {
    fn from(map: BTreeMap<String, String>) -> Self {
        Self(map)
    }
}

impl FromIterator<(String, String)> for Files {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(files: I) -> Self {
        Self(files.into_iter().collect())
    }
}
