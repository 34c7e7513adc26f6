//! `kaiban commitment …`: certificates, and the promises that replace them.

mod decline;
mod figures;
mod list;
mod preview;
mod sign;
mod withdraw;

use clap::Subcommand;

use crate::failure::Failure;
use crate::output::Output;

/// What to do with commitments.
#[derive(Subcommand)]
pub enum Verb {
    /// List the certificates of a case: what stands for each, who may promise, and who may not and why.
    List(list::Args),
    /// Show the letter as it would be signed; looking uses nothing up.
    Preview(preview::Args),
    /// Sign the letter in person, with the credential of the real-name step (for applicants).
    Sign(sign::Args),
    /// Say that one does not want to promise (for applicants).
    Decline(decline::Args),
    /// Take a commitment back before the matter is decided (for applicants).
    Withdraw(withdraw::Args),
    /// Count how certificates were proved, promised and checked, and the working time saved (for managers and auditors).
    Figures(figures::Args),
}

/// Does it.
pub async fn run(verb: Verb, output: Output) -> Result<(), Failure> {
    match verb {
        Verb::List(args) => list::run(args, output).await,
        Verb::Preview(args) => preview::run(args, output).await,
        Verb::Sign(args) => sign::run(args, output).await,
        Verb::Decline(args) => decline::run(args, output).await,
        Verb::Withdraw(args) => withdraw::run(args, output).await,
        Verb::Figures(args) => figures::run(args, output).await,
    }
}
