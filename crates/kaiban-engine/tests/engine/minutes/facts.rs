//! What the tally keeper knows of a case, from the journal's events alone.

use std::collections::BTreeMap;

use kaiban_engine::{Ball, Event};

use crate::sim::Sim;

/// Who has an open step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum With {
    Office,
    System,
    Applicant,
    /// Nobody: it is paused.
    Nobody,
}

impl With {
    pub fn runs(self) -> bool {
        matches!(self, With::Office | With::System)
    }
}

/// An open step as the tally keeper knows it.
#[derive(Clone, Debug)]
pub struct OpenStep {
    pub counted: bool,
    pub office: String,
    pub calendar: String,
    pub with: With,
}

/// What holds from one command to the next.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    pub accepted: bool,
    pub steps: BTreeMap<String, OpenStep>,
}

impl Facts {
    pub fn hear(&mut self, event: &Event, sim: &Sim) {
        let with = |facts: &mut Self, step: &str, with| facts.steps.get_mut(step).unwrap().with = with;
        match event {
            Event::Accepted { .. } => self.accepted = true,
            Event::StepOffered { step, office, calendar, .. } => {
                let (office, calendar, with) = (office.clone(), calendar.clone(), With::Office);
                let counted = sim.def.step(step).unwrap().counts;
                self.steps.insert(step.clone(), OpenStep { counted, office, calendar, with });
            }
            Event::CorrectionAsked { step, untold: true, .. } => with(self, step, With::System),
            Event::CorrectionAsked { step, .. } => with(self, step, With::Applicant),
            Event::ApplicantTold { correction: Some(told), .. } => {
                let asked = sim.case.corrections.iter().find(|asked| asked.id == *told).unwrap();
                with(self, &asked.step.clone(), With::Applicant);
            }
            Event::StepPaused { step, .. } => with(self, step, With::Nobody),
            Event::StepReopened { step, .. } => drop(self.steps.remove(step)),
            // A step whose guard errs was with nobody before; it has no office, and no clock of its own.
            Event::IncidentOpened { step, .. } if !self.steps.contains_key(step) => {
                let (office, calendar, with) = (String::new(), String::new(), With::System);
                let counted = sim.def.step(step).unwrap().counts;
                self.steps.insert(step.clone(), OpenStep { counted, office, calendar, with });
            }
            Event::IncidentOpened { step, .. } => with(self, step, With::System),
            Event::StepCompleted { step, .. } | Event::StepEnded { step, .. } => drop(self.steps.remove(step)),
            Event::Closed { .. } => self.steps.clear(),
            _ => {}
        }
    }

    pub fn counts(&self) -> bool {
        self.accepted && self.steps.values().any(|step| step.counted && step.with.runs())
    }

    /// Agency before system before applicant before nobody, and the offices that hold a counted step.
    pub fn ball(&self) -> (Ball, Vec<&str>) {
        let counted = |with| self.steps.values().filter(move |step| step.counted && step.with == with);
        if !self.accepted {
            return (Ball::Nobody, self.offices(false));
        }
        if counted(With::Office).next().is_some() {
            (Ball::Agency, self.offices(true))
        } else if counted(With::System).next().is_some() {
            (Ball::System, vec![])
        } else if counted(With::Applicant).next().is_some() {
            (Ball::Applicant, vec![])
        } else if counted(With::Nobody).next().is_some() {
            (Ball::Nobody, vec![])
        } else {
            (Ball::Nobody, self.offices(false))
        }
    }

    pub fn offices(&self, counted: bool) -> Vec<&str> {
        let held = self.steps.values().filter(|step| step.counted == counted && step.with == With::Office);
        let mut offices: Vec<&str> = held.map(|step| step.office.as_str()).collect();
        offices.sort_unstable();
        offices.dedup();
        offices
    }
}
