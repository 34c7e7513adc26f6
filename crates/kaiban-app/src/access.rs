//! Who may do what: one pure table of verbs, roles and rows, and one function that reads it. What a caller may not see
//! looks exactly like what is not there.

mod row;
mod table;

pub(crate) use row::RowFacts;
pub(crate) use table::reaches;
pub use table::{Reach, Sight, Verb};

use crate::execute::{CaseVerb, Op, Stage, Who};
use crate::principal::Principal;
use crate::refusal::Refusal;

/// The rule. Without a row it answers whether the role may do this at all; with one, what the caller sees of it.
///
/// # Errors
/// `ROLE_NOT_ALLOWED` when the role never may, `NOT_FOUND` when the row is out of reach.
pub(crate) fn permit(who: &Principal, verb: Verb, row: Option<&RowFacts<'_>>) -> Result<Sight, Refusal> {
    let reaches = reaches(verb, who.role).ok_or_else(Refusal::role)?;
    let reach = match row {
        None => reaches.first(),
        Some(row) => reaches.iter().find(|reach| reach.covers(who, row)),
    };
    reach.map(|reach| reach.sight()).ok_or_else(Refusal::not_found)
}

impl Principal {
    /// Whether the role may do this at all.
    ///
    /// # Errors
    /// `ROLE_NOT_ALLOWED`.
    pub fn may(&self, verb: Verb) -> Result<(), Refusal> {
        permit(self, verb, None).map(|_| ())
    }

    /// The office that a call names, or the only one of the token.
    pub(crate) fn office(&self, named: &str) -> Result<String, Refusal> {
        if named.is_empty() {
            return match self.offices.as_slice() {
                [only] => Ok(only.clone()),
                _ => Err(Refusal::argument(
                    "OFFICE_REQUIRED",
                    "该令牌可代表多个机构，请指明 office。",
                    "This token serves several offices: name one.",
                )),
            };
        }
        if self.offices.iter().any(|office| office == named) { Ok(named.to_owned()) } else { Err(Refusal::not_found()) }
    }

    /// The officer who acts: a person's token acts for that person, whoever else is named is refused; a programme names
    /// the officer that it acts for.
    pub(crate) fn officer(&self, named: String) -> Result<String, Refusal> {
        match &self.person {
            Some(person) if named.is_empty() || named == *person => Ok(person.clone()),
            Some(_) => Err(Refusal::argument(
                "OFFICER_MISMATCH",
                "该令牌属于另一工作人员，不能以他人名义办理。",
                "This token is another officer's: nobody acts in somebody else's name.",
            )),
            None => Ok(named),
        }
    }
}

impl CaseVerb {
    /// What it is in the table, and the step that it is about.
    fn verb(&self) -> (Verb, Option<&str>) {
        match self {
            Self::Resubmit { .. } => (Verb::ResubmitCase, None),
            Self::Withdraw { .. } => (Verb::WithdrawCase, None),
            Self::Cancel { .. } => (Verb::CancelCase, None),
            Self::Resolve { step, .. } => (Verb::ResolveIncident, Some(step)),
            Self::Request { .. } => (Verb::RequestStep, None),
            Self::WithdrawStep { .. } => (Verb::WithdrawStep, None),
            Self::Pause { step, .. } => (Verb::PauseStep, Some(step)),
            Self::Resume { step, .. } => (Verb::ResumeStep, Some(step)),
            Self::Extend { step: Some(step), .. } => (Verb::ExtendStep, Some(step)),
            Self::Extend { step: None, .. } => (Verb::ExtendCase, None),
            Self::ExplainDelay { step, .. } => (Verb::ExplainDelay, Some(step)),
            Self::GiveUp { .. } => (Verb::CloseUnanswered, None),
            Self::Rate { .. } => (Verb::RateCase, None),
            Self::Sign(_) | Self::DeclineCommitment { .. } | Self::WithdrawCommitment { .. } => {
                (Verb::SignCommitment, None)
            }
        }
    }
}

impl Stage<'_> {
    /// The first check of every mutation: role, then row.
    pub(crate) fn permit(&self, who: &Who, op: &Op) -> Result<(), Refusal> {
        let Who::Caller(principal) = who else { return Ok(()) };
        match op {
            Op::Submit(_) => principal.may(Verb::SubmitCase),
            Op::OnCase { case, verb } => {
                let (verb, step) = verb.verb();
                self.permit_row(principal, verb, case, step)
            }
            Op::OnTask { case, step, .. } | Op::Heartbeat { case, step, .. } => {
                self.permit_row(principal, Verb::WorkTasks, case, Some(step))
            }
            Op::Claim(claim) => {
                principal.may(Verb::WorkTasks)?;
                principal.office(&claim.office).map(|_| ())
            }
            Op::Migrate { .. } => principal.may(Verb::MigrateCases),
            Op::Credit(op) => principal.may(op.verb()),
            Op::Register(_) => principal.may(Verb::KeepRegister),
            Op::FireTimer { .. } | Op::Recompute { .. } | Op::InHand { .. } | Op::Drawn { .. } | Op::Effect { .. } => {
                Err(Refusal::role())
            }
        }
    }

    /// Whether what an operation is about is still in the database. That it was archived is told to whom its row is in
    /// reach of; which offices it had only its file knows, so to them it is not there.
    pub(crate) fn can_change(&self, who: &Who, op: &Op) -> Result<(), Refusal> {
        let Some(row) = op.case().and_then(|case| self.archived.get(case)) else { return Ok(()) };
        let verb = match op {
            Op::OnCase { verb, .. } => verb.verb().0,
            _ => Verb::WorkTasks,
        };
        if let Who::Caller(who) = who {
            permit(who, verb, Some(&RowFacts::stored(row, self.library)))?;
        }
        Err(crate::archive::archived())
    }

    fn permit_row(&self, who: &Principal, verb: Verb, case: &str, step: Option<&str>) -> Result<(), Refusal> {
        // The role first: whether a case is there is not for everybody to know.
        who.may(verb)?;
        // The same request again is answered first; then [`Stage::can_change`] looks.
        if self.archived.contains_key(case) {
            return Ok(());
        }
        let case = &self.working(case)?.case;
        let row = match step {
            Some(step) => RowFacts::step(case, step, self.library),
            None => RowFacts::of(case, self.library),
        };
        permit(who, verb, Some(&row)).map(|_| ())
    }
}
