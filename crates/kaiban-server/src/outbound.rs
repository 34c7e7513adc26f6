//! The sending half of a stream: a short queue, a bound on how long its reader may take, and a last word.
//!
//! A stream that ends without a last word (because what filled it panicked) ends in INTERNAL, never as if all were well.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use kaiban_app::{Canonical, Refusal};
use tokio::sync::{mpsc, oneshot};
use tokio_stream::Stream;
use tonic::Status;

use crate::call::{self, Facts};
use crate::layers::log;
use crate::refuse;

/// What fills a stream. Items are boxed: a queue keeps room for 32 of them even while it is empty.
pub(crate) struct Outbox<T> {
    items: mpsc::Sender<Box<T>>,
    last: oneshot::Sender<Result<(), Status>>,
    slow_reader_max: Duration,
    /// The call that opened the stream, for the log.
    facts: Facts,
    opened: Instant,
}

/// What the transport reads.
pub(crate) struct Outbound<T> {
    items: mpsc::Receiver<Box<T>>,
    last: Option<oneshot::Receiver<Result<(), Status>>>,
}

/// Both ends of a stream.
pub(crate) fn outbound<T>(queue_max: usize, slow_reader_max: Duration) -> (Outbox<T>, Outbound<T>) {
    let (items, queue) = mpsc::channel(queue_max);
    let (last, word) = oneshot::channel();
    let outbox = Outbox { items, last, slow_reader_max, facts: call::facts(), opened: Instant::now() };
    (outbox, Outbound { items: queue, last: Some(word) })
}

impl<T> Outbox<T> {
    /// Queues an item; waits while the queue is full.
    ///
    /// # Errors
    /// SLOW_READER when the reader took nothing for too long, CANCELLED when there is no reader any more.
    pub(crate) async fn send(&self, item: T) -> Result<(), Status> {
        match self.items.send_timeout(Box::new(item), self.slow_reader_max).await {
            Ok(()) => Ok(()),
            Err(mpsc::error::SendTimeoutError::Closed(_)) => Err(gone()),
            Err(mpsc::error::SendTimeoutError::Timeout(_)) => Err(slow_reader()),
        }
    }

    /// Returns when nobody reads any more.
    pub(crate) async fn abandoned(&self) {
        self.items.closed().await;
    }

    /// Ends the stream, after what is queued.
    pub(crate) fn end(self, word: Result<(), Status>) {
        if let Err(status) = &word {
            let ms = u64::try_from(self.opened.elapsed().as_millis()).unwrap_or(u64::MAX);
            log::failed("a stream", status, &self.facts, ms);
        }
        // Without a reader nobody is left to tell.
        let _ = self.last.send(word);
    }
}

/// What is said to a reader that takes nothing for too long.
pub(crate) fn slow_reader() -> Status {
    refuse::status(Refusal {
        retry_after: Some(Duration::from_secs(1)),
        ..Refusal::new(
            Canonical::ResourceExhausted,
            "SLOW_READER",
            "接收过慢，数据流已断开；请重新建立连接。",
            "The stream was read too slowly and has been cut off: open it again.",
        )
    })
}

/// What is said to a reader that has hung up; it never arrives.
fn gone() -> Status {
    Status::cancelled("the reader has hung up")
}

impl<T> Stream for Outbound<T> {
    type Item = Result<T, Status>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Some(item) = std::task::ready!(self.items.poll_recv(context)) {
            return Poll::Ready(Some(Ok(*item)));
        }
        let Some(last) = self.last.as_mut() else { return Poll::Ready(None) };
        let word = std::task::ready!(Pin::new(last).poll(context));
        self.last = None;
        Poll::Ready(match word {
            Ok(Ok(())) => None,
            Ok(Err(status)) => Some(Err(status)),
            Err(_) => Some(Err(refuse::defect())),
        })
    }
}

#[cfg(test)]
mod tests {
    use tokio_stream::StreamExt;
    use tonic::Code;

    use super::*;

    #[tokio::test]
    async fn items_come_before_the_last_word() {
        let (outbox, mut stream) = outbound(4, Duration::from_secs(1));
        outbox.send(1).await.unwrap();
        outbox.send(2).await.unwrap();
        outbox.end(Err(refuse::status(Refusal::stopping())));
        assert_eq!(stream.next().await.unwrap().unwrap(), 1);
        assert_eq!(stream.next().await.unwrap().unwrap(), 2);
        assert_eq!(stream.next().await.unwrap().unwrap_err().code(), Code::Unavailable);
        assert!(stream.next().await.is_none());
    }

    #[tokio::test]
    async fn a_stream_without_a_last_word_is_a_defect() {
        let (outbox, mut stream) = outbound::<u8>(4, Duration::from_secs(1));
        drop(outbox);
        assert_eq!(stream.next().await.unwrap().unwrap_err().code(), Code::Internal);
    }

    #[tokio::test]
    async fn a_reader_that_takes_nothing_is_cut_off() {
        let (outbox, stream) = outbound(1, Duration::ZERO);
        outbox.send(1).await.unwrap();
        let status = outbox.send(2).await.unwrap_err();
        assert_eq!(status.code(), Code::ResourceExhausted);
        drop(stream);
        assert_eq!(outbox.send(3).await.unwrap_err().code(), Code::Cancelled);
    }
}
