//! Industry codes, telephones, postcodes, numbers of banks and seals; the divisions of Fuzhou.

use kaiban_identifiers::division::{self, Kind, Promise, Standing};
use kaiban_identifiers::{Checked, bank, contact, industry, seal};

fn shown(checked: &Checked) -> String {
    let class = checked.class.map_or("none", |class| class.name());
    let codes: Vec<&str> = checked.problems.iter().map(|problem| problem.code.as_ref()).collect();
    format!("{class} {}", codes.join(" ")).trim_end().to_owned()
}

#[test]
fn industry_codes() {
    for (value, expected) in [
        ("A", "industry-section"),
        ("A0111", "industry-class"),
        ("0111", "industry-class"),
        ("A01", "industry-division"),
        ("652", "industry-group"),
        ("I6510", "industry-class"),
        ("T9700", "industry-class"),
        ("U", "none UNKNOWN_SECTION"),
        ("U0111", "none UNKNOWN_SECTION"),
        ("B0111", "none UNKNOWN_SECTION"),
        ("9811", "none UNKNOWN_INDUSTRY"),
        ("0011", "none UNKNOWN_INDUSTRY"),
        ("1", "none WRONG_SHAPE"),
        ("A01111", "none WRONG_SHAPE"),
        ("AA111", "none WRONG_SHAPE"),
        ("Z1", "none WRONG_SHAPE UNKNOWN_SECTION"),
        ("", "none WRONG_SHAPE"),
        ("农业", "none WRONG_SHAPE"),
        ("a0111", "industry-class LOWER_CASE"),
    ] {
        assert_eq!(shown(&industry::check(value)), expected, "{value}");
    }
    assert_eq!(industry::check("a0111").normalized.as_deref(), Some("A0111"));
    assert_eq!((1..=97).filter_map(industry::section_of).count(), 97);
    assert_eq!((industry::section_of(51), industry::section_of(98)), (Some('F'), None));
    assert_eq!(industry::section_title('F'), Some("批发和零售业"));
}

#[test]
fn telephones_and_postcodes() {
    for (value, expected) in [
        ("13900000000", "mobile"),
        ("19900000000", "mobile"),
        ("12900000000", "none WRONG_SHAPE"),
        ("1390000000", "none WRONG_SHAPE"),
        ("139 0000 0000", "mobile SEPARATOR"),
        ("１３９00000000", "mobile FULL_WIDTH"),
        ("", "none WRONG_SHAPE"),
    ] {
        assert_eq!(shown(&contact::mobile(value)), expected, "{value}");
    }
    for (value, expected) in [
        ("0591-87654321", "landline"),
        ("0591-8765432", "none WRONG_SHAPE"),
        ("010-87654321", "landline"),
        ("0594-2654321", "landline"),
        ("059187654321", "none WRONG_SHAPE"),
        ("0591-1765432", "none WRONG_SHAPE"),
        ("0591-8765-4321", "landline SEPARATOR"),
        ("-", "none WRONG_SHAPE"),
    ] {
        assert_eq!(shown(&contact::landline(value)), expected, "{value}");
    }
    for (value, expected) in [
        ("350001", "postcode"),
        ("100000", "postcode UNUSUAL_NUMBER"),
        ("35000", "none WRONG_SHAPE"),
        ("35000é", "none WRONG_SHAPE"),
    ] {
        assert_eq!(shown(&contact::postcode(value)), expected, "{value}");
    }
}

#[test]
fn banks_and_seals() {
    assert_eq!(shown(&bank::code("102391000012")), "bank-code");
    assert_eq!(shown(&bank::code("10239100001")), "none WRONG_SHAPE");
    assert_eq!(shown(&bank::basic_account("J3910000000001")), "basic-account");
    assert_eq!(shown(&bank::basic_account("j3910000000001")), "basic-account LOWER_CASE");
    assert_eq!(shown(&bank::basic_account("3910000000001")), "none WRONG_SHAPE");
    assert_eq!(shown(&seal::check("3501020012345")), "seal-number");
    assert_eq!(shown(&seal::check("9901020012345")), "seal-number UNLISTED_DIVISION");
    assert_eq!(shown(&seal::check("350102001234")), "none WRONG_SHAPE");
}

#[test]
fn fuzhou_has_a_city_six_districts_six_counties_and_a_county_level_city() {
    let count = |kind| division::DIVISIONS.iter().filter(|division| division.kind == kind).count();
    let counts = [Kind::City, Kind::District, Kind::County, Kind::CountyCity].map(count);
    assert_eq!(counts, [1, 6, 6, 1]);
    let of_city: Vec<&str> =
        division::DIVISIONS.iter().filter(|d| d.promise() == Promise::CityBureau).map(|d| d.name).collect();
    assert_eq!(of_city, ["福州市"]);
    let excludable: Vec<&str> = division::DIVISIONS.iter().filter(|d| d.may_be_excluded).map(|d| d.code).collect();
    assert_eq!(excludable, ["350128"]);
    assert_eq!(
        division::former("350182").map(|former| (former.name, former.from, former.until, former.now)),
        Some(("长乐市", Some(1995), 2016, "350112"))
    );
    assert!(division::in_force("350101").is_none());
    assert_eq!(division::standing("350126"), Standing::Abolished);
    assert_eq!(division::standing("990000"), Standing::NoProvince);
    assert_eq!(division::standing("35010"), Standing::NoProvince);
}
