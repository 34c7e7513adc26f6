//! A certificate and what may stand for it.

use kaiban_findings::Text;

use super::parts::{DraftGuard, code, guard, share};
use crate::load::keys;
use crate::load::reader::{Log, Spot};
use crate::share::Share;
use crate::tree::Node;

pub(in crate::load) struct DraftCertificate {
    pub law: Option<String>,
    pub why: Option<Text>,
    pub evidence: Option<Spot<Share>>,
    pub shared: Option<DraftGuard>,
    pub letter: Option<Spot<String>>,
    pub commitment: Option<DraftCommitment>,
}

pub(in crate::load) struct DraftCommitment {
    pub letter: Option<Spot<String>>,
    pub unit: Option<Spot<Share>>,
    pub unless: Vec<DraftExclusion>,
}

pub(in crate::load) struct DraftExclusion {
    pub code: Option<String>,
    pub holds: Option<DraftGround>,
    pub message: Option<Text>,
    pub law: Option<String>,
}

pub(in crate::load) enum DraftGround {
    When(Box<DraftGuard>),
    Listed(Spot<String>),
}

pub(super) fn certificate(node: &Node, log: &mut Log<'_>) -> Option<DraftCertificate> {
    let mut fields = node.object(&keys::PROVES, log)?;
    let law = fields.required("law", log).and_then(|node| Some(node.text(log)?.value));
    let why = fields.required("why", log).and_then(|node| node.title(log));
    let evidence = fields.required("evidence", log).and_then(|node| share(node, log));
    let shared = fields.optional("shared").and_then(|node| guard(node, log));
    let letter = fields.required("letter", log).and_then(|node| node.name(log));
    let commitment = fields.optional("commitment").and_then(|node| commitment(node, log));
    fields.finish(log);
    Some(DraftCertificate { law, why, evidence, shared, letter, commitment })
}

fn commitment(node: &Node, log: &mut Log<'_>) -> Option<DraftCommitment> {
    let mut fields = node.object(&keys::COMMITMENT, log)?;
    let letter = fields.required("letter", log).and_then(|node| node.name(log));
    let unit = fields.optional("unit").and_then(|node| share(node, log));
    let unless = fields
        .optional("unless")
        .map(|node| node.list(log).iter().filter_map(|node| exclusion(node, log)).collect())
        .unwrap_or_default();
    fields.finish(log);
    Some(DraftCommitment { letter, unit, unless })
}

fn exclusion(node: &Node, log: &mut Log<'_>) -> Option<DraftExclusion> {
    let mut fields = node.object(&keys::EXCLUSION, log)?;
    let code = fields.required("code", log).and_then(|node| code(node, log));
    let when = fields.optional("when").map(|node| guard(node, log).map(|guard| DraftGround::When(Box::new(guard))));
    let listed = fields.optional("listed").map(|node| node.text(log).map(DraftGround::Listed));
    if when.is_some() == listed.is_some() {
        log.error(
            node.at,
            "EXCLUSION_GROUND",
            "when、listed 必须且只能写一个。",
            "An exclusion has exactly one of `when` and `listed`.",
        );
        log.help("一条只写一个理由，其余另写一条。", "One entry gives one ground; write another for the rest.");
    }
    let mut side = |name, log: &mut Log<'_>| Some(fields.required(name, log)?.text(log)?.value);
    let (zh, en, law) = (side("zh", log), side("en", log), side("law", log));
    fields.finish(log);
    let message = zh.zip(en).map(|(zh, en)| Text::new(zh, en));
    Some(DraftExclusion { code, holds: when.or(listed).flatten(), message, law })
}
