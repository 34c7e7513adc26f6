//! Counts of lists.

use serde_json::Value;

use super::Unfit;

const EXPECTED: Unfit = Unfit("a count below 9999");
const DIGITS: [&str; 10] = ["零", "一", "二", "三", "四", "五", "六", "七", "八", "九"];

/// A loop's index, counted from 1.
pub(super) fn number(value: &Value) -> Result<String, Unfit> {
    Ok(counted(value)?.to_string())
}

/// A loop's index, counted from 一.
pub(super) fn numeral(value: &Value) -> Result<String, Unfit> {
    Ok(chinese(counted(value)?))
}

fn counted(value: &Value) -> Result<u32, Unfit> {
    value.as_u64().filter(|index| *index < 9_998).map(|index| index as u32 + 1).ok_or(EXPECTED)
}

/// A number from 1 to 9999 as articles and lists are numbered: 十, 十一, 二十, 一百零一.
pub(super) fn chinese(number: u32) -> String {
    // 十一 by itself, but 一百一十一.
    if (10..20).contains(&number) { spelled(number)[DIGITS[1].len()..].to_owned() } else { spelled(number) }
}

fn spelled(number: u32) -> String {
    for (unit, name) in [(1_000, "千"), (100, "百"), (10, "十")] {
        if number >= unit {
            let (above, below) = (spelled(number / unit), number % unit);
            return match below {
                0 => format!("{above}{name}"),
                below if below < unit / 10 => format!("{above}{name}零{}", spelled(below)),
                below => format!("{above}{name}{}", spelled(below)),
            };
        }
    }
    DIGITS[number as usize % 10].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_articles() {
        for (number, expected) in [
            (1, "一"),
            (10, "十"),
            (11, "十一"),
            (20, "二十"),
            (99, "九十九"),
            (100, "一百"),
            (101, "一百零一"),
            (110, "一百一十"),
            (111, "一百一十一"),
            (1_010, "一千零一十"),
            (1_260, "一千二百六十"),
        ] {
            assert_eq!(chinese(number), expected);
        }
    }
}
