//! Registers and the steps that reserve in them.

use super::draft::{Draft, DraftCertificate, DraftGround, DraftRegister, DraftWork};
use super::guards::unknown_field;
use super::outcomes::closes_as;
use super::reader::{Log, Spot};
use super::schemas::Schemas;
use super::shares::names;
use crate::guard::Root;
use crate::schema::Part;
use crate::share::Share;

pub(super) fn check(draft: &Draft, schemas: &Schemas, log: &mut Log<'_>) {
    for register in &draft.registers {
        check_register(draft, register, log);
    }
    for step in &draft.steps {
        if let Some(DraftWork::Reserve { register, at, .. }) = &step.work {
            let register = register.as_ref().and_then(|register| known_register(draft, register, log));
            if let Some(register) = register.filter(|register| register.holds.is_none()) {
                let name = &register.name.value;
                log.error(
                    step.name.at,
                    "REGISTER_KEPT",
                    format!("名录 {name} 没有写 holds，由机构维护，不能申报保留。"),
                    format!("`{name}` has no `holds`: the bureau keeps it, and nobody reserves in it."),
                );
                log.help("请给名录写上 holds。", "Give the register `holds`.");
            }
            if let Some(at) = at {
                check_reservation(register, at, schemas, log);
            }
        }
        for listed in step.certificate().iter().flat_map(|certificate| listed(certificate)) {
            known_register(draft, listed, log);
        }
    }
}

fn check_register(draft: &Draft, register: &DraftRegister, log: &mut Log<'_>) {
    let outcomes = draft.steps.iter().flat_map(|step| &step.outcomes).filter_map(closes_as);
    let closes = draft.closes.as_ref().map(|closes| &closes.value);
    let known: Vec<&str> = closes.into_iter().chain(outcomes).map(String::as_str).collect();
    for outcome in register.keeps.iter().filter(|outcome| !known.contains(&outcome.value.as_str())) {
        let name = &outcome.value;
        log.error(
            outcome.at,
            "UNKNOWN_OUTCOME",
            format!("办件没有结果 {name}。"),
            format!("No case of this package ends as `{name}`."),
        );
        let known = known.join(", ");
        log.help(format!("办件结果：{known}。"), format!("The outcomes of a case are: {known}."));
    }
    let is_this = |used: &Spot<String>| used.value == register.name.value;
    let uses = |work: &DraftWork| match work {
        DraftWork::Reserve { register, .. } => register.as_ref().is_some_and(is_this),
        DraftWork::Prove(certificate) => listed(certificate).any(is_this),
        _ => false,
    };
    if !draft.steps.iter().filter_map(|step| step.work.as_ref()).any(uses) {
        let (zh, en) = ("没有环节使用这个名录。", "No step uses this register.");
        log.doubt(register.name.at, "UNUSED_REGISTER", zh, en);
        log.help(
            "请用 reserves 环节申报，或在 commitment 的 unless 中用 listed 引用，或删去这个名录。",
            "Let a step reserve in it with `reserves`, ask for it with `listed` in the `unless` of a commitment, or leave it out.",
        );
    }
}

/// Registers that exclude somebody from promising.
fn listed(certificate: &DraftCertificate) -> impl Iterator<Item = &Spot<String>> {
    let unless = certificate.commitment.iter().flat_map(|commitment| &commitment.unless);
    unless.filter_map(|unless| match unless.holds.as_ref()? {
        DraftGround::Listed(register) => Some(register),
        DraftGround::When(_) => None,
    })
}

/// The register that a step reserves in; one that is not there is reported.
fn known_register<'d>(draft: &'d Draft, register: &Spot<String>, log: &mut Log<'_>) -> Option<&'d DraftRegister> {
    let name = &register.value;
    let found = draft.registers.iter().find(|found| found.name.value == *name);
    if found.is_none() {
        log.error(
            register.at,
            "UNKNOWN_REGISTER",
            format!("没有名为 {name} 的名录。"),
            format!("There is no register `{name}`."),
        );
        let known: Vec<&str> = draft.registers.iter().map(|register| register.name.value.as_str()).collect();
        let known = known.join(", ");
        log.help(format!("本流程的名录：{known}。"), format!("The registers are: {known}."));
    }
    found
}

/// What the applicant may change is what the register's key is made of.
fn check_reservation(register: Option<&DraftRegister>, at: &Spot<Share>, schemas: &Schemas, log: &mut Log<'_>) {
    let path = match &at.value {
        Share::Form(path) if !path.is_empty() => names(path),
        _ => {
            log.error(at.at, "BAD_PATH", "at 必须指向表单字段。", "`at` must point at a field of the form.");
            return;
        }
    };
    if schemas.form.as_ref().is_some_and(|form| form.look(&path).is_none()) {
        unknown_field(at.at, &at.value.to_string(), log);
        return;
    }
    let Some(found) = register else { return };
    let name = &found.name.value;
    let reads =
        |path: &[Part]| {
            let key = found.key.as_ref();
            key.is_none_or(|key| {
                key.guard.analysis().reads.iter().any(|read| {
                    read.root == Root::Form && (read.path.starts_with(path) || path.starts_with(&read.path))
                })
            })
        };
    if !reads(&path) {
        let shown = at.value.to_string();
        log.error(
            at.at,
            "REGISTER_KEY_ELSEWHERE",
            format!("名录 {name} 的 key 不取自 {shown}，改了它也无济于事。"),
            format!("The key of `{name}` does not come from `{shown}`; changing that would not help the applicant."),
        );
        log.help("at 应指向 key 所用的表单字段。", "Point `at` at the field that the key is made of.");
    }
}
