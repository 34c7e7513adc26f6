//! `kaiban task …`: the task service by hand.

mod address;
mod claim;
mod complete;
mod defer;
mod delays;
mod explain_delay;
mod fail;
mod get;
mod heartbeat;

use clap::Subcommand;

use crate::failure::Failure;
use crate::output::Output;

/// What to do with tasks.
#[derive(Subcommand)]
pub enum Verb {
    /// Take tasks from an office's queues.
    Claim(claim::Args),
    /// End a task with an outcome.
    Complete(complete::Args),
    /// Put a task off.
    Defer(defer::Args),
    /// Report a technical failure; the task is offered again.
    Fail(fail::Args),
    /// Prolong a lease.
    Heartbeat(heartbeat::Args),
    /// Show an open task.
    Get(get::Args),
    /// List steps that ended later than promised; --owed: those whose reason the office still owes.
    Delays(delays::Args),
    /// Say why a step took longer than promised.
    ExplainDelay(explain_delay::Args),
}

/// Does it.
pub async fn run(verb: Verb, output: Output) -> Result<(), Failure> {
    match verb {
        Verb::Claim(args) => claim::run(args, output).await,
        Verb::Complete(args) => complete::run(args, output).await,
        Verb::Defer(args) => defer::run(args, output).await,
        Verb::Fail(args) => fail::run(args, output).await,
        Verb::Heartbeat(args) => heartbeat::run(args, output).await,
        Verb::Get(args) => get::run(args, output).await,
        Verb::Delays(args) => delays::run(args, output).await,
        Verb::ExplainDelay(args) => explain_delay::run(args, output).await,
    }
}
