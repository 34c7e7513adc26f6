//! An office on the stream: what it said and was not answered it says again on the next stream, at the next server.

use std::time::Duration;

use anyhow::Result;
use kaiban_api::duration;
use kaiban_api::v1::task_service_client::TaskServiceClient;
use kaiban_api::v1::work_tasks_request::Message as Say;
use kaiban_api::v1::work_tasks_response::Message as Hear;
use kaiban_api::v1::{OpenWork, SyncWork, WorkTasksRequest, WorkTasksResponse};
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};
use tokio_stream::wrappers::UnboundedReceiverStream;
use tonic::{Status, Streaming};

use crate::line::{ATTEMPT_MAX, Line, Meaning, meaning, note};
use crate::office::{Heard, Tasks, Word};

/// Tasks in hand at a time.
const WINDOW: i32 = 32;

/// How often what was refused for the moment is said again, and how often the server is asked whether it still hears.
const AGAIN: Duration = Duration::from_millis(250);
const SYNC: Duration = Duration::from_secs(2);

/// The door, in reports.
const WHAT: &str = "WorkTasks";

/// Works until it is aborted.
///
/// # Errors
/// The back office cannot decide.
pub(crate) async fn work(mut line: Line, office: String, mut tasks: Tasks) -> Result<()> {
    loop {
        let status = session(&mut line, &office, &mut tasks).await?;
        let (meaning, no) = meaning(&status);
        note(&line.book, WHAT, &no);
        let after = match meaning {
            Meaning::Again(after) => after,
            Meaning::Final(no) => {
                line.book.violation(format!("the stream of {office} was ended: {no}"));
                Duration::from_secs(1)
            }
        };
        line.book.repeated();
        line.elsewhere();
        line.pause(after).await;
    }
}

/// One stream, to its end; gives how it ended.
async fn session(line: &mut Line, office: &str, tasks: &mut Tasks) -> Result<Status> {
    let channel = line.channel().await;
    // Without a bound, or a reader that waits for its writer could wait for itself; the window bounds it.
    let (say, said) = mpsc::unbounded_channel();
    let tell = |message| say.send(WorkTasksRequest { message: Some(message) }).is_ok();
    let lease = Some(duration(tasks.lease.us()));
    tell(Say::Open(OpenWork { office: office.to_owned(), window: WINDOW, lease, ..OpenWork::default() }));
    for word in tasks.unanswered() {
        tell(spoken(word));
    }
    let mut client = TaskServiceClient::new(channel);
    let mut hear = match timeout(ATTEMPT_MAX, client.work_tasks(UnboundedReceiverStream::new(said))).await {
        Ok(Ok(answer)) => answer.into_inner(),
        Ok(Err(status)) => return Ok(status),
        Err(_) => return Ok(Status::deadline_exceeded("the stream does not open")),
    };
    let mut again: Vec<String> = Vec::new();
    let mut ticks = interval(AGAIN);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut nonce, mut synced_at, mut heard_at) = (0, Instant::now(), Instant::now());
    loop {
        tokio::select! {
            message = next(&mut hear) => {
                heard_at = Instant::now();
                match message {
                    Ok(Hear::Task(task)) => {
                        if let Some(word) = tasks.take(task)? {
                            tell(spoken(word));
                        }
                    }
                    Ok(Hear::Reply(reply)) => {
                        let id = reply.request_id.clone();
                        match tasks.hear(WHAT, reply) {
                            Heard::Done => line.answered(),
                            Heard::Again => again.push(id),
                        }
                    }
                    // Whatever is said about it later is refused.
                    Ok(Hear::Taken(_) | Hear::Opened(_) | Hear::Synced(_)) => {}
                    Err(status) => return Ok(status),
                }
            }
            now = ticks.tick() => {
                if now - heard_at > ATTEMPT_MAX {
                    return Ok(Status::deadline_exceeded("the stream is silent"));
                }
                for word in tasks.unanswered() {
                    if again.iter().any(|id| id == word.request_id()) {
                        tell(spoken(word));
                    }
                }
                again.clear();
                if now - synced_at >= SYNC {
                    synced_at = now;
                    nonce += 1;
                    tell(Say::Sync(SyncWork { nonce }));
                }
            }
        }
    }
}

async fn next(hear: &mut Streaming<WorkTasksResponse>) -> Result<Hear, Status> {
    loop {
        match hear.message().await? {
            Some(WorkTasksResponse { message: Some(message) }) => return Ok(message),
            Some(_) => {}
            None => return Err(Status::unknown("the stream ended")),
        }
    }
}

fn spoken(word: Word) -> Say {
    match word {
        Word::Complete(item) => Say::Complete(*item),
        Word::Defer(item) => Say::Defer(item),
        Word::Fail(item) => Say::Fail(item),
    }
}
