//! Taking a file in.

use std::sync::Arc;

use bytes::Bytes;
use object_store::path::Path;
use object_store::{MultipartUpload, ObjectStoreExt, PutPayload};
use sha2::{Digest as _, Sha256};
use tokio::runtime::Handle;

use crate::digest::Digest;
use crate::error::FilesError;
use crate::media::MediaType;
use crate::name;
use crate::scan::Verdict;
use crate::sniff::{HEAD_MAX, TAIL_MAX, sniff};
use crate::store::{Files, INCOMING, place};

/// Bytes that are gathered before they are written: all that an upload holds in memory, besides the chunk at hand and
/// the beginning of the file. A hosted object store would want parts of 5 MiB.
const PART_BYTES: usize = 256 * 1024;

/// What is said about a file before it comes. Nothing of it is believed.
#[derive(Clone, Debug, Default)]
pub struct Declared {
    /// Name, for people.
    pub name: String,
    /// Media type; empty = not said.
    pub media_type: String,
    /// Bytes, where they are known.
    pub size: Option<u64>,
    /// Digest, where it is known.
    pub digest: Option<Digest>,
}

/// A file that was taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Received {
    /// Digest of its content, which names it.
    pub digest: Digest,
    /// What it is.
    pub media_type: MediaType,
    /// Bytes.
    pub size: u64,
    /// The same content had been taken in before.
    pub known: bool,
}

/// A file on its way in. Dropped or refused, it leaves nothing.
#[derive(Debug)]
pub struct Incoming {
    files: Files,
    declared: Declared,
    max_bytes: u64,
    path: Path,
    upload: Option<Box<dyn MultipartUpload>>,
    part: Vec<u8>,
    head: Vec<u8>,
    hasher: Sha256,
    size: u64,
}

impl Files {
    /// Begins to take a file of at most `max_bytes` in. `ticket` names it until it has its final name: letters and
    /// figures that no other upload to the same files has, on whatever server.
    ///
    /// # Errors
    /// Too large, or empty, by its own declaration; the store fails.
    pub async fn receive(&self, ticket: &str, declared: Declared, max_bytes: u64) -> Result<Incoming, FilesError> {
        if self.closed {
            return Err(FilesError::NotKept);
        }
        if declared.size.is_some_and(|size| size > max_bytes) {
            return Err(FilesError::TooLarge { max_bytes });
        }
        let path = Path::from_iter([INCOMING, ticket]);
        // Whoever goes away meanwhile would leave a file that nobody knows of: the task ends all the same, and what it
        // began is removed with its answer.
        let (objects, at) = (Arc::clone(&self.objects), path.clone());
        let begun = tokio::spawn(async move { objects.put_multipart(&at).await });
        let upload = begun.await.map_err(std::io::Error::other)??;
        Ok(Incoming {
            files: self.clone(),
            declared,
            max_bytes,
            path,
            upload: Some(upload),
            part: Vec::with_capacity(PART_BYTES),
            head: Vec::new(),
            hasher: Sha256::new(),
            size: 0,
        })
    }
}

impl Incoming {
    /// Takes the next bytes, and waits until there is room for more.
    ///
    /// # Errors
    /// Larger than files may be, or than was declared; the store fails. Nothing more may be pushed then.
    pub async fn push(&mut self, chunk: Bytes) -> Result<(), FilesError> {
        self.size += chunk.len() as u64;
        if self.size > self.max_bytes {
            return Err(FilesError::TooLarge { max_bytes: self.max_bytes });
        }
        if let Some(declared_bytes) = self.declared.size
            && self.size > declared_bytes
        {
            return Err(FilesError::SizeMismatch { declared_bytes, bytes: self.size });
        }
        self.hasher.update(&chunk);
        let missing = HEAD_MAX - self.head.len();
        self.head.extend_from_slice(&chunk[..chunk.len().min(missing)]);
        let mut rest = &chunk[..];
        while !rest.is_empty() {
            let (fits, after) = rest.split_at(rest.len().min(PART_BYTES - self.part.len()));
            self.part.extend_from_slice(fits);
            rest = after;
            if self.part.len() == PART_BYTES {
                self.write().await?;
            }
        }
        Ok(())
    }

    /// Judges what came, and gives it its final name.
    ///
    /// # Errors
    /// Whatever is wrong with it; the store fails. Nothing is left then.
    pub async fn finish(mut self) -> Result<Received, FilesError> {
        match self.complete().await {
            Ok(received) => Ok(received),
            Err(error) => {
                self.abandon().await;
                Err(error)
            }
        }
    }

    /// Gives up, and returns when nothing is left.
    pub async fn abandon(mut self) {
        // What cannot be removed now is swept at the next start.
        if let Some(mut upload) = self.upload.take() {
            let _ = upload.abort().await;
        }
    }

    async fn complete(&mut self) -> Result<Received, FilesError> {
        if self.size == 0 {
            return Err(FilesError::Empty);
        }
        if let Some(declared_bytes) = self.declared.size.filter(|declared| *declared != self.size) {
            return Err(FilesError::SizeMismatch { declared_bytes, bytes: self.size });
        }
        let digest = Digest::from(<[u8; 32]>::from(std::mem::take(&mut self.hasher).finalize()));
        if self.declared.digest.is_some_and(|declared| declared != digest) {
            return Err(FilesError::DigestMismatch);
        }
        if !self.part.is_empty() {
            self.write().await?;
        }
        let mut passing = Passing { files: self.files.clone(), path: Some(self.path.clone()) };
        if let Some(mut upload) = self.upload.take() {
            // As with the beginning: whoever goes away now would leave the file under its passing name.
            let whole = tokio::spawn(async move { (upload.complete().await, passing) });
            let (completed, of) = whole.await.map_err(std::io::Error::other)?;
            completed?;
            passing = of;
        }
        match self.judge(digest).await {
            Ok(received) => {
                // The one move after which the file is there.
                self.files.objects.rename(&self.path, &place(&digest)).await?;
                passing.path = None;
                Ok(received)
            }
            Err(error) => {
                passing.remove().await;
                Err(error)
            }
        }
    }

    /// Looks at the whole of what came, under its passing name.
    async fn judge(&mut self, digest: Digest) -> Result<Received, FilesError> {
        let from = self.size.saturating_sub(TAIL_MAX as u64);
        let tail = self.files.objects.get_range(&self.path, from..self.size).await?;
        let media_type = sniff(&self.head, &tail, self.size).ok_or(FilesError::TypeNotAllowed)?;
        let Declared { name, media_type: said, .. } = &self.declared;
        if !name::fits(name, media_type) || !(said.is_empty() || media_type.is_called(said)) {
            return Err(FilesError::NameLies { content: media_type });
        }
        match self.files.scanner.scan(self.files.read(&self.path).await?).await {
            Verdict::Clean => {}
            Verdict::Infected(found) => return Err(FilesError::Infected(found)),
            Verdict::Unavailable(why) => return Err(FilesError::ScannerUnavailable(why)),
        }
        let known = self.files.has(&digest).await?;
        Ok(Received { digest, media_type, size: self.size, known })
    }

    async fn write(&mut self) -> Result<(), FilesError> {
        let part = std::mem::replace(&mut self.part, Vec::with_capacity(PART_BYTES));
        if let Some(upload) = &mut self.upload {
            upload.put_part(PutPayload::from(part)).await?;
        }
        Ok(())
    }
}

impl Drop for Incoming {
    fn drop(&mut self) {
        // Parts in a folder go with the upload; a hosted store has to be told.
        if let Some(mut upload) = self.upload.take()
            && let Ok(runtime) = Handle::try_current()
        {
            runtime.spawn(async move { upload.abort().await });
        }
    }
}

/// A file that has come in whole and has its passing name still. Dropped, it is removed.
struct Passing {
    files: Files,
    path: Option<Path>,
}

impl Passing {
    async fn remove(mut self) {
        if let Some(path) = self.path.take() {
            let _ = self.files.objects.delete(&path).await;
        }
    }
}

impl Drop for Passing {
    fn drop(&mut self) {
        if let Some(path) = self.path.take()
            && let Ok(runtime) = Handle::try_current()
        {
            let files = self.files.clone();
            runtime.spawn(async move { files.objects.delete(&path).await });
        }
    }
}
