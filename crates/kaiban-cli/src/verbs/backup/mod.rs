//! `kaiban backup`: a copy of all there is, beside a running server, and whether such a copy is sound.

mod check;
mod manifest;
mod take;

use std::path::PathBuf;

use clap::Subcommand;

use crate::database::Database;
use crate::failure::Failure;
use crate::output::Output;

#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct Args {
    #[command(subcommand)]
    verb: Option<Verb>,
    /// Folder to be written; it must not be there, and is there once it is complete.
    #[arg(long, value_name = "DIR", required = true)]
    to: Option<PathBuf>,
    /// Folder with uploaded files; without it beside the SQLite file.
    #[arg(long, value_name = "DIR")]
    files: Option<PathBuf>,
    /// Folder with archived cases; without it beside the SQLite file.
    #[arg(long, value_name = "DIR")]
    archive: Option<PathBuf>,
    #[command(flatten)]
    database: Database,
}

/// What else there is to do about backups.
#[derive(Subcommand)]
enum Verb {
    /// Check a copy: everything that its manifest names is there unaltered, and the database in it is sound.
    Check(check::Args),
}

/// Takes a copy, or checks one.
pub async fn run(args: Args, output: Output) -> Result<(), Failure> {
    match (args.verb, args.to) {
        (Some(Verb::Check(check)), _) => check::run(check, output).await,
        (None, Some(to)) => {
            let from = take::From { database: args.database, files: args.files, archive: args.archive };
            take::run(from, &to, output).await
        }
        (None, None) => Err(Failure::local("BACKUP", "请用 --to 指明目录。", "name a folder with --to DIR")),
    }
}
