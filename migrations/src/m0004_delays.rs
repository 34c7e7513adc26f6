//! Steps that ended later than promised, for the offices that owe a reason and for whoever counts them.

use sea_orm_migration::prelude::*;
use sea_orm_migration::{MigrationTrait, async_trait};

use crate::Dialect;

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0004_delays"
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
    "CREATE TABLE delays (
        id {text} NOT NULL PRIMARY KEY,
        case_id {text} NOT NULL,
        step {text} NOT NULL,
        office {text} NOT NULL,
        division {text} NOT NULL,
        since_us BIGINT NOT NULL,
        working_us BIGINT NOT NULL,
        budget_us BIGINT NOT NULL,
        explained_at_us BIGINT
    ){updated}",
    "CREATE INDEX delays_case ON delays (case_id)",
    // The city's list, a division's, an office's.
    "CREATE INDEX delays_since ON delays (since_us, id)",
    "CREATE INDEX delays_office ON delays (office, since_us, id)",
    "CREATE INDEX delays_division ON delays (division, since_us, id)",
    // What is owed is little, and asked for each day.
    "CREATE INDEX delays_owed ON delays (office, since_us, id) WHERE explained_at_us IS NULL",
];
