//! Whether two trade names sound alike (字音相同).

use pinyin::{Pinyin, ToPinyin};

/// How alike two texts sound, each character in its usual reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sound {
    /// In every place the same sound, tone included.
    Same,
    /// The same but for tones.
    ExceptTones,
    Different,
}

pub(super) fn compare(a: &str, b: &str) -> Sound {
    let length = a.chars().count();
    if length == 0 || length != b.chars().count() {
        return Sound::Different;
    }
    let alike = |sound: fn(Pinyin) -> &'static str| {
        a.chars()
            .zip(b.chars())
            .all(|(a, b)| a == b || a.to_pinyin().is_some_and(|a| b.to_pinyin().is_some_and(|b| sound(a) == sound(b))))
    };
    if alike(Pinyin::with_tone) {
        Sound::Same
    } else if alike(Pinyin::plain) {
        Sound::ExceptTones
    } else {
        Sound::Different
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sounds_are_compared_place_by_place() {
        assert_eq!(compare("牛栏山", "牛兰山"), Sound::Same);
        assert_eq!(compare("牛栏山", "牛蓝山"), Sound::Same);
        assert_eq!(compare("鑫源", "欣源"), Sound::Same);
        assert_eq!(compare("福源", "富源"), Sound::ExceptTones);
        assert_eq!(compare("榕光", "榕溪"), Sound::Different);
        assert_eq!(compare("榕光", "榕光光"), Sound::Different);
        assert_eq!(compare("", ""), Sound::Different);
    }
}
