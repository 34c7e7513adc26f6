//! `kaiban incident …`

mod resolve;

use clap::Subcommand;

use crate::failure::Failure;
use crate::output::Output;

/// What to do with incidents.
#[derive(Subcommand)]
pub enum Verb {
    /// Offer a step again whose cause of failure is gone (role admin).
    Resolve(resolve::Args),
}

/// Does it.
pub async fn run(verb: Verb, output: Output) -> Result<(), Failure> {
    match verb {
        Verb::Resolve(args) => resolve::run(args, output).await,
    }
}
