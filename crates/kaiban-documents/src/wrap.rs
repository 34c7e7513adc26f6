//! Lays text out in lines of at most [`TEXT_COLUMNS`] columns, so that it can go through an SMS gateway or be printed
//! in a fixed-width font.

use unicode_width::UnicodeWidthChar;

use crate::limits::TEXT_COLUMNS;

/// Characters that do not begin a line (GB/T 15834-2011 §5.1).
const NOT_FIRST: &str = "，。、；：？！）》〉”’】〕…—,.;:?!)]}·";
/// Characters that do not end a line (GB/T 15834-2011 §5.1).
const NOT_LAST: &str = "（《〈“‘【〔([{";

/// Wraps every line, takes spaces from line ends, and leaves at most one empty line between others. A continuation
/// keeps the ASCII spaces that its line begins with and hangs below a list's number; the two wide spaces of a paragraph
/// indent its first line only.
pub(crate) fn wrap(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 16);
    let mut empty_before = true;
    for line in text.lines() {
        let line = line.trim_end();
        if line.is_empty() {
            if !empty_before {
                out.push('\n');
            }
            empty_before = true;
            continue;
        }
        empty_before = false;
        wrap_line(line, &mut out);
    }
    while out.ends_with("\n\n") {
        out.pop();
    }
    out
}

fn wrap_line(line: &str, out: &mut String) {
    // Never so deep that nothing fits beside it.
    let indent = hanging(line).min(TEXT_COLUMNS / 2);
    let mut rest: Vec<char> = line.chars().collect();
    let mut first = true;
    while !rest.is_empty() {
        let room = if first { TEXT_COLUMNS } else { TEXT_COLUMNS - indent };
        let cut = cut(&rest, room);
        if !first {
            out.extend(std::iter::repeat_n(' ', indent));
        }
        let next: Vec<char> = rest.split_off(cut);
        let shown: String = rest.iter().collect();
        out.push_str(shown.trim_end());
        out.push('\n');
        rest = next.into_iter().skip_while(|c| *c == ' ').collect();
        first = false;
    }
}

/// Columns in front of a line's own text: spaces and a number like `12. `.
fn hanging(line: &str) -> usize {
    let text = line.trim_start_matches(' ');
    let item = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let numbered = item.len() < text.len() && item.starts_with(". ");
    line.len() - if numbered { item.len() - 2 } else { text.len() }
}

/// How many characters go on a line of `room` columns; at least one.
fn cut(line: &[char], room: usize) -> usize {
    let mut width = 0;
    let mut fits = line.len();
    for (index, c) in line.iter().enumerate() {
        width += c.width().unwrap_or(0);
        if width > room {
            fits = index;
            break;
        }
    }
    if fits == line.len() {
        return fits;
    }
    // A few characters back at most: a value without any good place is cut where the line ends.
    let back = (fits.saturating_sub(24)..=fits).rev();
    back.into_iter().find(|at| *at > 0 && may_break(line[at - 1], line[*at])).unwrap_or(fits).max(1)
}

fn may_break(before: char, after: char) -> bool {
    let word = |c: char| c.is_ascii_graphic();
    let joined = (word(before) && word(after)) || before == '\u{200d}' || after.width() == Some(0);
    !joined && !NOT_FIRST.contains(after) && !NOT_LAST.contains(before)
}

#[cfg(test)]
mod tests {
    use unicode_width::UnicodeWidthStr;

    use super::*;

    #[test]
    fn forty_chinese_characters_fill_a_line() {
        let text = "登".repeat(85);
        let widths: Vec<usize> = wrap(&text).lines().map(UnicodeWidthStr::width).collect();
        assert_eq!(widths, [80, 80, 10]);
    }

    #[test]
    fn punctuation_stays_with_what_it_follows() {
        let text = format!("{}，乙", "甲".repeat(40));
        assert_eq!(wrap(&text), format!("{}\n甲，乙\n", "甲".repeat(39)));
        let text = format!("{}《乙》", "甲".repeat(39));
        assert_eq!(wrap(&text), format!("{}\n《乙》\n", "甲".repeat(39)));
    }

    #[test]
    fn numbers_stay_whole_and_lists_hang() {
        let text = format!("  {}91350100M000100Y43", "甲".repeat(36));
        assert_eq!(wrap(&text), format!("  {}\n  91350100M000100Y43\n", "甲".repeat(36)));
    }

    #[test]
    fn items_hang_below_their_number() {
        let text = format!("12. {}", "甲".repeat(40));
        assert_eq!(wrap(&text), format!("12. {}\n    甲甲\n", "甲".repeat(38)));
    }

    #[test]
    fn what_has_no_place_to_break_is_cut() {
        let wrapped = wrap(&"a".repeat(10_000));
        assert_eq!(wrapped.lines().count(), 125);
        assert!(wrapped.lines().all(|line| line.width() == 80));
    }

    #[test]
    fn empty_lines_do_not_pile_up() {
        assert_eq!(wrap("\n\n甲\n\n \n\n乙  \n\n\n"), "甲\n\n乙\n");
    }
}
