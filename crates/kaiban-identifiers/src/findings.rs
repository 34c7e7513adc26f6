//! The texts. They name the place and the rule, never the value.

use kaiban_findings::{Finding, Place};

use crate::codes;
use crate::division::Former;

pub fn bad_length(wanted: usize, found: usize) -> Finding {
    error(
        codes::BAD_LENGTH,
        format!("应为 {wanted} 位，现为 {found} 位。"),
        format!("It must have {wanted} characters, but has {found}."),
    )
}

/// `places` from 1.
pub fn bad_characters(places: &[usize], allowed_zh: &str, allowed_en: &str) -> Finding {
    /// More are not listed.
    const SHOWN_MAX: usize = 18;
    let list = |comma: &str| {
        places.iter().take(SHOWN_MAX).map(usize::to_string).collect::<Vec<_>>().join(comma)
            + if places.len() > SHOWN_MAX { "…" } else { "" }
    };
    error(
        codes::BAD_CHARACTER,
        format!("第 {} 位的字符不符合标准，此处只能是{allowed_zh}。", list("、")),
        format!("Not allowed by the standard at place {}: only {allowed_en} may stand there.", list(", ")),
    )
}

pub fn lower_case() -> Finding {
    error(codes::LOWER_CASE, "含有小写字母。", "It has lower-case letters.")
        .with_help("请改用大写字母。", "Write it in upper case.")
}

pub fn full_width() -> Finding {
    error(codes::FULL_WIDTH, "含有全角字符。", "It has full-width characters.")
        .with_help("请改用半角字母和数字。", "Write it in half-width letters and digits.")
}

pub fn separator() -> Finding {
    error(codes::SEPARATOR, "含有空格、连字符或不可见字符。", "It has spaces, hyphens or invisible characters.")
        .with_help("请连续书写，中间和首尾不留任何其他字符。", "Write it without anything before, between or after.")
}

pub fn bad_check() -> Finding {
    error(
        codes::BAD_CHECK,
        "最后一位校验码与前 17 位不符。",
        "The check character at the end does not follow from the 17 characters before it.",
    )
    .with_help("通常是某一位抄错或相邻两位颠倒，请对照证照核对。", COPYING)
}

pub fn bad_organisation_check() -> Finding {
    error(
        codes::BAD_ORGANISATION_CHECK,
        "第 17 位（主体标识码的校验码）与第 9 至 16 位不符。",
        "Character 17, the check character of the organisation code, does not follow from characters 9 to 16.",
    )
    .with_help("通常是某一位抄错或相邻两位颠倒，请对照证照核对。", COPYING)
}

pub fn unknown_department() -> Finding {
    error(
        codes::UNKNOWN_DEPARTMENT,
        "第 1 位不是 GB 32100 规定的登记管理部门代码。",
        "Character 1 is no registering department of GB 32100.",
    )
}

pub fn unknown_category() -> Finding {
    error(
        codes::UNKNOWN_CATEGORY,
        "第 2 位不是该登记管理部门的机构类别代码。",
        "Character 2 is no category of organisation of that registering department.",
    )
}

pub fn unknown_division_of_registrar() -> Finding {
    Finding::doubt(
        codes::UNKNOWN_DIVISION,
        Place::Whole,
        "第 3 至 8 位的登记管理机关行政区划不属于任何省级行政区。",
        "The registrar's division in characters 3 to 8 lies in no province.",
    )
    .with_help("请在国家企业信用信息公示系统核实。", "Look the code up in the national enterprise registry.")
}

pub fn no_registrar_of_fuzhou() -> Finding {
    Finding::doubt(
        codes::UNLISTED_DIVISION,
        Place::Whole,
        "第 3 至 8 位的行政区划属于福州市，但福州市没有这一登记管理机关。",
        "The division in characters 3 to 8 lies in Fuzhou, but no bureau of Fuzhou registers under it.",
    )
    .with_help("请在国家企业信用信息公示系统核实。", "Look the code up in the national enterprise registry.")
}

pub fn unlisted_division_of_person() -> Finding {
    Finding::doubt(
        codes::UNLISTED_DIVISION,
        Place::Whole,
        "前 6 位的行政区划不见于现行和历次 GB/T 2260。",
        "The division in characters 1 to 6 is in no edition of GB/T 2260.",
    )
    .with_help("请对照证件核对。", "Compare it with the identity card.")
}

pub fn abolished_division(former: Option<&Former>) -> Finding {
    let (zh, en) = match former {
        Some(Former { name, until, .. }) => (
            format!("前 6 位的行政区划（福州市原{name}，使用至 {until} 年）已经撤销，号码仍然有效。"),
            format!(
                "The division in characters 1 to 6 ({name} of Fuzhou, until {until}) has been abolished; the number stays valid."
            ),
        ),
        None => (
            "前 6 位的行政区划已经撤销，号码仍然有效。".to_owned(),
            "The division in characters 1 to 6 has been abolished; the number stays valid.".to_owned(),
        ),
    };
    Finding::doubt(codes::ABOLISHED_DIVISION, Place::Whole, zh, en)
        .with_help("如与证件一致，无需更改。", "If it agrees with the identity card, leave it as it is.")
}

pub fn unknown_division_of_person() -> Finding {
    error(
        codes::UNKNOWN_DIVISION,
        "前 6 位的行政区划不属于任何省级行政区。",
        "The division in characters 1 to 6 lies in no province.",
    )
}

pub fn fujian_pilot() -> Finding {
    Finding::doubt(
        codes::FUJIAN_PILOT,
        Place::Whole,
        "符合福建省 2015 年试点时发放的统一社会信用代码的规则，不符合 GB 32100 的校验规则。",
        "It follows the rule of the codes issued in Fujian's pilot of 2015, not the check rule of GB 32100.",
    )
    .with_help(
        "此类代码合法有效，请在国家企业信用信息公示系统核实。",
        "Such codes are lawful; look it up in the national enterprise registry.",
    )
}

pub fn first_generation() -> Finding {
    error(
        codes::FIRST_GENERATION,
        "15 位的第一代居民身份证号码自 2013 年 1 月 1 日起停止使用。",
        "Numbers of the first generation, with 15 digits, have not been valid since 1 January 2013.",
    )
    .with_help("请填写现行居民身份证上的 18 位号码。", "Give the 18 characters on the present identity card.")
}

pub fn bad_birth_date() -> Finding {
    error(
        codes::BAD_BIRTH_DATE,
        "第 7 至 14 位的出生日期不存在。",
        "The birth date in characters 7 to 14 is no date of the calendar.",
    )
}

pub fn future_birth_date() -> Finding {
    error(codes::FUTURE_BIRTH_DATE, "第 7 至 14 位的出生日期晚于今天。", "The birth date lies in the future.")
}

pub fn early_birth_date() -> Finding {
    Finding::doubt(
        codes::EARLY_BIRTH_DATE,
        Place::Whole,
        "第 7 至 14 位的出生日期早于 1900 年。",
        "The birth date lies before 1900.",
    )
    .with_help("请对照证件核对。", "Compare it with the identity card.")
}

pub fn foreign_permanent_resident() -> Finding {
    Finding::doubt(
        codes::FOREIGN_PERMANENT_RESIDENT,
        Place::Whole,
        "这是外国人永久居留身份证号码，除校验码和出生日期外无法核对。",
        "This is the number of a foreigner's permanent residence card; only its check character and its birth date \
         can be checked.",
    )
    .with_help("请查验证件原件。", "Inspect the card itself.")
}

pub fn wrong_shape(zh: impl Into<String>, en: impl Into<String>) -> Finding {
    error(codes::WRONG_SHAPE, zh, en)
}

const COPYING: &str = "Usually a character was miscopied or two were swapped: compare it with the certificate.";

fn error(code: &'static str, zh: impl Into<String>, en: impl Into<String>) -> Finding {
    Finding::error(code, Place::Whole, zh, en)
}
