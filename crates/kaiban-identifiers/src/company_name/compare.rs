//! Whether two names are the same or near to each other (企业名称相同相近比对规则, 工商企注字〔2017〕133号, articles 3 and 4), at one
//! registrar. Sameness bars a name (企业名称登记管理规定 §17), nearness only warns.

use super::parts::{Reading, read};
use super::sound::{self, Sound};
use super::words::{self, Meaning};
use super::written;

/// What a comparison found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Likeness {
    /// Bars the new name.
    Same(Sameness),
    /// A hint for whoever decides.
    Similar(Similarity),
    /// Neither.
    Different,
}

/// Why two names count as the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sameness {
    /// Character by character (article 3, item 1).
    Identical,
    /// The same parts in another order (item 2): 北京红光酒业发展有限公司, 红光（北京）酒业发展有限公司.
    Order,
    /// The same trade name and line of business; division or form differ (item 3).
    TradeNameAndIndustry,
    /// The same trade name as one that names no line of business (规定 §17).
    NoIndustry,
}

/// Why two names are near to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Similarity {
    /// The same trade name; the lines of business are written differently and mean the same (article 4, item 1).
    SynonymousIndustry,
    /// Trade names that sound the same, with the same line of business (item 2).
    SameSound,
    /// Trade names that sound the same but for tones, with the same line of business.
    SameSoundExceptTones,
    /// One trade name contains the other, with the same line of business (item 3).
    Contained,
    /// The same trade name; the new name names no line of business (item 5).
    NoIndustry,
}

impl Likeness {
    /// A stable name for programmes.
    pub fn name(self) -> &'static str {
        match self {
            Likeness::Same(Sameness::Identical) => "SAME_IDENTICAL",
            Likeness::Same(Sameness::Order) => "SAME_ORDER",
            Likeness::Same(Sameness::TradeNameAndIndustry) => "SAME_TRADE_NAME_AND_INDUSTRY",
            Likeness::Same(Sameness::NoIndustry) => "SAME_NO_INDUSTRY",
            Likeness::Similar(Similarity::SynonymousIndustry) => "SIMILAR_INDUSTRY",
            Likeness::Similar(Similarity::SameSound) => "SIMILAR_SOUND",
            Likeness::Similar(Similarity::SameSoundExceptTones) => "SIMILAR_SOUND_EXCEPT_TONES",
            Likeness::Similar(Similarity::Contained) => "SIMILAR_CONTAINED",
            Likeness::Similar(Similarity::NoIndustry) => "SIMILAR_NO_INDUSTRY",
            Likeness::Different => "DIFFERENT",
        }
    }
}

/// Compares a name that somebody asks for with one that is registered or reserved at the same registrar. A branch carries its
/// parent's name by law, so it is only ever the same as itself.
pub fn compare(new: &str, existing: &str) -> Likeness {
    let (new_text, existing_text) = (written::canonical(new).text, written::canonical(existing).text);
    if new_text == existing_text {
        return Likeness::Same(Sameness::Identical);
    }
    let (new, existing) = (read(&new_text), read(&existing_text));
    if new.parts.branch.is_some() || existing.parts.branch.is_some() {
        return Likeness::Different;
    }
    let (a, b) = (&new.parts, &existing.parts);
    if a.trade_name == b.trade_name {
        return same_trade_name(&new, &existing);
    }
    if !mean_the_same(a.industry.as_deref(), b.industry.as_deref()) {
        return Likeness::Different;
    }
    match sound::compare(&a.trade_name, &b.trade_name) {
        Sound::Same => Likeness::Similar(Similarity::SameSound),
        Sound::ExceptTones => Likeness::Similar(Similarity::SameSoundExceptTones),
        Sound::Different if contains(&a.trade_name, &b.trade_name) => Likeness::Similar(Similarity::Contained),
        Sound::Different => Likeness::Different,
    }
}

/// What two names have in common exactly when [`compare`] calls them the same for their words: trade name and line of
/// business, in whatever order, without division and form. At one registrar a key is taken once. A branch's key is its whole
/// name.
///
/// Not in the key, because it works in one direction only: a name *without* a line of business bars every name with its
/// trade name. Whoever looks keys up looks for [`bare_name_key`] as well.
pub fn name_key(name: &str) -> String {
    let text = written::canonical(name).text;
    let reading = read(&text);
    match reading.parts.branch {
        Some(_) => text,
        None => key(&reading.parts.trade_name, reading.parts.industry.as_deref()),
    }
}

/// The key that the same trade name has without a line of business.
pub fn bare_name_key(name: &str) -> String {
    let text = written::canonical(name).text;
    let reading = read(&text);
    match reading.parts.branch {
        Some(_) => text,
        None => key(&reading.parts.trade_name, None),
    }
}

fn key(trade_name: &str, industry: Option<&str>) -> String {
    format!("{trade_name}|{}", industry.map(words::key).unwrap_or_default())
}

fn same_trade_name(new: &Reading, existing: &Reading) -> Likeness {
    let (a, b) = (&new.parts, &existing.parts);
    match (a.industry.as_deref(), b.industry.as_deref()) {
        (Some(one), Some(other)) if words::key(one) != words::key(other) => {
            if mean_the_same(Some(one), Some(other)) {
                Likeness::Similar(Similarity::SynonymousIndustry)
            } else {
                Likeness::Different
            }
        }
        (Some(_), None) => Likeness::Same(Sameness::NoIndustry),
        (None, Some(_)) => Likeness::Similar(Similarity::NoIndustry),
        _ if a.division == b.division && a.form == b.form => Likeness::Same(Sameness::Order),
        _ => Likeness::Same(Sameness::TradeNameAndIndustry),
    }
}

/// Lines of business that say nothing (实业, 发展, none at all) go with each other only.
fn mean_the_same(a: Option<&str>, b: Option<&str>) -> bool {
    let (a, b) = (Meaning::of(a.unwrap_or_default()), Meaning::of(b.unwrap_or_default()));
    a == b || (a.is_empty() && b.is_empty())
}

fn contains(a: &str, b: &str) -> bool {
    let long_enough = |text: &str| text.chars().count() >= 2;
    long_enough(a) && long_enough(b) && (a.contains(b) || b.contains(a))
}
