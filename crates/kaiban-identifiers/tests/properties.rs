//! What the theory of the check characters promises, on random codes.
//!
//! The moduli 31 and 37 are prime and larger than any difference of two values, so they notice every substitution
//! and every swap of neighbours. GB 11714 works modulo 11 with values up to 35: it notices every wrong digit, but takes
//! `A` for `L`. A citizen number has digits modulo 11, so every slip shows.

use jiff::civil::date;
use kaiban_identifiers::company_name::{self, Likeness, Sameness};
use kaiban_identifiers::{Circumstances, Class, Identifier, citizen_id, uscc};
use proptest::prelude::*;

const ALPHABET: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";

fn uscc_parts() -> impl Strategy<Value = (char, char, String, String)> {
    let category =
        prop::sample::select(vec![('1', '2'), ('5', '3'), ('9', '1'), ('9', '2'), ('9', '3'), ('N', '2'), ('Y', '1')]);
    (category, 11u32..=15, 0u32..10_000, "[0-9A-HJ-NPQRTUWXY]{8}").prop_map(
        |((department, category), province, rest, body)| (department, category, format!("{province}{rest:04}"), body),
    )
}

prop_compose! {
    fn citizen_number()(
        division in prop::sample::select(vec!["110105", "350102", "350182", "440524", "650101", "810000"]),
        day in 0i32..45_000,
        sequence in 0u16..1000,
    ) -> String {
        let birth = date(1900, 1, 1) + jiff::Span::new().days(day);
        citizen_id::compose(division, birth, sequence).unwrap()
    }
}

fn substitute(code: &str, at: usize, by: char) -> String {
    code.chars().enumerate().map(|(index, kept)| if index == at { by } else { kept }).collect()
}

fn swap(code: &str, at: usize) -> String {
    let mut characters: Vec<char> = code.chars().collect();
    characters.swap(at, at + 1);
    characters.into_iter().collect()
}

proptest! {
    #[test]
    fn a_composed_uscc_is_valid((department, category, division, body) in uscc_parts()) {
        let code = uscc::compose(department, category, &division, &body).unwrap();
        let checked = uscc::check(&code);
        prop_assert!(checked.valid() && checked.problems.is_empty(), "{:?}", checked.problems);
        prop_assert_eq!(checked.class, Some(Class::Uscc));
        prop_assert_eq!(uscc::check(&code.to_lowercase()).normalized, Some(code));
    }

    #[test]
    fn a_uscc_with_one_wrong_character_is_noticed(
        (department, category, division, body) in uscc_parts(),
        at in 0usize..18,
        by in prop::sample::select(format!("{ALPHABET}IOSVZaz-é字０").chars().collect::<Vec<_>>()),
    ) {
        let code = uscc::compose(department, category, &division, &body).unwrap();
        let wrong = substitute(&code, at, by);
        prop_assume!(wrong != code);
        // A slip may hit a code of Fujian's pilot, which follows another rule; it is never taken for the standard's.
        let checked = uscc::check(&wrong);
        prop_assert!(!checked.valid() || checked.class == Some(Class::UsccFujianPilot));
    }

    #[test]
    fn a_uscc_with_swapped_neighbours_is_noticed((department, category, division, body) in uscc_parts(), at in 0usize..17) {
        let code = uscc::compose(department, category, &division, &body).unwrap();
        let wrong = swap(&code, at);
        prop_assume!(wrong != code);
        prop_assert_ne!(uscc::check(&wrong).class, Some(Class::Uscc));
    }

    #[test]
    fn a_pilot_code_with_one_wrong_digit_is_noticed(at in 4usize..8, by in prop::char::range('0', '9')) {
        let code = "91350211M0000XUF46";
        let wrong = substitute(code, at, by);
        prop_assume!(wrong != code);
        // Nor is a slip in a pilot code taken for another pilot code, though one may hit the standard's rule.
        prop_assert_ne!(uscc::check(&wrong).class, Some(Class::UsccFujianPilot));
    }

    #[test]
    fn a_composed_citizen_number_is_valid(number in citizen_number()) {
        let checked = citizen_id::check(&number);
        prop_assert!(checked.valid(), "{:?}", checked.problems);
        let abolished = ["350182", "440524"].iter().any(|division| number.starts_with(division));
        prop_assert_eq!(checked.problems.len(), usize::from(abolished), "{:?}", checked.problems);
    }

    #[test]
    fn a_citizen_number_with_one_wrong_character_is_noticed(
        number in citizen_number(),
        at in 0usize..18,
        by in prop::sample::select("0123456789X".chars().collect::<Vec<_>>()),
    ) {
        let wrong = substitute(&number, at, by);
        prop_assume!(wrong != number);
        prop_assert!(!citizen_id::check(&wrong).valid());
    }

    #[test]
    fn a_citizen_number_with_swapped_neighbours_is_noticed(number in citizen_number(), at in 0usize..17) {
        let wrong = swap(&number, at);
        prop_assume!(wrong != number);
        prop_assert!(!citizen_id::check(&wrong).valid());
    }

    #[test]
    fn any_text_is_answered_and_no_finding_quotes_it(value in "\\PC{6,40}") {
        for identifier in Identifier::ALL {
            let checked = identifier.check(&value, Circumstances::default());
            prop_assert_eq!(checked.class.is_some(), checked.normalized.is_some());
            for problem in checked.problems {
                prop_assert!(!problem.message.zh.contains(&value) && !problem.message.en.contains(&value));
            }
        }
    }

    #[test]
    fn a_name_of_four_parts_comes_apart_again(
        division in prop::sample::select(vec!["福州", "福州市", "福建省福州市", "福州市鼓楼区", "闽侯县", "平潭"]),
        trade_name in "[榕瑞恒鼎宸禾屿岚澜昱]{2,5}",
        industry in prop::sample::select(vec!["科技", "餐饮管理", "网络科技发展", "酒业", "国际贸易", "水产养殖"]),
        form in prop::sample::select(vec!["有限公司", "有限责任公司", "股份有限公司"]),
        bracketed: bool,
    ) {
        let name = if bracketed {
            format!("{trade_name}（{division}）{industry}{form}")
        } else {
            format!("{division}{trade_name}{industry}{form}")
        };
        let checked = company_name::check(&name, None);
        prop_assert!(checked.valid() && checked.problems.is_empty(), "{:?}", checked.problems);
        let parts = company_name::parse(&name);
        prop_assert_eq!(parts.division.as_deref(), Some(division));
        prop_assert_eq!(&parts.trade_name, &trade_name);
        prop_assert_eq!(parts.industry.as_deref(), Some(industry));
        prop_assert_eq!(parts.form.as_deref(), Some(form));
    }

    #[test]
    fn names_with_one_key_are_the_same_and_no_others(a in name(), b in name()) {
        let same = matches!(
            company_name::compare(&a, &b),
            Likeness::Same(Sameness::Identical | Sameness::Order | Sameness::TradeNameAndIndustry)
        );
        prop_assert_eq!(company_name::name_key(&a) == company_name::name_key(&b), same, "{} {}", a, b);
        prop_assert_eq!(company_name::compare(&a, &a), Likeness::Same(Sameness::Identical));
    }
}

/// Names that are often alike: few words, in any order, some of them no sound names.
fn name() -> impl Strategy<Value = String> {
    let words = vec![
        "福州",
        "（福州）",
        "榕瑞",
        "榕蕊",
        "酒业",
        "酒",
        "贸易",
        "商贸",
        "发展",
        "有限公司",
        "店",
        "厂",
        "分公司",
        "(",
        "X",
    ];
    prop::collection::vec(prop::sample::select(words), 0..6).prop_map(|words| words.concat())
}
