//! Which cases `list` and `watch` show.

use clap::ValueEnum;
use kaiban_api::v1;

use crate::failure::Failure;
use crate::form::instant;

/// Where a case stands.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum State {
    /// Received, not yet accepted.
    Intake,
    /// Accepted and on its way.
    Open,
    /// Ended.
    Closed,
}

#[derive(clap::Args)]
pub struct Filter {
    /// Workflow package.
    #[arg(long)]
    workflow: Option<String>,
    /// Code of the registering division.
    #[arg(long)]
    division: Option<String>,
    /// Outlet that submitted it.
    #[arg(long)]
    outlet: Option<String>,
    /// Where it stands.
    #[arg(long, value_enum)]
    state: Option<State>,
    /// How it ended.
    #[arg(long)]
    outcome: Option<String>,
    /// Received at or after, for example 2026-03-02T09:00:00+08:00.
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// Received before.
    #[arg(long, value_name = "TIME")]
    before: Option<String>,
    /// Only cases with a correction that waits for the applicant.
    #[arg(long)]
    waiting: bool,
}

impl Filter {
    /// As a message.
    pub fn message(self) -> Result<v1::CaseFilter, Failure> {
        let state = match self.state {
            None => v1::CaseState::Unspecified,
            Some(State::Intake) => v1::CaseState::Intake,
            Some(State::Open) => v1::CaseState::Open,
            Some(State::Closed) => v1::CaseState::Closed,
        };
        Ok(v1::CaseFilter {
            workflow: self.workflow.unwrap_or_default(),
            division: self.division.unwrap_or_default(),
            outlet: self.outlet.unwrap_or_default(),
            state: state.into(),
            outcome: self.outcome.unwrap_or_default(),
            received_from: self.from.as_deref().map(instant).transpose()?,
            received_before: self.before.as_deref().map(instant).transpose()?,
            waiting_for_applicant: self.waiting,
        })
    }
}
