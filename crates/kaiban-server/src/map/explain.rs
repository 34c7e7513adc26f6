//! A case's time, told as a person reads it.

use kaiban_api::{duration, timestamp, v1};
use kaiban_app::Refusal;
use kaiban_engine::{Account, Ball, Explanation, Reason, Stretch};

use super::fields::Fields;
use super::{clock, finding};
use crate::limits::Limits;

pub(crate) fn read(request: v1::ExplainCaseRequest, limits: &Limits) -> Result<String, Refusal> {
    let mut fields = Fields::new(limits);
    let id = fields.id("/id", request.id);
    fields.finish(id)
}

pub(crate) fn present(told: Explanation) -> v1::ExplainCaseResponse {
    v1::ExplainCaseResponse {
        case_id: told.case,
        at: Some(timestamp(told.at_us)),
        accounts: told.accounts.into_iter().map(account).collect(),
    }
}

fn account(account: Account) -> v1::Account {
    v1::Account {
        step: account.step.unwrap_or_default(),
        title: Some(finding::text(account.title)),
        promise: Some(clock::present(account.promise)),
        statutory: account.statutory.map(clock::statutory),
        wall: Some(duration(account.wall_us)),
        line: Some(finding::text(account.line)),
        stretches: account.stretches.into_iter().map(stretch).collect(),
        notes: account.notes.into_iter().map(finding::text).collect(),
    }
}

fn stretch(stretch: Stretch) -> v1::Stretch {
    v1::Stretch {
        from: Some(timestamp(stretch.from_us)),
        to: stretch.to_us.map(timestamp),
        ball: ball(stretch.ball).into(),
        parties: stretch.parties,
        reason: reason(stretch.reason).into(),
        counts: stretch.counts,
        wall: Some(duration(stretch.wall_us)),
        working: Some(duration(stretch.working_us)),
        line: Some(finding::text(stretch.line)),
    }
}

fn ball(ball: Ball) -> v1::Ball {
    match ball {
        Ball::Agency => v1::Ball::Agency,
        Ball::System => v1::Ball::System,
        Ball::Applicant => v1::Ball::Applicant,
        Ball::Nobody => v1::Ball::Nobody,
    }
}

fn reason(reason: Reason) -> v1::StretchReason {
    match reason {
        Reason::Intake => v1::StretchReason::Intake,
        Reason::Working => v1::StretchReason::Working,
        Reason::Incident => v1::StretchReason::Incident,
        Reason::Telling => v1::StretchReason::Telling,
        Reason::Waiting => v1::StretchReason::Waiting,
        Reason::Paused => v1::StretchReason::Paused,
        Reason::Correction => v1::StretchReason::Correction,
        Reason::Uncounted => v1::StretchReason::Uncounted,
        Reason::Stopped => v1::StretchReason::Stopped,
    }
}
