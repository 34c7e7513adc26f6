//! Draws, as a scenario says that they come out: nobody commits and nobody reveals.

use kaiban_definition::{Directory, Work};
use kaiban_engine::{Actor, Command, StepRun, StepState};
use serde_json::{Value, json};

use super::{EngineDriver, Running, unknown};
use crate::driver::Refused;

impl EngineDriver<'_> {
    /// A draw was held that decides over the step of a case which waits for it.
    pub(super) fn decided_by(&mut self, draw: &str, pool: &str, id: &str, drawn: bool) -> Result<(), Refused> {
        let running = self.cases.get(id).ok_or_else(unknown)?;
        let of_pool = |step: &str| match running.def.step(step).map(|step| &step.work) {
            Some(Work::Draw { pool: of, .. }) => of == pool,
            _ => false,
        };
        let waits = |run: &StepRun| run.state == StepState::Waiting;
        let step = running.case.steps.iter().find(|(step, run)| of_pool(step) && waits(run)).map(|(step, _)| step);
        let Some(step) = step.cloned() else {
            return Err(Refused { reason: "NOT_WAITING".to_owned(), findings: Vec::new() });
        };
        let checkers = if drawn { running.checkers(&self.workflows.directory, &step) } else { Vec::new() };
        let result = self.file(json!({ "draw": draw, "drawn": drawn, "checkers": checkers }));
        self.run(id, &Command::Drawn { step, result }, &Actor::System)
    }
}

impl Running {
    /// The first two officers of the division's offices who need not stand aside.
    fn checkers(&self, directory: &Directory, step: &str) -> Vec<String> {
        let recuse: &[String] = match self.def.step(step).map(|step| &step.work) {
            Some(Work::Draw { recuse, .. }) => recuse,
            _ => &[],
        };
        let place = |place: &String| self.form()?.pointer(place).and_then(Value::as_str);
        let aside: Vec<&str> = recuse.iter().filter_map(place).collect();
        let offices = directory.offices().filter(|office| office.divisions.contains(&self.case.division));
        let offices = offices.filter(|office| !aside.contains(&office.id.as_str()));
        let officers = offices.flat_map(|office| &office.officers).map(|officer| &officer.id);
        officers.filter(|officer| !aside.contains(&officer.as_str())).take(2).cloned().collect()
    }
}
