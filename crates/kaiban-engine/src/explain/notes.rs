//! What is told beside the ledger of a clock, a sentence each: its sum, the marks, the law, the delay, recomputations.

use kaiban_calendar::Budget;
use kaiban_definition::branch_parts;
use kaiban_findings::Text;

use super::{Material, Stretch, words};
use crate::case::Delay;
use crate::clock::{ClockState, PromiseClock};
use crate::event::{Event, Reread};
use crate::marks::BREACH;
use crate::pause::PauseReason;
use crate::statutory::StatutoryClock;

impl Material<'_> {
    pub(super) fn notes(
        &self,
        step: Option<&str>,
        promise: &PromiseClock,
        statutory: Option<&StatutoryClock>,
        stretches: &[Stretch],
    ) -> Vec<Text> {
        let mut notes = vec![sum(stretches)];
        for (at, entry) in self.journal.iter().enumerate() {
            for event in &entry.events {
                match event {
                    Event::MarkReached { step: of, percent, used } if self.is_called(step, of.as_deref(), at) => {
                        notes.push(mark(*percent, used.working_us, entry.at_us));
                    }
                    Event::ClocksRecomputed { source, calendars, clocks, .. } => {
                        let reread = clocks.iter().find(|clock| self.is_called(step, clock.step.as_deref(), at));
                        let versions = calendars.get(&promise.calendar);
                        notes.extend(reread.map(|reread| recomputed(reread, source, versions, entry.at_us)));
                    }
                    _ => {}
                }
            }
        }
        notes.extend(statutory.map(law));
        let run = step.and_then(|step| self.case.steps.get(step));
        if run.is_some_and(|run| !run.counted) {
            notes.push(Text::new(
                "本环节不计入办件的承诺时限",
                "This step does not count towards the promise of the case",
            ));
        }
        notes.extend(run.and_then(|run| run.delay.as_ref()).map(|delay| self.late(delay)));
        notes
    }

    /// The reason of the pause of a step that began then.
    pub(super) fn pause_at(&self, step: Option<&str>, from_us: i64) -> Option<PauseReason> {
        let entries = self.journal.iter().enumerate().filter(|(_, entry)| entry.at_us == from_us);
        entries.flat_map(|(at, entry)| entry.events.iter().map(move |event| (at, event))).find_map(|(at, event)| {
            let Event::StepPaused { step: paused, reason, .. } = event else { return None };
            (step.is_none() || self.is_called(step, Some(paused), at)).then_some(*reason)
        })
    }

    /// Whether an entry speaks of this step, or of the case: a step may have had another name then, by another version of
    /// the package.
    fn is_called(&self, step: Option<&str>, then: Option<&str>, at: usize) -> bool {
        let (Some(step), Some(then)) = (step, then) else { return step == then };
        let (now, key) = branch_parts(step);
        let mut name = now;
        let later = self.journal.get(at + 1..).unwrap_or_default().iter().rev().flat_map(|entry| &entry.events);
        for event in later {
            let Event::Migrated { renamed, .. } = event else { continue };
            name = renamed.iter().find(|(_, new)| *new == name).map_or(name, |(old, _)| old.as_str());
        }
        (name, key) == branch_parts(then)
    }

    fn late(&self, delay: &Delay) -> Text {
        let (used, budget) = (words::length(delay.working_us), words::length(delay.budget_us));
        let (zh, en) = match &delay.reason {
            None => {
                let (zh, en) = match delay.reminders {
                    0 => (String::new(), String::new()),
                    1 => ("，已催促1次".to_owned(), ", the office was reminded once".to_owned()),
                    n => (format!("，已催促{n}次"), format!(", the office was reminded {n} times")),
                };
                (format!("未说明理由{zh}"), format!("no reason given{en}"))
            }
            Some(given) => {
                let at = words::moment(given.at_us);
                let text = self.documents.get(&given.text).and_then(|text| text.as_str());
                let (zh, en) = text.map_or_else(Default::default, |text| (format!("：{text}"), format!(": {text}")));
                (
                    format!("{}于{}说明理由{zh}", given.officer, at.zh),
                    format!("{} gave the reason on {}{en}", given.officer, at.en),
                )
            }
        };
        Text::new(
            format!("超时办结：用时{}，承诺{}；{zh}（优化营商环境条例第三十六条）", used.zh, budget.zh),
            format!("Late: {} instead of {}; {en} (优化营商环境条例 §36)", used.en, budget.en),
        )
    }
}

/// The stretches add up to the time on the wall.
fn sum(stretches: &[Stretch]) -> Text {
    let total = |counts: bool| {
        stretches.iter().filter(|stretch| stretch.counts == counts).map(|stretch| stretch.wall_us).sum::<i64>()
    };
    let (runs, stands) = (total(true), total(false));
    let (all, runs, stands) = (words::wall(runs + stands), words::wall(runs), words::wall(stands));
    Text::new(
        format!("自然时间{}，其中计时区间{}，不计时区间{}", all.zh, runs.zh, stands.zh),
        format!("On the wall {}: {} with the clock running, {} without", all.en, runs.en, stands.en),
    )
}

fn mark(percent: u8, working_us: i64, at_us: i64) -> Text {
    let (used, at) = (words::length(working_us), words::moment(at_us));
    match percent {
        BREACH => Text::new(
            format!("{}：承诺时限已用尽，发出超时警示", at.zh),
            format!("{}: the promise was used up; a breach was told", at.en),
        ),
        percent => Text::new(
            format!("{}：已用时限的{percent}%（{}），发出提示", at.zh, used.zh),
            format!("{}: {percent} % of the promise ({}) was used; a warning was told", at.en, used.en),
        ),
    }
}

fn recomputed(reread: &Reread, source: &str, versions: Option<&(String, String)>, at_us: i64) -> Text {
    let at = words::moment(at_us);
    let (before, after) = (words::length(reread.elapsed_us.0), words::length(reread.elapsed_us.1));
    let due = |due_us: Option<i64>| due_us.map_or_else(|| Text::new("无", "none"), words::moment);
    let (due_before, due_after) = (due(reread.due_us.0), due(reread.due_us.1));
    let (zh, en) = match versions {
        Some((old, new)) => (format!("，日历版本由 {old} 改为 {new}"), format!(", calendar version {old} → {new}")),
        None => (String::new(), String::new()),
    };
    Text::new(
        format!(
            "{}：因{source}重新计算{zh}；已用由{}改为{}，办结时限由{}改为{}",
            at.zh, before.zh, after.zh, due_before.zh, due_after.zh
        ),
        format!(
            "{}: recomputed because of {source}{en}; used {} → {}, due {} → {}",
            at.en, before.en, after.en, due_before.en, due_after.en
        ),
    )
}

fn law(clock: &StatutoryClock) -> Text {
    let within = clock.within_text();
    let extended = clock.extended_by.as_ref().map(Budget::text);
    let (mut zh, mut en) =
        (format!("法定期限（{}）：{}", clock.law, within.zh), format!("By law ({}): {}", clock.law, within.en));
    if let Some(more) = extended {
        zh.push_str(&format!("，经批准延长{}", more.zh));
        en.push_str(&format!(", prolonged by {}", more.en));
    }
    if let Some(from_us) = clock.from_us {
        let from = words::moment(from_us);
        zh.push_str(&format!("，自{}起", from.zh));
        en.push_str(&format!(", from {}", from.en));
    }
    let left = clock.left.text();
    match (clock.state, clock.due_us, clock.breached_at_us) {
        (_, _, Some(at_us)) => {
            let at = words::moment(at_us);
            zh.push_str(&format!("，已于{}届满", at.zh));
            en.push_str(&format!(", which ended {}", at.en));
        }
        (ClockState::Running, Some(due_us), None) => {
            let due = words::moment(due_us);
            let (zh_may, en_may) = if clock.provisional { ("（暂定）", " (provisional)") } else { ("", "") };
            zh.push_str(&format!("，至{}止{zh_may}", due.zh));
            en.push_str(&format!(", until {}{en_may}", due.en));
        }
        (ClockState::Paused, _, None) => {
            zh.push_str("，现在停止计算");
            en.push_str(", standing still");
            // Of a period that ends the same day there is nothing to count.
            if clock.left != Budget::WorkingDays(0) {
                zh.push_str(&format!("，尚余{}", left.zh));
                en.push_str(&format!(" with {} left", left.en));
            }
        }
        (ClockState::Stopped, _, None) => {
            zh.push_str("，未超过");
            en.push_str(", kept");
        }
        _ => {}
    }
    Text::new(zh, en)
}
