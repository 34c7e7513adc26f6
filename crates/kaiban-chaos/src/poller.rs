//! An office that polls: claims some tasks, says how each ended, claims the next ones. A claim whose answer was lost is
//! made again under its own request id, and gets the same tasks.

use std::time::Duration;

use anyhow::Result;
use kaiban_api::duration;
use kaiban_api::v1::task_service_client::TaskServiceClient;
use kaiban_api::v1::{
    ClaimTasksRequest, CompleteTasksRequest, DeferTasksRequest, FailTasksRequest, TaskCompletion, TaskDeferral,
    TaskFailure, TaskReply,
};

use crate::line::{Line, No};
use crate::office::{Heard, Tasks, Word};

/// Tasks of one claim, and how long it waits for the first.
const CLAIM: i32 = 16;
const WAIT: Duration = Duration::from_secs(2);

/// Works until it is aborted. `run` makes its request ids its own.
///
/// # Errors
/// The back office cannot decide.
pub(crate) async fn work(mut line: Line, run: String, office: String, mut tasks: Tasks) -> Result<()> {
    for turn in 0_u64.. {
        let request = ClaimTasksRequest {
            request_id: format!("{run}-{}-{turn}", line.name()),
            office: office.clone(),
            max: CLAIM,
            lease: Some(duration(tasks.lease.us())),
            wait: Some(duration(i64::try_from(WAIT.as_micros())?)),
            ..ClaimTasksRequest::default()
        };
        let claimed = line
            .call("ClaimTasks", WAIT, request, async |channel, request| {
                TaskServiceClient::new(channel).claim_tasks(request).await
            })
            .await;
        match claimed {
            Ok(claimed) => {
                for task in claimed.tasks {
                    tasks.take(task)?;
                }
            }
            Err(no) => refused(&mut line, &office, "a claim", no).await,
        }
        while !tasks.is_idle() {
            speak(&mut line, &office, &mut tasks).await;
        }
    }
    Ok(())
}

/// Says everything that is not answered yet, once.
async fn speak(line: &mut Line, office: &str, tasks: &mut Tasks) {
    let (mut completions, mut deferrals, mut failures) = (Vec::new(), Vec::new(), Vec::new());
    for word in tasks.unanswered() {
        match word {
            Word::Complete(item) => completions.push(*item),
            Word::Defer(item) => deferrals.push(item),
            Word::Fail(item) => failures.push(item),
        }
    }
    let mut again = false;
    for (what, said) in [
        ("CompleteTasks", complete(line, completions).await),
        ("DeferTasks", defer(line, deferrals).await),
        ("FailTasks", fail(line, failures).await),
    ] {
        match said {
            Ok(replies) => {
                for reply in replies {
                    again |= tasks.hear(what, reply) == Heard::Again;
                }
            }
            Err(no) => refused(line, office, what, no).await,
        }
    }
    if again {
        line.pause(Duration::from_millis(100)).await;
    }
}

async fn refused(line: &mut Line, office: &str, what: &str, no: No) {
    line.book.violation(format!("{office}: {what} was refused: {no}"));
    line.pause(Duration::from_secs(1)).await;
}

async fn complete(line: &mut Line, completions: Vec<TaskCompletion>) -> Result<Vec<TaskReply>, No> {
    if completions.is_empty() {
        return Ok(Vec::new());
    }
    let request = CompleteTasksRequest { completions };
    let call = line.call("CompleteTasks", Duration::ZERO, request, async |channel, request| {
        TaskServiceClient::new(channel).complete_tasks(request).await
    });
    Ok(call.await?.replies)
}

async fn defer(line: &mut Line, deferrals: Vec<TaskDeferral>) -> Result<Vec<TaskReply>, No> {
    if deferrals.is_empty() {
        return Ok(Vec::new());
    }
    let request = DeferTasksRequest { deferrals };
    let call = line.call("DeferTasks", Duration::ZERO, request, async |channel, request| {
        TaskServiceClient::new(channel).defer_tasks(request).await
    });
    Ok(call.await?.replies)
}

async fn fail(line: &mut Line, failures: Vec<TaskFailure>) -> Result<Vec<TaskReply>, No> {
    if failures.is_empty() {
        return Ok(Vec::new());
    }
    let request = FailTasksRequest { failures };
    let call = line.call("FailTasks", Duration::ZERO, request, async |channel, request| {
        TaskServiceClient::new(channel).fail_tasks(request).await
    });
    Ok(call.await?.replies)
}
