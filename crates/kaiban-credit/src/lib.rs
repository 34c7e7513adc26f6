//! Credit records of a subject: what is on record, until when, how it is repaired, and whether a commitment may
//! replace a certificate on a given day. It must never read a clock, and it never removes or changes an entry.
//!
//! A subject's history is an append-only list of [`Entry`]s in the order in which they were made. Everything else is
//! a pure function of that list and a date: [`fold()`] gives the records as they stood, [`standing()`] what they mean for
//! the subject, [`explain()`] the same in sentences. Entries dated after the date are not seen, and [`may_append`] lets
//! an entry bear no date but the day on which it is made: so what stood on a past day stays what it was, whatever is
//! added later. What happened earlier has a date of its own inside the entry.
//!
//! The law changed on 2023-05-01 and on 2026-04-01; which spans and conditions held when is one table, [`RULES`], and
//! how a record fares that has lived under several of them stands in its module: the conditions and the procedure are
//! those of the day of the application, and no later rule makes a span longer than it was.
//!
//! Days are dates in +08:00. A span of months runs as 民法典 §§201–202 counts it: the first day is not counted, and
//! it ends with the day of the same number in its last month, or that month's last day.
//!
//! There is no personal data here: a subject is a keyed hash that the caller made, or a USCC; who acted is a
//! principal's id; texts of records name no person.

mod append;
mod bar;
mod entry;
mod explain;
mod fold;
mod record;
mod risk;
mod rules;
mod standing;
mod words;

pub use append::{codes, may_append};
pub use bar::{Bar, Ground};
pub use entry::{Entry, Refusal, What};
pub use explain::explain;
pub use fold::{Application, Correction, Ending, Outcome, State, fold};
pub use record::{Class, Reason, Record};
pub use risk::RiskClass;
pub use rules::{ClassRules, Condition, Publication, RULES, RuleSet, rules_on};
pub use standing::{Count, Counts, Standing, Unended, standing};
