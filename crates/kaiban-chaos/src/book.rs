//! What was promised to clients: every acknowledgement that anybody got, every refusal, and everything that should never
//! have been said.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use kaiban_api::v1::{SubmitCaseRequest, SubmitCaseResponse, TaskCompletion, TaskReceipt};
use tokio::sync::watch;

/// Violations that are kept; the run ends badly with the first.
const VIOLATIONS_MAX: usize = 200;

/// A submission that was acknowledged.
#[derive(Clone, Debug)]
pub(crate) struct Submitted {
    /// Index of the terminal.
    pub terminal: usize,
    pub request: SubmitCaseRequest,
    pub reply: SubmitCaseResponse,
}

impl Submitted {
    /// Case number.
    pub fn case(&self) -> &str {
        self.reply.case.as_ref().map_or("", |case| case.id.as_str())
    }
}

/// A completion that was acknowledged.
#[derive(Clone, Debug)]
pub(crate) struct Completed {
    pub office: String,
    pub item: TaskCompletion,
    pub receipt: TaskReceipt,
}

/// A completion that was refused for good.
#[derive(Clone, Debug)]
pub(crate) struct Refused {
    pub item: TaskCompletion,
    pub reason: String,
}

/// Everything that was said.
#[derive(Debug, Default)]
pub(crate) struct Said {
    pub submitted: Vec<Submitted>,
    pub completed: Vec<Completed>,
    pub refused: Vec<Refused>,
    /// Other acknowledged mutations.
    pub others: u64,
    /// Cases whose terminals saw them end.
    pub ended: u64,
    /// Calls that were repeated.
    pub repeated: u64,
    /// Every answer that was not what was asked for, by what said it.
    pub answers: BTreeMap<String, u64>,
    pub violations: Vec<String>,
}

/// The book that all clients write in.
pub(crate) struct Book {
    said: Mutex<Said>,
    pace: Mutex<Pace>,
    acknowledged: watch::Sender<u64>,
    /// Answers that say that there is no room or no storage.
    refused_for_storage: watch::Sender<u64>,
    /// What offices said and were not answered yet.
    unanswered: watch::Sender<u64>,
}

struct Pace {
    last: Instant,
    longest: Duration,
}

impl Book {
    pub fn new() -> Self {
        Self {
            said: Mutex::default(),
            pace: Mutex::new(Pace { last: Instant::now(), longest: Duration::ZERO }),
            acknowledged: watch::Sender::new(0),
            refused_for_storage: watch::Sender::new(0),
            unanswered: watch::Sender::new(0),
        }
    }

    pub fn said(&self) -> MutexGuard<'_, Said> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn submitted(&self, submitted: Submitted) {
        self.said().submitted.push(submitted);
        self.acknowledge();
    }

    pub fn completed(&self, completed: Completed) {
        self.said().completed.push(completed);
        self.acknowledge();
    }

    pub fn refused(&self, refused: Refused) {
        self.said().refused.push(refused);
    }

    /// Another mutation was acknowledged.
    pub fn other(&self) {
        self.said().others += 1;
        self.acknowledge();
    }

    pub fn case_ended(&self) {
        self.said().ended += 1;
    }

    fn acknowledge(&self) {
        let mut pace = self.pace.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        pace.longest = pace.longest.max(now - pace.last);
        pace.last = now;
        drop(pace);
        self.acknowledged.send_modify(|count| *count += 1);
    }

    /// An answer that was not what was asked for; `storage` says that it blames the storage.
    pub fn answer(&self, what: String, storage: bool) {
        *self.said().answers.entry(what).or_default() += 1;
        if storage {
            self.refused_for_storage.send_modify(|count| *count += 1);
        }
    }

    pub fn repeated(&self) {
        self.said().repeated += 1;
    }

    /// Something that must never happen.
    pub fn violation(&self, what: String) {
        eprintln!("VIOLATION: {what}");
        let mut said = self.said();
        if said.violations.len() < VIOLATIONS_MAX {
            said.violations.push(what);
        }
    }

    /// An office said something.
    pub fn asked(&self) {
        self.unanswered.send_modify(|count| *count += 1);
    }

    /// It was answered for good.
    pub fn answered(&self) {
        self.unanswered.send_modify(|count| *count -= 1);
    }

    /// Returns once everything that offices said is answered.
    pub async fn all_answered(&self) {
        let _ = self.unanswered.subscribe().wait_for(|count| *count == 0).await;
    }

    /// Puts back what was taken out to be checked; what was noted meanwhile is added.
    pub fn restore(&self, taken: Said) {
        let mut said = self.said();
        let meanwhile = std::mem::replace(&mut *said, taken);
        said.violations.extend(meanwhile.violations);
    }

    /// How many calls were acknowledged so far.
    pub fn count(&self) -> u64 {
        *self.acknowledged.borrow()
    }

    /// Longest time between two acknowledgements so far.
    pub fn longest_pause(&self) -> Duration {
        self.pace.lock().unwrap_or_else(PoisonError::into_inner).longest
    }

    /// Returns once so many calls have been acknowledged.
    pub async fn reaches(&self, count: u64) {
        // The sender is ours: it does not go away.
        let _ = self.acknowledged.subscribe().wait_for(|now| *now >= count).await;
    }

    pub fn storage_refusals(&self) -> u64 {
        *self.refused_for_storage.borrow()
    }

    /// Returns once the storage was blamed so often.
    pub async fn storage_refused(&self, count: u64) {
        let _ = self.refused_for_storage.subscribe().wait_for(|now| *now >= count).await;
    }
}
