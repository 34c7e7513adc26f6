//! What all calls together may hold: how many are open, and how many bytes of their messages are in memory at a time. A
//! message takes several times its bytes once it is read, so that the bound is far below the memory that there is.
//!
//! The bytes of a call count from their arrival until it is answered; those of a message on a work stream until that is
//! dealt with. What there is no room for is refused before it is taken in, and told when to come again. Half of the room is
//! for what is under way: however many new cases wait there, work on the others can be said to be done.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use http_body::{Body as HttpBody, Frame, SizeHint};
use kaiban_app::Refusal;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tonic::Status;
use tonic::body::Body;
use tonic::codegen::Bytes;

use crate::limits::Limits;
use crate::refuse;

/// When to come again.
pub(crate) const AGAIN: Duration = Duration::from_secs(1);

/// Room that is shared by all calls.
#[derive(Clone)]
pub(crate) struct Room {
    calls: Arc<Semaphore>,
    bytes: Arc<Semaphore>,
    /// What new cases leave free.
    reserved: usize,
}

impl Room {
    pub(crate) fn new(limits: &Limits) -> Self {
        // One message of each kind fits in any case.
        let bytes = limits.messages_max_bytes.max(2 * limits.request_max_bytes);
        let (calls, bytes, reserved) = (Semaphore::new(limits.calls_max), Semaphore::new(bytes), bytes / 2);
        Self { calls: Arc::new(calls), bytes: Arc::new(bytes), reserved }
    }

    /// A place for one more call or stream.
    pub(crate) fn call(&self) -> Result<OwnedSemaphorePermit, Status> {
        Arc::clone(&self.calls).try_acquire_owned().map_err(|_| busy())
    }

    /// Room for a message that was read from a stream.
    pub(crate) fn message(&self, bytes: usize) -> Result<OwnedSemaphorePermit, Refusal> {
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        Arc::clone(&self.bytes).try_acquire_many_owned(bytes).map_err(|_| Refusal::busy(AGAIN))
    }

    /// A request whose bytes are counted as they arrive, and what holds them until it is dropped. `begins`: it would begin
    /// something new, which takes no room from what is under way.
    pub(crate) fn counted(&self, body: Body, begins: bool) -> (Body, Arc<Held>) {
        let left_free = if begins { self.reserved } else { 0 };
        let held = Arc::new(Held { room: Arc::clone(&self.bytes), left_free, bytes: AtomicUsize::new(0) });
        (Body::new(Counted { body, held: Arc::clone(&held), refused: false }), held)
    }
}

fn busy() -> Status {
    refuse::status(Refusal::busy(AGAIN))
}

/// The bytes of one call.
pub(crate) struct Held {
    room: Arc<Semaphore>,
    left_free: usize,
    bytes: AtomicUsize,
}

impl Held {
    /// Whether there is room for so many more.
    fn take(&self, bytes: usize) -> bool {
        // Others may come between question and taking: then a little less is left.
        if bytes > 0 && self.room.available_permits() < self.left_free.saturating_add(bytes) {
            return false;
        }
        match self.room.try_acquire_many(u32::try_from(bytes).unwrap_or(u32::MAX)) {
            Ok(permit) => {
                permit.forget();
                self.bytes.fetch_add(bytes, Ordering::Relaxed);
                true
            }
            Err(_) => false,
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.room.add_permits(self.bytes.load(Ordering::Relaxed));
    }
}

struct Counted {
    body: Body,
    held: Arc<Held>,
    /// There was no room: what still comes is let go, so that the caller is told once all was sent. Who hears of a refusal
    /// while still sending may take it for a broken connection.
    refused: bool,
}

impl HttpBody for Counted {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        loop {
            let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
            let bytes = match &frame {
                Some(Ok(frame)) => frame.data_ref().map_or(0, Bytes::len),
                None if self.refused => return Poll::Ready(Some(Err(busy()))),
                None | Some(Err(_)) => return Poll::Ready(frame),
            };
            if !self.refused && self.held.take(bytes) {
                return Poll::Ready(frame);
            }
            self.refused = true;
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use tonic::Code;

    use super::*;

    /// Reads a body to its end.
    async fn read(mut body: Body) -> Result<usize, Status> {
        let mut bytes = 0;
        while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
            bytes += frame?.data_ref().map_or(0, Bytes::len);
        }
        Ok(bytes)
    }

    #[tokio::test]
    async fn a_message_has_its_room_until_its_call_is_answered() {
        let limits = Limits { request_max_bytes: 500, messages_max_bytes: 1_000, ..Limits::default() };
        let room = Room::new(&limits);
        let message = |bytes: usize| room.counted(Body::new("x".repeat(bytes)), false);
        let (body, held) = message(600);
        assert_eq!(read(body).await.unwrap(), 600);
        let (body, _) = message(600);
        assert_eq!(read(body).await.unwrap_err().code(), Code::ResourceExhausted);
        assert_eq!(room.message(600).unwrap_err().reason, "BUSY");
        let (body, small) = message(400);
        assert_eq!(read(body).await.unwrap(), 400, "what fits is taken");
        drop((held, small));
        drop(room.message(1_000).unwrap());
    }

    #[tokio::test]
    async fn new_cases_leave_room_for_what_is_under_way() {
        let limits = Limits { request_max_bytes: 500, messages_max_bytes: 1_000, ..Limits::default() };
        let room = Room::new(&limits);
        let message = |begins: bool| room.counted(Body::new("x".repeat(500)), begins);
        let (body, new) = message(true);
        assert_eq!(read(body).await.unwrap(), 500);
        assert_eq!(read(message(true).0).await.unwrap_err().code(), Code::ResourceExhausted);
        let (body, work) = message(false);
        assert_eq!(read(body).await.unwrap(), 500, "half of the room is for it");
        drop(new);
        assert!(read(message(true).0).await.is_err(), "the other half is taken");
        drop(work);
        assert_eq!(read(message(true).0).await.unwrap(), 500);
    }
}
