//! Everything in which SQLite and PostgreSQL differ: how to connect, how many rows go into one statement, how
//! a batch locks what it works on, what the time is.

mod claim;
mod connect;
mod postgres;
mod sqlite;

pub(crate) use claim::Search;
pub(crate) use connect::{APPLICATION, backend, migrator_options, news_options, reader_options, writer_options};

use sea_orm::{ConnectionTrait, DbBackend, Statement, Value};

use crate::bulk::{Script, Table};
use crate::{Backend, StoreError};

/// Changing a case leaves the facts of its receipt alone: SQLite would otherwise write every index that one of
/// them is in, changed or not.
const ADVANCE_SET: &str = "UPDATE cases SET workflow = v.workflow, version = v.version, digest = v.digest, \
    state = v.state, outcome = v.outcome, seq = v.seq, head = v.head, accepted_at_us = v.accepted_at_us, \
    promise_due_us = v.promise_due_us, closed_at_us = v.closed_at_us, subject = v.subject, \
    snapshot = v.snapshot, waiting = v.waiting, troubled = v.troubled, visited = v.visited";
const ADVANCE_WHERE: &str = "WHERE cases.id = v.id AND cases.seq < v.seq";

/// The statement of [`Verb::Replace`](crate::bulk::Verb::Replace). The last column holds the version that has to be
/// there.
fn replace(table: Table, source: &str) -> String {
    let names: Vec<&str> = table.columns.iter().map(|(name, _)| *name).collect();
    let (key, rest) = names.split_at(table.key);
    let (expected, set) = rest.split_last().unwrap_or((&"version", &[]));
    let set: Vec<String> = set.iter().map(|name| format!("{name} = v.{name}")).collect();
    let same: Vec<String> = key.iter().map(|name| format!("{0}.{name} = v.{name}", table.name)).collect();
    format!(
        "UPDATE {0} SET {1} FROM ({source}) AS v WHERE {2} AND {0}.version = v.{expected}",
        table.name,
        set.join(", "),
        same.join(" AND ")
    )
}

/// The database at hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Dialect(pub Backend);

impl Dialect {
    /// A statement from the text for each database.
    pub fn statement(self, sqlite: &str, postgres: &str, values: Vec<Value>) -> Statement {
        match self.0 {
            Backend::Sqlite => Statement::from_sql_and_values(DbBackend::Sqlite, sqlite, values),
            Backend::Postgres => Statement::from_sql_and_values(DbBackend::Postgres, postgres, values),
        }
    }

    /// A statement of the same text for both databases; its parameters are `$1`, `$2`, …
    pub fn same(self, sql: &str, values: Vec<Value>) -> Statement {
        self.statement(sql, sql, values)
    }

    /// A list of texts as one parameter: an array, or its JSON for `json_each`.
    pub fn list<'a>(self, texts: impl Iterator<Item = &'a str>) -> Value {
        match self.0 {
            Backend::Sqlite => sqlite::json_list(texts),
            Backend::Postgres => texts.map(str::to_owned).collect::<Vec<_>>().into(),
        }
    }

    /// A statement that ends in the name of a column, for the rows where that is one of a [`list`](Self::list).
    pub fn among(self, sql: &str, list: Value) -> Statement {
        let sqlite = format!("{sql} IN (SELECT value FROM json_each($1))");
        self.statement(&sqlite, &format!("{sql} = ANY ($1)"), vec![list])
    }

    /// Has this connection overwrite what it deletes from now on: SQLite would leave the bytes in pages that it keeps for
    /// later. PostgreSQL's vacuum clears them.
    pub async fn overwrite_deleted(self, connection: &impl ConnectionTrait) -> Result<(), StoreError> {
        if self.0 == Backend::Sqlite {
            connection.execute_raw(self.same("PRAGMA secure_delete = ON", vec![])).await?;
        }
        Ok(())
    }

    /// The records with these (register, key).
    pub fn register_records(self, wanted: &[(String, String)]) -> Statement {
        match self.0 {
            Backend::Sqlite => self.same(
                "SELECT r.* FROM json_each($1) AS w
                CROSS JOIN registers AS r ON r.register = w.value ->> 0 AND r.key = w.value ->> 1",
                vec![sqlite::json_pairs(wanted)],
            ),
            Backend::Postgres => {
                let registers = self.list(wanted.iter().map(|(register, _)| register.as_str()));
                let keys = self.list(wanted.iter().map(|(_, key)| key.as_str()));
                self.same(
                    "SELECT r.* FROM unnest($1::text[], $2::text[]) AS w (register, key)
                    JOIN registers AS r ON r.register = w.register AND r.key = w.key",
                    vec![registers, keys],
                )
            }
        }
    }

    /// Runs a script and returns how many rows the counted verbs found.
    pub async fn write(self, connection: &impl ConnectionTrait, script: &Script<'_>) -> Result<u64, StoreError> {
        match self.0 {
            Backend::Sqlite => sqlite::write(connection, script).await,
            Backend::Postgres => postgres::write(connection, script).await,
        }
    }

    /// The size of the database in bytes, as one row of one column.
    pub fn size(self) -> Statement {
        self.statement(
            "SELECT page_count * page_size AS bytes FROM pragma_page_count(), pragma_page_size()",
            "SELECT pg_database_size(current_database()) AS bytes",
            vec![],
        )
    }
}
