//! Where packages are looked at: on a server, or in a folder before any server runs them.

use std::path::PathBuf;
use std::sync::Arc;

use kaiban_definition::{Definition, Workflows};

use crate::failure::Failure;
use crate::packages::Packages;
use crate::remote::Remote;

/// A server, unless a folder is named.
#[derive(clap::Args)]
pub struct Source {
    /// Read the packages of this folder, and ask no server.
    #[arg(long, value_name = "DIR")]
    workflows: Option<PathBuf>,
    #[command(flatten)]
    pub remote: Remote,
}

impl Source {
    /// The packages of the folder; none where a server is to be asked.
    pub fn packages(&self) -> Result<Option<Workflows>, Failure> {
        let packages = Packages { workflows: self.workflows.clone() };
        self.workflows.as_ref().map(|_| Ok(packages.load()?.0)).transpose()
    }
}

/// The package of that name among those of a folder.
pub fn named<'w>(workflows: &'w Workflows, name: &str) -> Result<&'w Arc<Definition>, Failure> {
    workflows.definition(name).ok_or_else(|| {
        let known: Vec<&str> = workflows.definitions.iter().map(|found| found.workflow.as_str()).collect();
        Failure::local("NO_SUCH_WORKFLOW", format!("没有流程包“{name}”。"), format!("there is no package {name}"))
            .with_hint(format!("there are: {}", known.join(", ")))
    })
}
