//! What to do to whom.

use std::path::PathBuf;
use std::time::Duration;

/// Where the servers keep their cases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Database {
    /// A file; one server.
    Sqlite,
    /// A private PostgreSQL; any number of servers.
    Postgres,
}

/// One run.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The program `kaiban`.
    pub program: PathBuf,
    /// Where the servers keep their cases.
    pub database: Database,
    /// Servers; SQLite has one.
    pub nodes: usize,
    /// Faults, one after the other.
    pub faults: usize,
    /// Which faults, in which order, for how long; and what the population does.
    pub seed: u64,
    /// Cases in flight.
    pub in_flight: usize,
    /// Acknowledgements between two faults, at most; how many is drawn.
    pub acknowledgements_max: u64,
    /// How long a stopped server stands still: longer than the leases of 10 s, so that others get its tasks.
    pub stop: Duration,
    /// How long a connection says nothing, at most.
    pub silence: Duration,
    /// Within what time after a fault somebody has to be served again.
    pub recovery_max: Duration,
    /// How long the cases in flight may take to end once the faults are over.
    pub drain_max: Duration,
    /// Put the database on a small disk of its own, a tmpfs, which can be filled; needs root.
    pub small_disk: bool,
    /// Below which folder databases and logs go; none = the system's for such things.
    pub folder: Option<PathBuf>,
    /// Keep them although nothing was wrong.
    pub keep: bool,
}

impl Plan {
    /// The usual lengths.
    pub fn new(program: PathBuf, database: Database, nodes: usize, faults: usize, seed: u64) -> Self {
        Self {
            program,
            database,
            nodes: if database == Database::Sqlite { 1 } else { nodes.max(1) },
            faults,
            seed,
            in_flight: 24,
            acknowledgements_max: 40,
            stop: Duration::from_secs(12),
            silence: Duration::from_secs(6),
            recovery_max: Duration::from_secs(60),
            drain_max: Duration::from_secs(240),
            small_disk: false,
            folder: None,
            keep: false,
        }
    }
}
