//! `kaiban workflow migrate`

use std::path::PathBuf;

use kaiban_api::v1;
use serde_json::json;

use crate::failure::Failure;
use crate::form;
use crate::json;
use crate::output::{self, Output};
use crate::remote::Remote;

#[derive(clap::Args)]
pub struct Args {
    /// File that says how the steps of the old version become those of the new one, as under
    /// workflows/PACKAGE/migrations. It names the package and both versions.
    #[arg(long, value_name = "FILE")]
    mapping: PathBuf,
    /// Digest of the version that cases leave, where the file names one that there are several of.
    #[arg(long, value_name = "DIGEST", default_value = "", hide_default_value = true)]
    from: String,
    /// The same of the version that they go on by.
    #[arg(long, value_name = "DIGEST", default_value = "", hide_default_value = true)]
    to: String,
    /// Only this case; may be given several times. Without it all running cases of the old version.
    #[arg(long = "case", value_name = "CASE")]
    cases: Vec<String>,
    /// Only say what would happen.
    #[arg(long)]
    dry_run: bool,
    /// Send the same again to go on where a call was cut off; without it a new one is made.
    #[arg(long, value_name = "ID")]
    request_id: Option<String>,
    #[command(flatten)]
    remote: Remote,
}

/// How many cases of each kind.
#[derive(Default)]
struct Counts {
    migrated: u64,
    would_migrate: u64,
    left: u64,
}

/// Says of each case what became of it, as it is told. A case that is left is no failure.
pub async fn run(args: Args, output: Output) -> Result<(), Failure> {
    let shown = args.mapping.display();
    let mapping = std::fs::read_to_string(&args.mapping)
        .map_err(|error| Failure::local("FILE", format!("无法读取 {shown}。"), format!("{shown}: {error}")))?;
    let request_id = form::request_id(args.request_id);
    let request = v1::MigrateCasesRequest {
        request_id: request_id.clone(),
        mapping,
        mapping_name: args.mapping.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
        from_digest: args.from,
        to_digest: args.to,
        case_ids: args.cases,
        dry_run: args.dry_run,
    };
    let mut pages = args.remote.workflows().await?.migrate_cases(request).await?.into_inner();
    let mut counts = Counts::default();
    let ended = loop {
        let page = match pages.message().await {
            Ok(Some(page)) => page,
            Ok(None) => break Ok(()),
            Err(status) => break Err(Failure::from(status)),
        };
        for case in &page.cases {
            counts.count(case);
            match output.is_json() {
                true => output.line(&json::of("MigratedCase", case)?.to_string())?,
                false => output.line(&human(case))?,
            }
        }
    };
    let Counts { migrated, would_migrate, left } = counts;
    if output.is_json() {
        let summary =
            json!({ "migrated": migrated, "would_migrate": would_migrate, "left": left, "request_id": request_id });
        output.line(&json!({ "summary": summary }).to_string())?;
    } else {
        let moved = if args.dry_run { format!("{would_migrate} would be moved") } else { format!("{migrated} moved") };
        output::say(&format!("{moved}, {left} left"));
    }
    let going_on = format!("what was moved stays moved; --request-id {request_id} goes on with the rest");
    ended.map_err(|failure| if args.dry_run { failure } else { failure.with_hint(going_on) })
}

impl Counts {
    fn count(&mut self, case: &v1::MigratedCase) {
        match case {
            v1::MigratedCase { left: Some(_), .. } => self.left += 1,
            v1::MigratedCase { would_migrate: true, .. } => self.would_migrate += 1,
            _ => self.migrated += 1,
        }
    }
}

/// A case and what became of it; of one that is left every reason, a line each.
fn human(case: &v1::MigratedCase) -> String {
    let id = &case.case_id;
    let Some(left) = &case.left else {
        return format!("{id}  {}", if case.would_migrate { "would be moved" } else { "moved" });
    };
    let text =
        |text: &Option<v1::Text>| text.as_ref().map(|text| format!("{} / {}", text.zh, text.en)).unwrap_or_default();
    if left.findings.is_empty() {
        return format!("{id}  left: {} {}", left.reason, text(&left.message));
    }
    let mut lines = format!("{id}  left: {}", left.reason);
    for finding in &left.findings {
        let at = if finding.pointer.is_empty() { String::new() } else { format!("{} ", finding.pointer) };
        lines.push_str(&format!("\n    {at}{}: {}", finding.code, text(&finding.message)));
        if finding.help.is_some() {
            lines.push_str(&format!("\n      hint: {}", text(&finding.help)));
        }
    }
    lines
}
