//! `kaiban audit …`: what auditors read.

mod heads;
mod journal;
mod records;

use clap::Subcommand;

use crate::failure::Failure;
use crate::output::Output;

/// What to read.
#[derive(Subcommand)]
pub enum Verb {
    /// Who was shown personal data of a case or of a person; what was shown with a token.
    Records(records::Args),
    /// A case's journal, as it was hashed.
    Journal(journal::Args),
    /// Heads over all journals, to be kept elsewhere.
    Heads(heads::Args),
}

/// Reads it.
pub async fn run(verb: Verb, output: Output) -> Result<(), Failure> {
    match verb {
        Verb::Records(args) => records::run(args, output).await,
        Verb::Journal(args) => journal::run(args, output).await,
        Verb::Heads(args) => heads::run(args, output).await,
    }
}
