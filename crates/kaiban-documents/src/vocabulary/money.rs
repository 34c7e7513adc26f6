//! Amounts in fen, in figures and in the capital numerals that documents use against forgery
//! (支付结算办法 附一 正确填写票据和结算凭证的基本规定).

use serde_json::Value;

use super::Unfit;

/// Largest amount, below 亿亿 yuan: what capitals can name.
const FEN_MAX: u64 = 1_000_000_000_000_000_000;

const DIGITS: [&str; 10] = ["零", "壹", "贰", "叁", "肆", "伍", "陆", "柒", "捌", "玖"];

pub(super) fn money(value: &Value) -> Result<String, Unfit> {
    Ok(format!("{}（{}）", yuan(value)?, capital(value)?))
}

pub(super) fn yuan(value: &Value) -> Result<String, Unfit> {
    let fen = fen(value)?;
    let digits = (fen / 100).to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    Ok(format!("{grouped}.{:02}元", fen % 100))
}

pub(super) fn capital(value: &Value) -> Result<String, Unfit> {
    let fen = fen(value)?;
    let (yuan, jiao, fen) = (fen / 100, fen / 10 % 10, fen % 10);
    let mut text = String::from("人民币");
    if yuan > 0 || (jiao == 0 && fen == 0) {
        text.push_str(&whole(yuan));
        text.push('元');
    }
    match (jiao, fen) {
        (0, 0) => text.push('整'),
        (0, fen) => {
            if yuan > 0 {
                text.push('零');
            }
            text.push_str(DIGITS[fen as usize]);
            text.push('分');
        }
        (jiao, 0) => text.push_str(&format!("{}角整", DIGITS[jiao as usize])),
        (jiao, fen) => text.push_str(&format!("{}角{}分", DIGITS[jiao as usize], DIGITS[fen as usize])),
    }
    Ok(text)
}

fn fen(value: &Value) -> Result<u64, Unfit> {
    value.as_u64().filter(|fen| *fen < FEN_MAX).ok_or(Unfit("an amount in fen, not negative"))
}

/// A whole number in capitals. Each unit is ten thousand times (万) or a hundred million times (亿) the one below.
fn whole(number: u64) -> String {
    for (unit, name) in [(100_000_000, "亿"), (10_000, "万"), (1_000, "仟"), (100, "佰"), (10, "拾")] {
        if number >= unit {
            let (above, below) = (number / unit, number % unit);
            let gap = if below > 0 && below < unit / 10 { "零" } else { "" };
            let below = if below > 0 { whole(below) } else { String::new() };
            return format!("{}{name}{gap}{below}", whole(above));
        }
    }
    DIGITS[number as usize].to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn amounts_in_capitals() {
        for (fen, expected) in [
            (0_u64, "人民币零元整"),
            (5, "人民币伍分"),
            (50, "人民币伍角整"),
            (100_000_000, "人民币壹佰万元整"),
            (1_005, "人民币壹拾元零伍分"),
            (1_050, "人民币壹拾元伍角整"),
            (140_950, "人民币壹仟肆佰零玖元伍角整"),
            (600_714, "人民币陆仟零柒元壹角肆分"),
            (10_768_053, "人民币壹拾万柒仟陆佰捌拾元伍角叁分"),
            (100_000_000_000_000, "人民币壹万亿元整"),
            (100_000_010_000, "人民币壹拾亿零壹佰元整"),
            (2_000_000_000_100, "人民币贰佰亿零壹元整"),
        ] {
            assert_eq!(capital(&json!(fen)).unwrap(), expected);
        }
    }

    #[test]
    fn amounts_in_figures() {
        assert_eq!(yuan(&json!(100_000_000)).unwrap(), "1,000,000.00元");
        assert_eq!(yuan(&json!(5)).unwrap(), "0.05元");
        assert_eq!(yuan(&json!(123_456)).unwrap(), "1,234.56元");
        for wrong in [json!(-1), json!(1.5), json!("100"), json!(u64::MAX)] {
            assert!(money(&wrong).is_err(), "{wrong}");
        }
    }
}
