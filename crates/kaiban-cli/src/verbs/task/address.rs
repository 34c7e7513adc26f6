//! Which task a verb is about, and what became of it.

use kaiban_api::v1;
use v1::task_reply::Answer;

use crate::failure::Failure;
use crate::output::Output;
use crate::{json, show};

/// A task and the epoch of its lease.
#[derive(clap::Args)]
pub struct Leased {
    /// The task's id (CASE/STEP/OFFER), or CASE/STEP; a branch is quoted: 'CASE/identity[p1]'.
    task: String,
    /// The epoch that it was claimed with.
    #[arg(long)]
    pub epoch: i64,
}

impl Leased {
    /// As a message.
    pub fn message(&self) -> Option<v1::TaskAddress> {
        Some(address(&self.task))
    }
}

/// A task by its id, or by its case and step.
pub fn address(task: &str) -> v1::TaskAddress {
    match task.split_once('/') {
        Some((case, step)) if !step.contains('/') => {
            v1::TaskAddress { id: String::new(), case_id: case.to_owned(), step: step.to_owned() }
        }
        _ => v1::TaskAddress { id: task.to_owned(), ..Default::default() },
    }
}

/// Writes the answer to the one item that was sent.
pub fn answer(replies: Vec<v1::TaskReply>, output: Output) -> Result<(), Failure> {
    let nothing = || Failure::local("NO_REPLY", "服务没有答复。", "the server did not answer the item");
    let reply = replies.into_iter().next().ok_or_else(nothing)?;
    match reply.answer {
        Some(Answer::Receipt(receipt)) => {
            output.result(&json::of("TaskReceipt", &receipt)?, || show::receipt(&reply.task, &receipt))
        }
        Some(Answer::Error(error)) => Err(error.into()),
        None => Err(nothing()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_parts_are_case_and_step() {
        assert_eq!(address("c/registration").case_id, "c");
        assert_eq!(address("c/registration").step, "registration");
        assert_eq!(address("c/registration/1").id, "c/registration/1");
        assert_eq!(address("c/identity[p1]").step, "identity[p1]");
        assert_eq!(address("c/identity[p1]/2").id, "c/identity[p1]/2");
    }
}
