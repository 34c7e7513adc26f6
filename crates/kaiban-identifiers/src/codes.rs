//! The codes of this crate's findings. Programmes branch on them; they never change meaning.

/// Error. Not as long as it must be.
pub const BAD_LENGTH: &str = "BAD_LENGTH";
/// Error. Characters that the standard does not allow at their places.
pub const BAD_CHARACTER: &str = "BAD_CHARACTER";
/// Error. Lower-case letters; the canonical form has upper case.
pub const LOWER_CASE: &str = "LOWER_CASE";
/// Error. Full-width letters or digits, as Chinese input methods produce them.
pub const FULL_WIDTH: &str = "FULL_WIDTH";
/// Error. Spaces, hyphens or invisible characters, at the ends or between.
pub const SEPARATOR: &str = "SEPARATOR";
/// Error. The last character does not follow from the others.
pub const BAD_CHECK: &str = "BAD_CHECK";
/// Error. The 17th character of a USCC does not follow from the 9th to the 16th (GB 11714).
pub const BAD_ORGANISATION_CHECK: &str = "BAD_ORGANISATION_CHECK";
/// Error. The 1st character of a USCC names no registering department of GB 32100.
pub const UNKNOWN_DEPARTMENT: &str = "UNKNOWN_DEPARTMENT";
/// Error. The 2nd character of a USCC names no category of the department in the 1st.
pub const UNKNOWN_CATEGORY: &str = "UNKNOWN_CATEGORY";
/// Error in a citizen number, doubt in a USCC: the division lies in no province of GB/T 2260.
pub const UNKNOWN_DIVISION: &str = "UNKNOWN_DIVISION";
/// Doubt. The division lies in a province, but in no list of its divisions.
pub const UNLISTED_DIVISION: &str = "UNLISTED_DIVISION";
/// Doubt. The division has been abolished; the number stays valid.
pub const ABOLISHED_DIVISION: &str = "ABOLISHED_DIVISION";
/// Doubt. A code of Fujian's pilot of 2015: lawful, but to be looked up in the registry.
pub const FUJIAN_PILOT: &str = "FUJIAN_PILOT";
/// Error. A citizen number of the first generation (15 digits), not valid since 2013-01-01.
pub const FIRST_GENERATION: &str = "FIRST_GENERATION";
/// Error. Characters 7 to 14 of a citizen number are no date of the calendar.
pub const BAD_BIRTH_DATE: &str = "BAD_BIRTH_DATE";
/// Error. The birth date lies after the day of the check. Without a day, it cannot be told.
pub const FUTURE_BIRTH_DATE: &str = "FUTURE_BIRTH_DATE";
/// Doubt. The birth date lies before 1900.
pub const EARLY_BIRTH_DATE: &str = "EARLY_BIRTH_DATE";
/// Doubt. A permanent residence card of a foreigner; no published standard says how its number is built.
pub const FOREIGN_PERMANENT_RESIDENT: &str = "FOREIGN_PERMANENT_RESIDENT";
/// Error. The 1st character is no section of GB/T 4754, or the division lies in another section.
pub const UNKNOWN_SECTION: &str = "UNKNOWN_SECTION";
/// Error. GB/T 4754 has no such two-digit division.
pub const UNKNOWN_INDUSTRY: &str = "UNKNOWN_INDUSTRY";
/// Error. Not written as numbers of its kind are.
pub const WRONG_SHAPE: &str = "WRONG_SHAPE";
/// Doubt. A number of that shape, but none that this place would expect.
pub const UNUSUAL_NUMBER: &str = "UNUSUAL_NUMBER";

/// Error. There is no name.
pub const NAME_EMPTY: &str = "NAME_EMPTY";
/// Error. More characters than a name may have.
pub const NAME_TOO_LONG: &str = "NAME_TOO_LONG";
/// Error. Letters, digits, punctuation, emoji in a name (企业名称登记管理规定 §8).
pub const NAME_CHARACTER: &str = "NAME_CHARACTER";
/// Error. Traditional or variant forms in a name.
pub const TRADITIONAL_CHARACTER: &str = "TRADITIONAL_CHARACTER";
/// Doubt. Characters that few fonts and perhaps no official table have.
pub const RARE_CHARACTER: &str = "RARE_CHARACTER";
/// Doubt. ASCII brackets instead of Chinese ones.
pub const HALF_WIDTH_BRACKETS: &str = "HALF_WIDTH_BRACKETS";
/// Error where brackets do not come in pairs, doubt where they have something unusual in them.
pub const BRACKETS: &str = "BRACKETS";
/// Error. No form of organisation at the end.
pub const FORM_MISSING: &str = "FORM_MISSING";
/// Error. The form of organisation belongs to another kind of business.
pub const FORM_OF_OTHER_KIND: &str = "FORM_OF_OTHER_KIND";
/// Error. A partnership or a company that does not show its liability.
pub const LIABILITY_MISSING: &str = "LIABILITY_MISSING";
/// Error. A branch whose name does not begin with its parent's (§13).
pub const BRANCH_WITHOUT_PARENT: &str = "BRANCH_WITHOUT_PARENT";
/// Error. A trade name of less than two characters (§8).
pub const TRADE_NAME_SHORT: &str = "TRADE_NAME_SHORT";
/// Doubt. The trade name is a division (§8).
pub const TRADE_NAME_IS_DIVISION: &str = "TRADE_NAME_IS_DIVISION";
/// Doubt. The trade name is a line of business (§8).
pub const TRADE_NAME_IS_INDUSTRY: &str = "TRADE_NAME_IS_INDUSTRY";
/// Doubt. No known line of business in the name (§6, §9).
pub const INDUSTRY_NOT_RECOGNISED: &str = "INDUSTRY_NOT_RECOGNISED";
/// Doubt. No division in the name (§6).
pub const NO_DIVISION: &str = "NO_DIVISION";
/// Error. A district without its city (§7).
pub const DISTRICT_WITHOUT_CITY: &str = "DISTRICT_WITHOUT_CITY";
/// Error. A development zone without a division (§7).
pub const ZONE_WITHOUT_DIVISION: &str = "ZONE_WITHOUT_DIVISION";
/// Error. The name's division is not the registrar's (§7).
pub const DIVISION_ELSEWHERE: &str = "DIVISION_ELSEWHERE";
/// Doubt. 集团 in the name.
pub const GROUP_WORD: &str = "GROUP_WORD";
/// Error, or doubt where it may be part of harmless words. A word that §11 bars.
pub const BANNED_WORD: &str = "BANNED_WORD";
/// Error in front of a name, doubt within it. 中国, 中华, 中央, 全国, 国家 (§12).
pub const NATIONAL_WORD: &str = "NATIONAL_WORD";

/// Error. No capital, or a negative amount.
pub const CAPITAL_AMOUNT: &str = "CAPITAL_AMOUNT";
/// Error. The contributions do not add up to the capital.
pub const CAPITAL_SUM: &str = "CAPITAL_SUM";
/// Error. A contribution falls due later than the law allows.
pub const CAPITAL_TOO_LATE: &str = "CAPITAL_TOO_LATE";
/// Error. A joint-stock company whose shares are not paid before establishment.
pub const CAPITAL_UNPAID: &str = "CAPITAL_UNPAID";
/// Error. A contribution in a form that the law bars.
pub const CONTRIBUTION_FORM: &str = "CONTRIBUTION_FORM";
/// Error. A contribution without a date to be paid by.
pub const CONTRIBUTION_UNDATED: &str = "CONTRIBUTION_UNDATED";
/// Doubt. A firm of before 2024-07-01 that has to adjust its period by 2027-06-30.
pub const CAPITAL_TO_ADJUST: &str = "CAPITAL_TO_ADJUST";
/// Doubt. An amount or a period so large that the registrar may ask for reasons.
pub const CAPITAL_UNUSUAL: &str = "CAPITAL_UNUSUAL";
