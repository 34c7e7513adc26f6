//! The words for lines of business that names are made of, and which of them mean the same.

use std::collections::HashMap;
use std::sync::LazyLock;

struct Words {
    /// The number is the line, so equal numbers mean the same. `None` adds nothing.
    meanings: HashMap<Vec<char>, Option<usize>>,
    longest: usize,
}

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    let meanings: HashMap<Vec<char>, Option<usize>> =
        entries().map(|(word, meaning)| (word.chars().collect(), meaning)).collect();
    let longest = meanings.keys().map(Vec::len).max().unwrap_or_default();
    Words { meanings, longest }
});

fn entries() -> impl Iterator<Item = (&'static str, Option<usize>)> {
    let lines = include_str!("industries.txt").lines().enumerate().filter(|(_, line)| !line.starts_with('#'));
    lines.flat_map(|(number, line)| {
        let meaning = (!line.starts_with('~')).then_some(number);
        line.trim_start_matches('~').split_whitespace().map(move |word| (word, meaning))
    })
}

/// What a word means: a line of the table, or nothing of its own; `None` = not in the table.
fn meaning(word: &[char]) -> Option<Option<usize>> {
    WORDS.meanings.get(word).copied()
}

/// Whether a text is one of the words and has a meaning of its own.
pub(super) fn is_word(text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    matches!(meaning(&text), Some(Some(_)))
}

/// Cuts a text into known words, as few as possible and the first ones as long as possible; `None` where it is not made of
/// them. Words of one character count only at the end, before a form such as 店 (`shop`): elsewhere they are part of a
/// trade name.
pub(super) fn cut(text: &[char], shop: bool) -> Option<Vec<Vec<char>>> {
    let ends = word_ends(text, shop);
    let mut words = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let end = ends[at]?.end;
        words.push(text[at..end].to_vec());
        at = end;
    }
    Some(words)
}

/// Where the longest end that [`cut`] can cut begins, `from` at the earliest; `None` where there is none.
pub(super) fn longest_end(text: &[char], from: usize, shop: bool) -> Option<usize> {
    let ends = word_ends(text, shop);
    (from..text.len()).find(|at| ends[*at].is_some())
}

/// The first word of a cut.
#[derive(Clone, Copy)]
struct Word {
    end: usize,
    /// Words from here on.
    count: usize,
}

/// For each place the first word of the best cut from there on.
fn word_ends(text: &[char], shop: bool) -> Vec<Option<Word>> {
    let mut best: Vec<Option<Word>> = vec![None; text.len()];
    for start in (0..text.len()).rev() {
        for end in start + 1..=text.len().min(start + WORDS.longest) {
            let word = &text[start..end];
            let in_place = word.len() > 1 || shop && end == text.len() || is_connector(word[0], end, text);
            if !in_place || meaning(word).is_none() {
                continue;
            }
            let rest = match best.get(end) {
                Some(Some(rest)) => rest.count,
                Some(None) => continue,
                None => 0,
            };
            if best[start].is_none_or(|known| rest < known.count) {
                best[start] = Some(Word { end, count: rest + 1 });
            }
        }
    }
    best
}

/// 和, 与, 及 join two words.
fn is_connector(character: char, end: usize, text: &[char]) -> bool {
    matches!(character, '和' | '与' | '及') && end < text.len()
}

/// What a line of business means: the lines of the table, sorted, without those words that add nothing. Words that the table
/// lacks stand for themselves.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Meaning {
    lines: Vec<usize>,
    other: String,
}

impl Meaning {
    /// Whether it says nothing of what the business does.
    pub(super) fn is_empty(&self) -> bool {
        self.lines.is_empty() && self.other.is_empty()
    }

    /// Reads a line of business.
    pub(super) fn of(industry: &str) -> Self {
        let text: Vec<char> = industry.chars().collect();
        let Some(words) = cut(&text, true) else { return Meaning { lines: Vec::new(), other: industry.to_owned() } };
        let mut lines: Vec<usize> = words.iter().filter_map(|word| meaning(word).flatten()).collect();
        lines.retain(|line| Some(*line) != *GENERAL);
        lines.sort_unstable();
        lines.dedup();
        Meaning { lines, other: String::new() }
    }
}

/// 实业, 集团: no line of business in particular.
static GENERAL: LazyLock<Option<usize>> = LazyLock::new(|| meaning(&['实', '业']).flatten());

/// A line of business as two names have it in common: a product's own trade is written with or without 业, because 红光酒业公司
/// and 红光酒厂 count as the same (article 3, item 3).
pub(super) fn key(industry: &str) -> String {
    let text: Vec<char> = industry.chars().collect();
    let Some(words) = cut(&text, true) else { return industry.to_owned() };
    let bare = |word: Vec<char>| match word.as_slice() {
        [product, '业'] if matches!(meaning(&[*product]), Some(Some(_))) => vec![*product],
        _ => word,
    };
    words.into_iter().flat_map(bare).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut_text(text: &str, shop: bool) -> Option<String> {
        let words = cut(&text.chars().collect::<Vec<_>>(), shop)?;
        Some(words.iter().map(|word| word.iter().collect::<String>()).collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn words_are_cut_as_long_as_they_come() {
        assert_eq!(cut_text("网络科技发展", false).as_deref(), Some("网络科技 发展"));
        assert_eq!(cut_text("酒", true).as_deref(), Some("酒"));
        assert_eq!(cut_text("酒", false), None);
        assert_eq!(cut_text("农业和旅游开发", false).as_deref(), Some("农业 和 旅游开发"));
        assert_eq!(cut_text("量子", false), None);
    }

    #[test]
    fn no_word_stands_in_the_table_twice() {
        assert_eq!(entries().count(), WORDS.meanings.len());
    }

    #[test]
    fn synonyms_mean_the_same() {
        for (a, b) in [("地产", "置业"), ("酒业", "白酒"), ("酒业发展", "酒"), ("茶业", "茶叶"), ("商贸", "贸易")]
        {
            assert_eq!(Meaning::of(a), Meaning::of(b), "{a} {b}");
        }
        assert_ne!(Meaning::of("茶业"), Meaning::of("酒业"));
        assert!(Meaning::of("实业发展").is_empty());
        assert_eq!(key("酒业"), "酒");
        assert_eq!(key("物业"), "物业");
    }
}
