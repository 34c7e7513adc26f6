//! Deadlines that could not be fired stand with their rows, so that every server knows of them.

use sea_orm_migration::prelude::*;
use sea_orm_migration::{MigrationTrait, async_trait};

use crate::Dialect;

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0009_stuck_deadlines"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let dialect = Dialect::of(manager.get_database_backend())?;
        for statement in STATEMENTS {
            manager.get_connection().execute_unprepared(&dialect.fill(statement)).await?;
        }
        Ok(())
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

const STATEMENTS: &[&str] = &[
    // Empty where nothing was tried in vain. It is about the deadline as it stood then: stuck_due_us.
    "ALTER TABLE timers ADD COLUMN stuck_code {text}",
    "ALTER TABLE timers ADD COLUMN stuck_passing BIGINT",
    "ALTER TABLE timers ADD COLUMN stuck_attempts BIGINT",
    "ALTER TABLE timers ADD COLUMN stuck_since_us BIGINT",
    "ALTER TABLE timers ADD COLUMN stuck_again_us BIGINT",
    "ALTER TABLE timers ADD COLUMN stuck_due_us BIGINT",
    // Of the many rows there are few of these, and they are asked for whenever something is due.
    "CREATE INDEX timers_stuck ON timers (case_id) WHERE stuck_code IS NOT NULL",
];
