//! Answers on their way to their readers. While a reader takes what is there, or there is nothing to be taken, nothing
//! happens here. Who takes nothing of what is there for too long is given up: what was still to come is let go at once, a
//! stream with all that fills it, so that what an unread answer holds is bounded in time; what large ones hold together is
//! bounded in bytes.
//!
//! The transport asks for a piece and keeps it until the reader's window has room for some of it; meanwhile it asks for
//! nothing. So whoever waits is not found in here but from outside, by one task that looks at all answers now and then.

use std::collections::HashMap;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use http_body::{Body as HttpBody, Frame, SizeHint};
use kaiban_app::{Canonical, Refusal};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tonic::Status;
use tonic::body::Body;
use tonic::codegen::Bytes;
use tonic::codegen::http::HeaderMap;

use crate::call::{self, Facts};
use crate::layers::log;
use crate::limits::Limits;
use crate::outbound::slow_reader;
use crate::refuse;
use crate::room::AGAIN;

/// Bytes that the transport is handed at a time: a frame of HTTP/2. It keeps them itself once the reader's window has room
/// for the first of them.
const PIECE: usize = 16 << 10;

/// Of a larger answer the last piece is so short: it is asked for when the pieces before it have found room, so that an
/// answer is here until nearly all of it has gone.
const TAIL: usize = 1 << 10;

/// Bytes that are not counted, and that a reader who is given up may still fetch; what fills a stream comes in about so
/// much at a time.
const SMALL: usize = 80 << 10;

/// How often answers are looked at, at the most.
const LEAST: Duration = Duration::from_millis(250);

/// One given-up answer in so many places has one of its own, and the call's is free again; if more are left unread than
/// that, they keep their calls' places.
const GIVEN_UP_SHARE: usize = 4;

/// All answers on their way. Cloning is cheap.
#[derive(Clone)]
pub(crate) struct Answers(Arc<Shared>);

struct Shared {
    open: Mutex<HashMap<u64, Arc<Mutex<State>>>>,
    next: AtomicU64,
    /// What the large ones may hold, and what is left of it.
    large_max: usize,
    bytes: Arc<Semaphore>,
    given_up: Arc<Semaphore>,
    slow_reader_max: Duration,
}

impl Answers {
    pub(crate) fn new(limits: &Limits) -> Self {
        // One answer fits in any case.
        let large_max = limits.answers_max_bytes.max(limits.response_max_bytes);
        Self(Arc::new(Shared {
            open: Mutex::default(),
            next: AtomicU64::new(0),
            large_max,
            bytes: Arc::new(Semaphore::new(large_max)),
            given_up: Arc::new(Semaphore::new((limits.calls_max / GIVEN_UP_SHARE).max(1))),
            slow_reader_max: limits.slow_reader_max,
        }))
    }

    /// An answer that holds its call's place until it has been taken, or was given up. `at_its_pace`: its reader may let
    /// what is there wait, because what fills the stream bounds that itself.
    pub(crate) fn sent(&self, body: Body, place: OwnedSemaphorePermit, at_its_pace: bool) -> Body {
        let id = self.0.next.fetch_add(1, Ordering::Relaxed);
        let state = Arc::new(Mutex::new(State {
            body: Some(body),
            left: Bytes::new(),
            last: None,
            held: None,
            _place: place,
            stream: false,
            at_its_pace,
            pieces: 0,
            untaken: false,
            seen: None,
            facts: call::facts(),
            begun: Instant::now(),
        }));
        lock(&self.0.open).insert(id, Arc::clone(&state));
        Body::new(Answer { answers: self.clone(), id, state })
    }

    /// Gives up what is not taken, for as long as it is polled.
    pub(crate) async fn overseen(&self) -> Infallible {
        let every = (self.0.slow_reader_max / 4).max(LEAST);
        loop {
            tokio::time::sleep(every).await;
            let open: Vec<_> = lock(&self.0.open).values().cloned().collect();
            for answer in open {
                // One that is asked for a piece right now is no matter.
                if let Ok(mut state) = answer.try_lock() {
                    state.judge(&self.0, Instant::now());
                }
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Answer {
    answers: Answers,
    id: u64,
    state: Arc<Mutex<State>>,
}

struct State {
    /// Where the rest comes from.
    body: Option<Body>,
    /// What came from there and was not handed on yet.
    left: Bytes,
    /// What is said after that instead of the rest.
    last: Option<Last>,
    /// The room of what is left, if it is large.
    held: Option<OwnedSemaphorePermit>,
    _place: OwnedSemaphorePermit,
    /// Whether more than one message may come: an answer that comes at once, and in one, is that of a call.
    stream: bool,
    at_its_pace: bool,
    /// Pieces handed on.
    pieces: u64,
    /// Whether the transport has not come again after the last of them.
    untaken: bool,
    /// How many pieces there were when somebody looked, and since when it has been the same.
    seen: Option<(u64, Instant)>,
    facts: Facts,
    begun: Instant,
}

enum Last {
    Word(Status),
    /// A message was cut in two, or is of a call whose answer is not known then: the stream is reset.
    Reset(Status),
}

impl State {
    fn poll(&mut self, answers: &Shared, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        self.untaken = false;
        if !self.left.is_empty() {
            return Poll::Ready(Some(Ok(self.piece())));
        }
        self.held = None;
        match self.last.take() {
            Some(Last::Word(status)) => return Poll::Ready(Some(word(&status))),
            Some(Last::Reset(status)) => return Poll::Ready(Some(Err(status))),
            None => {}
        }
        let Some(body) = &mut self.body else { return Poll::Ready(None) };
        let frame = Pin::new(body).poll_frame(context);
        self.stream |= frame.is_pending();
        let frame = match ready!(frame) {
            Some(Ok(frame)) => frame,
            end => return Poll::Ready(end),
        };
        let data = match frame.into_data() {
            Ok(data) if !data.is_empty() => data,
            Ok(nothing) => return Poll::Ready(Some(Ok(Frame::data(nothing)))),
            Err(trailers) => return Poll::Ready(Some(Ok(trailers))),
        };
        if data.len() > SMALL {
            let bytes = u32::try_from(data.len().min(answers.large_max)).unwrap_or(u32::MAX);
            let Ok(held) = Arc::clone(&answers.bytes).try_acquire_many_owned(bytes) else {
                self.body = None;
                return Poll::Ready(Some(word(&full())));
            };
            self.held = Some(held);
        }
        self.stream |= self.pieces > 0;
        self.left = data;
        Poll::Ready(Some(Ok(self.piece())))
    }

    fn piece(&mut self) -> Frame<Bytes> {
        let length = match self.left.len() {
            long if long > PIECE + TAIL => PIECE,
            last if last > PIECE => last - TAIL,
            last if self.held.is_some() && last > TAIL => last - TAIL,
            last => last,
        };
        self.pieces += 1;
        self.untaken = true;
        let piece = self.left.split_to(length);
        // A part of something keeps all of it in memory.
        Frame::data(if self.held.is_some() { Bytes::copy_from_slice(&piece) } else { piece })
    }

    fn judge(&mut self, answers: &Shared, now: Instant) {
        if !self.untaken || self.at_its_pace || self.body.is_none() {
            self.seen = None;
            return;
        }
        match self.seen {
            Some((pieces, since)) if pieces == self.pieces => {
                if now.duration_since(since) >= answers.slow_reader_max {
                    self.give_up(answers);
                }
            }
            _ => self.seen = Some((self.pieces, now)),
        }
    }

    fn give_up(&mut self, answers: &Shared) {
        let status = slow_reader();
        let ms = u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        log::failed("an answer", &status, &self.facts, ms);
        self.body = None;
        (self.left, self.last) = if self.stream && self.left.len() <= SMALL {
            (Bytes::copy_from_slice(&self.left), Some(Last::Word(status)))
        } else {
            (Bytes::new(), Some(Last::Reset(status)))
        };
        self.held = None;
        if let Ok(place) = Arc::clone(&answers.given_up).try_acquire_owned() {
            self._place = place;
        }
    }
}

/// What the call was about may be done: there is only no room for saying so.
fn full() -> Status {
    refuse::status(Refusal {
        retry_after: Some(AGAIN),
        ..Refusal::new(
            Canonical::Unavailable,
            "ANSWERS_UNREAD",
            "等待接收的应答过多，本次应答未能发出；请稍后用同一 request_id 重试，或减少每页条数。",
            "Too many large answers wait to be read, and there was no room for this one: try again with the same request_id, or ask for smaller pages.",
        )
    })
}

/// A status at the end of what was said.
fn word(status: &Status) -> Result<Frame<Bytes>, Status> {
    let mut trailers = HeaderMap::new();
    status.add_header(&mut trailers)?;
    Ok(Frame::trailers(trailers))
}

impl HttpBody for Answer {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        lock(&self.state).poll(&self.answers.0, context)
    }

    fn is_end_stream(&self) -> bool {
        let state = lock(&self.state);
        let over = state.left.is_empty() && state.last.is_none();
        over && state.body.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        let state = lock(&self.state);
        match &state.body {
            Some(body) if state.pieces == 0 => body.size_hint(),
            _ => SizeHint::default(),
        }
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        lock(&self.answers.0.open).remove(&self.id);
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use tokio::sync::mpsc;
    use tonic::Code;

    use super::*;
    use crate::room::Room;

    async fn frame(body: &mut Body) -> Option<Result<Frame<Bytes>, Status>> {
        poll_fn(|context| Pin::new(&mut *body).poll_frame(context)).await
    }

    /// What is told comes as it is told.
    struct Told(mpsc::Receiver<Bytes>);

    impl HttpBody for Told {
        type Data = Bytes;
        type Error = Status;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            context: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
            self.0.poll_recv(context).map(|told| told.map(|told| Ok(Frame::data(told))))
        }
    }

    fn small() -> Limits {
        Limits { calls_max: 1, response_max_bytes: 100_000, answers_max_bytes: 0, ..Limits::default() }
    }

    #[test]
    fn a_place_is_free_again_when_its_answer_has_gone() {
        let (room, answers) = (Room::new(&small()), Answers::new(&small()));
        let answer = answers.sent(Body::new("x".to_owned()), room.call().unwrap(), false);
        assert_eq!(room.call().unwrap_err().code(), Code::ResourceExhausted);
        drop(answer);
        drop(room.call().unwrap());
        assert!(lock(&answers.0.open).is_empty());
    }

    #[tokio::test]
    async fn an_answer_comes_whole_however_it_is_cut() {
        let (room, answers) = (Room::new(&small()), Answers::new(&small()));
        for length in [1, PIECE, PIECE + 1, PIECE + TAIL + 1, SMALL, SMALL + 1, 100_000] {
            let text: String = (0..length).map(|n| char::from(b'a' + u8::try_from(n % 26).unwrap())).collect();
            let mut body = answers.sent(Body::new(text.clone()), room.call().unwrap(), false);
            let mut heard = Vec::new();
            while let Some(frame) = frame(&mut body).await {
                let piece = frame.unwrap().into_data().unwrap();
                assert!(piece.len() <= PIECE);
                heard.extend_from_slice(&piece);
            }
            assert!(heard == text.as_bytes(), "{length}");
        }
    }

    #[tokio::test]
    async fn large_answers_are_bounded_together() {
        let limits = Limits { calls_max: 3, ..small() };
        let (room, answers) = (Room::new(&limits), Answers::new(&limits));
        let sent = |length: usize| answers.sent(Body::new("x".repeat(length)), room.call().unwrap(), false);
        let mut first = sent(100_000);
        assert!(frame(&mut first).await.unwrap().unwrap().is_data());
        let mut second = sent(100_000);
        let refused = frame(&mut second).await.unwrap().unwrap().into_trailers().unwrap();
        assert_eq!(Status::from_header_map(&refused).unwrap().code(), Code::Unavailable);
        let mut little = sent(SMALL);
        assert!(frame(&mut little).await.unwrap().unwrap().is_data());
        drop((first, second));
        assert!(frame(&mut sent(100_000)).await.unwrap().unwrap().is_data());
    }

    #[tokio::test]
    async fn what_is_not_taken_is_let_go() {
        let limits = Limits { slow_reader_max: Duration::ZERO, ..small() };
        let (room, answers) = (Room::new(&limits), Answers::new(&limits));
        let judge = || {
            let open: Vec<_> = lock(&answers.0.open).values().cloned().collect();
            open.iter().for_each(|answer| lock(answer).judge(&answers.0, Instant::now()));
        };
        let mut call = answers.sent(Body::new("x".repeat(100_000)), room.call().unwrap(), false);
        judge();
        judge();
        assert!(frame(&mut call).await.unwrap().unwrap().is_data(), "nobody had asked yet");
        judge();
        assert!(frame(&mut call).await.unwrap().unwrap().is_data(), "it moved");
        judge();
        assert!(room.call().is_err());
        judge();
        let place = room.call().unwrap();
        assert_eq!(answers.0.bytes.available_permits(), 100_000);
        assert_eq!(frame(&mut call).await.unwrap().unwrap_err().code(), Code::ResourceExhausted, "the rest is gone");

        let (news, told) = mpsc::channel(2);
        let mut stream = answers.sent(Body::new(Told(told)), place, false);
        for _ in 0..2 {
            news.send(Bytes::from("x".repeat(30_000))).await.unwrap();
        }
        for _ in 0..3 {
            assert!(frame(&mut stream).await.unwrap().unwrap().is_data());
        }
        judge();
        judge();
        news.closed().await;
        let rest = frame(&mut stream).await.unwrap().unwrap().into_data().unwrap();
        assert_eq!(rest.len(), 30_000 - PIECE, "what was under way comes whole");
        let last = frame(&mut stream).await.unwrap().unwrap().into_trailers().unwrap();
        assert_eq!(Status::from_header_map(&last).unwrap().code(), Code::ResourceExhausted);
        assert!(frame(&mut stream).await.is_none());
    }
}
