//! Writing what a batch of commands changed.

use sea_orm::ConnectionTrait;

use crate::bulk::{Cell, Scripts, Stored, Verb};
use crate::credentials::USED;
use crate::dialect::Dialect;
use crate::registers::{REMOVED, REPLACED};
use crate::{
    Changes, CommitmentRow, CreditEntryRow, DelayRow, DrawItemRow, OutboxRow, RegisterRow, RegisterWrite, RequestRow,
    StoreError, TaskRow, TimerKey, TimerRow,
};

/// Writes everything; the caller commits.
pub(crate) async fn save(
    connection: &impl ConnectionTrait,
    dialect: Dialect,
    changes: &Changes,
) -> Result<(), StoreError> {
    // Two batches that add the same keys in different orders would wait for each other on PostgreSQL.
    let mut requests: Vec<&RequestRow> = changes.requests.iter().collect();
    requests.sort_unstable_by(|a, b| a.key.cmp(&b.key));
    let mut registers: Vec<&RegisterWrite> = changes.registers.iter().collect();
    registers.sort_unstable_by(|a, b| (&a.row.register, &a.row.key).cmp(&(&b.row.register, &b.row.key)));
    let (new, changed): (Vec<&RegisterWrite>, Vec<&RegisterWrite>) =
        registers.into_iter().partition(|write| write.expected_version.is_none());
    let mut removed: Vec<&(String, String, i64)> = changes.registers_removed.iter().collect();
    removed.sort_unstable();
    let mut credit: Vec<&CreditEntryRow> = changes.credit_entries.iter().collect();
    credit.sort_unstable_by(|a, b| (&a.subject, a.seq).cmp(&(&b.subject, b.seq)));

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
    scripts.add(Verb::Insert, RegisterRow::TABLE, new.iter(), |write, row| write.row.cells(row))?;
    scripts.add(Verb::Replace, REPLACED, changed.iter(), |write, row| {
        write.cells(write.expected_version.unwrap_or_default(), row);
    })?;
    scripts.add(Verb::Remove, REMOVED, removed.iter(), |(register, key, version), row| {
        row.extend([Cell::Text(register), Cell::Text(key), Cell::Int(*version)]);
    })?;
    scripts.rows(Verb::Upsert, &changes.delays)?;
    scripts.add(Verb::Delete, DelayRow::TABLE, changes.delays_gone.iter(), |id: &String, row| {
        row.push(Cell::Text(id));
    })?;
    scripts.rows(Verb::Upsert, &changes.commitments)?;
    scripts.add(Verb::Delete, CommitmentRow::TABLE, changes.commitments_gone.iter(), |id: &String, row| {
        row.push(Cell::Text(id));
    })?;
    scripts.rows(Verb::InsertMissing, &changes.draw_items)?;
    scripts.add(Verb::Delete, DrawItemRow::TABLE, changes.draw_items_gone.iter(), |id: &String, row| {
        row.push(Cell::Text(id));
    })?;
    scripts.rows(Verb::Insert, &changes.outbox)?;
    scripts.add(Verb::Delete, OutboxRow::TABLE, changes.outbox_done.iter(), |id: &String, row| {
        row.push(Cell::Text(id));
    })?;
    scripts.rows(Verb::InsertMissing, &changes.case_files)?;
    scripts.rows(Verb::Insert, &changes.access_records)?;
    scripts.rows(Verb::InsertMissing, &changes.case_persons)?;
    scripts.add(Verb::Insert, CreditEntryRow::TABLE, credit.iter(), |entry, row| entry.cells(row))?;

    let mut found = 0;
    for script in scripts.finish() {
        found += dialect.write(connection, &script).await?;
    }
    for (hash, at_us) in &changes.credentials_used {
        let statement = dialect.statement(USED, USED, vec![hash.as_str().into(), (*at_us).into()]);
        if connection.execute_raw(statement).await?.rows_affected() != 1 {
            return Err(StoreError::Conflict("a credential was used meanwhile".into()));
        }
    }
    match found == (changes.cases_changed.len() + changed.len() + removed.len()) as u64 {
        true => Ok(()),
        false => Err(StoreError::Conflict("a case or a record of a register has moved on".into())),
    }
}
