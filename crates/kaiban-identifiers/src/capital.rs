//! Capital and contributions, by the law of the day.
//!
//! | established | limited company | joint-stock company |
//! |---|---|---|
//! | before 2024-07-01 | subscribed, without a limit of time (公司法 2013, 2018) | promoters subscribe, pay by their articles |
//! | since 2024-07-01 | paid within five years of establishment (公司法 2023 §47) | paid in full before establishment (§98) |
//!
//! Firms of before 2024-07-01: what a limited company owes later than five years from 2027-07-01 has to be brought within them
//! by 2027-06-30; promoters of a joint-stock company pay in full by then (国务院令第784号 §2).
//! Capital is in RMB, without a general minimum. Labour, credit, a person's name, goodwill, franchises and mortgaged property
//! are no contribution to a company or a cooperative (市场主体登记管理条例 §13; before 2022-03-01 公司登记管理条例 §14). Partners may
//! contribute labour, but limited partners may not (合伙企业法 §16, §64).

mod findings;
mod rules;

use jiff::civil::Date;

pub use rules::{check, five_years_after};

use crate::EntityKind;

/// What a contribution consists of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    /// 货币.
    Money,
    /// 实物.
    Goods,
    /// 知识产权.
    IntellectualProperty,
    /// 土地使用权.
    LandUse,
    /// 股权.
    Equity,
    /// 债权.
    Claims,
    /// Other property that can be valued in money and transferred.
    OtherProperty,
    /// 劳务.
    Labour,
    /// 信用.
    Credit,
    /// 自然人姓名.
    PersonalName,
    /// 商誉.
    Goodwill,
    /// 特许经营权.
    Franchise,
    /// 设定担保的财产.
    EncumberedProperty,
}

impl Form {
    /// All forms.
    pub const ALL: [Form; 13] = [
        Form::Money,
        Form::Goods,
        Form::IntellectualProperty,
        Form::LandUse,
        Form::Equity,
        Form::Claims,
        Form::OtherProperty,
        Form::Labour,
        Form::Credit,
        Form::PersonalName,
        Form::Goodwill,
        Form::Franchise,
        Form::EncumberedProperty,
    ];

    /// A stable name for programmes, as forms carry it.
    pub fn name(self) -> &'static str {
        match self {
            Form::Money => "money",
            Form::Goods => "goods",
            Form::IntellectualProperty => "intellectual-property",
            Form::LandUse => "land-use",
            Form::Equity => "equity",
            Form::Claims => "claims",
            Form::OtherProperty => "other-property",
            Form::Labour => "labour",
            Form::Credit => "credit",
            Form::PersonalName => "personal-name",
            Form::Goodwill => "goodwill",
            Form::Franchise => "franchise",
            Form::EncumberedProperty => "encumbered-property",
        }
    }

    /// The form of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|form| form.name() == name)
    }

    /// What the law calls it.
    pub fn title(self) -> &'static str {
        match self {
            Form::Money => "货币",
            Form::Goods => "实物",
            Form::IntellectualProperty => "知识产权",
            Form::LandUse => "土地使用权",
            Form::Equity => "股权",
            Form::Claims => "债权",
            Form::OtherProperty => "其他财产",
            Form::Labour => "劳务",
            Form::Credit => "信用",
            Form::PersonalName => "自然人姓名",
            Form::Goodwill => "商誉",
            Form::Franchise => "特许经营权",
            Form::EncumberedProperty => "设定担保的财产",
        }
    }
}

/// What one investor puts in at one time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contribution {
    /// Amount subscribed (认缴), in fen.
    pub amount_fen: i64,
    /// How much of it is paid (实缴), in fen.
    pub paid_fen: i64,
    /// What it consists of.
    pub form: Form,
    /// The day by which the rest is to be paid; not needed where nothing is left.
    pub due: Option<Date>,
    /// Whether a limited partner makes it.
    pub limited_partner: bool,
}

/// What is to be judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Kind of business.
    pub kind: EntityKind,
    /// Registered capital (注册资本) or the sum of contributions (出资额), in fen.
    pub capital_fen: i64,
    /// The day of establishment; for a business to be set up, the day of the check.
    pub established: Date,
    /// Who puts in what. Empty = not stated yet; then only the capital is judged.
    pub contributions: Vec<Contribution>,
}
