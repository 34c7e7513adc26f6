//! Which characters a name may have: standard Chinese ones (规范汉字, 企业名称登记管理规定 §8) and brackets.

use std::collections::HashMap;
use std::sync::LazyLock;

/// What a character is to a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Character {
    /// One of the 6 763 of GB 2312, or a bracket.
    Standard,
    /// A traditional form, with its standard one.
    Traditional(char),
    /// A Chinese character outside GB 2312: perhaps one of the third part of 通用规范汉字表, perhaps none of it.
    Rare,
    /// A letter, a digit, a sign, an emoji.
    Foreign,
}

pub(super) fn judge(character: char) -> Character {
    if matches!(character, '（' | '）') || is_in_gb_2312(character) {
        Character::Standard
    } else if let Some(standard) = TRADITIONAL.get(&character) {
        Character::Traditional(*standard)
    } else if is_han(character) {
        Character::Rare
    } else {
        Character::Foreign
    }
}

/// GBK writes the characters of GB 2312 with a first byte of B0 to F7 and a second of A1 or more.
fn is_in_gb_2312(character: char) -> bool {
    let mut text = [0; 4];
    let (bytes, _, lost) = encoding_rs::GBK.encode(character.encode_utf8(&mut text));
    !lost && matches!(*bytes, [0xB0..=0xF7, 0xA1..=0xFE])
}

fn is_han(character: char) -> bool {
    matches!(character, '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{323AF}' | '〇')
}

/// Traditional forms in common use with their standard ones, as pairs.
static TRADITIONAL: LazyLock<HashMap<char, char>> = LazyLock::new(|| {
    let pairs = |line: &'static str| {
        let characters: Vec<char> = line.chars().collect();
        characters.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect::<Vec<_>>()
    };
    include_str!("traditional.txt").lines().filter(|line| !line.starts_with('#')).flat_map(pairs).collect()
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_told_apart() {
        for (character, expected) in [
            ('榕', Character::Standard),
            ('（', Character::Standard),
            ('開', Character::Traditional('开')),
            ('國', Character::Traditional('国')),
            ('堃', Character::Rare),
            ('𠮷', Character::Rare),
            ('A', Character::Foreign),
            ('Ａ', Character::Foreign),
            ('7', Character::Foreign),
            ('😀', Character::Foreign),
            ('，', Character::Foreign),
            ('の', Character::Foreign),
        ] {
            assert_eq!(judge(character), expected, "{character}");
        }
        assert!(TRADITIONAL.len() > 2_000);
    }
}
