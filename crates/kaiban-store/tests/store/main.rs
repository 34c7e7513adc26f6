//! What the store promises, one module a topic, each test on SQLite and on PostgreSQL.

#[macro_use]
mod database;
mod beside;
mod sample;

mod cases;
mod claims;
mod conflicts;
mod differential;
mod journal;
mod locks;
mod opening;
mod paging;
mod schema;
mod tasks;
mod texts;
mod timers;
mod tokens;
