//! `kaiban backup check DIR`

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use kaiban_app::files::path_of;
use kaiban_app::{Beside, Digest, HeadKept, Problem, VerifyReport};
use kaiban_store::Store;

use super::manifest::{Entry, MANIFEST, Manifest};
use super::take::archive_of;
use crate::database::{ARCHIVE, Database, FILE, FILES};
use crate::failure::Failure;
use crate::output::Output;
use crate::packages::Packages;
use crate::verbs::verify;

#[derive(clap::Args)]
pub struct Args {
    /// The copy.
    folder: PathBuf,
    #[command(flatten)]
    packages: Packages,
}

pub async fn run(args: Args, output: Output) -> Result<(), Failure> {
    let folder = args.folder;
    let manifest = read(&folder)?;
    let (at, named) = (folder.clone(), manifest.files.clone());
    let held = tokio::task::spawn_blocking(move || altered(&at, &named)).await;
    let mut problems = held.map_err(|error| Failure::local("BACKUP", "备份无法核验。", error.to_string()))?;

    let database = Database { data: Some(folder.clone()), database_url: None };
    let store = database.open_existing().await?;
    let kept = |head: &super::manifest::Head| HeadKept { number: Some(head.number), head: head.head.clone() };
    let beside = Beside { archive: archive_of(&folder), heads: manifest.last_head.iter().map(kept).collect() };
    let mut report = verify::look(&store, &args.packages, &beside).await?;
    problems.extend(missing(&store, &manifest).await?);
    store.close().await.map_err(stored)?;
    add(&mut report, problems);
    verify::tell(&report, output)
}

fn read(folder: &Path) -> Result<Manifest, Failure> {
    let path = folder.join(MANIFEST);
    let shown = path.display();
    let text = std::fs::read_to_string(&path).map_err(|error| {
        Failure::local("NO_MANIFEST", format!("无法读取 {shown}，该目录不是完整的备份。"), format!("{shown}: {error}"))
    })?;
    serde_json::from_str(&text)
        .map_err(|error| Failure::local("NO_MANIFEST", format!("{shown} 不是备份清单。"), format!("{shown}: {error}")))
}

/// Files that are not what the manifest says.
fn altered(folder: &Path, named: &[Entry]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for entry in named {
        match Entry::of(folder, &entry.path) {
            Ok(found) if found == *entry => {}
            Ok(_) => problems.push(problem(&entry.path, "is not the file that was copied")),
            Err(error) => problems.push(problem(&entry.path, &error.kind().to_string())),
        }
    }
    problems
}

/// Files that the database names and the manifest does not.
async fn missing(store: &Store, manifest: &Manifest) -> Result<Vec<Problem>, Failure> {
    let named: BTreeSet<&str> = manifest.files.iter().map(|entry| entry.path.as_str()).collect();
    let mut wanted: BTreeMap<String, &str> = BTreeMap::from([(FILE.to_owned(), "the database")]);
    let mut after = String::new();
    loop {
        let page = store.file_digests(&after, 1_000).await.map_err(stored)?;
        let Some(last) = page.last() else { break };
        after.clone_from(last);
        for digest in page.iter().filter_map(|digest| Digest::from_hex(digest).ok()) {
            wanted.insert(format!("{FILES}/{}", path_of(&digest).display()), "an uploaded file");
        }
    }
    for file in store.archive_files().await.map_err(stored)? {
        wanted.insert(format!("{ARCHIVE}/{file}"), "a file of the archive");
    }
    let absent = wanted.into_iter().filter(|(path, _)| !named.contains(path.as_str()));
    Ok(absent.map(|(path, what)| problem(&path, &format!("{what} is not in the manifest"))).collect())
}

fn add(report: &mut VerifyReport, problems: Vec<Problem>) {
    report.clean &= problems.is_empty();
    report.problems.splice(0..0, problems);
}

fn problem(path: &str, detail: &str) -> Problem {
    Problem { case: path.to_owned(), check: "backup".to_owned(), detail: detail.to_owned() }
}

fn stored(error: kaiban_store::StoreError) -> Failure {
    Failure::local("DATABASE", "无法打开数据库。", error.to_string())
}
