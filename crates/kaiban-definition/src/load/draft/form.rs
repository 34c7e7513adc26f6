//! What is said about the form beyond its schema: rules and evidence.

use jiff::civil::Date;
use kaiban_findings::Text;

use super::parts::{DraftGuard, code, guard, share};
use crate::load::keys;
use crate::load::reader::{Log, Spot};
use crate::share::Share;
use crate::tree::Node;

pub(in crate::load) struct DraftRule {
    pub code: Option<String>,
    pub is_error: Option<bool>,
    pub from: Option<Date>,
    pub until: Option<Spot<Date>>,
    pub for_each: Option<Spot<Share>>,
    pub broken: Option<DraftGuard>,
    pub at: Option<Spot<Share>>,
    pub message: Option<Text>,
    pub help: Option<Text>,
    pub law: Option<String>,
}

pub(in crate::load) struct DraftEvidence {
    pub at: Option<Spot<Share>>,
    pub for_each: Option<Spot<Share>>,
    pub title: Option<Text>,
    pub why: Option<Text>,
    pub law: Option<String>,
    pub when: Option<DraftGuard>,
}

pub(super) fn rule(node: &Node, log: &mut Log<'_>) -> Option<DraftRule> {
    let mut fields = node.object(&keys::RULE, log)?;
    let code = fields.required("code", log).and_then(|node| code(node, log));
    let severity = fields.required("severity", log).and_then(|node| node.word(&["error", "doubt"], log));
    let from = fields.optional("from").and_then(|node| Some(node.date(log)?.value));
    let until = fields.optional("until").and_then(|node| node.date(log));
    let for_each = fields.optional("for_each").and_then(|node| share(node, log));
    let broken = fields.required("broken", log).and_then(|node| guard(node, log));
    let at = fields.required("at", log).and_then(|node| share(node, log));
    let mut side = |name, log: &mut Log<'_>| Some(fields.required(name, log)?.text(log)?.value);
    let (zh, en) = (side("zh", log), side("en", log));
    let help = fields.optional("help").and_then(|node| node.title(log));
    let law = fields.optional("law").and_then(|node| Some(node.text(log)?.value));
    fields.finish(log);
    if let (Some(from), Some(until)) = (from, &until)
        && until.value < from
    {
        log.error(until.at, "BAD_PERIOD", "until 早于 from。", "`until` lies before `from`.");
        log.help("两天都包括在内。", "Both days are included.");
    }
    let message = zh.zip(en).map(|(zh, en)| Text::new(zh, en));
    let is_error = severity.map(|severity| severity == "error");
    Some(DraftRule { code, is_error, from, until, for_each, broken, at, message, help, law })
}

pub(super) fn evidence(node: &Node, log: &mut Log<'_>) -> Option<DraftEvidence> {
    let mut fields = node.object(&keys::EVIDENCE, log)?;
    let at = fields.required("at", log).and_then(|node| share(node, log));
    let for_each = fields.optional("for_each").and_then(|node| share(node, log));
    let title = fields.required("title", log).and_then(|node| node.title(log));
    let why = fields.required("why", log).and_then(|node| node.title(log));
    let law = fields.optional("law").and_then(|node| Some(node.text(log)?.value));
    let when = fields.optional("when").and_then(|node| guard(node, log));
    fields.finish(log);
    Some(DraftEvidence { at, for_each, title, why, law, when })
}
