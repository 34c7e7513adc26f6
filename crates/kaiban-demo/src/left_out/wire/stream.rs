//! Tasks through a stream.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use kaiban_api::duration;
use kaiban_api::v1::work_tasks_request::Message as Say;
use kaiban_api::v1::work_tasks_response::Message as Hear;
use kaiban_api::v1::{TaskCompletion, TaskReply, WorkTasksRequest, WorkTasksResponse};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::metadata::MetadataMap;
use tonic::{Status, Streaming};

use super::super::account::Verb;
use super::super::fate::Fate;
use super::{Wire, broken, busy_item, lock, passed_on, short_us};

/// What goes to the client.
pub(crate) type Answers = ReceiverStream<Result<WorkTasksResponse, Status>>;

/// Messages on their way in either direction.
const AHEAD: usize = 1_024;

/// The way to the server; it ends when nobody holds it any more: also what is held up on its way does.
type Up = mpsc::Sender<WorkTasksRequest>;

/// One stream.
struct Line {
    wire: Wire,
    /// To the client.
    down: mpsc::Sender<Result<WorkTasksResponse, Status>>,
    /// What was said under a request id, until it is answered.
    said: Mutex<HashMap<String, Said>>,
}

#[derive(Clone)]
struct Said {
    task: String,
    epoch: i64,
    verb: Verb,
    fate: Fate,
    /// Replies that come and do not go on to the client.
    spare: u32,
}

/// Joins the client to the server.
pub(super) async fn join(
    wire: Wire,
    metadata: &MetadataMap,
    messages: Streaming<WorkTasksRequest>,
) -> Result<Answers, Status> {
    let (up, sent) = mpsc::channel(AHEAD);
    let (mut client, request) = wire.on(metadata, ReceiverStream::new(sent));
    let answers = client.work_tasks(request).await.map_err(passed_on)?.into_inner();
    let (down, heard) = mpsc::channel(AHEAD);
    let line = Arc::new(Line { wire, down, said: Mutex::new(HashMap::new()) });
    let talking = tokio::spawn(Arc::clone(&line).talk(messages, up));
    tokio::spawn(async move {
        let word = line.listen(answers).await;
        talking.abort();
        if let Err(status) = word {
            let _ = line.down.send(Err(passed_on(status))).await;
        }
    });
    Ok(ReceiverStream::new(heard))
}

impl Line {
    /// Passes on what the client says, until it says no more.
    async fn talk(self: Arc<Self>, mut messages: Streaming<WorkTasksRequest>, up: Up) {
        while let Ok(Some(WorkTasksRequest { mut message })) = messages.message().await {
            self.wire.world.tick();
            match &mut message {
                Some(Say::Complete(item)) => {
                    let task = self.wire.task(item.task.as_ref());
                    self.wire.account().says(&item.request_id, &task, item.epoch);
                    tokio::spawn(Arc::clone(&self).complete(task, item.clone(), up.clone()));
                    continue;
                }
                Some(Say::Open(open)) => {
                    open.lease = Some(duration(short_us(open.lease.map(|lease| lease.seconds))));
                }
                Some(Say::Heartbeat(item)) => {
                    item.lease = Some(duration(short_us(item.lease.map(|lease| lease.seconds))));
                }
                Some(Say::Defer(item)) => {
                    let task = self.wire.task(item.task.as_ref());
                    self.expect(&item.request_id, task, item.epoch, Verb::Defer, Fate::Plain);
                }
                Some(Say::Fail(item)) => {
                    let task = self.wire.task(item.task.as_ref());
                    self.expect(&item.request_id, task, item.epoch, Verb::Fail, Fate::Plain);
                }
                Some(Say::Resize(_) | Say::Sync(_)) | None => {}
            }
            if up.send(WorkTasksRequest { message }).await.is_err() {
                return;
            }
        }
    }

    fn expect(&self, request_id: &str, task: String, epoch: i64, verb: Verb, fate: Fate) {
        let said = Said { task, epoch, verb, fate, spare: u32::from(fate == Fate::Doubled) };
        lock(&self.said).insert(request_id.to_owned(), said);
    }

    /// Passes a completion on, whatever happens to it.
    async fn complete(self: Arc<Self>, task: String, item: TaskCompletion, up: Up) {
        let fate = self.wire.before(&item).await;
        if fate == Fate::Busy {
            self.wire.account().unheard(&item.request_id);
            let reply = busy_item(&item.request_id, &task);
            let _ = self.down.send(Ok(WorkTasksResponse { message: Some(Hear::Reply(reply)) })).await;
            return;
        }
        self.expect(&item.request_id, task, item.epoch, Verb::Complete, fate);
        for _ in 0..if fate == Fate::Doubled { 2 } else { 1 } {
            let message = Some(Say::Complete(item.clone()));
            if up.send(WorkTasksRequest { message }).await.is_err() {
                return;
            }
        }
    }

    /// Passes on what the server says; the result is the stream's last word.
    async fn listen(&self, mut answers: Streaming<WorkTasksResponse>) -> Result<(), Status> {
        while let Some(answer) = answers.message().await? {
            match &answer.message {
                Some(Hear::Task(task)) => self.wire.account().hands(task),
                Some(Hear::Reply(reply)) => {
                    if !self.goes_on(reply)? {
                        continue;
                    }
                }
                Some(Hear::Opened(_) | Hear::Taken(_) | Hear::Synced(_)) | None => {}
            }
            if self.down.send(Ok(answer)).await.is_err() {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Whether a reply goes on to the client; an error where the line breaks over it.
    fn goes_on(&self, reply: &TaskReply) -> Result<bool, Status> {
        let mut open = lock(&self.said);
        let Some(said) = open.get_mut(&reply.request_id) else { return Ok(true) };
        let mut account = self.wire.account();
        account.answered(&said.task, said.epoch, said.verb, reply);
        if said.fate == Fate::AnswerLost {
            account.unheard(&reply.request_id);
            return Err(broken());
        }
        if said.spare > 0 {
            said.spare -= 1;
            return Ok(false);
        }
        open.remove(&reply.request_id);
        Ok(true)
    }
}
