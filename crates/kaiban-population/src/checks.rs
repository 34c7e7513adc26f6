//! Checks of promises afterwards (package `commitment-check`): an office's inspectors look into shared data, visit who is
//! drawn, and decide with the party heard. Most promises are true.
//!
//! Assessments are made on Friday for the whole week, so that which of the cases was drawn, which nobody can foresee, has no
//! part in when anything else happens.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use jiff::Span;
use jiff::civil::{Time, Weekday};
use kaiban_calendar::{Calendar, CalendarError, Horizon, instant_at, local_date};
use kaiban_definition::Officer;
use serde_json::{Value, json};

use crate::crowd::{Crowd, MINUTE_US};
use crate::draw::Lot;
use crate::office::Decision;

/// What was found out, as the notice and the decision give it.
const FOUND: &str = "经核查，申报地址与共享数据记载不一致，住所不真实，承诺内容不属实。";
/// What the notice says will be decided.
const INTENDED: &str = "撤销设立登记，收缴营业执照。";
/// When assessments are made on a Friday.
const ASSESSMENTS: Time = Time::constant(10, 0, 0, 0);

/// A task of a check as its office gets it.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckTask {
    /// Id, as the server gave it.
    pub id: String,
    /// Index of the case in the crowd whose promise is checked.
    pub case: u64,
    /// The step of the check.
    pub step: String,
    /// Epoch of the lease.
    pub epoch: i64,
    /// When it was offered, µs.
    pub offered_at_us: i64,
    /// Staff numbers of those whom the draw sends; may be empty.
    pub checkers: Vec<String>,
    /// Staff number of whoever decided what the promise was for, who stands aside; may be empty.
    pub handled_by: String,
}

/// Where a decision stands: when it is made, then case and step.
type Place = (i64, u64, String);

/// Those of an office who check promises; nothing else waits for them.
#[derive(Debug)]
pub struct Inspector {
    crowd: Arc<Crowd>,
    calendar: Arc<Calendar>,
    officers: Vec<String>,
    begun: BTreeMap<Place, Decision>,
    /// Task id → where its decision stands.
    places: HashMap<String, Place>,
}

impl Inspector {
    /// The inspectors of an office, who keep the hours of `calendar`.
    pub fn new(crowd: Arc<Crowd>, calendar: Arc<Calendar>, officers: &[Officer]) -> Self {
        let officers = officers.iter().map(|officer| officer.id.clone()).collect();
        Self { crowd, calendar, officers, begun: BTreeMap::new(), places: HashMap::new() }
    }

    /// Takes a task in. One that is known already only gets its new epoch.
    ///
    /// # Errors
    /// The calendar ends before it is done.
    pub fn receive(&mut self, task: CheckTask) -> Result<(), CalendarError> {
        if let Some(place) = self.places.get(&task.id) {
            if let Some(known) = self.begun.get_mut(place) {
                known.epoch = task.epoch;
            }
            return Ok(());
        }
        let mut lot = self.crowd.lot("check", task.case, &task.step, 0);
        let at_us = self.done_us(&task, &mut lot)?;
        let Some(decision) = self.decide(&task, at_us, &mut lot) else { return Ok(()) };
        let place = (at_us, task.case, task.step);
        self.places.insert(task.id, place.clone());
        self.begun.insert(place, decision);
        Ok(())
    }

    /// Puts a task away that was taken back.
    pub fn forget(&mut self, id: &str) {
        if let Some(place) = self.places.remove(id) {
            self.begun.remove(&place);
        }
    }

    /// When the next decision is made; none = there is nothing to do.
    pub fn next_due_us(&self) -> Option<i64> {
        self.begun.keys().next().map(|place| place.0)
    }

    /// Everything that was decided up to `now_us`, in the order in which it was decided.
    pub fn due(&mut self, now_us: i64) -> Vec<Decision> {
        let mut decisions = Vec::new();
        while let Some(entry) = self.begun.first_entry() {
            if entry.key().0 > now_us {
                break;
            }
            let decision = entry.remove();
            self.places.remove(&decision.task);
            decisions.push(decision);
        }
        decisions
    }

    fn done_us(&self, task: &CheckTask, lot: &mut Lot) -> Result<i64, CalendarError> {
        let usual_us = i64::from(self.crowd.habits().handling_min(&task.step)) * MINUTE_US;
        let handling_us = (lot.around(usual_us) / MINUTE_US).max(1) * MINUTE_US;
        let from_us = match task.step.as_str() {
            "assessment" => task.offered_at_us.max(friday_us(task.offered_at_us)),
            _ => task.offered_at_us,
        };
        let starts_us = self.calendar.next_open_us(from_us, Horizon::Provisional)?;
        Ok(self.calendar.add_us(starts_us, handling_us, Horizon::Provisional)?.at_us)
    }

    fn decide(&self, task: &CheckTask, at_us: i64, lot: &mut Lot) -> Option<Decision> {
        let today = local_date(at_us).to_string();
        let is_false = self.crowd.is_false(task.case);
        let (outcome, result): (&str, Option<Value>) = match task.step.as_str() {
            "shared-data" => {
                ("done", Some(json!({ "found": if is_false { "differs" } else { "matches" }, "checked_on": today })))
            }
            "visit" => {
                let found = if is_false { "false" } else { "true" };
                ("done", Some(json!({ "found": found, "visited_on": today })))
            }
            "assessment" if is_false => ("suspected", Some(json!({ "intended": INTENDED, "hearing": false }))),
            "assessment" => ("upheld", None),
            "hearing" => {
                let statement = *lot.pick(&["waived", "silent", "given"]);
                ("done", Some(json!({ "statement": statement, "held_on": today })))
            }
            "decision" => (if is_false { "revoke" } else { "upheld" }, None),
            _ => return None,
        };
        let against = matches!(outcome, "suspected" | "revoke");
        let visits = task.step == "visit";
        let free: Vec<&String> = match task.checkers.as_slice() {
            sent @ [_, ..] if visits => sent.iter().collect(),
            _ => self.officers.iter().filter(|officer| **officer != task.handled_by).collect(),
        };
        let officer = free.get(lot.index(free.len())).map(|officer| (*officer).clone());
        // Who only approves need not stand aside.
        let second = free.iter().copied().chain(&self.officers).find(|other| Some(*other) != officer.as_ref()).cloned();
        Some(Decision {
            task: task.id.clone(),
            case: task.case,
            step: task.step.clone(),
            epoch: task.epoch,
            at_us,
            outcome: outcome.to_owned(),
            result,
            findings: Vec::new(),
            officer,
            approver: second.filter(|_| against || visits),
            reason: against.then(|| FOUND.to_owned()),
        })
    }
}

/// Ten o'clock on the Friday of the week.
fn friday_us(at_us: i64) -> i64 {
    let today = local_date(at_us);
    let ahead = i64::from(Weekday::Friday.to_monday_zero_offset() - today.weekday().to_monday_zero_offset());
    let friday = today.checked_add(Span::new().days(ahead.max(0))).unwrap_or(today);
    instant_at(friday, ASSESSMENTS)
}
