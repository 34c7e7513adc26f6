//! The application: authorises, batches, decides through the engine, commits through the store, and tells whoever waits.
//! It never speaks a wire protocol and holds no rule of a flow.
//!
//! There is one write path: every mutation becomes a job of the [`execute`](self) queue, and one function loads, decides
//! and commits a whole batch of jobs in one transaction. No reply leaves before its commit is durable.

mod access;
mod app;
mod archive;
mod audit;
mod cases;
mod certificates;
mod checking;
mod clock;
mod commitments;
mod credentials;
mod credit;
mod delays;
mod dispatch;
mod documents;
mod draws;
mod erasure;
mod execute;
mod explain;
mod figures;
pub mod files;
mod heads;
mod holder;
mod ids;
mod in_force;
mod incidents;
mod letters;
mod library;
mod limits;
mod masking;
mod migrations;
mod nodes;
mod outbox;
mod present;
mod principal;
mod publication;
mod recompute;
mod records;
mod refusal;
mod registers;
mod request;
mod signing;
mod sparing;
mod steps;
mod stuck;
mod tasks;
mod timers;
mod tokens;
mod verify;
mod view;
mod watch;
mod work;

pub use access::{Reach, Sight, Verb};
pub use app::{App, StartError};
pub use archive::{Archive, ArchiveError, ArchiveReport, archive};
pub use audit::RecordsOf;
pub use certificates::{CertificateAsked, CertificateView, CommitmentView, EligibilityView, GroundView, SaidView};
pub use clock::{Clock, SimulatedClock, SystemClock, operating_us_of};
pub use commitments::{CommitmentPreview, Sign, Unsigned};
pub use credit::{CreditChange, CreditOf, CreditView, RecordCredit};
pub use draws::{
    AnnounceDraw, CommitSeed, DrawPage, DrawParty, DrawRecord, DrawView, ListDraws, OnDraw, PoolView, PublishValue,
    RevealSeed,
};
pub use erasure::{ErasureAsked, ErasureError, ErasureReport, Kept, Rule, Rules, erase, months_before};
pub use figures::{CertificateFigures, Counted, FiguresOf};
pub use files::{Digest, DocumentStream, DocumentView, Files, Upload};
pub use heads::{HeadKept, HeadView, take as take_heads};
pub use ids::{draw_number, short_digest};
pub use incidents::{IncidentKind, IncidentView};
pub use kaiban_draw::{Cause as VoidCause, Hex32, PublicValue, State as DrawState, TEXT_MAX as DRAW_TEXT_MAX};
pub use kaiban_store::{Backend, CaseState};
pub use letters::LetterText;
pub use library::Library;
pub use limits::{Limits, Settings};
pub use migrations::{MigrateCases, MigratedCase, MigrationOutcome, MigrationRun};
pub use principal::{Principal, Role};
pub use publication::{
    CalendarFile, ENDING_DAYS, PublicationStream, PublicationView, PublishCalendar, ServerCalendar,
    said as said_of_ending,
};
pub use refusal::{Canonical, Refusal};
pub use registers::{KeptEntry, ListRegister, PutRegisterEntry, RegisterEvent, RemoveRegisterEntry};
pub use request::{
    CaseFilter, Claim, Completion, Deferral, Detail, EndCase, EndStep, ExplainDelay, Extension, Failure, Heartbeat,
    IssueToken, ListCases, ListDelays, OpenWork, Order, Pause, Rating, RequestStep, Resubmit, Submit, TaskAddress,
    Watch,
};
pub use signing::SignatureGiven;
pub use sparing::Sparing;
pub use tokens::issue_token_offline;
pub use verify::{Beside, Problem, VerifyError, VerifyReport, verify, verify_beside};
pub use view::{
    AccessRecord, CaseView, CorrectionView, DelayEntry, DelayView, Delays, ErasedView, FormCheck, GivenView,
    JournalEntry, LetterView, OverdueView, Receipt, StepView, Submitted, TaskView, TokenView, WorkEvent,
};
pub use watch::CaseStream;
pub use work::{Work, WorkHandle};
