//! Draws: their records, and the items that wait for one. An item comes and goes with the batch that makes its step wait
//! and go on; a draw is written in a small transaction of its own, with the request that it answers.

use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, Set,
    TransactionTrait,
};

use crate::entities::{draw, draw_item, request};
use crate::paging::{Page, PageRequest, Place};
use crate::{RequestRow, Store, StoreError};

/// A draw. Lists leave `record` empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DrawRow {
    /// Its number.
    pub id: String,
    /// What is drawn from; one draw at a time.
    pub pool: String,
    /// How far it is, as the application names it.
    pub state: String,
    /// When it was announced.
    pub announced_at_us: i64,
    /// When it becomes void if nothing comes, business time.
    pub due_us: Option<i64>,
    /// When it was held or became void.
    pub ended_at_us: Option<i64>,
    /// From 1, one more with every change.
    pub version: i64,
    /// What lists show of it, serialized by the application.
    pub summary: String,
    /// The record that is published, serialized by the application.
    pub record: String,
}

/// A step that waits for a draw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DrawItemRow {
    /// Its name in records.
    pub id: String,
    /// What it is drawn from.
    pub pool: String,
    /// Case number.
    pub case_id: String,
    /// The step.
    pub step: String,
    /// Its class of risk.
    pub stratum: String,
    /// Who may not check it: ids of officers and offices, JSON.
    pub recuse: String,
    /// Since when it waits.
    pub entered_at_us: i64,
    /// The draw that has decided over it and is not carried out to its case yet.
    pub draw: Option<String>,
}

/// Which draws. All that is set must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DrawQuery {
    /// Of this pool.
    pub pool: Option<String>,
    /// As far as this.
    pub state: Option<String>,
}

/// What is written of a draw at a time.
#[derive(Clone, Debug)]
pub struct DrawWrite {
    /// The draw as it is now. Version 1 is added; any other replaces the one before.
    pub row: DrawRow,
    /// The request that it answers.
    pub request: Option<RequestRow>,
    /// Items that it has decided over: those of them that still wait are its own from now on.
    pub decided: Vec<String>,
}

impl Store {
    /// Writes a draw.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when somebody else wrote it first, when its pool has another open draw, or when the request
    /// was answered before; nothing is written then.
    pub async fn put_draw(&self, write: DrawWrite) -> Result<(), StoreError> {
        let DrawWrite { row, request, decided } = write;
        let transaction = self.writer().begin().await?;
        let (id, version) = (row.id.clone(), row.version);
        let model = draw::ActiveModel {
            id: Set(row.id),
            pool: Set(row.pool),
            state: Set(row.state),
            announced_at_us: Set(row.announced_at_us),
            due_us: Set(row.due_us),
            ended_at_us: Set(row.ended_at_us),
            version: Set(row.version),
            summary: Set(row.summary),
            record: Set(row.record),
        };
        if version == 1 {
            draw::Entity::insert(model).exec_without_returning(&transaction).await?;
        } else {
            let earlier = draw::Column::Version.eq(version - 1);
            let replaced = draw::Entity::update_many().set(model).filter(draw::Column::Id.eq(id.as_str()));
            if replaced.filter(earlier).exec(&transaction).await?.rows_affected != 1 {
                return Err(StoreError::Conflict("a draw has moved on".into()));
            }
        }
        if let Some(row) = request {
            let model = request::ActiveModel {
                key: Set(row.key),
                content: Set(row.content),
                case_id: Set(row.case_id),
                reply: Set(row.reply),
                at_us: Set(row.at_us),
            };
            request::Entity::insert(model).exec_without_returning(&transaction).await?;
        }
        if !decided.is_empty() {
            let list = self.dialect().list(decided.iter().map(String::as_str));
            let statement = self.dialect().statement(DECIDE_SQLITE, DECIDE_POSTGRES, vec![id.into(), list]);
            transaction.execute_raw(statement).await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// A request that was answered.
    pub async fn request(&self, key: &str) -> Result<Option<RequestRow>, StoreError> {
        Ok(request::Entity::find_by_id(key).one(self.reader()).await?.map(RequestRow::from))
    }

    /// A draw.
    pub async fn draw(&self, id: &str) -> Result<Option<DrawRow>, StoreError> {
        Ok(draw::Entity::find_by_id(id).one(self.reader()).await?.map(DrawRow::from))
    }

    /// The draw of a pool that was announced last.
    pub async fn last_draw(&self, pool: &str) -> Result<Option<DrawRow>, StoreError> {
        let rows = draw::Entity::find().filter(draw::Column::Pool.eq(pool));
        let ordered = rows.order_by_desc(draw::Column::AnnouncedAtUs).order_by_desc(draw::Column::Id);
        Ok(ordered.one(self.reader()).await?.map(DrawRow::from))
    }

    /// The draw of a pool that is under way.
    pub async fn open_draw(&self, pool: &str) -> Result<Option<String>, StoreError> {
        self.first("SELECT id FROM draws WHERE pool = $1 AND ended_at_us IS NULL", vec![pool.into()], "id").await
    }

    /// How many draws a pool has had.
    pub async fn count_draws(&self, pool: &str) -> Result<u64, StoreError> {
        let sql = "SELECT count(*) AS draws FROM draws WHERE pool = $1";
        Ok(self.first::<i64>(sql, vec![pool.into()], "draws").await?.map_or(0, i64::unsigned_abs))
    }

    /// Draws in the order of their ids, after this one (an empty text for the first), at most `limit`.
    pub async fn draws_after(&self, id: &str, limit: u64) -> Result<Vec<DrawRow>, StoreError> {
        let rows = draw::Entity::find().filter(draw::Column::Id.gt(id)).order_by_asc(draw::Column::Id);
        Ok(rows.limit(limit).all(self.reader()).await?.into_iter().map(DrawRow::from).collect())
    }

    /// Ids of the draws whose deadline has come, the longest overdue first.
    pub async fn draws_due(&self, now_us: i64) -> Result<Vec<String>, StoreError> {
        let due = draw::Entity::find().filter(draw::Column::DueUs.lte(now_us)).order_by_asc(draw::Column::DueUs);
        let ids = due.order_by_asc(draw::Column::Id).select_only().column(draw::Column::Id);
        Ok(ids.into_tuple().all(self.reader()).await?)
    }

    /// The next deadline of a draw after this instant.
    pub async fn next_draw_due(&self, now_us: i64) -> Result<Option<i64>, StoreError> {
        let sql = "SELECT min(due_us) AS due_us FROM draws WHERE due_us > $1";
        Ok(self.first::<Option<i64>>(sql, vec![now_us.into()], "due_us").await?.flatten())
    }

    /// A page of draws without their records, the newest first.
    ///
    /// # Errors
    /// [`StoreError::BadPageToken`] when the token is not from this query.
    pub async fn draws(&self, query: &DrawQuery, page: &PageRequest) -> Result<Page<DrawRow>, StoreError> {
        use draw::Column::{AnnouncedAtUs, DueUs, EndedAtUs, Id, Pool, State, Summary, Version};
        let identity = format!("draws {query:?}");
        let list = [identity.as_str()];
        let mut select = draw::Entity::find().select_only();
        select = select.columns([Id, Pool, State, AnnouncedAtUs, DueUs, EndedAtUs, Version, Summary]);
        select = select.column_as(Expr::value(""), "record");
        if let Some(pool) = &query.pool {
            select = select.filter(Pool.eq(pool.as_str()));
        }
        if let Some(state) = &query.state {
            select = select.filter(State.eq(state.as_str()));
        }
        if let Some(place) = page.place(&list)? {
            let row = Expr::tuple([Expr::col(AnnouncedAtUs), Expr::col(Id)]);
            select = select.filter(row.lt(Expr::tuple([Expr::value(place.key), Expr::value(place.id)])));
        }
        let ordered = select.order_by_desc(AnnouncedAtUs).order_by_desc(Id);
        let models = ordered.limit(page.fetched().unsigned_abs()).all(self.reader()).await?;
        let rows = models.into_iter().map(DrawRow::from).collect();
        Ok(page.cut(rows, &list, |row: &DrawRow| Place { key: row.announced_at_us, id: row.id.clone() }))
    }

    /// Items of a pool that no draw has decided over and that came in before an instant, the oldest first.
    pub async fn items_waiting(&self, pool: &str, before_us: i64, limit: u64) -> Result<Vec<DrawItemRow>, StoreError> {
        let rows = draw_item::Entity::find()
            .filter(draw_item::Column::Pool.eq(pool))
            .filter(draw_item::Column::EnteredAtUs.lt(before_us))
            .filter(draw_item::Column::Draw.is_null())
            .order_by_asc(draw_item::Column::EnteredAtUs)
            .order_by_asc(draw_item::Column::Id)
            .limit(limit);
        Ok(rows.all(self.reader()).await?.into_iter().map(DrawItemRow::from).collect())
    }

    /// Items that a draw has decided over and whose cases do not know yet, in the order of draw and id, after this one.
    pub async fn items_decided(&self, after: Option<&DrawItemRow>, limit: u64) -> Result<Vec<DrawItemRow>, StoreError> {
        let mut rows = draw_item::Entity::find().filter(draw_item::Column::Draw.is_not_null());
        if let Some(after) = after {
            let row = Expr::tuple([Expr::col(draw_item::Column::Draw), Expr::col(draw_item::Column::Id)]);
            let draw = after.draw.clone().unwrap_or_default();
            rows = rows.filter(row.gt(Expr::tuple([Expr::value(draw), Expr::value(after.id.clone())])));
        }
        let ordered = rows.order_by_asc(draw_item::Column::Draw).order_by_asc(draw_item::Column::Id).limit(limit);
        Ok(ordered.all(self.reader()).await?.into_iter().map(DrawItemRow::from).collect())
    }

    /// How many items a draw has decided over whose cases do not know yet.
    pub async fn count_decided(&self, draw: &str) -> Result<u64, StoreError> {
        let sql = "SELECT count(*) AS items FROM draw_items WHERE draw = $1";
        Ok(self.first::<i64>(sql, vec![draw.into()], "items").await?.map_or(0, i64::unsigned_abs))
    }

    /// What waits of each pool for which anything does, by pool.
    pub async fn pools_waiting(&self) -> Result<Vec<PoolRow>, StoreError> {
        const SQL: &str = "SELECT pool, count(*) AS items, min(entered_at_us) AS oldest_us FROM draw_items
            WHERE draw IS NULL GROUP BY pool ORDER BY pool";
        Ok(PoolRow::find_by_statement(self.dialect().same(SQL, Vec::new())).all(self.reader()).await?)
    }

    /// The items of a case, by id.
    pub async fn draw_items_of(&self, case_id: &str) -> Result<Vec<DrawItemRow>, StoreError> {
        let found = draw_item::Entity::find().filter(draw_item::Column::CaseId.eq(case_id));
        let rows = found.order_by_asc(draw_item::Column::Id).all(self.reader()).await?;
        Ok(rows.into_iter().map(DrawItemRow::from).collect())
    }
}

/// What waits to be drawn from.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct PoolRow {
    /// The pool.
    pub pool: String,
    /// Items that no draw has decided over.
    pub items: i64,
    /// When the oldest of them came in, µs.
    pub oldest_us: i64,
}

const DECIDE_SQLITE: &str =
    "UPDATE draw_items SET draw = $1 WHERE draw IS NULL AND id IN (SELECT value FROM json_each($2))";
const DECIDE_POSTGRES: &str = "UPDATE draw_items SET draw = $1 WHERE draw IS NULL AND id = ANY ($2)";
