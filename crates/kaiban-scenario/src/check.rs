//! Holds a scenario against its package: whatever it names must be there. What depends on how things go shows when it is
//! played.

use kaiban_definition::{Definition, Directory, Effect, Files, Step, Work, branch_parts};
use kaiban_findings::Finding;

use crate::play::correcting;
use crate::scenario::{Given, Named, Said, Scenario};
use crate::shelf::Shelf;

/// Everything that the scenario names and that is not there: files, steps, outcomes, parties, outlets, officers.
pub fn check(scenario: &Scenario, def: &Definition, directory: &Directory, files: &Files) -> Vec<Finding> {
    let shelf = Shelf::of(scenario, files);
    let mut check = Check { def, directory, shelf, findings: Vec::new() };
    for act in scenario.acts() {
        // A started case runs on another package.
        if act.case.as_deref().is_none_or(|case| !case.contains('/')) {
            check.said(&act.said);
        }
    }
    check.findings
}

struct Check<'a> {
    def: &'a Definition,
    directory: &'a Directory,
    shelf: Shelf<'a>,
    findings: Vec<Finding>,
}

impl<'a> Check<'a> {
    fn said(&mut self, said: &Said) {
        match said {
            Said::TimePasses | Said::Withdraws { .. } | Said::Rates { .. } | Said::Recorded { .. } => {}
            Said::Signs { step, .. } | Said::Declines { step, .. } | Said::TakesBack { step, .. } => {
                self.promised(step);
            }
            Said::Listed { register, .. } => {
                if !self.def.registers.contains_key(&register.name) {
                    let known: Vec<&str> = self.def.registers.keys().map(String::as_str).collect();
                    self.wrong(register, "流程包没有这个名录。", "The package has no such register.", &known);
                }
            }
            // The cases that are drawn from may run on other packages.
            Said::Draws { .. } => {}
            Said::Submits { outlet, form, .. } => {
                self.outlet(outlet.as_ref());
                self.given(form);
            }
            Said::Answers { correction, .. } => {
                let step = correction.name.rsplit_once('.').map_or("", |(step, _)| step);
                if self.def.step(step).is_none() {
                    self.wrong(correction, "没有这个环节的补正。", "There is no such step to correct.", &self.steps());
                }
            }
            Said::Requests { step, .. } | Said::WithdrawsStep { step, .. } => {
                self.step(step);
            }
            Said::Takes { party, step } | Said::Defers { party, step, .. } | Said::Fails { party, step, .. } => {
                self.of_party(party.as_ref(), step);
            }
            Said::Completes { party, step, outcome, officer, approver, result, findings, .. } => {
                let declared = self.of_party(party.as_ref(), step);
                self.officer(officer.as_ref());
                self.officer(approver.as_ref());
                if let Some(result) = result {
                    self.given(result);
                }
                if let Some(declared) = declared {
                    self.outcome(declared, step, outcome.as_ref(), !findings.is_empty());
                }
            }
            Said::Pauses { officer, step, approver, .. } => {
                self.step(step);
                self.officer(officer.as_ref());
                self.officer(approver.as_ref());
            }
            Said::Resumes { officer, step } | Said::Explains { officer, step, .. } => {
                self.step(step);
                self.officer(officer.as_ref());
            }
            Said::Extends { officer, step, approver, .. } => {
                if let Some(step) = step {
                    self.step(step);
                }
                self.officer(officer.as_ref());
                self.officer(approver.as_ref());
            }
            Said::Cancels { officer, .. } | Said::GivesUp { officer, .. } => self.officer(officer.as_ref()),
            Said::Resolves { officer, step } => {
                self.officer(officer.as_ref());
                if let Some(step) = step {
                    self.step(step);
                }
            }
        }
    }

    fn wrong(&mut self, named: &Named, zh: &str, en: &str, known: &[&str]) {
        let finding = Finding::error("SCENARIO_NAME", named.place.clone(), zh, en);
        let known = known.join(", ");
        self.findings.push(match known.is_empty() {
            true => finding,
            false => finding.with_help(format!("可以是：{known}。"), format!("One of: {known}.")),
        });
    }

    fn steps(&self) -> Vec<&'a str> {
        self.def.order.iter().map(String::as_str).collect()
    }

    fn step(&mut self, named: &Named) -> Option<&'a Step> {
        let declared = self.def.step(&named.name);
        let (_, key) = branch_parts(&named.name);
        match declared {
            None => self.wrong(named, "流程包没有这个环节。", "The package has no such step.", &self.steps()),
            Some(step) if key.is_some() && step.for_each.is_none() && step.undoes.is_none() => {
                self.wrong(named, "该环节没有分支。", "This step has no branches.", &[]);
            }
            Some(_) => {}
        }
        declared.map(AsRef::as_ref)
    }

    /// A step whose certificate a promise can replace.
    fn promised(&mut self, named: &Named) {
        let Some(step) = self.step(named) else { return };
        let promisable = match &step.work {
            Work::Prove(certificate) => certificate.commitment.is_some(),
            _ => false,
        };
        if !promisable {
            self.wrong(named, "该环节没有可以签署的告知承诺书。", "This step has no commitment to sign.", &[]);
        }
    }

    fn of_party(&mut self, party: Option<&Named>, step: &Named) -> Option<&'a Step> {
        let declared = self.step(step)?;
        match declared.party() {
            None => self.wrong(step, "该环节不由任何机构办理。", "No office does this step.", &[]),
            Some(own) => {
                if let Some(party) = party.filter(|party| party.name != own) {
                    self.wrong(party, "该环节由其他机构办理。", "Another party does this step.", &[own]);
                }
            }
        }
        Some(declared)
    }

    fn outcome(&mut self, step: &Step, named: &Named, outcome: Option<&Named>, asks: bool) {
        let known: Vec<&str> = step.outcomes.keys().map(String::as_str).collect();
        let Some(outcome) = outcome else {
            if correcting(step).is_none() {
                let (zh, en) = ("请写明哪一种补正。", "Say which of the outcomes it is.");
                self.wrong(named, zh, en, &known);
            }
            return;
        };
        match step.outcomes.get(&outcome.name) {
            None => self.wrong(outcome, "该环节没有这种办理结果。", "The step has no such outcome.", &known),
            Some(declared) if asks && !matches!(declared.effect, Effect::Corrects { .. }) => {
                self.wrong(outcome, "该结果不要求补正。", "This outcome asks for no correction.", &[]);
            }
            Some(_) => {}
        }
    }

    fn given(&mut self, given: &Given) {
        self.findings.extend(self.shelf.whole(given).err().map(|finding| *finding));
    }

    fn outlet(&mut self, outlet: Option<&Named>) {
        if let Some(outlet) = outlet.filter(|outlet| self.directory.outlet(&outlet.name).is_none()) {
            self.wrong(outlet, "名录中没有这个网点。", "The directory has no such outlet.", &[]);
        }
    }

    fn officer(&mut self, officer: Option<&Named>) {
        let is_known = |id: &str| self.directory.offices().any(|office| office.officers.iter().any(|o| o.id == id));
        if let Some(officer) = officer.filter(|officer| !is_known(&officer.name)) {
            self.wrong(officer, "名录中没有这名工作人员。", "The directory has no such officer.", &[]);
        }
    }
}
