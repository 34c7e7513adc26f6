//! `kaiban verify`

use crate::database::Database;
use crate::failure::Failure;
use crate::output::Output;
use crate::packages::{self, Packages};

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    database: Database,
    #[command(flatten)]
    packages: Packages,
}

pub async fn run(args: Args, output: Output) -> Result<(), Failure> {
    let (workflows, _) = args.packages.load()?;
    let store = args.database.open_existing().await?;
    let library = packages::library(&store, workflows).await?;
    let report = kaiban_app::verify(&store, &library)
        .await
        .map_err(|error| Failure::local("VERIFY", "无法完成核验。", error.to_string()))?;
    let object = serde_json::to_value(&report)
        .map_err(|error| Failure::local("JSON", "结果无法写成 JSON。", error.to_string()))?;
    output.result(&object, || {
        let mut text = format!("{} case(s), {} event(s): ", report.cases, report.events);
        text.push_str(if report.clean { "clean" } else { "NOT clean" });
        for problem in &report.problems {
            text.push_str(&format!("\n  {}  {}: {}", problem.case, problem.check, problem.detail));
        }
        text
    })?;
    if report.clean {
        Ok(())
    } else {
        Err(Failure::local("NOT_CLEAN", "数据库核验发现问题。", "the database has problems"))
    }
}
