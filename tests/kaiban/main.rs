//! What users of the product see, through the public door: gRPC clients with tokens against a server, each test on
//! SQLite and on PostgreSQL.

#[macro_use]
#[allow(dead_code, reason = "the store's own tests use all of it")]
#[path = "../../crates/kaiban-store/tests/store/database.rs"]
mod database;
mod city;
mod counter;
mod figures;
mod forms;
mod receiver;
mod recorded;
mod results;
#[path = "../../crates/kaiban-files/tests/files/samples.rs"]
mod samples;

mod access;
mod applicant;
mod audit;
mod bad_input;
mod cases;
mod checking;
mod clocks;
mod commitments;
mod corrections;
mod credit;
mod documents;
mod drawing;
mod keeping;
mod letters;
mod matrix;
mod messages;
mod migrating;
mod names;
mod nodes;
mod once;
mod optional;
mod overdue;
mod personal;
mod publishing;
mod reasons;
mod refusals;
mod registers;
mod repetition;
mod restart;
mod revocations;
mod scenarios;
mod streams;
mod tasks;
mod watching;
