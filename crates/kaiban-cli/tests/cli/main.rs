//! The program as its users meet it: the binary with its arguments, exit code and both streams.

#[allow(dead_code, unused_macros, reason = "the store's own tests use all of it")]
#[path = "../../../kaiban-store/tests/store/database.rs"]
mod database;

mod command;
mod server;
mod town;

mod audit;
mod calendars;
mod cases;
mod clocks;
mod commitments;
mod configuration;
mod corrections;
mod documents;
mod draws;
mod identifiers;
mod incidents;
mod keeping;
mod letters;
mod logs;
mod migrating;
mod packages;
mod publishing;
mod serve;
mod steps;
mod tasks;
mod tokens;
