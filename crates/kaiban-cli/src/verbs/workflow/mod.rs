//! `kaiban workflow …`: packages on disk, and the ones that a server runs.

mod check;
mod diagram;
mod list;
mod migrate;
mod scenario;
mod show;
mod source;

use clap::Subcommand;

use crate::failure::Failure;
use crate::output::Output;

/// What to do with workflow packages.
#[derive(Subcommand)]
pub enum Verb {
    /// Check packages, directory and calendars: every finding at once.
    Check(check::Args),
    /// Draw a package.
    Diagram(diagram::Args),
    /// List the packages that a server runs, or those of a folder.
    List(list::Args),
    /// Move running cases to another version of their package, by a mapping.
    Migrate(migrate::Args),
    /// Play the scenarios of packages and hold what happens against what they say.
    Scenario(scenario::Args),
    /// Show a package that a server runs, or one of a folder: steps, outcomes, schemas.
    Show(show::Args),
}

/// Does it.
pub async fn run(verb: Verb, output: Output) -> Result<(), Failure> {
    match verb {
        Verb::Check(args) => check::run(args, output),
        Verb::Diagram(args) => diagram::run(args, output),
        Verb::List(args) => list::run(args, output).await,
        Verb::Migrate(args) => migrate::run(args, output).await,
        Verb::Scenario(args) => scenario::run(args, output),
        Verb::Show(args) => show::run(args, output).await,
    }
}
