//! Actors who send whatever comes to their minds, right and wrong. Each knows what the engine has to answer.

pub(super) mod applicant;
pub(super) mod desk;
pub(super) mod officer;
pub(super) mod outside;
pub(super) mod promise;

use kaiban_definition::{INTAKE, Work, branch_name};
use kaiban_engine::{Actor, Command, Phase, Registers, StepState};

use super::landscape::Landscape;
use super::package::Package;
use super::shell::Running;
use crate::draw::Lot;

/// What the engine must answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expect {
    /// It is done.
    Done,
    /// It is rejected for one of these reasons.
    Rejected(&'static [&'static str]),
}

/// A command with everything needed to send it and to judge the answer.
#[derive(Debug)]
pub(super) struct Attempt {
    pub command: Command,
    /// The step or branch whose lease the shell looks up.
    pub step: Option<String>,
    pub actor: Actor,
    pub expect: Expect,
    /// What is odd about it, for the trace.
    pub twist: &'static str,
}

/// What an actor sees of a case when something comes to its mind.
#[derive(Clone, Copy)]
pub(super) struct Scene<'s> {
    pub package: &'s Package,
    pub running: &'s Running,
    pub land: &'s Landscape,
    /// Business time that the command will be stamped with.
    pub now_us: i64,
    pub operating_us: i64,
    pub registers: &'s Registers,
}

impl Attempt {
    fn agency(command: Command, step: &str, holder: &str, expect: Expect) -> Self {
        let actor = Actor::Agency { holder: holder.to_owned() };
        Self { command, step: Some(step.to_owned()), actor, expect, twist: "" }
    }

    fn terminal(command: Command, expect: Expect) -> Self {
        let actor = Actor::Terminal { organisation: "bank-1".into(), outlet: Some("outlet-1".into()) };
        Self { command, step: None, actor, expect, twist: "" }
    }

    fn system(command: Command, step: Option<&str>, expect: Expect) -> Self {
        Self { command, step: step.map(str::to_owned), actor: Actor::System, expect, twist: "" }
    }

    fn officer(command: Command, step: Option<&str>, expect: Expect) -> Self {
        let actor = Actor::Officer { officer: OFFICER.into() };
        Self { command, step: step.map(str::to_owned), actor, expect, twist: "" }
    }

    /// Makes it wrong in one more way: it is expected to fail for this.
    fn spoilt(mut self, reasons: &'static [&'static str], twist: &'static str) -> Self {
        (self.expect, self.twist) = (Expect::Rejected(reasons), twist);
        self
    }
}

/// Done, unless there is a reason against it.
fn unless(reasons: Option<&'static [&'static str]>) -> Expect {
    reasons.map_or(Expect::Done, Expect::Rejected)
}

/// Staff numbers.
const OFFICER: &str = "K-17";
const APPROVER: &str = "K-18";

/// Anything that can be sent about a running or a closed case.
pub(super) fn anything(scene: Scene<'_>, lot: &mut Lot) -> Attempt {
    let case = &scene.running.case;
    // Mostly something that makes sense now; a tenth of the time whatever comes first.
    let sober = lot.chance(0.9);
    let asked = case.corrections.iter().any(|correction| correction.is_open());
    if case.phase == Phase::Closed && lot.chance(0.2) {
        return applicant::rate(scene, lot);
    }
    match lot.below(100) {
        0..=11 if !sober || !case.deadlines(&scene.land.calendars).is_empty() => outside::timer(scene, lot),
        12..=21 if promise::is_asked(scene) => promise::anything(scene, lot),
        12..=33 if !sober || asked => applicant::resubmit(scene, lot),
        34..=36 if !sober || asked => officer::give_up(scene, lot),
        37..=40 => applicant::request(scene, lot),
        41 => applicant::withdraw_step(scene, lot),
        42..=44 if !sober => outside::letter_again(scene, lot),
        45..=46 if !sober => outside::wrong_case(scene, lot),
        47..=48 => applicant::rate(scene, lot),
        49..=53 if promise::is_possible(scene.package) => promise::anything(scene, lot),
        0..=96 => about_step(scene, lot),
        97 => applicant::withdraw(scene),
        98 if lot.chance(0.2) => officer::cancel(scene, lot),
        _ => applicant::submit_again(scene),
    }
}

fn about_step(scene: Scene<'_>, lot: &mut Lot) -> Attempt {
    let Some(step) = choose_step(scene, lot) else {
        let (step, holder) = ("nowhere".to_owned(), "h0".to_owned());
        let command = Command::Claim { step: step.clone(), holder };
        return Attempt::agency(command, &step, "h0", Expect::Done).spoilt(&["UNKNOWN_STEP"], "unknown step");
    };
    let state = scene.running.case.step_state(&step);
    match (state, lot.below(24)) {
        (StepState::Waiting, 0..=8) if is_drawn(scene, &step) => outside::drawn(scene, &step, lot),
        (_, 10) if lot.chance(0.1) => outside::drawn(scene, &step, lot),
        (StepState::Incident, 0..=16) => officer::resolve(scene, &step, lot),
        (StepState::Offered, 0..=16) => desk::claim(scene, &step, lot),
        (StepState::Claimed, 2..=16) if !scene.running.is_held(&step) => desk::claim(scene, &step, lot),
        (StepState::Paused, 0..=12) => officer::resume(scene, &step, lot),
        (_, 0..=1) => desk::claim(scene, &step, lot),
        (_, 2..=3) => desk::defer(scene, &step, lot),
        (_, 4..=5) => desk::fail(scene, &step, lot),
        (_, 6) if lot.chance(0.5) => officer::resolve(scene, &step, lot),
        (_, 7..=8) => officer::pause(scene, &step, lot),
        (_, 9) if lot.chance(0.5) => officer::resume(scene, &step, lot),
        _ => desk::complete(scene, &step, lot),
    }
}

fn is_drawn(scene: Scene<'_>, step: &str) -> bool {
    scene.package.definition.step(step).is_some_and(|step| matches!(step.work, Work::Draw { .. }))
}

/// Mostly a step that is under way; sometimes any step, sometimes none that exists.
fn choose_step(scene: Scene<'_>, lot: &mut Lot) -> Option<String> {
    let case = &scene.running.case;
    if lot.chance(0.93) {
        let open = || case.steps.iter().filter(|(_, run)| run.state.is_open());
        let count = open().count();
        if count > 0 {
            return open().nth(lot.index(count)).map(|(step, _)| step.clone());
        }
    }
    match lot.below(100) {
        0..=1 => None,
        2..=6 => scene.package.definition.step(INTAKE).map(|step| step.name.clone()),
        7..=30 if !case.steps.is_empty() => case.steps.keys().nth(lot.index(case.steps.len())).cloned(),
        _ => Some(any_step(scene, lot)),
    }
}

/// A step of the package, now and then a branch of it that nobody knows.
fn any_step(scene: Scene<'_>, lot: &mut Lot) -> String {
    let order = &scene.package.definition.order;
    let step = &order[lot.index(order.len())];
    if lot.chance(0.1) { branch_name(step, Some("nobody")) } else { step.clone() }
}
