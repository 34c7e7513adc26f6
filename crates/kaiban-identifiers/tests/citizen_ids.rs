//! What a citizen number says beyond its check character.

use jiff::civil::{Date, date};
use kaiban_identifiers::{Class, citizen_id, codes};

#[test]
fn a_masked_number_keeps_its_division_and_its_last_four() {
    assert_eq!(citizen_id::mask("350102199003078313"), "350102********8313");
    assert_eq!(citizen_id::mask("11010519491231002X"), "110105********002X");
}

#[test]
fn a_value_of_another_length_is_hidden_entirely() {
    assert_eq!(citizen_id::mask("350102900307831"), "******************");
    assert_eq!(citizen_id::mask(""), "******************");
}

#[test]
fn nobody_is_born_tomorrow() {
    let born_today = citizen_id::compose("350102", date(2026, 3, 2), 1).unwrap();
    assert!(citizen_id::check_on(&born_today, date(2026, 3, 2)).valid());
    let checked = citizen_id::check_on(&born_today, date(2026, 3, 1));
    assert!(!checked.valid());
    assert_eq!(checked.problems[0].code, codes::FUTURE_BIRTH_DATE);
}

#[test]
fn people_keep_the_numbers_of_abolished_divisions() {
    // 长乐市 (1995-2016), 长乐县 (to 1993), 福清县 (to 1989)
    for division in ["350182", "350126", "350127"] {
        let number = citizen_id::compose(division, date(1985, 6, 15), 2).unwrap();
        let checked = citizen_id::check(&number);
        assert!(checked.valid());
        assert_eq!(checked.class, Some(Class::CitizenNumberOfAbolishedDivision));
        assert_eq!(checked.problems.len(), 1);
        assert_eq!(
            (checked.problems[0].code.as_ref(), checked.problems[0].is_error()),
            (codes::ABOLISHED_DIVISION, false)
        );
    }
    // 350111 was the suburbs' until 1994 and has been 晋安区's since: in force.
    let checked = citizen_id::check(&citizen_id::compose("350111", date(1985, 6, 15), 2).unwrap());
    assert_eq!((checked.class, checked.problems.len()), (Some(Class::CitizenNumber), 0));
}

#[test]
fn a_division_that_no_list_has_is_doubted() {
    for division in ["350199", "350106", "710000", "110198"] {
        let checked = citizen_id::check(&citizen_id::compose(division, date(1985, 6, 15), 2).unwrap());
        assert!(checked.valid(), "{division}");
        assert_eq!(checked.problems[0].code, codes::UNLISTED_DIVISION, "{division}");
    }
}

#[test]
fn age_is_counted_by_birthdays() {
    let number = citizen_id::compose("350102", date(2004, 2, 29), 1).unwrap();
    assert_eq!(citizen_id::birth_date(&number), Some(date(2004, 2, 29)));
    assert_eq!(citizen_id::age_on(&number, date(2022, 2, 28)), Some(17));
    assert_eq!(citizen_id::age_on(&number, date(2022, 3, 1)), Some(18));
    assert_eq!(citizen_id::age_on(&number, date(2024, 2, 29)), Some(20));
    assert_eq!(citizen_id::age_on(&number, date(2004, 2, 28)), None);
    assert_eq!(citizen_id::age_on("350102", date(2024, 2, 29)), None);
    assert_eq!((citizen_id::is_male(&number), citizen_id::is_male("")), (Some(true), None));
}

#[test]
fn other_cards_write_their_numbers_in_the_same_form() {
    let class = |division| {
        let checked = citizen_id::check(&citizen_id::compose(division, date(1980, 1, 31), 15).unwrap());
        assert!(checked.valid());
        (checked.class, checked.problems.len())
    };
    for division in ["810000", "820000", "830000"] {
        assert_eq!(class(division), (Some(Class::ResidencePermit), 0));
    }
    assert_eq!(class("911124"), (Some(Class::ForeignPermanentResident), 1));
}

#[test]
fn a_birth_before_1900_is_doubted_not_refused() {
    let checked = citizen_id::check(&citizen_id::compose("350102", date(1899, 12, 31), 1).unwrap());
    assert!(checked.valid());
    assert_eq!(checked.problems[0].code, codes::EARLY_BIRTH_DATE);
}

#[test]
fn only_possible_parts_are_composed() {
    assert!(citizen_id::compose("350102", Date::MIN, 1).is_err());
    assert!(citizen_id::compose("350102", date(1990, 3, 7), 1000).is_err());
    for division in ["", "35010", "99010é", "000000", "３５０１０２", "838383"] {
        assert!(citizen_id::compose(division, date(1990, 3, 7), 1).is_err(), "{division}");
    }
}
