//! What was published of the calendars, in order. Only how far it has been applied ever changes.

use sea_orm::{
    ColumnTrait, ConnectionTrait, Database, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    Set, TransactionTrait,
};

use crate::entities::{case, publication};
use crate::{Backend, CaseRow, Store, StoreError, dialect};

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

/// A publication that is being made. Until it ends no batch is past its load, and so none decides on other calendars than
/// the ones that it read.
#[derive(Debug)]
pub struct Publishing {
    transaction: DatabaseTransaction,
    now_us: Option<i64>,
}

/// The right to apply publications, which one server of a database has at a time. It ends with the server, and also when it
/// says nothing for ten seconds.
#[derive(Debug)]
pub struct Turn {
    transaction: Option<DatabaseTransaction>,
}

/// Who has the turn holds this lock: "applying" in ASCII.
const TURN_LOCK: i64 = 0x6170_706c_7969_6e67;

fn number(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

impl Store {
    /// Keeps a publication.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when there is one with its number or its request.
    pub async fn put_publication(&self, row: &PublicationRow) -> Result<(), StoreError> {
        put(self.writer(), row).await
    }

    /// Waits until no batch is under way, and holds up those that come.
    ///
    /// # Errors
    /// [`StoreError::Held`] when a batch takes longer than a second: another server may have been stopped in it.
    pub async fn publishing(&self) -> Result<Publishing, StoreError> {
        let transaction = self.transaction().await?;
        if self.backend() == Backend::Postgres {
            transaction.execute_unprepared("SET LOCAL lock_timeout = '1s'").await?;
            // Not against those who only read, such as a dump.
            transaction.execute_unprepared("LOCK TABLE calendar_publications IN EXCLUSIVE MODE").await?;
        }
        let mut publishing = Publishing { transaction, now_us: None };
        if self.backend() == Backend::Postgres {
            const NOW: &str = "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS now_us";
            let row = publishing.transaction.query_one_raw(self.dialect().same(NOW, vec![])).await?;
            publishing.now_us = row.map(|row| row.try_get("", "now_us")).transpose()?;
        }
        Ok(publishing)
    }

    /// Takes the turn to apply publications; none while another server has it.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn turn(&self) -> Result<Option<Turn>, StoreError> {
        if self.backend() == Backend::Sqlite {
            return Ok(Some(Turn { transaction: None }));
        }
        let connection = Database::connect(dialect::migrator_options(self.url(), Backend::Postgres)).await?;
        let transaction = connection.begin().await?;
        transaction.execute_unprepared("SET LOCAL idle_in_transaction_session_timeout = '10s'").await?;
        let sql = "SELECT pg_try_advisory_xact_lock($1) AS mine";
        let row = transaction.query_one_raw(self.dialect().same(sql, vec![TURN_LOCK.into()])).await?;
        let mine = row.map(|row| row.try_get::<bool>("", "mine")).transpose()?.unwrap_or_default();
        Ok(mine.then_some(Turn { transaction: Some(transaction) }))
    }

    /// Keeps how far a publication has been applied. It never goes back: whoever comes with less is late.
    pub async fn put_progress(&self, publication: i64, progress: &Progress) -> Result<(), StoreError> {
        let Progress { done, changed, total, last_case, finished_at_us } = progress.clone();
        let sql = "UPDATE calendar_publications
            SET done = $2, changed = $3, total = $4, last_case = $5, finished_at_us = $6
            WHERE number = $1 AND finished_at_us IS NULL AND last_case <= $5";
        let counts = [number(done).into(), number(changed).into(), number(total).into()];
        let values = [vec![publication.into()], counts.into(), vec![last_case.into(), finished_at_us.into()]].concat();
        match self.change(sql, values).await? {
            true => Ok(()),
            false => Err(StoreError::Conflict("the publication has been applied further".into())),
        }
    }

    /// All publications, oldest first.
    pub async fn publications(&self) -> Result<Vec<PublicationRow>, StoreError> {
        all(self.reader()).await
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

impl Publishing {
    /// PostgreSQL's clock, after the wait; none on SQLite.
    pub fn now_us(&self) -> Option<i64> {
        self.now_us
    }

    /// All publications, oldest first.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn publications(&self) -> Result<Vec<PublicationRow>, StoreError> {
        all(&self.transaction).await
    }

    /// Writes a publication.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when there is one with its number or its request.
    pub async fn put(&self, row: &PublicationRow) -> Result<(), StoreError> {
        put(&self.transaction, row).await
    }

    /// Lets the batches go on.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]: it is unknown whether the publication was made.
    pub async fn commit(self) -> Result<(), StoreError> {
        Ok(self.transaction.commit().await?)
    }
}

impl Turn {
    /// Says that this server goes on; to be called every few seconds.
    ///
    /// # Errors
    /// The turn is over.
    pub async fn keep(&self) -> Result<(), StoreError> {
        match &self.transaction {
            Some(transaction) => Ok(transaction.execute_unprepared("SELECT 1").await.map(|_| ())?),
            None => Ok(()),
        }
    }
}

async fn all(connection: &impl ConnectionTrait) -> Result<Vec<PublicationRow>, StoreError> {
    let rows = publication::Entity::find().order_by_asc(publication::Column::Number).all(connection).await?;
    Ok(rows.into_iter().map(PublicationRow::from).collect())
}

async fn put(connection: &impl ConnectionTrait, row: &PublicationRow) -> Result<(), StoreError> {
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
    publication::Entity::insert(model).exec_without_returning(connection).await?;
    Ok(())
}
