//! What the records of a subject mean for it on a day.

use jiff::civil::Date;
use kaiban_findings::Text;
use serde::{Deserialize, Serialize};

use crate::bar::{Bar, Ground};
use crate::entry::Entry;
use crate::fold::{Application, Ending, State, fold};
use crate::record::{Class, Reason};
use crate::risk::RiskClass;
use crate::rules::{Condition, rules_on};

/// The credit of a subject on a day. Complete in itself, so that what was known when a commitment was signed can be
/// kept beside it and explained later. What is repaired or withdrawn is not in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// The day.
    pub on: Date,
    /// The rules of publication and repair in force on it.
    pub law: Text,
    /// Working days in which those rules have an application decided.
    pub decision_working_days: Option<u8>,
    /// Records in force, by class.
    pub counts: Counts,
    /// False commitments among them.
    pub false_commitments: u32,
    /// Whether certificates have to be handed in because of them.
    pub barred_from_commitments: bool,
    /// The records that bar, the oldest decision first.
    pub bars: Vec<Bar>,
    /// The first day without a bar if nothing is done; `None` where nothing bars.
    pub clear_from: Option<Date>,
    /// The stratum of the draw.
    pub risk: RiskClass,
    /// The records in force, the oldest decision first.
    pub records: Vec<Unended>,
    /// Records over by their maximum span whose correction was never entered. They do not count here; 信用修复管理办法
    /// leaves it to the authority of the field what else follows.
    pub over_uncorrected: Vec<String>,
}

/// Records by class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// 轻微
    pub minor: Count,
    /// 一般
    pub general: Count,
    /// 严重
    pub serious: Count,
}

/// Records of one class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    /// In force.
    pub in_force: u32,
    /// Of those, shown to the public.
    pub published: u32,
}

/// A record in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unended {
    /// Its id.
    pub record: String,
    /// How grave.
    pub class: Class,
    /// About what.
    pub reason: Reason,
    /// Day of the decision.
    pub decided_on: Date,
    /// Whether shown to the public.
    pub published: bool,
    /// The last day on which it counts if nothing is done.
    pub last_day: Date,
    /// The first day on which repair can be applied for, as far as a minimum span goes. `None` if a law excludes it.
    pub repairable_from: Option<Date>,
    /// What repair asks for.
    pub conditions: Vec<Condition>,
    /// The day on which the last duty was fulfilled, once entered.
    pub corrected_on: Option<Date>,
    /// The last application for repair.
    pub application: Option<Application>,
}

/// The credit of a subject on a day, from its history. Entries dated after the day are not seen.
pub fn standing(entries: &[Entry], on: Date) -> Standing {
    let rules = rules_on(on);
    let mut standing = Standing {
        on,
        law: rules.law(),
        decision_working_days: rules.decision_working_days,
        counts: Counts::default(),
        false_commitments: 0,
        barred_from_commitments: false,
        bars: Vec::new(),
        clear_from: None,
        risk: RiskClass::A,
        records: Vec::new(),
        over_uncorrected: Vec::new(),
    };
    let mut states: Vec<(String, State)> = fold(entries, on).into_iter().collect();
    // By id within a day, as the map has it.
    states.sort_by_key(|(_, state)| state.record.decided_on);
    for (id, state) in states {
        match state.ending() {
            None => standing.add(id, &state),
            Some(Ending::Over { .. }) if state.correction.is_none() => standing.over_uncorrected.push(id),
            Some(_) => {}
        }
    }
    standing
}

impl Standing {
    fn add(&mut self, id: String, state: &State) {
        let record = &state.record;
        let count = match record.class {
            Class::Minor => &mut self.counts.minor,
            Class::General => &mut self.counts.general,
            Class::Serious => &mut self.counts.serious,
        };
        count.in_force += 1;
        count.published += u32::from(state.published());
        self.false_commitments += u32::from(record.reason == Reason::FalseCommitment);
        self.risk = self.risk.max(RiskClass::of(state));
        if let Some(ground) = Ground::of(record) {
            self.barred_from_commitments = true;
            self.bars.push(Bar { record: id.clone(), ground, law: ground.law(), since: state.recorded_on });
            self.clear_from = self.clear_from.max(Some(state.over_from()));
        }
        self.records.push(Unended {
            record: id,
            class: record.class,
            reason: record.reason,
            decided_on: record.decided_on,
            published: state.published(),
            last_day: state.last_day(),
            repairable_from: state.repairable_from(),
            conditions: rules_on(self.on).class(record.class).conditions.to_vec(),
            corrected_on: state.correction.map(|correction| correction.done_on),
            application: state.application,
        });
    }

    /// How many records bar by a rule.
    pub fn barred_by(&self, ground: Ground) -> u32 {
        let bars = self.bars.iter().filter(|bar| bar.ground == ground).count();
        u32::try_from(bars).unwrap_or(u32::MAX)
    }

    /// The records of a class.
    pub fn count(&self, class: Class) -> Count {
        match class {
            Class::Minor => self.counts.minor,
            Class::General => self.counts.general,
            Class::Serious => self.counts.serious,
        }
    }
}
