//! Keeps what the application decided, durably and in order, on SQLite or PostgreSQL; it never decides.
//!
//! One [`Store`]. A write is a [`Batch`]: a transaction that is a value. [`Batch::load`] reads and locks what a
//! batch of commands is about, [`Batch::save`] writes everything they changed and commits; dropping a batch
//! rolls it back. Reads go to a pool of their own and see only what is committed. The number of statements of
//! a batch does not depend on how many commands are in it.
//!
//! Rows are plain structs. No type, error or SQL of the database library appears in a public signature, and
//! what differs between the two databases is in one module. All instants are UTC microseconds (`*_us`).

mod access;
mod archive;
mod batch;
mod blobs;
mod bulk;
mod cases;
mod changes;
mod claims;
mod commitments;
mod credentials;
mod credit;
mod delays;
mod dialect;
mod draws;
mod entities;
mod erasures;
mod error;
mod files;
mod heads;
mod journal;
mod news;
mod open;
mod outbox;
mod packages;
mod paging;
mod publications;
mod recorded;
mod registers;
mod requests;
mod save;
mod schema;
mod scratch;
mod secrets;
mod shown;
mod tasks;
mod timers;
mod tokens;
mod totals;

pub use access::{AccessRecordRow, CasePersonRow};
pub use archive::{ArchivedRow, EndedCaseRow, Moved};
pub use batch::{Batch, Claim, Loaded, Wanted};
pub use blobs::BlobRow;
pub use cases::{CaseOfficeRow, CaseQuery, CaseRow, CaseSort, CaseState};
pub use changes::{Changes, TimerKey};
pub use commitments::{CommitmentQuery, CommitmentRefusalRow, CommitmentRow, EndedRow};
pub use credentials::CredentialRow;
pub use credit::CreditEntryRow;
pub use delays::{DelayCounts, DelayQuery, DelayRow};
pub use draws::{DrawItemRow, DrawQuery, DrawRow, DrawWrite, PoolRow};
pub use erasures::{Erasing, ErasureRow};
pub use error::StoreError;
pub use files::{CaseFileRow, FileGrantRow, FileRow};
pub use heads::{EntryMark, HeadRow};
pub use journal::EntryRow;
pub use news::{Herald, Listener, NOTICE_BYTES_MAX};
pub use open::{Backend, Options, Store};
pub use outbox::OutboxRow;
pub use packages::PackageRow;
pub use paging::{Page, PageRequest};
pub use publications::{Progress, PublicationRow, Publishing, Turn};
pub use recorded::{database_as_text, database_from_text};
pub use registers::{RegisterRow, RegisterWrite};
pub use requests::RequestRow;
pub use scratch::{create_database, drop_database};
pub use tasks::{OfficeQueue, TaskRow, TaskState};
pub use timers::{Clock, StuckTimer, TimerRow};
pub use tokens::TokenRow;
pub use totals::Counts;
