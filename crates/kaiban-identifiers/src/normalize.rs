//! Writes a value as its standard does, and says what had to be changed for that.

use kaiban_findings::Finding;

use crate::findings;

/// The canonical form and one finding for each kind of change. Characters that no standard knows stay as they are.
pub fn normalize(value: &str) -> (String, Vec<Finding>) {
    let (mut lower_case, mut full_width, mut separator) = (false, false, false);
    let mut canonical = String::with_capacity(18);
    for character in value.chars() {
        if is_separator(character) {
            separator = true;
            continue;
        }
        let narrow = narrow(character);
        full_width |= narrow != character;
        lower_case |= narrow.is_ascii_lowercase();
        canonical.push(narrow.to_ascii_uppercase());
    }
    let changes = [
        (lower_case, findings::lower_case as fn() -> Finding),
        (full_width, findings::full_width),
        (separator, findings::separator),
    ];
    (canonical, changes.into_iter().filter(|(found, _)| *found).map(|(_, finding)| finding()).collect())
}

/// The same for a telephone, where one hyphen between area code and number is as it should be.
pub fn telephone(value: &str) -> (String, Vec<Finding>) {
    let (area, local) = value.split_once('-').unwrap_or((value, ""));
    let (mut canonical, mut changes) = normalize(area);
    if value.contains('-') {
        let (local, more) = normalize(local);
        canonical = format!("{canonical}-{local}");
        changes.extend(more);
        changes.dedup();
    }
    (canonical, changes)
}

/// U+FF10 `０` to U+FF5A `ｚ` stand as far from their ASCII twins as U+FF01 `！` from `!`.
fn narrow(character: char) -> char {
    match character {
        '０'..='９' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ' => {
            char::from_u32(u32::from(character) - 0xFF01 + 0x21).unwrap_or(character)
        }
        _ => character,
    }
}

/// White space, the dashes that people and word processors put into numbers, and zero-width characters.
fn is_separator(character: char) -> bool {
    character.is_whitespace()
        || matches!(character, '-' | '－' | '\u{2010}'..='\u{2015}' | '\u{2212}')
        || matches!(character, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}' | '\u{FEFF}')
}
