//! What came of a run.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use serde::Serialize;

/// What came of a run.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Nothing was wrong.
    pub clean: bool,
    /// For repetition.
    pub seed: u64,
    /// `sqlite` or `postgres`.
    pub database: &'static str,
    /// Servers.
    pub nodes: usize,
    /// Faults by kind.
    pub faults: BTreeMap<&'static str, u64>,
    /// Submissions that were acknowledged.
    pub submitted: u64,
    /// Completions that were acknowledged.
    pub completed: u64,
    /// Other mutations that were acknowledged: documents, answers, deferrals, failures.
    pub others: u64,
    /// Cases whose terminals saw them end.
    pub ended: u64,
    /// Calls that were repeated under the same request id.
    pub repeated: u64,
    /// Answers that were not what was asked for, by what said it.
    pub answers: BTreeMap<String, u64>,
    /// Longest time in which nobody was acknowledged anything, seconds.
    pub longest_pause_seconds: f64,
    /// How long it all took, seconds.
    pub elapsed_seconds: f64,
    /// What should never have happened.
    pub violations: Vec<String>,
    /// What could not be done here.
    pub without: Vec<String>,
    /// Where database and logs were left.
    pub kept: Option<PathBuf>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let faults: u64 = self.faults.values().sum();
        let (database, nodes, seed) = (self.database, self.nodes, self.seed);
        writeln!(f, "{faults} faults on {database}, {nodes} server(s), seed {seed}, {:.0} s", self.elapsed_seconds)?;
        let kinds: Vec<String> = self.faults.iter().map(|(kind, count)| format!("{kind} {count}")).collect();
        writeln!(f, "  faults        {}", kinds.join(", "))?;
        writeln!(
            f,
            "  acknowledged  {} submissions, {} completions, {} others; {} cases ended",
            self.submitted, self.completed, self.others, self.ended
        )?;
        writeln!(f, "  repeated      {} calls", self.repeated)?;
        for (answer, count) in &self.answers {
            writeln!(f, "                {count:>6} {answer}")?;
        }
        writeln!(f, "  longest time without an acknowledgement {:.1} s", self.longest_pause_seconds)?;
        for left_out in &self.without {
            writeln!(f, "  LEFT OUT: {left_out}")?;
        }
        for violation in &self.violations {
            writeln!(f, "  VIOLATION: {violation}")?;
        }
        if let Some(kept) = &self.kept {
            writeln!(f, "  database and logs are in {}", kept.display())?;
        }
        write!(f, "  {}", if self.clean { "clean" } else { "NOT clean" })
    }
}
