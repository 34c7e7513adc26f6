//! `kaiban register …`: registers that the bureau keeps by hand.

mod list;
mod put;
mod remove;

use clap::Subcommand;

use crate::failure::Failure;
use crate::output::Output;

/// What to do with registers.
#[derive(Subcommand)]
pub enum Verb {
    /// List the entries of a register, with their history.
    List(list::Args),
    /// Put an entry in, or change until when it stands.
    Put(put::Args),
    /// End an entry; it stays in the register's history.
    Remove(remove::Args),
}

/// Does it.
pub async fn run(verb: Verb, output: Output) -> Result<(), Failure> {
    match verb {
        Verb::List(args) => list::run(args, output).await,
        Verb::Put(args) => put::run(args, output).await,
        Verb::Remove(args) => remove::run(args, output).await,
    }
}
