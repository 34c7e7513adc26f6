//! How a name is written before anything is read in it.

/// A name as registers write it, and what had to be changed for that.
pub(super) struct Written {
    /// Without white space and invisible characters, brackets in their Chinese form.
    pub text: String,
    pub spaces: bool,
    pub half_width_brackets: bool,
}

pub(super) fn canonical(name: &str) -> Written {
    let mut written = Written { text: String::with_capacity(name.len()), spaces: false, half_width_brackets: false };
    for character in name.chars() {
        match character {
            '(' | ')' => {
                written.half_width_brackets = true;
                written.text.push(if character == '(' { '（' } else { '）' });
            }
            _ if character.is_whitespace() || is_invisible(character) => written.spaces = true,
            _ => written.text.push(character),
        }
    }
    written
}

fn is_invisible(character: char) -> bool {
    matches!(character, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}' | '\u{FEFF}')
}
