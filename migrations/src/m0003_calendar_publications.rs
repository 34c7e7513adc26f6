//! What was published of the calendars, in order, and how far the open cases have been recomputed for it.

use sea_orm_migration::prelude::*;
use sea_orm_migration::{MigrationTrait, async_trait};

use crate::Dialect;

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0003_calendar_publications"
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
    "CREATE TABLE calendar_publications (
        number BIGINT NOT NULL PRIMARY KEY,
        published_at_us BIGINT NOT NULL,
        publisher {text} NOT NULL,
        source {text} NOT NULL,
        request {text},
        content {text} NOT NULL,
        brought {text} NOT NULL,
        files {text} NOT NULL,
        done BIGINT NOT NULL,
        changed BIGINT NOT NULL,
        total BIGINT NOT NULL,
        last_case {text} NOT NULL,
        finished_at_us BIGINT
    )",
    "CREATE UNIQUE INDEX calendar_publications_request ON calendar_publications (request)",
    // The walk through the open cases, in the order of their numbers.
    "CREATE INDEX cases_open ON cases (id) WHERE state <> 'closed'",
];
