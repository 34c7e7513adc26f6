//! `kaiban workflow diagram`

use clap::ValueEnum;
use kaiban_definition::{dot, mermaid};
use serde_json::json;

use super::source::named;
use crate::failure::Failure;
use crate::output::Output;
use crate::packages::Packages;

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Kind {
    /// A Mermaid flowchart, for documents.
    Mermaid,
    /// A Graphviz digraph.
    Dot,
}

#[derive(clap::Args)]
pub struct Args {
    /// Name of the package.
    workflow: String,
    /// For which tool.
    #[arg(long, value_enum, default_value_t = Kind::Mermaid)]
    kind: Kind,
    #[command(flatten)]
    packages: Packages,
}

pub fn run(args: Args, output: Output) -> Result<(), Failure> {
    let (workflows, _) = args.packages.load()?;
    let definition = named(&workflows, &args.workflow)?;
    let (kind, diagram) = match args.kind {
        Kind::Mermaid => ("mermaid", mermaid(definition)),
        Kind::Dot => ("dot", dot(definition)),
    };
    output.result(&json!({"workflow": definition.workflow, "kind": kind, "diagram": diagram}), || diagram.clone())
}
