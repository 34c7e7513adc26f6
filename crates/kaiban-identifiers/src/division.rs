//! What this crate knows of administrative divisions (GB/T 2260): the provinces. Counties come, go and are renamed,
//! and people keep the number they were given, so no list of counties can refuse a code.

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
