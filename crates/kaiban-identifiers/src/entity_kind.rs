/// The kinds of business entity that can be registered (市场主体登记管理条例 §2), as far as their names and their capital
/// follow different rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EntityKind {
    /// 有限责任公司.
    LimitedCompany,
    /// 股份有限公司.
    JointStockCompany,
    /// 个人独资企业.
    SoleProprietorship,
    /// 普通合伙企业.
    GeneralPartnership,
    /// 特殊的普通合伙企业: professions such as accountants and lawyers.
    SpecialGeneralPartnership,
    /// 有限合伙企业.
    LimitedPartnership,
    /// 个体工商户.
    IndividualBusiness,
    /// 农民专业合作社 and their unions.
    Cooperative,
    /// 分公司 and other branches of an enterprise.
    Branch,
}

impl EntityKind {
    /// All kinds, in the order of the law.
    pub const ALL: [EntityKind; 9] = [
        EntityKind::LimitedCompany,
        EntityKind::JointStockCompany,
        EntityKind::SoleProprietorship,
        EntityKind::GeneralPartnership,
        EntityKind::SpecialGeneralPartnership,
        EntityKind::LimitedPartnership,
        EntityKind::IndividualBusiness,
        EntityKind::Cooperative,
        EntityKind::Branch,
    ];

    /// A stable name for programmes, as forms carry it: `limited-company`.
    pub fn name(self) -> &'static str {
        match self {
            EntityKind::LimitedCompany => "limited-company",
            EntityKind::JointStockCompany => "joint-stock-company",
            EntityKind::SoleProprietorship => "sole-proprietorship",
            EntityKind::GeneralPartnership => "general-partnership",
            EntityKind::SpecialGeneralPartnership => "special-general-partnership",
            EntityKind::LimitedPartnership => "limited-partnership",
            EntityKind::IndividualBusiness => "individual-business",
            EntityKind::Cooperative => "cooperative",
            EntityKind::Branch => "branch",
        }
    }

    /// The kind of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// What the law calls it.
    pub fn title(self) -> &'static str {
        match self {
            EntityKind::LimitedCompany => "有限责任公司",
            EntityKind::JointStockCompany => "股份有限公司",
            EntityKind::SoleProprietorship => "个人独资企业",
            EntityKind::GeneralPartnership => "普通合伙企业",
            EntityKind::SpecialGeneralPartnership => "特殊的普通合伙企业",
            EntityKind::LimitedPartnership => "有限合伙企业",
            EntityKind::IndividualBusiness => "个体工商户",
            EntityKind::Cooperative => "农民专业合作社",
            EntityKind::Branch => "分支机构",
        }
    }

    /// Whether it is a company of the Companies Law.
    pub fn is_company(self) -> bool {
        matches!(self, EntityKind::LimitedCompany | EntityKind::JointStockCompany)
    }

    /// Whether it is one of the three partnerships of the Partnership Enterprise Law.
    pub fn is_partnership(self) -> bool {
        matches!(
            self,
            EntityKind::GeneralPartnership | EntityKind::SpecialGeneralPartnership | EntityKind::LimitedPartnership
        )
    }
}
