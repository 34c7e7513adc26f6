//! What is put on record once and never changes.

use jiff::civil::Date;
use kaiban_findings::Text;
use serde::{Deserialize, Serialize};

/// How grave a record is. The authority that decides gives the class; it stays for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// 轻微
    Minor,
    /// 一般
    General,
    /// 严重
    Serious,
}

impl Class {
    /// All, the lightest first.
    pub const ALL: [Class; 3] = [Class::Minor, Class::General, Class::Serious];

    /// Its name for people.
    pub fn name(self) -> Text {
        match self {
            Class::Minor => Text::new("轻微", "minor"),
            Class::General => Text::new("一般", "general"),
            Class::Serious => Text::new("严重", "serious"),
        }
    }
}

/// What a record is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Reason {
    /// 虚假承诺: what was promised in a commitment was not so.
    FalseCommitment,
    /// 严重失信主体名单: listed as seriously dishonest by the authority of some field.
    SeriousDishonestyList,
    /// 行政处罚
    AdministrativePenalty,
    /// 异常名录: for example, not found at the registered address.
    AbnormalOperations,
    /// 其他失信信息 of the catalogues.
    Other,
}

impl Reason {
    /// Its name for people.
    pub fn name(self) -> Text {
        match self {
            Reason::FalseCommitment => Text::new("作出虚假承诺", "false commitment"),
            Reason::SeriousDishonestyList => {
                Text::new("列入严重失信主体名单", "on the list of seriously dishonest subjects")
            }
            Reason::AdministrativePenalty => Text::new("受到行政处罚", "administrative penalty"),
            Reason::AbnormalOperations => Text::new("列入异常名录", "on the list of abnormal operations"),
            Reason::Other => Text::new("其他失信行为", "other dishonesty"),
        }
    }
}

/// A decision that is put on record. Its id stands in the [`Entry`](crate::Entry) that records it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// Whose it is: a keyed hash made by the caller, or a USCC. Never a person's number.
    pub subject: String,
    /// How grave.
    pub class: Class,
    /// About what.
    pub reason: Reason,
    /// What was decided, in a sentence that names no person.
    pub text: Text,
    /// Number of the decision.
    pub source: String,
    /// Law and article that the decision rests on.
    pub law: String,
    /// Day of the decision. All spans are counted from it.
    pub decided_on: Date,
    /// The authority found it necessary to publish it, though its class is not published as a rule. Says nothing for
    /// a class that is always, or never, published.
    #[serde(default)]
    pub must_be_published: bool,
    /// Law or policy by which it cannot be repaired (信用修复管理办法 §2 leaves that to laws, regulations and policy
    /// documents of the Central Committee and the State Council).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beyond_repair: Option<String>,
}
