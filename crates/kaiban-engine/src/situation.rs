//! Who has the ball: what the ledgers of a case and its steps say of a state, and the code that an approval system shows.

use kaiban_definition::INTAKE;

use crate::case::{Case, Phase, StepRun, StepState};
use crate::codes::StateCode;
use crate::ledger::{Ball, Reason, Situation};

impl Case {
    /// The step's ledger turns with its state.
    pub(crate) fn turn_step(&mut self, step: &str, at_us: i64) {
        let Some(run) = self.steps.get_mut(step) else { return };
        let mut open = self.corrections.iter().filter(|correction| correction.step == step && correction.is_open());
        let situation = match run.state {
            state if state.has_task() => Some((Ball::Agency, Reason::Working, true)),
            StepState::Incident => Some((Ball::System, Reason::Incident, true)),
            StepState::Correction if open.all(|correction| correction.told_at_us.is_some()) => {
                Some((Ball::Applicant, Reason::Correction, false))
            }
            StepState::Correction => Some((Ball::System, Reason::Telling, true)),
            StepState::Waiting => Some((Ball::System, Reason::Waiting, run.counted)),
            StepState::Paused => Some((Ball::Nobody, Reason::Paused, false)),
            _ => None,
        };
        let situation = situation.map(|(ball, reason, counts)| Situation { ball, parties: Vec::new(), reason, counts });
        run.ledger.turn(at_us, situation);
    }

    /// Who has the ball now, and whether the case's promise clock runs: it does exactly when the case is accepted and
    /// at least one counted step is open, not paused, and with an agency or the system.
    pub(crate) fn situation(&self) -> Option<Situation> {
        let open = |counted| self.steps.values().filter(move |run| run.state.is_open() && run.counted == counted);
        let offices = |counted| {
            let mut offices: Vec<String> =
                open(counted).filter(|run| run.state.has_task()).map(|run| run.office.clone()).collect();
            offices.sort();
            offices.dedup();
            offices
        };
        let is = |wanted: StepState| open(true).any(|run| run.state == wanted);
        let untold = || {
            let mut open = self.corrections.iter().filter(|run| run.is_open() && run.told_at_us.is_none());
            open.any(|run| self.steps.get(&run.step).is_some_and(|step| step.counted))
        };
        let (ball, parties, reason, counts) = match self.phase {
            Phase::New | Phase::Closed => return None,
            Phase::Intake if self.intake_asks() => (Ball::Applicant, Vec::new(), Reason::Correction, false),
            Phase::Intake => (Ball::Nobody, offices(false), Reason::Intake, false),
            Phase::Open if open(true).any(|run| run.state.has_task()) => {
                (Ball::Agency, offices(true), Reason::Working, true)
            }
            Phase::Open if is(StepState::Incident) => (Ball::System, Vec::new(), Reason::Incident, true),
            Phase::Open if is(StepState::Waiting) => (Ball::System, Vec::new(), Reason::Waiting, true),
            Phase::Open if untold() => (Ball::System, Vec::new(), Reason::Telling, true),
            Phase::Open if is(StepState::Correction) => (Ball::Applicant, Vec::new(), Reason::Correction, false),
            Phase::Open if is(StepState::Paused) => (Ball::Nobody, Vec::new(), Reason::Paused, false),
            Phase::Open if self.used.is_some() => (Ball::Nobody, offices(false), Reason::Stopped, false),
            Phase::Open => (Ball::Nobody, offices(false), Reason::Uncounted, false),
        };
        Some(Situation { ball, parties, reason, counts })
    }

    /// The applicant was told of what is missing for acceptance.
    fn intake_asks(&self) -> bool {
        self.open_correction(INTAKE).is_some_and(|asked| asked.told_at_us.is_some())
    }

    /// The case's code, from its own and its steps': what an approval system shows for the case as a whole.
    pub fn code(&self) -> Option<StateCode> {
        let own = self.codes.last().map(|last| last.code)?;
        match self.phase {
            Phase::Intake if self.step_state(INTAKE) == StepState::Correction => {
                return Some(StateCode::CorrectionBegins);
            }
            Phase::New | Phase::Intake | Phase::Closed => return Some(own),
            Phase::Open => {}
        }
        let open = || self.steps.values().filter(|run| run.state.is_open());
        let all = |state: StepState| open().next().is_some() && open().all(|run| run.state == state);
        let begins = |run: &StepRun| run.codes.iter().any(|emitted| emitted.code == StateCode::HandlingBegins);
        let begun = self.steps.values().any(begins);
        let is_special = |run: &StepRun| run.pause.as_ref().is_some_and(|pause| pause.reason.rule().codes.is_some());
        Some(match begun {
            _ if all(StepState::Correction) => StateCode::CorrectionBegins,
            _ if all(StepState::Paused) && open().all(is_special) => StateCode::SpecialBegins,
            true => StateCode::HandlingBegins,
            false => own,
        })
    }
}
