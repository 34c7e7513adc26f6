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
    let mut values = Vec::new();
    for piece in pieces {
        let width = piece.columns().len();
        for cells in piece.cells.chunks(ROWS_MAX * width) {
            let rows = (cells.len() / width).next_power_of_two();
            statement(piece, rows, &mut sql);
            values.extend(cells.iter().map(|cell| match cell {
                Cell::Text(text) => Value::String(Some((*text).to_owned())),
                Cell::TextOrNull(text) => Value::String(text.map(str::to_owned)),
                Cell::Int(int) => Value::BigInt(Some(*int)),
                Cell::IntOrNull(int) => Value::BigInt(*int),
            }));
            values.extend((cells.len()..rows * width).map(|_| Value::BigInt(None)));
        }
    }
    let result = connection
        .execute_raw(Statement::from_sql_and_values(DbBackend::Sqlite, sql, values))
        .await?;
    Ok(result.rows_affected())
}

const ROWS_MAX: usize = 256;

fn statement(piece: &Piece<'_>, rows: usize, sql: &mut String) {
    let table = piece.table.name;
    let names: Vec<&str> = piece.columns().iter().map(|(name, _)| *name).collect();
    let (key, rest) = names.split_at(piece.table.key);
    let all = names.join(", ");
    let row = format!("({})", vec!["?"; names.len()].join(","));
    let row = vec![row; rows].join(",");
    let mut fields = String::new();
    for (at, name) in names.iter().enumerate() {
        let comma = if at == 0 { "" } else { ", " };
        let _ = write!(fields, "{comma}column{} AS {name}", at + 1);
    }
    let source = format!("SELECT {fields} FROM (VALUES {row}) WHERE column1 IS NOT NULL");
    let _ = match piece.verb {
        Verb::Insert => write!(sql, "INSERT INTO {table} ({all}) {source};"),
        Verb::InsertMissing => {
            write!(sql, "INSERT INTO {table} ({all}) {source} ON CONFLICT DO NOTHING;")
        }
        Verb::Upsert => {
            let set: Vec<_> = rest.iter().map(|name| format!("{name} = excluded.{name}")).collect();
            write!(
                sql,
                "INSERT INTO {table} ({all}) {source} ON CONFLICT ({}) DO UPDATE SET {};",
                key.join(", "),
                set.join(", ")
            )
        }
        Verb::Advance => write!(sql, "{} FROM ({source}) AS v {};", super::ADVANCE_SET, super::ADVANCE_WHERE),
        Verb::Delete => write!(sql, "DELETE FROM {table} WHERE ({all}) IN ({source});"),
    };
}

fn json_text(text: &str, out: &mut Vec<u8>) {
    // Writing a text into memory cannot fail.
    let _ = serde_json::to_writer(out, text);
}

fn json_value(json: Vec<u8>) -> Value {
    // `serde_json` writes UTF-8 only.
    String::from_utf8(json).unwrap_or_default().into()
}
