//! Numbers that banks give: shapes only, as they are in use; no published text was at hand.

use crate::{Checked, Class, findings, normalize};

/// A branch's number in the payment system (联行号): bank 3, city 4, branch 4, check 1, all digits.
pub fn code(value: &str) -> Checked {
    let (number, mut problems) = normalize::normalize(value);
    let fits = number.len() == 12 && number.bytes().all(|byte| byte.is_ascii_digit());
    if !fits {
        problems.push(findings::wrong_shape("联行号应为 12 位数字。", "A bank branch's number has 12 digits."));
    }
    Checked::new(fits.then_some(Class::BankCode), number, problems)
}

/// The number of a basic deposit account (基本存款账户编号): `J` and 13 digits.
pub fn basic_account(value: &str) -> Checked {
    let (number, mut problems) = normalize::normalize(value);
    let fits = number
        .strip_prefix('J')
        .is_some_and(|digits| digits.len() == 13 && digits.bytes().all(|byte| byte.is_ascii_digit()));
    if !fits {
        problems.push(findings::wrong_shape(
            "基本存款账户编号应为字母 J 加 13 位数字。",
            "The number of a basic deposit account is J and 13 digits.",
        ));
    }
    Checked::new(fits.then_some(Class::BasicAccount), number, problems)
}
