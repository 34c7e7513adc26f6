//! `WorkTasks`: one stream between an agency and its queues.
//!
//! Three things happen at once: tasks go out as the app hands them over, messages come in, and answers to earlier
//! messages go out as they are ready. Each message is dealt with in a task of its own, so that many are in one commit;
//! when too many are under way, reading stops and the sender waits. What has come in is dealt with even when the
//! stream breaks: an agency that hears nothing asks again with the same request_id.

use std::sync::Arc;

use kaiban_api::v1;
use kaiban_app::{OpenWork, Refusal, Work, WorkEvent, WorkHandle};
use prost::Message;
use tokio::task::{JoinError, JoinSet};
use tonic::{Code, Status, Streaming};
use v1::work_tasks_request::Message as Request;
use v1::work_tasks_response::Message as Answer;

use super::Api;
use super::task::task_id;
use crate::caller::Caller;
use crate::map::task;
use crate::outbound::Outbox;
use crate::refuse::{self, status};

type Answers = Outbox<v1::WorkTasksResponse>;

/// Messages that are being dealt with; most have something to reply in the end.
type Calls = JoinSet<Option<v1::TaskReply>>;

/// One stream.
pub(super) struct Session {
    api: Api,
    who: Arc<Caller>,
    messages: Streaming<v1::WorkTasksRequest>,
}

impl Session {
    pub(super) fn new(api: Api, who: Arc<Caller>, messages: Streaming<v1::WorkTasksRequest>) -> Self {
        Self { api, who, messages }
    }

    /// Serves the stream to its end; the result is its last word.
    pub(super) async fn run(mut self, answers: &Answers) -> Result<(), Status> {
        let open = self.opening().await?;
        let Work { office, mut events, handle } = self.api.app.work(&self.who, open).await.map_err(status)?;
        send(answers, Answer::Opened(v1::WorkOpened { office })).await?;

        let mut calls = Calls::new();
        let word = self.exchange(answers, &mut events, &handle, &mut calls).await;
        match word {
            // Nobody reads, or too slowly: what was asked is still done, but not told.
            Err(unread) if matches!(unread.code(), Code::Cancelled | Code::ResourceExhausted) => {
                calls.detach_all();
                Err(unread)
            }
            word => {
                while let Some(reply) = calls.join_next().await {
                    say(answers, reply).await?;
                }
                // What was handed over meanwhile belongs to the agency; it had better know.
                while let Ok(event) = events.try_recv() {
                    tell(answers, event).await?;
                }
                word
            }
        }
    }

    /// The first message, which must open the stream.
    async fn opening(&mut self) -> Result<OpenWork, Status> {
        let wanted = || {
            status(Refusal::argument(
                "OPEN_EXPECTED",
                "数据流的第一条消息必须是 open。",
                "The first message of the stream must be `open`.",
            ))
        };
        let first = tokio::select! {
            first = tokio::time::timeout(self.api.limits.open_max, self.messages.message()) => first,
            () = self.api.stopping.heard() => return Err(status(Refusal::stopping())),
        };
        match first.map_err(|_| wanted())?.map_err(|status| refuse::transport(status, &self.api.limits))? {
            Some(v1::WorkTasksRequest { message: Some(Request::Open(open)) }) => {
                task::open(open, &self.api.limits).map_err(status)
            }
            _ => Err(wanted()),
        }
    }

    async fn exchange(
        &mut self,
        answers: &Answers,
        events: &mut tokio::sync::mpsc::Receiver<WorkEvent>,
        handle: &WorkHandle,
        calls: &mut Calls,
    ) -> Result<(), Status> {
        let who = Arc::clone(&self.who);
        let mut dismissed = std::pin::pin!(who.dismissed());
        let mut listening = true;
        while listening || !calls.is_empty() {
            let room = calls.len() < self.api.limits.stream_in_flight_max;
            tokio::select! {
                // What was handed over before something was answered is said before the answer.
                biased;
                event = events.recv() => match event {
                    Some(event) => tell(answers, event).await?,
                    None => return Err(status(Refusal::stopping())),
                },
                Some(reply) = calls.join_next(), if !calls.is_empty() => {
                    say(answers, reply).await?;
                }
                message = self.messages.message(), if listening && room => {
                    match message.map_err(|status| refuse::transport(status, &self.api.limits))? {
                        Some(message) => accept(message, handle, calls, &self.api).await?,
                        None => {
                            listening = false;
                            handle.resize(0).await.map_err(status)?;
                        }
                    }
                }
                () = self.api.stopping.heard() => return Err(status(Refusal::stopping())),
                word = &mut dismissed => return Err(word),
                () = answers.abandoned() => return Err(Status::cancelled("the reader has hung up")),
            }
        }
        Ok(())
    }
}

/// Deals with one message; those that change a task answer later.
async fn accept(
    message: v1::WorkTasksRequest,
    handle: &WorkHandle,
    calls: &mut Calls,
    api: &Api,
) -> Result<(), Status> {
    let (handle, limits) = (handle.clone(), Arc::clone(&api.limits));
    let held = api.room.message(message.encoded_len());
    match message.message {
        Some(Request::Complete(item)) => {
            calls.spawn(async move {
                let (request_id, named) = (item.request_id.clone(), task_id(item.task.as_ref()));
                let answer = match held.and_then(|held| Ok((task::completion(item, &limits)?, held))) {
                    Ok((completion, _held)) => handle.complete(completion).await,
                    Err(refusal) => Err(refusal),
                };
                Some(task::reply(request_id, named, answer))
            });
        }
        Some(Request::Heartbeat(item)) => {
            calls.spawn(async move {
                let named = task_id(item.task.as_ref());
                let answer = match held.and_then(|held| Ok((task::heartbeat(item, &limits)?, held))) {
                    Ok((heartbeat, _held)) => handle.heartbeat(heartbeat).await,
                    Err(refusal) => Err(refusal),
                };
                Some(task::reply(String::new(), named, answer))
            });
        }
        Some(Request::Defer(item)) => {
            calls.spawn(async move {
                let (request_id, named) = (item.request_id.clone(), task_id(item.task.as_ref()));
                let answer = match held.and_then(|held| Ok((task::deferral(item, &limits)?, held))) {
                    Ok((deferral, _held)) => handle.defer(deferral).await,
                    Err(refusal) => Err(refusal),
                };
                Some(task::reply(request_id, named, answer))
            });
        }
        Some(Request::Fail(item)) => {
            calls.spawn(async move {
                let (request_id, named) = (item.request_id.clone(), task_id(item.task.as_ref()));
                let answer = match held.and_then(|held| Ok((task::failure(item, &limits)?, held))) {
                    Ok((failure, _held)) => handle.fail(failure).await,
                    Err(refusal) => Err(refusal),
                };
                Some(task::reply(request_id, named, answer))
            });
        }
        Some(Request::Sync(sync)) => {
            calls.spawn(async move {
                handle.sync(sync.nonce).await;
                None
            });
        }
        // Not beside the stream: of two sizes the later one must win.
        Some(Request::Resize(resize)) => {
            let window = task::resize(resize, &limits).map_err(status)?;
            handle.resize(window).await.map_err(status)?;
        }
        Some(Request::Open(_)) => {
            return Err(status(Refusal::argument(
                "OPEN_TWICE",
                "数据流已经打开；要服务其他部门请另建数据流。",
                "The stream is open already: open another one for another office.",
            )));
        }
        None => {
            return Err(status(Refusal::argument(
                "MESSAGE_UNKNOWN",
                "消息为空，或是本版本不认识的消息。",
                "The message is empty, or of a kind that this version does not know.",
            )));
        }
    }
    Ok(())
}

/// Answers a message that was dealt with.
async fn say(answers: &Answers, reply: Result<Option<v1::TaskReply>, JoinError>) -> Result<(), Status> {
    match reply.map_err(|_| refuse::defect())? {
        Some(reply) => send(answers, Answer::Reply(reply)).await,
        None => Ok(()),
    }
}

/// Tells the agency what the app says.
async fn tell(answers: &Answers, event: WorkEvent) -> Result<(), Status> {
    let answer = match event {
        WorkEvent::Task(task) => Answer::Task(task::present(*task).map_err(status)?),
        WorkEvent::Taken { task, epoch, reason } => {
            Answer::Taken(v1::TaskTaken { task, epoch, reason: reason.to_owned() })
        }
        WorkEvent::Synced(nonce) => Answer::Synced(v1::WorkSynced { nonce }),
        WorkEvent::End(refusal) => return Err(status(refusal)),
    };
    send(answers, answer).await
}

async fn send(answers: &Answers, message: Answer) -> Result<(), Status> {
    answers.send(v1::WorkTasksResponse { message: Some(message) }).await
}
