//! Names of businesses: 行政区划 + 字号 + 行业或者经营特点 + 组织形式 (企业名称登记管理规定 of 2020, in force since 2021-03-01; 企业名称登记管理
//! 规定实施办法, 总局令第82号; 个体工商户名称登记管理办法).
//!
//! What the rules say plainly is an error; what a person has to judge is a doubt. The lists of words for lines of business
//! and of places are finite: a name they do not know is doubted, never refused.
//!
//! ```
//! use kaiban_identifiers::company_name::{self, Likeness, Similarity};
//!
//! let parts = company_name::parse("福州市鼓楼区榕光信息技术有限公司");
//! assert_eq!((parts.trade_name.as_str(), parts.industry.as_deref()), ("榕光", Some("信息技术")));
//! let near = company_name::compare("万青置业有限公司", "万青房地产有限公司");
//! assert_eq!(near, Likeness::Similar(Similarity::SynonymousIndustry));
//! ```

mod bans;
mod characters;
mod compare;
mod findings;
mod forms;
mod parts;
mod places;
mod sound;
mod words;
mod written;

pub use compare::{Likeness, Sameness, Similarity, bare_name_key, compare, name_key};
pub use parts::Parts;

use characters::Character;
use forms::Family;
use kaiban_findings::Finding;
use parts::Reading;

use crate::{Checked, Class, EntityKind, division};

/// Most characters of a name. The rules state no number; no system takes more.
pub const CHARACTERS_MAX: usize = 100;

/// Takes a name apart. Total: what is not understood is part of the trade name.
pub fn parse(name: &str) -> Parts {
    parts::read(&written::canonical(name).text).parts
}

/// Judges a name exactly as given, for a business of that kind; without one, of the kind that the name itself tells.
pub fn check(value: &str, kind: Option<EntityKind>) -> Checked {
    check_at(value, kind, None)
}

/// The same for a business that registers at a division: the name's own division must be that one or lie above it
/// (企业名称登记管理规定 §7). Only divisions of Fuzhou are compared; `registrar` is six digits of GB/T 2260.
pub fn check_at(value: &str, kind: Option<EntityKind>, registrar: Option<&str>) -> Checked {
    let written = written::canonical(value);
    let name = written.text;
    let mut problems = Vec::new();
    if written.spaces {
        problems.push(findings::spaces());
    }
    if written.half_width_brackets {
        problems.push(findings::half_width_brackets());
    }
    let doubts_of_writing = problems.len();
    let length = name.chars().count();
    if length == 0 {
        problems.push(findings::empty());
        return Checked::new(None, name, problems);
    }
    if length > CHARACTERS_MAX {
        problems.push(findings::too_long(CHARACTERS_MAX));
        return Checked::new(None, name, problems);
    }
    problems.extend(characters_of(&name));
    let reading = parts::read(&name);
    problems.extend(forms_of(&reading, kind));
    problems.extend(composition(&reading));
    problems.extend(bans::check(&name, &reading));
    if registrar.is_some_and(|registrar| lies_elsewhere(&reading, registrar)) {
        problems.push(findings::division_elsewhere());
    }
    let sound = !problems[doubts_of_writing..].iter().any(Finding::is_error);
    let class = kind.or(reading.kind()).filter(|_| sound).map(Class::CompanyName);
    Checked::new(class, name, problems)
}

fn characters_of(name: &str) -> Vec<Finding> {
    let (mut foreign, mut traditional, mut rare) = (Vec::new(), Vec::new(), Vec::new());
    for (place, character) in (1..).zip(name.chars()) {
        match characters::judge(character) {
            Character::Standard => {}
            Character::Traditional(standard) => traditional.push((place, standard)),
            Character::Rare => rare.push(place),
            Character::Foreign => foreign.push(place),
        }
    }
    let mut found = Vec::new();
    if !foreign.is_empty() {
        found.push(findings::foreign_characters(&foreign));
    }
    if !traditional.is_empty() {
        found.push(findings::traditional_characters(&traditional));
    }
    if !rare.is_empty() {
        found.push(findings::rare_characters(&rare));
    }
    found
}

/// The form of organisation against the kind of business (规定 §10, 公司法 §7, 合伙企业法 §15, §56, §62).
fn forms_of(reading: &Reading, kind: Option<EntityKind>) -> Vec<Finding> {
    let is_branch = reading.parts.branch.is_some();
    if kind == Some(EntityKind::Branch) && !is_branch {
        return vec![findings::branch_without_parent()];
    }
    if is_branch {
        let other = kind.filter(|kind| *kind != EntityKind::Branch);
        return other.map(findings::form_of_other_kind).into_iter().collect();
    }
    let Some(family) = reading.family else { return vec![findings::no_form(kind)] };
    if family == Family::BareCompany && kind.is_none_or(EntityKind::is_company) {
        return vec![findings::bare_company()];
    }
    let told = forms::kind(family, reading.liability);
    let expected = kind.unwrap_or(told);
    let mut found = Vec::new();
    let liability_fits = match (expected, reading.liability) {
        (EntityKind::SoleProprietorship | EntityKind::IndividualBusiness, None) => true,
        (expected, None) if expected.is_partnership() => {
            found.push(findings::no_liability(expected));
            true
        }
        (_, None) => true,
        (expected, Some(liability)) => liability == expected,
    };
    if !forms::fits(expected, family) || !liability_fits {
        found.push(findings::form_of_other_kind(expected));
    }
    found
}

/// Division, trade name and line of business (规定 §6-§9).
fn composition(reading: &Reading) -> Vec<Finding> {
    let (parts, region) = (&reading.parts, &reading.region);
    let mut found = Vec::new();
    if reading.broken_brackets {
        found.push(findings::broken_brackets());
    } else if !reading.strange_brackets.is_empty() {
        found.push(findings::strange_brackets());
    }
    if region.district_alone {
        found.push(findings::district_alone());
    }
    if region.zone_alone {
        found.push(findings::zone_alone());
    }
    if parts.division.is_none() {
        found.push(findings::no_division());
    }
    if parts.trade_name.chars().count() < 2 {
        found.push(findings::short_trade_name());
    } else if places::is_place(&parts.trade_name) {
        found.push(findings::trade_name_is_division());
    } else if words::is_word(&parts.trade_name) {
        found.push(findings::trade_name_is_industry());
    }
    if parts.industry.is_none() {
        found.push(findings::no_industry());
    }
    if reading.group {
        found.push(findings::group());
    }
    found
}

/// Whether the name's division is another than the registrar's and none above it. Branches carry their parent's division.
fn lies_elsewhere(reading: &Reading, registrar: &str) -> bool {
    if reading.parts.branch.is_some() || reading.parts.division.is_none() {
        return false;
    }
    let region = &reading.region;
    let is = |part: &Option<String>, name: &str| part.as_deref().is_none_or(|part| part == name);
    let Some(seat) = division::in_force(registrar) else { return false };
    let county = match seat.kind {
        // The city's bureau registers businesses of all districts.
        division::Kind::City => true,
        _ => is(&region.county, seat.short),
    };
    !(is(&region.province, "福建") && is(&region.city, "福州") && county)
}
