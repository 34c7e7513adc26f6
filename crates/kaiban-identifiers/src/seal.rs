//! Numbers of seals on record with public security (印章编码): 13 digits, of which the first six are the division of its
//! organ. The shape is that in use; no published text was at hand.

use kaiban_findings::{Finding, Place};

use crate::division::{self, Standing};
use crate::{Checked, Class, codes, findings, normalize};

/// Judges a number exactly as given.
pub fn check(value: &str) -> Checked {
    let (number, mut problems) = normalize::normalize(value);
    let fits = number.len() == 13 && number.bytes().all(|byte| byte.is_ascii_digit());
    if !fits {
        problems.push(findings::wrong_shape("印章编码应为 13 位数字。", "The number of a seal has 13 digits."));
    } else if !matches!(division::standing(&number[..6]), Standing::InForce | Standing::Abolished) {
        problems.push(Finding::doubt(
            codes::UNLISTED_DIVISION,
            Place::Whole,
            "印章编码的前 6 位不是 GB/T 2260 的行政区划。",
            "The first six digits of the seal's number are no division of GB/T 2260.",
        ));
    }
    Checked::new(fits.then_some(Class::SealNumber), number, problems)
}
