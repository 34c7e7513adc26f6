//! Writing what a batch of commands changed.

use sea_orm::ConnectionTrait;

use crate::bulk::{Cell, Scripts, Stored, Verb};
use crate::dialect::Dialect;
use crate::{Changes, RequestRow, StoreError, TaskRow, TimerKey, TimerRow};

/// Writes everything; the caller commits.
pub(crate) async fn save(
    connection: &impl ConnectionTrait,
    dialect: Dialect,
    changes: &Changes,
) -> Result<(), StoreError> {
    // Two batches that add the same keys in different orders would wait for each other on PostgreSQL.
    let mut requests: Vec<&RequestRow> = changes.requests.iter().collect();
    requests.sort_unstable_by(|a, b| a.key.cmp(&b.key));

    let mut scripts = Scripts::default();
    scripts.rows(Verb::Insert, &changes.cases_new)?;
    scripts.rows(Verb::Advance, &changes.cases_changed)?;
    scripts.rows(Verb::Insert, &changes.entries)?;
    scripts.rows(Verb::Insert, &changes.blobs)?;
    scripts.rows(Verb::Upsert, &changes.tasks)?;
    scripts.add(Verb::Delete, TaskRow::TABLE, changes.tasks_gone.iter(), |id: &String, row| {
        row.push(Cell::Text(id));
    })?;
    scripts.rows(Verb::Upsert, &changes.timers)?;
    scripts.add(Verb::Delete, TimerRow::TABLE, changes.timers_gone.iter(), |key: &TimerKey, row| {
        row.extend([Cell::Text(&key.case_id), Cell::Text(&key.step), Cell::Text(&key.kind)]);
    })?;
    scripts.add(Verb::Insert, RequestRow::TABLE, requests.iter(), |request, row| request.cells(row))?;
    scripts.rows(Verb::InsertMissing, &changes.case_offices)?;

    let mut advanced = 0;
    for script in scripts.finish() {
        advanced += dialect.write(connection, &script).await?;
    }
    match advanced == changes.cases_changed.len() as u64 {
        true => Ok(()),
        false => Err(StoreError::Conflict("a case has moved on".into())),
    }
}
