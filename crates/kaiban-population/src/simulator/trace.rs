//! What was sent and what came back, one line a command. Lines are kept small and written out only when somebody wants
//! to read them.

use std::collections::VecDeque;

use kaiban_calendar::format_instant;
use sha2::{Digest, Sha256};

use super::actors::Attempt;

/// Lines that are kept.
const LINES_MAX: usize = 4_000;
/// Lines that are shown.
const SHOWN_MAX: usize = 120;

struct Line {
    case: u64,
    at_us: i64,
    command: &'static str,
    step: String,
    twist: &'static str,
    reason: &'static str,
}

pub(super) struct Trace {
    lines: VecDeque<Line>,
    hash: Sha256,
}

impl Trace {
    pub fn new() -> Self {
        Self { lines: VecDeque::with_capacity(LINES_MAX), hash: Sha256::new() }
    }

    /// Notes a command; `head` is the hash of the case's last journal entry.
    pub fn line(&mut self, case: u64, at_us: i64, attempt: &Attempt, reason: &'static str, head: Option<&str>) {
        self.hash.update(head.unwrap_or_default().as_bytes());
        self.hash.update(reason.as_bytes());
        if self.lines.len() == LINES_MAX {
            self.lines.pop_front();
        }
        let (command, step) = (attempt.command.name(), attempt.step.clone().unwrap_or_default());
        self.lines.push_back(Line { case, at_us, command, step, twist: attempt.twist, reason });
    }

    /// The last lines, of one case or of all.
    pub fn lines(&self, case: Option<u64>) -> Vec<String> {
        let wanted = self.lines.iter().filter(|line| case.is_none_or(|case| line.case == case));
        let lines: Vec<&Line> = wanted.collect();
        let skipped = lines.len().saturating_sub(SHOWN_MAX);
        lines[skipped..].iter().map(|line| line.show()).collect()
    }

    pub fn digest(&self) -> String {
        self.hash.clone().finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl Line {
    fn show(&self) -> String {
        let twist = if self.twist.is_empty() { String::new() } else { format!(" ({})", self.twist) };
        let reason = if self.reason.is_empty() { "done" } else { self.reason };
        let at = format_instant(self.at_us);
        format!("c{} {at} {} {}{twist}: {reason}", self.case, self.command, self.step)
    }
}
