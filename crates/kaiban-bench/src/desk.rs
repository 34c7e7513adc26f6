//! The workers of an office: they end every task at once, with a valid result.

use std::sync::Arc;
use std::time::Instant;

use kaiban_api::v1::task_service_client::TaskServiceClient;
use kaiban_api::v1::work_tasks_request::Message as Say;
use kaiban_api::v1::work_tasks_response::Message as Hear;
use kaiban_api::v1::{
    ClaimTasksRequest, CompleteTasksRequest, OpenWork, SyncWork, Task, TaskAddress, TaskCompletion, TaskReply,
    WorkTasksRequest, task_reply,
};
use kaiban_api::{Channel, duration, to_struct};
use tokio::sync::mpsc;
use tokio_stream::wrappers::UnboundedReceiverStream;
use tonic::Streaming;

use crate::failure::BenchError;
use crate::finish::Finishes;
use crate::form::licence;

/// Most tasks in the hands of one stream, as the server allows.
const WINDOW_MAX: usize = 1_000;

/// Most tasks of one claim, as the server allows.
const CLAIM_MAX: usize = 100;

/// How long a claim waits for work, and how long its leases are, µs.
const WAIT_US: i64 = 20_000_000;
const LEASE_US: i64 = 600_000_000;

/// The step that records something.
const WITH_RESULT: &str = "registration";

/// The last step of a case.
const LAST: &str = "delivery";

/// An office at work.
#[derive(Clone)]
pub(crate) struct Desk {
    pub office: String,
    /// Staff number of who decides.
    pub officer: String,
    pub line: Channel,
    pub finishes: Arc<Finishes>,
}

impl Desk {
    /// Opens the streams for so many cases; they are ready for work when this returns.
    pub async fn on_streams(&self, cases: usize) -> Result<Vec<Stream>, BenchError> {
        let mut streams = Vec::new();
        for _ in 0..cases.div_ceil(WINDOW_MAX) {
            streams.push(Stream::open(self.clone(), window(cases)).await?);
        }
        Ok(streams)
    }

    /// How many pollers serve so many cases: while one's completions are under way another one claims.
    pub fn pollers(cases: usize) -> usize {
        (1 + cases.div_ceil(CLAIM_MAX)).min(4)
    }

    /// Claims and completes until it is dropped. `name` is unique on this database.
    pub async fn poll(self, name: String) -> Result<(), BenchError> {
        let mut client = TaskServiceClient::new(self.line.clone());
        for turn in 0_u64.. {
            let request = ClaimTasksRequest {
                request_id: format!("{name}-{turn}"),
                office: self.office.clone(),
                max: CLAIM_MAX as i32,
                lease: Some(duration(LEASE_US)),
                wait: Some(duration(WAIT_US)),
                ..ClaimTasksRequest::default()
            };
            let tasks = client.claim_tasks(request).await.map_err(BenchError::call("ClaimTasks"))?.into_inner().tasks;
            if tasks.is_empty() {
                continue;
            }
            let completions =
                tasks.into_iter().map(|task| completion(task, &self.officer)).collect::<Result<_, _>>()?;
            let request = CompleteTasksRequest { completions };
            let answer = client.complete_tasks(request).await.map_err(BenchError::call("CompleteTasks"))?;
            for reply in answer.into_inner().replies {
                self.read(reply)?;
            }
        }
        Ok(())
    }

    fn read(&self, reply: TaskReply) -> Result<(), BenchError> {
        let reason = match reply.answer {
            Some(task_reply::Answer::Receipt(_)) => {
                // A task's id is case/step/offer.
                let mut parts = reply.task.split('/');
                if let (Some(case), Some(LAST)) = (parts.next(), parts.next()) {
                    self.finishes.finished(case, Instant::now());
                }
                return Ok(());
            }
            Some(task_reply::Answer::Error(error)) => error.reason,
            None => "an empty answer".to_owned(),
        };
        Err(BenchError::Refused { task: reply.task, reason })
    }
}

/// Room for all cases and some more; a window is never what is measured.
fn window(cases: usize) -> i32 {
    (2 * cases).clamp(16, WINDOW_MAX) as i32
}

/// An open stream of an office.
pub(crate) struct Stream {
    desk: Desk,
    say: mpsc::UnboundedSender<WorkTasksRequest>,
    hear: Streaming<kaiban_api::v1::WorkTasksResponse>,
}

impl Stream {
    async fn open(desk: Desk, window: i32) -> Result<Self, BenchError> {
        // Without a bound, or a reader that waits for its writer could wait for itself; the window bounds it.
        let (say, said) = mpsc::unbounded_channel();
        let open =
            OpenWork { office: desk.office.clone(), window, lease: Some(duration(LEASE_US)), ..OpenWork::default() };
        let _ = say.send(WorkTasksRequest { message: Some(Say::Open(open)) });
        let _ = say.send(WorkTasksRequest { message: Some(Say::Sync(SyncWork { nonce: 1 })) });
        let mut client = TaskServiceClient::new(desk.line.clone());
        let answer = client.work_tasks(UnboundedReceiverStream::new(said)).await;
        let hear = answer.map_err(BenchError::call("WorkTasks"))?.into_inner();
        let mut stream = Self { desk, say, hear };
        while !matches!(stream.hear().await?, Hear::Synced(_)) {}
        Ok(stream)
    }

    /// Ends tasks until it is dropped.
    pub async fn run(mut self) -> Result<(), BenchError> {
        loop {
            match self.hear().await? {
                Hear::Task(task) => {
                    let message =
                        WorkTasksRequest { message: Some(Say::Complete(completion(task, &self.desk.officer)?)) };
                    self.say.send(message).map_err(|_| self.ended())?;
                }
                Hear::Reply(reply) => self.desk.read(reply)?,
                Hear::Taken(taken) => return Err(BenchError::Refused { task: taken.task, reason: taken.reason }),
                Hear::Opened(_) | Hear::Synced(_) => {}
            }
        }
    }

    async fn hear(&mut self) -> Result<Hear, BenchError> {
        let message = self.hear.message().await.map_err(BenchError::call("WorkTasks"))?;
        message.and_then(|response| response.message).ok_or_else(|| self.ended())
    }

    fn ended(&self) -> BenchError {
        BenchError::Ended(format!("the stream of {}", self.desk.office))
    }
}

fn completion(task: Task, officer: &str) -> Result<TaskCompletion, BenchError> {
    let result = (task.step == WITH_RESULT).then(|| to_struct(&licence())).transpose();
    Ok(TaskCompletion {
        request_id: format!("{}-{}", task.id, task.epoch),
        task: Some(TaskAddress { id: task.id, ..TaskAddress::default() }),
        epoch: task.epoch,
        outcome: "approve".to_owned(),
        officer: officer.to_owned(),
        result: result.map_err(|error| BenchError::Ended(error.to_string()))?,
        ..TaskCompletion::default()
    })
}
