//! An office's stream of tasks that outlives connections.
//!
//! What breaks takes nothing away: tasks in hand keep their leases, and what was said about them is said again on the next
//! stream under the same `request_id`, until it is answered. So [`Offer::complete`] returns only with an answer, or once
//! the stream has ended for good.

mod driver;

use std::sync::Arc;

use kaiban_api::v1;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use v1::work_tasks_request::Message as Say;

use crate::client::Client;
use crate::error::CallError;
use driver::{Driver, Said};

/// What may wait to be sent; further answers wait with whoever gives them.
const SAYS_AHEAD: usize = 64;

/// An open stream. Dropping it ends the handing out; offers in hand can still be answered.
#[derive(Debug)]
pub struct Work {
    heard: mpsc::Receiver<Heard>,
    driver: JoinHandle<Result<(), CallError>>,
}

/// What an office hears.
#[derive(Debug)]
pub enum Heard {
    /// A task is in your hands. Each epoch of it comes once, as long as its offer is not dropped without an answer.
    Task(Offer),
    /// A task was taken from your hands: stop working on it. What left them while the stream was broken is not told;
    /// answering it gets `STALE_EPOCH`.
    Taken(v1::TaskTaken),
}

/// A task in hand, to be answered once. Dropping it answers nothing: its lease runs out and somebody gets it again.
#[derive(Debug)]
pub struct Offer {
    task: Box<v1::Task>,
    desk: Desk,
    /// Alive as long as the task is in hand; see [`driver`].
    hand: Arc<()>,
}

/// The way from the offers back to the stream.
#[derive(Clone, Debug)]
struct Desk {
    client: Client,
    says: mpsc::Sender<Said>,
}

impl Client {
    /// Opens a stream for an office and holds it open: it is opened again after every break, with the back-off of the
    /// policy but without an end, unless the policy allows one attempt only. A window of 0 is 1. Needs a tokio runtime.
    pub fn work(&self, open: v1::OpenWork) -> Work {
        let open = v1::OpenWork { window: open.window.max(1), ..open };
        // Room for a whole window and the notices about it: only who takes nothing at all holds up what is read.
        let room = 2 * usize::try_from(open.window).unwrap_or_default() + SAYS_AHEAD;
        let (hear, heard) = mpsc::channel(room);
        let (says, said) = mpsc::channel(SAYS_AHEAD);
        let desk = Desk { client: self.clone(), says };
        let driver = tokio::spawn(Driver::new(desk, open, said, hear).hold());
        Work { heard, driver }
    }
}

impl Work {
    /// What comes next; dropping the future loses nothing. None once the stream has ended because the connection's owner
    /// asked for it.
    ///
    /// # Errors
    /// [`CallError`], where the server refuses the stream for good.
    pub async fn next(&mut self) -> Result<Option<Heard>, CallError> {
        if let Some(heard) = self.heard.recv().await {
            return Ok(Some(heard));
        }
        match (&mut self.driver).await {
            Ok(Ok(())) => Ok(None),
            Ok(Err(error)) => Err(error),
            Err(_) => Err(CallError::ended()),
        }
    }
}

impl Offer {
    /// The task.
    pub fn task(&self) -> &v1::Task {
        &self.task
    }

    /// Ends the task. Where they are empty, task and epoch are filled in, and a `request_id` is made of both, so that it is
    /// the same after a restart of the programme. Dropping the future takes nothing back.
    ///
    /// # Errors
    /// [`CallError`], when the server refused it, or the stream has ended for good before it was answered.
    pub async fn complete(self, completion: v1::TaskCompletion) -> Result<v1::TaskReceipt, CallError> {
        let (request_id, address) = self.named(completion.request_id, completion.task, "");
        let completion =
            v1::TaskCompletion { request_id: request_id.clone(), task: address, epoch: self.task.epoch, ..completion };
        self.desk.say(request_id, Say::Complete(completion), self.hand).await
    }

    /// Puts the task off; filled in as by [`Self::complete`].
    ///
    /// # Errors
    /// As [`Self::complete`].
    pub async fn defer(self, deferral: v1::TaskDeferral) -> Result<v1::TaskReceipt, CallError> {
        let (request_id, address) = self.named(deferral.request_id, deferral.task, "-defer");
        let deferral =
            v1::TaskDeferral { request_id: request_id.clone(), task: address, epoch: self.task.epoch, ..deferral };
        self.desk.say(request_id, Say::Defer(deferral), self.hand).await
    }

    /// Reports a technical failure by the agency's own word for it.
    ///
    /// # Errors
    /// As [`Self::complete`].
    pub async fn fail(self, code: impl Into<String>) -> Result<v1::TaskReceipt, CallError> {
        let (request_id, address) = self.named(String::new(), None, "-fail");
        let (epoch, code) = (self.task.epoch, code.into());
        let failure = v1::TaskFailure { request_id: request_id.clone(), task: address, epoch, code };
        self.desk.say(request_id, Say::Fail(failure), self.hand).await
    }

    /// Prolongs the lease, by a call of its own; with none by the length that the server takes then.
    ///
    /// # Errors
    /// [`CallError`]: `STALE_EPOCH` where the task is no longer in your hands.
    pub async fn prolong(&self, lease: Option<std::time::Duration>) -> Result<v1::TaskReceipt, CallError> {
        let lease = lease.map(|lease| kaiban_api::duration(i64::try_from(lease.as_micros()).unwrap_or(i64::MAX)));
        let (_, address) = self.named(String::new(), None, "");
        let heartbeats = vec![v1::TaskHeartbeat { task: address, epoch: self.task.epoch, lease }];
        let answer = self.desk.client.call(v1::HeartbeatTasksRequest { heartbeats }).await?;
        read(answer.replies.into_iter().next().unwrap_or_default())
    }

    fn named(
        &self,
        request_id: String,
        address: Option<v1::TaskAddress>,
        suffix: &str,
    ) -> (String, Option<v1::TaskAddress>) {
        let v1::Task { id, epoch, .. } = self.task.as_ref();
        let request_id = if request_id.is_empty() { format!("{id}-{epoch}{suffix}") } else { request_id };
        (request_id, address.or_else(|| Some(v1::TaskAddress { id: id.clone(), ..Default::default() })))
    }
}

impl Desk {
    async fn say(&self, request_id: String, message: Say, hand: Arc<()>) -> Result<v1::TaskReceipt, CallError> {
        let (reply, answer) = oneshot::channel();
        self.says.send(Said { request_id, message, hand, reply }).await.map_err(|_| CallError::ended())?;
        answer.await.map_err(|_| CallError::ended())?
    }
}

/// What an answer says.
fn read(reply: v1::TaskReply) -> Result<v1::TaskReceipt, CallError> {
    match reply.answer {
        Some(v1::task_reply::Answer::Receipt(receipt)) => Ok(receipt),
        Some(v1::task_reply::Answer::Error(error)) => Err(error.into()),
        None => Err(CallError::ended()),
    }
}
