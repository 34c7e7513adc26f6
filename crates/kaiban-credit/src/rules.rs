//! Which rules of publication and repair hold when: the only place that knows them.
//!
//! **Which rules a record lives under.** No transitional clause is known to us, so the general rule holds that a
//! regulation does not reach back except in the subject's favour (立法法, 法不溯及既往). Under every rule set that was
//! in force from the day of the decision until the day asked about, a span can end; what ends first counts, though
//! never before the set itself came into force. So a new, shorter maximum ends an old record on the day the new rules
//! begin, and a new, longer one neither prolongs nor revives anything. The same holds for the minimum span before
//! repair. Conditions and procedure are those of the day of the application.

use jiff::ToSpan;
use jiff::civil::{Date, date};
use kaiban_findings::Text;
use serde::{Deserialize, Serialize};

use crate::record::{Class, Record};

/// Whether records of a class are shown to the public.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Publication {
    /// Never.
    Never,
    /// Only if the authority found it necessary (确有必要).
    IfNecessary,
    /// Always.
    Always,
}

/// What must be so before repair can be applied for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// 最短公示期届满: the minimum span is over.
    MinimumOver,
    /// 纠正失信行为、履行相关义务: corrected, every duty fulfilled.
    Corrected,
    /// 公开作出信用承诺: a public credit promise is given.
    PublicPromise,
}

/// What holds for one class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClassRules {
    /// Whether shown to the public.
    pub publication: Publication,
    /// Minimum span before repair, in months from the decision; counts if [`Condition::MinimumOver`] is asked for.
    pub min_months: i32,
    /// Maximum span, in months from the decision. After it the record ends by itself.
    pub max_months: i32,
    /// What repair asks for.
    pub conditions: &'static [Condition],
}

/// The rules that hold from one day until the next set begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RuleSet {
    /// First day.
    pub from: Date,
    /// Title and number, in Chinese.
    pub law_zh: &'static str,
    /// Title and number, in English.
    pub law_en: &'static str,
    /// Working days in which an application is decided, from its receipt; `None` where the rules are not known.
    pub decision_working_days: Option<u8>,
    /// 轻微
    pub minor: ClassRules,
    /// 一般
    pub general: ClassRules,
    /// 严重
    pub serious: ClassRules,
}

const AFTER_MINIMUM: &[Condition] = &[Condition::MinimumOver, Condition::Corrected, Condition::PublicPromise];
const AT_ONCE: &[Condition] = &[Condition::Corrected, Condition::PublicPromise];

/// Minor before 2026-04-01. The older rules have no such class: what is minor today (warnings, criticism by notice,
/// simple procedure) was not published. Assumed: it ended as it does today, so that the lightest class was never worse.
const MINOR_UNPUBLISHED: ClassRules =
    ClassRules { publication: Publication::Never, min_months: 0, max_months: 3, conditions: AT_ONCE };

const fn published(min_months: i32, max_months: i32) -> ClassRules {
    ClassRules { publication: Publication::Always, min_months, max_months, conditions: AFTER_MINIMUM }
}

/// All rule sets, the oldest first.
///
/// Spans are those published of each text; articles are not named, because the summaries do not name them. What is
/// assumed: the first set holds for older days as well; under the first two sets our class serious is what they kept
/// longest (1: 涉及严重失信行为, without 特定严重失信行为, which a record says by itself to be beyond repair; 2: food,
/// drugs, special equipment, work safety, fire; a listing as seriously dishonest follows the list's own rules, taken as
/// the same), and the working days of the second are general knowledge (3 to accept, 7 to decide). The training and the
/// credit report that the first asked of serious cases are not asked for.
pub const RULES: [RuleSet; 3] = [
    RuleSet {
        from: date(2019, 7, 1),
        law_zh: "关于进一步完善“信用中国”网站及地方信用门户网站行政处罚信息信用修复机制的通知（发改办财金〔2019〕527号）",
        law_en: "Notice on the repair of penalty information on Credit China (NDRC General Office 2019 No. 527)",
        decision_working_days: None,
        minor: MINOR_UNPUBLISHED,
        general: published(3, 12),
        serious: published(6, 36),
    },
    RuleSet {
        from: date(2023, 5, 1),
        law_zh: "失信行为纠正后的信用信息修复管理办法（试行）（国家发展改革委令第58号）",
        law_en: "Measures for the repair of credit information, trial (NDRC Order 58)",
        decision_working_days: Some(10),
        minor: MINOR_UNPUBLISHED,
        general: published(3, 36),
        serious: published(12, 36),
    },
    // The classes and spans are also those of 国办发〔2025〕22号, which gives the days for the decision.
    RuleSet {
        from: date(2026, 4, 1),
        law_zh: "信用修复管理办法（国家发展改革委令第36号）",
        law_en: "Measures for credit repair (NDRC Order 36)",
        decision_working_days: Some(10),
        minor: ClassRules { publication: Publication::IfNecessary, ..MINOR_UNPUBLISHED },
        general: published(3, 12),
        serious: published(12, 36),
    },
];

impl RuleSet {
    /// What holds for a class.
    pub fn class(&self, class: Class) -> &ClassRules {
        match class {
            Class::Minor => &self.minor,
            Class::General => &self.general,
            Class::Serious => &self.serious,
        }
    }

    /// Title and number.
    pub fn law(&self) -> Text {
        Text::new(self.law_zh, self.law_en)
    }
}

/// The rules in force on a day.
pub fn rules_on(day: Date) -> &'static RuleSet {
    &RULES[index_on(day)]
}

fn index_on(day: Date) -> usize {
    RULES.partition_point(|set| set.from <= day).saturating_sub(1)
}

/// The rule sets that a record has lived under by `on`, the oldest first; the set of its decision at least.
fn lived_under(record: &Record, on: Date) -> &'static [RuleSet] {
    let first = index_on(record.decided_on);
    &RULES[first..=index_on(on).max(first)]
}

/// The first day on which, by one of the rule sets that it has lived under, a span of its class is over.
fn first_day(record: &Record, on: Date, months: impl Fn(&ClassRules) -> Option<i32>) -> Date {
    let days = lived_under(record, on).iter().map(|set| {
        let day = match months(set.class(record.class)) {
            Some(months) => record.decided_on.saturating_add(months.months()).saturating_add(1.day()),
            None => record.decided_on,
        };
        if set.from > record.decided_on { day.max(set.from) } else { day }
    });
    days.min().unwrap_or(record.decided_on)
}

/// The first day on which the maximum span is over, by the rules in force until `on`.
pub(crate) fn over_from(record: &Record, on: Date) -> Date {
    first_day(record, on, |rules| Some(rules.max_months))
}

/// The first day on which the minimum span is over, by the rules in force until `on`; the day of the decision itself
/// where none is asked for.
pub(crate) fn repairable_from(record: &Record, on: Date) -> Date {
    first_day(record, on, |rules| rules.conditions.contains(&Condition::MinimumOver).then_some(rules.min_months))
}

/// Whether it is shown to the public while it is in force: a later rule does not publish what an earlier one kept back.
pub(crate) fn is_published(record: &Record, on: Date) -> bool {
    lived_under(record, on).iter().all(|set| match set.class(record.class).publication {
        Publication::Never => false,
        Publication::IfNecessary => record.must_be_published,
        Publication::Always => true,
    })
}
