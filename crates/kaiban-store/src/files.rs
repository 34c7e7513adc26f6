//! Files: what is known of uploaded documents. Their content is kept elsewhere.

use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder};

use crate::bulk::{Scripts, Verb};
use crate::entities::{case_file, file, file_grant};
use crate::{Store, StoreError};

/// A file that was fully received. It never changes: the digest is its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileRow {
    /// SHA-256 of the content, hexadecimal.
    pub digest: String,
    /// The content's length in bytes.
    pub size: i64,
    /// What the content is, judged by the content.
    pub media_type: String,
    /// When it was first received.
    pub created_at_us: i64,
}

/// That an organisation uploaded a file, and so may name it.
#[derive(Clone, PartialEq, Eq)]
pub struct FileGrantRow {
    /// The file.
    pub digest: String,
    /// Who uploaded it.
    pub organisation: String,
    /// What they call it.
    pub name: String,
    /// When.
    pub uploaded_at_us: i64,
    /// With which token.
    pub token: String,
}

/// Leaves out the name: people's names are often in it.
impl std::fmt::Debug for FileGrantRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FileGrantRow")
            .field("digest", &self.digest)
            .field("organisation", &self.organisation)
            .field("uploaded_at_us", &self.uploaded_at_us)
            .field("token", &self.token)
            .finish_non_exhaustive()
    }
}

/// That a case refers to a file. All of it is the key.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CaseFileRow {
    /// The case.
    pub case_id: String,
    /// The file.
    pub digest: String,
    /// Where in the form or in the step's result, a JSON pointer.
    pub pointer: String,
    /// The step whose result it is in; empty for the form.
    pub step: String,
}

impl Store {
    /// Remembers a file and who uploaded it. What is known of the file stays; the same organisation's newest
    /// upload takes the place of its earlier one.
    pub async fn put_file(&self, file: &FileRow, grant: &FileGrantRow) -> Result<(), StoreError> {
        let mut scripts = Scripts::default();
        scripts.rows(Verb::InsertMissing, std::slice::from_ref(file))?;
        scripts.rows(Verb::Upsert, std::slice::from_ref(grant))?;
        self.write(scripts).await
    }

    /// The files with these digests, in no order; those that are not there are left out.
    pub async fn files(&self, digests: &[String]) -> Result<Vec<FileRow>, StoreError> {
        if digests.is_empty() {
            return Ok(Vec::new());
        }
        let list = self.dialect().list(digests.iter().map(String::as_str));
        let statement = self.dialect().statement(
            "SELECT files.* FROM json_each($1) AS w CROSS JOIN files ON files.digest = w.value",
            "SELECT * FROM files WHERE digest = ANY ($1)",
            vec![list],
        );
        let rows = file::Model::find_by_statement(statement).all(self.reader()).await?;
        Ok(rows.into_iter().map(FileRow::from).collect())
    }

    /// Which of these files the organisation uploaded, in no order.
    pub async fn file_grants(&self, digests: &[String], organisation: &str) -> Result<Vec<FileGrantRow>, StoreError> {
        if digests.is_empty() {
            return Ok(Vec::new());
        }
        let list = self.dialect().list(digests.iter().map(String::as_str));
        let statement = self.dialect().statement(
            "SELECT g.* FROM json_each($1) AS w
                CROSS JOIN file_grants AS g ON g.digest = w.value AND g.organisation = $2",
            "SELECT * FROM file_grants WHERE digest = ANY ($1) AND organisation = $2",
            vec![list, organisation.into()],
        );
        let rows = file_grant::Model::find_by_statement(statement).all(self.reader()).await?;
        Ok(rows.into_iter().map(FileGrantRow::from).collect())
    }

    /// What a case refers to, by step, pointer and digest: the form's files first.
    pub async fn case_files(&self, case_id: &str) -> Result<Vec<CaseFileRow>, StoreError> {
        let rows = case_file::Entity::find()
            .filter(case_file::Column::CaseId.eq(case_id))
            .order_by_asc(case_file::Column::Step)
            .order_by_asc(case_file::Column::Pointer)
            .order_by_asc(case_file::Column::Digest)
            .all(self.reader())
            .await?;
        Ok(rows.into_iter().map(CaseFileRow::from).collect())
    }
}
