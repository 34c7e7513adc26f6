//! `kaiban archive`

use std::path::PathBuf;

use kaiban_app::{ArchiveError, Clock, Limits, SystemClock, archive, months_before};
use serde_json::json;

use crate::database::Database;
use crate::failure::Failure;
use crate::output::Output;

#[derive(clap::Args)]
pub struct Args {
    /// Months since a case ended.
    #[arg(long, value_name = "MONTHS")]
    older_than: u32,
    /// Folder for the files; without it beside the SQLite file. On PostgreSQL it must be named, and be the one that the
    /// servers are started with.
    #[arg(long = "archive", value_name = "DIR")]
    folder: Option<PathBuf>,
    #[command(flatten)]
    database: Database,
}

pub async fn run(args: Args, output: Output) -> Result<(), Failure> {
    let folder = args.database.archive(args.folder.as_deref());
    if folder.path().is_none() {
        return Err(Failure::local(
            "ARCHIVE_NOT_NAMED",
            "未指明归档目录。",
            "nobody said where archived cases are to be kept",
        )
        .with_hint("name a folder that all servers reach with --archive DIR, and start them with it"));
    }
    let store = args.database.open_existing().await?;
    let before_us = months_before(SystemClock.operating_us(), args.older_than);
    let report = archive(&store, &folder, &SystemClock, &Limits::default(), before_us).await.map_err(failed)?;
    // Where no server runs, this writes the log into the file and ends it: what went is not in it any more.
    store.close().await.map_err(|error| Failure::local("DATABASE", "无法关闭数据库。", error.to_string()))?;
    let object = json!({
        "cases": report.cases,
        "files": report.files,
        "bytes": report.bytes,
        "left": report.left,
        "swept": report.swept,
    });
    output.result(&object, || {
        let mut text = format!("{} case(s) moved to {} file(s), {} bytes", report.cases, report.files, report.bytes);
        if report.left > 0 {
            text.push_str(&format!(
                "\n{} case(s) stay: something they started, or were started by, is open, or no head covers them yet",
                report.left
            ));
        }
        text
    })
}

/// Why the archive cannot be used.
pub fn failed(error: ArchiveError) -> Failure {
    Failure::local("ARCHIVE", "归档目录或数据库无法使用。", error.to_string())
}
