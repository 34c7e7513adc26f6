//! Names that nobody can guess or meet twice: case numbers, salts, token secrets. The one place of the product that
//! draws random numbers.

use kaiban_calendar::local_date;
use rand::TryRngCore;
use rand::rngs::OsRng;

/// Digits of case numbers: no letters that look like figures.
const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    // The operating system's generator fails only where nothing else works either.
    if let Err(error) = OsRng.try_fill_bytes(&mut bytes) {
        panic!("the operating system gives no random numbers: {error}");
    }
    bytes
}

fn digits(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| DIGITS[usize::from(byte & 31)] as char).collect()
}

/// A case number: the day of receipt (+08:00), four digits that say when on that day, six random ones, a check digit:
/// `20260302-7K3QX9M2RT-C`.
///
/// Numbers rise with the time of receipt, so that the rows of new cases lie next to each other: with numbers in no order
/// every commit writes twice as many pages.
pub(crate) fn case_number(received_at_us: i64) -> String {
    const DAY_US: i64 = 86_400_000_000;
    const OFFSET_US: i64 = 8 * 3_600_000_000;
    // 2²⁰ parts of a day, 82 ms each.
    let part = received_at_us.saturating_add(OFFSET_US).rem_euclid(DAY_US) * (1 << 20) / DAY_US;
    let when = [15, 10, 5, 0].map(|shift| (part >> shift & 31) as u8);
    let day = local_date(received_at_us).strftime("%Y%m%d");
    let body = format!("{day}-{}{}", digits(&when), digits(&random::<6>()));
    let check = check_digit(&body);
    format!("{body}-{check}")
}

/// Weighted sum modulo 31 over the figures and letters: catches every single wrong character and every swap of two
/// neighbours that differ by other than 31.
fn check_digit(body: &str) -> char {
    let value = |c: u8| DIGITS.iter().position(|digit| *digit == c).unwrap_or(0);
    let sum: usize = body.bytes().filter(|c| *c != b'-').enumerate().map(|(at, c)| (at + 2) * value(c)).sum();
    DIGITS[sum % 31] as char
}

/// Salt of a document, 32 hex digits.
pub(crate) fn salt() -> String {
    hex(&random::<16>())
}

/// Two lower-case digits a byte.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(DIGITS[usize::from(byte >> 4)] as char);
        text.push(DIGITS[usize::from(byte & 15)] as char);
    }
    text
}

/// Id of a token: 12 digits.
pub(crate) fn token_id() -> String {
    digits(&random::<12>())
}

/// Secret of a token: `kb_` and 160 random bits.
pub(crate) fn token_secret() -> String {
    format!("kb_{}", secret())
}

/// 160 random bits in 32 digits.
pub(crate) fn secret() -> String {
    digits(&random::<32>()).to_lowercase()
}

/// A key, 256 random bits in hex.
pub(crate) fn key() -> String {
    hex(&random::<32>())
}

/// A party's number of a draw: 256 random bits, used once.
pub fn draw_number() -> kaiban_draw::Hex32 {
    random::<32>().into()
}

/// Id of an access record: 11 digits that say when, 12 random ones. Ids rise with time, so that a new row's key lies
/// beside the newest ones.
pub(crate) fn record_id(at_us: i64) -> String {
    let when: [u8; 11] = std::array::from_fn(|at| (at_us >> (50 - 5 * at) & 31) as u8);
    format!("{}{}", digits(&when), digits(&random::<12>()))
}

/// Name of a server process among those of its database.
pub(crate) fn node_name() -> String {
    digits(&random::<8>())
}

/// Part of the name of an archive's file: 20 digits.
pub(crate) fn file_id() -> String {
    digits(&random::<20>()).to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-03-02T00:00+08:00.
    const MIDNIGHT_US: i64 = 1_772_380_800_000_000;

    #[test]
    fn case_numbers_rise_with_the_time_of_receipt() {
        let hours: Vec<String> = (0..24).map(|hour| case_number(MIDNIGHT_US + hour * 3_600_000_000)).collect();
        assert!(hours.is_sorted(), "{hours:?}");
        assert!(hours[0].starts_with("20260302-0000"), "{}", hours[0]);
        assert!(case_number(MIDNIGHT_US + 86_399_999_999).starts_with("20260302-ZZZZ"));
        assert!(case_number(MIDNIGHT_US - 1).starts_with("20260301-ZZZZ"));
    }

    #[test]
    fn case_numbers_of_one_instant_differ() {
        let numbers: std::collections::HashSet<String> = (0..1_000).map(|_| case_number(MIDNIGHT_US)).collect();
        assert_eq!(numbers.len(), 1_000);
    }
}
