//! The configuration of `serve`: a TOML file beside the flags and variables. What a flag or a variable says holds before
//! the file, the file before the default.
//!
//! Every key stands in a table: the settings in [`keys`], the bounds in `kaiban-limits`. Reading, checking and printing go
//! by these tables, so what is printed can be read again, and a key that is not in them is refused.

mod keys;
mod print;
mod quantity;
mod read;

use std::collections::BTreeSet;

use kaiban_app::Limits;

pub use print::{Effective, human, json};
pub use read::read;

/// What a configuration file says.
#[derive(Debug, Default)]
pub struct Config {
    /// Settings by the place of their key in the table; paths are absolute.
    settings: Vec<(usize, String)>,
    /// Bounds, defaults included.
    pub limits: Limits,
    /// Names of the bounds that the file says.
    limited: BTreeSet<&'static str>,
}

impl Config {
    /// Adds what the file says to what flags and variables left open.
    pub fn complete(&self, args: &mut crate::verbs::serve::Args) -> BTreeSet<&'static str> {
        // A database that is named by hand is the whole answer to where cases are kept.
        let named = args.database.is_named();
        let mut taken = BTreeSet::new();
        for (at, text) in &self.settings {
            let Some(key) = keys::KEYS.get(*at) else { continue };
            let answered = named && ["data", "database_url"].contains(&key.path);
            // It was checked when it was read.
            if !answered && (key.get)(args).is_none() && (key.set)(args, text).is_ok() {
                taken.insert(key.path);
            }
        }
        taken
    }
}
