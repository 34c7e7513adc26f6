//! The citizen number (公民身份号码), GB 11643-1999, and the numbers that other cards write in the same form.
//!
//! | characters | meaning |
//! |---|---|
//! | 1-6 | division of the first registration, GB/T 2260; abolished divisions stay valid |
//! | 7-14 | birth date |
//! | 15-17 | sequence, odd for men |
//! | 18 | check character, ISO 7064 MOD 11-2 |

use jiff::civil::Date;
use kaiban_findings::Finding;

use crate::{Checked, Class, ComposeError, division, findings, normalize};

/// Powers of 2 modulo 11, from 2^17 down to 2^1.
const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

/// The check characters of the remainders 0 to 10.
const CHECKS: &[u8; 11] = b"10X98765432";

/// Judges a value exactly as given, except that a birth date in the future passes: see [`check_on`].
pub fn check(value: &str) -> Checked {
    check_with(value, None)
}

/// Judges a value exactly as given, on a day of China's calendar: nobody is born after it.
pub fn check_on(value: &str, today: Date) -> Checked {
    check_with(value, Some(today))
}

/// Composes the number of a simulated person; `sequence` is 0 to 999, odd for a man. The result may collide with a
/// real person's number.
///
/// # Errors
/// A division in no province, a birth date without a four-digit year, a sequence above 999.
pub fn compose(division: &str, birth_date: Date, sequence: u16) -> Result<String, ComposeError> {
    if !division::is_six_digits(division) || class_of(division).is_none() {
        return Err(ComposeError::Division);
    }
    if birth_date.year() < 1000 {
        return Err(ComposeError::BirthDate);
    }
    if sequence > 999 {
        return Err(ComposeError::Sequence);
    }
    let mut number = format!("{division}{}{sequence:03}", birth_date.strftime("%Y%m%d"));
    let check = check_character(number.as_bytes()).ok_or(ComposeError::BirthDate)?;
    number.push(char::from(check));
    Ok(number)
}

/// The number as people may see it: division and last four characters (`350102********8313`). A value of any other
/// length is hidden entirely, its length included.
pub fn mask(value: &str) -> String {
    let characters: Vec<char> = value.chars().collect();
    if characters.len() != 18 {
        return "*".repeat(18);
    }
    characters.iter().enumerate().map(|(index, shown)| if (6..14).contains(&index) { '*' } else { *shown }).collect()
}

fn check_with(value: &str, today: Option<Date>) -> Checked {
    let (number, mut problems) = normalize::normalize(value);
    let (class, found) = judge(&number, today);
    problems.extend(found);
    Checked::new(class, number, problems)
}

/// Judges a value of canonical form.
fn judge(number: &str, today: Option<Date>) -> (Option<Class>, Vec<Finding>) {
    let length = number.chars().count();
    if length == 15 && number.bytes().all(|byte| byte.is_ascii_digit()) {
        return (None, vec![findings::first_generation()]);
    }
    if length != 18 {
        return (None, vec![findings::bad_length(length)]);
    }
    if let Some(bad) = first_bad_character(number) {
        return (None, vec![bad]);
    }

    let mut found = Vec::new();
    let class = class_of(&number[..6]);
    match class {
        None => found.push(findings::unknown_division_of_person()),
        Some(Class::ForeignPermanentResident) => found.push(findings::foreign_permanent_resident()),
        Some(_) => {}
    }
    match Date::strptime("%Y%m%d", &number[6..14]) {
        Err(_) => found.push(findings::bad_birth_date()),
        Ok(born) if today.is_some_and(|today| born > today) => found.push(findings::future_birth_date()),
        Ok(born) if born.year() < 1900 => found.push(findings::early_birth_date()),
        Ok(_) => {}
    }
    let number = number.as_bytes();
    if check_character(&number[..17]) != Some(number[17]) {
        found.push(findings::bad_check());
    }
    let wrong = found.iter().any(Finding::is_error);
    (class.filter(|_| !wrong), found)
}

fn class_of(division: &str) -> Option<Class> {
    match division {
        "810000" | "820000" | "830000" => Some(Class::ResidencePermit),
        _ if division.starts_with('9') => Some(Class::ForeignPermanentResident),
        _ if division::lies_in_a_province(division) => Some(Class::CitizenNumber),
        _ => None,
    }
}

fn first_bad_character(number: &str) -> Option<Finding> {
    number.chars().enumerate().find_map(|(index, character)| match index {
        _ if character.is_ascii_digit() => None,
        17 if character == 'X' => None,
        17 => Some(findings::bad_character(18, "数字或 X", "a digit or X")),
        _ => Some(findings::bad_character(index + 1, "数字", "a digit")),
    })
}

/// The 18th character of 17 digits.
fn check_character(digits: &[u8]) -> Option<u8> {
    let mut sum = 0;
    for (digit, weight) in digits.iter().zip(WEIGHTS) {
        sum += char::from(*digit).to_digit(10)? * weight;
    }
    CHECKS.get(usize::try_from(sum % 11).ok()?).copied()
}
