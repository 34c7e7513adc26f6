//! Administrative divisions (GB/T 2260): which codes are in force, which were, and those of Fuzhou with their names.
//!
//! Counties come, go and are renamed, and people keep the number they were given. So a code that no list has is doubted,
//! and only one that lies in no province is refused.

mod fuzhou;

use std::sync::LazyLock;

pub use fuzhou::{DIVISIONS, Division, FORMER, Former, Kind, PROVINCE, Promise, former, in_force};

/// What GB/T 2260 says of a six-digit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Standing {
    /// In the edition in force.
    InForce,
    /// In an edition since 1980, but not in the one in force.
    Abolished,
    /// In a province, but in no edition.
    Unlisted,
    /// In no province.
    NoProvince,
}

/// Looks a code up. Anything but six ASCII digits lies in no province.
pub fn standing(division: &str) -> Standing {
    let Some(code) = number(division) else { return Standing::NoProvince };
    if CODES.in_force.binary_search(&code).is_ok() {
        Standing::InForce
    } else if CODES.abolished.binary_search(&code).is_ok() {
        Standing::Abolished
    } else if lies_in_a_province(division) {
        Standing::Unlisted
    } else {
        Standing::NoProvince
    }
}

/// Whether six digits begin with a province, an autonomous region, a municipality, Taiwan, Hong Kong or Macau.
pub fn lies_in_a_province(division: &str) -> bool {
    matches!(
        division.get(..2),
        Some(
            "11" | "12" | "13" | "14" | "15" // north
                | "21" | "22" | "23" // north-east
                | "31" | "32" | "33" | "34" | "35" | "36" | "37" // east
                | "41" | "42" | "43" | "44" | "45" | "46" // middle and south
                | "50" | "51" | "52" | "53" | "54" // south-west
                | "61" | "62" | "63" | "64" | "65" // north-west
                | "71" | "81" | "82"
        )
    )
}

/// Whether a text is six ASCII digits.
pub fn is_six_digits(division: &str) -> bool {
    division.len() == 6 && division.bytes().all(|byte| byte.is_ascii_digit())
}

struct Codes {
    in_force: Vec<u32>,
    abolished: Vec<u32>,
}

static CODES: LazyLock<Codes> = LazyLock::new(|| read(include_str!("division/codes.txt")));

/// Reads lines such as `3501 00 02-05 11 | 01 20`: a prefecture and the ends of its codes.
fn read(table: &str) -> Codes {
    let (mut in_force, mut abolished) = (Vec::new(), Vec::new());
    for line in table.lines().filter(|line| !line.starts_with('#')) {
        let Some((prefecture, ends)) = line.split_once(' ') else { continue };
        let Ok(prefecture) = prefecture.parse::<u32>() else { continue };
        let (now, before) = ends.split_once('|').unwrap_or((ends, ""));
        for (ends, codes) in [(now, &mut in_force), (before, &mut abolished)] {
            for range in ends.split_whitespace() {
                let (first, last) = range.split_once('-').unwrap_or((range, range));
                if let (Ok(first), Ok(last)) = (first.parse::<u32>(), last.parse::<u32>()) {
                    codes.extend((first..=last).map(|end| prefecture * 100 + end));
                }
            }
        }
    }
    in_force.sort_unstable();
    abolished.sort_unstable();
    Codes { in_force, abolished }
}

fn number(division: &str) -> Option<u32> {
    if is_six_digits(division) { division.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_every_code_once() {
        assert_eq!((CODES.in_force.len(), CODES.abolished.len()), (3_513, 3_674));
        for codes in [&CODES.in_force, &CODES.abolished] {
            assert!(codes.windows(2).all(|pair| pair[0] < pair[1]));
        }
        assert!(CODES.abolished.iter().all(|code| CODES.in_force.binary_search(code).is_err()));
    }

    #[test]
    fn fuzhous_divisions_stand_in_it() {
        assert!(DIVISIONS.iter().all(|division| standing(division.code) == Standing::InForce));
        for former in FORMER {
            let expected = if in_force(former.code).is_some() { Standing::InForce } else { Standing::Abolished };
            assert_eq!(standing(former.code), expected, "{}", former.code);
        }
    }
}
