//! One command, one file, each in the same order: what must hold, then the events, then what follows by itself.

mod cancel;
mod claim;
mod complete;
mod correct;
mod defer;
mod difference;
mod fail;
mod fire_timer;
mod held;
mod resolve;
mod resubmit;
mod submit;
mod withdraw;

use kaiban_definition::Definition;

use crate::case::{Case, Phase};
use crate::command::Command;
use crate::context::Context;
use crate::event::Event;
use crate::outlook::Outlook;
use crate::rejection::Rejection;

/// What the command does to the case, as events; nothing is changed.
///
/// `cx.now_us` must not lie before the case's last event. A claim of a task that was handed over before gives no event.
///
/// # Errors
/// Why the command changes nothing.
pub fn decide(def: &Definition, case: &Case, command: &Command, cx: &Context<'_>) -> Result<Vec<Event>, Rejection> {
    let submits = matches!(command, Command::Submit { .. });
    match case.phase {
        Phase::New if !submits => return Err(Rejection::WrongPhase),
        Phase::Intake | Phase::Open | Phase::Closed if submits => return Err(Rejection::WrongPhase),
        _ => {}
    }
    let mut outlook = Outlook::new(def, case, cx);
    match command {
        Command::Submit { case, form, doubts, organisation, outlet } => {
            submit::decide(&mut outlook, case, form, doubts.as_ref(), organisation, outlet.as_deref())?;
        }
        Command::Claim { step, holder } => claim::decide(&mut outlook, step, holder)?,
        Command::Complete { .. } => complete::decide(&mut outlook, command)?,
        Command::Defer { step, epoch, until_us, code } => {
            defer::decide(&mut outlook, step, *epoch, *until_us, code)?;
        }
        Command::Fail { step, epoch, code } => fail::decide(&mut outlook, step, *epoch, code)?,
        Command::Resubmit { correction, form, doubts } => {
            resubmit::decide(&mut outlook, correction, form, doubts.as_ref())?;
        }
        Command::Withdraw { reason } => withdraw::decide(&mut outlook, reason.as_ref())?,
        Command::Cancel { officer, reason } => cancel::decide(&mut outlook, officer, reason.as_ref())?,
        Command::Resolve { step } => resolve::decide(&mut outlook, step)?,
        Command::FireTimer { step, kind } => fire_timer::decide(&mut outlook, step, *kind)?,
    }
    Ok(outlook.events)
}

/// Digests of the documents that a decision on this case, and the hand-over of what it opens, may read.
pub fn documents_needed<'c>(case: &'c Case, command: &Command) -> Vec<&'c str> {
    match command {
        Command::Submit { .. }
        | Command::Defer { .. }
        | Command::Fail { .. }
        | Command::Withdraw { .. }
        | Command::Cancel { .. } => Vec::new(),
        Command::Claim { .. }
        | Command::Complete { .. }
        | Command::Resubmit { .. }
        | Command::Resolve { .. }
        | Command::FireTimer { .. } => case.documents(),
    }
}

impl Case {
    /// Digests of the form as it stands, of the forms that open steps were offered with and the corrections they asked
    /// for, and of all results.
    pub fn documents(&self) -> Vec<&str> {
        let open = self.steps.values().filter(|run| run.state.is_open()).filter_map(|run| self.form_of(run));
        let asked = self.corrections.iter().filter(|correction| self.step_state(&correction.step).is_open());
        let asked = asked.map(|correction| correction.findings.as_str());
        let results = self.steps.values().filter_map(|run| run.result.as_deref());
        let mut digests: Vec<&str> = self.form().into_iter().chain(open).chain(asked).chain(results).collect();
        digests.sort_unstable();
        digests.dedup();
        digests
    }
}
