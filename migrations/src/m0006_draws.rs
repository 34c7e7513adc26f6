//! Draws: their published records, and what waits for one. An item's row is there as long as its step waits.

use sea_orm_migration::prelude::*;
use sea_orm_migration::{MigrationTrait, async_trait};

use crate::Dialect;

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0006_draws"
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
    "CREATE TABLE draws (
        id {text} NOT NULL PRIMARY KEY,
        pool {text} NOT NULL,
        state {text} NOT NULL,
        announced_at_us BIGINT NOT NULL,
        due_us BIGINT,
        ended_at_us BIGINT,
        version BIGINT NOT NULL,
        summary {text} NOT NULL,
        record {text} NOT NULL
    ){updated}",
    // Of one pool there is one draw at a time.
    "CREATE UNIQUE INDEX draws_open ON draws (pool) WHERE ended_at_us IS NULL",
    "CREATE INDEX draws_due ON draws (due_us) WHERE due_us IS NOT NULL",
    "CREATE INDEX draws_announced ON draws (announced_at_us, id)",
    "CREATE INDEX draws_of_pool ON draws (pool, announced_at_us, id)",
    "CREATE TABLE draw_items (
        id {text} NOT NULL PRIMARY KEY,
        pool {text} NOT NULL,
        case_id {text} NOT NULL,
        step {text} NOT NULL,
        stratum {text} NOT NULL,
        recuse {text} NOT NULL,
        entered_at_us BIGINT NOT NULL,
        draw {text}
    )",
    "CREATE INDEX draw_items_case ON draw_items (case_id)",
    // What the next draw is over, and what was drawn over and not yet carried out.
    "CREATE INDEX draw_items_waiting ON draw_items (pool, entered_at_us, id) WHERE draw IS NULL",
    "CREATE INDEX draw_items_drawn ON draw_items (draw, id) WHERE draw IS NOT NULL",
];
