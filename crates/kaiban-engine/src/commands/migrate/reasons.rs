//! Why a case cannot go on by another version of its package as it stands. All reasons at once, each with what to do.

use kaiban_calendar::local_date;
use kaiban_definition::{Dropped, INTAKE, Step, Work, branch_parts};
use kaiban_findings::{Finding, Place};

use super::{Move, is_under_way};
use crate::case::{StepRun, StepState};
use crate::invariants;
use crate::outlook::Outlook;
use crate::rejection::Rejection;

fn reason(code: &'static str, (zh, en): (String, String), (help_zh, help_en): (&str, &str)) -> Finding {
    Finding::error(code, Place::Whole, zh, en).with_help(help_zh, help_en)
}

/// A guard of an edge that the old version did not have.
pub(super) fn undecidable(step: &str, need: &str) -> Finding {
    let said = (
        format!("无法判断环节 {step} 是否须等待 {need}。"),
        format!("Whether `{step}` needs `{need}` cannot be decided."),
    );
    reason("MIGRATION_UNDECIDABLE", said, ("请检查新版本中该条件。", "Look at that guard of the new version."))
}

impl Move<'_> {
    pub(super) fn reasons(&self, outlook: &Outlook<'_>) -> Result<Vec<Finding>, Rejection> {
        let mut reasons = Vec::new();
        self.form(outlook, &mut reasons)?;
        if self.case.revocation.is_some() {
            let said =
                ("办件已被撤销，正在恢复原状。".into(), "What was granted was revoked and is being undone.".into());
            reasons.push(reason("MIGRATION_REVOKED", said, ("请待撤销办结。", "Wait until that has ended.")));
        }
        for (branch, run) in &self.case.steps {
            self.dropped(branch, run, &mut reasons);
        }
        for (branch, run, old, new) in self.runs() {
            self.kept(outlook, (branch, run, old, new), &mut reasons);
        }
        self.too_late(&mut reasons);
        Ok(reasons)
    }

    /// The form fits the new schema and rules, and its registrar is the same.
    fn form(&self, outlook: &Outlook<'_>, reasons: &mut Vec<Finding>) -> Result<(), Rejection> {
        let form = outlook.form_value().ok_or(Rejection::DocumentMissing)?;
        let findings = self.to.check_form(&form, local_date(self.case.received_at_us));
        reasons.extend(findings.into_iter().filter(Finding::is_error));
        let registrar = form.pointer(&self.to.registrar).and_then(serde_json::Value::as_str);
        if registrar != Some(self.case.division.as_str()) {
            let said = (
                "新版本从表单另一处读取登记机关，与办件的登记机关不同。".into(),
                "The new version reads another registrar from the form than the case has.".into(),
            );
            reasons.push(reason("MIGRATION_DIVISION", said, ("该办件须按原版本办结。", "It ends by the old version.")));
        }
        Ok(())
    }

    /// What a dropped step leaves behind.
    fn dropped(&self, branch: &str, run: &StepRun, reasons: &mut Vec<Finding>) {
        let step = branch_parts(branch).0;
        let Some(how) = self.migration.dropped.get(step) else { return };
        let mut add = |code, zh: &str, en: &str, help: (&str, &str)| {
            let said = (format!("新版本取消的环节 {branch} {zh}。"), format!("`{branch}`, which is dropped, {en}."));
            reasons.push(reason(code, said, help));
        };
        if is_under_way(run) && (*how == Dropped::Left || step == INTAKE) {
            let help = (
                "请待该环节办结，或在映射中写明 withdrawn。",
                "Wait until it has ended, or let the mapping withdraw it.",
            );
            add("MIGRATION_STEP_UNDER_WAY", "正在办理", "is under way", help);
        }
        if run.holds.is_some() {
            let help = ("该办件须按原版本办结。", "The case ends by the old version.");
            add("MIGRATION_RESERVATION", "仍为本办件保留名录中的名称", "holds a key of a register for the case", help);
        }
        if self.case.commitments.iter().any(|said| said.step == branch) {
            let help = ("该办件须按原版本办结。", "The case ends by the old version.");
            add("MIGRATION_COMMITMENT", "已有申请人的告知承诺", "has a commitment of the applicant", help);
        }
        if run.delay.as_ref().is_some_and(|delay| delay.reason.is_none()) {
            let help = ("请先由承办机构说明理由。", "Its office gives the reason first.");
            add("MIGRATION_REASON_OWED", "超时办结而未说明理由", "ended late and no reason was given", help);
        }
        self.waits_for_a_case(branch, run, None, reasons);
    }

    /// A step that goes on, perhaps under another name.
    fn kept(
        &self,
        outlook: &Outlook<'_>,
        (branch, run, old, new): (&str, &StepRun, &Step, &Step),
        reasons: &mut Vec<Finding>,
    ) {
        if run.counted != new.counts && !run.ledger.0.is_empty() {
            let said = (
                format!("环节 {branch} 已开始，而新版本对其是否计入承诺时限的规定不同。"),
                format!("`{branch}` has begun, and counts otherwise towards the promise in the new version."),
            );
            reasons.push(reason("MIGRATION_COUNTS", said, ("该办件须按原版本办结。", "It ends by the old version.")));
        }
        if old.name != new.name || waits(old) != waits(new) {
            self.waits_for_a_case(branch, run, Some(&new.name), reasons);
        }
        let group = run.branches.is_some() && branch_parts(branch).1.is_none();
        if run.state != StepState::Completed || group {
            return;
        }
        let content = run.result.as_ref().map(|digest| outlook.cx.documents.get(digest));
        let fits = match (&new.result, content) {
            (Some(schema), Some(Some(result))) => !schema.check(result).iter().any(Finding::is_error),
            (None, None) => true,
            (Some(_), _) => false,
            // The system writes what it finds without a schema.
            (None, Some(_)) => invariants::gives_result(new),
        };
        if !fits {
            let said = (
                format!("环节 {branch} 的办理结果不符合新版本的结果格式。"),
                format!("The result of `{branch}` does not fit the new version's schema."),
            );
            let help = (
                "请放宽新版本的结果格式，或让该办件按原版本办结。",
                "Widen that schema, or let the case end by the old version.",
            );
            reasons.push(reason("MIGRATION_RESULT", said, help));
        }
    }

    /// The case that a step has started comes back to the name and in the way that it knows.
    fn waits_for_a_case(&self, branch: &str, run: &StepRun, new: Option<&str>, reasons: &mut Vec<Finding>) {
        let Some(Work::Start { .. }) = self.from.step(branch).map(|step| &step.work) else { return };
        let out = run.state == StepState::Waiting
            || run.sub_case.is_some() && run.sub_outcome.is_none() && run.result.is_none();
        if out {
            let to = new.map_or_else(String::new, |new| format!(" → {new}"));
            let said = (
                format!("环节 {branch}{to} 发起的办件尚未办结。"),
                format!("The case that `{branch}`{to} has started has not ended."),
            );
            reasons.push(reason("MIGRATION_SUB_CASE", said, ("请待该办件办结。", "Wait until that case has ended.")));
        }
    }

    /// Steps that have begun, and need a new one by the new version.
    fn too_late(&self, reasons: &mut Vec<Finding>) {
        let satisfied = self.satisfied();
        for (branch, _, _, new) in self.runs().filter(|(branch, run, ..)| {
            branch_parts(branch).1.is_none() && invariants::has_begun(run) && run.state != StepState::Withdrawn
        }) {
            let needed = new.needs.iter().filter(|need| need.when.is_none()).map(|need| &need.step);
            for added in needed.filter(|need| self.migration.added.contains_key(*need) && !satisfied.contains(need)) {
                let said = (
                    format!("环节 {branch} 已开始，而新版本要求先办新增的环节 {added}。"),
                    format!("`{branch}` has begun, and by the new version needs the new step `{added}` first."),
                );
                let help = (
                    "请在映射中写明 satisfied_once_begun，或让该办件按原版本办结。",
                    "Say `satisfied_once_begun` in the mapping, or let the case end by the old version.",
                );
                reasons.push(reason("MIGRATION_TOO_LATE", said, help));
            }
        }
    }
}

fn waits(step: &Step) -> bool {
    matches!(step.work, Work::Start { waits: true, .. })
}
