//! Where files are: one object each, at `ab/cd/…` by the first digits of its digest, and `incoming/…` for what is not
//! taken in yet.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use futures::stream::{self, StreamExt, TryStreamExt};
use object_store::local::LocalFileSystem;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{GetOptions, GetRange, ObjectStore, ObjectStoreExt};
use sha2::{Digest as _, Sha256};

use crate::digest::Digest;
use crate::error::FilesError;
use crate::scan::{Content, NoScanner, Scanner};

/// Bytes of a chunk that is given out; the last one may be shorter.
pub const CHUNK_BYTES: usize = 64 * 1024;

/// Where files lie that are not taken in yet.
pub(crate) const INCOMING: &str = "incoming";

/// Stored files. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct Files {
    pub(crate) objects: Arc<dyn ObjectStore>,
    pub(crate) scanner: Arc<dyn Scanner>,
    folder: Option<PathBuf>,
    /// Nothing is taken in.
    pub(crate) closed: bool,
}

impl Files {
    /// Files in a folder, which is created (for nobody else to read) where it is missing. What is taken in is on the disk
    /// before anybody is told so.
    ///
    /// # Errors
    /// The folder cannot be created or used.
    pub fn folder(folder: impl Into<PathBuf>) -> Result<Self, FilesError> {
        let folder = folder.into();
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&folder)?;
        let objects = LocalFileSystem::new_with_prefix(&folder)?.with_fsync(true);
        Ok(Self { objects: Arc::new(objects), scanner: Arc::new(NoScanner), folder: Some(folder), closed: false })
    }

    /// Files in memory, gone with the process: for tests and for servers on a throw-away database.
    pub fn memory() -> Self {
        Self { objects: Arc::new(InMemory::new()), scanner: Arc::new(NoScanner), folder: None, closed: false }
    }

    /// No files at all: for servers that were not told where to keep them. Nothing is taken in.
    pub fn nowhere() -> Self {
        Self { closed: true, ..Self::memory() }
    }

    /// The same files, with a scanner that looks at what is taken in from now on.
    #[must_use]
    pub fn scanned_by(self, scanner: Arc<dyn Scanner>) -> Self {
        Self { scanner, ..self }
    }

    /// Size of a file and its content from an offset on, in chunks of [`CHUNK_BYTES`]. Read from the beginning, it ends in
    /// [`FilesError::Corrupt`] if it is not what was taken in.
    ///
    /// # Errors
    /// There is no such file or it ends before the offset; the store fails.
    pub async fn open(&self, digest: &Digest, offset: u64) -> Result<(u64, Content), FilesError> {
        let path = place(digest);
        let size = self.objects.head(&path).await?.size;
        match offset {
            0 => Ok((size, checked(self.read(&path).await?, *digest))),
            offset if offset == size => Ok((size, stream::empty().boxed())),
            offset if offset > size => Err(FilesError::NotThere),
            offset => {
                let options = GetOptions { range: Some(GetRange::Offset(offset)), ..GetOptions::default() };
                let found = self.objects.get_opts(&path, options).await?;
                Ok((size, chunked(found.into_stream().map_err(FilesError::from).boxed())))
            }
        }
    }

    /// Whether a file has been taken in.
    ///
    /// # Errors
    /// The store fails.
    pub async fn has(&self, digest: &Digest) -> Result<bool, FilesError> {
        match self.objects.head(&place(digest)).await {
            Ok(_) => Ok(true),
            Err(object_store::Error::NotFound { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Removes a file for good; one that is not there is no error.
    ///
    /// # Errors
    /// The store fails.
    pub async fn remove(&self, digest: &Digest) -> Result<(), FilesError> {
        match self.objects.delete(&place(digest)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Removes what was never taken in, because its server was killed, and was last written before an instant (UTC µs).
    /// Where several servers share the files, the instant must be one that no upload of another server lasts from.
    ///
    /// # Errors
    /// The store fails; what was removed until then stays removed.
    pub async fn sweep(&self, before_us: i64) -> Result<usize, FilesError> {
        let mut swept = 0;
        let Some(folder) = &self.folder else {
            let mut listed = self.objects.list(Some(&Path::from(INCOMING)));
            while let Some(found) = listed.try_next().await? {
                if found.last_modified.timestamp_micros() < before_us {
                    self.objects.delete(&found.location).await?;
                    swept += 1;
                }
            }
            return Ok(swept);
        };
        // The object store does not list parts of what is being written; in a folder they are files like others.
        let mut entries = match tokio::fs::read_dir(folder.join(INCOMING)).await {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(0),
            Err(error) => return Err(error.into()),
        };
        while let Some(entry) = entries.next_entry().await? {
            let Ok(metadata) = entry.metadata().await else { continue };
            let since = metadata.modified()?.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
            if metadata.is_file() && i64::try_from(since.as_micros()).unwrap_or(i64::MAX) < before_us {
                match tokio::fs::remove_file(entry.path()).await {
                    Ok(()) => swept += 1,
                    // Another server sweeps as well.
                    Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                    Err(error) => return Err(error.into()),
                }
            }
        }
        Ok(swept)
    }

    /// Content of an object, in chunks.
    pub(crate) async fn read(&self, path: &Path) -> Result<Content, FilesError> {
        let found = self.objects.get(path).await?;
        Ok(chunked(found.into_stream().map_err(FilesError::from).boxed()))
    }
}

/// In memory.
impl Default for Files {
    fn default() -> Self {
        Self::memory()
    }
}

impl fmt::Debug for Files {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Files({}, {:?})", self.objects, self.scanner)
    }
}

/// Where a file with this digest lies in a folder of files.
pub fn path_of(digest: &Digest) -> PathBuf {
    PathBuf::from(place(digest).as_ref())
}

/// Where the content with a digest is.
pub(crate) fn place(digest: &Digest) -> Path {
    let hex = digest.hex();
    Path::from_iter([&hex[..2], &hex[2..4], &hex])
}

/// The same content in chunks of one size.
fn chunked(content: Content) -> Content {
    let next = |(mut content, mut held): (Content, BytesMut)| async move {
        while held.len() < CHUNK_BYTES {
            match content.try_next().await? {
                Some(more) => held.extend_from_slice(&more),
                None => break,
            }
        }
        let chunk = held.split_to(held.len().min(CHUNK_BYTES)).freeze();
        Ok((!chunk.is_empty()).then_some((chunk, (content, held))))
    };
    stream::try_unfold((content, BytesMut::with_capacity(2 * CHUNK_BYTES)), next).boxed()
}

/// The same content; an error at the end where it is another one than its digest says.
fn checked(content: Content, digest: Digest) -> Content {
    let next = move |(mut content, mut hasher): (Content, Sha256)| async move {
        let chunk: Option<Bytes> = content.try_next().await?;
        match chunk {
            Some(chunk) => {
                hasher.update(&chunk);
                Ok(Some((chunk, (content, hasher))))
            }
            None if Digest::from(<[u8; 32]>::from(hasher.finalize())) == digest => Ok(None),
            None => Err(FilesError::Corrupt),
        }
    };
    stream::try_unfold((content, Sha256::new()), next).boxed()
}
