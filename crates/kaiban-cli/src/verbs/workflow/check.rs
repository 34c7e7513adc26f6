//! `kaiban workflow check`

use kaiban_definition::{load, render};
use kaiban_findings::Finding;
use serde_json::json;

use crate::failure::Failure;
use crate::output::Output;
use crate::packages::Packages;

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    packages: Packages,
}

pub fn run(args: Args, output: Output) -> Result<(), Failure> {
    let files = args.packages.files()?;
    let (workflows, findings) = load(&files);
    let errors = findings.iter().filter(|finding| Finding::is_error(finding)).count();
    let sound: Vec<_> = workflows
        .definitions
        .iter()
        .map(|found| json!({"workflow": found.workflow, "version": found.version, "digest": found.digest}))
        .collect();
    let report = json!({"errors": errors, "doubts": findings.len() - errors, "sound": sound, "findings": findings});
    output.result(&report, || {
        let mut text = render(&findings, &files);
        if !text.is_empty() {
            text.push_str("\n\n");
        }
        for found in &workflows.definitions {
            text.push_str(&format!("sound: {} {} {}\n", found.workflow, found.version, found.digest));
        }
        text.push_str(&format!("{errors} error(s), {} doubt(s)", findings.len() - errors));
        text
    })?;
    match errors {
        0 => Ok(()),
        _ => Err(Failure::local("PACKAGES_INVALID", "流程包有错误。", "the workflow packages have errors")),
    }
}
