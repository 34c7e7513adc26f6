//! `kaiban verify`

use std::path::{Path, PathBuf};

use kaiban_app::{Beside, HeadKept, VerifyError, VerifyReport, verify_beside};
use kaiban_store::Store;
use serde_json::Value;

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
    /// Folder with archived cases; without it beside the SQLite file.
    #[arg(long, value_name = "DIR")]
    archive: Option<PathBuf>,
    /// A head that was kept elsewhere, or a file with such heads as `audit heads --format json` writes them. Each must be
    /// one of the database's: a database that was set back, or written anew as a whole, has others.
    #[arg(long, value_name = "HEAD|FILE")]
    head: Vec<String>,
}

pub async fn run(args: Args, output: Output) -> Result<(), Failure> {
    let heads = args.head.iter().map(|text| kept(text)).collect::<Result<Vec<_>, _>>()?.concat();
    let store = args.database.open_existing().await?;
    let beside = Beside { archive: args.database.archive(args.archive.as_deref()), heads };
    let report = look(&store, &args.packages, &beside).await?;
    tell(&report, output)
}

/// Looks at a whole database.
pub async fn look(store: &Store, packages: &Packages, beside: &Beside) -> Result<VerifyReport, Failure> {
    let (workflows, _) = packages.load()?;
    let library = packages::library(store, workflows).await?;
    verify_beside(store, &library, beside).await.map_err(|error| {
        let failure = Failure::local("VERIFY", "无法完成核验。", error.to_string());
        match error {
            VerifyError::Archive(_) => failure.with_hint("name the folder with --archive DIR"),
            VerifyError::Store(_) => failure,
        }
    })
}

/// Says what was found; a failure unless nothing is wrong.
pub fn tell(report: &VerifyReport, output: Output) -> Result<(), Failure> {
    let object = serde_json::to_value(report)
        .map_err(|error| Failure::local("JSON", "结果无法写成 JSON。", error.to_string()))?;
    output.result(&object, || {
        let mut text = format!("{} case(s), {} event(s): ", report.cases, report.events);
        text.push_str(if report.clean { "clean" } else { "NOT clean" });
        for problem in &report.problems {
            text.push_str(&format!("\n  {}  {}: {}", problem.case, problem.check, problem.detail));
        }
        if let Some(last) = &report.last_head {
            let until = kaiban_calendar::format_instant(last.until_us);
            text.push_str(&format!("\nhead {} until {until}: {}", last.number, last.head));
        }
        text
    })?;
    if report.clean {
        Ok(())
    } else {
        Err(Failure::local("NOT_CLEAN", "数据库核验发现问题。", "the database has problems"))
    }
}

/// A head, or the heads of a file.
fn kept(text: &str) -> Result<Vec<HeadKept>, Failure> {
    if is_head(text) {
        return Ok(vec![HeadKept { number: None, head: text.to_owned() }]);
    }
    let read = std::fs::read_to_string(Path::new(text))
        .map_err(|error| Failure::local("FILE", format!("无法读取 {text}。"), format!("{text}: {error}")))?;
    let heads: Option<Vec<HeadKept>> = read.lines().filter(|line| !line.trim().is_empty()).map(line).collect();
    heads.filter(|heads| !heads.is_empty()).ok_or_else(|| {
        Failure::local("HEAD_INVALID", format!("{text} 中没有可比对的链头。"), format!("{text} holds no heads"))
            .with_hint("write one with `kaiban audit heads --format json`")
    })
}

/// One JSON object of `audit heads`, or of `verify` (`last_head`), or a head alone.
fn line(text: &str) -> Option<HeadKept> {
    if is_head(text.trim()) {
        return Some(HeadKept { number: None, head: text.trim().to_owned() });
    }
    let object: Value = serde_json::from_str(text).ok()?;
    let object = object.get("last_head").unwrap_or(&object);
    // Protobuf's JSON writes 64-bit numbers as texts.
    let number = object.get("number")?;
    let number = number.as_i64().or_else(|| number.as_str()?.parse().ok());
    let head = object.get("head")?.as_str().filter(|head| is_head(head))?;
    Some(HeadKept { number, head: head.to_owned() })
}

fn is_head(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}
