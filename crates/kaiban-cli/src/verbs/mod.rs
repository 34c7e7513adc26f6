//! The verbs, one a file.

mod archive;
mod audit;
mod backup;
pub mod bench;
mod calendar;
mod case;
mod commitment;
mod credit;
pub mod demo;
mod document;
mod draw;
mod erase;
mod identifier;
mod incident;
mod register;
mod serve;
mod task;
mod token;
mod verify;
mod workflow;

use clap::Subcommand;

use crate::failure::Failure;
use crate::output::Output;

/// What to do.
#[derive(Subcommand)]
pub enum Verb {
    /// Serve gRPC on an SQLite file in a data folder, or on PostgreSQL.
    Serve(serve::Args),
    /// Run simulated banks and agencies against a server on a throw-away database.
    Demo(demo::Args),
    /// Measure how many cases a second a server takes.
    Bench(bench::Args),
    /// Check a whole database: journals replayed, chains, ledgers, figures.
    Verify(verify::Args),
    /// Copy an SQLite database with its documents beside a running server; check such a copy.
    Backup(backup::Args),
    /// Move cases that ended long ago to compressed files, where they are still found.
    Archive(archive::Args),
    /// Erase documents at the end of their period; journals and figures stay.
    Erase(erase::Args),
    /// Check, submit and follow cases; what applicants, offices and officers do with them.
    #[command(subcommand)]
    Case(case::Verb),
    /// Look at certificates, and sign the commitments that replace them.
    #[command(subcommand)]
    Commitment(commitment::Verb),
    /// Keep credit records: what was decided, its repair, and what it means on a day.
    #[command(subcommand)]
    Credit(credit::Verb),
    /// Keep the registers that the bureau keeps by hand.
    #[command(subcommand)]
    Register(register::Verb),
    /// Take tasks and end them, as an agency does.
    #[command(subcommand)]
    Task(task::Verb),
    /// Hand documents in and fetch them.
    #[command(subcommand)]
    Document(document::Verb),
    /// Deal with what cannot go on by itself.
    #[command(subcommand)]
    Incident(incident::Verb),
    /// Draw which cases are checked on the spot, and by whom; hold a draw again from its record.
    #[command(subcommand)]
    Draw(draw::Verb),
    /// Count working days and working time; publish calendars.
    #[command(subcommand)]
    Calendar(calendar::Verb),
    /// Judge unified social credit codes, citizen numbers, names of businesses and other numbers.
    #[command(subcommand)]
    Identifier(identifier::Verb),
    /// Look at workflow packages.
    #[command(subcommand)]
    Workflow(workflow::Verb),
    /// Read who saw what, and journals, as auditors do.
    #[command(subcommand)]
    Audit(audit::Verb),
    /// Issue, list and revoke tokens.
    #[command(subcommand)]
    Token(token::Verb),
}

/// Does it.
pub async fn run(verb: Verb, output: Output) -> Result<(), Failure> {
    match verb {
        Verb::Serve(args) => serve::run(args, output).await,
        Verb::Demo(args) => demo::run(args, output).await,
        Verb::Bench(args) => bench::run(args, output).await,
        Verb::Verify(args) => verify::run(args, output).await,
        Verb::Backup(args) => backup::run(args, output).await,
        Verb::Archive(args) => archive::run(args, output).await,
        Verb::Erase(args) => erase::run(args, output).await,
        Verb::Case(verb) => case::run(verb, output).await,
        Verb::Commitment(verb) => commitment::run(verb, output).await,
        Verb::Credit(verb) => credit::run(verb, output).await,
        Verb::Register(verb) => register::run(verb, output).await,
        Verb::Task(verb) => task::run(verb, output).await,
        Verb::Document(verb) => document::run(verb, output).await,
        Verb::Incident(verb) => incident::run(verb, output).await,
        Verb::Draw(verb) => draw::run(verb, output).await,
        Verb::Calendar(verb) => calendar::run(verb, output).await,
        Verb::Identifier(verb) => identifier::run(verb, output).await,
        Verb::Workflow(verb) => workflow::run(verb, output).await,
        Verb::Audit(verb) => audit::run(verb, output).await,
        Verb::Token(verb) => token::run(verb, output).await,
    }
}
