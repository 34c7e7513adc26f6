//! The folder of the archive, which all servers of a database share.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use kaiban_store::{ArchivedRow, Store, StoreError};
use sha2::{Digest, Sha256};

use super::Member;
use crate::ids;

/// What every file's name ends in.
const SUFFIX: &str = ".jsonl.gz";
/// What a file's name begins with until it is complete.
const PASSING: &str = ".incoming-";

/// Why an archived case cannot be read, or a file not be written.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// Nobody said where the archive is.
    #[error("cases were archived, and this program was not told where the archive is")]
    NotNamed,
    /// A file cannot be read or written.
    #[error("the archive's file {0}: {1}")]
    File(String, io::Error),
    /// A file does not hold what the database says it does.
    #[error("the archive's file {0} was altered")]
    Altered(String),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Where cases are that were moved to files. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Archive {
    folder: Option<Arc<PathBuf>>,
}

impl Archive {
    /// Files in a folder; it is created (for nobody else to read) once something is moved there.
    pub fn folder(folder: impl Into<PathBuf>) -> Self {
        Self { folder: Some(Arc::new(folder.into())) }
    }

    /// The folder, if one was named.
    pub fn path(&self) -> Option<&Path> {
        self.folder.as_deref().map(PathBuf::as_path)
    }

    /// A case, if it was archived.
    pub(crate) async fn member(&self, store: &Store, case: &str) -> Result<Option<Member>, ArchiveError> {
        // A file that cases are taken out of goes once another is named in its place.
        const TRIES: usize = 3;
        let mut last = None;
        for _ in 0..TRIES {
            let Some(row) = store.archived(case).await? else { return Ok(None) };
            match self.read(row).await {
                Err(ArchiveError::File(file, error)) if error.kind() == io::ErrorKind::NotFound => {
                    last = Some(ArchiveError::File(file, error));
                }
                read => return read.map(Some),
            }
        }
        last.map_or(Ok(None), Err)
    }

    /// What stands at one place of a file.
    pub(crate) async fn read(&self, row: ArchivedRow) -> Result<Member, ArchiveError> {
        let folder = Arc::clone(self.folder.as_ref().ok_or(ArchiveError::NotNamed)?);
        blocking(row.file.clone(), move || {
            let mut file = File::open(folder.join(&row.file))?;
            file.seek(SeekFrom::Start(row.start.unsigned_abs()))?;
            let mut packed = Vec::new();
            file.take(row.length.unsigned_abs()).read_to_end(&mut packed)?;
            let same = ids::hex(&Sha256::digest(&packed)) == row.digest;
            let member = same.then(|| Member::unpack(&packed)).transpose()?;
            Ok(member.filter(|member| member.case == row.case_id).ok_or(row.file))
        })
        .await?
        .map_err(ArchiveError::Altered)
    }

    /// Writes cases into a new file. It is complete and on the disk when this returns, and no case is in it yet.
    pub(crate) async fn write(&self, members: Vec<Member>, at_us: i64) -> Result<Vec<ArchivedRow>, ArchiveError> {
        let folder = Arc::clone(self.folder.as_ref().ok_or(ArchiveError::NotNamed)?);
        blocking("to be".to_owned(), move || write(&folder, &members, at_us)).await
    }

    /// Removes a file that no case is in any more; one that is not there is no error.
    pub(crate) async fn remove(&self, file: &str) -> Result<(), ArchiveError> {
        let path = self.folder.as_ref().ok_or(ArchiveError::NotNamed)?.join(file);
        blocking(file.to_owned(), move || match fs::remove_file(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            removed => removed,
        })
        .await
    }

    /// Removes files that no case is in and that were last written before an instant (UTC µs): what whoever was killed left.
    /// The instant must be one that no file of another program is still being written from.
    ///
    /// # Errors
    /// The database or the folder cannot be read; what was removed until then stays removed.
    pub async fn sweep(&self, store: &Store, before_us: i64) -> Result<u64, ArchiveError> {
        let Some(folder) = self.folder.clone() else { return Ok(0) };
        let old = blocking("*".to_owned(), move || listed(&folder, before_us)).await?;
        // Looked up after the listing: what was named meanwhile is in it.
        let known = store.archive_files().await?;
        let mut swept = 0;
        for file in old.into_iter().filter(|file| !known.contains(file)) {
            self.remove(&file).await?;
            swept += 1;
        }
        Ok(swept)
    }
}

/// Files of ours that were last written before an instant.
fn listed(folder: &Path, before_us: i64) -> io::Result<Vec<String>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut files = Vec::new();
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let written = entry.metadata()?.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default();
        let ours = name.ends_with(SUFFIX) || name.starts_with(PASSING);
        if ours && i64::try_from(written.as_micros()).unwrap_or(i64::MAX) < before_us {
            files.push(name);
        }
    }
    Ok(files)
}

fn write(folder: &Path, members: &[Member], at_us: i64) -> io::Result<Vec<ArchivedRow>> {
    create(folder)?;
    let passing = folder.join(format!("{PASSING}{}", ids::file_id()));
    match write_to(&passing, folder, members, at_us) {
        Ok(rows) => Ok(rows),
        Err(error) => {
            // A full disk gets its room back.
            let _ = fs::remove_file(&passing);
            Err(error)
        }
    }
}

fn write_to(passing: &Path, folder: &Path, members: &[Member], at_us: i64) -> io::Result<Vec<ArchivedRow>> {
    let mut file = File::create_new(passing)?;
    let (mut rows, mut start) = (Vec::new(), 0_i64);
    for member in members {
        let packed = member.pack()?;
        file.write_all(&packed)?;
        let length = i64::try_from(packed.len()).unwrap_or(i64::MAX);
        let digest = ids::hex(&Sha256::digest(&packed));
        let case_id = member.case.clone();
        rows.push(ArchivedRow { case_id, file: String::new(), start, length, digest, archived_at_us: at_us });
        start += length;
    }
    file.sync_all()?;
    // Drawn anew each time: who writes the same cases at the same time has another file, and may remove it.
    let name = format!("{}-{}{SUFFIX}", kaiban_calendar::local_date(at_us), ids::file_id());
    fs::rename(passing, folder.join(&name))?;
    File::open(folder)?.sync_all()?;
    Ok(rows.into_iter().map(|row| ArchivedRow { file: name.clone(), ..row }).collect())
}

fn create(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

async fn blocking<T: Send + 'static>(
    file: String,
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, ArchiveError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done.map_err(|error| ArchiveError::File(file, error)),
        Err(error) => Err(ArchiveError::File(file, io::Error::other(error))),
    }
}
