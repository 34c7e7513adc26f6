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

use crate::division::{self, Standing};
use crate::{Checked, Class, ComposeError, findings, normalize};

/// Powers of 2 modulo 11, from 2^17 down to 2^1.
const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

/// The check characters of the remainders 0 to 10.
const CHECKS: &[u8; 11] = b"10X98765432";

/// Judges a value exactly as given, except that a birth date in the future passes: see [`check_on`]. Divisions that have
/// been abolished are a class and a doubt, those that no list has a doubt.
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

/// The birth date that a number carries; `None` where it carries none. Whether the number is right is not looked at.
pub fn birth_date(number: &str) -> Option<Date> {
    let is_number = number.len() == 18 && number.is_ascii();
    if is_number { date_in(number) } else { None }
}

/// Full years (周岁) of the number's holder on a day, counted by birthdays: whoever was born on 29 February grows older on
/// 1 March of other years. `None` without a birth date or before it.
pub fn age_on(number: &str, day: Date) -> Option<i16> {
    let born = birth_date(number)?;
    let years = day.year() - born.year();
    let had_birthday = (day.month(), day.day()) >= (born.month(), born.day());
    Some(if had_birthday { years } else { years - 1 }).filter(|years| *years >= 0)
}

/// Whether the number's holder is a man: the 17th digit is odd. `None` where that is no digit.
pub fn is_male(number: &str) -> Option<bool> {
    let digit = number.as_bytes().get(16).filter(|digit| digit.is_ascii_digit())?;
    Some(digit % 2 == 1)
}

fn check_with(value: &str, today: Option<Date>) -> Checked {
    let (number, mut problems) = normalize::normalize(value);
    let (class, found) = judge(&number, today);
    problems.extend(found);
    Checked::new(class, number, problems)
}

/// Judges a value of canonical form.
fn judge(number: &str, today: Option<Date>) -> (Option<Class>, Vec<Finding>) {
    let characters: Vec<char> = number.chars().collect();
    if characters.len() == 15 && characters.iter().all(char::is_ascii_digit) {
        return (None, vec![findings::first_generation()]);
    }
    let mut found = Vec::new();
    if characters.len() != 18 {
        found.push(findings::bad_length(18, characters.len()));
    }
    found.extend(bad_characters(&characters));
    if !found.is_empty() {
        return (None, found);
    }

    let class = class_of(&number[..6]);
    match class {
        None => found.push(findings::unknown_division_of_person()),
        Some(Class::ForeignPermanentResident) => found.push(findings::foreign_permanent_resident()),
        Some(Class::CitizenNumberOfAbolishedDivision) => {
            found.push(findings::abolished_division(division::former(&number[..6])));
        }
        Some(Class::CitizenNumber) if division::standing(&number[..6]) == Standing::Unlisted => {
            found.push(findings::unlisted_division_of_person());
        }
        Some(_) => {}
    }
    match date_in(number) {
        None => found.push(findings::bad_birth_date()),
        Some(born) if today.is_some_and(|today| born > today) => found.push(findings::future_birth_date()),
        Some(born) if born.year() < 1900 => found.push(findings::early_birth_date()),
        Some(_) => {}
    }
    let number = number.as_bytes();
    if check_character(&number[..17]) != Some(number[17]) {
        found.push(findings::bad_check());
    }
    let wrong = found.iter().any(Finding::is_error);
    (class.filter(|_| !wrong), found)
}

fn date_in(number: &str) -> Option<Date> {
    Date::strptime("%Y%m%d", number.get(6..14)?).ok()
}

fn class_of(division: &str) -> Option<Class> {
    match division {
        "810000" | "820000" | "830000" => Some(Class::ResidencePermit),
        _ if division.starts_with('9') => Some(Class::ForeignPermanentResident),
        _ => match division::standing(division) {
            Standing::InForce | Standing::Unlisted => Some(Class::CitizenNumber),
            Standing::Abolished => Some(Class::CitizenNumberOfAbolishedDivision),
            Standing::NoProvince => None,
        },
    }
}

fn bad_characters(characters: &[char]) -> Vec<Finding> {
    let is_check = |place: usize| place == 18 && characters.len() == 18;
    let places = |wrong: &dyn Fn(usize, char) -> bool| -> Vec<usize> {
        (1..).zip(characters).filter(|(place, c)| wrong(*place, **c)).map(|(place, _)| place).collect()
    };
    let body = places(&|place, character| !is_check(place) && !character.is_ascii_digit());
    let check = places(&|place, character| is_check(place) && !(character.is_ascii_digit() || character == 'X'));
    [(body, "数字", "digits"), (check, "数字或 X", "a digit or X")]
        .into_iter()
        .filter(|(places, ..)| !places.is_empty())
        .map(|(places, zh, en)| findings::bad_characters(&places, zh, en))
        .collect()
}

/// The 18th character of 17 digits.
fn check_character(digits: &[u8]) -> Option<u8> {
    let mut sum = 0;
    for (digit, weight) in digits.iter().zip(WEIGHTS) {
        sum += char::from(*digit).to_digit(10)? * weight;
    }
    CHECKS.get(usize::try_from(sum % 11).ok()?).copied()
}
