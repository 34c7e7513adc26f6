//! How running cases get from one version of a package to another: what a mapping file says, once it was held against
//! both versions. [`MigrationFile`] reads it, `load/migration.rs` checks it.

use std::collections::BTreeMap;

use crate::model::{branch_name, branch_parts};

pub use crate::load::MigrationFile;

/// A mapping between two versions of a package, sound for both. Steps of one name in both go on under it; everything else
/// is said here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Migration {
    /// Name of the package.
    pub workflow: String,
    /// Digest of the version that cases leave.
    pub from: String,
    /// Digest of the version that they go on by.
    pub to: String,
    /// Steps that go on under another name: old, new.
    pub renamed: BTreeMap<String, String>,
    /// Steps of the old version that the new one does not have.
    pub dropped: BTreeMap<String, Dropped>,
    /// Steps of the new version that no old one becomes.
    pub added: BTreeMap<String, Added>,
    /// Outcomes that have another name, by the old name of their step: old, new.
    pub outcomes: BTreeMap<String, BTreeMap<String, String>>,
}

/// What becomes of a case in which a dropped step is under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dropped {
    /// It is left on the version that it has.
    Left,
    /// The step is taken back.
    Withdrawn,
}

/// What becomes of a new step in a case that has come past its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Added {
    /// It is offered when what it needs is there; a case in which something has begun that needs it is left.
    Offered,
    /// It counts as satisfied in cases in which this step of the new version has begun, and is offered in all others.
    SatisfiedOnceBegun(String),
}

impl Migration {
    /// The new name of an old step; none where it is dropped.
    pub fn step<'n>(&'n self, old: &'n str) -> Option<&'n str> {
        if self.dropped.contains_key(old) {
            return None;
        }
        Some(self.renamed.get(old).map_or(old, String::as_str))
    }

    /// The same of a step's branch.
    pub fn branch(&self, old: &str) -> Option<String> {
        let (step, key) = branch_parts(old);
        Some(branch_name(self.step(step)?, key))
    }

    /// The new name of an outcome of an old step.
    pub fn outcome<'n>(&'n self, step: &str, outcome: &'n str) -> &'n str {
        self.outcomes.get(step).and_then(|names| names.get(outcome)).map_or(outcome, String::as_str)
    }
}
