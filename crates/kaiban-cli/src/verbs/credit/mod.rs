//! `kaiban credit …`: credit records, their repair, and what they mean on a day.

mod apply;
mod correct;
mod decide;
mod record;
mod show;
mod subject;
mod withdraw;

use clap::Subcommand;

use crate::failure::Failure;
use crate::output::Output;

/// What to do with credit records.
#[derive(Subcommand)]
pub enum Verb {
    /// Put a decision on record (for officers of the registering authority).
    Record(record::Args),
    /// Record that the act is corrected and every duty fulfilled (for officers).
    Correct(correct::Args),
    /// Apply for repair (for officers, and for applicants in person).
    Apply(apply::Args),
    /// Decide on an application for repair (for officers).
    Decide(decide::Args),
    /// Take back a record that was made in error; its entries stay (for officers).
    Withdraw(withdraw::Args),
    /// Show a subject's history, and what it means today or on another day.
    Show(show::Args),
}

/// Does it.
pub async fn run(verb: Verb, output: Output) -> Result<(), Failure> {
    match verb {
        Verb::Record(args) => record::run(args, output).await,
        Verb::Correct(args) => correct::run(args, output).await,
        Verb::Apply(args) => apply::run(args, output).await,
        Verb::Decide(args) => decide::run(args, output).await,
        Verb::Withdraw(args) => withdraw::run(args, output).await,
        Verb::Show(args) => show::run(args, output).await,
    }
}
