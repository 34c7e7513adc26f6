//! What the store promises, one module a topic, each test on SQLite and on PostgreSQL.

#[macro_use]
mod database;
mod beside;
mod sample;

mod access;
mod cases;
mod claims;
mod commitments;
mod conflicts;
mod credit;
mod differential;
mod draws;
mod files;
mod full;
mod journal;
mod keeping;
mod known;
mod locks;
mod opening;
mod outbox;
mod paging;
mod registers;
mod releases;
mod schema;
mod secrets;
mod several;
mod tasks;
mod texts;
mod timers;
mod tokens;
