//! Why there is no figure.

use kaiban_api::ConnectError;

/// Why a run did not come to its end.
#[derive(Debug, thiserror::Error)]
pub enum BenchError {
    /// The server process cannot be started, or did not say where it listens.
    #[error("the server process cannot be used: {0}")]
    Process(String),
    /// The throw-away database cannot be used.
    #[error("the database cannot be used: {0}")]
    Database(String),
    /// The server cannot be reached.
    #[error("the server cannot be reached: {0}")]
    Connection(String),
    /// A call failed.
    #[error("{what}: {status}")]
    Call {
        /// The method.
        what: &'static str,
        /// What the server said.
        status: String,
    },
    /// A task could not be ended.
    #[error("the task {task} was refused: {reason}")]
    Refused {
        /// The task.
        task: String,
        /// Reason, stable.
        reason: String,
    },
    /// Something ended that should have gone on.
    #[error("{0} ended before the run did")]
    Ended(String),
    /// Cases were submitted and never finished.
    #[error("{0} cases did not come to their end")]
    Lost(usize),
    /// The directory has no office or outlet for the load.
    #[error("the directory lacks {0}")]
    Directory(String),
    /// Nothing was finished while it was measured.
    #[error("no case was finished within the time measured")]
    Nothing,
}

impl BenchError {
    pub(crate) fn call(what: &'static str) -> impl FnOnce(tonic::Status) -> Self {
        move |status| Self::Call { what, status: format!("{:?}: {}", status.code(), status.message()) }
    }

    /// As [`Self::call`], for what a client made.
    pub(crate) fn made(what: &'static str) -> impl FnOnce(kaiban_client::CallError) -> Self {
        move |error| Self::Call { what, status: format!("{:?}: {error}", error.code) }
    }
}

impl From<ConnectError> for BenchError {
    fn from(error: ConnectError) -> Self {
        let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}")).unwrap_or_default();
        Self::Connection(format!("{error}{cause}"))
    }
}
