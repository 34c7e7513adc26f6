//! Credit entries: what is on record about a subject, append-only, in the order in which it was recorded.

use sea_orm_migration::prelude::*;
use sea_orm_migration::{MigrationTrait, async_trait};

use crate::Dialect;

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0005_credit"
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

const STATEMENTS: &[&str] = &["CREATE TABLE credit_entries (
        subject {text} NOT NULL,
        seq BIGINT NOT NULL,
        on_date {text} NOT NULL,
        entry {text} NOT NULL,
        recorded_at_us BIGINT NOT NULL,
        PRIMARY KEY (subject, seq)
    ){clustered}"];
