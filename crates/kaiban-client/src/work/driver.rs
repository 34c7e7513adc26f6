//! Holds a work stream open: one after the other, and what is not answered on one goes on to the next.
//!
//! The server counts a window for each stream; what is in hand from streams that broke it does not know of. So a new stream
//! is opened with that much less, and its window grows as those offers go: an office never has more in hand than it asked
//! for, however often the stream breaks. Every offer holds the `Arc` of its stream, and how many do is how many are in hand.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use futures::StreamExt;
use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;
use kaiban_api::v1;
use kaiban_api::v1::task_service_client::TaskServiceClient;
use tokio::sync::{mpsc, oneshot};
use tokio::time::sleep;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Streaming;
use v1::work_tasks_request::Message as Say;
use v1::work_tasks_response::Message as Hear;

use super::{Desk, Heard, Offer, SAYS_AHEAD, read};
use crate::client::Client;
use crate::error::CallError;

/// What an offer's owner says, and who waits for the answer.
#[derive(Debug)]
pub(super) struct Said {
    pub request_id: String,
    pub message: Say,
    pub reply: oneshot::Sender<Result<v1::TaskReceipt, CallError>>,
}

pub(super) struct Driver {
    client: Client,
    /// Given to the offers. Weak, so that the stream ends when nobody is left who could say anything.
    says: mpsc::WeakSender<Said>,
    /// The one strong sender, until the office stops listening.
    open_says: Option<mpsc::Sender<Said>>,
    open: v1::OpenWork,
    said: mpsc::Receiver<Said>,
    heard: mpsc::Sender<Heard>,
    /// By request id.
    unanswered: HashMap<String, Unanswered>,
    /// Request ids that go out next.
    outgoing: VecDeque<String>,
    /// Request ids of what was refused for now.
    resting: FuturesUnordered<BoxFuture<'static, String>>,
    /// Of streams that broke, as long as offers of theirs are in hand.
    old_hands: Vec<Arc<()>>,
    /// What waits for room with the office; nothing is read meanwhile.
    unheard: Option<Heard>,
}

struct Unanswered {
    message: Say,
    reply: oneshot::Sender<Result<v1::TaskReceipt, CallError>>,
    refused: u32,
}

/// A stream that is open.
struct Stream {
    say: mpsc::Sender<v1::WorkTasksRequest>,
    hear: Streaming<v1::WorkTasksResponse>,
    hand: Arc<()>,
    /// The window that the server knows of.
    window: i32,
}

impl Driver {
    pub fn new(desk: Desk, open: v1::OpenWork, said: mpsc::Receiver<Said>, heard: mpsc::Sender<Heard>) -> Self {
        Self {
            client: desk.client,
            says: desk.says.downgrade(),
            open_says: Some(desk.says),
            open,
            said,
            heard,
            unanswered: HashMap::new(),
            outgoing: VecDeque::new(),
            resting: FuturesUnordered::new(),
            old_hands: Vec::new(),
            unheard: None,
        }
    }

    /// Until nobody is left on this side, or the server refuses for good; whoever waits for an answer then is told.
    pub async fn hold(mut self) -> Result<(), CallError> {
        let mut failed = 0;
        loop {
            let at = self.client.current().0;
            let error = match self.stream(&mut failed).await {
                Ok(()) => return Ok(()),
                Err(error) => error,
            };
            failed += 1;
            self.client.failed(at, &error);
            if !self.client.goes_on(&error) {
                let error = error.after(failed);
                for (_, unanswered) in self.unanswered.drain() {
                    let _ = unanswered.reply.send(Err(error.clone()));
                }
                return Err(error);
            }
            tokio::select! {
                () = sleep(self.client.pause(failed, &error)) => {}
                () = self.heard.closed(), if self.open_says.is_some() => self.open_says = None,
            }
            if self.is_over() {
                return Ok(());
            }
        }
    }

    /// One stream, from its opening to its end.
    async fn stream(&mut self, failed: &mut u32) -> Result<(), CallError> {
        self.outgoing = self.unanswered.keys().cloned().collect();
        self.resting.clear();
        let mut stream = self.opened().await?;
        let broke = self.exchange(&mut stream, failed).await;
        self.old_hands.push(stream.hand);
        broke
    }

    async fn opened(&mut self) -> Result<Stream, CallError> {
        let (say, says) = mpsc::channel(SAYS_AHEAD);
        let window = self.room();
        let open = Say::Open(v1::OpenWork { window, ..self.open.clone() });
        // There is room: nothing was said before.
        let _ = say.try_send(v1::WorkTasksRequest { message: Some(open) });
        let mut tasks = TaskServiceClient::new(self.client.line());
        let hear = tasks.work_tasks(ReceiverStream::new(says)).await?.into_inner();
        Ok(Stream { say, hear, hand: Arc::default(), window })
    }

    async fn exchange(&mut self, stream: &mut Stream, failed: &mut u32) -> Result<(), CallError> {
        let (say, office) = (stream.say.clone(), self.heard.clone());
        let mut listening = true;
        while !self.is_over() {
            let room = if self.open_says.is_some() { self.room() } else { 0 };
            let speaks = !self.outgoing.is_empty() || room != stream.window;
            tokio::select! {
                message = stream.hear.message(), if self.unheard.is_none() => {
                    let heard = message?.and_then(|heard| heard.message).ok_or_else(CallError::ended)?;
                    *failed = 0;
                    self.hears(heard, &stream.hand);
                }
                permit = office.reserve(), if self.unheard.is_some() => {
                    if let (Ok(permit), Some(heard)) = (permit, self.unheard.take()) {
                        permit.send(heard);
                    }
                }
                permit = say.reserve(), if speaks => {
                    let permit = permit.map_err(|_| CallError::ended())?;
                    let message = if room == stream.window {
                        self.outgoing.pop_front().and_then(|id| Some(self.unanswered.get(&id)?.message.clone()))
                    } else {
                        stream.window = room;
                        Some(Say::Resize(v1::ResizeWindow { window: room }))
                    };
                    if message.is_some() {
                        permit.send(v1::WorkTasksRequest { message });
                    }
                }
                said = self.said.recv(), if listening && self.outgoing.is_empty() => match said {
                    Some(said) => self.takes(said),
                    None => listening = false,
                },
                Some(request_id) = self.resting.next() => self.outgoing.push_back(request_id),
                () = office.closed(), if self.open_says.is_some() => self.open_says = None,
            }
        }
        Ok(())
    }

    /// Nobody is left who could say anything, and all is answered.
    fn is_over(&self) -> bool {
        self.said.is_closed() && self.said.is_empty() && self.unanswered.is_empty()
    }

    /// How many more may be handed out on the present stream, beside what is in hand from earlier ones.
    fn room(&mut self) -> i32 {
        self.old_hands.retain(|hand| Arc::strong_count(hand) > 1);
        let held: usize = self.old_hands.iter().map(|hand| Arc::strong_count(hand) - 1).sum();
        // A stream is opened with at least one place.
        self.open.window.saturating_sub(i32::try_from(held).unwrap_or(i32::MAX)).max(1)
    }

    fn takes(&mut self, said: Said) {
        let Said { request_id, message, reply } = said;
        if self.unanswered.contains_key(&request_id) {
            let _ = reply.send(Err(CallError::request_id_reused()));
            return;
        }
        self.outgoing.push_back(request_id.clone());
        self.unanswered.insert(request_id, Unanswered { message, reply, refused: 0 });
    }

    fn hears(&mut self, heard: Hear, hand: &Arc<()>) {
        match heard {
            Hear::Task(task) => {
                let Some(says) = self.says.upgrade() else { return };
                let desk = Desk { client: self.client.clone(), says };
                self.unheard = Some(Heard::Task(Offer { task: Box::new(task), desk, _hand: Arc::clone(hand) }));
            }
            Hear::Taken(taken) => self.unheard = Some(Heard::Taken(taken)),
            Hear::Reply(reply) => self.answered(reply),
            Hear::Opened(_) | Hear::Synced(_) => {}
        }
    }

    fn answered(&mut self, reply: v1::TaskReply) {
        let Some(mut waiting) = self.unanswered.remove(&reply.request_id) else { return };
        let request_id = reply.request_id.clone();
        match read(reply) {
            Err(error) if self.client.goes_on(&error) => {
                waiting.refused += 1;
                let pause = self.client.pause(waiting.refused, &error);
                self.unanswered.insert(request_id.clone(), waiting);
                self.resting.push(Box::pin(async move {
                    sleep(pause).await;
                    request_id
                }));
            }
            // Nobody waits any more where the future was dropped.
            answer => drop(waiting.reply.send(answer)),
        }
    }
}
