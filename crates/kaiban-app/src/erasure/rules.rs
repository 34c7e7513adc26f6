//! How long documents are kept after the end of their case.
//!
//! We know of no law that gives a period for the documents of a case while they are with the body that conducts it: 个人信息保护法
//! §19 wants the shortest one that the purpose needs and §47 the erasure at its end; 国家档案局令第8号 §7 knows permanent
//! records and records kept for 30 or 10 years, and what is permanent is handed to the registrar's own archive (国务院令第716号
//! §12: electronic files alone suffice). So the periods are local policy within these classes: 30 years for what an outcome
//! rests on, 10 for what only led there. An installation may set others.

use kaiban_store::BlobRow;

/// A rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its name in records: `forms-30y`.
    pub code: String,
    /// The kinds of documents that it is about.
    pub kinds: &'static [&'static str],
    /// Months after the case's end.
    pub months: u32,
    /// What it rests on.
    pub basis: &'static str,
    /// Whether the period is this installation's own, and no law's.
    pub local: bool,
}

/// All rules: each kind of document is in one of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules(Vec<Rule>);

/// Kind of uploaded files, which are no documents of a journal.
pub(crate) const FILE: &str = "file";

const TABLE: &[(&str, &[&str], u32, &str)] = &[
    ("form", &["form", "doubts"], 360, "个人信息保护法 §19、§47；国家档案局令第8号 §7（30年）"),
    ("result", &["result"], 360, "个人信息保护法 §19、§47；国家档案局令第8号 §7（30年）"),
    ("commitment", &["commitment", "standing", "signature"], 360, "电子签名法 §5、§6；国家档案局令第8号 §7（30年）"),
    ("letter", &["letter"], 360, "国家档案局令第8号 §7（30年）"),
    ("findings", &["findings"], 120, "个人信息保护法 §19、§47；国家档案局令第8号 §7（10年）"),
    ("reason", &["reason"], 120, "个人信息保护法 §19、§47；国家档案局令第8号 §7（10年）"),
    (FILE, &[FILE], 360, "个人信息保护法 §19、§47；国家档案局令第8号 §7（30年）"),
];

impl Default for Rules {
    fn default() -> Self {
        let rule = |(name, kinds, months, basis): &(&str, &'static [&'static str], u32, &'static str)| Rule {
            code: code(name, *months),
            kinds,
            months: *months,
            basis,
            local: true,
        };
        Self(TABLE.iter().map(rule).collect())
    }
}

impl Rules {
    /// All of them.
    pub fn all(&self) -> &[Rule] {
        &self.0
    }

    /// Another period for the rule that a kind of document is under; whether there is one.
    pub fn keep(&mut self, kind: &str, months: u32) -> bool {
        let Some(rule) = self.0.iter_mut().find(|rule| rule.kinds.contains(&kind)) else { return false };
        rule.months = months;
        rule.code = code(rule.kinds[0], months);
        rule.basis = "本机构自定";
        true
    }

    /// The rule of a document. One of a kind that no rule names is kept.
    pub(crate) fn of(&self, blob: &BlobRow) -> Option<&Rule> {
        self.of_kind(&blob.kind)
    }

    pub(crate) fn of_kind(&self, kind: &str) -> Option<&Rule> {
        self.0.iter().find(|rule| rule.kinds.contains(&kind))
    }
}

/// `form-30y`, `reason-6m`.
fn code(name: &str, months: u32) -> String {
    if months > 0 && months.is_multiple_of(12) {
        format!("{name}-{}y", months / 12)
    } else {
        format!("{name}-{months}m")
    }
}

impl Rule {
    /// When its period is over for a case that ended then, UTC µs: the same day so many months later, +08:00.
    pub fn over_us(&self, closed_at_us: i64) -> i64 {
        after_months(closed_at_us, self.months)
    }
}

/// The same time of day so many months later, +08:00; on the month's last day where there is no such day.
pub(crate) fn after_months(at_us: i64, months: u32) -> i64 {
    shifted(at_us, i64::from(months))
}

/// The same time of day so many months earlier.
pub fn months_before(at_us: i64, months: u32) -> i64 {
    shifted(at_us, -i64::from(months))
}

fn shifted(at_us: i64, months: i64) -> i64 {
    const DAY_US: i64 = 86_400_000_000;
    let from = kaiban_calendar::local_date(at_us);
    let Ok(to) = jiff::Span::new().try_months(months).and_then(|span| from.checked_add(span)) else {
        return if months < 0 { i64::MIN } else { i64::MAX };
    };
    let days = to.since(from).map(|span| i64::from(span.get_days())).unwrap_or_default();
    at_us.saturating_add(days.saturating_mul(DAY_US))
}

#[cfg(test)]
mod tests {
    use super::*;
    use kaiban_calendar::parse_instant;

    #[test]
    fn every_kind_that_is_filed_has_one_rule() {
        let rules = Rules::default();
        for kind in ["form", "doubts", "findings", "result", "reason", "letter", "commitment", "standing", "signature"]
        {
            assert_eq!(rules.all().iter().filter(|rule| rule.kinds.contains(&kind)).count(), 1, "{kind}");
        }
    }

    #[test]
    fn periods_are_counted_in_months() {
        let end = parse_instant("2024-02-29T10:00:00+08:00").unwrap();
        assert_eq!(after_months(end, 12), parse_instant("2025-02-28T10:00:00+08:00").unwrap());
        assert_eq!(after_months(end, 360), parse_instant("2054-02-28T10:00:00+08:00").unwrap());
        assert_eq!(months_before(end, 24), parse_instant("2022-02-28T10:00:00+08:00").unwrap());
        let mut rules = Rules::default();
        assert!(rules.keep("reason", 6) && !rules.keep("photo", 6));
        assert_eq!(rules.of_kind("reason").unwrap().code, "reason-6m");
    }
}
