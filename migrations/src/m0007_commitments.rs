//! What stands for the certificates of cases, and who was not allowed to promise, for whoever counts them.

use sea_orm_migration::prelude::*;
use sea_orm_migration::{MigrationTrait, async_trait};

use crate::Dialect;

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0007_commitments"
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
    "CREATE TABLE commitments (
        id {text} NOT NULL PRIMARY KEY,
        case_id {text} NOT NULL,
        step {text} NOT NULL,
        workflow {text} NOT NULL,
        division {text} NOT NULL,
        calendar {text} NOT NULL,
        since_us BIGINT NOT NULL,
        asked_at_us BIGINT,
        proved_at_us BIGINT,
        way {text},
        declined BIGINT NOT NULL,
        withdrawn BIGINT NOT NULL,
        checks {text} NOT NULL,
        revoked {text}
    ){updated}",
    "CREATE INDEX commitments_case ON commitments (case_id)",
    // The city's figures, a division's.
    "CREATE INDEX commitments_since ON commitments (since_us, id)",
    "CREATE INDEX commitments_division ON commitments (division, since_us, id)",
    "CREATE TABLE commitment_refusals (
        id {text} NOT NULL PRIMARY KEY,
        case_id {text} NOT NULL,
        step {text} NOT NULL,
        workflow {text} NOT NULL,
        division {text} NOT NULL,
        codes {text} NOT NULL,
        at_us BIGINT NOT NULL
    )",
    "CREATE INDEX commitment_refusals_case ON commitment_refusals (case_id)",
    "CREATE INDEX commitment_refusals_at ON commitment_refusals (at_us, id)",
    "CREATE INDEX commitment_refusals_division ON commitment_refusals (division, at_us, id)",
    // Of a case that a draw decides over: whether somebody went there.
    "ALTER TABLE cases ADD COLUMN visited BIGINT",
];
