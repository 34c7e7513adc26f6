//! `kaiban backup --to DIR`
//!
//! First the database, as it is at one moment; then the files that this copy of it names. Files never change, so they are
//! still what they were at that moment. Everything is written under a passing name, and the folder is moved to its own once
//! all of it is on the disk.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use kaiban_app::files::path_of;
use kaiban_app::{Archive, Clock, Digest, SystemClock};
use kaiban_calendar::format_instant;
use kaiban_store::{Backend, Store, StoreError};
use serde_json::json;

use super::manifest::{Entry, MANIFEST, Manifest, digest};
use crate::database::{ARCHIVE, Database, FILE, FILES};
use crate::failure::Failure;
use crate::output::Output;

/// Where everything is.
pub struct From {
    pub database: Database,
    pub files: Option<PathBuf>,
    pub archive: Option<PathBuf>,
}

/// Rows that are read at a time.
const PAGE: u64 = 1_000;

pub async fn run(from: From, to: &Path, output: Output) -> Result<(), Failure> {
    if from.database.folder().is_none() {
        return Err(Failure::local(
            "BACKUP_POSTGRES",
            "PostgreSQL 数据库请用其自带工具备份（pg_dump 或连续归档）。",
            "a PostgreSQL database is backed up with its own tools: pg_dump, or continuous archiving",
        )
        .with_hint(
            "first the database, then the folders of --files and --archive; OPERATIONS.md, Backup and restore",
        ));
    }
    let store = from.database.open_existing().await?;
    debug_assert_eq!(store.backend(), Backend::Sqlite);
    let passing = passing(to)?;
    let taken = match take(&from, &store, &passing).await {
        Ok(manifest) => publish(&passing, to).map(|()| manifest).map_err(|error| at(to, &error)),
        Err(failure) => Err(failure),
    };
    let manifest = taken.inspect_err(|_| {
        // A full disk gets its room back.
        let _ = fs::remove_dir_all(&passing);
    })?;
    let bytes: u64 = manifest.files.iter().map(|file| file.bytes).sum();
    let object = json!({
        "folder": to.display().to_string(),
        "taken_at": manifest.taken_at,
        "cases": manifest.cases,
        "files": manifest.files.len(),
        "bytes": bytes,
        "last_head": manifest.last_head,
    });
    output.result(&object, || {
        let head = manifest.last_head.as_ref().map(|head| format!("; head {}: {}", head.number, head.head));
        let shown = to.display();
        let count = manifest.files.len();
        format!("{shown}: {} case(s), {count} file(s), {bytes} bytes{}", manifest.cases, head.unwrap_or_default())
    })
}

/// The folder's passing name, beside its own.
fn passing(to: &Path) -> Result<PathBuf, Failure> {
    let absolute = std::path::absolute(to).map_err(|error| at(to, &error))?;
    let (Some(parent), Some(name)) = (absolute.parent(), absolute.file_name()) else {
        return Err(Failure::local("BACKUP_TARGET", "目标须是新目录。", "the target must be a new folder"));
    };
    if absolute.symlink_metadata().is_ok() {
        let shown = to.display();
        return Err(Failure::local(
            "BACKUP_TARGET",
            format!("{shown} 已存在，备份不会覆盖任何内容。"),
            format!("{shown} is there already, and a backup overwrites nothing"),
        )
        .with_hint("name a folder that is not there yet"));
    }
    let passing = parent.join(format!(".{}.incoming-{}", name.to_string_lossy(), std::process::id()));
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(&passing).map_err(|error| at(&passing, &error))?;
    Ok(passing)
}

async fn take(from: &From, store: &Store, folder: &Path) -> Result<Manifest, Failure> {
    let taken_at = format_instant(SystemClock.operating_us());
    let database = folder.join(FILE);
    store.copy_to(&database.to_string_lossy()).await.map_err(|error| stored(folder, &error))?;
    let copy = Database { data: Some(folder.to_owned()), database_url: None }.open_existing().await?;
    let read = read(&copy).await.map_err(|error| stored(folder, &error));
    copy.close().await.map_err(|error| stored(folder, &error))?;
    let Read { documents, archived, mut manifest } = read?;
    manifest.taken_at = taken_at;

    let files = from.files.clone().or_else(|| from.database.files()).unwrap_or_default();
    let archive = from.database.archive(from.archive.as_deref());
    let archive = archive.path().map(Path::to_owned).unwrap_or_default();
    let folder = folder.to_owned();
    let written =
        tokio::task::spawn_blocking(move || write(&folder, (&files, documents), (&archive, archived), manifest));
    match written.await {
        Ok(written) => written,
        Err(error) => Err(Failure::local("BACKUP", "备份未能完成。", error.to_string())),
    }
}

/// What a copy of the database says of itself.
struct Read {
    documents: Vec<Digest>,
    archived: Vec<String>,
    manifest: Manifest,
}

async fn read(copy: &Store) -> Result<Read, StoreError> {
    let mut documents = Vec::new();
    let mut after = String::new();
    loop {
        let page = copy.file_digests(&after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after.clone_from(last);
        documents.extend(page.iter().filter_map(|digest| Digest::from_hex(digest).ok()));
    }
    let counts = copy.counts().await?;
    let head = copy.last_head().await?.map(kaiban_app::HeadView::from);
    let manifest = Manifest {
        format: 1,
        kaiban: env!("CARGO_PKG_VERSION").to_owned(),
        schema: copy.schema_version().await?,
        taken_at: String::new(),
        cases: counts.cases,
        entries: counts.entries,
        last_head: head.map(Into::into),
        files: Vec::new(),
    };
    Ok(Read { documents, archived: copy.archive_files().await?, manifest })
}

/// Copies what the database names, and writes the manifest last.
fn write(
    folder: &Path,
    (files, documents): (&Path, Vec<Digest>),
    (archive, archived): (&Path, Vec<String>),
    mut manifest: Manifest,
) -> Result<Manifest, Failure> {
    let database = File::open(folder.join(FILE)).and_then(|file| file.sync_all());
    database.map_err(|error| at(folder, &error))?;
    manifest.files.push(Entry::of(folder, FILE).map_err(|error| at(folder, &error))?);
    for document in documents {
        let path = path_of(&document);
        let entry = copy(&files.join(&path), folder, &format!("{FILES}/{}", path.display()))?;
        if entry.sha256 != document.hex() {
            return Err(Failure::local(
                "FILE_DAMAGED",
                format!("文件 {document} 的内容与其摘要不符。"),
                format!("the stored file {document} is not what was taken in"),
            ));
        }
        manifest.files.push(entry);
    }
    for file in archived {
        manifest.files.push(copy(&archive.join(&file), folder, &format!("{ARCHIVE}/{file}"))?);
    }
    let text = serde_json::to_vec_pretty(&manifest)
        .map_err(|error| Failure::local("JSON", "结果无法写成 JSON。", error.to_string()))?;
    let path = folder.join(MANIFEST);
    fs::write(&path, text).and_then(|()| File::open(&path)?.sync_all()).map_err(|error| at(&path, &error))?;
    synced(folder).map_err(|error| at(folder, &error))?;
    Ok(manifest)
}

fn copy(from: &Path, folder: &Path, path: &str) -> Result<Entry, Failure> {
    let to = folder.join(path);
    let mut source = File::open(from).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => moved(from),
        _ => at(from, &error),
    })?;
    let mut copied = || {
        fs::create_dir_all(to.parent().unwrap_or(folder))?;
        let mut target = File::create_new(&to)?;
        let (bytes, sha256) = digest(&mut source, &mut target)?;
        target.sync_all()?;
        Ok(Entry { path: path.to_owned(), bytes, sha256 })
    };
    copied().map_err(|error| at(&to, &error))
}

/// Folders are on the disk once their own entries are.
fn synced(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            synced(&entry.path())?;
        }
    }
    File::open(folder)?.sync_all()
}

/// Gives the folder its name, unless somebody was faster.
fn publish(passing: &Path, to: &Path) -> io::Result<()> {
    let to = std::path::absolute(to)?;
    if to.symlink_metadata().is_ok() {
        return Err(io::Error::from(io::ErrorKind::AlreadyExists));
    }
    fs::rename(passing, &to)?;
    to.parent().map_or(Ok(()), |parent| File::open(parent)?.sync_all())
}

fn moved(path: &Path) -> Failure {
    let shown = path.display();
    Failure::local(
        "BACKUP_MOVED",
        format!("缺少文件 {shown}：备份期间有办件归档或销毁，或目录指定有误。"),
        format!("{shown} is not there: documents were archived or erased meanwhile, or it is another folder"),
    )
    .with_hint("run it again; name other folders with --files DIR and --archive DIR")
}

fn stored(folder: &Path, error: &StoreError) -> Failure {
    if *error == StoreError::Full {
        return at(folder, &io::ErrorKind::StorageFull.into());
    }
    let shown = folder.display();
    Failure::local("BACKUP", format!("数据库无法复制到 {shown}。"), format!("{shown}: {error}"))
}

fn at(path: &Path, error: &io::Error) -> Failure {
    let shown = path.display();
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            Failure::local("DISK_FULL", format!("磁盘空间不足：{shown}。"), format!("no room left: {shown}"))
        }
        _ => Failure::local("FILE", format!("无法使用 {shown}。"), format!("{shown}: {error}")),
    }
}

/// The archive that a copy brings along.
pub fn archive_of(folder: &Path) -> Archive {
    Archive::folder(folder.join(ARCHIVE))
}
