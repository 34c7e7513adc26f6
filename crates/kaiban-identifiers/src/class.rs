use crate::EntityKind;

/// Which standard or practice a value follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Class {
    /// Unified social credit code of GB 32100-2015.
    Uscc,
    /// Unified social credit code of Fujian's pilot of 2015, whose last character follows another rule than
    /// GB 32100. Still in lawful use, never issued any more.
    UsccFujianPilot,
    /// Citizen number of a mainland resident, GB 11643-1999.
    CitizenNumber,
    /// Citizen number whose division has been abolished since; its holder keeps it for life.
    CitizenNumberOfAbolishedDivision,
    /// Number of a residence permit for residents of Hong Kong, Macau or Taiwan (divisions 810000, 820000, 830000).
    ResidencePermit,
    /// Number of a foreigner's permanent residence card in its 18-character form, which begins with 9.
    ForeignPermanentResident,
    /// Name of a business of that kind (企业名称登记管理规定).
    CompanyName(EntityKind),
    /// Section (门类) of GB/T 4754-2017: a letter.
    IndustrySection,
    /// Division (大类) of GB/T 4754-2017: two digits.
    IndustryDivision,
    /// Group (中类) of GB/T 4754-2017: three digits.
    IndustryGroup,
    /// Class (小类) of GB/T 4754-2017: four digits.
    IndustryClass,
    /// Number of a mobile telephone.
    Mobile,
    /// Number of a fixed telephone with its area code.
    Landline,
    /// Postcode.
    Postcode,
    /// A bank branch's number in the payment system (联行号).
    BankCode,
    /// Number of a basic deposit account (基本存款账户编号).
    BasicAccount,
    /// Number of a seal on record with public security (印章编码).
    SealNumber,
}

impl Class {
    /// A stable name for programmes, in kebab-case. A business name's class is the name of its kind.
    pub fn name(self) -> &'static str {
        match self {
            Class::Uscc => "gb32100",
            Class::UsccFujianPilot => "fujian-2015-pilot",
            Class::CitizenNumber => "gb11643",
            Class::CitizenNumberOfAbolishedDivision => "gb11643-abolished-division",
            Class::ResidencePermit => "residence-permit",
            Class::ForeignPermanentResident => "foreign-permanent-resident",
            Class::CompanyName(kind) => kind.name(),
            Class::IndustrySection => "industry-section",
            Class::IndustryDivision => "industry-division",
            Class::IndustryGroup => "industry-group",
            Class::IndustryClass => "industry-class",
            Class::Mobile => "mobile",
            Class::Landline => "landline",
            Class::Postcode => "postcode",
            Class::BankCode => "bank-code",
            Class::BasicAccount => "basic-account",
            Class::SealNumber => "seal-number",
        }
    }
}
