//! SQLite: rows go in as `VALUES` with a parameter for each cell.
//!
//! A text that SQLite has seen is not parsed again, so there must be few texts: the number of rows is rounded
//! up to a power of two, and the rows that are too many are NULL and passed over. JSON in one parameter would
//! need one text only, but takes half as much time again.
//!
//! The driver keeps a thread for each connection, and the way there and back costs as much as some rows. Small
//! pieces travel together, as one text of several statements.

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

/// Pairs of texts as a JSON array of arrays.
pub fn json_pairs(pairs: &[(String, String)]) -> Value {
    // Writing texts into memory cannot fail.
    serde_json::to_string(pairs).unwrap_or_default().into()
}

/// Rows of one statement at most; 32 766 parameters is SQLite's limit.
const ROWS_MAX: usize = 256;
/// Pieces with no more rows than this travel together. With larger ones there would be too many texts, each of
/// them long.
const ROWS_TOGETHER_MAX: usize = 4;

/// Runs a script and returns how many rows the counted verbs found.
pub async fn write(connection: &impl ConnectionTrait, script: &Script<'_>) -> Result<u64, StoreError> {
    let mut together = Text::default();
    let mut counted = 0;
    for piece in &script.pieces {
        let width = piece.columns().len();
        for cells in piece.cells.chunks(ROWS_MAX * width) {
            if cells.len() <= ROWS_TOGETHER_MAX * width {
                together.add(piece, cells);
                // The driver only says how many rows all of them changed.
                let returns = if piece.verb.is_counted() { " RETURNING 1;" } else { ";" };
                together.sql.push_str(returns);
            } else {
                let mut alone = Text::default();
                alone.add(piece, cells);
                let changed = connection.execute_raw(alone.statement()).await?.rows_affected();
                counted += if piece.verb.is_counted() { changed } else { 0 };
            }
        }
    }
    if !together.sql.is_empty() {
        counted += connection.query_all_raw(together.statement()).await?.len() as u64;
    }
    Ok(counted)
}

/// Statements, one after the other, and their parameters.
#[derive(Default)]
struct Text {
    sql: String,
    values: Vec<Value>,
}

impl Text {
    fn add(&mut self, piece: &Piece<'_>, cells: &[Cell<'_>]) {
        let width = piece.columns().len();
        let rows = (cells.len() / width).next_power_of_two();
        statement(piece, rows, &mut self.sql);
        self.values.extend(cells.iter().map(|cell| match cell {
            Cell::Text(text) => Value::String(Some((*text).to_owned())),
            Cell::TextOrNull(text) => Value::String(text.map(str::to_owned)),
            Cell::Int(int) => Value::BigInt(Some(*int)),
            Cell::IntOrNull(int) => Value::BigInt(*int),
        }));
        self.values.extend((cells.len()..rows * width).map(|_| Value::BigInt(None)));
    }

    fn statement(self) -> Statement {
        Statement::from_sql_and_values(DbBackend::Sqlite, self.sql, self.values)
    }
}

/// The parameters have no numbers: the driver counts them through the whole text only then.
///
/// An error rolls the batch back, so a statement need not be undone by itself: `OR FAIL` spares SQLite the copies of
/// pages that it would keep for that.
fn statement(piece: &Piece<'_>, rows: usize, sql: &mut String) {
    let table = piece.table.name;
    let names: Vec<&str> = piece.columns().iter().map(|(name, _)| *name).collect();
    let (key, rest) = names.split_at(piece.table.key);
    let all = names.join(", ");
    let fields: Vec<String> =
        names.iter().enumerate().map(|(at, name)| format!("column{} AS {name}", at + 1)).collect();
    let row = format!("({})", vec!["?"; names.len()].join(","));
    let source = format!(
        "SELECT {} FROM (VALUES {}) WHERE column1 IS NOT NULL",
        fields.join(", "),
        vec![row.as_str(); rows].join(",")
    );
    let _ = match piece.verb {
        Verb::Insert => write!(sql, "INSERT OR FAIL INTO {table} ({all}) {source}"),
        Verb::InsertMissing => write!(sql, "INSERT OR FAIL INTO {table} ({all}) {source} ON CONFLICT DO NOTHING"),
        Verb::Upsert => {
            let set: Vec<_> = rest.iter().map(|name| format!("{name} = excluded.{name}")).collect();
            write!(
                sql,
                "INSERT OR FAIL INTO {table} ({all}) {source} ON CONFLICT ({}) DO UPDATE SET {}",
                key.join(", "),
                set.join(", ")
            )
        }
        Verb::Advance => write!(sql, "{} FROM ({source}) AS v {}", super::ADVANCE_SET, super::ADVANCE_WHERE),
        Verb::Replace => write!(sql, "{}", super::replace(piece.table, &source)),
        Verb::Delete | Verb::Remove => write!(sql, "DELETE FROM {table} WHERE ({all}) IN ({source})"),
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
