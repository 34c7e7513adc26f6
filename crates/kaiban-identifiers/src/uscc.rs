//! The unified social credit code (统一社会信用代码), GB 32100-2015 with its amendment of 2016.
//!
//! | characters | meaning |
//! |---|---|
//! | 1 | registering department (登记管理部门) |
//! | 2 | category of organisation within it (机构类别) |
//! | 3-8 | division of the registrar, GB/T 2260 |
//! | 9-17 | organisation code, GB 11714, whose last character is its own check character |
//! | 18 | check character over the other 17 |
//!
//! Fujian issued codes in its pilot of 2015 whose last character follows another rule. Firms still carry them, so
//! they are recognised, with a doubt. The rule was found by experiment on codes in use; no published text states it.

use kaiban_findings::Finding;

use crate::{Checked, Class, ComposeError, division, findings, normalize, organisation_code};

/// Digits and capitals without `I O S V Z`; the index of a character is its value (GB 32100-2015, table 1).
const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

/// Powers of 3 modulo 31 (GB 32100-2015, table 4).
const WEIGHTS: [u32; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];

/// Powers of 2 modulo 37.
const PILOT_WEIGHTS: [u32; 17] = [1, 2, 4, 8, 16, 32, 27, 17, 34, 31, 25, 13, 26, 15, 30, 23, 9];

/// Judges a value exactly as given. Never fails: what is wrong is in the answer.
pub fn check(value: &str) -> Checked {
    let (code, mut problems) = normalize::normalize(value);
    let breaches = breaches(&code);
    let class = if breaches.is_empty() {
        Some(Class::Uscc)
    } else if is_fujian_pilot(code.as_bytes()) {
        Some(Class::UsccFujianPilot)
    } else {
        None
    };
    match class {
        Some(Class::UsccFujianPilot) => problems.push(findings::fujian_pilot()),
        _ => problems.extend(breaches),
    }
    if let (Some(_), Some(registrar)) = (class, code.get(2..8)) {
        if !is_known_registrar(registrar) {
            problems.push(findings::unknown_division_of_registrar());
        } else if registrar.starts_with("3501") && !has_registered(registrar) {
            problems.push(findings::no_registrar_of_fuzhou());
        }
    }
    Checked::new(class, code, problems)
}

/// Composes the code of a simulated organisation: `department` and `category` as in GB 32100 (`'9'`, `'1'` for an
/// enterprise), the registrar's division, and the eight characters of the organisation code before its check
/// character. The result may collide with a real organisation's code.
///
/// # Errors
/// A part that GB 32100 does not allow, or a division in no province.
pub fn compose(department: char, category: char, division: &str, body: &str) -> Result<String, ComposeError> {
    let known = categories(department).is_some_and(|categories| categories.contains(category));
    if !known {
        return Err(ComposeError::Category);
    }
    if !division::is_six_digits(division) || !is_known_registrar(division) {
        return Err(ComposeError::Division);
    }
    if !body.bytes().all(|character| position(character).is_some()) {
        return Err(ComposeError::Body);
    }
    let organisation_check = organisation_code::check_character(body.as_bytes()).ok_or(ComposeError::Body)?;
    let mut code = format!("{department}{category}{division}{body}{}", char::from(organisation_check));
    let check = check_character(code.as_bytes()).ok_or(ComposeError::Body)?;
    code.push(char::from(check));
    Ok(code)
}

/// The categories of a department; `None` for no department. GB 32100-2015, tables 2 and 3, amendment 1 of 2016.
fn categories(department: char) -> Option<&'static str> {
    Some(match department {
        '1' => "1239",   // 机构编制：机关、事业单位、群众团体、其他
        '2' => "19",     // 外交：外国常驻新闻机构、其他
        '3' => "123459", // 司法行政：律师、公证、基层法律服务、司法鉴定、仲裁、其他
        '4' => "19",     // 文化：外国在华文化中心、其他
        '5' => "1239",   // 民政：社会团体、民办非企业单位、基金会、其他
        '6' => "129",    // 旅游：外国、港澳台旅游部门常驻代表机构、其他
        '7' => "129",    // 宗教：宗教活动场所、宗教院校、其他
        '8' => "19",     // 工会：基层工会、其他
        '9' => "123",    // 市场监管：企业、个体工商户、农民专业合作社
        'A' => "19",     // 军队编制：军队事业单位、其他
        'N' => "1239",   // 农业：组级、村级、乡镇级集体经济组织、其他
        'Y' => "1",      // 其他
        _ => return None,
    })
}

/// What breaks GB 32100 in a value of canonical form; empty for a code of the standard. Each part is judged by itself, so
/// that one look tells everything.
fn breaches(code: &str) -> Vec<Finding> {
    let characters: Vec<char> = code.chars().collect();
    let mut found = Vec::new();
    if characters.len() != 18 {
        found.push(findings::bad_length(18, characters.len()));
        let strange = places(&characters, |_, character| position_of(character).is_none());
        found.extend(outside_alphabet(&strange));
        return found;
    }
    match categories(characters[0]) {
        None => found.push(findings::unknown_department()),
        Some(categories) if !categories.contains(characters[1]) => found.push(findings::unknown_category()),
        Some(_) => {}
    }
    let division = places(&characters, |place, character| (3..=8).contains(&place) && !character.is_ascii_digit());
    if !division.is_empty() {
        found.push(findings::bad_characters(&division, "数字（登记管理机关行政区划）", "digits of the division"));
    }
    let strange = places(&characters, |place, character| !(3..=8).contains(&place) && position_of(character).is_none());
    found.extend(outside_alphabet(&strange));

    let code = code.as_bytes();
    // Characters of more than one byte move all that follows; then nothing can be computed.
    if code.len() != 18 {
        return found;
    }
    if organisation_code::check_character(&code[8..16]).is_some_and(|check| check != code[16]) {
        found.push(findings::bad_organisation_check());
    }
    let check_is_readable = position(code[17]).is_some();
    if check_is_readable && check_character(&code[..17]).is_some_and(|check| check != code[17]) {
        found.push(findings::bad_check());
    }
    found
}

/// The places, from 1, of the characters that are wrong there.
fn places(characters: &[char], wrong: impl Fn(usize, char) -> bool) -> Vec<usize> {
    (1..).zip(characters).filter(|(place, character)| wrong(*place, **character)).map(|(place, _)| place).collect()
}

fn outside_alphabet(places: &[usize]) -> Option<Finding> {
    let finding = || {
        findings::bad_characters(
            places,
            "数字或除 I、O、S、V、Z 以外的大写字母",
            "digits and capitals other than I, O, S, V, Z",
        )
        .with_help(
            "字母 I、O、S、Z 常由数字 1、0、5、2 误认，V 常由 U 误认。",
            "The letters I, O, S and Z are often misread digits 1, 0, 5 and 2, and V a misread U.",
        )
    };
    (!places.is_empty()).then(finding)
}

/// `^9[123]35\d{4}M000[0-9A-Z]{4}[0-9X][0-9A-Z]$`, the organisation code's check, and the pilot's own.
fn is_fujian_pilot(code: &[u8]) -> bool {
    code.len() == 18
        && matches!(&code[..4], [b'9', b'1'..=b'3', b'3', b'5'])
        && code[4..8].iter().all(u8::is_ascii_digit)
        && &code[8..12] == b"M000"
        && organisation_code::check_character(&code[8..16]) == Some(code[16])
        && pilot_check_value(&code[..17]).is_some_and(|check| organisation_code::value(code[17]) == Some(check))
}

/// Registrars that act for the whole country use 10, which is no province.
fn is_known_registrar(division: &str) -> bool {
    division.starts_with("10") || division::lies_in_a_province(division)
}

/// Elsewhere development zones register under numbers that GB/T 2260 does not have; Fuzhou's are all known.
fn has_registered(division: &str) -> bool {
    division::in_force(division).is_some() || division::former(division).is_some()
}

fn position_of(character: char) -> Option<u32> {
    u8::try_from(character).ok().and_then(position)
}

fn position(character: u8) -> Option<u32> {
    ALPHABET.iter().position(|known| *known == character).and_then(|index| u32::try_from(index).ok())
}

/// The 18th character of 17 characters of the alphabet, modulo 31. The outer modulo matters when the sum is a
/// multiple of 31.
fn check_character(code: &[u8]) -> Option<u8> {
    let sum = weighted_sum(code, &WEIGHTS, position)?;
    let index = usize::try_from((31 - sum % 31) % 31).ok()?;
    ALPHABET.get(index).copied()
}

fn pilot_check_value(code: &[u8]) -> Option<u32> {
    let sum = weighted_sum(code, &PILOT_WEIGHTS, organisation_code::value)?;
    Some((37 - sum % 37) % 37)
}

fn weighted_sum(code: &[u8], weights: &[u32; 17], value: impl Fn(u8) -> Option<u32>) -> Option<u32> {
    let mut sum = 0;
    for (character, weight) in code.iter().zip(weights) {
        sum += value(*character)? * weight;
    }
    Some(sum)
}
