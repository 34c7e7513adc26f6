//! What to measure, and on what.

use std::path::PathBuf;
use std::time::Duration;

use kaiban_api::Tls;
use kaiban_definition::{Files, Workflows};

/// How the workers take their tasks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Door {
    /// `WorkTasks`: one stream an office.
    #[default]
    Stream,
    /// `ClaimTasks` and `CompleteTasks`, in batches.
    Calls,
}

impl Door {
    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Stream => "stream",
            Self::Calls => "calls",
        }
    }
}

/// What to measure.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Cases in flight, from 1.
    pub in_flight: usize,
    /// How long to measure, after a warm-up of a second.
    pub length: Duration,
    /// How the workers take their tasks.
    pub door: Door,
    /// Read pages of lists afterwards; the floor has none.
    pub pages: bool,
}

/// Finished cases that a throw-away database holds before anything is measured.
#[derive(Clone, Debug)]
pub struct Stock {
    /// How many.
    pub cases: u64,
    /// The packages that the server uses, and their files.
    pub workflows: Workflows,
    /// See `workflows`.
    pub files: Files,
    /// Hears now and then how many there are.
    pub told: fn(u64),
}

/// Which server.
#[derive(Clone, Debug)]
pub enum Target {
    /// A process of its own, ended afterwards.
    Own {
        /// The program; it must print `{"endpoint": …}` as its first line.
        program: PathBuf,
        /// Its arguments, without those for the database.
        arguments: Vec<String>,
        /// Where its throw-away database is.
        storage: Storage,
        /// What the database holds before.
        stock: Option<Stock>,
    },
    /// One that is there. The measured cases stay in it.
    There {
        /// `http://host:port` or `https://host:port`.
        endpoint: String,
        /// A token of role security: it issues the others.
        token: String,
        /// For `https://`.
        tls: Option<Tls>,
    },
}

/// Where a throw-away database is.
#[derive(Clone, Debug)]
pub enum Storage {
    /// SQLite, in a new folder below this one, or below the system's folder for such things; removed afterwards.
    Folder(Option<PathBuf>),
    /// PostgreSQL: a new database beside the one that this URL names, whose user may create databases; dropped afterwards,
    /// except where the run is broken off.
    Postgres(String),
}
