//! `kaiban case …`: the case service by hand.

mod cancel;
mod filter;
mod get;
mod list;
mod resubmit;
mod submit;
mod watch;
mod withdraw;

use clap::Subcommand;

use crate::failure::Failure;
use crate::output::Output;

/// What to do with cases.
#[derive(Subcommand)]
pub enum Verb {
    /// Hand in a form.
    Submit(submit::Args),
    /// Show one case.
    Get(get::Args),
    /// List cases.
    List(list::Args),
    /// Follow cases as they change.
    Watch(watch::Args),
    /// Answer a correction with the whole corrected form.
    Resubmit(resubmit::Args),
    /// Take an application back.
    Withdraw(withdraw::Args),
    /// End a case that cannot go on (role admin).
    Cancel(cancel::Args),
}

/// Does it.
pub async fn run(verb: Verb, output: Output) -> Result<(), Failure> {
    match verb {
        Verb::Submit(args) => submit::run(args, output).await,
        Verb::Get(args) => get::run(args, output).await,
        Verb::List(args) => list::run(args, output).await,
        Verb::Watch(args) => watch::run(args, output).await,
        Verb::Resubmit(args) => resubmit::run(args, output).await,
        Verb::Withdraw(args) => withdraw::run(args, output).await,
        Verb::Cancel(args) => cancel::run(args, output).await,
    }
}
