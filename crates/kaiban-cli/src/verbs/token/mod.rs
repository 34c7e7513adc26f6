//! `kaiban token …`: through a server (role security), or straight on its database with `--data` or `--database-url`;
//! credentials of applicants only through a server, by the office that checked them.

mod credential;
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
    /// Give an applicant, whose identity your office has checked, a secret for one act on the own case within half an hour.
    Credential(credential::Args),
    /// List tokens; secrets are never shown.
    List(list::Args),
    /// End a token at once.
    Revoke(revoke::Args),
}

/// Does it.
pub async fn run(verb: Verb, output: Output) -> Result<(), Failure> {
    match verb {
        Verb::Issue(args) => issue::run(args, output).await,
        Verb::Credential(args) => credential::run(args, output).await,
        Verb::List(args) => list::run(args, output).await,
        Verb::Revoke(args) => revoke::run(args, output).await,
    }
}
