//! Which records keep a subject from using commitments.
//!
//! 国办发〔2020〕42号 bars who has a rather grave bad credit record (较严重的不良信用记录) or promised falsely before
//! (曾作出虚假承诺), until the credit is repaired. Read here: rather grave is the class serious or a listing as
//! seriously dishonest, whatever its class; a false commitment bars in every class. Repair ends the bar, as does what
//! ends the record otherwise: after the maximum span nothing is published any more, so that nothing is left to repair.

use jiff::civil::Date;
use kaiban_findings::Text;
use serde::{Deserialize, Serialize};

use crate::record::{Class, Reason, Record};

/// Why a record bars.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Ground {
    /// 曾作出虚假承诺
    FalseCommitment,
    /// 较严重的不良信用记录
    SeriousRecord,
}

impl Ground {
    /// Why this record bars, if it does. A false commitment is named first: it is the narrower rule.
    pub fn of(record: &Record) -> Option<Ground> {
        match (record.reason, record.class) {
            (Reason::FalseCommitment, _) => Some(Ground::FalseCommitment),
            (Reason::SeriousDishonestyList, _) | (_, Class::Serious) => Some(Ground::SeriousRecord),
            _ => None,
        }
    }

    /// The rule, in a sentence.
    pub fn text(self) -> Text {
        match self {
            Ground::FalseCommitment => Text::new(
                "曾作出虚假承诺的，在信用修复前不适用告知承诺制",
                "a subject that promised falsely may not use commitments until the credit is repaired",
            ),
            Ground::SeriousRecord => Text::new(
                "有较严重不良信用记录的，在信用修复前不适用告知承诺制",
                "a subject with a grave credit record may not use commitments until the credit is repaired",
            ),
        }
    }

    /// The document that the rule stands in.
    pub fn law(self) -> Text {
        Text::new("国办发〔2020〕42号", "State Council General Office 2020 No. 42")
    }
}

/// A record that keeps the subject from using commitments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bar {
    /// Id of the record.
    pub record: String,
    /// By which rule.
    pub ground: Ground,
    /// The document that the rule stands in.
    pub law: Text,
    /// Since when: the day on which it was recorded.
    pub since: Date,
}
