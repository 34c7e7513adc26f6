//! What keeps the records of years: heads over all journals, cases that were moved to files, documents that were erased
//! at the end of their period.

use sea_orm_migration::prelude::*;
use sea_orm_migration::{MigrationTrait, async_trait};

use crate::Dialect;

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0008_keeping"
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
    "CREATE TABLE heads (
        number BIGINT NOT NULL PRIMARY KEY,
        from_us BIGINT NOT NULL,
        until_us BIGINT NOT NULL,
        entries BIGINT NOT NULL,
        lines {text} NOT NULL,
        head {text} NOT NULL,
        taken_at_us BIGINT NOT NULL
    )",
    // The entries of a window. They come nearly in the order of their instants, so that the tree grows at its end and
    // PostgreSQL needs no more than where each instant begins.
    "CREATE INDEX entries_at ON entries {in_order} (at_us)",
    "CREATE TABLE archived (
        case_id {text} NOT NULL PRIMARY KEY,
        file {text} NOT NULL,
        start BIGINT NOT NULL,
        length BIGINT NOT NULL,
        digest {text} NOT NULL,
        archived_at_us BIGINT NOT NULL
    ){clustered}",
    "CREATE INDEX archived_file ON archived (file)",
    "CREATE TABLE erasures (
        case_id {text} NOT NULL,
        digest {text} NOT NULL,
        kind {text} NOT NULL,
        rule {text} NOT NULL,
        erased_at_us BIGINT NOT NULL,
        PRIMARY KEY (case_id, digest)
    ){clustered}",
    // 1: journal, documents and snapshot are in a file; the row is what lists show.
    "ALTER TABLE cases ADD COLUMN archived BIGINT NOT NULL DEFAULT 0",
    // Until when its documents have been looked through for what is past its period.
    "ALTER TABLE cases ADD COLUMN erased_at_us BIGINT NOT NULL DEFAULT 0",
    // What may be moved or erased, the oldest first. Written once, when a case ends.
    "CREATE INDEX cases_ended ON cases (closed_at_us, id, archived, erased_at_us) WHERE closed_at_us IS NOT NULL",
];
