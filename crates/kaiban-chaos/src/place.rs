//! Where databases, documents and logs of a run are.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;
use xtask::cluster::Cluster;

use crate::disk::SmallDisk;
use crate::node::{NodeCommand, deaf};
use crate::plan::{Database, Plan};

/// Settings of a PostgreSQL on a small disk: its log leaves room for others.
const SMALL: &str = "max_wal_size = '64MB'\nmin_wal_size = '32MB'\n";

/// The variable that `serve` and `verify` take a database's URL from.
const DATABASE_URL: &str = "KAIBAN_DATABASE_URL";

/// A run's folder, and what is in it. The fields are dropped in their order: first who writes, then where.
pub(crate) struct Place {
    pub cluster: Option<Cluster>,
    pub disk: Option<SmallDisk>,
    /// Of the cases' database.
    pub url: String,
    data: PathBuf,
    folder: Option<TempDir>,
    program: PathBuf,
    /// What was asked for and cannot be had here.
    pub without: Vec<String>,
}

impl Place {
    pub async fn new(plan: &Plan) -> Result<Self> {
        let mut builder = tempfile::Builder::new();
        let builder = builder.prefix("kaiban-chaos-");
        let folder = match &plan.folder {
            Some(below) => builder.tempdir_in(below),
            None => builder.tempdir(),
        };
        let folder = folder.context("cannot make a folder for the run")?;
        let mut without = Vec::new();
        let disk = match plan.small_disk.then(|| SmallDisk::mount(folder.path())) {
            Some(Ok(disk)) => Some(disk),
            Some(Err(error)) => {
                without.push(format!("a small disk cannot be mounted here ({error}): nobody fills it in this run"));
                None
            }
            None => None,
        };
        let data = disk.as_ref().map_or(folder.path(), SmallDisk::folder).to_owned();
        let mut place = Self {
            cluster: None,
            url: format!("sqlite://{}", data.join("kaiban.db").display()),
            data,
            disk,
            folder: Some(folder),
            program: plan.program.clone(),
            without,
        };
        if plan.database == Database::Postgres {
            let programs = xtask::postgres::find_or_install()?;
            let (below, settings) = match &place.disk {
                Some(disk) => (disk.folder().to_owned(), SMALL),
                None => (std::env::temp_dir(), ""),
            };
            let cluster = tokio::task::spawn_blocking(move || Cluster::start_in(&programs, &below, settings)).await??;
            place.url = kaiban_store::create_database(cluster.url(), "chaos").await?;
            place.cluster = Some(cluster);
        }
        Ok(place)
    }

    /// The run's folder.
    pub fn folder(&self) -> &Path {
        self.folder.as_ref().map_or(Path::new("."), TempDir::path)
    }

    /// How a server is started on this database.
    pub fn node(&self, number: usize) -> NodeCommand {
        let data = self.data.display().to_string();
        let files = self.data.join("kaiban.files").display().to_string();
        let (arguments, variables) = match &self.cluster {
            Some(_) => (vec!["--files".to_owned(), files], vec![(DATABASE_URL.to_owned(), self.url.clone())]),
            None => (vec!["--data".to_owned(), data], Vec::new()),
        };
        let log = self.folder().join(format!("server-{number}.log"));
        NodeCommand { program: self.program.clone(), arguments, variables, log }
    }

    /// Bytes of the SQLite file.
    pub fn database_bytes(&self) -> u64 {
        std::fs::metadata(self.data.join("kaiban.db")).map_or(0, |file| file.len())
    }

    /// `kaiban verify`: what it says, and whether it is content.
    pub fn verify(&self) -> Result<(bool, String)> {
        let mut command = deaf(&self.program);
        command.args(["verify", "--format", "json"]);
        match &self.cluster {
            Some(_) => command.env(DATABASE_URL, &self.url),
            None => command.arg("--data").arg(&self.data),
        };
        let output = command.output().context("cannot run verify")?;
        let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        Ok((output.status.success(), said.trim().to_owned()))
    }

    /// Leaves everything where a person can look at it, and says where.
    pub fn keep(mut self) -> Result<PathBuf> {
        let folder = self.folder.take().context("the folder is kept once")?.keep();
        if let Some(cluster) = self.cluster.take() {
            std::fs::write(folder.join("postgres.log"), cluster.log())?;
            // What the crash recovery of a copy needs is on the disk at any moment; the log was just flushed.
            copy(&cluster.folder().join("data"), &folder)?;
        } else if let Some(disk) = &self.disk {
            copy(&disk.folder().join("."), &folder.join("data"))?;
        }
        Ok(folder)
    }
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    let status = Command::new("cp").arg("-a").args([from, to]).status().context("cannot run cp")?;
    ensure!(status.success(), "{} cannot be copied to {}", from.display(), to.display());
    Ok(())
}
