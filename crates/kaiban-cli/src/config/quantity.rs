//! Bounds as people write and read them: `500`, `20 MiB`, `30s`.

use kaiban_findings::Text;
use kaiban_limits::Unit;

use crate::lengths;

const BYTES: [(&str, u64); 4] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("B", 1)];
const TIME: [(&str, u64); 5] = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];

/// Reads a text in the unit's own measure: bytes, milliseconds; pieces and characters are written as numbers.
pub fn parse(unit: Unit, text: &str) -> Option<u64> {
    match unit {
        Unit::Count | Unit::Characters => None,
        Unit::Time => lengths::parse(text).ok().and_then(|length| u64::try_from(length.as_millis()).ok()),
        Unit::Bytes => {
            let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
            let (_, factor) = BYTES.iter().find(|(name, _)| *name == &text[digits.len()..])?;
            digits.trim_end().parse::<u64>().ok()?.checked_mul(*factor)
        }
    }
}

/// Writes it in the largest unit that needs no fraction.
pub fn show(unit: Unit, value: u64) -> String {
    let whole = |units: &'static [(&str, u64)]| units.iter().find(|(_, factor)| value.is_multiple_of(*factor));
    match unit {
        Unit::Count | Unit::Characters => value.to_string(),
        Unit::Time if value == 0 => "0s".to_owned(),
        Unit::Time => whole(&TIME).map_or_else(String::new, |(name, factor)| format!("{}{name}", value / factor)),
        Unit::Bytes if value == 0 => "0 B".to_owned(),
        Unit::Bytes => whole(&BYTES).map_or_else(String::new, |(name, factor)| format!("{} {name}", value / factor)),
    }
}

/// As a value of the configuration file.
pub fn toml(unit: Unit, value: u64) -> String {
    match unit {
        Unit::Count | Unit::Characters => value.to_string(),
        Unit::Bytes | Unit::Time => format!("{:?}", show(unit, value)),
    }
}

/// What it is counted in, and how it is written.
pub fn named(unit: Unit) -> Text {
    match unit {
        Unit::Count => Text::new("个", "number"),
        Unit::Characters => Text::new("字符", "number of characters"),
        Unit::Bytes => Text::new("字节，如 \"20 MiB\"", "size, such as \"20 MiB\""),
        Unit::Time => {
            Text::new("时长，如 \"30s\"、\"5m\"、\"2h\"、\"3d\"", "time, such as \"30s\", \"5m\", \"2h\", \"3d\"")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_is_read_again() {
        for limit in kaiban_limits::table() {
            for value in [limit.default, limit.min, limit.max] {
                let shown = show(limit.unit, value);
                let read = match limit.unit {
                    Unit::Count | Unit::Characters => shown.parse().ok(),
                    unit => parse(unit, &shown),
                };
                assert_eq!(read, Some(value), "{} {shown}", limit.name);
            }
        }
    }

    #[test]
    fn units_are_said() {
        assert_eq!(parse(Unit::Bytes, "20 MiB"), Some(20 << 20));
        assert_eq!(parse(Unit::Bytes, "20MiB"), Some(20 << 20));
        assert_eq!(parse(Unit::Time, "250ms"), Some(250));
        for text in ["20", "20 MB", "MiB", "-1 MiB", "99999999999999 GiB", "20 M", "二十 MiB"] {
            assert_eq!(parse(Unit::Bytes, text), None, "{text}");
        }
        assert_eq!(parse(Unit::Time, "30"), None);
    }
}
