//! Which database a verb works on.

use std::path::{Path, PathBuf};

use kaiban_app::{Archive, Files};
use kaiban_store::{Options, Store, StoreError};

use crate::failure::Failure;
use crate::output;

/// The variable that names a database, so that its password is on no command line.
pub const URL_VARIABLE: &str = "KAIBAN_DATABASE_URL";

/// Name of the file in the data folder.
pub const FILE: &str = "kaiban.db";

/// Name of the folder with the documents, beside that file.
pub const FILES: &str = "kaiban.files";

/// Name of the folder with archived cases, beside it too.
pub const ARCHIVE: &str = "kaiban.archive";

/// Where cases are kept.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Database {
    /// Folder of the SQLite file.
    #[arg(long, value_name = "DIR", conflicts_with = "database_url")]
    pub data: Option<PathBuf>,
    /// PostgreSQL instead of a file: postgres://user:password@host/database.
    #[arg(long, value_name = "URL", env = URL_VARIABLE, hide_env_values = true)]
    pub database_url: Option<String>,
}

impl Database {
    /// Whether one was named at all.
    pub fn is_named(&self) -> bool {
        self.data.is_some() || self.database_url.is_some()
    }

    /// The folder of the SQLite file, unless it is another database.
    pub fn folder(&self) -> Option<&Path> {
        match (&self.database_url, &self.data) {
            (Some(_), _) => None,
            (None, Some(folder)) => Some(folder),
            (None, None) => Some(Path::new("data")),
        }
    }

    /// Where documents are kept unless it is said: beside the SQLite file.
    pub fn files(&self) -> Option<PathBuf> {
        self.folder().map(|folder| folder.join(FILES))
    }

    /// Documents in this folder, or where they are kept unless it is said.
    pub fn open_files(&self, named: Option<&Path>) -> Result<Files, Failure> {
        let Some(folder) = named.map(Path::to_owned).or_else(|| self.files()) else { return Ok(Files::nowhere()) };
        Files::folder(&folder).map_err(|error| {
            let shown = folder.display();
            Failure::local("FILE", format!("无法使用目录 {shown}。"), format!("{shown}: {error}"))
        })
    }

    /// Archived cases in this folder, or where they are kept unless it is said: beside the SQLite file.
    pub fn archive(&self, named: Option<&Path>) -> Archive {
        let folder = named.map(Path::to_owned).or_else(|| self.folder().map(|folder| folder.join(ARCHIVE)));
        folder.map(Archive::folder).unwrap_or_default()
    }

    /// The arguments that name the same database on another command line.
    pub fn arguments(&self) -> String {
        match self.folder() {
            Some(folder) => format!("--data {}", folder.display()),
            None => "--database-url \"$KAIBAN_DATABASE_URL\"".to_owned(),
        }
    }

    /// Opens it, bringing its schema up to date; creates folder and file where they are missing.
    pub async fn open_or_create(&self) -> Result<Store, Failure> {
        self.open_or_create_within(None).await
    }

    /// The same; the SQLite file may have so many bytes.
    pub async fn open_or_create_within(&self, max_bytes: Option<u64>) -> Result<Store, Failure> {
        if let Some(folder) = self.folder() {
            create(folder).map_err(|error| at(folder, &error))?;
        }
        self.open(Options { max_bytes, ..Options::default() }).await
    }

    /// Opens one that must be there, and leaves its schema as it is.
    pub async fn open_existing(&self) -> Result<Store, Failure> {
        if let Some(folder) = self.folder()
            && !folder.join(FILE).exists()
        {
            let shown = folder.display();
            return Err(Failure::local(
                "NO_DATABASE",
                format!("{shown} 中没有数据库。"),
                format!("there is no database in {shown}"),
            )
            .with_hint("name it with --data DIR or --database-url URL"));
        }
        self.open(Options { migrate: false, ..Options::default() }).await
    }

    async fn open(&self, options: Options) -> Result<Store, Failure> {
        let url = self.url()?;
        let store = Store::open(&url, options).await.map_err(refused)?;
        if let [.., last] = store.newer_migrations() {
            output::say(&format!(
                "warning: a newer release has added to this database's schema ({last}); this one works on it and knows nothing of what was added"
            ));
        }
        Ok(store)
    }

    fn url(&self) -> Result<String, Failure> {
        if let Some(url) = &self.database_url {
            return Ok(url.clone());
        }
        let folder = self.folder().unwrap_or(Path::new("data"));
        let absolute = std::path::absolute(folder.join(FILE)).map_err(|error| at(folder, &error))?;
        Ok(format!("sqlite://{}", absolute.display()))
    }
}

fn refused(error: StoreError) -> Failure {
    let said = error.to_string();
    match error {
        StoreError::TooNew(_) => Failure::local("SCHEMA_TOO_NEW", "数据库已由更新的版本升级，本程序无法使用。", said)
            .with_hint("run the release that the other servers run, or restore the backup from before the upgrade"),
        StoreError::Schema(_) => Failure::local("SCHEMA_TOO_OLD", "数据库结构比本程序旧，尚未升级。", said)
            .with_hint("`kaiban serve` of this release brings it up to date"),
        _ => Failure::local("DATABASE", "无法打开数据库。", said),
    }
}

/// Creates the folder for nobody else to read: it holds people's data.
fn create(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn at(folder: &Path, error: &std::io::Error) -> Failure {
    let shown = folder.display();
    Failure::local("FILE", format!("无法使用目录 {shown}。"), format!("{shown}: {error}"))
}
