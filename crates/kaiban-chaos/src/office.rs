//! What an office makes of its tasks: the population's back office decides at once, and now and then puts a task off or
//! reports a failure first.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use anyhow::{Context, Result};
use kaiban_api::v1::{
    Finding, Severity, Task, TaskAddress, TaskCompletion, TaskDeferral, TaskFailure, TaskReply, Text, task_reply,
};
use kaiban_api::{from_struct, micros, timestamp, to_struct};
use kaiban_app::{Clock, SystemClock};
use kaiban_definition::Office;
use kaiban_findings::Place;
use kaiban_population::{BackOffice, Decision, Draw, Element, Task as Work};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::book::{Book, Completed, Refused};
use crate::crowd::Town;
use crate::line::{Meaning, item_meaning, note};

/// Clerks: nobody waits for one.
const CLERKS: u32 = 64;

/// So far ahead the back office is asked what it decides: its clerks' hours are no part of this.
const AHEAD_US: i64 = 60 * 86_400_000_000;

/// Shares of tasks that are put off and that fail at first.
const DEFERRED: f64 = 0.03;
const FAILED: f64 = 0.02;

/// How long a task is put off, µs.
const PUT_OFF_US: i64 = 1_500_000;

/// Refusals that a careful programme may get: somebody else has the task by now, or it is no more. What is being corrected
/// for another step comes again with the answer.
const GONE: [&str; 4] = ["CASE_CLOSED", "STALE_EPOCH", "NO_OPEN_TASK", "PLACE_UNDER_CORRECTION"];

/// What an office says about a task.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Word {
    Complete(Box<TaskCompletion>),
    Defer(TaskDeferral),
    Fail(TaskFailure),
}

impl Word {
    pub fn request_id(&self) -> &str {
        match self {
            Self::Complete(item) => &item.request_id,
            Self::Defer(item) => &item.request_id,
            Self::Fail(item) => &item.request_id,
        }
    }
}

/// What became of what an office said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    /// It is done with.
    Done,
    /// It has to be said again.
    Again,
}

/// How long an office wants its tasks to be its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lease {
    /// As short as may be: what is lost on the way soon comes again.
    Short,
    /// Longer than a run: nothing that is lost may hide behind the end of a lease.
    Long,
}

impl Lease {
    pub fn us(self) -> i64 {
        match self {
            Self::Short => 10_000_000,
            Self::Long => 3_600_000_000,
        }
    }
}

/// One office's side of its tasks.
pub(crate) struct Tasks {
    office: String,
    pub lease: Lease,
    work: BackOffice,
    draw: Draw,
    /// What was said and not yet answered for good, and what was said before: the same task with the same epoch gets the
    /// same words.
    said: HashMap<String, Word>,
    open: HashSet<String>,
    /// Request ids of completions that were acknowledged: a task that comes once more is known by id and epoch.
    done: HashSet<String>,
    /// Tasks that were put off or failed once.
    delayed: HashSet<String>,
    book: Arc<Book>,
}

impl Tasks {
    pub fn new(town: &Town, office: &Office, lease: Lease, book: Arc<Book>) -> Result<Self> {
        let calendar = Arc::clone(town.calendars.find(&office.calendar)?);
        let (crowd, definition) = (Arc::clone(&town.crowd), Arc::clone(&town.definition));
        let work = BackOffice::new(crowd, definition, calendar, &office.officers, CLERKS);
        let draw = town.crowd.draw();
        let (said, open, done, delayed) = (HashMap::new(), HashSet::new(), HashSet::new(), HashSet::new());
        Ok(Self { office: office.id.clone(), lease, work, draw, said, open, done, delayed, book })
    }

    /// What there is to say about a task that has come; nothing where it was said already and is on its way.
    pub fn take(&mut self, task: Task) -> Result<Option<Word>> {
        let id = format!("{}-{}", task.id, task.epoch);
        if self.done.contains(&id) {
            return Ok(None);
        }
        let mut lot = self.draw.keyed("delay", index(&task.case_id), &task.id, 0);
        // What is put off comes again when its time has come, or, when that was over before anybody heard of it, when the lease
        // is.
        let deferred = lot.chance(DEFERRED) && self.lease == Lease::Short;
        let failed = lot.chance(FAILED);
        let word = if (deferred || failed) && self.delayed.insert(task.id.clone()) {
            let address = Some(TaskAddress { id: task.id, ..TaskAddress::default() });
            let epoch = task.epoch;
            if deferred {
                let again = Some(timestamp(SystemClock.operating_us() + PUT_OFF_US));
                let (request_id, code) = (format!("{id}-later"), "NOT_TODAY".to_owned());
                Word::Defer(TaskDeferral { request_id, task: address, epoch, ask_again_after: again, code })
            } else {
                let (request_id, code) = (format!("{id}-failed"), "SYSTEM_DOWN".to_owned());
                Word::Fail(TaskFailure { request_id, task: address, epoch, code })
            }
        } else if let Some(word) = self.said.get(&id) {
            word.clone()
        } else {
            Word::Complete(Box::new(self.decide(task, id)?))
        };
        let request_id = word.request_id().to_owned();
        self.said.insert(request_id.clone(), word.clone());
        if !self.open.insert(request_id) {
            return Ok(None);
        }
        self.book.asked();
        Ok(Some(word))
    }

    fn decide(&mut self, task: Task, request_id: String) -> Result<TaskCompletion> {
        let shared = task.shared.and_then(|shared| from_struct(shared).ok()).unwrap_or(Value::Null);
        // The task's id ends with the number of the offer.
        let offer: u32 = task.id.rsplit('/').next().and_then(|offer| offer.parse().ok()).unwrap_or(1);
        let element = (!task.item_pointer.is_empty())
            .then(|| Element { at: task.item_pointer, value: shared.get("item").cloned().unwrap_or(Value::Null) });
        self.work.receive(Work {
            element,
            id: task.id.clone(),
            case: index(&task.case_id),
            step: task.step,
            round: offer.saturating_sub(1),
            epoch: task.epoch,
            offered_at_us: task.offered_at.as_ref().and_then(micros).unwrap_or_default(),
            form: shared.get("form").cloned().unwrap_or(Value::Null),
        });
        let decisions = self.work.due(SystemClock.operating_us() + AHEAD_US)?;
        let decision = decisions.into_iter().find(|decision| decision.task == task.id);
        let decision = decision.with_context(|| format!("the back office decides nothing about {}", task.id))?;
        completion(decision, request_id)
    }

    fn close(&mut self, id: &str) {
        if self.open.remove(id) {
            self.book.answered();
        }
    }

    /// Everything that was said and not answered.
    pub fn unanswered(&self) -> Vec<Word> {
        self.open.iter().filter_map(|id| self.said.get(id).cloned()).collect()
    }

    pub fn is_idle(&self) -> bool {
        self.open.is_empty()
    }

    /// Reads the answer to something that was said; `what` is the door.
    pub fn hear(&mut self, what: &str, reply: TaskReply) -> Heard {
        let id = reply.request_id;
        let Some(word) = self.said.get(&id).cloned() else {
            self.book.violation(format!("{}: an answer to {id}, which nobody said", self.office));
            return Heard::Done;
        };
        // The answer to a repetition of what was answered already.
        if !self.open.contains(&id) {
            return Heard::Done;
        }
        match reply.answer {
            Some(task_reply::Answer::Receipt(receipt)) => {
                match word {
                    Word::Complete(item) => {
                        self.done.insert(id.clone());
                        self.book.completed(Completed { office: self.office.clone(), item: *item, receipt });
                    }
                    Word::Defer(_) | Word::Fail(_) => self.book.other(),
                }
                self.close(&id);
                Heard::Done
            }
            Some(task_reply::Answer::Error(error)) => {
                let (meaning, no) = item_meaning(&error);
                note(&self.book, what, &no);
                match meaning {
                    Meaning::Again(_) => {
                        self.book.repeated();
                        Heard::Again
                    }
                    Meaning::Final(no) => {
                        self.close(&id);
                        // Its time was over before anybody heard of it: the lease runs out, and the task comes again.
                        let late = matches!(word, Word::Defer(_)) && no.reason == "TIME_OUT_OF_RANGE";
                        if !late && !GONE.contains(&no.reason.as_str()) {
                            let places = error.findings.iter().map(|found| format!("{} {}", found.pointer, found.code));
                            let places: Vec<String> = places.collect();
                            self.book.violation(format!("{}: {id} was refused: {no} {places:?}", self.office));
                        }
                        if let Word::Complete(item) = word {
                            self.book.refused(Refused { item: *item, reason: no.reason });
                        }
                        Heard::Done
                    }
                }
            }
            None => {
                self.book.violation(format!("{}: an empty answer to {id}", self.office));
                self.close(&id);
                Heard::Done
            }
        }
    }
}

/// What the crowd draws by for a case: offices know its number only.
fn index(case: &str) -> u64 {
    let digest = Sha256::digest(case.as_bytes());
    u64::from(u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]]))
}

fn completion(decision: Decision, request_id: String) -> Result<TaskCompletion> {
    Ok(TaskCompletion {
        request_id,
        task: Some(TaskAddress { id: decision.task, ..TaskAddress::default() }),
        epoch: decision.epoch,
        outcome: decision.outcome,
        result: decision.result.as_ref().map(to_struct).transpose()?,
        findings: decision.findings.iter().map(finding).collect(),
        officer: decision.officer.unwrap_or_default(),
        approver: decision.approver.unwrap_or_default(),
        reason: decision.reason.unwrap_or_default(),
    })
}

fn finding(finding: &kaiban_findings::Finding) -> Finding {
    let pointer = match &finding.place {
        Place::Pointer(pointer) => pointer.clone(),
        Place::Whole | Place::File { .. } => String::new(),
    };
    Finding {
        code: finding.code.to_string(),
        severity: Severity::Error.into(),
        pointer,
        message: Some(Text { zh: finding.message.zh.clone(), en: finding.message.en.clone() }),
        help: None,
    }
}
