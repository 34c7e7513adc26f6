//! Personal data in letters that others may see.

use serde_json::Value;

use super::Unfit;

/// Stars of a value whose shape is not known.
const STARS_MAX: usize = 8;

/// Keeps what tells people apart and hides the rest: of a citizen number the division and the last four characters, of
/// a telephone number the first three and the last four digits, of anything else the first character.
pub(super) fn mask(value: &Value) -> Result<String, Unfit> {
    let Value::String(text) = value else {
        return Err(Unfit("a text"));
    };
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let citizen = text.len() == 18 && digits >= 17 && text.as_bytes()[..17].iter().all(u8::is_ascii_digit);
    let phone = (11..=12).contains(&text.len()) && digits == text.len();
    Ok(if citizen {
        format!("{}********{}", &text[..6], &text[14..])
    } else if phone {
        let hidden = "*".repeat(text.len() - 7);
        format!("{}{hidden}{}", &text[..3], &text[text.len() - 4..])
    } else {
        let mut characters = text.chars();
        let first: String = characters.next().into_iter().collect();
        format!("{first}{}", "*".repeat(characters.count().min(STARS_MAX)))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_hidden_stays_hidden() {
        for (value, expected) in [
            ("350102199003078313", "350102********8313"),
            ("11010519491231002X", "110105********002X"),
            ("13805915678", "138****5678"),
            ("059187654321", "059*****4321"),
            ("林星野", "林**"),
            ("someone@example.com", "s********"),
            ("", ""),
        ] {
            assert_eq!(mask(&json!(value)).unwrap(), expected);
        }
    }
}
