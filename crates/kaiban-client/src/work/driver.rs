//! Holds a work stream open: one after the other, and what is not answered on one goes on to the next.
//!
//! What a stream had in hand the server sends again on the next one, sooner or later: it is known by task and epoch, and is
//! no news to the office. Until it has come it counts against the window that the server is told of, so that an office never
//! has more in hand than it asked for, however often the stream breaks.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Weak};

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
    pub hand: Arc<()>,
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
    /// In hand from streams that broke, and not sent again yet.
    earlier: Hands,
    /// What waits for room with the office; nothing is read meanwhile.
    unheard: Option<Heard>,
}

/// Tasks by id and epoch; each is in hand as long as its offer or an answer to it is there.
type Hands = HashMap<(String, i64), Weak<()>>;

struct Unanswered {
    message: Say,
    _hand: Arc<()>,
    reply: oneshot::Sender<Result<v1::TaskReceipt, CallError>>,
    refused: u32,
}

/// A stream that is open.
struct Stream {
    say: mpsc::Sender<v1::WorkTasksRequest>,
    hear: Streaming<v1::WorkTasksResponse>,
    hands: Hands,
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
            earlier: Hands::new(),
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
        self.earlier.extend(stream.hands);
        broke
    }

    async fn opened(&mut self) -> Result<Stream, CallError> {
        let (say, says) = mpsc::channel(SAYS_AHEAD);
        let window = self.room();
        let open = Say::Open(v1::OpenWork { window, ..self.open.clone() });
        // There is room: nothing was said before.
        let _ = say.try_send(v1::WorkTasksRequest { message: Some(open) });
        let mut tasks = TaskServiceClient::new(self.client.line());
        // Until the server has said that it is open.
        let opening = async {
            let mut hear = tasks.work_tasks(ReceiverStream::new(says)).await?.into_inner();
            let opened = hear.message().await?;
            Ok((hear, opened))
        };
        let (hear, opened) = self.client.opened(opening).await?;
        opened.ok_or_else(CallError::ended)?;
        Ok(Stream { say, hear, hands: Hands::new(), window })
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
                    self.hears(heard, &mut stream.hands);
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
        self.earlier.retain(|_, hand| hand.strong_count() > 0);
        // A stream is opened with at least one place.
        self.open.window.saturating_sub(i32::try_from(self.earlier.len()).unwrap_or(i32::MAX)).max(1)
    }

    fn takes(&mut self, said: Said) {
        let Said { request_id, message, hand, reply } = said;
        if self.unanswered.contains_key(&request_id) {
            let _ = reply.send(Err(CallError::request_id_reused()));
            return;
        }
        self.outgoing.push_back(request_id.clone());
        self.unanswered.insert(request_id, Unanswered { message, _hand: hand, reply, refused: 0 });
    }

    fn hears(&mut self, heard: Hear, hands: &mut Hands) {
        match heard {
            Hear::Task(task) => {
                let address = (task.id.clone(), task.epoch);
                if let Some(known) = self.earlier.remove(&address).filter(|hand| hand.strong_count() > 0) {
                    hands.insert(address, known);
                    return;
                }
                // Its lease ran out, and it is still good.
                if hands.get(&address).is_some_and(|hand| hand.strong_count() > 0) {
                    return;
                }
                let Some(says) = self.says.upgrade() else { return };
                let (desk, hand) = (Desk { client: self.client.clone(), says }, Arc::new(()));
                if hands.len() >= 2 * usize::try_from(self.open.window).unwrap_or_default() {
                    hands.retain(|_, hand| hand.strong_count() > 0);
                }
                hands.insert(address, Arc::downgrade(&hand));
                self.unheard = Some(Heard::Task(Offer { task: Box::new(task), desk, hand }));
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
