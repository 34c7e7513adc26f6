//! How likely a commitment is to be drawn for a visit, by its signatory's credit.

use kaiban_findings::Text;
use serde::{Deserialize, Serialize};

use crate::bar::Ground;
use crate::fold::State;
use crate::record::Class;

/// The strata of the draw. They follow from the records in force and from nothing else: what is repaired may no longer
/// be used (信用修复管理办法 §3), so it weighs nothing.
///
/// | class | records in force | share drawn |
/// |---|---|---|
/// | A | none | 5 % |
/// | B | minor only | 8 % |
/// | C | general, none that bars | 12 % |
/// | D | one that bars from commitments | 15 % |
///
/// D is not empty: a commitment signed before the record was made is still in the pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum RiskClass {
    /// No record.
    A,
    /// Minor records only.
    B,
    /// A general record.
    C,
    /// A record that bars from commitments.
    D,
}

impl RiskClass {
    /// The class that one record in force puts its subject into.
    pub(crate) fn of(state: &State) -> RiskClass {
        match (Ground::of(&state.record), state.record.class) {
            (Some(_), _) => RiskClass::D,
            (None, Class::Minor) => RiskClass::B,
            (None, Class::General | Class::Serious) => RiskClass::C,
        }
    }

    /// The share of its commitments that is drawn, in percent.
    pub fn share_percent(self) -> u8 {
        match self {
            RiskClass::A => 5,
            RiskClass::B => 8,
            RiskClass::C => 12,
            RiskClass::D => 15,
        }
    }

    /// Its name for people.
    pub fn name(self) -> Text {
        let share = self.share_percent();
        Text::new(format!("{self:?} 类（抽查比例 {share}%）"), format!("class {self:?} ({share} % drawn)"))
    }
}
