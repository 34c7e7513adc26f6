//! Who may do what: one pure table of roles and verbs, then the rule that ties a caller to a row. What a caller may not
//! see looks exactly like what is not there.

use kaiban_engine::Case;

use crate::execute::{CaseVerb, Op, Stage, Who};
use crate::principal::{Principal, Role};
use crate::refusal::Refusal;

/// Everything that can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Verb {
    CheckForm,
    SubmitCase,
    ReadCase,
    ResubmitCase,
    WithdrawCase,
    CancelCase,
    ResolveIncident,
    WorkTasks,
    ManageTokens,
}

/// The table. A verb without a role's column is not that role's.
const TABLE: &[(Verb, &[Role])] = &[
    (Verb::CheckForm, &[Role::Terminal, Role::Admin]),
    (Verb::SubmitCase, &[Role::Terminal]),
    (Verb::ReadCase, &[Role::Terminal, Role::Agency, Role::Admin]),
    (Verb::ResubmitCase, &[Role::Terminal]),
    (Verb::WithdrawCase, &[Role::Terminal]),
    (Verb::CancelCase, &[Role::Admin]),
    (Verb::ResolveIncident, &[Role::Admin]),
    (Verb::WorkTasks, &[Role::Agency]),
    (Verb::ManageTokens, &[Role::Admin]),
];

impl Principal {
    /// Whether the role may do this at all.
    pub(crate) fn may(&self, verb: Verb) -> Result<(), Refusal> {
        let allowed = TABLE.iter().any(|(listed, roles)| *listed == verb && roles.contains(&self.role));
        if allowed { Ok(()) } else { Err(Refusal::role()) }
    }

    /// Whether this case is within the caller's sight: a bank's own (an outlet only its own), an agency's if it reached
    /// one of its offices, the bureau's all.
    pub(crate) fn sees(&self, case: &Case) -> bool {
        match self.role {
            Role::Admin => true,
            Role::Terminal => {
                self.organisation == case.organisation && (self.outlet.is_none() || self.outlet == case.outlet)
            }
            Role::Agency => case.steps.values().any(|run| !run.office.is_empty() && self.offices.contains(&run.office)),
        }
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
}

impl Stage<'_> {
    /// The first check of every mutation: role, then row.
    pub(crate) fn permit(&self, who: &Who, op: &Op) -> Result<(), Refusal> {
        let Who::Caller(principal) = who else { return Ok(()) };
        match op {
            Op::Submit(_) => principal.may(Verb::SubmitCase),
            Op::OnCase { case, verb } => {
                principal.may(match verb {
                    CaseVerb::Resubmit { .. } => Verb::ResubmitCase,
                    CaseVerb::Withdraw { .. } => Verb::WithdrawCase,
                    CaseVerb::Cancel { .. } => Verb::CancelCase,
                    CaseVerb::Resolve { .. } => Verb::ResolveIncident,
                })?;
                let seen = principal.sees(&self.working(case)?.case);
                if seen { Ok(()) } else { Err(Refusal::not_found()) }
            }
            Op::OnTask { case, step, .. } | Op::Heartbeat { case, step, .. } => {
                principal.may(Verb::WorkTasks)?;
                let run = self.working(case)?.case.steps.get(step).ok_or_else(Refusal::not_found)?;
                if principal.offices.contains(&run.office) { Ok(()) } else { Err(Refusal::not_found()) }
            }
            Op::Claim(claim) => {
                principal.may(Verb::WorkTasks)?;
                principal.office(&claim.office).map(|_| ())
            }
            Op::FireTimer { .. } => Err(Refusal::role()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_verb_is_in_the_table_once() {
        for (at, (verb, roles)) in TABLE.iter().enumerate() {
            assert!(!roles.is_empty());
            assert!(TABLE[at + 1..].iter().all(|(other, _)| other != verb), "{verb:?} stands twice");
        }
    }
}
