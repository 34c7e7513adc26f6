//! What the whole flow needs beside the cases: registers, effects that wait for being carried out, files,
//! who was shown what, applicants' credentials.

use sea_orm_migration::prelude::*;
use sea_orm_migration::{MigrationTrait, async_trait};

use crate::Dialect;

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0002_whole_flow"
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
    // 1: a correction is with the applicant and unanswered.
    "ALTER TABLE cases ADD COLUMN waiting BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE cases ADD COLUMN parent {text}",
    // 1: a step or the promise is an incident.
    "ALTER TABLE cases ADD COLUMN troubled BIGINT NOT NULL DEFAULT 0",
    "CREATE INDEX cases_troubled ON cases (received_at_us, id) WHERE troubled = 1",
    // What waits for a bank's applicants. Few cases do; the others are not in it.
    "CREATE INDEX cases_waiting ON cases (organisation, received_at_us, id) WHERE waiting = 1",
    // Whether somebody has an open case under the same name already.
    "CREATE INDEX cases_subject ON cases (division, subject) WHERE state <> 'closed'",
    "CREATE TABLE registers (
        register {text} NOT NULL,
        key {text} NOT NULL,
        holder {text} NOT NULL,
        since_us BIGINT NOT NULL,
        until_us BIGINT,
        state {text} NOT NULL,
        value {text} NOT NULL,
        version BIGINT NOT NULL,
        PRIMARY KEY (register, key)
    ){clustered}{updated}",
    "CREATE TABLE outbox (
        id {text} NOT NULL PRIMARY KEY,
        case_id {text} NOT NULL,
        kind {text} NOT NULL,
        payload {text} NOT NULL,
        due_us BIGINT NOT NULL,
        attempts BIGINT NOT NULL,
        claimed_until_us BIGINT,
        failed_code {text},
        created_at_us BIGINT NOT NULL
    ){updated}",
    // When each may be taken: at its due time, or when the one who took it has not answered in time.
    "CREATE INDEX outbox_free ON outbox (COALESCE(claimed_until_us, due_us), id) WHERE failed_code IS NULL",
    "CREATE INDEX outbox_failed ON outbox (created_at_us, id) WHERE failed_code IS NOT NULL",
    "CREATE INDEX outbox_case ON outbox (case_id, id)",
    "CREATE TABLE files (
        digest {text} NOT NULL PRIMARY KEY,
        size BIGINT NOT NULL,
        media_type {text} NOT NULL,
        created_at_us BIGINT NOT NULL
    ){clustered}",
    "CREATE TABLE file_grants (
        digest {text} NOT NULL,
        organisation {text} NOT NULL,
        name {text} NOT NULL,
        uploaded_at_us BIGINT NOT NULL,
        token {text} NOT NULL,
        PRIMARY KEY (digest, organisation)
    ){clustered}",
    "CREATE TABLE case_files (
        case_id {text} NOT NULL,
        digest {text} NOT NULL,
        pointer {text} NOT NULL,
        step {text} NOT NULL,
        PRIMARY KEY (case_id, digest, pointer, step)
    ){clustered}",
    "CREATE TABLE access_records (
        id {text} NOT NULL PRIMARY KEY,
        at_us BIGINT NOT NULL,
        token {text} NOT NULL,
        role {text} NOT NULL,
        organisation {text} NOT NULL,
        officer {text},
        case_id {text} NOT NULL,
        fields {text} NOT NULL,
        purpose {text} NOT NULL
    )",
    "CREATE INDEX access_records_case ON access_records (case_id, at_us, id)",
    "CREATE INDEX access_records_at ON access_records (at_us)",
    // The person first: the question is which cases somebody is in.
    "CREATE TABLE case_persons (
        person {text} NOT NULL,
        case_id {text} NOT NULL,
        PRIMARY KEY (person, case_id)
    ){clustered}",
    "CREATE TABLE secrets (
        name {text} NOT NULL PRIMARY KEY,
        value {text} NOT NULL
    )",
    "CREATE TABLE credentials (
        hash {text} NOT NULL PRIMARY KEY,
        case_id {text} NOT NULL,
        person {text} NOT NULL,
        issued_at_us BIGINT NOT NULL,
        expires_at_us BIGINT NOT NULL,
        used_at_us BIGINT
    )",
];
