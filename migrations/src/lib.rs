//! Brings a kaiban database from any released schema to the newest one, and must never read, change or
//! judge what is stored in it beyond what a changed table needs.
//!
//! One file a migration; a released migration is never edited. Statements are plain SQL, written once for
//! both backends: the few words in which SQLite and PostgreSQL differ are the placeholders of [`Dialect`].
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

pub use dialect::Dialect;
use sea_orm_migration::{MigrationTrait, async_trait};
pub use sea_orm_migration::{MigratorTrait, SchemaManager};

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
        ]
    }
}
