//! The entries of a history: facts, in the past tense, each made once by somebody on some day.

use jiff::civil::Date;
use kaiban_findings::Text;
use serde::{Deserialize, Serialize};

use crate::record::Record;

/// One line of a subject's history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Id of the record that it is about.
    pub record: String,
    /// The day on which the entry is made.
    pub on: Date,
    /// Id of the principal who makes it.
    pub by: String,
    /// What happened.
    pub what: What,
}

/// What happened to a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum What {
    /// It was put on record.
    Recorded(Record),
    /// The dishonest act is corrected and every duty from the decision is fulfilled.
    Corrected {
        /// The day on which the last duty was fulfilled.
        done_on: Date,
    },
    /// The subject applied for repair.
    RepairApplied {
        /// Whether the public credit promise (信用承诺) was given with it.
        public_promise: bool,
    },
    /// Repaired: no longer published, shared or used (信用修复管理办法 §3).
    RepairGranted,
    /// The application was refused. The subject may apply again.
    RepairRefused {
        /// Why.
        reason: Refusal,
    },
    /// Recorded in error: the decision was taken back, for example on an objection. The entries stay.
    Withdrawn {
        /// Number of the decision that took it back.
        decision: String,
    },
}

/// Why an application for repair was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Refusal {
    /// A duty turned out not to be fulfilled.
    DutyNotFulfilled,
    /// What was handed in proves too little.
    MaterialInsufficient,
    /// What was handed in is not true.
    MaterialFalse,
    /// A law excludes repair.
    NotRepairable,
}

impl Refusal {
    /// Its name for people.
    pub fn name(self) -> Text {
        match self {
            Refusal::DutyNotFulfilled => Text::new("相关义务尚未履行完毕", "a duty is not fulfilled"),
            Refusal::MaterialInsufficient => Text::new("申请材料不足以证明", "the material proves too little"),
            Refusal::MaterialFalse => Text::new("申请材料不真实", "the material is not true"),
            Refusal::NotRepairable => Text::new("依法不可修复", "the law excludes repair"),
        }
    }
}
