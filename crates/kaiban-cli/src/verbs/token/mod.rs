//! `kaiban token …`: through a server (role security), or straight on its database with `--data` or `--database-url`.

mod issue;
mod list;
mod offline;
mod revoke;

use clap::Subcommand;

use crate::failure::Failure;
use crate::output::Output;

/// What to do with tokens.
#[derive(Subcommand)]
pub enum Verb {
    /// Issue a token; its secret is shown once.
    Issue(issue::Args),
    /// List tokens; secrets are never shown.
    List(list::Args),
    /// End a token at once.
    Revoke(revoke::Args),
}

/// Does it.
pub async fn run(verb: Verb, output: Output) -> Result<(), Failure> {
    match verb {
        Verb::Issue(args) => issue::run(args, output).await,
        Verb::List(args) => list::run(args, output).await,
        Verb::Revoke(args) => revoke::run(args, output).await,
    }
}
