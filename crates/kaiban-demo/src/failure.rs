//! Why a demo did not come to its end.

/// Why a demo did not come to its end.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The server did not start.
    #[error("the server did not start: {0}")]
    Start(String),
    /// A call was refused that should not have been.
    #[error("{what}: {status}")]
    Call {
        /// Which call.
        what: &'static str,
        /// What the server said.
        status: String,
    },
    /// A task that was done properly was refused.
    #[error("completing {task} was refused: {reason}")]
    Refused {
        /// Task id.
        task: String,
        /// The server's reason.
        reason: String,
    },
    /// Nobody has anything to do, and cases are open.
    #[error("{open} case(s) are open and nobody has anything left to do")]
    Stuck {
        /// How many.
        open: usize,
    },
    /// The crowd cannot be drawn, or its calendars end.
    #[error("the crowd cannot act: {0}")]
    Crowd(String),
    /// A stream ended that should not have.
    #[error("the work stream of {office} ended")]
    StreamEnded {
        /// The office.
        office: String,
    },
}

impl DemoError {
    pub(crate) fn call(what: &'static str) -> impl FnOnce(tonic::Status) -> Self {
        move |status| Self::Call { what, status: format!("{:?}: {}", status.code(), status.message()) }
    }
}

impl From<kaiban_calendar::CalendarError> for DemoError {
    fn from(error: kaiban_calendar::CalendarError) -> Self {
        Self::Crowd(error.to_string())
    }
}
