//! Tasks and what is done with them.

use std::time::Duration;

use kaiban_api::{timestamp, v1};
use kaiban_app::{Claim, Completion, Deferral, Failure, Heartbeat, OpenWork, Receipt, Refusal, TaskAddress, TaskView};
use v1::task_reply::Answer;

use super::fields::Fields;
use super::{case, clock, finding, object};
use crate::limits::Limits;
use crate::refuse;

pub(crate) fn claim(request: v1::ClaimTasksRequest, limits: &Limits) -> Result<Claim, Refusal> {
    let mut fields = Fields::new(limits);
    let claim = Claim {
        request_id: fields.request_id(request.request_id),
        office: fields.name_or_empty("/office", request.office),
        steps: fields.names("/steps", request.steps),
        max: fields.number("/max", request.max, 1, 1..=limits.claim_max),
        lease: fields.lease(request.lease),
        wait: fields.length("/wait", request.wait, Duration::ZERO..=limits.wait_max),
    };
    fields.finish(claim)
}

pub(crate) fn open(request: v1::OpenWork, limits: &Limits) -> Result<OpenWork, Refusal> {
    let mut fields = Fields::new(limits);
    if request.window == 0 {
        fields.missing("/open/window");
    }
    let open = OpenWork {
        office: fields.name_or_empty("/open/office", request.office),
        steps: fields.names("/open/steps", request.steps),
        window: fields.number("/open/window", request.window, 1, 1..=limits.window_max),
        lease: fields.lease(request.lease),
    };
    fields.finish(open)
}

pub(crate) fn resize(request: v1::ResizeWindow, limits: &Limits) -> Result<u32, Refusal> {
    let mut fields = Fields::new(limits);
    let window = fields.number("/resize/window", request.window, 0, 0..=limits.window_max);
    fields.finish(window)
}

pub(crate) fn get(request: v1::GetTaskRequest, limits: &Limits) -> Result<TaskAddress, Refusal> {
    let mut fields = Fields::new(limits);
    let task = address(&mut fields, request.task);
    fields.finish(task)
}

pub(crate) fn completion(request: v1::TaskCompletion, limits: &Limits) -> Result<Completion, Refusal> {
    let mut fields = Fields::new(limits);
    let completion = Completion {
        request_id: fields.request_id(request.request_id),
        task: address(&mut fields, request.task),
        epoch: fields.epoch(request.epoch),
        outcome: fields.name("/outcome", request.outcome),
        result: request.result.map(|result| fields.object("/result", result)),
        findings: finding::read_all(&mut fields, request.findings),
        officer: fields.line("/officer", request.officer, limits.word_max),
        approver: fields.line("/approver", request.approver, limits.word_max),
        reason: fields.text("/reason", request.reason, limits.reason_max),
    };
    fields.finish(completion)
}

pub(crate) fn heartbeat(request: v1::TaskHeartbeat, limits: &Limits) -> Result<Heartbeat, Refusal> {
    let mut fields = Fields::new(limits);
    let heartbeat = Heartbeat {
        task: address(&mut fields, request.task),
        epoch: fields.epoch(request.epoch),
        lease: fields.lease(request.lease),
    };
    fields.finish(heartbeat)
}

pub(crate) fn deferral(request: v1::TaskDeferral, limits: &Limits) -> Result<Deferral, Refusal> {
    let mut fields = Fields::new(limits);
    if request.ask_again_after.is_none() {
        fields.missing("/ask_again_after");
    }
    let deferral = Deferral {
        request_id: fields.request_id(request.request_id),
        task: address(&mut fields, request.task),
        epoch: fields.epoch(request.epoch),
        until_us: fields.instant("/ask_again_after", request.ask_again_after).unwrap_or_default(),
        code: fields.name("/code", request.code),
    };
    fields.finish(deferral)
}

pub(crate) fn failure(request: v1::TaskFailure, limits: &Limits) -> Result<Failure, Refusal> {
    let mut fields = Fields::new(limits);
    let failure = Failure {
        request_id: fields.request_id(request.request_id),
        task: address(&mut fields, request.task),
        epoch: fields.epoch(request.epoch),
        code: fields.name("/code", request.code),
    };
    fields.finish(failure)
}

/// How many items a batch may have.
pub(crate) fn batch(field: &str, count: usize, limits: &Limits) -> Result<(), Refusal> {
    let mut fields = Fields::new(limits);
    fields.count(field, count, 1..=limits.claim_max as usize);
    fields.finish(())
}

pub(super) fn address(fields: &mut Fields<'_>, task: Option<v1::TaskAddress>) -> TaskAddress {
    let v1::TaskAddress { id, case_id, step } = task.unwrap_or_default();
    match (id.is_empty(), case_id.is_empty() && step.is_empty()) {
        (false, true) => TaskAddress { id: fields.id("/task/id", id), case: String::new(), step: String::new() },
        (true, false) => TaskAddress {
            id: String::new(),
            case: fields.id("/task/case_id", case_id),
            step: fields.id("/task/step", step),
        },
        _ => {
            fields.error(
                "/task",
                "REQUIRED",
                "请指明任务：给出 id，或给出 case_id 和 step，二者取一。",
                "Name the task: by id, or by case_id and step, not both.",
            );
            TaskAddress { id: String::new(), case: String::new(), step: String::new() }
        }
    }
}

pub(crate) fn present(task: TaskView) -> Result<v1::Task, Refusal> {
    Ok(v1::Task {
        shared: Some(object(&task.shared)?),
        id: task.id,
        case_id: task.case,
        workflow: task.workflow,
        step: task.step,
        office: task.office,
        division: task.division,
        epoch: task.epoch,
        lease_until: task.lease_until_us.map(timestamp),
        offered_at: Some(timestamp(task.offered_at_us)),
        promise_due: task.promise_due_us.map(timestamp),
        attempt: i32::try_from(task.attempt).unwrap_or(i32::MAX),
        form_revision: i32::try_from(task.form_revision).unwrap_or(i32::MAX),
        doubts: finding::present_all(task.doubts),
        corrected: finding::present_all(task.corrected),
        key: task.item.as_ref().map(|(key, _)| key.clone()).unwrap_or_default(),
        item_pointer: task.item.map(|(_, pointer)| pointer).unwrap_or_default(),
        overdue: task.overdue.into_iter().map(case::overdue).collect(),
        promise: Some(clock::present(task.promise)),
        statutory: task.statutory.map(clock::statutory),
        case_warned: i32::from(task.case_warned),
    })
}

/// The answer to an item that named its request and its task like this.
pub(crate) fn reply(request_id: String, task: String, answer: Result<Receipt, Refusal>) -> v1::TaskReply {
    match answer {
        Ok(receipt) => v1::TaskReply {
            request_id,
            task: receipt.task.clone(),
            answer: Some(Answer::Receipt(self::receipt(receipt))),
        },
        Err(refusal) => v1::TaskReply { request_id, task, answer: Some(Answer::Error(refuse::error(refusal))) },
    }
}

fn receipt(receipt: Receipt) -> v1::TaskReceipt {
    v1::TaskReceipt {
        step_state: case::step_state(receipt.state).into(),
        revision: receipt.revision,
        head: receipt.head,
        at: Some(timestamp(receipt.at_us)),
        lease_until: receipt.lease_until_us.map(timestamp),
        again_at: receipt.again_at_us.map(timestamp),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places<T: std::fmt::Debug>(read: Result<T, Refusal>) -> Vec<String> {
        let refusal = read.unwrap_err();
        assert_eq!(refusal.reason, "REQUEST_INVALID");
        refusal.findings.iter().map(|finding| finding.place.to_string()).collect()
    }

    #[test]
    fn an_empty_message_is_answered_field_by_field() {
        let limits = Limits::default();
        let empty = v1::TaskCompletion::default();
        assert_eq!(places(completion(empty, &limits)), ["/request_id", "/task", "/epoch", "/outcome"]);
        let empty = v1::TaskDeferral::default();
        let expected = ["/ask_again_after", "/request_id", "/task", "/epoch", "/code"];
        assert_eq!(places(deferral(empty, &limits)), expected);
        assert_eq!(places(open(v1::OpenWork::default(), &limits)), ["/open/window"]);
        assert_eq!(places(batch("/completions", 0, &limits)), ["/completions"]);
        assert_eq!(places(batch("/completions", 101, &limits)), ["/completions"]);
    }

    #[test]
    fn a_task_has_one_address() {
        let limits = Limits::default();
        let read = |id: &str, case_id: &str, step: &str| {
            let task = v1::TaskAddress { id: id.into(), case_id: case_id.into(), step: step.into() };
            get(v1::GetTaskRequest { task: Some(task) }, &limits)
        };
        assert!(read("c/registration/1", "", "").is_ok());
        assert!(read("", "c", "registration").is_ok());
        assert_eq!(places(read("c/registration/1", "c", "registration")), ["/task"]);
        assert_eq!(places(read("", "c", "")), ["/task/step"]);
        assert_eq!(places(read("", "", "")), ["/task"]);
    }
}
