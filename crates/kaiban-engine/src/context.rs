//! What a decision may look at besides the case: instants, the directory, calendars, documents. All of it is handed in.

use std::collections::HashMap;
use std::sync::Arc;

use kaiban_calendar::Calendars;
use kaiban_definition::{CreditFacts, Directory};
use serde_json::Value;

use crate::event::Actor;
use kaiban_limits::Limits;

/// Documents by digest: the ones that [`crate::documents_needed`] asked for.
pub type Documents = HashMap<String, Arc<Value>>;

/// A record of a register, as the store has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegisterRecord {
    /// Case that holds the key.
    pub holder: String,
    /// Until when, µs; none = for good.
    pub until_us: Option<i64>,
}

/// Records by register and key: the ones that [`crate::registers_needed`] asked for and that are there.
pub type Registers = HashMap<(String, String), RegisterRecord>;

/// What a decision changes in a register; written in the same transaction under a unique key, so that the loser of two
/// decides again and sees the winner. The key may be a person's name: it stays out of the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RegisterChange {
    /// The case holds the key now.
    Hold {
        /// The register.
        register: String,
        /// The key.
        key: String,
        /// Until when, µs; none = for good.
        until_us: Option<i64>,
    },
    /// The key is free again.
    Release {
        /// The register.
        register: String,
        /// The key.
        key: String,
    },
}

/// The durable lease of a step's task, as the store has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// Rises whenever the task goes to somebody else.
    pub epoch: i64,
    /// Who has or had it.
    pub holder: Option<String>,
}

/// Everything a decision depends on besides definition, case and command.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// Business time, µs.
    pub now_us: i64,
    /// Operating time, µs: back-off is measured on it.
    pub operating_us: i64,
    /// Who acts.
    pub actor: &'a Actor,
    /// Divisions, agencies and their offices.
    pub directory: &'a Directory,
    /// Working calendars.
    pub calendars: &'a Calendars,
    /// Documents that the decision reads.
    pub documents: &'a Documents,
    /// Lease of the task that the command names.
    pub lease: Option<&'a Lease>,
    /// Records of registers that the decision reads.
    pub registers: &'a Registers,
    /// What is on record about the applicant who signs a commitment; only then.
    pub credit: Option<CreditFacts<'a>>,
    /// Fresh random text, different for each command: documents that a decision files are salted with it.
    pub salt: &'a str,
    /// Whether letters go out to the applicant and telling is reported back; otherwise what is asked counts as told.
    pub tells: bool,
    /// Bounds.
    pub limits: &'a Limits,
}
