//! What a decision may look at besides the case: instants, the directory, calendars, documents. All of it is handed in.

use std::collections::HashMap;
use std::sync::Arc;

use kaiban_calendar::Calendars;
use kaiban_definition::Directory;
use serde_json::Value;

use crate::event::Actor;
use crate::limits::Limits;

/// Documents by digest: the ones that [`crate::documents_needed`] asked for.
pub type Documents = HashMap<String, Arc<Value>>;

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
    /// Bounds.
    pub limits: &'a Limits,
}
