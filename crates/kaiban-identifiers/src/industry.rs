//! Codes of the national classification of industries (国民经济行业分类), GB/T 4754-2017 with its amendment 1 of 2019.
//!
//! 20 sections (A to T), 97 divisions (2 digits), groups (3) and classes (4). A code may carry its section in front:
//! `A0111`. Of groups and classes only the shape is known here.

use kaiban_findings::{Finding, Place};

use crate::{Checked, Class, codes, findings, normalize};

/// Section, its title, and its first and last division.
const SECTIONS: [(char, &str, u8, u8); 20] = [
    ('A', "农、林、牧、渔业", 1, 5),
    ('B', "采矿业", 6, 12),
    ('C', "制造业", 13, 43),
    ('D', "电力、热力、燃气及水生产和供应业", 44, 46),
    ('E', "建筑业", 47, 50),
    ('F', "批发和零售业", 51, 52),
    ('G', "交通运输、仓储和邮政业", 53, 60),
    ('H', "住宿和餐饮业", 61, 62),
    ('I', "信息传输、软件和信息技术服务业", 63, 65),
    ('J', "金融业", 66, 69),
    ('K', "房地产业", 70, 70),
    ('L', "租赁和商务服务业", 71, 72),
    ('M', "科学研究和技术服务业", 73, 75),
    ('N', "水利、环境和公共设施管理业", 76, 79),
    ('O', "居民服务、修理和其他服务业", 80, 82),
    ('P', "教育", 83, 83),
    ('Q', "卫生和社会工作", 84, 85),
    ('R', "文化、体育和娱乐业", 86, 90),
    ('S', "公共管理、社会保障和社会组织", 91, 96),
    ('T', "国际组织", 97, 97),
];

/// Judges a code exactly as given: a section (`A`), or two to four digits with or without their section (`01`, `A0111`).
pub fn check(value: &str) -> Checked {
    let (code, mut problems) = normalize::normalize(value);
    let (class, found) = judge(&code);
    problems.extend(found);
    Checked::new(class, code, problems)
}

/// The section that a two-digit division belongs to; `None` where GB/T 4754 has no such division.
pub fn section_of(division: u8) -> Option<char> {
    SECTIONS.iter().find(|(_, _, first, last)| (*first..=*last).contains(&division)).map(|(letter, ..)| *letter)
}

/// What a section is called; `None` for no section.
pub fn section_title(section: char) -> Option<&'static str> {
    SECTIONS.iter().find(|(letter, ..)| *letter == section).map(|(_, title, ..)| *title)
}

fn judge(code: &str) -> (Option<Class>, Vec<Finding>) {
    let letter = code.chars().next().filter(char::is_ascii_uppercase);
    let digits = &code[letter.map_or(0, char::len_utf8)..];
    let class = match (letter, digits.len()) {
        _ if !digits.bytes().all(|byte| byte.is_ascii_digit()) => None,
        (Some(_), 0) => Some(Class::IndustrySection),
        (_, 2) => Some(Class::IndustryDivision),
        (_, 3) => Some(Class::IndustryGroup),
        (_, 4) => Some(Class::IndustryClass),
        _ => None,
    };
    let mut found = Vec::new();
    if class.is_none() {
        found.push(findings::wrong_shape(
            "应为门类字母、2 至 4 位数字，或字母加 2 至 4 位数字（如 A0111）。",
            "It must be a section's letter, two to four digits, or the letter with the digits (A0111).",
        ));
    }
    let known_letter = letter.is_none_or(|letter| section_title(letter).is_some());
    if !known_letter {
        found.push(error(codes::UNKNOWN_SECTION, "门类只有 A 至 T。", "The sections are A to T."));
    }
    if class.is_some() && digits.len() >= 2 {
        let section = digits.get(..2).and_then(|division| division.parse().ok()).and_then(section_of);
        match (letter, section) {
            (_, None) => found.push(error(
                codes::UNKNOWN_INDUSTRY,
                "GB/T 4754-2017 中没有这一大类（前两位数字）。",
                "GB/T 4754-2017 has no such division (the first two digits).",
            )),
            (Some(letter), Some(section)) if known_letter && letter != section => found.push(error(
                codes::UNKNOWN_SECTION,
                format!("该大类属于门类 {section}，与所填字母不符。"),
                format!("That division lies in section {section}, not in the one given."),
            )),
            _ => {}
        }
    }
    let sound = found.is_empty();
    (class.filter(|_| sound), found)
}

fn error(code: &'static str, zh: impl Into<String>, en: impl Into<String>) -> Finding {
    Finding::error(code, Place::Whole, zh, en)
}
