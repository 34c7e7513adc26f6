//! Telephones and postcodes: shapes only. Segments of mobile numbers come and go, so none is listed.

use kaiban_findings::{Finding, Place};

use crate::{Checked, Class, codes, findings, normalize};

/// A mobile number: 11 digits, the first 1, the second 3 to 9.
pub fn mobile(value: &str) -> Checked {
    let (number, mut problems) = normalize::normalize(value);
    let digits = number.as_bytes();
    let fits = all_digits(digits, 11) && digits[0] == b'1' && (b'3'..=b'9').contains(&digits[1]);
    if !fits {
        problems.push(findings::wrong_shape(
            "手机号码应为 11 位数字，以 13 至 19 开头。",
            "A mobile number has 11 digits and begins with 13 to 19.",
        ));
    }
    Checked::new(fits.then_some(Class::Mobile), number, problems)
}

/// A fixed telephone: area code, hyphen, seven or eight digits. In Fuzhou (0591) there are eight.
pub fn landline(value: &str) -> Checked {
    let (number, mut problems) = normalize::telephone(value);
    let fits = number.split_once('-').is_some_and(|(area, local)| {
        let (area, local) = (area.as_bytes(), local.as_bytes());
        let known_area = match area {
            [b'0', b'1' | b'2', _] => all_digits(area, 3),
            [b'0', b'3'..=b'9', ..] => all_digits(area, 4),
            _ => false,
        };
        let length = if area == b"0591" { 8..=8 } else { 7..=8 };
        known_area
            && length.contains(&local.len())
            && all_digits(local, local.len())
            && (b'2'..=b'8').contains(&local[0])
    });
    if !fits {
        problems.push(findings::wrong_shape(
            "固定电话应写作区号-号码（如 0591-8 位号码）。",
            "A fixed telephone is written as area code, hyphen, number (0591 and eight digits in Fuzhou).",
        ));
    }
    Checked::new(fits.then_some(Class::Landline), number, problems)
}

/// A postcode: six digits. Those of Fuzhou begin with 350; others are doubted, for a domicile lies in Fuzhou.
pub fn postcode(value: &str) -> Checked {
    let (number, mut problems) = normalize::normalize(value);
    let fits = all_digits(number.as_bytes(), 6);
    if !fits {
        problems.push(findings::wrong_shape("邮政编码应为 6 位数字。", "A postcode has six digits."));
    } else if !number.starts_with("350") {
        problems.push(Finding::doubt(
            codes::UNUSUAL_NUMBER,
            Place::Whole,
            "福州市的邮政编码以 350 开头。",
            "Postcodes of Fuzhou begin with 350.",
        ));
    }
    Checked::new(fits.then_some(Class::Postcode), number, problems)
}

fn all_digits(bytes: &[u8], length: usize) -> bool {
    bytes.len() == length && bytes.iter().all(u8::is_ascii_digit)
}
