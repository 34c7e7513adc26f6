//! PostgreSQL: a script is one statement with a data-modifying CTE for each piece, its rows one array for each
//! column. One trip to the server, and a text that does not depend on the number of rows.

use std::fmt::Write as _;

use sea_orm::sea_query::ArrayType;
use sea_orm::{ConnectionTrait, DbBackend, Statement, Value};

use crate::StoreError;
use crate::bulk::{Cell, Kind, NULL_INT, NULL_TEXT, Piece, Script, Verb};

/// Runs a script and returns how many rows the counted verbs found.
pub async fn write(connection: &impl ConnectionTrait, script: &Script<'_>) -> Result<u64, StoreError> {
    let mut sql = String::new();
    let mut values = Vec::new();
    let mut counted = "0::bigint".to_owned();
    for (at, piece) in script.pieces.iter().enumerate() {
        let _ = write!(sql, "{}p{at} AS (", if at == 0 { "WITH " } else { ", " });
        statement(piece, values.len(), &mut sql);
        arrays(piece, &mut values);
        if piece.verb.is_counted() {
            sql.push_str(" RETURNING 1");
            let _ = write!(counted, " + (SELECT count(*) FROM p{at})");
        }
        sql.push(')');
    }
    let _ = write!(sql, " SELECT {counted} AS counted");
    let row = connection.query_one_raw(Statement::from_sql_and_values(DbBackend::Postgres, sql, values)).await?;
    let counted: i64 = match row {
        Some(row) => row.try_get("", "counted")?,
        None => 0,
    };
    Ok(counted.unsigned_abs())
}

fn statement(piece: &Piece<'_>, parameters_before: usize, sql: &mut String) {
    let table = piece.table.name;
    let columns = piece.columns();
    let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
    let (key, rest) = names.split_at(piece.table.key);
    let all = names.join(", ");
    let arrays: Vec<String> = columns
        .iter()
        .enumerate()
        .map(|(at, (_, kind))| {
            let array = match kind {
                Kind::Text | Kind::TextOrNull => "text[]",
                Kind::Int | Kind::IntOrNull => "bigint[]",
            };
            format!("${}::{array}", parameters_before + at + 1)
        })
        .collect();
    let fields: Vec<String> = columns
        .iter()
        .map(|(name, kind)| match kind {
            Kind::Text | Kind::Int => (*name).to_owned(),
            Kind::TextOrNull => format!("NULLIF({name}, E'\\x01') AS {name}"),
            Kind::IntOrNull => format!("NULLIF({name}, {NULL_INT}) AS {name}"),
        })
        .collect();
    let source = format!("SELECT {} FROM unnest({}) AS u ({all})", fields.join(", "), arrays.join(", "));
    let _ = match piece.verb {
        Verb::Insert => write!(sql, "INSERT INTO {table} ({all}) {source}"),
        Verb::InsertMissing => write!(sql, "INSERT INTO {table} ({all}) {source} ON CONFLICT DO NOTHING"),
        Verb::Upsert => {
            let set: Vec<_> = rest.iter().map(|name| format!("{name} = excluded.{name}")).collect();
            write!(
                sql,
                "INSERT INTO {table} ({all}) {source} ON CONFLICT ({}) DO UPDATE SET {}",
                key.join(", "),
                set.join(", ")
            )
        }
        Verb::Advance => write!(sql, "{} FROM ({source}) AS v {}", super::ADVANCE_SET, super::ADVANCE_WHERE),
        Verb::Replace => write!(sql, "{}", super::replace(piece.table, &source)),
        Verb::Delete | Verb::Remove => {
            let same: Vec<_> = key.iter().map(|name| format!("{table}.{name} = v.{name}")).collect();
            write!(sql, "DELETE FROM {table} USING ({source}) AS v WHERE {}", same.join(" AND "))
        }
    };
}

fn arrays(piece: &Piece<'_>, values: &mut Vec<Value>) {
    let width = piece.columns().len();
    for (column, (_, kind)) in piece.columns().iter().enumerate() {
        let cells = piece.cells.iter().skip(column).step_by(width);
        let items: Vec<Value> = cells
            .map(|cell| match cell {
                Cell::Text(text) => (*text).into(),
                Cell::TextOrNull(text) => text.unwrap_or(NULL_TEXT).into(),
                Cell::Int(int) => (*int).into(),
                Cell::IntOrNull(int) => int.unwrap_or(NULL_INT).into(),
            })
            .collect();
        let array = match kind {
            Kind::Text | Kind::TextOrNull => ArrayType::String,
            Kind::Int | Kind::IntOrNull => ArrayType::BigInt,
        };
        values.push(Value::Array(array, Some(Box::new(items))));
    }
}
