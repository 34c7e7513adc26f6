//! An agency's programme: takes its office's tasks from the server, lets the simulated back office work, and says how
//! each ended. Most programmes stay on the stream; the seal carvers poll.

use std::collections::HashMap;

use kaiban_api::v1::task_service_client::TaskServiceClient;
use kaiban_api::v1::work_tasks_request::Message as Say;
use kaiban_api::v1::work_tasks_response::Message as Hear;
use kaiban_api::v1::{
    ClaimTasksRequest, CompleteTasksRequest, Finding, OpenWork, Severity, StepState, SyncWork, Task, TaskAddress,
    TaskCompletion, TaskReply, Text, WorkTasksRequest, WorkTasksResponse, task_reply,
};
use kaiban_api::{Channel, duration, from_struct, micros, to_struct};
use kaiban_findings::Place;
use kaiban_population::{BackOffice, CheckTask, Decision, Element, Inspector, Task as Work};
use serde_json::Value;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Streaming;

use crate::checks::CHECK;
use crate::failure::DemoError;

/// Tasks that a programme holds: its back office queues them itself.
const WINDOW: i32 = 1_000;

/// Tasks that a polling programme takes at a time.
const CLAIM: i32 = 100;

/// Length of the leases, µs of real time: the office works for days of business time in seconds, or slowly when watched.
const LEASE_US: i64 = 86_400_000_000;

/// One office's programme.
pub(crate) struct Desk {
    office: String,
    work: BackOffice,
    /// Those who check promises.
    checks: Inspector,
    /// When its next decision is due; asked for again when something came in or went out.
    due: Option<Option<i64>>,
    door: Door,
    nonce: i64,
}

enum Door {
    Stream { say: mpsc::Sender<WorkTasksRequest>, hear: Box<Streaming<WorkTasksResponse>> },
    Calls(Box<TaskServiceClient<Channel>>),
}

/// A task that ended, as the server said.
pub(crate) struct Ended {
    pub case: String,
    pub step: String,
    pub step_state: StepState,
}

impl Desk {
    /// Connects an office through the stream.
    pub async fn on_stream(
        office: &str,
        work: BackOffice,
        checks: Inspector,
        line: Channel,
    ) -> Result<Self, DemoError> {
        let (say, said) = mpsc::channel(WINDOW as usize);
        let open =
            OpenWork { office: office.to_owned(), steps: Vec::new(), window: WINDOW, lease: Some(duration(LEASE_US)) };
        let ended = || DemoError::StreamEnded { office: office.to_owned() };
        say.send(WorkTasksRequest { message: Some(Say::Open(open)) }).await.map_err(|_| ended())?;
        let mut client = TaskServiceClient::new(line);
        let hear = client.work_tasks(ReceiverStream::new(said)).await.map_err(DemoError::call("WorkTasks"))?;
        let door = Door::Stream { say, hear: Box::new(hear.into_inner()) };
        Ok(Self { office: office.to_owned(), work, checks, due: None, door, nonce: 0 })
    }

    /// Connects an office that polls.
    pub fn on_calls(office: &str, work: BackOffice, checks: Inspector, line: Channel) -> Self {
        let door = Door::Calls(Box::new(TaskServiceClient::new(line)));
        Self { office: office.to_owned(), work, checks, due: None, door, nonce: 0 }
    }

    /// When the back office has its next decision.
    pub fn next_due_us(&mut self) -> Result<Option<i64>, DemoError> {
        if let Some(due) = self.due {
            return Ok(due);
        }
        let due = self.work.next_due_us()?.into_iter().chain(self.checks.next_due_us()).min();
        self.due = Some(due);
        Ok(due)
    }

    /// Tells the server everything that is decided by now.
    pub async fn act(&mut self, now_us: i64, cases: &HashMap<String, u64>) -> Result<Vec<Ended>, DemoError> {
        let mut decisions = self.work.due(now_us)?;
        decisions.extend(self.checks.due(now_us));
        self.due = None;
        let completions: Vec<TaskCompletion> = decisions.iter().map(completion).collect::<Result<_, _>>()?;
        let expected = completions.len();
        let mut ended = Vec::with_capacity(expected);
        match &mut self.door {
            Door::Calls(client) => {
                for chunk in completions.chunks(CLAIM as usize) {
                    let request = CompleteTasksRequest { completions: chunk.to_vec() };
                    let replies = client.complete_tasks(request).await.map_err(DemoError::call("CompleteTasks"))?;
                    for reply in replies.into_inner().replies {
                        ended.extend(read(reply)?);
                    }
                }
            }
            Door::Stream { say, .. } => {
                for completion in completions {
                    let message = WorkTasksRequest { message: Some(Say::Complete(completion)) };
                    let lost = || DemoError::StreamEnded { office: self.office.clone() };
                    say.send(message).await.map_err(|_| lost())?;
                }
                let mut replies = 0;
                while replies < expected {
                    match self.hear().await? {
                        Hear::Reply(reply) => {
                            replies += 1;
                            ended.extend(read(reply)?);
                        }
                        other => self.take(other, cases)?,
                    }
                }
            }
        }
        Ok(ended)
    }

    /// Takes everything that is ready for this office, as far as the window goes.
    pub async fn sync(&mut self, cases: &HashMap<String, u64>) -> Result<(), DemoError> {
        self.nonce += 1;
        self.due = None;
        let nonce = self.nonce;
        match &mut self.door {
            Door::Calls(client) => {
                let mut round = 0;
                loop {
                    round += 1;
                    let request = ClaimTasksRequest {
                        request_id: format!("{}-{nonce}-{round}", self.office),
                        office: self.office.clone(),
                        max: CLAIM,
                        lease: Some(duration(LEASE_US)),
                        ..ClaimTasksRequest::default()
                    };
                    let tasks = client.claim_tasks(request).await.map_err(DemoError::call("ClaimTasks"))?;
                    let tasks = tasks.into_inner().tasks;
                    let last = tasks.len() < CLAIM as usize;
                    for task in tasks {
                        receive(&mut self.work, &mut self.checks, task, cases)?;
                    }
                    if last {
                        return Ok(());
                    }
                }
            }
            Door::Stream { say, .. } => {
                let message = WorkTasksRequest { message: Some(Say::Sync(SyncWork { nonce })) };
                let lost = || DemoError::StreamEnded { office: self.office.clone() };
                say.send(message).await.map_err(|_| lost())?;
                loop {
                    match self.hear().await? {
                        Hear::Synced(synced) if synced.nonce == nonce => return Ok(()),
                        other => self.take(other, cases)?,
                    }
                }
            }
        }
    }

    fn take(&mut self, heard: Hear, cases: &HashMap<String, u64>) -> Result<(), DemoError> {
        self.due = None;
        match heard {
            Hear::Task(task) => receive(&mut self.work, &mut self.checks, task, cases)?,
            Hear::Taken(taken) => {
                self.work.forget(&taken.task);
                self.checks.forget(&taken.task);
            }
            Hear::Opened(_) | Hear::Synced(_) | Hear::Reply(_) => {}
        }
        Ok(())
    }

    async fn hear(&mut self) -> Result<Hear, DemoError> {
        let lost = || DemoError::StreamEnded { office: self.office.clone() };
        let Door::Stream { hear, .. } = &mut self.door else { return Err(lost()) };
        let message = hear.message().await.map_err(DemoError::call("WorkTasks"))?;
        message.and_then(|response| response.message).ok_or_else(lost)
    }
}

fn receive(
    work: &mut BackOffice,
    checks: &mut Inspector,
    task: Task,
    cases: &HashMap<String, u64>,
) -> Result<(), DemoError> {
    let Some(case) = cases.get(&task.case_id) else { return Ok(()) };
    let shared = task.shared.and_then(|shared| from_struct(shared).ok()).unwrap_or(Value::Null);
    let offered_at_us = task.offered_at.as_ref().and_then(micros).unwrap_or_default();
    if task.workflow == CHECK {
        let checkers = shared.pointer("/results/draw/checkers").and_then(Value::as_array);
        let checkers =
            checkers.into_iter().flatten().filter_map(|checker| checker.as_str().map(str::to_owned)).collect();
        let handled_by = shared.pointer("/form/handled_by").and_then(Value::as_str).unwrap_or_default().to_owned();
        let Task { id, step, epoch, .. } = task;
        return Ok(checks.receive(CheckTask { id, case: *case, step, epoch, offered_at_us, checkers, handled_by })?);
    }
    // The task's id ends with the number of the offer.
    let offer: u32 = task.id.rsplit('/').next().and_then(|offer| offer.parse().ok()).unwrap_or(1);
    let element = (!task.item_pointer.is_empty())
        .then(|| Element { at: task.item_pointer, value: shared.get("item").cloned().unwrap_or(Value::Null) });
    work.receive(Work {
        element,
        id: task.id,
        case: *case,
        step: task.step,
        round: offer.saturating_sub(1),
        epoch: task.epoch,
        offered_at_us,
        form: shared.get("form").cloned().unwrap_or(Value::Null),
    });
    Ok(())
}

fn completion(decision: &Decision) -> Result<TaskCompletion, DemoError> {
    let wrong = |error: kaiban_api::StructError| DemoError::Start(error.to_string());
    Ok(TaskCompletion {
        request_id: format!("{}-{}", decision.task, decision.epoch),
        task: Some(TaskAddress { id: decision.task.clone(), ..TaskAddress::default() }),
        epoch: decision.epoch,
        outcome: decision.outcome.clone(),
        result: decision.result.as_ref().map(to_struct).transpose().map_err(wrong)?,
        findings: decision.findings.iter().map(finding).collect(),
        officer: decision.officer.clone().unwrap_or_default(),
        approver: decision.approver.clone().unwrap_or_default(),
        reason: decision.reason.clone().unwrap_or_default(),
    })
}

fn finding(finding: &kaiban_findings::Finding) -> Finding {
    let pointer = match &finding.place {
        Place::Pointer(pointer) => pointer.clone(),
        Place::Whole | Place::File { .. } => String::new(),
    };
    Finding {
        code: finding.code.to_string(),
        severity: Severity::Error.into(),
        pointer,
        message: Some(Text { zh: finding.message.zh.clone(), en: finding.message.en.clone() }),
        help: None,
    }
}

/// A reply; a task whose case ended under the office's hands is simply gone.
fn read(reply: TaskReply) -> Result<Option<Ended>, DemoError> {
    // What is being corrected for somebody else comes again with the answer.
    const GONE: [&str; 4] = ["CASE_CLOSED", "STALE_EPOCH", "NO_OPEN_TASK", "PLACE_UNDER_CORRECTION"];
    match reply.answer {
        Some(task_reply::Answer::Receipt(receipt)) => {
            let mut address = reply.task.split('/').map(str::to_owned);
            let (case, step) = (address.next().unwrap_or_default(), address.next().unwrap_or_default());
            Ok(Some(Ended { case, step, step_state: receipt.step_state() }))
        }
        Some(task_reply::Answer::Error(error)) if GONE.contains(&error.reason.as_str()) => Ok(None),
        Some(task_reply::Answer::Error(error)) => {
            let findings: Vec<String> = error.findings.iter().map(|f| format!("{} {}", f.pointer, f.code)).collect();
            Err(DemoError::Refused { task: reply.task, reason: format!("{} {}", error.reason, findings.join(", ")) })
        }
        None => Err(DemoError::Refused { task: reply.task, reason: "an empty answer".into() }),
    }
}
