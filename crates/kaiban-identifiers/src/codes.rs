//! The codes of this crate's findings. Programmes branch on them; they never change meaning.

/// Error. Not 18 characters long.
pub const BAD_LENGTH: &str = "BAD_LENGTH";
/// Error. A character that the standard does not allow at its place.
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
/// Doubt. A code of Fujian's pilot of 2015: lawful, but to be looked up in the registry.
pub const FUJIAN_PILOT: &str = "FUJIAN_PILOT";
/// Error. A citizen number of the first generation (15 digits), not valid since 2013-01-01.
pub const FIRST_GENERATION: &str = "FIRST_GENERATION";
/// Error. Characters 7 to 14 of a citizen number are no date of the calendar.
pub const BAD_BIRTH_DATE: &str = "BAD_BIRTH_DATE";
/// Error. The birth date lies after the day of the check.
pub const FUTURE_BIRTH_DATE: &str = "FUTURE_BIRTH_DATE";
/// Doubt. The birth date lies before 1900.
pub const EARLY_BIRTH_DATE: &str = "EARLY_BIRTH_DATE";
/// Doubt. A permanent residence card of a foreigner; no published standard says how its number is built.
pub const FOREIGN_PERMANENT_RESIDENT: &str = "FOREIGN_PERMANENT_RESIDENT";
