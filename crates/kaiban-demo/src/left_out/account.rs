//! What the left-out party's client was given and what it gave back, as it passed on the line.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use kaiban_api::v1::{StepState, Task, TaskAddress, TaskReceipt, TaskReply, task_reply};
use serde::Serialize;

use super::fate::Fate;

/// How the client of a left-out party did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Foreign {
    /// The party.
    pub party: String,
    /// Tasks that it was given; a task that came again counts once.
    pub tasks: u64,
    /// How often a task came again, with a higher epoch.
    pub redelivered: u64,
    /// Tasks that it ended, with any outcome.
    pub completed: u64,
    /// Of these, corrections that it asked for.
    pub corrections: u64,
    /// Corrections that no applicant of the demo knew how to answer; their cases were cancelled.
    pub unanswered: u64,
    /// Times that it put a task off.
    pub deferred: u64,
    /// Technical failures that it reported.
    pub failed: u64,
    /// Steps whose retries it used up; an officer let each go on.
    pub incidents: u64,
    /// How often the line was bad on purpose.
    pub hard: Hard,
    /// Calls that it made again with the same request id after their answer was lost or the server was busy.
    pub asked_again: u64,
    /// Answers STALE_EPOCH, NO_OPEN_TASK and CASE_CLOSED: what it sent was too late.
    pub stale: u64,
    /// Of these, after how many it let go of the task, as it should.
    pub stale_handled: u64,
    /// Other refusals, by reason.
    pub refused: BTreeMap<String, u64>,
    /// Completions that were acknowledged and are not in the journal; a defect of the server.
    pub lost: u64,
    /// Tasks that were completed more than once; a defect of the server.
    pub duplicated: u64,
}

/// What was done to make it hard.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Hard {
    /// Answers that were lost after the server had acted.
    pub answers_lost: u64,
    /// Messages that arrived twice.
    pub doubled: u64,
    /// Calls and completions that the server was too busy for.
    pub busy: u64,
    /// Tasks that went to a colleague after their lease had run out.
    pub taken_away: u64,
    /// Cases that were cancelled while a completion was on its way.
    pub cancelled: u64,
}

/// A task as the client was given it.
#[derive(Clone, Debug)]
pub(crate) struct Handed {
    pub id: String,
    pub case: String,
    pub step: String,
    pub office: String,
    pub division: String,
    pub epoch: i64,
}

/// The book about one client, or several of the same party.
#[derive(Default)]
pub(crate) struct Account {
    book: Foreign,
    handed: HashMap<String, Handed>,
    /// Heads of the receipts, by case.
    heads: BTreeMap<String, BTreeSet<String>>,
    /// Heads of the receipts of completions, by task: there is one each.
    ends: HashMap<String, HashSet<String>>,
    /// Request ids whose answer the client did not get.
    unheard: HashSet<String>,
    /// Tasks with the epoch that the client was told is stale.
    stale: HashMap<(String, i64), bool>,
}

impl Account {
    pub fn new(party: &str) -> Self {
        Self { book: Foreign { party: party.to_owned(), ..Foreign::default() }, ..Self::default() }
    }

    /// A task was given out.
    pub fn hands(&mut self, task: &Task) {
        let handed = Handed {
            id: task.id.clone(),
            case: task.case_id.clone(),
            step: task.step.clone(),
            office: task.office.clone(),
            division: task.division.clone(),
            epoch: task.epoch,
        };
        match self.handed.insert(task.id.clone(), handed) {
            None => self.book.tasks += 1,
            Some(before) => self.book.redelivered += u64::from(before.epoch < task.epoch),
        }
    }

    /// The task at an address, if it was given out.
    pub fn handed(&self, address: &TaskAddress) -> Option<Handed> {
        if !address.id.is_empty() {
            return self.handed.get(&address.id).cloned();
        }
        let same = |task: &&Handed| task.case == address.case_id && task.step == address.step;
        self.handed.values().filter(same).max_by_key(|task| task.epoch).cloned()
    }

    /// The client says something about a task, under this request id.
    pub fn says(&mut self, request_id: &str, task: &str, epoch: i64) {
        // What it did not hear it has every right to ask again.
        if !self.asks(request_id)
            && let Some(repeated) = self.stale.get_mut(&(task.to_owned(), epoch))
        {
            *repeated = true;
        }
    }

    /// The client makes a call under this request id; whether it has to, because it heard no answer.
    pub fn asks(&mut self, request_id: &str) -> bool {
        let unheard = self.unheard.remove(request_id);
        self.book.asked_again += u64::from(unheard);
        unheard
    }

    /// The answer to this request id does not reach the client, or is that the server is busy.
    pub fn unheard(&mut self, request_id: &str) {
        self.unheard.insert(request_id.to_owned());
    }

    /// Something was done to make it hard.
    pub fn hard(&mut self, fate: Fate) {
        let hard = &mut self.book.hard;
        match fate {
            Fate::Plain => {}
            Fate::AnswerLost => hard.answers_lost += 1,
            Fate::Doubled => hard.doubled += 1,
            Fate::Busy => hard.busy += 1,
            Fate::TakenAway => hard.taken_away += 1,
            Fate::Cancelled => hard.cancelled += 1,
        }
    }

    /// The server's answer about a task; whether the client hears of it is another matter.
    pub fn answered(&mut self, task: &str, epoch: i64, verb: Verb, reply: &TaskReply) {
        match &reply.answer {
            Some(task_reply::Answer::Receipt(receipt)) => self.done(task, receipt, verb),
            Some(task_reply::Answer::Error(error)) => match error.reason.as_str() {
                // The last one comes again, with the answer to somebody else's correction.
                "STALE_EPOCH" | "NO_OPEN_TASK" | "CASE_CLOSED" | "PLACE_UNDER_CORRECTION" => {
                    let first = !self.stale.contains_key(&(task.to_owned(), epoch));
                    self.book.stale += u64::from(first);
                    self.stale.entry((task.to_owned(), epoch)).or_insert(false);
                }
                reason => *self.book.refused.entry(reason.to_owned()).or_insert(0) += 1,
            },
            None => {}
        }
    }

    fn done(&mut self, task: &str, receipt: &TaskReceipt, verb: Verb) {
        if verb == Verb::Heartbeat {
            return;
        }
        let case = task.split('/').next().unwrap_or_default();
        if !self.heads.entry(case.to_owned()).or_default().insert(receipt.head.clone()) {
            // The original reply, again.
            return;
        }
        match verb {
            Verb::Complete => {
                self.ends.entry(task.to_owned()).or_default().insert(receipt.head.clone());
                self.book.completed += 1;
                self.book.corrections += u64::from(receipt.step_state() == StepState::Correction);
            }
            Verb::Defer => self.book.deferred += 1,
            Verb::Fail => self.book.failed += 1,
            Verb::Heartbeat => {}
        }
    }

    /// A correction could not be answered.
    pub fn unanswered(&mut self) {
        self.book.unanswered += 1;
    }

    /// An incident was resolved.
    pub fn incident(&mut self) {
        self.book.incidents += 1;
    }

    /// Tasks that the client ended so far.
    pub fn completed(&self) -> u64 {
        self.book.completed
    }

    /// Hashes of journal entries that the client's receipts name, by case.
    pub fn heads(&self) -> BTreeMap<String, BTreeSet<String>> {
        self.heads.clone()
    }

    /// The book; `lost` is how many receipts the journals do not have.
    pub fn close(&self, lost: u64) -> Foreign {
        let stale_handled = self.stale.values().filter(|repeated| !**repeated).count() as u64;
        let duplicated = self.ends.values().filter(|heads| heads.len() > 1).count() as u64;
        Foreign { stale_handled, lost, duplicated, ..self.book.clone() }
    }
}

/// What an item is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    Complete,
    Defer,
    Fail,
    Heartbeat,
}

#[cfg(test)]
mod tests {
    use kaiban_api::v1::Error;

    use super::*;

    fn reply(head: &str) -> TaskReply {
        let receipt = TaskReceipt { head: head.into(), ..TaskReceipt::default() };
        let answer = Some(task_reply::Answer::Receipt(receipt));
        TaskReply { answer, ..TaskReply::default() }
    }

    fn stale() -> TaskReply {
        let error = Error { reason: "STALE_EPOCH".into(), ..Error::default() };
        TaskReply { answer: Some(task_reply::Answer::Error(error)), ..TaskReply::default() }
    }

    #[test]
    fn the_same_answer_again_counts_once() {
        let mut account = Account::new("tax");
        for _ in 0..2 {
            account.answered("c1/tax/1", 1, Verb::Complete, &reply("aa"));
        }
        account.answered("c2/tax/1", 1, Verb::Complete, &reply("bb"));
        assert_eq!(account.close(0).completed, 2);
        assert_eq!((account.heads().len(), account.close(0).duplicated), (2, 0));
        account.answered("c2/tax/1", 1, Verb::Complete, &reply("cc"));
        assert_eq!(account.close(0).duplicated, 1);
    }

    #[test]
    fn whoever_lets_go_after_a_stale_answer_has_handled_it() {
        let mut account = Account::new("tax");
        account.answered("c1/tax/1", 1, Verb::Complete, &stale());
        account.answered("c2/tax/1", 1, Verb::Complete, &stale());
        // The next epoch is another lease.
        account.says("r2", "c1/tax/1", 2);
        account.says("r3", "c2/tax/1", 1);
        account.answered("c2/tax/1", 1, Verb::Complete, &stale());
        // The answer to this one is lost.
        account.answered("c3/tax/1", 1, Verb::Complete, &stale());
        account.unheard("r4");
        account.says("r4", "c3/tax/1", 1);
        let book = account.close(0);
        assert_eq!((book.stale, book.stale_handled), (3, 2));
    }

    #[test]
    fn a_lost_answer_is_asked_for_again_under_its_request_id() {
        let mut account = Account::new("tax");
        account.unheard("r1");
        account.asks("r2");
        account.says("r1", "c1/tax/1", 1);
        account.says("r1", "c1/tax/1", 1);
        assert_eq!(account.close(0).asked_again, 1);
    }
}
