//! Plays a scenario: finds out what it leaves open, lets the driver do it, collects what happened, and holds it against
//! what was written.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Time;
use kaiban_calendar::{Horizon, instant_at, local_date};
use kaiban_definition::{Definition, Effect, Files, Office, Step, Workflows};
use kaiban_engine::{Case, Entry, Event};
use kaiban_findings::{Finding, Place};
use serde_json::Value;

use crate::driver::{Deed, Driver, Refused};
use crate::render::{Told, case_block, layout, refused, tell};
use crate::scenario::{Act, Block, Named, Said, Scenario, Shown, When};
use crate::shelf::{Shelf, changed};

/// What came of a scenario.
#[derive(Clone, Debug)]
pub struct Played {
    /// The lines that belong into each expected block, in the order of the file.
    pub blocks: Vec<Vec<String>>,
    /// Blocks that say something else.
    pub mismatches: Vec<Mismatch>,
    /// The journals, by the name of the case in the scenario; empty for the one without a name.
    pub journals: BTreeMap<String, Vec<Entry>>,
}

/// A block that says something else than what happened.
#[derive(Clone, Debug)]
pub struct Mismatch {
    /// Line of the block's opening fence.
    pub line: u32,
    /// What it says.
    pub expected: Vec<String>,
    /// What happened.
    pub actual: Vec<String>,
}

/// Plays a scenario of a package through a driver.
///
/// # Errors
/// The first act that could not be tried, because the scenario names something that is not there when it comes to it.
/// What was tried and refused is no error: the journal says so.
pub fn play(
    scenario: &Scenario,
    workflows: &Workflows,
    files: &Files,
    driver: &mut dyn Driver,
) -> Result<Played, Box<Finding>> {
    let mut stage = Stage { scenario, workflows, shelf: Shelf::of(scenario, files), driver, cases: Vec::new() };
    let mut played = Played { blocks: Vec::new(), mismatches: Vec::new(), journals: BTreeMap::new() };
    for block in &scenario.blocks {
        let expected = match block {
            Block::Steps(acts) => {
                for act in acts {
                    stage.act(act)?;
                }
                continue;
            }
            Block::Expected(expected) => expected,
        };
        let place = Place::File { path: scenario.path.clone(), line: expected.line, column: 1 };
        let at = stage.find(expected.case.as_deref(), &place)?;
        let actual = match expected.shows {
            Shown::Journal => layout(&std::mem::take(&mut stage.cases[at].untold)),
            Shown::Case => stage.show(at, &place)?,
        };
        let trimmed: &[String] = &expected.lines;
        if trimmed != actual.as_slice() {
            let (line, expected) = (expected.line, expected.lines.clone());
            played.mismatches.push(Mismatch { line, expected, actual: actual.clone() });
        }
        played.blocks.push(actual);
    }
    let last = scenario.acts().last().map_or(Place::Whole, |act| act.place.clone());
    if let Some(untold) = stage.cases.iter().find(|case| !case.untold.is_empty()) {
        let name = &untold.name;
        let (zh, en) = ("最后的步骤之后没有写明办件日志。", "No journal says what the last steps left.");
        let finding = Finding::error("SCENARIO_UNTOLD", last, zh, en);
        let wanted = format!("```journal {name}");
        let wanted = wanted.trim_end();
        return Err(finding
            .with_help(format!("请在文末加上 {wanted} 块。"), format!("Add a block {wanted} at the end."))
            .into());
    }
    played.journals = stage.cases.into_iter().map(|case| (case.name, case.entries)).collect();
    Ok(played)
}

/// A case of the scenario.
struct Cast {
    /// Empty for the one without a name.
    name: String,
    /// Its number; none if it was refused.
    id: Option<String>,
    /// Why it was.
    refused: String,
    def: Arc<Definition>,
    /// As the journal says.
    case: Case,
    /// The form as it stands.
    form: Value,
    entries: Vec<Entry>,
    /// What no journal block has told yet.
    untold: Vec<Told>,
}

struct Stage<'s> {
    scenario: &'s Scenario,
    workflows: &'s Workflows,
    shelf: Shelf<'s>,
    driver: &'s mut dyn Driver,
    cases: Vec<Cast>,
}

impl Stage<'_> {
    fn act(&mut self, act: &Act) -> Result<(), Box<Finding>> {
        let at_us = self.instant(act.when, &act.place)?;
        if at_us < self.driver.now_us() {
            let (zh, en) = ("这个时间早于上一步。", "This time lies before the act above.");
            return Err(Finding::error("SCENARIO_TIME", act.place.clone(), zh, en).into());
        }
        self.driver.time_passes(at_us);
        self.collect();
        match &act.said {
            Said::TimePasses => {}
            Said::Submits { outlet, form, name } => {
                let form = self.shelf.whole(form)?;
                let first = || self.workflows.directory.outlets().next().map(|outlet| outlet.id.clone());
                let outlet = outlet.as_ref().map(|outlet| outlet.name.clone()).or_else(first).unwrap_or_default();
                self.submit(name.clone().unwrap_or_default(), &outlet, form, &act.place)?;
            }
            Said::Recorded { person, blot } => {
                let (at, id) = self.running(act.case.as_deref(), &act.place)?;
                if let Err(reason) = self.driver.record(&id, person, *blot) {
                    self.refused(at, "credit", &reason);
                }
            }
            Said::Listed { register, key } => {
                if let Err(reason) = self.driver.list(self.scenario.workflow(), &register.name, key) {
                    let reason = reason.reason;
                    let (zh, en) =
                        (format!("未能列入名录（{reason}）。"), format!("It could not be listed: {reason}."));
                    return Err(Finding::error("SCENARIO_NAME", register.place.clone(), zh, en).into());
                }
            }
            Said::Draws { pool, cases } => self.draw(&pool.name, cases, &act.place)?,
            said => {
                let (at, id) = self.running(act.case.as_deref(), &act.place)?;
                let sent = self.sent(&id, said, at);
                let deed = self.deed(said, at, &sent, &act.place)?;
                let done = self.driver.act(&id, &deed);
                self.collect();
                match done {
                    Ok(()) => {
                        if let Deed::Answer { form, .. } | Deed::Request { form: Some(form), .. } = deed {
                            self.cases[at].form = form;
                        }
                    }
                    Err(reason) => {
                        let told = refused(self.driver.now_us(), said, &deed, &self.cases[at].case, &reason);
                        self.cases[at].untold.push(told);
                    }
                }
            }
        }
        Ok(())
    }

    /// A case that was not refused.
    fn running(&self, name: Option<&str>, place: &Place) -> Result<(usize, String), Box<Finding>> {
        let at = self.find(name, place)?;
        let cast = &self.cases[at];
        cast.id.clone().map(|id| (at, id)).ok_or_else(|| refused_case(cast, place).into())
    }

    fn refused(&mut self, at: usize, who: &str, reason: &Refused) {
        let told = Told::refused(self.driver.now_us(), who.to_owned(), &reason.reason, &reason.findings);
        self.cases[at].untold.push(told);
    }

    fn draw(&mut self, pool: &str, cases: &[(Option<String>, bool)], place: &Place) -> Result<(), Box<Finding>> {
        let (mut places, mut drawn) = (Vec::new(), Vec::new());
        for (name, chosen) in cases {
            let (at, id) = self.running(name.as_deref(), place)?;
            places.push(at);
            drawn.push((id, *chosen));
        }
        let done = self.driver.draw(pool, &drawn);
        self.collect();
        for (at, done) in places.into_iter().zip(done) {
            if let Err(reason) = done {
                self.refused(at, "draw", &reason);
            }
        }
        Ok(())
    }

    fn submit(&mut self, name: String, outlet: &str, form: Value, place: &Place) -> Result<(), Box<Finding>> {
        let workflow = self.scenario.workflow();
        let def = self.workflows.definition(workflow).ok_or_else(|| {
            let (zh, en) = (format!("没有流程包“{workflow}”。"), format!("There is no package {workflow}."));
            Finding::error("SCENARIO_PACKAGE", place.clone(), zh, en)
        })?;
        let mut cast = Cast {
            name,
            id: None,
            refused: String::new(),
            def: Arc::clone(def),
            case: Case::default(),
            form,
            entries: Vec::new(),
            untold: Vec::new(),
        };
        match self.driver.submit(workflow, outlet, &cast.form) {
            Ok(id) => cast.id = Some(id),
            Err(Refused { reason, findings }) => {
                let told = Told::refused(self.driver.now_us(), format!("terminal {outlet}"), &reason, &findings);
                cast.refused = told.text();
                cast.untold.push(told);
            }
        }
        self.cases.push(cast);
        self.collect();
        Ok(())
    }

    /// What has happened since the last time, case by case; cases that were started on the way included.
    fn collect(&mut self) {
        let mut at = 0;
        while at < self.cases.len() {
            let cast = &mut self.cases[at];
            at += 1;
            let Some(id) = &cast.id else { continue };
            let fresh = self.driver.journal(id).split_off(cast.entries.len());
            for entry in &fresh {
                for event in &entry.events {
                    cast.case.evolve(entry.at_us, event);
                }
            }
            cast.untold.extend(tell(&cast.def, &cast.case, &fresh));
            let started: Vec<(String, String)> =
                fresh.iter().flat_map(|entry| entry.events.iter().filter_map(started)).collect();
            cast.entries.extend(fresh);
            let above = cast.name.clone();
            for (step, id) in started {
                let known = self.cases.iter().any(|cast| cast.id.as_ref() == Some(&id));
                let entries = self.driver.journal(&id);
                let workflow = entries.first().and_then(|entry| match entry.events.first() {
                    Some(Event::Received { workflow, .. }) => Some(workflow.clone()),
                    _ => None,
                });
                let def = workflow.and_then(|workflow| self.workflows.definition(&workflow));
                if let Some(def) = def.filter(|_| !known) {
                    self.cases.push(Cast {
                        name: format!("{above}/{step}"),
                        id: Some(id),
                        refused: String::new(),
                        def: Arc::clone(def),
                        case: Case::default(),
                        form: Value::Null,
                        entries: Vec::new(),
                        untold: Vec::new(),
                    });
                }
            }
        }
    }

    fn find(&self, name: Option<&str>, place: &Place) -> Result<usize, Box<Finding>> {
        let name = name.unwrap_or_default();
        self.cases.iter().position(|cast| cast.name == name).ok_or_else(|| {
            let (zh, en) = (format!("此时没有办件“{name}”。"), format!("There is no case {name} at this point."));
            Finding::error("SCENARIO_CASE", place.clone(), zh, en).into()
        })
    }

    fn show(&self, at: usize, place: &Place) -> Result<Vec<String>, Box<Finding>> {
        let Cast { def, case, id, .. } = &self.cases[at];
        if id.is_none() {
            return Ok(vec!["refused".to_owned()]);
        }
        case_block(def, case, &self.workflows.calendars, self.driver.now_us()).map_err(|error| {
            let zh = "该日期无法计算工作时间。";
            Finding::error("SCENARIO_CALENDAR", place.clone(), zh, format!("{error}.")).into()
        })
    }

    /// The instant of a time; what is relative is counted from business time, on the first case's calendar.
    fn instant(&self, when: When, place: &Place) -> Result<i64, Box<Finding>> {
        let today = || local_date(self.driver.now_us());
        let at = |date, time: Time| instant_at(date, time);
        match when {
            When::At(date, time) => Ok(at(date, time)),
            When::Time(time) => Ok(at(today(), time)),
            When::WorkingDays(days, time) => {
                let failed = |en: String| {
                    let zh = "此时无法推算工作日。";
                    Finding::error("SCENARIO_TIME", place.clone(), zh, en)
                };
                let first = self.cases.first();
                if let Some(cast) = first.filter(|cast| cast.id.is_none()) {
                    return Err(refused_case(cast, place).into());
                }
                let calendar = first.map(|cast| cast.case.calendar.as_str()).unwrap_or_default();
                let calendar = self.workflows.calendars.get(calendar);
                let calendar = calendar.ok_or_else(|| failed("No case says by which calendar to count.".into()))?;
                let (mut date, mut left) = (today(), days);
                while left > 0 {
                    date = date.tomorrow().map_err(|error| failed(error.to_string()))?;
                    let day = calendar.day(date, Horizon::Provisional).map_err(|error| failed(error.to_string()))?;
                    left -= u16::from(day.is_working());
                }
                Ok(at(date, time))
            }
        }
    }

    /// Whom a draw has sent to do what is said, where the scenario names nobody else.
    fn sent(&mut self, id: &str, said: &Said, at: usize) -> Vec<String> {
        let Said::Completes { step, officer: None, .. } = said else { return Vec::new() };
        let draw = self.cases[at].def.step(&step.name).and_then(|step| step.drawn_by.clone());
        draw.map(|draw| self.driver.checkers(id, &draw)).unwrap_or_default()
    }

    fn deed(&self, said: &Said, at: usize, sent: &[String], place: &Place) -> Result<Deed, Box<Finding>> {
        let cast = &self.cases[at];
        let name = |named: &Named| named.name.clone();
        Ok(match said {
            Said::TimePasses
            | Said::Submits { .. }
            | Said::Recorded { .. }
            | Said::Listed { .. }
            | Said::Draws { .. } => return Err(unknown(place).into()),
            Said::Answers { correction, changes } => {
                Deed::Answer { correction: name(correction), form: changed(cast.form.clone(), changes)? }
            }
            Said::Withdraws { reason } => Deed::Withdraw { reason: reason.clone() },
            Said::Requests { step, changes } => {
                let form = (!changes.is_empty()).then(|| changed(cast.form.clone(), changes)).transpose()?;
                Deed::Request { step: name(step), form }
            }
            Said::WithdrawsStep { step, reason } => Deed::WithdrawStep { step: name(step), reason: reason.clone() },
            Said::Takes { step, .. } => Deed::Take { step: name(step) },
            Said::Completes { step, outcome, officer, approver, reason, result, findings, .. } => {
                let declared = cast.def.step(&step.name).ok_or_else(|| unknown(place))?;
                let outcome = match outcome {
                    Some(outcome) => outcome.name.clone(),
                    None => correcting(declared).ok_or_else(|| unknown(place))?.to_owned(),
                };
                let adverse = declared.outcomes.get(&outcome).is_some_and(|outcome| outcome.adverse);
                let second = sent.get(1).filter(|_| declared.by_two);
                let approver = match (approver, second) {
                    (Some(approver), _) => Some(approver.name.clone()),
                    (None, Some(second)) => Some(second.clone()),
                    (None, None) => adverse.then(|| self.officer(cast, Some(&step.name), 1)),
                };
                let first = sent.first().cloned();
                Deed::Complete {
                    step: name(step),
                    outcome,
                    result: result.as_ref().map(|result| self.shelf.whole(result)).transpose()?,
                    findings: findings.clone(),
                    officer: first.unwrap_or_else(|| self.named(officer.as_ref(), cast, Some(&step.name))),
                    approver,
                    reason: reason.clone(),
                }
            }
            Said::Defers { step, until, code, .. } => {
                Deed::Defer { step: name(step), until_us: self.instant(*until, place)?, code: code.clone() }
            }
            Said::Fails { step, code, .. } => Deed::Fail { step: name(step), code: code.clone() },
            Said::Pauses { officer, step, reason, until, approver, note } => {
                let approver = match approver {
                    Some(approver) => Some(approver.name.clone()),
                    None => reason.rule().approval.then(|| self.officer(cast, Some(&step.name), 1)),
                };
                Deed::Pause {
                    step: name(step),
                    reason: *reason,
                    until_us: until.map(|until| self.instant(until, place)).transpose()?,
                    note: note.clone(),
                    officer: self.named(officer.as_ref(), cast, Some(&step.name)),
                    approver,
                }
            }
            Said::Resumes { officer, step } => {
                Deed::Resume { step: name(step), officer: self.named(officer.as_ref(), cast, Some(&step.name)) }
            }
            Said::Extends { officer, step, approver, reason } => {
                let of = step.as_ref().map(|step| step.name.as_str());
                let approver = approver.as_ref().map(|approver| approver.name.clone());
                Deed::Extend {
                    step: step.as_ref().map(name),
                    officer: self.named(officer.as_ref(), cast, of),
                    approver: approver.unwrap_or_else(|| self.head(cast, of)),
                    reason: reason.clone(),
                }
            }
            Said::Explains { officer, step, reason } => Deed::ExplainDelay {
                step: name(step),
                officer: self.named(officer.as_ref(), cast, Some(&step.name)),
                reason: reason.clone(),
            },
            Said::Cancels { officer, reason } => {
                Deed::Cancel { officer: self.named(officer.as_ref(), cast, None), reason: reason.clone() }
            }
            Said::GivesUp { officer, reason } => {
                Deed::GiveUp { officer: self.named(officer.as_ref(), cast, None), reason: reason.clone() }
            }
            Said::Resolves { officer, step } => Deed::Resolve {
                step: step.as_ref().map(name).unwrap_or_default(),
                officer: self.named(officer.as_ref(), cast, None),
            },
            Said::Rates { person, grade, comment } => {
                Deed::Rate { person: person.clone(), grade: *grade, comment: comment.clone() }
            }
            Said::Signs { person, step } => Deed::Sign { person: person.clone(), step: name(step) },
            Said::Declines { person, step } => Deed::DeclineCommitment { person: person.clone(), step: name(step) },
            Said::TakesBack { person, step, reason } => {
                Deed::WithdrawCommitment { person: person.clone(), step: name(step), reason: reason.clone() }
            }
        })
    }

    fn named(&self, named: Option<&Named>, cast: &Cast, step: Option<&str>) -> String {
        named.map_or_else(|| self.officer(cast, step, 0), |named| named.name.clone())
    }

    /// The office's first head; its second officer where the directory names none.
    fn head(&self, cast: &Cast, step: Option<&str>) -> String {
        let head = self.office(cast, step).and_then(|office| office.officers.iter().find(|officer| officer.head));
        head.map_or_else(|| self.officer(cast, step, 1), |head| head.id.clone())
    }

    /// The office's officer of that number, from 0; of the registering office where no step is named.
    fn officer(&self, cast: &Cast, step: Option<&str>, number: usize) -> String {
        let office = self.office(cast, step);
        let officer = office.and_then(|office| office.officers.get(number)).map(|officer| officer.id.clone());
        officer.unwrap_or_else(|| {
            let office = office.map_or("office", |office| office.id.as_str());
            format!("{office}-{}", number + 1)
        })
    }

    /// The office that has a step; the registering one where no step is named.
    fn office(&self, cast: &Cast, step: Option<&str>) -> Option<&Office> {
        let directory = &self.workflows.directory;
        let division = &cast.case.division;
        let party = match step {
            Some(step) => cast.def.step(step).and_then(|step| step.party()),
            None => registering(&cast.def),
        };
        let run = step.and_then(|step| cast.case.steps.get(step)).filter(|run| !run.office.is_empty());
        match run {
            Some(run) => directory.office_by_id(&run.office),
            None => party.and_then(|party| directory.office(party, division)),
        }
    }
}

/// The party that registers: whoever looks at an application before it is accepted, or whose step closes cases.
fn registering(def: &Definition) -> Option<&str> {
    let closes = |step: &&Arc<Step>| step.outcomes.values().any(|outcome| matches!(outcome.effect, Effect::Closes(_)));
    let in_order = || def.order.iter().filter_map(|name| def.steps.get(name));
    let intake = def.intake.as_ref().and_then(|intake| intake.step.party());
    let closing = || in_order().filter(closes).find_map(|step| step.party());
    intake.or_else(closing).or_else(|| in_order().find_map(|step| step.party()))
}

/// The outcome that a correction means where it names none: `correct`, or the only one that corrects.
pub(crate) fn correcting(step: &Step) -> Option<&str> {
    let mut corrects = step.outcomes.values().filter(|outcome| matches!(outcome.effect, Effect::Corrects { .. }));
    let usual = step.outcomes.get_key_value("correct").map(|(name, _)| name.as_str());
    usual.or_else(|| {
        let only = corrects.next()?;
        corrects.next().is_none().then_some(only.name.as_str())
    })
}

fn refused_case(cast: &Cast, place: &Place) -> Finding {
    let Cast { refused, .. } = cast;
    let (zh, en) =
        (format!("该办件的提交已被拒绝（{refused}）。"), format!("The submission of this case was {refused}."));
    Finding::error("SCENARIO_CASE", place.clone(), zh, en)
}

fn started(event: &Event) -> Option<(String, String)> {
    match event {
        Event::SubCaseStarted { step, case } => Some((step.clone(), case.clone())),
        _ => None,
    }
}

fn unknown(place: &Place) -> Finding {
    let (zh, en) = ("该步骤所指在流程包中不存在。", "What the act names is not in the package.");
    Finding::error("SCENARIO_NAME", place.clone(), zh, en)
}
