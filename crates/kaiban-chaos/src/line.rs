//! A client's way to the servers: each call is repeated under its own request id until a server has said something that a
//! repetition would not change, at one server after the other.

use std::sync::Arc;
use std::time::Duration;

use kaiban_api::{Bearer, Channel, connect};
use kaiban_population::{Draw, Lot};
use tonic::{Code, Request, Response, Status};
use tonic_types::StatusExt;

use crate::book::Book;

/// How long one attempt may take.
pub(crate) const ATTEMPT_MAX: Duration = Duration::from_secs(5);

/// How long a connection may take to come about.
const CONNECT_MAX: Duration = Duration::from_secs(2);

/// Pause before the next attempt; twice as long each time, up to the second, and never exactly as long as another's.
const PAUSE: (Duration, Duration) = (Duration::from_millis(20), Duration::from_millis(800));

/// What a server said no with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct No {
    pub code: Code,
    /// Stable reason; empty where the transport said it.
    pub reason: String,
    pub message: String,
}

impl std::fmt::Display for No {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} {} {}", self.code, self.reason, self.message)
    }
}

/// What an answer means to a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// The same again, after so long at the earliest.
    Again(Duration),
    /// It stays like that.
    Final(No),
}

/// Reads a status as a careful client does.
pub(crate) fn meaning(status: &Status) -> (Meaning, No) {
    let details = status.get_error_details();
    let reason = details.error_info().map(|info| info.reason.clone()).unwrap_or_default();
    let after = details.retry_info().and_then(|info| info.retry_delay).unwrap_or_default();
    let no = No { code: status.code(), reason, message: status.message().to_owned() };
    (read(&no, after), no)
}

fn read(no: &No, after: Duration) -> Meaning {
    let again = match no.code {
        Code::Unavailable | Code::ResourceExhausted | Code::DeadlineExceeded => true,
        // A defect; it is noted, and tried again so that the run can go on.
        Code::Internal => true,
        // An upload that stood still because the line did.
        Code::Aborted => no.reason == "UPLOAD_STALLED",
        // Without a reason no server of ours has said it: the connection broke.
        _ => no.reason.is_empty(),
    };
    if again { Meaning::Again(after) } else { Meaning::Final(no.clone()) }
}

/// The meaning of an item's error, which has a canonical code as a number.
pub(crate) fn item_meaning(error: &kaiban_api::v1::Error) -> (Meaning, No) {
    let message = error.message.as_ref().map(|message| message.en.clone()).unwrap_or_default();
    let no = No { code: Code::from_i32(error.code), reason: error.reason.clone(), message };
    (read(&no, Duration::ZERO), no)
}

/// Writes an answer down, and whether it should never have been given.
pub(crate) fn note(book: &Book, what: &str, no: &No) {
    let said = if no.reason.is_empty() { "(broken line)" } else { no.reason.as_str() };
    let storage = no.reason.starts_with("STORAGE_");
    book.answer(format!("{what}: {:?} {said}", no.code), storage);
    if no.code == Code::Internal && !no.reason.is_empty() {
        book.violation(format!("{what} was answered with INTERNAL ({}): {}", no.reason, no.message));
    }
}

/// Grows from attempt to attempt.
pub(crate) struct Backoff {
    lot: Lot,
    attempt: u32,
}

impl Backoff {
    pub fn new(name: &str) -> Self {
        Self { lot: Draw::new(0).keyed("back-off", 0, name, 0), attempt: 0 }
    }

    pub fn reset(&mut self) {
        self.attempt = 0;
    }

    /// Waits, for as long as a server asked for at least.
    pub async fn pause(&mut self, least: Duration) {
        let most = PAUSE.0.saturating_mul(1 << self.attempt.min(10)).min(PAUSE.1);
        self.attempt += 1;
        let drawn = self.lot.around(i64::try_from(most.as_micros()).unwrap_or(0));
        tokio::time::sleep(least.max(Duration::from_micros(drawn.unsigned_abs()))).await;
    }
}

/// One client with one token.
pub(crate) struct Line {
    name: String,
    endpoints: Arc<[String]>,
    token: String,
    at: usize,
    channel: Option<Channel>,
    backoff: Backoff,
    pub book: Arc<Book>,
}

impl Line {
    /// `first` is where it goes first; clients begin at different servers.
    pub fn new(name: &str, endpoints: Arc<[String]>, token: String, first: usize, book: Arc<Book>) -> Self {
        Self { name: name.to_owned(), endpoints, token, at: first, channel: None, backoff: Backoff::new(name), book }
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// A connection to the present server, or to the next one that answers.
    pub async fn channel(&mut self) -> Channel {
        loop {
            if let Some(channel) = &self.channel {
                return channel.clone();
            }
            let endpoint = &self.endpoints[self.at % self.endpoints.len()];
            let connected = match Bearer::new(&self.token) {
                Ok(bearer) => tokio::time::timeout(CONNECT_MAX, connect(endpoint, bearer, None)).await,
                Err(_) => return std::future::pending().await,
            };
            match connected {
                Ok(Ok(channel)) => self.channel = Some(channel),
                _ => {
                    self.elsewhere();
                    self.backoff.pause(Duration::ZERO).await;
                }
            }
        }
    }

    /// The present server is left for the next one.
    pub fn elsewhere(&mut self) {
        self.channel = None;
        self.at += 1;
    }

    /// Waits before the next attempt.
    pub async fn pause(&mut self, least: Duration) {
        self.backoff.pause(least).await;
    }

    /// Something was answered: the next pause is a short one again.
    pub fn answered(&mut self) {
        self.backoff.reset();
    }

    /// Calls until the answer is final. `extra` is how long the server may wait on purpose.
    pub async fn call<Q: Clone, A>(
        &mut self,
        what: &'static str,
        extra: Duration,
        request: Q,
        send: impl AsyncFn(Channel, Request<Q>) -> Result<Response<A>, Status>,
    ) -> Result<A, No> {
        loop {
            let channel = self.channel().await;
            let mut asked = Request::new(request.clone());
            asked.set_timeout(ATTEMPT_MAX + extra);
            // The server keeps the deadline; where the line is silent we do.
            let sent = tokio::time::timeout(ATTEMPT_MAX + extra + Duration::from_secs(1), send(channel, asked)).await;
            let status = match sent {
                Ok(Ok(answer)) => {
                    self.answered();
                    return Ok(answer.into_inner());
                }
                Ok(Err(status)) => status,
                Err(_) => Status::deadline_exceeded("no answer"),
            };
            let (meaning, no) = meaning(&status);
            note(&self.book, what, &no);
            match meaning {
                Meaning::Final(no) => {
                    self.answered();
                    return Err(no);
                }
                Meaning::Again(after) => {
                    self.book.repeated();
                    self.elsewhere();
                    self.pause(after).await;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tonic::{Code, Status};
    use tonic_types::{ErrorDetails, StatusExt};

    use super::{Meaning, meaning};

    fn said(code: Code, reason: &str) -> Status {
        let mut details = ErrorDetails::new();
        details.set_error_info(reason, "kaiban", std::collections::HashMap::new());
        details.set_retry_info(Some(Duration::from_secs(5)));
        Status::with_error_details(code, "words", details)
    }

    #[test]
    fn a_full_disk_is_asked_again_when_it_says() {
        let full = said(Code::ResourceExhausted, "STORAGE_FULL");
        assert_eq!(meaning(&full).0, Meaning::Again(Duration::from_secs(5)));
    }

    #[test]
    fn a_broken_line_says_nothing_about_the_call() {
        assert_eq!(meaning(&Status::unknown("transport error")).0, Meaning::Again(Duration::ZERO));
        assert_eq!(meaning(&Status::cancelled("h2 protocol error")).0, Meaning::Again(Duration::ZERO));
    }

    #[test]
    fn what_a_server_has_decided_stays() {
        for (code, reason) in [(Code::Aborted, "STALE_EPOCH"), (Code::InvalidArgument, "FORM_INVALID")] {
            assert!(matches!(meaning(&said(code, reason)).0, Meaning::Final(no) if no.reason == reason));
        }
    }
}
