//! `kaiban erase`

use std::path::PathBuf;

use kaiban_app::{ErasureAsked, Kept, Limits, Rules, SystemClock, erase};
use serde_json::json;

use crate::database::Database;
use crate::failure::Failure;
use crate::output::{Output, table};

#[derive(clap::Args)]
pub struct Args {
    /// Say what would be erased, and by which rule; erase nothing.
    #[arg(long)]
    dry_run: bool,
    /// Another period for a kind of document, as this installation has decided: reason=60. The cases are all looked
    /// through again.
    #[arg(long, value_name = "KIND=MONTHS")]
    keep: Vec<String>,
    /// Folder with uploaded files; without it beside the SQLite file.
    #[arg(long, value_name = "DIR")]
    files: Option<PathBuf>,
    /// Folder with archived cases; without it beside the SQLite file.
    #[arg(long, value_name = "DIR")]
    archive: Option<PathBuf>,
    #[command(flatten)]
    database: Database,
}

pub async fn run(args: Args, output: Output) -> Result<(), Failure> {
    let mut rules = Rules::default();
    for text in &args.keep {
        let known = text.split_once('=').and_then(|(kind, months)| Some((kind, months.parse().ok()?)));
        if !known.is_some_and(|(kind, months)| rules.keep(kind, months)) {
            let kinds: Vec<&str> = rules.all().iter().flat_map(|rule| rule.kinds).copied().collect();
            return Err(Failure::local(
                "KEEP_INVALID",
                format!("--keep {text} 应为“类别=月数”。"),
                format!("--keep {text} is no KIND=MONTHS"),
            )
            .with_hint(format!("the kinds are {}", kinds.join(", "))));
        }
    }
    let store = args.database.open_existing().await?;
    let archive = args.database.archive(args.archive.as_deref());
    let files = args.database.open_files(args.files.as_deref())?;
    // What is recorded as erased must not lie on somewhere.
    let somewhere = args.files.is_some() || args.database.files().is_some();
    let uploaded = store.file_digests("", 1).await;
    if !somewhere && uploaded.is_ok_and(|uploaded| !uploaded.is_empty()) {
        return Err(Failure::local("FILES_NOT_NAMED", "未指明文件目录。", "nobody said where uploaded files are kept")
            .with_hint("name the folder that the servers are started with: --files DIR"));
    }
    let kept = Kept { store: &store, archive: &archive, files: &files };
    let asked = ErasureAsked { rules: &rules, dry_run: args.dry_run, again: !args.keep.is_empty() };
    let report = erase(&kept, &SystemClock, &Limits::default(), &asked)
        .await
        .map_err(|error| Failure::local("ERASE", "销毁未能完成，可再次运行继续。", error.to_string()))?;
    // Where no server runs, this writes the log into the file and ends it: what went is not in it any more.
    store.close().await.map_err(|error| Failure::local("DATABASE", "无法关闭数据库。", error.to_string()))?;
    let of = |code: &str| report.erased.get(code).copied().unwrap_or_default();
    let listed: Vec<_> = rules
        .all()
        .iter()
        .map(|rule| {
            json!({
                "rule": rule.code,
                "kinds": rule.kinds,
                "months": rule.months,
                "basis": rule.basis,
                "local_policy": rule.local,
                "erased": of(&rule.code),
            })
        })
        .collect();
    let object = json!({
        "dry_run": args.dry_run,
        "cases": report.cases,
        "files_still_needed": report.shared,
        "rules": listed,
    });
    output.result(&object, || {
        let counted = if args.dry_run { "WOULD GO" } else { "ERASED" };
        let row = |rule: &kaiban_app::Rule| {
            let basis = if rule.local { format!("local policy; {}", rule.basis) } else { rule.basis.to_owned() };
            [rule.code.clone(), rule.kinds.join(","), of(&rule.code).to_string(), basis]
        };
        let rows = table(["RULE", "KINDS", counted, "BASIS"], rules.all().iter().map(row));
        format!("{} case(s) looked through\n{rows}", report.cases)
    })
}
