//! Tasks: the open steps that offices work at. A task that ended has no row.

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect};

use crate::entities::task;
use crate::{Store, StoreError};

/// What an open task waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TaskState {
    /// Somebody to claim it.
    Ready,
    /// Its holder to complete it, until the lease runs out and somebody else claims it.
    Leased,
    /// The instant until which its holder put it off.
    Deferred,
    /// The next attempt after a failure.
    Retrying,
}

impl TaskState {
    /// The text in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            TaskState::Ready => "ready",
            TaskState::Leased => "leased",
            TaskState::Deferred => "deferred",
            TaskState::Retrying => "retrying",
        }
    }

    pub(crate) fn read(text: &str) -> Result<Self, StoreError> {
        match text {
            "ready" => Ok(TaskState::Ready),
            "leased" => Ok(TaskState::Leased),
            "deferred" => Ok(TaskState::Deferred),
            "retrying" => Ok(TaskState::Retrying),
            _ => Err(StoreError::Corrupt("tasks.state".into())),
        }
    }
}

/// A step (环节) that is offered to an office and not ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskRow {
    /// The task's id.
    pub id: String,
    /// Its case.
    pub case_id: String,
    /// Its step, as the package names it.
    pub step: String,
    /// The office it is offered to: an agency in a division, named by the application.
    pub office: String,
    /// The division.
    pub division: String,
    /// What it waits for.
    pub state: TaskState,
    /// Its place in the queue: the case's due time, smaller first.
    pub due_at_us: i64,
    /// When it was offered; decides between tasks with the same due time.
    pub offered_at_us: i64,
    /// Rises when the task goes to somebody else or is taken away.
    pub epoch: i64,
    /// Who holds it.
    pub holder: Option<String>,
    /// Operating time until which the holder has it for itself.
    pub lease_until_us: Option<i64>,
}

impl TaskRow {
    /// Whether somebody may claim it at this operating time: it is ready, or its lease ran out.
    pub fn is_claimable(&self, operating_us: i64) -> bool {
        match self.state {
            TaskState::Ready => true,
            TaskState::Leased => self.lease_until_us.is_some_and(|until| until < operating_us),
            TaskState::Deferred | TaskState::Retrying => false,
        }
    }
}

/// A queue that has something to claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfficeQueue {
    /// The office.
    pub office: String,
    /// The step.
    pub step: String,
    /// How many tasks can be claimed.
    pub claimable: u64,
}

impl Store {
    /// The open tasks of a case, by id.
    pub async fn tasks_of(&self, case_id: &str) -> Result<Vec<TaskRow>, StoreError> {
        let rows = task::Entity::find()
            .filter(task::Column::CaseId.eq(case_id))
            .order_by_asc(task::Column::Id)
            .all(self.reader())
            .await?;
        rows.into_iter().map(TaskRow::try_from).collect()
    }

    /// The open tasks of these cases, in no order.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn tasks_of_all(&self, cases: &[String]) -> Result<Vec<TaskRow>, StoreError> {
        let list = self.dialect().list(cases.iter().map(String::as_str));
        let statement = self.dialect().statement(
            "SELECT tasks.* FROM json_each($1) AS w CROSS JOIN tasks ON tasks.case_id = w.value",
            "SELECT * FROM tasks WHERE case_id = ANY ($1)",
            vec![list],
        );
        let rows = task::Model::find_by_statement(statement).all(self.reader()).await?;
        rows.into_iter().map(TaskRow::try_from).collect()
    }

    /// The tasks of an office whose holder's name begins so and whose lease has not run out at this operating time, the
    /// earliest due first, at most `limit`.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn tasks_held(
        &self,
        office: &str,
        holder: &str,
        operating_us: i64,
        limit: u64,
    ) -> Result<Vec<TaskRow>, StoreError> {
        let rows = task::Entity::find()
            .filter(task::Column::Office.eq(office))
            // As the index has it.
            .filter(sea_orm::sea_query::Expr::cust("state = 'leased'"))
            .filter(task::Column::LeaseUntilUs.gte(operating_us))
            .filter(task::Column::Holder.starts_with(holder))
            .order_by_asc(task::Column::DueAtUs)
            .order_by_asc(task::Column::OfferedAtUs)
            .order_by_asc(task::Column::Id)
            .limit(limit)
            .all(self.reader())
            .await?;
        rows.into_iter().map(TaskRow::try_from).collect()
    }

    /// Every queue with something to claim at this operating time, by office and step.
    pub async fn offices_with_ready(&self, operating_us: i64) -> Result<Vec<OfficeQueue>, StoreError> {
        let sql = "SELECT office, step, count(*) AS claimable FROM tasks
            WHERE state = 'ready' OR (state = 'leased' AND lease_until_us < $1)
            GROUP BY office, step ORDER BY office, step";
        let statement = self.dialect().same(sql, vec![operating_us.into()]);
        let rows = self.reader().query_all_raw(statement).await?;
        let mut queues = Vec::with_capacity(rows.len());
        for row in rows {
            queues.push(OfficeQueue {
                office: row.try_get("", "office")?,
                step: row.try_get("", "step")?,
                claimable: row.try_get::<i64>("", "claimable")?.unsigned_abs(),
            });
        }
        Ok(queues)
    }
}
