//! A weekly draw over decided commitments, told step by step.

use kaiban_draw::{
    Announcement, Checker, Draw, Hex32, Item, METHOD, Period, PublicValue, Shares, State, roster_sha256,
};
use kaiban_findings::Finding;
use sha2::{Digest as _, Sha256};

pub const HOUR_US: i64 = 3_600_000_000;
/// Monday 2026-03-09, 09:00 in Fuzhou.
pub const MONDAY_US: i64 = 1_773_018_000_000_000;

pub const BUREAU: &str = "fuzhou-market-supervision";
pub const TAX: &str = "fuzhou-tax";

/// A number for tests; in earnest it comes from a source of randomness.
pub fn number(of: &str) -> Hex32 {
    Hex32::from(<[u8; 32]>::from(Sha256::digest(of)))
}

pub fn checker(id: &str, organisation: &str) -> Checker {
    Checker { id: id.into(), organisation: organisation.into() }
}

pub fn item(id: &str, stratum: &str, recuse: &[&str]) -> Item {
    Item { id: id.into(), stratum: stratum.into(), recuse: recuse.iter().map(|name| (*name).into()).collect() }
}

pub fn shares(shares: &[(&str, u8)]) -> Shares {
    shares.iter().map(|(stratum, percent)| ((*stratum).into(), *percent)).collect()
}

/// Five officers of three offices.
pub fn roster() -> Vec<Checker> {
    let offices = ["gulou", "gulou", "taijiang", "taijiang", "cangshan"];
    let officers = offices.iter().enumerate();
    officers.map(|(index, office)| checker(&format!("officer-{}", index + 1), office)).collect()
}

/// Commitments of a week: credit classes `a` and `b`, the deciding office recused.
pub fn pool(items: usize) -> Vec<Item> {
    let offices = ["gulou", "taijiang", "cangshan", "officer-2"];
    let one = |index: usize| {
        let stratum = if index.is_multiple_of(3) { "credit-b" } else { "credit-a" };
        item(&format!("350100-2026-{index:06}"), stratum, &[offices[index % offices.len()]])
    };
    (0..items).map(one).collect()
}

pub fn terms() -> Announcement {
    Announcement {
        method: METHOD.into(),
        draw: "visits-2026-w10".into(),
        pool: "domicile-visits".into(),
        period: Period { from_us: MONDAY_US - 168 * HOUR_US, to_us: MONDAY_US },
        shares: shares(&[("credit-a", 5), ("credit-b", 15), ("credit-c", 15)]),
        checkers_per_item: 2,
        roster_sha256: roster_sha256(&roster()).unwrap(),
        parties: vec![BUREAU.into(), TAX.into()],
        public_value: None,
        follows: None,
        announced_at_us: MONDAY_US - 3 * HOUR_US,
        commit_by_us: MONDAY_US,
        reveal_by_us: MONDAY_US + 8 * HOUR_US,
    }
}

pub fn lottery() -> PublicValue {
    PublicValue {
        what: "中国福利彩票双色球 2026-03-10 开奖号码：红球升序，加号后为蓝球（www.cwl.gov.cn）".into(),
        form: "99 99 99 99 99 99+99".into(),
        from_us: MONDAY_US + 36 * HOUR_US,
        by_us: MONDAY_US + 60 * HOUR_US,
    }
}

/// One party and a public value.
pub fn terms_with_lottery() -> Announcement {
    Announcement { parties: vec![BUREAU.into()], public_value: Some(lottery()), ..terms() }
}

pub fn announced(terms: Announcement) -> Draw {
    Draw::announce(terms).unwrap()
}

pub fn committed(terms: Announcement) -> Draw {
    let mut draw = announced(terms);
    for (index, party) in draw.announcement.parties.clone().iter().enumerate() {
        let commitment = draw.commitment(party, &number(party));
        draw = draw.commit(party, commitment, MONDAY_US - 2 * HOUR_US + index as i64).unwrap();
    }
    draw
}

pub fn frozen(terms: Announcement, pool: Vec<Item>) -> Draw {
    committed(terms).freeze(roster(), pool, MONDAY_US + HOUR_US).unwrap()
}

pub fn revealed(terms: Announcement, pool: Vec<Item>) -> Draw {
    let mut draw = frozen(terms, pool);
    // The last who committed reveals first: the order of the seed is that of the announcement.
    for (index, party) in draw.announcement.parties.clone().iter().rev().enumerate() {
        draw = draw.reveal(party, number(party), MONDAY_US + 2 * HOUR_US + index as i64).unwrap();
    }
    if draw.announcement.public_value.is_some() {
        draw = draw.publish("03 09 14 21 26 33+07", MONDAY_US + 37 * HOUR_US).unwrap();
    }
    draw
}

pub fn held(terms: Announcement, pool: Vec<Item>) -> Draw {
    let draw = revealed(terms, pool).hold(MONDAY_US + 40 * HOUR_US).unwrap();
    assert_eq!(draw.state(), State::Held);
    draw
}

/// A party keeps its number to itself.
pub fn void(terms: Announcement, pool: Vec<Item>, withholds: &str) -> Draw {
    let mut draw = frozen(terms, pool);
    for party in draw.announcement.parties.clone().iter().filter(|party| *party != withholds) {
        draw = draw.reveal(party, number(party), MONDAY_US + 2 * HOUR_US).unwrap();
    }
    draw.lapse(MONDAY_US + 8 * HOUR_US).unwrap()
}

/// What was done, and what was said of it: place, code, both sentences.
pub fn told(what: &str, findings: &[Finding]) -> String {
    assert!(!findings.is_empty(), "{what}: nothing was said");
    let mut text = format!("{what}\n");
    for Finding { place, code, message, help, .. } in findings {
        text += &format!("    {place} {code}\n        {}\n        {}\n", message.zh, message.en);
        if let Some(help) = help {
            text += &format!("        → {}\n        → {}\n", help.zh, help.en);
        }
    }
    text
}

pub fn codes(findings: &[Finding]) -> Vec<&str> {
    findings.iter().map(|finding| finding.code.as_ref()).collect()
}
