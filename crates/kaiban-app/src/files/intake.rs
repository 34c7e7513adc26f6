//! Handing a document in.

use bytes::Bytes;
use futures::{Stream, StreamExt};
use kaiban_files::{Declared, Digest, Incoming, Received};
use kaiban_store::{Backend, FileGrantRow, FileRow};
use tracing::{info, warn};

use super::{DocumentView, refused};
use crate::access::Verb;
use crate::app::{App, Inner};
use crate::ids;
use crate::principal::Principal;
use crate::refusal::{Canonical, Refusal};

/// Age from which an upload that never ended is taken for one of a server that was killed; longer than any upload lasts.
const STALE_US: i64 = 6 * 3_600_000_000;

/// What is said of a document before it comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    /// What people call it.
    pub name: String,
    /// Media type; empty = not said.
    pub media_type: String,
    /// Bytes, where they are known.
    pub size: Option<u64>,
    /// Digest, where it is known.
    pub digest: Option<Digest>,
}

impl App {
    /// Takes a document in. The same content again, by the same organisation, changes nothing but its name.
    ///
    /// # Errors
    /// `FILE_…` says what is wrong with it; nothing is kept of it then, nor when the stream breaks off.
    pub async fn upload(
        &self,
        who: &Principal,
        upload: Upload,
        chunks: impl Stream<Item = Result<Bytes, Refusal>> + Send,
    ) -> Result<DocumentView, Refusal> {
        who.may(Verb::UploadDocument)?;
        let inner = &self.inner;
        let _permit = inner.uploads.try_acquire().map_err(|_| too_many(inner.settings.limits.uploads_max))?;
        if upload.name.chars().count() > inner.settings.limits.file_name_max || !kaiban_files::is_name(&upload.name) {
            return Err(Refusal::argument(
                "FILE_NAME_INVALID",
                format!("文件名不能为空，不超过{}字，不含路径和控制字符。", inner.settings.limits.file_name_max),
                format!(
                    "A file's name has 1 to {} characters, no path and no control characters.",
                    inner.settings.limits.file_name_max
                ),
            ));
        }
        let declared = Declared {
            name: upload.name.clone(),
            media_type: upload.media_type,
            size: upload.size,
            digest: upload.digest,
        };
        let max_bytes = inner.settings.limits.file_bytes_max;
        let mut incoming = inner.settings.files.receive(&ids::salt(), declared, max_bytes).await.map_err(refused)?;
        if let Err(refusal) = inner.feed(&mut incoming, chunks).await {
            incoming.abandon().await;
            return Err(refusal);
        }
        let received = incoming.finish().await.map_err(refused)?;
        inner.remember(who, upload.name, &received).await
    }
}

impl Inner {
    async fn feed(
        &self,
        incoming: &mut Incoming,
        chunks: impl Stream<Item = Result<Bytes, Refusal>> + Send,
    ) -> Result<(), Refusal> {
        let mut chunks = std::pin::pin!(chunks);
        let patience = self.settings.limits.upload_idle_max;
        loop {
            match tokio::time::timeout(patience, chunks.next()).await {
                Ok(Some(chunk)) => incoming.push(chunk?).await.map_err(refused)?,
                Ok(None) => return Ok(()),
                Err(_) => {
                    return Err(Refusal::new(
                        Canonical::Aborted,
                        "UPLOAD_STALLED",
                        format!("{}秒内未收到数据，上传已中止，请重新上传。", patience.as_secs()),
                        format!("Nothing came for {} s: the upload has ended; begin again.", patience.as_secs()),
                    ));
                }
            }
        }
    }

    /// From here on it may be referred to.
    async fn remember(&self, who: &Principal, name: String, received: &Received) -> Result<DocumentView, Refusal> {
        let uploaded_at_us = self.business_now_us();
        let file = FileRow {
            digest: received.digest.hex(),
            size: i64::try_from(received.size).unwrap_or(i64::MAX),
            media_type: received.media_type.name().to_owned(),
            created_at_us: uploaded_at_us,
        };
        let grant = FileGrantRow {
            digest: file.digest.clone(),
            organisation: who.organisation.clone(),
            name,
            uploaded_at_us,
            token: who.token.clone(),
        };
        self.store.put_file(&file, &grant).await?;
        Ok(DocumentView {
            digest: received.digest,
            name: grant.name,
            media_type: file.media_type,
            size: received.size,
            uploaded_at_us,
            pointers: Vec::new(),
        })
    }

    /// Removes what a killed server left half received. SQLite has one server, so that nothing there is under way.
    pub(crate) async fn sweep_files(&self) {
        let now_us = self.clock.operating_us();
        let before_us = if self.store.backend() == Backend::Sqlite { now_us } else { now_us - STALE_US };
        match self.settings.files.sweep(before_us).await {
            Ok(0) => {}
            Ok(swept) => info!(swept, "files that were never fully received have been removed"),
            Err(error) => warn!(%error, "files that were never fully received cannot be removed"),
        }
    }
}

fn too_many(max: usize) -> Refusal {
    Refusal {
        retry_after: Some(std::time::Duration::from_secs(1)),
        ..Refusal::new(
            Canonical::ResourceExhausted,
            "TOO_MANY_UPLOADS",
            format!("同时上传的文件已达{max}个，请稍后重试。"),
            format!("{max} files are being uploaded at present: try again later."),
        )
    }
}
