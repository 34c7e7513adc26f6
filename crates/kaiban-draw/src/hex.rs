//! 32 bytes, as they stand in records.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// 32 bytes: a SHA-256, a party's number, a seed. Written as 64 lower-case hex digits, everywhere.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Hex32([u8; 32]);

/// A text is not 32 bytes in hex.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("32 bytes are written as 64 lower-case hex digits")]
pub struct HexSyntax;

impl Hex32 {
    /// The bytes themselves.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl From<[u8; 32]> for Hex32 {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl FromStr for Hex32 {
    type Err = HexSyntax;

    fn from_str(text: &str) -> Result<Self, HexSyntax> {
        let value = |digit: u8| match digit {
            b'0'..=b'9' => Ok(digit - b'0'),
            b'a'..=b'f' => Ok(digit - b'a' + 10),
            _ => Err(HexSyntax),
        };
        let mut bytes = [0; 32];
        if text.len() != 64 {
            return Err(HexSyntax);
        }
        for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            *byte = value(pair[0])? << 4 | value(pair[1])?;
        }
        Ok(Self(bytes))
    }
}

impl TryFrom<String> for Hex32 {
    type Error = HexSyntax;

    fn try_from(text: String) -> Result<Self, HexSyntax> {
        text.parse()
    }
}

impl From<Hex32> for String {
    fn from(hex: Hex32) -> Self {
        hex.to_string()
    }
}

impl fmt::Display for Hex32 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Hex32 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_written_in_one_way() {
        let text = "00ff".repeat(16);
        assert_eq!(text.parse::<Hex32>().unwrap().to_string(), text);
        for wrong in ["", &text[1..], &text.to_uppercase(), &format!("{text}0"), &"字".repeat(21), &"0x".repeat(32)] {
            assert_eq!(wrong.parse::<Hex32>(), Err(HexSyntax), "{wrong}");
        }
    }
}
