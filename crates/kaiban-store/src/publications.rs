//! What was published of the calendars, in order. Only how far it has been applied ever changes.

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set};

use crate::entities::{case, publication};
use crate::{CaseRow, Store, StoreError};

/// A publication: the calendar files in force from then on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicationRow {
    /// From 1, without gaps.
    pub number: i64,
    /// When it was recorded.
    pub published_at_us: i64,
    /// Who published it, as the application names people.
    pub publisher: String,
    /// The notice or decision that it rests on.
    pub source: String,
    /// Key of the request that it came with; none where no request brought it.
    pub request: Option<String>,
    /// Digest of what the request asked for.
    pub content: String,
    /// Paths of the files that it brought, serialized by the application.
    pub brought: String,
    /// All files in force from it on, serialized by the application.
    pub files: String,
    /// How far it has been applied.
    pub progress: Progress,
}

/// How far the open cases have been recomputed for a publication.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Progress {
    /// Cases looked at.
    pub done: u64,
    /// Cases among them that the publication changed.
    pub changed: u64,
    /// Cases that were open at its beginning.
    pub total: u64,
    /// The last case that was looked at; they go in the order of their ids.
    pub last_case: String,
    /// When all had been looked at.
    pub finished_at_us: Option<i64>,
}

fn number(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

impl Store {
    /// Keeps a publication.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when there is one with its number or its request.
    pub async fn put_publication(&self, row: &PublicationRow) -> Result<(), StoreError> {
        let row = row.clone();
        let model = publication::ActiveModel {
            number: Set(row.number),
            published_at_us: Set(row.published_at_us),
            publisher: Set(row.publisher),
            source: Set(row.source),
            request: Set(row.request),
            content: Set(row.content),
            brought: Set(row.brought),
            files: Set(row.files),
            done: Set(number(row.progress.done)),
            changed: Set(number(row.progress.changed)),
            total: Set(number(row.progress.total)),
            last_case: Set(row.progress.last_case),
            finished_at_us: Set(row.progress.finished_at_us),
        };
        publication::Entity::insert(model).exec_without_returning(self.writer()).await?;
        Ok(())
    }

    /// Keeps how far a publication has been applied.
    pub async fn put_progress(&self, publication: i64, progress: &Progress) -> Result<(), StoreError> {
        let Progress { done, changed, total, last_case, finished_at_us } = progress.clone();
        let sql = "UPDATE calendar_publications
            SET done = $2, changed = $3, total = $4, last_case = $5, finished_at_us = $6 WHERE number = $1";
        let counts = [number(done).into(), number(changed).into(), number(total).into()];
        let values = [vec![publication.into()], counts.into(), vec![last_case.into(), finished_at_us.into()]].concat();
        match self.change(sql, values).await? {
            true => Ok(()),
            false => Err(StoreError::Conflict("there is no such publication".into())),
        }
    }

    /// All publications, oldest first.
    pub async fn publications(&self) -> Result<Vec<PublicationRow>, StoreError> {
        let rows = publication::Entity::find().order_by_asc(publication::Column::Number).all(self.reader()).await?;
        Ok(rows.into_iter().map(PublicationRow::from).collect())
    }

    /// How many cases are not closed. Counting walks through an index.
    pub async fn open_cases(&self) -> Result<u64, StoreError> {
        let sql = "SELECT count(*) AS cases FROM cases WHERE state <> 'closed'";
        Ok(self.first::<i64>(sql, vec![], "cases").await?.map_or(0, i64::unsigned_abs))
    }

    /// Cases that are not closed in the order of their ids, after this one (an empty text for the first), at most
    /// `limit`.
    pub async fn open_cases_after(&self, id: &str, limit: u64) -> Result<Vec<CaseRow>, StoreError> {
        let rows = case::Entity::find()
            .filter(case::Column::Id.gt(id))
            // As the index has it.
            .filter(sea_orm::sea_query::Expr::cust("state <> 'closed'"))
            .order_by_asc(case::Column::Id)
            .limit(limit)
            .all(self.reader())
            .await?;
        rows.into_iter().map(CaseRow::try_from).collect()
    }
}
