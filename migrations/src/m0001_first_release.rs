//! The schema of the first release. Texts are TEXT, instants are BIGINT microseconds UTC (`*_us`), and
//! nothing is stored as JSONB: what was hashed must come back byte for byte.

use sea_orm_migration::prelude::*;
use sea_orm_migration::{MigrationTrait, async_trait};

use crate::Dialect;

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0001_first_release"
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

    // SQLite's default is to run without one; a half-made schema is worse than none.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

const STATEMENTS: &[&str] = &[
    "CREATE TABLE cases (
        id {text} NOT NULL PRIMARY KEY,
        workflow {text} NOT NULL,
        version {text} NOT NULL,
        digest {text} NOT NULL,
        division {text} NOT NULL,
        organisation {text} NOT NULL,
        outlet {text},
        subject {text} NOT NULL,
        state {text} NOT NULL,
        outcome {text},
        seq BIGINT NOT NULL,
        head {text} NOT NULL,
        received_at_us BIGINT NOT NULL,
        accepted_at_us BIGINT,
        promise_due_us BIGINT,
        closed_at_us BIGINT,
        snapshot {text} NOT NULL
    ){updated}",
    // The lists: everything, a bank's own, a division's, each by the instant of receipt.
    "CREATE INDEX cases_received ON cases (received_at_us, id)",
    "CREATE INDEX cases_organisation ON cases (organisation, received_at_us, id)",
    "CREATE INDEX cases_division ON cases (division, received_at_us, id)",
    // The list by promise. A case without a due time comes last, on both backends.
    "CREATE INDEX cases_promise ON cases (COALESCE(promise_due_us, 9223372036854775807), id)
        WHERE state <> 'closed'",
    // Rows are read by case in order and never change.
    "CREATE TABLE entries (
        case_id {text} NOT NULL,
        seq BIGINT NOT NULL,
        at_us BIGINT NOT NULL,
        bytes {text} NOT NULL,
        hash {text} NOT NULL,
        PRIMARY KEY (case_id, seq)
    ){clustered}",
    "CREATE TABLE blobs (
        digest {text} NOT NULL PRIMARY KEY,
        case_id {text} NOT NULL,
        kind {text} NOT NULL,
        salt {text} NOT NULL,
        bytes {text} NOT NULL,
        created_at_us BIGINT NOT NULL
    )",
    "CREATE TABLE tasks (
        id {text} NOT NULL PRIMARY KEY,
        case_id {text} NOT NULL,
        step {text} NOT NULL,
        office {text} NOT NULL,
        division {text} NOT NULL,
        state {text} NOT NULL,
        due_at_us BIGINT NOT NULL,
        offered_at_us BIGINT NOT NULL,
        epoch BIGINT NOT NULL,
        holder {text},
        lease_until_us BIGINT
    ){clustered}{updated}",
    "CREATE INDEX tasks_case ON tasks (case_id, id)",
    // A task is in at most one of these two: a task that is leased the moment it is opened never enters
    // the queue's index.
    "CREATE INDEX tasks_queue ON tasks (office, due_at_us, offered_at_us, id) WHERE state = 'ready'",
    "CREATE INDEX tasks_leased ON tasks (office, lease_until_us) WHERE state = 'leased'",
    "CREATE TABLE timers (
        case_id {text} NOT NULL,
        step {text} NOT NULL,
        kind {text} NOT NULL,
        due_us BIGINT NOT NULL,
        clock {text} NOT NULL,
        PRIMARY KEY (case_id, step, kind)
    ){clustered}{updated}",
    "CREATE INDEX timers_due ON timers (clock, due_us)",
    "CREATE TABLE requests (
        key {text} NOT NULL PRIMARY KEY,
        content {text} NOT NULL,
        case_id {text},
        reply {text} NOT NULL,
        at_us BIGINT NOT NULL
    ){clustered}",
    // Which offices ever had a task of which case. The office first: it serves both the question about one
    // case and the walk through an office's cases.
    "CREATE TABLE case_offices (
        case_id {text} NOT NULL,
        office {text} NOT NULL,
        PRIMARY KEY (office, case_id)
    ){clustered}",
    "CREATE TABLE tokens (
        id {text} NOT NULL PRIMARY KEY,
        hash {text} NOT NULL,
        role {text} NOT NULL,
        organisation {text} NOT NULL,
        scope {text} NOT NULL,
        label {text} NOT NULL,
        issued_at_us BIGINT NOT NULL,
        expires_at_us BIGINT,
        revoked_at_us BIGINT
    )",
    "CREATE UNIQUE INDEX tokens_hash ON tokens (hash)",
    "CREATE TABLE packages (
        digest {text} NOT NULL PRIMARY KEY,
        workflow {text} NOT NULL,
        version {text} NOT NULL,
        effective_from {text} NOT NULL,
        files {text} NOT NULL,
        stored_at_us BIGINT NOT NULL
    )",
];
