//! The outcome that asks the applicant for everything that is missing, once (一次性告知, 行政许可法 §32). Every finding
//! points into what the step shares, and only these places open for editing.

use std::collections::BTreeSet;

use kaiban_definition::{Effect, Reopening, Step};
use kaiban_findings::{Finding, Place};

use super::corrections::lies_in;
use super::held::is_word;
use crate::case::StepState;
use crate::event::Event;
use crate::material::item;
use crate::outlook::Outlook;
use crate::rejection::Rejection;

/// What was decided, by whom and under which epoch.
pub(super) struct Decided {
    pub branch: String,
    pub outcome: String,
    pub epoch: i64,
    pub officer: Option<String>,
    pub approver: Option<String>,
    pub reason: Option<String>,
}

pub(super) fn decide<'a>(
    outlook: &mut Outlook<'a>,
    def: &'a Step,
    findings: Option<&(String, Vec<Finding>)>,
    by: Decided,
) -> Result<(), Rejection> {
    let Some((digest, findings)) = findings.filter(|(_, f)| !f.is_empty()) else {
        return Err(Rejection::CorrectionInvalid(Vec::new()));
    };
    let problems = problems(outlook, def, &by.branch, findings)?;
    if !problems.is_empty() {
        return Err(Rejection::CorrectionInvalid(problems));
    }
    let reopening = reopening(def, &by.outcome);
    if let Some(reopening) = reopening {
        outlook.may_loop(&by.branch, &by.outcome, reopening)?;
    }
    let spared = reopening.map_or_else(BTreeSet::new, |r| outlook.taken_back_with(&r.steps, &by.branch));
    let places = findings.iter().enumerate();
    let places = places.filter_map(|(at, finding)| Some((format!("/findings/{at}/pointer"), pointer(finding)?)));
    outlook.not_in_use(places, &spared)?;
    let mut pointers: Vec<String> = findings.iter().filter_map(pointer).map(str::to_owned).collect();
    pointers.sort();
    pointers.dedup();
    let breach = is_breach(outlook, &by.branch, &pointers);
    if breach && by.reason.is_none() {
        return Err(Rejection::ReasonRequired);
    }
    let Decided { branch: step, outcome, epoch, officer, approver, reason } = by;
    if reopening.is_some() {
        let (step, reason, officer, outcome) = (step.clone(), reason.clone(), officer.clone(), outcome.clone());
        outlook.events.push(Event::LoopTaken { step, outcome, reason, epoch, officer, approver });
    }
    let untold = outlook.cx.tells;
    let event = Event::CorrectionAsked {
        correction: outlook.next_correction(&step),
        outcome: Some(outcome),
        findings: digest.clone(),
        pointers,
        reason,
        epoch,
        officer,
        untold,
        breach,
        reopens: reopening.map(|reopening| reopening.steps.clone()).unwrap_or_default(),
        remind_at_us: if untold { None } else { outlook.first_reminder_us()? },
        step: step.clone(),
    };
    outlook.turn(&step, StepState::Correction, event);
    Ok(())
}

fn reopening<'a>(def: &'a Step, outcome: &str) -> Option<&'a Reopening> {
    match &def.outcomes.get(outcome)?.effect {
        Effect::Corrects { reopens } => reopens.as_ref(),
        _ => None,
    }
}

/// A later correction of a step may ask for what has changed since the first one, or for what was asked for before;
/// anything else could have been asked for at once.
fn is_breach(outlook: &Outlook<'_>, branch: &str, pointers: &[String]) -> bool {
    let corrections = &outlook.case.corrections;
    let mut earlier = corrections.iter().filter(|correction| correction.step == branch).peekable();
    let Some(since_us) = earlier.peek().map(|first| first.asked_at_us) else { return false };
    let answered = corrections.iter().filter(|other| other.answered_at_us.is_some_and(|at_us| at_us >= since_us));
    let open: Vec<&String> =
        earlier.flat_map(|asked| &asked.pointers).chain(answered.flat_map(|answer| &answer.changed)).collect();
    !pointers.iter().all(|pointer| open.iter().any(|open| lies_in(pointer, open)))
}

fn pointer(finding: &Finding) -> Option<&str> {
    match &finding.place {
        Place::Pointer(pointer) if !pointer.is_empty() => Some(pointer),
        _ => None,
    }
}

/// The finding about a place that a step which has ended decided on.
fn pointer_in_use(at: String, step: &str) -> Finding {
    Finding::error(
        "POINTER_IN_USE",
        Place::Pointer(at),
        format!("该位置已作为环节“{step}”办结的依据，不能再更改。"),
        format!("Step \"{step}\" has ended and was decided on this place."),
    )
    .with_help("请使用会重新开启该环节的办理结果。", "Use an outcome that reopens that step.")
}

impl Outlook<'_> {
    /// Refuses places that steps which have ended decided on. Each comes with where the client named it; `spared` as in
    /// [`Outlook::decided_on`].
    pub(super) fn not_in_use<'p>(
        &self,
        places: impl Iterator<Item = (String, &'p str)>,
        spared: &BTreeSet<&str>,
    ) -> Result<(), Rejection> {
        let (mut steps, mut findings) = (BTreeSet::new(), Vec::new());
        for (at, pointer) in places {
            if let Some(step) = self.decided_on(pointer, spared) {
                steps.insert(step.to_owned());
                findings.push(pointer_in_use(at, step));
            }
        }
        if findings.is_empty() {
            return Ok(());
        }
        Err(Rejection::PointerInUse { steps: steps.into_iter().collect(), findings })
    }
}

fn problems(outlook: &Outlook<'_>, def: &Step, branch: &str, findings: &[Finding]) -> Result<Vec<Finding>, Rejection> {
    let form = outlook.form_value().ok_or(Rejection::DocumentMissing)?;
    let item_at = item(def, branch, &form).map(|(at, _)| at);
    let mut problems = Vec::new();
    if findings.len() > outlook.cx.limits.findings_max {
        problems.push(Finding::error(
            "TOO_MANY_FINDINGS",
            Place::Whole,
            format!("一次补正最多列出{}个问题。", outlook.cx.limits.findings_max),
            format!("A correction lists at most {} findings.", outlook.cx.limits.findings_max),
        ));
    }
    for (at, finding) in findings.iter().enumerate() {
        if !is_word(&finding.code, outlook.cx.limits.word_max) {
            problems.push(Finding::error(
                "CODE_INVALID",
                Place::Pointer(format!("/findings/{at}/code")),
                "问题代码须以大写字母开头，只用大写字母、数字和下划线，连续数字不超过5位，不得填写证件号码、手机号码等个人信息。",
                "A code begins with a capital letter and has only capital letters, digits and `_`, at most 5 digits in a row: it is no number of a person.",
            ));
        }
        let place = || Place::Pointer(format!("/findings/{at}/pointer"));
        match pointer(finding) {
            None => problems.push(Finding::error(
                "POINTER_MISSING",
                place(),
                "每个补正问题须指明表单位置（JSON 指针）。",
                "Every finding of a correction needs a JSON pointer into the form.",
            )),
            // The registrar decides which offices have the case; another registrar is another case.
            Some(pointer) if outlook.def.registrar.starts_with(pointer) => problems.push(Finding::error(
                "POINTER_FIXED",
                place(),
                "登记机关不能通过补正变更，请按不予受理或不予登记处理。",
                "The registering division cannot be changed by a correction.",
            )),
            Some(pointer) if !def.shares_pointer(pointer, item_at.as_deref()) || !outlook.def.form.has(pointer) => {
                problems.push(Finding::error(
                    "POINTER_NOT_SHARED",
                    place(),
                    "该位置不在本环节共享的表单范围内。",
                    "The pointer does not lie in what the form shares with this step.",
                ));
            }
            Some(_) => {}
        }
    }
    Ok(problems)
}
