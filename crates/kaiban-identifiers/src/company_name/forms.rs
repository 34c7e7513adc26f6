//! The form of organisation at the end of a name (企业名称登记管理规定 §10), and which kinds may use which.

use crate::EntityKind;

/// What a form says of the business.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    Limited,
    JointStock,
    /// 公司 without a word on liability: nobody may use it (公司法 §7).
    BareCompany,
    Cooperative,
    /// 合伙企业, 企业.
    Enterprise,
    /// 厂, 店, 馆, 部, 行, 中心 and their like: individual businesses, sole proprietorships and partnerships.
    Shop,
}

/// Longest first where one ends in another.
const FORMS: [(&str, Family); 44] = [
    ("股份有限公司", Family::JointStock),
    ("股份公司", Family::JointStock),
    ("有限责任公司", Family::Limited),
    ("有限公司", Family::Limited),
    ("公司", Family::BareCompany),
    ("农民专业合作社联合社", Family::Cooperative),
    ("专业合作社联合社", Family::Cooperative),
    ("农民专业合作社", Family::Cooperative),
    ("专业合作社", Family::Cooperative),
    ("合伙企业", Family::Enterprise),
    ("企业", Family::Enterprise),
    ("工作室", Family::Shop),
    ("事务所", Family::Shop),
    ("中心", Family::Shop),
    ("农场", Family::Shop),
    ("厂", Family::Shop),
    ("店", Family::Shop),
    ("馆", Family::Shop),
    ("部", Family::Shop),
    ("行", Family::Shop),
    ("坊", Family::Shop),
    ("铺", Family::Shop),
    ("社", Family::Shop),
    ("吧", Family::Shop),
    ("屋", Family::Shop),
    ("室", Family::Shop),
    ("站", Family::Shop),
    ("场", Family::Shop),
    ("园", Family::Shop),
    ("苑", Family::Shop),
    ("阁", Family::Shop),
    ("轩", Family::Shop),
    ("斋", Family::Shop),
    ("堂", Family::Shop),
    ("所", Family::Shop),
    ("院", Family::Shop),
    ("城", Family::Shop),
    ("庄", Family::Shop),
    ("楼", Family::Shop),
    ("摊", Family::Shop),
    ("户", Family::Shop),
    ("队", Family::Shop),
    ("超市", Family::Shop),
    ("网吧", Family::Shop),
];

/// What stands in brackets after the form.
pub(super) const LIABILITIES: [(&str, EntityKind); 5] = [
    ("（特殊普通合伙）", EntityKind::SpecialGeneralPartnership),
    ("（普通合伙）", EntityKind::GeneralPartnership),
    ("（有限合伙）", EntityKind::LimitedPartnership),
    ("（个人独资）", EntityKind::SoleProprietorship),
    ("（个体工商户）", EntityKind::IndividualBusiness),
];

/// What a branch adds to its parent's name (§13).
pub(super) const BRANCHES: [&str; 10] =
    ["分公司", "分厂", "分店", "分行", "分所", "分院", "分社", "支行", "营业部", "门店"];

/// The form that a name without brackets at its end has.
pub(super) fn form(name: &str) -> Option<(&'static str, Family)> {
    FORMS.into_iter().filter(|(form, _)| name.ends_with(form)).max_by_key(|(form, _)| form.len())
}

/// The kind that a form means by itself. Shops without brackets are taken for individual businesses.
pub(super) fn kind(family: Family, liability: Option<EntityKind>) -> EntityKind {
    liability.unwrap_or(match family {
        Family::Limited | Family::BareCompany => EntityKind::LimitedCompany,
        Family::JointStock => EntityKind::JointStockCompany,
        Family::Cooperative => EntityKind::Cooperative,
        Family::Enterprise => EntityKind::GeneralPartnership,
        Family::Shop => EntityKind::IndividualBusiness,
    })
}

/// Whether a business of that kind may use the form.
pub(super) fn fits(kind: EntityKind, family: Family) -> bool {
    match kind {
        EntityKind::LimitedCompany => family == Family::Limited,
        EntityKind::JointStockCompany => family == Family::JointStock,
        EntityKind::Cooperative => family == Family::Cooperative,
        EntityKind::SoleProprietorship | EntityKind::IndividualBusiness => family == Family::Shop,
        EntityKind::GeneralPartnership | EntityKind::SpecialGeneralPartnership | EntityKind::LimitedPartnership => {
            matches!(family, Family::Shop | Family::Enterprise)
        }
        EntityKind::Branch => true,
    }
}

/// The forms that a kind usually takes, for a hint.
pub(super) fn usual(kind: EntityKind) -> &'static str {
    match kind {
        EntityKind::LimitedCompany => "有限责任公司、有限公司",
        EntityKind::JointStockCompany => "股份有限公司、股份公司",
        EntityKind::SoleProprietorship => "厂、店、部、中心、工作室、事务所",
        EntityKind::GeneralPartnership => "合伙企业（普通合伙）、事务所（普通合伙）、中心（普通合伙）",
        EntityKind::SpecialGeneralPartnership => "事务所（特殊普通合伙）",
        EntityKind::LimitedPartnership => "合伙企业（有限合伙）、中心（有限合伙）",
        EntityKind::IndividualBusiness => "厂、店、馆、部、行、中心",
        EntityKind::Cooperative => "专业合作社、专业合作社联合社",
        EntityKind::Branch => "分公司、分厂、分店",
    }
}
