//! The outcome that asks the applicant for everything that is missing, once (一次性告知, 行政许可法 §32). Every finding
//! points into what the step shares, and only these places open for editing.

use kaiban_definition::Step;
use kaiban_findings::{Finding, Place};

use crate::case::StepState;
use crate::event::Event;
use crate::outlook::Outlook;
use crate::rejection::Rejection;

/// Who asked, under which epoch, with which words.
pub(super) struct Decided {
    pub epoch: i64,
    pub officer: Option<String>,
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
    let problems = problems(outlook, def, findings);
    if !problems.is_empty() {
        return Err(Rejection::CorrectionInvalid(problems));
    }
    let mut pointers: Vec<String> = findings.iter().filter_map(pointer).map(str::to_owned).collect();
    pointers.sort();
    pointers.dedup();
    let number = 1 + outlook.case.corrections.iter().filter(|correction| correction.step == def.name).count();
    let event = Event::CorrectionAsked {
        step: def.name.clone(),
        correction: format!("{}.{number}", def.name),
        findings: digest.clone(),
        pointers,
        reason: by.reason,
        epoch: by.epoch,
        officer: by.officer,
    };
    outlook.turn(&def.name, StepState::Correction, event);
    Ok(())
}

fn pointer(finding: &Finding) -> Option<&str> {
    match &finding.place {
        Place::Pointer(pointer) if !pointer.is_empty() => Some(pointer),
        _ => None,
    }
}

fn problems(outlook: &Outlook<'_>, def: &Step, findings: &[Finding]) -> Vec<Finding> {
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
            Some(pointer) if !def.shares_pointer(pointer) || !outlook.def.form.has(pointer) => {
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
    problems
}
