//! One command, one file, each in the same order: what must hold, then the events, then what follows by itself.

mod cancel;
mod claim;
mod commitment;
mod complete;
mod correct;
mod corrections;
mod defer;
mod difference;
mod drawn;
mod explain_delay;
mod extend;
mod fail;
mod fire_timer;
mod give_up;
mod held;
mod issue_letter;
mod migrate;
mod pause;
mod rate;
mod recompute;
mod request;
mod resolve;
mod resubmit;
mod resume;
mod sub_case;
mod submit;
mod tell;
mod withdraw;
mod withdraw_step;

pub use resubmit::changed_outside;

use kaiban_definition::{Definition, Scope};

use crate::case::{Case, Phase};
use crate::command::{Command, Filed};
use crate::context::{Context, RegisterChange};
use crate::event::Event;
use crate::outlook::Outlook;
use crate::rejection::Rejection;

/// What a command does.
#[derive(Clone, Debug, Default)]
pub struct Decision {
    /// What happened.
    pub events: Vec<Event>,
    /// Documents that the decision wrote itself, to be filed with it.
    pub filed: Vec<Written>,
    /// Changes of registers.
    pub registers: Vec<RegisterChange>,
}

/// A document that a decision wrote: its digest is the salted SHA-256 of its text.
#[derive(Clone, Debug)]
pub struct Written {
    /// The document under its digest.
    pub filed: Filed,
    /// The salt.
    pub salt: String,
    /// The text that was hashed.
    pub bytes: String,
    /// `findings` or `result`.
    pub kind: &'static str,
}

/// What the command does to the case, as events; nothing is changed.
///
/// `cx.now_us` must not lie before the case's last event. A claim of a task that was handed over before gives no event.
///
/// # Errors
/// Why the command changes nothing.
pub fn decide(def: &Definition, case: &Case, command: &Command, cx: &Context<'_>) -> Result<Decision, Rejection> {
    let submits = matches!(command, Command::Submit { .. });
    match case.phase {
        Phase::New if !submits => return Err(Rejection::WrongPhase),
        Phase::Intake | Phase::Open | Phase::Closed if submits => return Err(Rejection::WrongPhase),
        _ => {}
    }
    let mut outlook = Outlook::new(def, case, cx);
    match command {
        Command::Submit { case, form, doubts, organisation, outlet, parent } => {
            let (outlet, parent) = (outlet.as_deref(), parent.as_ref());
            submit::decide(&mut outlook, case, form, doubts.as_ref(), organisation, outlet, parent)?;
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
        Command::Resolve { step, officer } => resolve::decide(&mut outlook, step, officer)?,
        Command::Request { step, form } => request::decide(&mut outlook, step, form.as_ref())?,
        Command::WithdrawStep { step, reason } => withdraw_step::decide(&mut outlook, step, reason.as_ref())?,
        Command::Pause { step, reason, until_us, note, officer, approver } => {
            let (reason, until_us, note) = (*reason, *until_us, note.as_ref());
            let pause = pause::Pause { reason, until_us, note, officer, approver: approver.as_deref() };
            pause::decide(&mut outlook, step, &pause)?;
        }
        Command::Resume { step, officer } => resume::decide(&mut outlook, step, officer)?,
        Command::GiveUp { officer, reason } => give_up::decide(&mut outlook, officer, reason)?,
        Command::ExplainDelay { step, officer, reason } => explain_delay::decide(&mut outlook, step, officer, reason)?,
        Command::Extend { step, officer, approver, reason } => {
            extend::decide(&mut outlook, step.as_ref(), officer, approver, reason)?;
        }
        Command::Recompute { publication, source, before } => {
            recompute::decide(&mut outlook, *publication, source, before)?;
        }
        Command::Migrate { to, migration } => migrate::decide(&mut outlook, to, migration)?,
        Command::Sign { .. } => commitment::sign(&mut outlook, command)?,
        Command::DeclineCommitment { step, person } => commitment::decline(&mut outlook, step, person)?,
        Command::WithdrawCommitment { step, person, reason } => {
            commitment::withdraw(&mut outlook, step, person, reason.as_ref())?;
        }
        Command::Rate { grade, comment } => rate::decide(&mut outlook, *grade, comment.as_ref())?,
        Command::IssueLetter { letter: name, number, step, html, text, .. } => {
            let step = step.as_ref();
            issue_letter::decide(&mut outlook, &issue_letter::Letter { name, number, step, html, text })?;
        }
        Command::Tell { number, correction } => tell::decide(&mut outlook, number, correction.as_ref())?,
        Command::SubCaseStarted { step, case } => sub_case::started(&mut outlook, step, case)?,
        Command::SubCaseFailed { step } => sub_case::failed(&mut outlook, step)?,
        Command::SubCaseEnded { step, case, result } => sub_case::ended(&mut outlook, step, case, result)?,
        Command::Drawn { step, result } => drawn::decide(&mut outlook, step, result)?,
        Command::FireTimer { step, kind } => fire_timer::decide(&mut outlook, step, *kind)?,
    }
    Ok(Decision { events: outlook.events, filed: outlook.filed, registers: outlook.registers })
}

/// Digests of the documents that a decision on this case, and the hand-over of what it opens, may read.
pub fn documents_needed<'c>(case: &'c Case, command: &Command) -> Vec<&'c str> {
    match command {
        Command::Submit { .. }
        | Command::Defer { .. }
        | Command::Fail { .. }
        | Command::Pause { .. }
        | Command::Rate { .. }
        | Command::ExplainDelay { .. }
        | Command::Extend { .. }
        | Command::Recompute { .. }
        | Command::IssueLetter { .. }
        | Command::Tell { .. }
        | Command::SubCaseFailed { .. } => Vec::new(),
        // The end of a case gives the keys back that it holds in registers; they are computed from the form.
        Command::Withdraw { .. } | Command::Cancel { .. } | Command::GiveUp { .. } => {
            let holds = case.steps.values().any(|run| run.holds.is_some());
            if holds { case.documents() } else { Vec::new() }
        }
        Command::Claim { .. }
        | Command::Complete { .. }
        | Command::Migrate { .. }
        | Command::Sign { .. }
        | Command::DeclineCommitment { .. }
        | Command::WithdrawCommitment { .. }
        | Command::Resubmit { .. }
        | Command::Resolve { .. }
        | Command::Request { .. }
        | Command::WithdrawStep { .. }
        | Command::Resume { .. }
        | Command::SubCaseStarted { .. }
        | Command::SubCaseEnded { .. }
        | Command::Drawn { .. }
        | Command::FireTimer { .. } => case.documents(),
    }
}

/// Keys of registers that a decision on this case may read: by `scope`, whose form is the case's before the command, and
/// by `form`, the one that the command leaves; the two may be the same. A key that cannot be computed is none.
pub fn registers_needed(def: &Definition, form: &serde_json::Value, scope: &Scope<'_>) -> Vec<(String, String)> {
    let mut keys = Vec::new();
    for register in def.registers.values() {
        for scope in [*scope, Scope { form, ..*scope }] {
            let found = register.keys(&scope).unwrap_or_default();
            keys.extend(found.into_iter().map(|key| (register.name.clone(), key)));
        }
    }
    keys.sort_unstable();
    keys.dedup();
    keys
}

impl Case {
    /// Digests of the form as it stands, of the forms that open steps were offered with and the corrections they asked
    /// for, of all results, and of those that are being undone.
    pub fn documents(&self) -> Vec<&str> {
        let open = self.steps.values().filter(|run| run.state.is_open()).filter_map(|run| self.form_of(run));
        let asked = self.corrections.iter().filter(|correction| self.step_state(&correction.step).is_open());
        let asked = asked.map(|correction| correction.findings.as_str());
        let results = self.steps.values().filter_map(|run| run.result.as_deref());
        let undoing = self.steps.values().filter(|run| !run.state.is_terminal()).filter_map(|run| run.undoes.as_ref());
        let undone = undoing.filter_map(|undone| undone.result.as_deref());
        let all = self.form().into_iter().chain(open).chain(asked).chain(results).chain(undone);
        let mut digests: Vec<&str> = all.collect();
        digests.sort_unstable();
        digests.dedup();
        digests
    }
}
