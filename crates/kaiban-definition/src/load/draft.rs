//! `workflow.yaml` as it was written: every part that could be read, with its place, before any check across parts.

mod certificate;
mod form;
mod outcome;
mod papers;
mod parts;
mod step;

use jiff::civil::Date;
use kaiban_calendar::Budget;
use kaiban_findings::Text;

use super::keys::{self, STEPS_MAX};
use super::reader::{Log, Spot};
use crate::share::Share;
use crate::tree::{At, Node};
pub(super) use certificate::{DraftCertificate, DraftExclusion, DraftGround};
pub(super) use form::{DraftEvidence, DraftRule};
pub(super) use outcome::DraftOutcome;
pub(super) use papers::{DraftCorrections, DraftLetter, DraftRegister};
pub(super) use parts::{DraftGuard, DraftStatutory};
use parts::{budget, guard, share, statutory, working};
pub(super) use step::{DraftBreaks, DraftFilling, DraftForEach, DraftRevokes, DraftStep, DraftWork, RETRIES_DEFAULT};

pub(super) struct Draft {
    pub workflow: Option<Spot<String>>,
    pub version: Option<String>,
    pub effective_from: Option<Date>,
    pub title: Option<Text>,
    pub form: Option<Spot<String>>,
    pub registrar: Option<Spot<Share>>,
    pub subject: Option<Spot<Share>>,
    pub contact: Option<Spot<Share>>,
    pub agent: Option<Spot<Share>>,
    pub identity: Option<Spot<String>>,
    pub closes: Option<Spot<String>>,
    pub intake: Option<DraftIntake>,
    pub corrections: DraftCorrections,
    pub letters: Vec<DraftLetter>,
    pub registers: Vec<DraftRegister>,
    pub promise: Vec<DraftPromise>,
    pub statutory: Option<DraftStatutory>,
    pub rules: Vec<DraftRule>,
    pub evidence: Vec<DraftEvidence>,
    pub steps: Vec<DraftStep>,
}

pub(super) struct DraftPromise {
    pub at: At,
    pub from: Option<Date>,
    pub when: Option<DraftGuard>,
    pub within: Option<Budget>,
}

pub(super) struct DraftIntake {
    pub party: Option<Spot<String>>,
    pub when: Option<DraftGuard>,
    pub deemed_within: Option<Budget>,
    pub letter: Option<Spot<String>>,
    /// Letter with which corrections are asked for; none = it asks for none.
    pub correction: Option<Spot<String>>,
}

impl Draft {
    /// The step of that name.
    pub fn step(&self, name: &str) -> Option<&DraftStep> {
        self.steps.iter().find(|step| step.name.value == name)
    }
}

/// Reads the whole file; none only where it is no map at all.
pub(super) fn read(root: &Node, log: &mut Log<'_>) -> Option<Draft> {
    let mut fields = root.object(&keys::PACKAGE, log)?;
    let draft = Draft {
        workflow: fields.required("workflow", log).and_then(|node| node.name(log)),
        version: fields.required("version", log).and_then(|node| Some(node.text(log)?.value)),
        effective_from: fields.required("effective_from", log).and_then(|node| Some(node.date(log)?.value)),
        title: fields.required("title", log).and_then(|node| node.title(log)),
        form: fields.required("form", log).and_then(|node| node.text(log)),
        registrar: fields.required("registrar", log).and_then(|node| share(node, log)),
        subject: fields.required("subject", log).and_then(|node| share(node, log)),
        contact: fields.optional("contact").and_then(|node| share(node, log)),
        agent: fields.optional("agent").and_then(|node| share(node, log)),
        identity: fields.optional("identity").and_then(|node| node.name(log)),
        closes: fields.required("closes", log).and_then(|node| node.name(log)),
        intake: fields.optional("intake").and_then(|node| intake(node, log)),
        corrections: fields.optional("corrections").and_then(|node| papers::corrections(node, log)).unwrap_or_default(),
        letters: fields.optional("letters").map(|node| papers::letters(node, log)).unwrap_or_default(),
        registers: fields.optional("registers").map(|node| papers::registers(node, log)).unwrap_or_default(),
        promise: each(fields.optional("promise"), promise, log),
        statutory: fields.optional("statutory").and_then(|node| statutory(node, log)),
        rules: each(fields.optional("rules"), form::rule, log),
        evidence: each(fields.optional("evidence"), form::evidence, log),
        steps: fields.required("steps", log).map(|node| steps(node, log)).unwrap_or_default(),
    };
    fields.finish(log);
    Some(draft)
}

/// The entries of a list that may be left out.
fn each<T>(list: Option<&Node>, read: fn(&Node, &mut Log<'_>) -> Option<T>, log: &mut Log<'_>) -> Vec<T> {
    list.map(|node| node.list(log).iter().filter_map(|entry| read(entry, log)).collect()).unwrap_or_default()
}

/// The package is called as its folder.
pub(super) fn check_name(draft: &Draft, folder: &str, log: &mut Log<'_>) {
    if let Some(Spot { at, value }) = draft.workflow.as_ref().filter(|workflow| workflow.value != folder) {
        log.error(
            *at,
            "WORKFLOW_NAME",
            format!("名称 {value} 与所在文件夹 {folder} 不一致。"),
            format!("The name is `{value}`, its folder is `{folder}`."),
        );
    }
}

fn steps(node: &Node, log: &mut Log<'_>) -> Vec<DraftStep> {
    let entries = node.entries(log).unwrap_or_default();
    if entries.is_empty() {
        log.error(node.at, "NO_STEPS", "至少要有一个环节。", "A package has at least one step.");
    }
    if let Some((key, _)) = entries.get(STEPS_MAX) {
        let (zh, en) = (format!("环节不得超过 {STEPS_MAX} 个。"), format!("A package has at most {STEPS_MAX} steps."));
        log.error(key.at, "TOO_MANY_STEPS", zh, en);
    }
    entries.iter().take(STEPS_MAX).filter_map(|(key, node)| step::step(key, node, log)).collect()
}

fn intake(node: &Node, log: &mut Log<'_>) -> Option<DraftIntake> {
    let mut fields = node.object(&keys::INTAKE, log)?;
    let party = fields.required("party", log).and_then(|node| node.text(log));
    let when = fields.optional("when").and_then(|node| guard(node, log));
    let deemed_within = fields.required("deemed_within", log).and_then(|node| budget(node, log));
    let letter = fields.optional("letter").and_then(|node| node.name(log));
    let correction = fields.optional("correction").and_then(|node| node.name(log));
    fields.finish(log);
    Some(DraftIntake { party, when, deemed_within, letter, correction })
}

fn promise(node: &Node, log: &mut Log<'_>) -> Option<DraftPromise> {
    let mut fields = node.object(&keys::PROMISE, log)?;
    let from = fields.required("from", log).and_then(|node| Some(node.date(log)?.value));
    let when = fields.optional("when").and_then(|node| guard(node, log));
    let within = fields.required("within", log).and_then(|node| working(node, log));
    fields.finish(log);
    Some(DraftPromise { at: node.at, from, when, within })
}
