//! The application: authorises, batches, decides through the engine, commits through the store, and tells whoever waits.
//! It never speaks a wire protocol and holds no rule of a flow.
//!
//! There is one write path: every mutation becomes a job of the [`execute`](self) queue, and one function loads, decides
//! and commits a whole batch of jobs in one transaction. No reply leaves before its commit is durable.

mod access;
mod app;
mod cases;
mod clock;
mod dispatch;
mod documents;
mod execute;
mod ids;
mod library;
mod limits;
mod present;
mod principal;
mod refusal;
mod request;
mod tasks;
mod timers;
mod tokens;
mod verify;
mod view;
mod watch;
mod work;

pub use app::{App, StartError};
pub use clock::{Clock, SimulatedClock, SystemClock};
pub use kaiban_store::{Backend, CaseState};
pub use library::Library;
pub use limits::{Limits, Settings};
pub use principal::{Principal, Role};
pub use refusal::{Canonical, Refusal};
pub use request::{
    CaseFilter, Claim, Completion, Deferral, Detail, EndCase, Failure, Heartbeat, IssueToken, ListCases, OpenWork,
    Order, Resubmit, Submit, TaskAddress, Watch,
};
pub use tokens::issue_token_offline;
pub use verify::{Problem, VerifyError, VerifyReport, verify};
pub use view::{CaseView, CorrectionView, Receipt, StepView, Submitted, TaskView, TokenView, WorkEvent};
pub use watch::CaseStream;
pub use work::{Work, WorkHandle};
