//! `kaiban incident …`: what cannot go on by itself.

mod list;
mod resolve;
mod show;

use clap::Subcommand;
use kaiban_api::v1;
use kaiban_client::Client;

use crate::failure::Failure;
use crate::output::Output;

/// What to do with incidents.
#[derive(Subcommand)]
pub enum Verb {
    /// List what cannot go on by itself or takes too long, oldest first (for officers).
    List(list::Args),
    /// Show one incident, and what to do about it.
    Show(show::Args),
    /// Say that the cause is gone: a step is tried afresh, a letter sent or a deadline fired at once, a promise was looked at.
    #[command(visible_alias = "retry")]
    Resolve(resolve::Args),
}

/// Does it.
pub async fn run(verb: Verb, output: Output) -> Result<(), Failure> {
    match verb {
        Verb::List(args) => list::run(args, output).await,
        Verb::Show(args) => show::run(args, output).await,
        Verb::Resolve(args) => resolve::run(args, output).await,
    }
}

/// A page, and the token of the next one.
async fn page(client: &Client, request: &v1::ListIncidentsRequest) -> Result<(Vec<v1::Incident>, String), Failure> {
    let page = client.call(request.clone()).await?;
    Ok((page.incidents, page.next_page_token))
}
