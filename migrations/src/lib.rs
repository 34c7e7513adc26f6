//! Brings a kaiban database from any released schema to the newest one, and must never read, change or
//! judge what is stored in it beyond what a changed table needs.
//!
//! One file a migration; a released migration is never edited. Statements are plain SQL, written once for
//! both backends: the few words in which SQLite and PostgreSQL differ are the placeholders of [`Dialect`].
//!
//! A migration only expands: it adds tables, indexes, and columns that may be empty or have a default. So servers of the
//! release before go on working while others are changed over, and that release can be gone back to. What nothing reads any
//! more is taken away by a migration of its own, two releases later at the earliest: one called
//! `mNNNN_contract_mKKKK_…`, where mKKKK is what a program has to know to work without it; a program that knows less then
//! refuses to start (`SCHEMA_TOO_NEW`). `kaiban-store`'s tests hold every migration against the schema of each release in
//! [`RELEASES`], and against the list of what was taken away, with the reason.
//!
//! There are no foreign keys. Every row is written by the one batch that also holds its case, inside one
//! transaction, and `kaiban verify` checks what a foreign key would; a key would cost a lookup for each row.

mod dialect;
mod m0001_first_release;
mod m0002_whole_flow;
mod m0003_calendar_publications;
mod m0004_delays;
mod m0005_credit;
mod m0006_draws;
mod m0007_commitments;
mod m0008_keeping;
mod m0009_stuck_deadlines;

pub use dialect::Dialect;
use sea_orm_migration::{MigrationTrait, async_trait};
pub use sea_orm_migration::{MigratorTrait, SchemaManager};

/// Releases with the last migration of each, oldest first. A release adds its line, and the golden schemas beside it.
pub const RELEASES: &[(&str, &str)] = &[("0.1.0", "m0007_commitments")];

/// Every migration, oldest first.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_first_release::Migration),
            Box::new(m0002_whole_flow::Migration),
            Box::new(m0003_calendar_publications::Migration),
            Box::new(m0004_delays::Migration),
            Box::new(m0005_credit::Migration),
            Box::new(m0006_draws::Migration),
            Box::new(m0007_commitments::Migration),
            Box::new(m0008_keeping::Migration),
            Box::new(m0009_stuck_deadlines::Migration),
        ]
    }
}
