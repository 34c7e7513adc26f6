//! `kaiban draw …`: which cases are checked on the spot, and by whom.

mod announce;
mod commit;
mod freeze;
mod hold;
mod list;
mod pools;
mod publish;
mod reveal;
mod secret;
mod show;
mod verify;

use clap::Subcommand;
use kaiban_api::v1;

use crate::failure::Failure;
use crate::output::Output;
use crate::{json, show as shown};

/// What to do with draws.
#[derive(Subcommand)]
pub enum Verb {
    /// Announce a draw: its terms, parties and deadlines (for officers).
    Announce(announce::Args),
    /// Make a number for a party, keep it in a file, and print its commitment.
    Secret(secret::Args),
    /// Commit to a number (for parties).
    Commit(commit::Args),
    /// Fix what is drawn from (for officers).
    Freeze(freeze::Args),
    /// Show a number (for parties).
    Reveal(reveal::Args),
    /// Enter the public value that was announced (for officers).
    Publish(publish::Args),
    /// Draw, once all numbers are there.
    Hold(hold::Args),
    /// List draws, the newest first.
    List(list::Args),
    /// List what waits to be drawn from, and by when a draw is due.
    Pools(pools::Args),
    /// Show a draw, or print its record.
    Show(show::Args),
    /// Hold a draw again from its published record alone; exit code 1 if anything differs.
    Verify(verify::Args),
}

/// Does it.
pub async fn run(verb: Verb, output: Output) -> Result<(), Failure> {
    match verb {
        Verb::Announce(args) => announce::run(args, output).await,
        Verb::Secret(args) => secret::run(args, output).await,
        Verb::Commit(args) => commit::run(args, output).await,
        Verb::Freeze(args) => freeze::run(args, output).await,
        Verb::Reveal(args) => reveal::run(args, output).await,
        Verb::Publish(args) => publish::run(args, output).await,
        Verb::Hold(args) => hold::run(args, output).await,
        Verb::List(args) => list::run(args, output).await,
        Verb::Pools(args) => pools::run(args, output).await,
        Verb::Show(args) => show::run(args, output).await,
        Verb::Verify(args) => verify::run(args, output),
    }
}

/// Writes a draw as an answer has it.
fn result(output: Output, draw: Option<v1::Draw>) -> Result<(), Failure> {
    let draw = draw.unwrap_or_default();
    output.result(&json::of("Draw", &draw)?, || shown::draw(&draw))
}
