//! Keys of registers (名录). Whether a key is free is read from the context; the change is written in the same transaction,
//! and the loser of two decides again. The key may be a person's name, so no event has it: it is computed from the form.

use std::collections::BTreeMap;

use jiff::Span;
use jiff::civil::Time;
use kaiban_calendar::{instant_at, local_date};
use kaiban_definition::{Register, Step, Work};
use kaiban_findings::{Finding, Place, Text};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::case::StepState;
use crate::command::Filed;
use crate::commands::Written;
use crate::context::RegisterChange;
use crate::event::Event;
use crate::outlook::{Halt, Outlook, Undecidable};
use crate::rejection::Rejection;

impl<'a> Outlook<'a> {
    /// Holds the key for this case, or asks the applicant for another.
    pub fn reserve(&mut self, branch: &str, register: &str, at: &str, taken: &Text) -> Result<(), Halt> {
        let name = register;
        let missing = || Rejection::DirectoryMismatch { what: name.to_owned() };
        let register = self.def.registers.get(name).ok_or_else(missing)?;
        let form = self.form_value().ok_or(Rejection::DocumentMissing)?;
        let key = self.key(register, &form)?;
        if !self.is_free(register, &key) {
            return Ok(self.ask_for_another(branch, register, at, taken)?);
        }
        let months = register.hold_months.ok_or_else(missing)?;
        let until_us = months_later_us(self.cx.now_us, months);
        self.change(RegisterChange::Hold { register: register.name.clone(), key, until_us: Some(until_us) });
        let (step, register) = (branch.to_owned(), register.name.clone());
        self.events.push(Event::Reserved { step, register, until_us });
        Ok(self.finish(branch, "done", None)?)
    }

    /// A reservation that is to be made anew gives its key back first: the key of the form as it was.
    pub fn give_back(&mut self, step: &Step, branch: &str) {
        let Some(register) = self.reserved(step, branch) else { return };
        let before = self.case.form().and_then(|digest| self.cx.documents.get(digest));
        let key = before.and_then(|form| self.key(register, form).ok());
        if let Some(key) = key.filter(|key| self.is_ours(register, key)) {
            self.change(RegisterChange::Release { register: register.name.clone(), key });
        }
    }

    /// With the end of the case its keys are its own for good, or free again, by its outcome. Gives the steps whose keys
    /// are free.
    pub fn let_go(&mut self, outcome: &str) -> Result<Vec<String>, Rejection> {
        let mut released = Vec::new();
        if self.def.registers.is_empty() {
            return Ok(released);
        }
        for name in &self.def.order {
            let Some(step) = self.def.steps.get(name) else { continue };
            let Some(register) = self.reserved(step, name) else { continue };
            let keeps = register.keeps.iter().any(|kept| kept == outcome);
            if !keeps {
                released.push(name.clone());
            }
            let form = self.form_value().ok_or(Rejection::DocumentMissing)?;
            let Ok(key) = self.key(register, &form) else { continue };
            if self.is_ours(register, &key) {
                let register = register.name.clone();
                self.change(match keeps {
                    true => RegisterChange::Hold { register, key, until_us: None },
                    false => RegisterChange::Release { register, key },
                });
            }
        }
        Ok(released)
    }

    /// The step that could have closed the case has granted what was applied for: the case's keys are its own for good.
    ///
    /// # Errors
    /// A reservation ran out and another case holds the key.
    pub fn keep_for_good(&mut self) -> Result<(), Rejection> {
        if self.def.registers.is_empty() {
            return Ok(());
        }
        for name in &self.def.order {
            let Some(step) = self.def.steps.get(name) else { continue };
            let Some(register) = self.reserved(step, name) else { continue };
            let form = self.form_value().ok_or(Rejection::DocumentMissing)?;
            let Ok(key) = self.key(register, &form) else { continue };
            if !self.is_free(register, &key) {
                return Err(Rejection::ReservationLapsed { step: name.clone() });
            }
            self.change(RegisterChange::Hold { register: register.name.clone(), key, until_us: None });
        }
        Ok(())
    }

    /// Steps that hold a key which another form gives another.
    pub fn keys_moved(&self, before: &Value, after: &Value) -> Vec<String> {
        let moved = |name: &&String| {
            let register = self.def.steps.get(*name).and_then(|step| self.reserved(step, name));
            register.is_some_and(|register| self.key(register, before).ok() != self.key(register, after).ok())
        };
        self.def.order.iter().filter(moved).cloned().collect()
    }

    /// The register that a step holds a key in.
    fn reserved(&self, step: &Step, branch: &str) -> Option<&'a Register> {
        let Work::Reserve { register, .. } = &step.work else { return None };
        let fresh = |event: &Event| matches!(event, Event::Reserved { step, .. } if step == branch);
        let holds = self.run(branch).is_some_and(|run| run.holds.is_some());
        let holds = holds && self.state(branch) == StepState::Completed || self.events.iter().any(fresh);
        self.def.registers.get(register).filter(|_| holds)
    }

    fn key(&self, register: &Register, form: &Value) -> Result<String, Undecidable> {
        register.key.eval(&self.scope(form, &BTreeMap::new(), None)).map_err(|_| Undecidable)
    }

    /// Nobody holds the key, nobody holds it any more, or this case does. What this decision gave back is free.
    fn is_free(&self, register: &Register, key: &str) -> bool {
        let record = self.cx.registers.get(&(register.name.clone(), key.to_owned()));
        record.is_none_or(|record| {
            record.holder == self.id || record.until_us.is_some_and(|until_us| until_us <= self.cx.now_us)
        })
    }

    /// Whether a change may touch the key: it is this case's, or is becoming so.
    fn is_ours(&self, register: &Register, key: &str) -> bool {
        let record = self.cx.registers.get(&(register.name.clone(), key.to_owned()));
        let wanted = |change: &RegisterChange| address(change) == (register.name.as_str(), key);
        record.is_some_and(|record| record.holder == self.id) || self.registers.iter().any(wanted)
    }

    /// One change for each key: the last one is what remains.
    fn change(&mut self, change: RegisterChange) {
        self.registers.retain(|earlier| address(earlier) != address(&change));
        self.registers.push(change);
    }

    fn ask_for_another(&mut self, branch: &str, register: &Register, at: &str, taken: &Text) -> Result<(), Rejection> {
        let (step, name) = (branch.to_owned(), register.name.clone());
        self.events.push(Event::ReservationLost { step, register: name });
        let place = Place::Pointer(at.to_owned());
        self.ask(branch, at, Finding::error("NAME_TAKEN", place, taken.zh.clone(), taken.en.clone()))
    }

    /// The system asks the applicant for a correction of one place.
    pub fn ask(&mut self, branch: &str, at: &str, finding: Finding) -> Result<(), Rejection> {
        let untold = self.cx.tells;
        let event = Event::CorrectionAsked {
            correction: self.next_correction(branch),
            step: branch.to_owned(),
            outcome: None,
            findings: self.file("findings", serde_json::to_value([finding]).unwrap_or_default()),
            pointers: vec![at.to_owned()],
            reason: None,
            epoch: 0,
            officer: None,
            untold,
            breach: false,
            reopens: Vec::new(),
            remind_at_us: if untold { None } else { self.first_reminder_us()? },
        };
        self.turn(branch, StepState::Correction, event);
        Ok(())
    }

    /// Files a document of the decision's own; gives its digest.
    pub fn file(&mut self, kind: &'static str, content: Value) -> String {
        let salt = format!("{}-{}", self.cx.salt, self.filed.len());
        let bytes = content.to_string();
        let mut hasher = Sha256::new();
        hasher.update(salt.as_bytes());
        hasher.update(bytes.as_bytes());
        let digest = crate::journal::hex(&hasher.finalize());
        let filed = Filed { digest: digest.clone(), content: content.into() };
        self.filed.push(Written { filed, salt, bytes, kind });
        digest
    }
}

fn address(change: &RegisterChange) -> (&str, &str) {
    match change {
        RegisterChange::Hold { register, key, .. } | RegisterChange::Release { register, key } => (register, key),
    }
}

/// The same time of day so many calendar months later; the last day of the month where it has none of that number.
fn months_later_us(at_us: i64, months: u32) -> i64 {
    let date = local_date(at_us);
    let time_us = at_us - instant_at(date, Time::midnight());
    instant_at(date.saturating_add(Span::new().months(months)), Time::midnight()) + time_us
}

#[cfg(test)]
mod tests {
    use super::months_later_us;
    use kaiban_calendar::{format_instant, parse_instant};

    #[test]
    fn months_are_calendar_months() {
        for (from, months, to) in [
            ("2026-03-02T09:10:00+08:00", 2, "2026-05-02T09:10:00+08:00"),
            ("2025-12-31T23:59:59+08:00", 2, "2026-02-28T23:59:59+08:00"),
            ("2026-03-02T00:00:00+08:00", 0, "2026-03-02T00:00:00+08:00"),
        ] {
            let from_us = parse_instant(from).expect("an instant");
            assert_eq!(format_instant(months_later_us(from_us, months)), to);
        }
    }
}
