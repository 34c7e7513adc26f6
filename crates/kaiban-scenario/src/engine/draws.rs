//! Draws, as a scenario says that they come out: nobody commits and nobody reveals.

use std::collections::BTreeMap;

use kaiban_definition::{Directory, Work};
use kaiban_engine::{Actor, Command, StepRun, StepState};
use serde_json::{Value, json};

use super::{EngineDriver, Running, unknown};
use crate::driver::Refused;

impl EngineDriver<'_> {
    /// A draw is held over everything that waits for it by then.
    pub(super) fn hold(&mut self, pool: &str, cases: &[(String, bool)]) -> Vec<Result<(), Refused>> {
        let waiting = self.waiting(pool);
        self.draws += u32::from(!waiting.is_empty());
        let draw = format!("{pool}-{}", self.draws);
        let mut decided = BTreeMap::new();
        for (case, step) in waiting {
            let drawn = cases.iter().any(|(named, drawn)| *named == case && *drawn);
            let done = self.decided_by(&draw, &case, step, drawn);
            decided.insert(case, done);
        }
        let not_waiting = || Err(Refused { reason: "NOT_WAITING".to_owned(), findings: Vec::new() });
        cases.iter().map(|(case, _)| decided.get(case).cloned().unwrap_or_else(not_waiting)).collect()
    }

    /// What came into the pool before now: cases and their steps.
    fn waiting(&self, pool: &str) -> Vec<(String, String)> {
        let mut waiting = Vec::new();
        for (id, Running { def, case, .. }) in &self.cases {
            let of_pool = |step: &str| match def.step(step).map(|step| &step.work) {
                Some(Work::Draw { pool: of, .. }) => of == pool,
                _ => false,
            };
            let by_now = |run: &StepRun| run.task_offered_at_us.is_some_and(|at_us| at_us < self.now_us);
            let steps = case.steps.iter().filter(|(_, run)| run.state == StepState::Waiting && by_now(run));
            waiting.extend(steps.filter(|(step, _)| of_pool(step)).map(|(step, _)| (id.clone(), step.clone())));
        }
        waiting
    }

    fn decided_by(&mut self, draw: &str, id: &str, step: String, drawn: bool) -> Result<(), Refused> {
        let running = self.cases.get(id).ok_or_else(unknown)?;
        let checkers = if drawn { running.checkers(&self.workflows.directory, &step) } else { Vec::new() };
        let result = self.file(json!({ "draw": draw, "drawn": drawn, "checkers": checkers }));
        self.run(id, &Command::Drawn { step, result }, &Actor::System)
    }
}

impl Running {
    /// The first two officers of the party that checks who need not stand aside, the division's own before others.
    fn checkers(&self, directory: &Directory, step: &str) -> Vec<String> {
        let recuse: &[String] = match self.def.step(step).map(|step| &step.work) {
            Some(Work::Draw { recuse, .. }) => recuse,
            _ => &[],
        };
        let place = |place: &String| self.form()?.pointer(place).and_then(Value::as_str);
        let aside: Vec<&str> = recuse.iter().filter_map(place).collect();
        let sent = self.def.steps.values().filter(|of| of.drawn_by.as_deref() == Some(step));
        let party = sent.filter_map(|step| step.party()).next();
        let mut offices: Vec<_> = directory.offices().filter(|office| Some(office.party.as_str()) == party).collect();
        offices.sort_by_key(|office| !office.divisions.contains(&self.case.division));
        let offices = offices.into_iter().filter(|office| !aside.contains(&office.id.as_str()));
        let officers = offices.flat_map(|office| &office.officers).map(|officer| &officer.id);
        officers.filter(|officer| !aside.contains(&officer.as_str())).take(2).cloned().collect()
    }
}

/// Whom the result of a draw names.
pub fn sent(result: Option<&Value>) -> Vec<String> {
    let named = result.and_then(|result| result["checkers"].as_array()).into_iter().flatten();
    named.filter_map(|checker| checker.as_str().map(str::to_owned)).collect()
}
