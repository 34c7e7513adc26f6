//! Personal data made unrecognisable for who only needs to know how cases go: names (王*), citizen numbers, phones.
//!
//! What is a person's is told by shape, because packages are data: a citizen number or a phone makes the object around it
//! a person, and what else stands there in words or in figures is masked too. A name that was found in one place is masked
//! wherever else it stands.

use kaiban_findings::{Finding, Text};
use kaiban_identifiers::citizen_id;
use serde_json::Value;

/// A form or a result.
pub(crate) fn document(mut document: Value) -> Value {
    let mut names = Vec::new();
    collect(&document, true, &mut names);
    // Longer ones first: of 王小 and 王小明 the second must not be left as 王**明.
    names.sort_by_key(|name| std::cmp::Reverse(name.chars().count()));
    names.dedup();
    hide(&mut document, Around::Top, &names);
    document
}

/// What a case is called. A company's name is public; the one of a shop may hold its owner's.
pub(crate) fn subject(subject: &str) -> String {
    const PUBLIC: [&str; 4] = ["公司", "合作社", "合作联社", "集团"];
    let characters: Vec<char> = subject.chars().collect();
    if PUBLIC.iter().any(|end| subject.trim_end_matches(['）', ')']).ends_with(end)) {
        return numbers(subject);
    }
    if characters.len() <= 4 {
        return name(subject);
    }
    // 福州市鼓楼区王小明小吃店 → 福州市鼓楼区***店
    let place = characters.iter().take(characters.len() - 2).rposition(|c| "省市区县".contains(*c));
    let place: String = characters[..place.map_or(0, |at| at + 1)].iter().collect();
    format!("{place}***{}", characters[characters.len() - 1])
}

/// Findings that an office wrote: what and where, not the words.
pub(crate) fn findings(findings: Vec<Finding>) -> Vec<Finding> {
    let hidden = || Text::new("（内容已脱敏）", "(masked)");
    findings.into_iter().map(|finding| Finding { message: hidden(), help: None, ..finding }).collect()
}

/// Family name only: 王小明 → 王**.
fn name(name: &str) -> String {
    let mut characters = name.chars();
    let first: String = characters.by_ref().take(1).collect();
    format!("{first}{}", "*".repeat(characters.count().max(1)))
}

/// A phone: 138****0000.
fn phone(phone: &str) -> String {
    phone.chars().enumerate().map(|(at, c)| if (3..7).contains(&at) { '*' } else { c }).collect()
}

/// A mobile or fixed line number, perhaps with hyphens and the country.
fn is_phone(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let plain = text.bytes().all(|byte| byte.is_ascii_digit() || b"+- ".contains(&byte));
    plain && (10..=13).contains(&digits) && text.starts_with(['0', '1', '+'])
}

/// The number of another document: E*****78.
fn code(code: &str) -> String {
    let length = code.len();
    code.chars().enumerate().map(|(at, c)| if at == 0 || at + 2 >= length { c } else { '*' }).collect()
}

/// Whether a text that stands with a person may tell who it is, such as a passport's number or a birthday.
fn is_telling(text: &str) -> bool {
    text.is_ascii() && text.bytes().filter(u8::is_ascii_digit).count() >= 5
}

/// Any citizen number, right or mistyped: 17 digits and a digit or X, or the 15 digits of the first generation.
fn is_number(text: &str) -> bool {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    match text.len() {
        18 => {
            text.is_ascii()
                && digits(&text[..17])
                && text[17..].bytes().all(|b| b.is_ascii_digit() || b"xX".contains(&b))
        }
        15 => digits(text),
        _ => false,
    }
}

/// Whether the object is about one person: it holds a citizen number, or the number of another document as
/// `id: { kind, number }`. Below the top a phone is enough; at the top it may be the business's own.
fn is_person(object: &serde_json::Map<String, Value>, top: bool) -> bool {
    let tells = |value: &Value| value.as_str().is_some_and(|text| is_number(text) || (!top && is_phone(text)));
    let document =
        |value: &Value| value.as_object().is_some_and(|id| id.contains_key("kind") && id.contains_key("number"));
    object.values().any(|value| tells(value) || document(value))
}

/// Whether a member is in words, and not a code such as `limited-company`.
fn in_words(text: &str) -> bool {
    !text.is_ascii() || text.contains(' ')
}

fn collect(value: &Value, top: bool, names: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            if is_person(object, top) {
                let named = object.iter().filter(|(key, _)| key.ends_with("name"));
                let words = named.filter_map(|(_, value)| value.as_str()).filter(|text| text.chars().count() > 1);
                names.extend(words.map(str::to_owned));
            }
            object.values().for_each(|value| collect(value, false, names));
        }
        Value::Array(values) => values.iter().for_each(|value| collect(value, false, names)),
        _ => {}
    }
}

/// What a value stands in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Around {
    Top,
    Something,
    Person,
}

fn hide(value: &mut Value, around: Around, names: &[String]) {
    match value {
        Value::String(text) => {
            let person = around == Around::Person;
            *text = if is_number(text) {
                citizen_id::mask(text)
            } else if is_phone(text) {
                phone(text)
            } else if names.contains(text) || (person && in_words(text)) {
                name(text)
            } else if person && is_telling(text) {
                code(text)
            } else {
                let known = names.iter().fold(text.clone(), |text, known| text.replace(known.as_str(), &name(known)));
                numbers(&known)
            };
        }
        Value::Object(object) => {
            let person = around == Around::Person || is_person(object, around == Around::Top);
            let around = if person { Around::Person } else { Around::Something };
            object.values_mut().for_each(|value| hide(value, around, names));
        }
        Value::Array(values) => {
            let around = if around == Around::Top { Around::Something } else { around };
            values.iter_mut().for_each(|value| hide(value, around, names));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Citizen numbers and phones inside a longer text.
fn numbers(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut run = String::new();
    let flush = |run: &mut String, masked: &mut String| {
        let hidden = if is_number(run) {
            citizen_id::mask(run)
        } else if is_phone(run) {
            phone(run)
        } else {
            run.clone()
        };
        masked.push_str(&hidden);
        run.clear();
    };
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            run.push(c);
        } else {
            flush(&mut run, &mut masked);
            masked.push(c);
        }
    }
    flush(&mut run, &mut masked);
    masked
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn persons_are_told_by_their_numbers_and_nothing_of_them_stays() {
        let form = json!({
            "kind": "limited-company",
            "name": "福州青榕样例贸易有限公司",
            "capital_fen": 100,
            "domicile": {"address": "鼓楼区样例路1号101室，联系王小明13800000000"},
            "legal_representative": {"name": "王小明", "citizen_id": "11010519491231002X", "address": "仓山区某路2号"},
            "contact": {"name": "李样例", "phone": "13900000000", "way": "counter"},
            "people": [{"key": "p1", "name": "陈样例", "roles": ["director"], "id": {"kind": "passport", "number": "E12345678"}}],
            "tel": "0591-87654321",
            "note": "由李样例办理，证件11010519491231002X。",
        });
        let masked = document(form);
        assert_eq!(masked["name"], "福州青榕样例贸易有限公司");
        assert_eq!((&masked["kind"], &masked["capital_fen"]), (&json!("limited-company"), &json!(100)));
        assert_eq!(masked["domicile"]["address"], "鼓楼区样例路1号101室，联系王**138****0000");
        assert_eq!(
            masked["legal_representative"],
            json!({"name": "王**", "citizen_id": "110105********002X", "address": "仓******"})
        );
        assert_eq!(masked["contact"], json!({"name": "李**", "phone": "139****0000", "way": "counter"}));
        let person = json!({"key": "p1", "name": "陈**", "roles": ["director"], "id": {"kind": "passport", "number": "E******78"}});
        assert_eq!(masked["people"], json!([person]));
        assert_eq!(masked["tel"], "059****654321");
        assert_eq!(masked["note"], "由李**办理，证件110105********002X。");
    }

    #[test]
    fn a_mistyped_number_is_masked_too() {
        let masked = document(json!({"citizen_id": "110105194912310020", "name": "张三"}));
        assert_eq!(masked, json!({"citizen_id": "110105********0020", "name": "张*"}));
        assert_eq!(document(json!(["350102900101001"])), json!(["******************"]));
    }

    #[test]
    fn a_shop_may_bear_its_owners_name() {
        assert_eq!(subject("福州青榕样例贸易有限公司"), "福州青榕样例贸易有限公司");
        assert_eq!(subject("福州市鼓楼区王小明小吃店"), "福州市鼓楼区***店");
        assert_eq!(subject("王小明"), "王**");
        assert_eq!(subject("王小明事务所"), "***所");
        assert_eq!(subject(""), "*");
    }
}
