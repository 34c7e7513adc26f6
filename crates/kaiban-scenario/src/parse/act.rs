//! The acts: who, what, and the clauses that follow.

use kaiban_engine::PauseReason;
use kaiban_findings::{Finding, Place};

use super::cursor::Cursor;
use super::when::when;
use crate::scenario::{Act, Blot, Change, Given, Named, Said, When};

/// What an act begins with, mostly who does it; none of them names a case.
const ACTORS: &[&str] = &["terminal", "office", "officer", "applicant", "credit", "listed", "draw", "time"];

const TERMINAL: &[&str] = &["submits", "answers", "withdraws", "requests"];
const OFFICE: &[&str] = &["takes", "completes", "asks", "defers", "fails"];
const APPLICANT: &[&str] = &["rates", "signs", "declines", "takes"];
const OFFICER: &[&str] = &["pauses", "resumes", "cancels", "gives", "resolves", "extends", "explains"];

/// Reads one act.
pub(super) fn act(cursor: &mut Cursor<'_>) -> Result<Act, Box<Finding>> {
    let place = cursor.place();
    let when = when(cursor)?;
    let case = match cursor.peek().strip_suffix(':').map(str::to_owned) {
        Some(name) => {
            cursor.word();
            Some(name)
        }
        None => None,
    };
    let said = said(cursor)?;
    if !cursor.is_at_end() {
        let place = cursor.place();
        let (zh, en) =
            ("这一步到此已完整，后面的内容无法理解。", "The act ends before this; what follows says nothing.");
        return Err(Finding::error("SCENARIO_ACT", place, zh, en).into());
    }
    Ok(Act { place, when, case, said })
}

fn said(cursor: &mut Cursor<'_>) -> Result<Said, Box<Finding>> {
    match cursor.peek() {
        "terminal" => terminal(cursor),
        "office" => office(cursor),
        "officer" => officer(cursor),
        "applicant" => applicant(cursor),
        "credit" => credit(cursor),
        "listed" => listed(cursor),
        "draw" => draw(cursor),
        "time" => {
            cursor.expects("time passes")?;
            Ok(Said::TimePasses)
        }
        _ => {
            let finding = cursor.wrong("行为人", "who acts");
            let known = ACTORS.join(", ");
            Err(finding.with_help(format!("可以是：{known}。"), format!("One of: {known}.")).into())
        }
    }
}

/// The actor's word, and the name behind it unless a verb follows at once.
fn actor(cursor: &mut Cursor<'_>, word: &str, verbs: &[&str]) -> Result<Option<Named>, Box<Finding>> {
    cursor.expects(word)?;
    if verbs.contains(&cursor.peek()) {
        return Ok(None);
    }
    // Where no verb follows behind it either, it is a verb that nobody knows.
    let unknown = no_verb(cursor, verbs);
    let name = named(cursor, "动作", "what is done")?;
    if verbs.contains(&cursor.peek()) { Ok(Some(name)) } else { Err(unknown.into()) }
}

fn verb(cursor: &mut Cursor<'_>, verbs: &[&str]) -> Result<String, Box<Finding>> {
    if verbs.contains(&cursor.peek()) {
        Ok(cursor.word().unwrap_or_default())
    } else {
        Err(no_verb(cursor, verbs).into())
    }
}

fn no_verb(cursor: &mut Cursor<'_>, verbs: &[&str]) -> Finding {
    let known = verbs.join(", ");
    let finding = cursor.wrong("动作", "what is done");
    finding.with_help(format!("可以是：{known}。"), format!("One of: {known}."))
}

fn terminal(cursor: &mut Cursor<'_>) -> Result<Said, Box<Finding>> {
    let outlet = actor(cursor, "terminal", TERMINAL)?;
    match verb(cursor, TERMINAL)?.as_str() {
        "submits" => {
            let file = named(cursor, "表单文件名", "the file of the form")?;
            let mut clauses = Clauses::default();
            clauses.read(cursor, &["as", "with"])?;
            let changes = clauses.changes()?;
            Ok(Said::Submits { outlet, form: Given { file: Some(file), value: None, changes }, name: clauses.name })
        }
        "answers" => {
            let correction = named(cursor, "补正编号", "the correction, as registration.1")?;
            let mut clauses = Clauses::default();
            clauses.read(cursor, &["with"])?;
            Ok(Said::Answers { correction, changes: clauses.changes()? })
        }
        "requests" => {
            let step = named(cursor, "环节", "the step")?;
            let mut clauses = Clauses::default();
            clauses.read(cursor, &["with"])?;
            Ok(Said::Requests { step, changes: clauses.changes()? })
        }
        _ => {
            let step = match cursor.peek() {
                "" | "because" => None,
                _ => Some(named(cursor, "环节", "the step")?),
            };
            let mut clauses = Clauses::default();
            clauses.read(cursor, &["because"])?;
            let reason = clauses.reason;
            Ok(step.map_or(Said::Withdraws { reason: reason.clone() }, |step| Said::WithdrawsStep { step, reason }))
        }
    }
}

fn office(cursor: &mut Cursor<'_>) -> Result<Said, Box<Finding>> {
    let party = actor(cursor, "office", OFFICE)?;
    match verb(cursor, OFFICE)?.as_str() {
        "takes" => Ok(Said::Takes { party, step: named(cursor, "环节", "the step")? }),
        "completes" => {
            let (step, outcome) = step_and(cursor, "办理结果", "the outcome")?;
            if outcome.is_none() {
                return Err(cursor.wrong("冒号和办理结果", "a colon and the outcome").into());
            }
            ends(cursor, party, step, outcome, Vec::new())
        }
        "asks" => {
            cursor.expects("for a correction of")?;
            let (step, outcome) = step_and(cursor, "办理结果", "the outcome")?;
            let findings = findings(cursor)?;
            ends(cursor, party, step, outcome, findings)
        }
        "defers" => {
            let step = named(cursor, "环节", "the step")?;
            cursor.expects("until")?;
            let until = when(cursor)?;
            cursor.expects("for")?;
            let code = cursor.word().ok_or_else(|| cursor.wrong("原因代码", "the office's word for why"))?;
            Ok(Said::Defers { party, step, until, code })
        }
        _ => {
            let step = named(cursor, "环节", "the step")?;
            cursor.expects("for")?;
            let code = cursor.word().ok_or_else(|| cursor.wrong("故障代码", "the office's word for what failed"))?;
            Ok(Said::Fails { party, step, code })
        }
    }
}

fn ends(
    cursor: &mut Cursor<'_>,
    party: Option<Named>,
    step: Named,
    outcome: Option<Named>,
    findings: Vec<Finding>,
) -> Result<Said, Box<Finding>> {
    let mut clauses = Clauses::default();
    let known: &[&str] = if findings.is_empty() { &["by", "approved", "because", "with"] } else { &["by", "because"] };
    clauses.read(cursor, known)?;
    let Clauses { officer, approver, reason, result, .. } = clauses;
    let result = result.map(Box::new);
    Ok(Said::Completes { party, step, outcome, officer, approver, reason, result, findings })
}

/// What a correction lists: `/pointer CODE "中文" "English"`, as often as needed.
fn findings(cursor: &mut Cursor<'_>) -> Result<Vec<Finding>, Box<Finding>> {
    let mut findings = Vec::new();
    while cursor.peek().starts_with('/') {
        let pointer = cursor.word().unwrap_or_default();
        let is_code = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
        let code = Some(cursor.peek()).filter(|code| !code.is_empty() && code.chars().all(is_code)).map(str::to_owned);
        let code = code.ok_or_else(|| cursor.wrong("大写代码", "a code in SCREAMING_SNAKE_CASE"))?;
        cursor.word();
        let zh = cursor.quoted()?;
        let en = if cursor.peek_char() == Some('"') { cursor.quoted()? } else { zh.clone() };
        findings.push(Finding::error(code, Place::Pointer(pointer), zh, en));
    }
    if findings.is_empty() {
        return Err(cursor.wrong("表单中的位置（以 / 开头）", "a place of the form, beginning with /").into());
    }
    Ok(findings)
}

fn officer(cursor: &mut Cursor<'_>) -> Result<Said, Box<Finding>> {
    let officer = actor(cursor, "officer", OFFICER)?;
    match verb(cursor, OFFICER)?.as_str() {
        "pauses" => {
            let step = named(cursor, "环节", "the step")?;
            cursor.expects("for")?;
            let Some(reason) = PauseReason::parse(cursor.peek()) else {
                let known: Vec<&str> = PauseReason::ALL.into_iter().map(|reason| reason.rule().name).collect();
                let known = known.join(", ");
                let finding = cursor.wrong("暂停原因", "a reason of the pause table");
                return Err(finding.with_help(format!("可以是：{known}。"), format!("One of: {known}.")).into());
            };
            cursor.word();
            let mut clauses = Clauses::default();
            clauses.read(cursor, &["until", "approved", "because"])?;
            let Clauses { until, approver, reason: note, .. } = clauses;
            Ok(Said::Pauses { officer, step, reason, until, approver, note })
        }
        "resumes" => Ok(Said::Resumes { officer, step: named(cursor, "环节", "the step")? }),
        "resolves" => {
            let step = if cursor.takes("the promise") { None } else { Some(named(cursor, "环节", "the step")?) };
            Ok(Said::Resolves { officer, step })
        }
        "extends" => {
            let step = if cursor.takes("the case") { None } else { Some(named(cursor, "环节", "the step")?) };
            let mut clauses = Clauses::default();
            clauses.read(cursor, &["approved", "because"])?;
            let Clauses { approver, reason, .. } = clauses;
            Ok(Said::Extends { officer, step, approver, reason })
        }
        "explains" => {
            let step = named(cursor, "环节", "the step")?;
            cursor.expects("because")?;
            Ok(Said::Explains { officer, step, reason: cursor.quoted()? })
        }
        "cancels" => {
            let mut clauses = Clauses::default();
            clauses.read(cursor, &["because"])?;
            Ok(Said::Cancels { officer, reason: clauses.reason })
        }
        _ => {
            cursor.expects("up because")?;
            Ok(Said::GivesUp { officer, reason: cursor.quoted()? })
        }
    }
}

fn applicant(cursor: &mut Cursor<'_>) -> Result<Said, Box<Finding>> {
    cursor.expects("applicant")?;
    let person = cursor.word().ok_or_else(|| cursor.wrong("人员标识", "the key of the person"))?;
    match verb(cursor, APPLICANT)?.as_str() {
        "rates" => {
            let grade = cursor.peek().parse::<u8>().ok().ok_or_else(|| cursor.wrong("评分", "a grade"))?;
            cursor.word();
            let comment = if cursor.is_at_end() { String::new() } else { cursor.quoted()? };
            Ok(Said::Rates { person, grade, comment })
        }
        "signs" => Ok(Said::Signs { person, step: named(cursor, "环节", "the step")? }),
        "declines" => Ok(Said::Declines { person, step: named(cursor, "环节", "the step")? }),
        _ => {
            cursor.expects("back")?;
            let step = named(cursor, "环节", "the step")?;
            let mut clauses = Clauses::default();
            clauses.read(cursor, &["because"])?;
            Ok(Said::TakesBack { person, step, reason: clauses.reason })
        }
    }
}

/// `credit of head: serious`
fn credit(cursor: &mut Cursor<'_>) -> Result<Said, Box<Finding>> {
    cursor.expects("credit of")?;
    let person = before_colon(cursor, "人员标识", "the key of the person")?.name;
    let Some(blot) = Blot::ALL.into_iter().find(|blot| cursor.takes(blot.words())) else {
        let known = Blot::ALL.map(Blot::words).join(", ");
        let finding = cursor.wrong("信用记录的种类", "what is put on record");
        return Err(finding.with_help(format!("可以是：{known}。"), format!("One of: {known}.")).into());
    };
    Ok(Said::Recorded { person, blot })
}

/// `listed in no-go: 350100/榕溪路1号`
fn listed(cursor: &mut Cursor<'_>) -> Result<Said, Box<Finding>> {
    cursor.expects("listed in")?;
    let register = before_colon(cursor, "名录", "the register")?;
    let key = match cursor.peek_char() {
        Some('"') => cursor.quoted()?,
        _ => cursor.word().ok_or_else(|| cursor.wrong("名录中的键", "the key"))?,
    };
    Ok(Said::Listed { register, key })
}

/// `draw commitments: /check drawn, second/check not drawn`; the case without a name is left out.
fn draw(cursor: &mut Cursor<'_>) -> Result<Said, Box<Finding>> {
    cursor.expects("draw")?;
    let pool = before_colon(cursor, "抽取范围", "what is drawn from")?;
    let mut cases = Vec::new();
    while cases.is_empty() || cursor.takes_char(',') {
        let case = match cursor.peek() {
            "drawn" | "not" => None,
            _ => Some(named(cursor, "办件名称", "a case, and whether it is drawn")?.name),
        };
        let drawn = !cursor.takes("not");
        cursor.expects("drawn")?;
        cases.push((case, drawn));
    }
    Ok(Said::Draws { pool, cases })
}

/// A name with a colon behind it.
fn before_colon(cursor: &mut Cursor<'_>, zh: &str, en: &str) -> Result<Named, Box<Finding>> {
    let mut name = named(cursor, zh, en)?;
    match name.name.strip_suffix(':').filter(|name| !name.is_empty()).map(str::to_owned) {
        Some(before) => {
            name.name = before;
            Ok(name)
        }
        None => Err(cursor.wrong("冒号", "a colon before this").into()),
    }
}

fn named(cursor: &mut Cursor<'_>, zh: &str, en: &str) -> Result<Named, Box<Finding>> {
    let place = cursor.place();
    let name = cursor.word().ok_or_else(|| cursor.wrong(zh, en))?;
    Ok(Named { name, place })
}

/// `registration: approve`, or the step alone.
fn step_and(cursor: &mut Cursor<'_>, zh: &str, en: &str) -> Result<(Named, Option<Named>), Box<Finding>> {
    let mut step = named(cursor, "环节", "the step")?;
    let Some(name) = step.name.strip_suffix(':') else { return Ok((step, None)) };
    step.name = name.to_owned();
    Ok((step, Some(named(cursor, zh, en)?)))
}

/// What may follow, each once, in any order.
#[derive(Default)]
struct Clauses {
    name: Option<String>,
    officer: Option<Named>,
    approver: Option<Named>,
    reason: String,
    until: Option<When>,
    result: Option<Given>,
    result_at: Option<Place>,
}

impl Clauses {
    fn read(&mut self, cursor: &mut Cursor<'_>, known: &[&str]) -> Result<(), Box<Finding>> {
        let mut left = known.to_vec();
        while !cursor.is_at_end() {
            let next = cursor.peek();
            let Some(at) = left.iter().position(|word| *word == next) else {
                let known = left.join(", ");
                let finding = cursor.wrong("补充内容", "one of the clauses that may follow");
                let finding = match left.is_empty() {
                    true => finding.with_help("这一步到此为止。", "The act ends here."),
                    false => finding.with_help(format!("可以是：{known}。"), format!("One of: {known}.")),
                };
                return Err(finding.into());
            };
            let word = left.remove(at);
            cursor.word();
            match word {
                "as" => self.name = Some(named(cursor, "办件名称", "a name for the case")?.name),
                "by" => self.officer = Some(named(cursor, "工作人员", "an officer")?),
                "approved" => {
                    cursor.expects("by")?;
                    self.approver = Some(named(cursor, "工作人员", "an officer")?);
                }
                "because" => self.reason = cursor.quoted()?,
                "until" => self.until = Some(when(cursor)?),
                _ => {
                    self.result_at = Some(cursor.place());
                    self.result = Some(given(cursor)?);
                }
            }
        }
        Ok(())
    }

    /// The changes of a form; a whole value is none.
    fn changes(&mut self) -> Result<Vec<Change>, Box<Finding>> {
        match self.result.take() {
            None => Ok(Vec::new()),
            Some(Given { file: None, value: None, changes }) => Ok(changes),
            Some(_) => {
                let place = self.result_at.take().unwrap_or(Place::Whole);
                let (zh, en) = ("表单在此只能改动个别位置。", "Only single places of the form are changed here.");
                let finding = Finding::error("SCENARIO_ACT", place, zh, en);
                Err(finding
                    .with_help("请写 /位置 = 值 或 without /位置。", "Write `/pointer = value` or `without /pointer`.")
                    .into())
            }
        }
    }
}

/// `{…}`, `licence.json`, `/pointer = value`, `without /pointer`, with commas between.
fn given(cursor: &mut Cursor<'_>) -> Result<Given, Box<Finding>> {
    let mut given = Given { file: None, value: None, changes: Vec::new() };
    let mut first = true;
    while first || cursor.takes_char(',') {
        match cursor.peek_char() {
            Some('{') if first => given.value = Some(cursor.json()?),
            Some('/') => {
                let place = cursor.place();
                let pointer = cursor.word().unwrap_or_default();
                if !cursor.takes_char('=') {
                    return Err(cursor.wrong("=", "`=`").into());
                }
                given.changes.push(Change { pointer, value: Some(cursor.json()?), place });
            }
            _ if cursor.takes("without") => {
                let place = cursor.place();
                let pointer = cursor.word().filter(|pointer| pointer.starts_with('/'));
                let pointer = pointer.ok_or_else(|| cursor.wrong("/位置", "a pointer"))?;
                given.changes.push(Change { pointer, value: None, place });
            }
            _ if first => given.file = Some(named(cursor, "值", "a value, a file or `/pointer = value`")?),
            _ => return Err(cursor.wrong("/位置 = 值", "`/pointer = value`").into()),
        }
        first = false;
    }
    Ok(given)
}
