//! The fifteen state codes that approval systems exchange (工程建设项目审批数据标准). They are emitted per case and step,
//! where beginnings and ends come in pairs; the case's own code follows from its steps.

use serde::{Deserialize, Serialize};

/// A state code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "u8", try_from = "u8")]
#[repr(u8)]
pub enum StateCode {
    /// 1 已接件
    Received = 1,
    /// 2 已撤件
    TakenBack = 2,
    /// 3 已受理
    Accepted = 3,
    /// 4 不受理
    NotNeeded = 4,
    /// 5 不予受理
    NotAccepted = 5,
    /// 6 补正(开始)
    CorrectionBegins = 6,
    /// 7 补正(结束)
    CorrectionEnds = 7,
    /// 8 部门开始办理
    HandlingBegins = 8,
    /// 9 特别程序(开始)
    SpecialBegins = 9,
    /// 10 特别程序(结束)
    SpecialEnds = 10,
    /// 11 办结(通过)
    Passed = 11,
    /// 12 办结(容缺通过)
    PassedWithGaps = 12,
    /// 13 办结(不通过)
    NotPassed = 13,
    /// 14 撤回
    Withdrawn = 14,
    /// 15 撤销
    Revoked = 15,
}

impl StateCode {
    /// All codes.
    pub const ALL: [Self; 15] = [
        Self::Received,
        Self::TakenBack,
        Self::Accepted,
        Self::NotNeeded,
        Self::NotAccepted,
        Self::CorrectionBegins,
        Self::CorrectionEnds,
        Self::HandlingBegins,
        Self::SpecialBegins,
        Self::SpecialEnds,
        Self::Passed,
        Self::PassedWithGaps,
        Self::NotPassed,
        Self::Withdrawn,
        Self::Revoked,
    ];

    /// The Chinese name.
    pub fn title(self) -> &'static str {
        match self {
            Self::Received => "已接件",
            Self::TakenBack => "已撤件",
            Self::Accepted => "已受理",
            Self::NotNeeded => "不受理",
            Self::NotAccepted => "不予受理",
            Self::CorrectionBegins => "补正(开始)",
            Self::CorrectionEnds => "补正(结束)",
            Self::HandlingBegins => "部门开始办理",
            Self::SpecialBegins => "特别程序(开始)",
            Self::SpecialEnds => "特别程序(结束)",
            Self::Passed => "办结(通过)",
            Self::PassedWithGaps => "办结(容缺通过)",
            Self::NotPassed => "办结(不通过)",
            Self::Withdrawn => "撤回",
            Self::Revoked => "撤销",
        }
    }

    /// The code that a beginning has to be followed by before the step ends.
    pub fn closed_by(self) -> Option<Self> {
        match self {
            Self::CorrectionBegins => Some(Self::CorrectionEnds),
            Self::SpecialBegins => Some(Self::SpecialEnds),
            _ => None,
        }
    }
}

impl From<StateCode> for u8 {
    fn from(code: StateCode) -> Self {
        code as u8
    }
}

/// A number is not a state code.
#[derive(Debug, thiserror::Error)]
#[error("{0} is no state code")]
pub struct NoSuchCode(u8);

impl TryFrom<u8> for StateCode {
    type Error = NoSuchCode;

    fn try_from(number: u8) -> Result<Self, NoSuchCode> {
        Self::ALL.into_iter().find(|code| *code as u8 == number).ok_or(NoSuchCode(number))
    }
}
