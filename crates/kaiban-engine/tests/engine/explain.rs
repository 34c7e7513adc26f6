//! The account of a case as a person reads it, in both languages.

use std::fmt::Write as _;
use std::sync::Arc;

use kaiban_calendar::{Closure, parse_instant};
use kaiban_engine::{Command, Documents, Explanation, PauseReason, Reason, explain};
use kaiban_findings::Text;

use crate::sim::desk::{APPROVER, OFFICER};
use crate::sim::{Sim, world};

/// Two counted steps side by side, on hours of 8:30-12:00 and 14:30-17:30 (from 15:00 in summer).
const PACKAGE: &str = r#"promise: [{ from: 2020-01-01, within: 5 working hours }]
statutory: { within: 45 working days, extend_once: 15 working days, law: 行政许可法 §42 }
steps:
  look:
    title: { zh: 审查, en: Look }
    party: tax
    counts: true
    within: 2 working hours
    statutory: { within: 3 working days, extend_once: 3 working days, restarts: true, law: 条例 §19 }
    shares: [form.name]
    outcomes: { done: {}, correct: { asks: applicant } }
  seal:
    title: { zh: 印章, en: Seals }
    party: seal-carver
    counts: true
    within: 3 working hours
    shares: [form.registrar]
    outcomes: { done: {}, correct: { asks: applicant } }
  desk:
    title: { zh: 窗口, en: Desk }
    party: delivery
    needs: [look, seal]
    counts: false
    shares: [form.name]
    outcomes: { done: {} }
"#;

fn told(sim: &Sim) -> Explanation {
    told_with(sim, &Documents::new())
}

fn told_with(sim: &Sim, documents: &Documents) -> Explanation {
    let journal = sim.entries();
    let told = explain(&sim.def, &sim.case, &sim.calendars, (&journal, documents), sim.now_us).unwrap();
    // The account and the clocks agree, to the microsecond.
    for account in &told.accounts {
        let counted: i64 = account.stretches.iter().map(|stretch| stretch.working_us).sum();
        assert_eq!(counted, account.promise.elapsed_us, "{:?}", account.step);
        let wall: i64 = account.stretches.iter().map(|stretch| stretch.wall_us).sum();
        assert_eq!(wall, account.wall_us);
    }
    told
}

fn written(told: &Explanation, language: fn(&Text) -> &str) -> String {
    let mut text = String::new();
    for account in &told.accounts {
        let _ = writeln!(text, "{}", language(&account.line));
        for stretch in &account.stretches {
            let _ = writeln!(text, "  {}", language(&stretch.line));
        }
        for note in &account.notes {
            let _ = writeln!(text, "  - {}", language(note));
        }
    }
    // The digest of the calendar's data is not what is looked at.
    let versions = told.accounts.iter().map(|account| &account.promise.version);
    let journal = versions.filter(|version| !version.is_empty());
    journal.fold(text, |text, version| text.replace(version.as_str(), "<version>"))
}

fn golden(name: &str, sim: &Sim) {
    let told = told(sim);
    let both = format!("{}\n{}", written(&told, |text| &text.en), written(&told, |text| &text.zh));
    insta::with_settings!({ snapshot_path => "goldens", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(name, both);
    });
}

fn shop(time: &str) -> Sim {
    let mut sim = Sim::new(world::shop(PACKAGE)).at(time);
    sim.submits(world::shop_form(&[])).unwrap();
    sim
}

#[test]
fn branches_side_by_side_and_a_correction() {
    let mut sim = shop("2026-03-02 10:00");
    sim.runs_until("2026-03-02 10:30");
    sim.office("look").asks_for(&["/name"]);
    sim.runs_until("2026-03-02 16:00");
    sim.office("seal").approves();
    sim.runs_until("2026-03-05 15:00");
    sim.corrects("look.1", "/name", "新名".into()).unwrap();
    sim.runs_until("2026-03-05 16:30");
    sim.office("look").approves();
    sim.clock_says("2026-03-06 09:00");
    golden("explain_branches_and_correction", &sim);
}

#[test]
fn a_pause_over_national_day_and_into_winter() {
    let mut sim = shop("2025-09-29 09:00");
    sim.runs_until("2025-09-29 10:30");
    let until_us = Some(1_800_000_000_000_000);
    let (officer, approver) = (OFFICER.into(), Some(APPROVER.into()));
    let reason = PauseReason::SpecialProcedure;
    sim.run(Command::Pause { step: "look".into(), reason, until_us, note: None, officer, approver }).unwrap();
    sim.runs_until("2025-09-29 11:00");
    sim.office("seal").approves();
    sim.runs_until("2025-10-09 15:00");
    sim.run(Command::Resume { step: "look".into(), officer: OFFICER.into() }).unwrap();
    sim.runs_until("2025-10-10 09:00");
    golden("explain_national_day", &sim);
}

#[test]
fn an_interval_over_the_holidays_leaves_them_out() {
    let mut sim = shop("2025-09-30 16:00");
    sim.clock_says("2025-10-09 09:30");
    let told = told(&sim);
    let look = told.accounts.iter().find(|account| account.step.as_deref() == Some("look")).unwrap();
    let line = &look.stretches[0].line.en;
    assert!(line.contains("days off 2025-10-01 to 2025-10-08"), "{line}");
    assert_eq!(look.stretches[0].reason, Reason::Working);
}

#[test]
fn a_publication_and_a_delay_are_told() {
    let mut sim = shop("2026-03-02 09:00");
    sim.runs_until("2026-03-02 15:30");
    let at = |time: &str| parse_instant(&format!("{time}:00+08:00")).unwrap();
    let mut calendars = sim.calendars.as_ref().clone();
    let closure = Closure {
        from_us: at("2026-03-02T10:00"),
        to_us: at("2026-03-02T11:00"),
        reason: Text::new("台风停办", "typhoon"),
        published_at_us: at("2026-03-02T15:30"),
    };
    let closed = calendars.find("fuzhou-city").unwrap().with_closure(closure);
    calendars.insert(closed);
    let before = std::mem::replace(&mut sim.calendars, Arc::new(calendars));
    sim.run(Command::Recompute { publication: 1, source: "榕政办〔2026〕8号".into(), before }).unwrap();
    sim.runs_until("2026-03-02 16:30");
    sim.office("look").approves();
    sim.runs_until("2026-03-03 09:00");
    golden("explain_publication", &sim);
    let filed = sim.file("系统升级，数据核验接口中断。".into());
    let (step, officer) = ("look".to_owned(), OFFICER.to_owned());
    sim.run(Command::ExplainDelay { step, officer, reason: filed.digest.clone() }).unwrap();
    let told = told_with(&sim, &Documents::from([(filed.digest, filed.content)]));
    let look = told.accounts.iter().find(|account| account.step.as_deref() == Some("look")).unwrap();
    let late = look.notes.last().unwrap();
    assert!(late.zh.contains("说明理由：系统升级，数据核验接口中断。"), "{}", late.zh);
}
