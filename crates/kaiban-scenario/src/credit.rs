//! Credit records of the people of a scenario, as a bureau keeps them.

use std::collections::BTreeMap;

use jiff::civil::Date;
use kaiban_credit::{Class, Entry, Ground, Reason, Record, What, may_append, standing};
use kaiban_definition::CreditFacts;
use kaiban_findings::Text;
use kaiban_identifiers::citizen_id;
use serde_json::Value;

use crate::driver::Refused;

/// All histories, by subject. Nobody in a scenario is real, so a subject may be a person's number as it stands.
#[derive(Debug, Default)]
pub(crate) struct Credit(BTreeMap<String, Vec<Entry>>);

/// How somebody stands on a day.
pub(crate) struct Standing {
    known: kaiban_credit::Standing,
    risk: String,
}

impl Credit {
    /// Puts something on the record of whom a form tells of so.
    pub fn record(&mut self, person: &Value, kind: (Class, Reason), on: Date) -> Result<(), Refused> {
        let without_number = || Refused { reason: "SUBJECT_WITHOUT_NUMBER".to_owned(), findings: Vec::new() };
        let subject = citizen_number(person).ok_or_else(without_number)?;
        let history = self.0.entry(subject.clone()).or_default();
        let (class, reason) = kind;
        let (source, law) = ("scenario".to_owned(), "scenario".to_owned());
        let text = Text::new("情景所设", "as the scenario has it");
        let (must_be_published, beyond_repair) = (false, None);
        let record =
            Record { subject, class, reason, text, source, law, decided_on: on, must_be_published, beyond_repair };
        let number = format!("record-{}", history.len() + 1);
        let entry = Entry { record: number, on, by: "bureau".to_owned(), what: What::Recorded(record) };
        let invalid = |findings| Refused { reason: "CREDIT_ENTRY_REFUSED".to_owned(), findings };
        may_append(history, &entry, on).map_err(invalid)?;
        history.push(entry);
        Ok(())
    }

    /// How a person stands on a day.
    pub fn standing(&self, person: &Value, on: Date) -> Standing {
        let history = citizen_number(person).and_then(|subject| self.0.get(&subject));
        let known = standing(history.map(Vec::as_slice).unwrap_or_default(), on);
        let risk = format!("{:?}", known.risk);
        Standing { known, risk }
    }
}

impl Standing {
    /// What guards see of it.
    pub fn facts(&self) -> CreditFacts<'_> {
        let counts = &self.known.counts;
        CreditFacts {
            minor: counts.minor.in_force,
            general: counts.general.in_force,
            serious: self.known.barred_by(Ground::SeriousRecord),
            broken_promises: self.known.barred_by(Ground::FalseCommitment),
            risk: &self.risk,
        }
    }
}

/// Who it is: the first citizen number that the form has of the person, in whatever field.
fn citizen_number(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => citizen_id::check(text).normalized,
        Value::Object(fields) => fields.values().find_map(citizen_number),
        _ => None,
    }
}
