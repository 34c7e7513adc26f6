//! Codes seen in the standards, in published registers, and in write-ups that got them wrong.

use kaiban_findings::Severity;
use kaiban_identifiers::{Checked, Class, citizen_id, codes, uscc};
use serde_json::Value;

fn vectors(name: &str) -> Vec<Value> {
    let all: Value = serde_json::from_str(include_str!("vectors.json")).unwrap();
    all[name].as_array().unwrap_or_else(|| panic!("no vectors {name}")).clone()
}

fn codes_of(checked: &Checked) -> Vec<&str> {
    checked.problems.iter().map(|problem| problem.code.as_ref()).collect()
}

#[test]
fn codes_of_gb_32100_are_valid_without_a_doubt() {
    for vector in [vectors("uscc_ok"), vectors("uscc_synthetic_ok")].concat() {
        let value = vector.as_str().unwrap();
        let checked = uscc::check(value);
        assert!(checked.valid() && checked.problems.is_empty(), "{value}: {:?}", checked.problems);
        assert_eq!((checked.class, checked.normalized.as_deref()), (Some(Class::Uscc), Some(value)));
    }
}

#[test]
fn codes_of_fujians_pilot_are_valid_with_a_doubt() {
    for vector in vectors("uscc_fujian_legacy") {
        let value = vector.as_str().unwrap();
        let checked = uscc::check(value);
        assert!(checked.valid(), "{value}: {:?}", checked.problems);
        assert_eq!(checked.class, Some(Class::UsccFujianPilot), "{value}");
        assert_eq!(codes_of(&checked), [codes::FUJIAN_PILOT], "{value}");
        assert_eq!(checked.problems[0].severity, Severity::Doubt);
    }
}

#[test]
fn codes_of_the_standard_in_the_pilots_range_are_of_the_standard() {
    assert_eq!(uscc::check("91350100M000100Y43").class.map(Class::name), Some("gb32100"));
    assert_eq!(uscc::check("91350100M0001TGQXM").class.map(Class::name), Some("fujian-2015-pilot"));
}

#[test]
fn nobody_registers_under_fuzhous_placeholder() {
    for (division, doubts) in [("350101", 1), ("350100", 0), ("350182", 0), ("350599", 0), ("350000", 0), ("100000", 0)]
    {
        let checked = uscc::check(&uscc::compose('9', '1', division, "MA2XN001").unwrap());
        assert!(checked.valid(), "{division}");
        assert_eq!(checked.problems.len(), doubts, "{division}");
    }
}

#[test]
fn citizen_numbers_are_valid() {
    for vector in vectors("citizen_id_ok") {
        let value = vector.as_str().unwrap();
        let checked = citizen_id::check(value);
        assert!(checked.valid(), "{value}: {:?}", checked.problems);
        // 440524 is the standard's own example: 潮阳县, abolished in 1993, and a birth in 1880.
        let abolished = value.starts_with("440524");
        let class = if abolished { Class::CitizenNumberOfAbolishedDivision } else { Class::CitizenNumber };
        assert_eq!((checked.class, checked.normalized.as_deref()), (Some(class), Some(value)));
        let doubts: &[&str] = if abolished { &[codes::ABOLISHED_DIVISION, codes::EARLY_BIRTH_DATE] } else { &[] };
        assert_eq!(codes_of(&checked), doubts, "{value}");
    }
}

#[test]
fn wrong_values_are_refused_for_their_reason_and_never_quoted() {
    let check_uscc = uscc::check as fn(&str) -> Checked;
    for (name, check) in [("uscc_bad", check_uscc), ("citizen_id_bad", citizen_id::check)] {
        for vector in vectors(name) {
            let (value, code) = (vector[0].as_str().unwrap(), vector[1].as_str().unwrap());
            let checked = check(value);
            assert!(!checked.valid(), "{value}");
            assert!(codes_of(&checked).contains(&code), "{value}: {:?}", checked.problems);
            for problem in &checked.problems {
                let shown = format!("{problem} {}", serde_json::to_string(problem).unwrap());
                assert!(value.is_empty() || !shown.contains(value), "{shown}");
            }
        }
    }
}

#[test]
fn a_value_that_is_only_written_differently_comes_back_in_its_canonical_form() {
    for (value, canonical) in [
        ("91350100m000100y43", "91350100M000100Y43"),
        (" 91350100-M000100Y-43\u{3000}", "91350100M000100Y43"),
        ("９１３５０１００ｍ０００１００Ｙ４３", "91350100M000100Y43"),
    ] {
        let checked = uscc::check(value);
        assert!(!checked.valid());
        assert_eq!((checked.class, checked.normalized.as_deref()), (Some(Class::Uscc), Some(canonical)));
    }
    let checked = uscc::check("91350211m0000xuf46");
    assert_eq!(codes_of(&checked), [codes::LOWER_CASE, codes::FUJIAN_PILOT]);
    assert!(!checked.valid());
    // Wrong in more ways than in its writing: nothing to offer.
    assert_eq!(uscc::check("91350100m000100y44").normalized, None);
}

#[test]
fn every_problem_of_a_value_is_reported_at_once() {
    assert_eq!(
        codes_of(&uscc::check("96350100ma2xn0015h")),
        [codes::LOWER_CASE, codes::UNKNOWN_CATEGORY, codes::BAD_ORGANISATION_CHECK, codes::BAD_CHECK]
    );
    // Two places for the division, two for the rest; the organisation code is sound and nothing is said of it.
    let checked = uscc::check("9135O1O0M000100Y4I");
    assert_eq!(codes_of(&checked), [codes::BAD_CHARACTER, codes::BAD_CHARACTER]);
    assert_eq!(checked.problems[0].message.zh, "第 5、7 位的字符不符合标准，此处只能是数字（登记管理机关行政区划）。");
    assert!(checked.problems[1].message.en.starts_with("Not allowed by the standard at place 18:"));
    assert_eq!(codes_of(&uscc::check("91350100M000100I4")), [codes::BAD_LENGTH, codes::BAD_CHARACTER]);
    assert_eq!(
        codes_of(&uscc::check("X935O100MA2XN0015H")),
        [codes::UNKNOWN_DEPARTMENT, codes::BAD_CHARACTER, codes::BAD_ORGANISATION_CHECK]
    );
    assert_eq!(codes_of(&citizen_id::check("3501021990030783X")), [codes::BAD_LENGTH, codes::BAD_CHARACTER]);
    assert_eq!(
        codes_of(&citizen_id::check("000102199002308313")),
        [codes::UNKNOWN_DIVISION, codes::BAD_BIRTH_DATE, codes::BAD_CHECK]
    );
}

#[test]
fn input_of_any_kind_is_answered() {
    for value in
        ["统一社会信用代码统一社会信用代码统一", "\0\0", "１２３", "91350100M000100Y4é", "𠮷".repeat(18).as_str()]
    {
        assert!(!uscc::check(value).valid());
        assert!(!citizen_id::check(value).valid());
        assert_eq!(citizen_id::mask(value).chars().count(), 18);
    }
}
