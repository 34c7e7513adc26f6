//! `kaiban document …`: hand documents in and fetch them.

mod download;
mod list;
mod show;
mod upload;

use clap::Subcommand;
use kaiban_api::v1;

use crate::failure::Failure;
use crate::lengths::instant;
use crate::output::Output;
use crate::show::lines;

/// What to do with documents.
#[derive(Subcommand)]
pub enum Verb {
    /// Hand in files; says the digests that forms and results refer to them by.
    Upload(upload::Args),
    /// Fetch a document; goes on where an earlier try broke off.
    Download(download::Args),
    /// Show what is known of a document.
    Show(show::Args),
    /// List the documents that a case refers to.
    List(list::Args),
}

/// Does it.
pub async fn run(verb: Verb, output: Output) -> Result<(), Failure> {
    match verb {
        Verb::Upload(args) => upload::run(args, output).await,
        Verb::Download(args) => download::run(args, output).await,
        Verb::Show(args) => show::run(args, output).await,
        Verb::List(args) => list::run(args, output).await,
    }
}

/// A document as people read it.
fn shown(document: &v1::Document) -> String {
    let mut facts = vec![
        ("digest", document.digest.clone()),
        ("name", document.name.clone()),
        ("type", document.media_type.clone()),
        ("bytes", document.size.to_string()),
        ("uploaded", instant(document.uploaded_at.as_ref())),
    ];
    facts.extend(document.pointers.iter().map(|pointer| ("place", pointer.clone())));
    lines(&facts)
}

/// A document in one line.
fn row(document: &v1::Document) -> [String; 5] {
    [
        document.digest.clone(),
        document.media_type.clone(),
        document.size.to_string(),
        document.pointers.join(" "),
        document.name.clone(),
    ]
}

/// What [`row`] has.
const HEADER: [&str; 5] = ["DOCUMENT", "TYPE", "BYTES", "PLACES", "NAME"];

fn at(path: &std::path::Path, error: &std::io::Error) -> Failure {
    let shown = path.display();
    Failure::local("FILE", format!("无法使用文件 {shown}。"), format!("{shown}: {error}"))
}
