//! Cases that ended long ago live in compressed files: journal, documents and snapshot of each in a part of its own, and in
//! the database no more than the row that lists and figures need. What reads a case finds it there through the same door;
//! nothing changes it any more.
//!
//! A file is complete and on the disk before the transaction that lets go of the rows names it. Whoever is killed in between
//! leaves a file that no case is in, which [`Archive::sweep`] removes; never a case that is nowhere.

mod folder;
mod member;
mod moving;

pub use folder::{Archive, ArchiveError};
pub(crate) use member::Member;
pub(crate) use moving::documents;
pub use moving::{ArchiveReport, archive};

use kaiban_engine::{Case, Documents};
use kaiban_store::{CaseRow, EntryRow};
use serde_json::Value;
use std::collections::HashMap;
use std::sync::Arc;

use crate::app::Inner;
use crate::refusal::{Canonical, Refusal};
use crate::view::ErasedView;

/// What ended and was moved to the archive can only be read.
pub(crate) fn archived() -> Refusal {
    Refusal::new(
        Canonical::FailedPrecondition,
        "CASE_ARCHIVED",
        "该办件已办结归档，只能查询，不能再办理。",
        "This case has ended and was archived: it can be read, and nothing about it can be changed any more.",
    )
}

/// What was erased cannot be read by anybody.
fn erased(rule: &str) -> Refusal {
    Refusal::new(
        Canonical::FailedPrecondition,
        "DOCUMENT_ERASED",
        format!("该文件或文书保管期限已满，已按规则 {rule} 销毁。"),
        format!("The document was erased at the end of its period, by rule {rule}."),
    )
}

impl From<ArchiveError> for Refusal {
    fn from(error: ArchiveError) -> Self {
        if let ArchiveError::Store(error) = error {
            return error.into();
        }
        tracing::error!(%error, "an archived case cannot be read");
        Refusal {
            retry_after: Some(std::time::Duration::from_secs(5)),
            ..Refusal::new(
                Canonical::Unavailable,
                "ARCHIVE_UNAVAILABLE",
                "该办件已归档，归档文件暂时无法读取，请稍后重试或联系管理员。",
                "This case was archived and its file cannot be read now: try again later, or tell the administrator.",
            )
        }
    }
}

impl Inner {
    /// A case's row with its snapshot, wherever that is.
    pub async fn case_row(&self, id: &str) -> Result<Option<CaseRow>, Refusal> {
        match self.store.case(id).await? {
            Some(row) => self.filled(row).await.map(Some),
            None => Ok(None),
        }
    }

    /// The row with its snapshot; of a case that is in the database as it is.
    pub async fn filled(&self, row: CaseRow) -> Result<CaseRow, Refusal> {
        if !row.is_archived() {
            return Ok(row);
        }
        let member = self.settings.archive.member(&self.store, &row.id).await?;
        Ok(CaseRow { snapshot: member.map(|member| member.snapshot).unwrap_or_default(), ..row })
    }

    /// A case's entries after a number, at most `limit`, wherever they are.
    pub async fn entries(&self, case: &str, after: i64, limit: u64) -> Result<Vec<EntryRow>, Refusal> {
        let entries = self.store.entries(case, after, limit).await?;
        if !entries.is_empty() {
            return Ok(entries);
        }
        // They go all at once, or not at all.
        let Some(member) = self.settings.archive.member(&self.store, case).await? else { return Ok(entries) };
        let most = usize::try_from(limit).unwrap_or(usize::MAX);
        Ok(member.entries.into_iter().filter(|entry| entry.seq > after).take(most).collect())
    }

    /// Documents of a case by digest, from memory, the store or the archive. What was erased is left out.
    pub async fn read_documents<D: AsRef<str>>(&self, case: &Case, digests: &[D]) -> Result<Documents, Refusal> {
        let mut documents: Documents = HashMap::with_capacity(digests.len());
        let mut missing = Vec::new();
        for digest in digests {
            match self.documents.get(digest.as_ref()) {
                Some(value) => {
                    documents.insert(digest.as_ref().to_owned(), value);
                }
                None => missing.push(digest.as_ref().to_owned()),
            }
        }
        if !missing.is_empty() {
            for row in self.store.blobs(&missing).await? {
                if let Ok(value) = serde_json::from_str::<Value>(&row.bytes) {
                    let value = Arc::new(value);
                    self.documents.put(&row.digest, Arc::clone(&value), row.bytes.len());
                    documents.insert(row.digest, value);
                }
            }
            missing.retain(|digest| !documents.contains_key(digest));
        }
        if !missing.is_empty()
            && let Some(member) = self.settings.archive.member(&self.store, &case.id).await?
        {
            for row in member.documents.into_iter().filter(|row| missing.contains(&row.digest)) {
                if let Ok(value) = serde_json::from_str::<Value>(&row.bytes) {
                    documents.insert(row.digest, Arc::new(value));
                }
            }
        }
        if !missing.is_empty() || case.closed_at_us.is_some() {
            // It may still be in this server's memory.
            for erased in self.store.erasures(&case.id).await? {
                documents.remove(&erased.digest);
            }
        }
        Ok(documents)
    }

    /// Why a document is not there, of a case whose caller sees that it names it.
    pub async fn gone(&self, case: Option<&str>, digest: &str) -> Result<Refusal, Refusal> {
        let Some(case) = case else { return Ok(Refusal::not_found()) };
        let rows = self.store.erasures(case).await?;
        let found = rows.iter().find(|row| row.digest == digest);
        Ok(found.map_or_else(Refusal::not_found, |row| erased(&row.rule)))
    }

    /// Those of the documents that are not there because they were erased.
    pub async fn erased(
        &self,
        case: &Case,
        digests: &[String],
        documents: &Documents,
    ) -> Result<Vec<ErasedView>, Refusal> {
        let gone = |digest: &String| digests.contains(digest) && !documents.contains_key(digest);
        if digests.iter().all(|digest| documents.contains_key(digest)) {
            return Ok(Vec::new());
        }
        let rows = self.store.erasures(&case.id).await?.into_iter().filter(|row| gone(&row.digest));
        let view = |row: kaiban_store::ErasureRow| ErasedView {
            kind: row.kind,
            rule: row.rule,
            at_us: row.erased_at_us,
            digest: row.digest,
        };
        Ok(rows.map(view).collect())
    }
}
