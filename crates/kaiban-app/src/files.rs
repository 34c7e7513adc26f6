//! Documents that people hand in: who may hand one in, who sees it, and which places of forms and results name it.
//!
//! A document is named by its content, `sha256:<64 hex digits>`, and this text is also how forms, results and evidence
//! refer to it. Handing it in gives the caller's organisation the right to refer to it; once a case refers to it, whoever
//! sees the place sees the document.

mod intake;
mod reference;
mod sight;

use bytes::Bytes;
use futures::StreamExt;
use futures::stream::BoxStream;
use kaiban_files::FilesError;
use kaiban_store::{FileGrantRow, FileRow};
use tracing::error;

use crate::access::Verb;
use crate::app::{App, Inner};
use crate::principal::Principal;
use crate::records::Purpose;
use crate::refusal::{Canonical, Refusal};

pub use intake::Upload;
pub use kaiban_files::{Clamd, ClamdScanner, Digest, Files, NoScanner, Scanner, path_of};
pub use reference::{attached, references};
use sight::Seen;

/// A document as one caller may see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentView {
    /// Names it; `sha256:…`.
    pub digest: Digest,
    /// What whoever handed it in calls it.
    pub name: String,
    /// What it is, judged by its content.
    pub media_type: String,
    /// Bytes.
    pub size: u64,
    /// When it was handed in, µs.
    pub uploaded_at_us: i64,
    /// Where the case refers to it, as far as the caller sees: `/form/…`, `/item/…`, `/results/<step>/…`, as in a task's
    /// shares. Empty where no case was named.
    pub pointers: Vec<String>,
}

/// A document's content from an offset on, in chunks.
pub type DocumentStream = BoxStream<'static, Result<Bytes, Refusal>>;

impl App {
    /// What is known of a document, as its uploader, or as somebody who sees a place of the case that refers to it.
    ///
    /// # Errors
    /// `NOT_FOUND` when neither it nor the case is the caller's to see.
    pub async fn document(
        &self,
        who: &Principal,
        digest: &Digest,
        case: Option<&str>,
    ) -> Result<DocumentView, Refusal> {
        who.may(Verb::ReadDocument)?;
        let inner = &self.inner;
        let seen = match case {
            Some(case) => inner.seen(who, case).await?,
            None => Seen::nothing(&who.organisation),
        };
        let Some(found) = inner.describe(&seen, &[*digest]).await?.pop() else {
            let of = case.filter(|_| !seen.pointers(digest).is_empty());
            return Err(inner.gone(of, &digest.hex()).await?);
        };
        // Uploaded by the caller's own organisation, or named in a place that the caller sees.
        let own = || inner.store.file_grants(std::slice::from_ref(&found.row.digest), &who.organisation);
        if found.view.pointers.is_empty() && own().await?.is_empty() {
            return Err(Refusal::not_found());
        }
        Ok(found.view)
    }

    /// The documents that a case refers to in places that the caller sees, by their first place.
    ///
    /// # Errors
    /// `NOT_FOUND` when the case is not the caller's to see.
    pub async fn documents(&self, who: &Principal, case: &str) -> Result<Vec<DocumentView>, Refusal> {
        who.may(Verb::ReadDocument)?;
        let seen = self.inner.seen(who, case).await?;
        let found = self.inner.describe(&seen, &seen.digests()).await?;
        let mut views: Vec<DocumentView> = found.into_iter().map(|found| found.view).collect();
        views.sort_by(|a, b| (&a.pointers, &a.digest).cmp(&(&b.pointers, &b.digest)));
        Ok(views)
    }

    /// A document's content, from an offset on, to whoever may see [`App::document`].
    ///
    /// # Errors
    /// As there; `OFFSET_OUT_OF_RANGE` when it ends before the offset.
    pub async fn download(
        &self,
        who: &Principal,
        digest: &Digest,
        case: Option<&str>,
        offset: u64,
    ) -> Result<(DocumentView, DocumentStream), Refusal> {
        let view = self.document(who, digest, case).await?;
        if offset > view.size {
            return Err(Refusal::argument(
                "OFFSET_OUT_OF_RANGE",
                format!("文件共{}字节，offset 不能超过此数。", view.size),
                format!("The document has {} bytes: the offset lies past its end.", view.size),
            ));
        }
        // Without a case it is recorded under its own name.
        let of = case.map_or_else(|| digest.to_string(), str::to_owned);
        self.inner.record_read(who, &of, &[format!("file.{digest}")], Purpose::ReadDocument).await?;
        let (_, content) = self.inner.settings.files.open(digest, offset).await.map_err(refused)?;
        Ok((view, content.map(|chunk| chunk.map_err(refused)).boxed()))
    }
}

/// A document and its row.
struct Found {
    view: DocumentView,
    row: FileRow,
}

impl Inner {
    /// Those of the documents that were received, with what the caller sees of them.
    async fn describe(&self, seen: &Seen, digests: &[Digest]) -> Result<Vec<Found>, Refusal> {
        let keys: Vec<String> = digests.iter().map(Digest::hex).collect();
        let rows = self.store.files(&keys).await?;
        let mut grants: Vec<FileGrantRow> = Vec::new();
        for organisation in &seen.organisations {
            // The first that knows it gives it its name.
            for grant in self.store.file_grants(&keys, organisation).await? {
                if grants.iter().all(|known| known.digest != grant.digest) {
                    grants.push(grant);
                }
            }
        }
        let found = rows.into_iter().filter_map(|row| {
            let digest = Digest::from_hex(&row.digest).ok()?;
            let grant = grants.iter().find(|grant| grant.digest == row.digest);
            let view = DocumentView {
                digest,
                name: grant.map(|grant| grant.name.clone()).unwrap_or_default(),
                media_type: row.media_type.clone(),
                size: u64::try_from(row.size).unwrap_or_default(),
                uploaded_at_us: grant.map_or(row.created_at_us, |grant| grant.uploaded_at_us),
                pointers: seen.pointers(&digest),
            };
            Some(Found { view, row })
        });
        Ok(found.collect())
    }
}

/// What a file that is not taken, or not given, is answered with.
fn refused(error: FilesError) -> Refusal {
    match error {
        FilesError::NotKept => Refusal::new(
            Canonical::FailedPrecondition,
            "FILES_NOT_KEPT",
            "服务未配置文件存储，不接收文件，请联系管理员。",
            "The server was not told where to keep documents and takes none: tell the administrator.",
        ),
        FilesError::Empty => Refusal::argument("FILE_EMPTY", "文件内容为空。", "The file is empty."),
        FilesError::TooLarge { max_bytes } => Refusal::argument(
            "FILE_TOO_LARGE",
            format!("文件超过{}，请压缩或拆分后再上传。", mebibytes(max_bytes)),
            format!("The file is larger than {}: make it smaller or divide it.", mebibytes(max_bytes)),
        ),
        FilesError::SizeMismatch { declared_bytes, bytes } => Refusal::argument(
            "FILE_SIZE_MISMATCH",
            format!("声明的大小为{declared_bytes}字节，实际收到{bytes}字节，请重新上传。"),
            format!("{declared_bytes} bytes were declared and {bytes} came: upload it again."),
        ),
        FilesError::DigestMismatch => Refusal::argument(
            "FILE_DIGEST_MISMATCH",
            "收到的内容与声明的 SHA-256 不符，请重新上传。",
            "The content has another SHA-256 than was declared: upload it again.",
        ),
        FilesError::TypeNotAllowed => Refusal::argument(
            "FILE_TYPE_NOT_ALLOWED",
            "仅接受 PDF、JPEG、PNG、OFD 文件（按内容判断）。",
            "Only PDF, JPEG, PNG and OFD are taken, judged by the content.",
        ),
        FilesError::NameLies { content } => Refusal::argument(
            "FILE_NAME_LIES",
            format!("文件名或声明的类型与内容不符：内容为 {content}。"),
            format!("Name or declared type do not fit the content, which is {content}."),
        ),
        FilesError::Infected(found) => Refusal::argument(
            "FILE_INFECTED",
            format!("病毒扫描未通过：{found}。"),
            format!("The virus scanner found {found}."),
        ),
        FilesError::ScannerUnavailable(why) => {
            error!(why, "the virus scanner is not available");
            later(
                "SCANNER_UNAVAILABLE",
                "病毒扫描暂不可用，请稍后重试。",
                "The virus scanner is not available: try again later.",
            )
        }
        FilesError::Storage(why) => {
            error!(why, "the file store failed");
            later(
                "STORAGE_UNAVAILABLE",
                "文件存储暂不可用，请稍后重试。",
                "The file store is not available: try again later.",
            )
        }
        FilesError::NotThere | FilesError::Corrupt => {
            error!(%error, "a received file cannot be given out");
            Refusal::new(
                Canonical::Internal,
                "FILE_DAMAGED",
                "文件已损坏或丢失，请联系管理员。",
                "The file is damaged or lost: tell the administrator.",
            )
        }
    }
}

fn later(reason: &'static str, zh: &str, en: &str) -> Refusal {
    Refusal {
        retry_after: Some(std::time::Duration::from_secs(5)),
        ..Refusal::new(Canonical::Unavailable, reason, zh, en)
    }
}

fn mebibytes(bytes: u64) -> String {
    const MIB: u64 = 1 << 20;
    if bytes.is_multiple_of(MIB) { format!("{} MiB", bytes / MIB) } else { format!("{bytes} B") }
}
