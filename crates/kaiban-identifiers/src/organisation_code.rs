//! The organisation code of GB 11714-1997: eight characters and a check character. Since 2015 it lives on as
//! characters 9 to 17 of a unified social credit code.

const WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];

/// The check character of eight characters from `0-9A-Z`: modulo 11, where 10 is written `X`. `None` for anything else.
///
/// Letters count A = 10 to Z = 35. That holds inside a unified social credit code too, although its own check
/// character numbers the letters differently, because there `I O S V Z` are left out.
pub fn check_character(body: &[u8]) -> Option<u8> {
    if body.len() != WEIGHTS.len() {
        return None;
    }
    let mut sum = 0;
    for (character, weight) in body.iter().zip(WEIGHTS) {
        sum += value(*character)? * weight;
    }
    match (11 - sum % 11) % 11 {
        10 => Some(b'X'),
        check => u8::try_from(check).ok().map(|check| b'0' + check),
    }
}

/// 0 to 9 and A = 10 to Z = 35, as in GB 11714 and in Fujian's pilot codes.
pub fn value(character: u8) -> Option<u32> {
    if character.is_ascii_lowercase() { None } else { char::from(character).to_digit(36) }
}
