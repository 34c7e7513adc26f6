use jiff::civil::Date;

use crate::{Checked, EntityKind, bank, citizen_id, company_name, contact, industry, seal, uscc};

/// The kinds of identifier that can be judged by name, as batches and forms ask for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Identifier {
    /// [`uscc`].
    Uscc,
    /// [`citizen_id`].
    CitizenId,
    /// [`company_name`].
    CompanyName,
    /// [`industry`].
    IndustryCode,
    /// [`contact::mobile`].
    Mobile,
    /// [`contact::landline`].
    Landline,
    /// [`contact::postcode`].
    Postcode,
    /// [`bank::code`].
    BankCode,
    /// [`bank::basic_account`].
    BasicAccount,
    /// [`seal`].
    SealNumber,
}

/// What some checks want to know besides the value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Circumstances {
    /// A day of China's calendar, for citizen numbers: nobody is born after it.
    pub today: Option<Date>,
    /// The kind of business, for names.
    pub entity: Option<EntityKind>,
}

impl Identifier {
    /// All kinds.
    pub const ALL: [Identifier; 10] = [
        Identifier::Uscc,
        Identifier::CitizenId,
        Identifier::CompanyName,
        Identifier::IndustryCode,
        Identifier::Mobile,
        Identifier::Landline,
        Identifier::Postcode,
        Identifier::BankCode,
        Identifier::BasicAccount,
        Identifier::SealNumber,
    ];

    /// A stable name for programmes: `citizen-id`.
    pub fn name(self) -> &'static str {
        match self {
            Identifier::Uscc => "uscc",
            Identifier::CitizenId => "citizen-id",
            Identifier::CompanyName => "company-name",
            Identifier::IndustryCode => "industry-code",
            Identifier::Mobile => "mobile",
            Identifier::Landline => "landline",
            Identifier::Postcode => "postcode",
            Identifier::BankCode => "bank-code",
            Identifier::BasicAccount => "basic-account",
            Identifier::SealNumber => "seal-number",
        }
    }

    /// The kind of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Judges a value exactly as given. Never fails: what is wrong is in the answer.
    pub fn check(self, value: &str, circumstances: Circumstances) -> Checked {
        match self {
            Identifier::Uscc => uscc::check(value),
            Identifier::CitizenId => match circumstances.today {
                Some(today) => citizen_id::check_on(value, today),
                None => citizen_id::check(value),
            },
            Identifier::CompanyName => company_name::check(value, circumstances.entity),
            Identifier::IndustryCode => industry::check(value),
            Identifier::Mobile => contact::mobile(value),
            Identifier::Landline => contact::landline(value),
            Identifier::Postcode => contact::postcode(value),
            Identifier::BankCode => bank::code(value),
            Identifier::BasicAccount => bank::basic_account(value),
            Identifier::SealNumber => seal::check(value),
        }
    }
}
