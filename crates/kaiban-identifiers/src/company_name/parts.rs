//! Takes a name apart: 行政区划 + 字号 + 行业或经营特点 + 组织形式 (企业名称登记管理规定 §6).

use super::forms::{self, Family};
use super::{CHARACTERS_MAX, places, words};
use crate::EntityKind;

/// A name in its parts. Where the words do not tell, the trade name takes what is left.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    /// The division, as written: 福州市鼓楼区. In brackets or in front.
    pub division: Option<String>,
    /// 字号.
    pub trade_name: String,
    /// 行业或者经营特点.
    pub industry: Option<String>,
    /// 组织形式 with what stands in brackets behind it: 合伙企业（有限合伙）.
    pub form: Option<String>,
    /// What a branch adds to its parent's name: 福州分公司. The other parts are then the parent's.
    pub branch: Option<String>,
}

/// The parts, and what only the checks look at.
#[derive(Clone, Debug, Default)]
pub(super) struct Reading {
    pub parts: Parts,
    pub region: places::Region,
    pub family: Option<Family>,
    pub liability: Option<EntityKind>,
    /// 集团 before the form or in brackets.
    pub group: bool,
    /// What stands in brackets and is no division, liability or 集团.
    pub strange_brackets: Vec<String>,
    /// Brackets do not come in pairs.
    pub broken_brackets: bool,
}

impl Reading {
    /// The kind that the name itself tells.
    pub fn kind(&self) -> Option<EntityKind> {
        if self.parts.branch.is_some() {
            return Some(EntityKind::Branch);
        }
        self.family.map(|family| forms::kind(family, self.liability))
    }
}

/// Takes a canonical name apart; one that is too long for a name is all trade name.
pub(super) fn read(name: &str) -> Reading {
    if name.chars().nth(CHARACTERS_MAX).is_some() {
        let parts = Parts { trade_name: name.to_owned(), ..Parts::default() };
        return Reading { parts, ..Reading::default() };
    }
    if let Some((parent, branch)) = branch(name) {
        let mut reading = read_whole(parent);
        reading.parts.branch = Some(branch.to_owned());
        return reading;
    }
    read_whole(name)
}

/// A branch's name begins with its parent's, which ends in a form.
fn branch(name: &str) -> Option<(&str, &str)> {
    forms::BRANCHES.iter().find(|suffix| name.ends_with(**suffix))?;
    let ends = ["有限公司", "有限责任公司", "股份公司", "合作社", "合作社联合社", "合伙）", "独资）"];
    let end = ends.iter().filter_map(|end| name.rfind(end).map(|at| at + end.len())).max()?;
    let (parent, branch) = name.split_at_checked(end)?;
    (!branch.is_empty()).then_some((parent, branch))
}

fn read_whole(name: &str) -> Reading {
    let mut reading = Reading::default();
    let (liability, unbracketed) = match forms::LIABILITIES.iter().find(|(text, _)| name.ends_with(text)) {
        Some((text, kind)) => (Some((*text, *kind)), &name[..name.len() - text.len()]),
        None => (None, name),
    };
    reading.liability = liability.map(|(_, kind)| kind);
    let mut head = unbracketed;
    if let Some((form, family)) = forms::form(unbracketed) {
        reading.family = Some(family);
        reading.parts.form = Some(format!("{form}{}", liability.map_or("", |(text, _)| text)));
        head = &unbracketed[..unbracketed.len() - form.len()];
    }
    let (before, after) = take_brackets(head, &mut reading);
    split(&before, &after, &mut reading);
    reading
}

/// Takes out what stands in brackets; gives what stands before the first bracket and all that follows.
fn take_brackets(head: &str, reading: &mut Reading) -> (Vec<char>, Vec<char>) {
    let (mut before, mut after, mut inside) = (Vec::new(), Vec::new(), None);
    let mut seen = false;
    for character in head.chars() {
        match (character, &mut inside) {
            ('（', None) => {
                seen = true;
                inside = Some(Vec::new());
            }
            ('）', Some(text)) => {
                let text = std::mem::take(text);
                inside = None;
                put(&text, reading);
            }
            ('（' | '）', _) => reading.broken_brackets = true,
            (_, Some(text)) => text.push(character),
            (_, None) if seen => after.push(character),
            (_, None) => before.push(character),
        }
    }
    if let Some(text) = inside {
        reading.broken_brackets = true;
        after.extend(text);
    }
    (before, after)
}

fn put(text: &[char], reading: &mut Reading) {
    let written: String = text.iter().collect();
    match places::region(text) {
        Some(region) if reading.parts.division.is_none() => {
            reading.parts.division = Some(written);
            reading.region = region;
        }
        _ if written == "集团" => reading.group = true,
        _ => reading.strange_brackets.push(written),
    }
}

/// Division, trade name, line of business.
fn split(before: &[char], after: &[char], reading: &mut Reading) {
    let shop = matches!(reading.family, Some(Family::Shop | Family::Enterprise | Family::Cooperative));
    let mut body: Vec<char> = before.iter().chain(after).copied().collect();
    if body.ends_with(&['集', '团']) {
        reading.group = true;
        body.truncate(body.len() - 2);
    }
    let ways = places::regions(&body);
    // A trade name before a known line of business is the likeliest reading, one of a single character the least likely.
    let scored = ways.iter().map(|(region, length)| {
        let (trade_name, industry) = trade_and_industry(&body[*length..], shop);
        let score = match (trade_name.len(), &industry) {
            (2.., Some(_)) => 2,
            (0 | 2.., None) => 1,
            _ => 0,
        };
        (score, region, trade_name, industry)
    });
    let best = scored.reduce(|best, other| if other.0 > best.0 { other } else { best });
    if let Some((_, region, trade_name, industry)) = best {
        reading.parts.trade_name = trade_name.iter().collect();
        reading.parts.industry = industry.map(|industry| industry.iter().collect());
        if !region.text.is_empty() {
            // One division is enough: of two, that in brackets is the odd one.
            reading.strange_brackets.extend(reading.parts.division.replace(region.text.clone()));
            reading.region = region.clone();
        }
    }
}

/// The longest end that is made of known words is the line of business; two characters at least are the trade name.
fn trade_and_industry(body: &[char], shop: bool) -> (Vec<char>, Option<Vec<char>>) {
    match words::longest_end(body, 2, shop) {
        Some(at) => (body[..at].to_vec(), Some(body[at..].to_vec())),
        None => (body.to_vec(), None),
    }
}
