//! SQLite: a script is one text of several statements, its rows one JSON parameter for each.
//!
//! The driver keeps a thread per connection, and the way there and back costs more than most statements; it
//! runs a text of several statements in one go. JSON keeps the texts few, so that they stay prepared.

use std::fmt::Write as _;

use sea_orm::{ConnectionTrait, DbBackend, Statement, Value};

use crate::StoreError;
use crate::bulk::{Cell, Piece, Script, Verb};

/// Texts as a JSON array.
pub fn json_list<'a>(texts: impl Iterator<Item = &'a str>) -> Value {
    let mut out = Vec::from(*b"[");
    for text in texts {
        if out.len() > 1 {
            out.push(b',');
        }
        json_text(text, &mut out);
    }
    out.push(b']');
    json_value(out)
}

/// Runs a script and returns how many cases it advanced.
///
/// The driver adds up the rows that a text of several statements changed, so the counted pieces go alone.
pub async fn write(connection: &impl ConnectionTrait, script: &Script<'_>) -> Result<u64, StoreError> {
    let (counted, others): (Vec<_>, Vec<_>) = script.pieces.iter().partition(|piece| piece.verb == Verb::Advance);
    run(connection, &others).await?;
    run(connection, &counted).await
}

async fn run(connection: &impl ConnectionTrait, pieces: &[&Piece<'_>]) -> Result<u64, StoreError> {
    if pieces.is_empty() {
        return Ok(0);
    }
    let mut sql = String::new();
    let mut values = Vec::with_capacity(pieces.len());
    for piece in pieces {
        statement(piece, &mut sql);
        values.push(json_rows(piece));
    }
    let result = connection.execute_raw(Statement::from_sql_and_values(DbBackend::Sqlite, sql, values)).await?;
    Ok(result.rows_affected())
}

/// One parameter a statement, without a number: the driver numbers them through the whole text only then.
fn statement(piece: &Piece<'_>, sql: &mut String) {
    let table = piece.table.name;
    let names: Vec<&str> = piece.columns().iter().map(|(name, _)| *name).collect();
    let (key, rest) = names.split_at(piece.table.key);
    let all = names.join(", ");
    let mut fields = String::new();
    for (at, name) in names.iter().enumerate() {
        let comma = if at == 0 { "" } else { ", " };
        let _ = write!(fields, "{comma}value->>{at} AS {name}");
    }
    let source = format!("SELECT {fields} FROM json_each(?)");
    let _ = match piece.verb {
        Verb::Insert => write!(sql, "INSERT INTO {table} ({all}) {source};"),
        Verb::InsertMissing => {
            write!(sql, "INSERT INTO {table} ({all}) {source} WHERE true ON CONFLICT DO NOTHING;")
        }
        Verb::Upsert => {
            let set: Vec<_> = rest.iter().map(|name| format!("{name} = excluded.{name}")).collect();
            write!(
                sql,
                "INSERT INTO {table} ({all}) {source} WHERE true ON CONFLICT ({}) DO UPDATE SET {};",
                key.join(", "),
                set.join(", ")
            )
        }
        Verb::Advance => write!(sql, "{} FROM ({source}) AS v {};", super::ADVANCE_SET, super::ADVANCE_WHERE),
        Verb::Delete => write!(sql, "DELETE FROM {table} WHERE ({all}) IN ({source});"),
    };
}

fn json_rows(piece: &Piece<'_>) -> Value {
    let width = piece.columns().len();
    let mut out = Vec::with_capacity(piece.cells.len() * 24);
    out.push(b'[');
    for (at, cell) in piece.cells.iter().enumerate() {
        out.extend_from_slice(match (at, at % width) {
            (0, _) => b"[",
            (_, 0) => b"],[",
            _ => b",",
        });
        match cell {
            Cell::Text(text) | Cell::TextOrNull(Some(text)) => json_text(text, &mut out),
            Cell::Int(int) | Cell::IntOrNull(Some(int)) => out.extend_from_slice(int.to_string().as_bytes()),
            Cell::TextOrNull(None) | Cell::IntOrNull(None) => out.extend_from_slice(b"null"),
        }
    }
    out.extend_from_slice(if piece.cells.is_empty() { b"]" } else { b"]]" });
    json_value(out)
}

fn json_text(text: &str, out: &mut Vec<u8>) {
    // Writing a text into memory cannot fail.
    let _ = serde_json::to_writer(out, text);
}

fn json_value(json: Vec<u8>) -> Value {
    // `serde_json` writes UTF-8 only.
    String::from_utf8(json).unwrap_or_default().into()
}
