//! Why a step may be held up besides a correction: one table says whether a second officer approves, whether an end is
//! told, and which of the national codes are emitted. Officers of the step's office pause and resume; the promise clock
//! stops. An approved outage is no pause but a closure of that calendar.

use serde::{Deserialize, Serialize};

use crate::codes::StateCode;

/// A reason of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PauseReason {
    /// Hearing, tender, inspection, quarantine, appraisal, expert review (行政许可法 §45): outside the period.
    SpecialProcedure,
    /// The applicant does not come to an appointment: an intention check at the bank, the collection of seals.
    Appointment,
    /// A lawsuit or arbitration on the same matter (市场主体登记管理条例实施细则 §19).
    Litigation,
}

/// A row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PauseRule {
    /// The reason.
    pub reason: PauseReason,
    /// Name in messages and on the wire: `SCREAMING_SNAKE_CASE`.
    pub name: &'static str,
    /// Whether a second officer has to approve.
    pub approval: bool,
    /// Whether the applicant is told in writing how long it will take.
    pub until: bool,
    /// Codes at the beginning and at the end, always in pairs.
    pub codes: Option<(StateCode, StateCode)>,
}

impl PauseReason {
    /// All reasons.
    pub const ALL: [Self; 3] = [Self::SpecialProcedure, Self::Appointment, Self::Litigation];

    /// Its row.
    pub fn rule(self) -> PauseRule {
        let special = Some((StateCode::SpecialBegins, StateCode::SpecialEnds));
        match self {
            Self::SpecialProcedure => {
                PauseRule { reason: self, name: "SPECIAL_PROCEDURE", approval: true, until: true, codes: special }
            }
            Self::Appointment => {
                PauseRule { reason: self, name: "APPOINTMENT", approval: false, until: true, codes: None }
            }
            Self::Litigation => {
                PauseRule { reason: self, name: "LITIGATION", approval: true, until: false, codes: special }
            }
        }
    }

    /// The reason of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.rule().name == name)
    }
}
