//! A step.

use kaiban_calendar::Budget;
use kaiban_findings::Text;

use super::certificate::{DraftCertificate, certificate};
use super::outcome::{DraftOutcome, outcomes};
use super::parts::{DraftGuard, DraftStatutory, budget, guard, share, statutory, working};
use crate::load::keys::{self, RETRIES_MAX};
use crate::load::reader::{Fields, Log, Spot, name};
use crate::model::{Gravity, INTAKE, OverdueAction};
use crate::share::Share;
use crate::tree::{At, Content, Key, Node};

/// How often a failed attempt is tried again where the package does not say.
pub(in crate::load) const RETRIES_DEFAULT: u32 = 5;

/// Keys of a step that an office does.
const OF_AN_OFFICE: [&str; 12] = [
    "drawn_by",
    "by_two",
    "recuse",
    "within",
    "statutory",
    "shares",
    "result",
    "retries",
    "on_overdue",
    "decide",
    "undo",
    "outcomes",
];

pub(in crate::load) struct DraftStep {
    pub name: Spot<String>,
    pub title: Option<Text>,
    pub work: Option<DraftWork>,
    pub needs: Vec<DraftNeed>,
    pub needs_any: Option<DraftAnyOf>,
    pub for_each: Option<DraftForEach>,
    pub requested: Option<DraftGuard>,
    pub when: Option<DraftGuard>,
    pub decide: Vec<DraftDecision>,
    pub counts: Option<Spot<bool>>,
    pub drawn_by: Option<Spot<String>>,
    pub by_two: bool,
    pub recuse: Vec<Spot<Share>>,
    pub within: Option<Budget>,
    pub statutory: Option<DraftStatutory>,
    pub shares: Vec<Spot<Share>>,
    /// Those of `shares` that are only seen.
    pub sees: Vec<Share>,
    pub result: Option<Spot<String>>,
    pub retries_max: u32,
    pub on_overdue: Vec<DraftOverdue>,
    pub undo: Option<Spot<String>>,
    pub outcomes: Vec<DraftOutcome>,
}

/// Who or what does a step.
pub(in crate::load) enum DraftWork {
    Office {
        party: Spot<String>,
    },
    Wait {
        time: Option<Budget>,
    },
    Reserve {
        register: Option<Spot<String>>,
        at: Option<Spot<Share>>,
        taken: Option<Text>,
        letter: Option<Spot<String>>,
    },
    Prove(Box<DraftCertificate>),
    Start {
        workflow: Option<Spot<String>>,
        form: Option<Vec<(Spot<String>, DraftFilling)>>,
        waits: bool,
        revokes: Option<DraftRevokes>,
        breaks: Option<DraftBreaks>,
    },
    Draw {
        pool: Option<Spot<String>>,
        stratum: Option<Spot<Share>>,
        recuse: Vec<Spot<Share>>,
    },
}

pub(in crate::load) struct DraftRevokes {
    pub after: Vec<Spot<String>>,
    pub step: Option<Spot<String>>,
    pub letter: Option<Spot<String>>,
}

pub(in crate::load) struct DraftBreaks {
    pub after: Vec<Spot<String>>,
    pub certificate: Option<Spot<String>>,
    pub class: Option<Gravity>,
}

pub(in crate::load) enum DraftFilling {
    Share(Spot<Share>),
    Text(String),
    Officer(Spot<String>),
}

pub(in crate::load) struct DraftNeed {
    pub step: Spot<String>,
    pub when: Option<DraftGuard>,
}

pub(in crate::load) struct DraftAnyOf {
    pub at: At,
    pub steps: Vec<Spot<String>>,
    pub cancels_others: bool,
}

pub(in crate::load) struct DraftForEach {
    pub over: Spot<Share>,
    pub key: Option<Spot<String>>,
}

pub(in crate::load) struct DraftDecision {
    pub when: Option<DraftGuard>,
    pub outcome: Option<Spot<String>>,
}

pub(in crate::load) struct DraftOverdue {
    pub at: At,
    pub after: Budget,
    /// The name behind `escalate` or `outcome` stands here.
    pub action: Option<Spot<OverdueAction>>,
}

impl DraftStep {
    /// The result of a step that waits for another case stands in no file.
    pub fn waits_for_case(&self) -> bool {
        matches!(self.work, Some(DraftWork::Start { waits: true, .. }))
    }

    /// The certificate that it asks for.
    pub fn certificate(&self) -> Option<&DraftCertificate> {
        match &self.work {
            Some(DraftWork::Prove(certificate)) => Some(certificate),
            _ => None,
        }
    }

    /// Whether it has a result though no file says which.
    pub fn has_own_result(&self) -> bool {
        self.waits_for_case() || matches!(self.work, Some(DraftWork::Prove(_) | DraftWork::Draw { .. }))
    }

    /// Whether an office does it, as far as could be read.
    pub fn is_office(&self) -> bool {
        matches!(self.work, None | Some(DraftWork::Office { .. }))
    }
}

pub(super) fn step(key: &Key, node: &Node, log: &mut Log<'_>) -> Option<DraftStep> {
    // A step keeps a bad name, so that what needs it is not reported as well.
    name(key.at, &key.name, log);
    if key.name == INTAKE {
        log.error(
            key.at,
            "RESERVED_NAME",
            "intake 是保留名称，不能用作环节名。",
            "`intake` is reserved and cannot name a step.",
        );
    }
    let mut fields = node.object(&keys::STEP, log)?;
    let title = fields.required("title", log).and_then(|node| node.title(log));
    let work = work(key.at, &mut fields, log);
    let needs =
        fields.optional("needs").map(|node| node.list(log).iter().filter_map(|need| self::need(need, log)).collect());
    let needs_any = fields.optional("needs_any").and_then(|node| any_of(node, log));
    let for_each = fields.optional("for_each").and_then(|node| for_each(node, log));
    let requested = fields.optional("requested").and_then(|node| guard(node, log));
    let when = fields.optional("when").and_then(|node| guard(node, log));
    let decide = fields
        .optional("decide")
        .map(|node| node.list(log).iter().filter_map(|rule| decision(rule, log)).collect())
        .unwrap_or_default();
    let counts = fields.optional("counts").and_then(|node| Some(Spot { at: node.at, value: node.boolean(log)? }));
    let drawn_by = fields.optional("drawn_by").and_then(|node| node.text(log));
    let by_two = fields.optional("by_two").and_then(|node| node.boolean(log)).unwrap_or(false);
    let recuse = recused(&mut fields, log);
    let within = fields.optional("within").and_then(|node| working(node, log));
    let statutory = fields.optional("statutory").and_then(|node| statutory(node, log));
    let mut sees = Vec::new();
    let shares = fields
        .optional("shares")
        .map(|node| node.list(log).iter().filter_map(|item| self::shared(item, &mut sees, log)).collect())
        .unwrap_or_default();
    let result = fields.optional("result").and_then(|node| node.text(log));
    let retries_max = fields.optional("retries").and_then(|node| node.count(0, RETRIES_MAX, log));
    let on_overdue = fields
        .optional("on_overdue")
        .map(|node| node.list(log).iter().filter_map(|entry| overdue(entry, log)).collect())
        .unwrap_or_default();
    let undo = fields.optional("undo").and_then(|node| node.text(log));
    let outcomes = fields.optional("outcomes").map(|node| outcomes(node, log)).unwrap_or_default();
    fields.finish(log);
    Some(DraftStep {
        name: Spot { at: key.at, value: key.name.clone() },
        title,
        work,
        needs: needs.unwrap_or_default(),
        needs_any,
        for_each,
        requested,
        when,
        decide,
        counts,
        drawn_by,
        by_two,
        recuse,
        within,
        statutory,
        shares,
        sees,
        result,
        retries_max: retries_max.unwrap_or(RETRIES_DEFAULT),
        on_overdue,
        undo,
        outcomes,
    })
}

/// Exactly one of `party`, `wait`, `reserves`, `starts`, `draws` and `proves`, and the keys that go with it.
fn work(at: At, fields: &mut Fields<'_>, log: &mut Log<'_>) -> Option<DraftWork> {
    let party = fields.optional("party").map(|node| (node.text(log)).map(|party| DraftWork::Office { party }));
    let wait = fields.optional("wait").map(|node| Some(DraftWork::Wait { time: budget(node, log) }));
    let reserves = fields.optional("reserves").map(|node| reserves(node, log));
    let starts = fields.optional("starts").map(|node| starts(node, log));
    let draws = fields.optional("draws").map(|node| draws(node, log));
    let proves = fields
        .optional("proves")
        .map(|node| certificate(node, log).map(|certificate| DraftWork::Prove(Box::new(certificate))));
    let kinds = [
        ("party", &party),
        ("wait", &wait),
        ("reserves", &reserves),
        ("starts", &starts),
        ("draws", &draws),
        ("proves", &proves),
    ];
    let given: Vec<&str> = kinds.iter().filter(|(_, work)| work.is_some()).map(|(name, _)| *name).collect();
    match given[..] {
        [] => {
            fields.missing("party", log);
            log.help(
                "由机构办理写 party，由系统完成写 wait、reserves、starts、draws 或 proves。",
                "Write `party` for a step of an agency; `wait`, `reserves`, `starts`, `draws` or `proves` for one of the system.",
            );
        }
        ["party"] => {
            for name in ["counts", "shares", "outcomes"] {
                if fields.key(name).is_none() {
                    fields.missing(name, log);
                }
            }
        }
        [kind] => {
            // A started case can be undone, and an attempt at starting it can fail.
            let allowed = |name: &str| kind == "starts" && ["undo", "retries"].contains(&name);
            let more = ["reserves", "draws", "proves"].contains(&kind).then_some("for_each");
            for name in OF_AN_OFFICE.into_iter().filter(|name| !allowed(name)).chain(more) {
                if let Some(key) = fields.key(name) {
                    log.error(
                        key.at,
                        "KEY_NOT_HERE",
                        format!("{kind} 环节由系统完成，不能写 {name}。"),
                        format!("A step with `{kind}` is done by the system and cannot have `{name}`."),
                    );
                    log.help(format!("请删去 {name}。"), format!("Leave `{name}` out."));
                }
            }
        }
        _ => {
            let names = given.join("、");
            log.error(at, "STEP_KINDS", format!("{names} 只能写一个。"), "A step is done in one way only.");
            log.help(
                "party、wait、reserves、starts、draws、proves 只留一个。",
                "Keep one of `party`, `wait`, `reserves`, `starts`, `draws` and `proves`.",
            );
            return None;
        }
    }
    party.or(wait).or(reserves).or(starts).or(draws).or(proves).flatten()
}

fn reserves(node: &Node, log: &mut Log<'_>) -> Option<DraftWork> {
    let mut fields = node.object(&keys::RESERVES, log)?;
    let register = fields.required("register", log).and_then(|node| node.text(log));
    let at = fields.required("at", log).and_then(|node| share(node, log));
    let taken = fields.required("taken", log).and_then(|node| node.title(log));
    let letter = fields.required("letter", log).and_then(|node| node.name(log));
    fields.finish(log);
    Some(DraftWork::Reserve { register, at, taken, letter })
}

fn starts(node: &Node, log: &mut Log<'_>) -> Option<DraftWork> {
    let mut fields = node.object(&keys::STARTS, log)?;
    let workflow = fields.required("workflow", log).and_then(|node| node.text(log));
    let form = fields.required("form", log).and_then(|node| {
        let entries = node.entries(log)?.iter();
        Some(entries.filter_map(|(key, node)| filling(key, node, log)).collect::<Vec<_>>())
    });
    let waits = fields.optional("waits").and_then(|node| node.boolean(log)).unwrap_or(false);
    let revokes = fields.optional("revokes").and_then(|node| revokes(node, log));
    let breaks = fields.optional("breaks").and_then(|node| breaks(node, log));
    fields.finish(log);
    Some(DraftWork::Start { workflow, form, waits, revokes, breaks })
}

fn revokes(node: &Node, log: &mut Log<'_>) -> Option<DraftRevokes> {
    let mut fields = node.object(&keys::REVOKES, log)?;
    let after = outcomes_named(&mut fields, log);
    let step = fields.required("step", log).and_then(|node| node.text(log));
    let letter = fields.required("letter", log).and_then(|node| node.name(log));
    fields.finish(log);
    Some(DraftRevokes { after, step, letter })
}

fn breaks(node: &Node, log: &mut Log<'_>) -> Option<DraftBreaks> {
    let mut fields = node.object(&keys::BREAKS, log)?;
    let after = outcomes_named(&mut fields, log);
    let certificate = fields.required("certificate", log).and_then(|node| node.text(log));
    let class = fields.required("class", log).and_then(|node| node.word(&["minor", "general", "serious"], log));
    let class = class.map(|class| match class.as_str() {
        "minor" => Gravity::Minor,
        "general" => Gravity::General,
        _ => Gravity::Serious,
    });
    fields.finish(log);
    Some(DraftBreaks { after, certificate, class })
}

/// Outcomes of another package.
fn outcomes_named(fields: &mut Fields<'_>, log: &mut Log<'_>) -> Vec<Spot<String>> {
    let list =
        fields.required("after", log).map(|node| node.list(log).iter().filter_map(|node| node.text(log)).collect());
    list.unwrap_or_default()
}

fn draws(node: &Node, log: &mut Log<'_>) -> Option<DraftWork> {
    let mut fields = node.object(&keys::DRAWS, log)?;
    let pool = fields.required("pool", log).and_then(|node| node.name(log));
    let stratum = fields.optional("stratum").and_then(|node| share(node, log));
    let recuse = recused(&mut fields, log);
    fields.finish(log);
    Some(DraftWork::Draw { pool, stratum, recuse })
}

/// Where the form names who stands aside.
fn recused(fields: &mut Fields<'_>, log: &mut Log<'_>) -> Vec<Spot<Share>> {
    let list =
        fields.optional("recuse").map(|node| node.list(log).iter().filter_map(|node| share(node, log)).collect());
    list.unwrap_or_default()
}

/// A pointer into the other form, and what is put there: a path of this case, `text:` and a text, or `officer:` and the
/// step that somebody decided.
fn filling(key: &Key, node: &Node, log: &mut Log<'_>) -> Option<(Spot<String>, DraftFilling)> {
    let pointer = Spot { at: key.at, value: key.name.clone() };
    if !pointer.value.starts_with('/') {
        log.error(
            key.at,
            "BAD_POINTER",
            "此处应为 JSON 指针，以 / 开头。",
            "Here must stand a JSON pointer; it begins with `/`.",
        );
        log.help("例如：/domicile/address。", "For example: /domicile/address.");
        return None;
    }
    let text = node.text(log)?;
    if let Some(text) = text.value.strip_prefix("text:") {
        return Some((pointer, DraftFilling::Text(text.trim().to_owned())));
    }
    if let Some(step) = text.value.strip_prefix("officer:") {
        return Some((pointer, DraftFilling::Officer(Spot { at: text.at, value: step.trim().to_owned() })));
    }
    Some((pointer, DraftFilling::Share(share(node, log)?)))
}

/// `registration`, or `{ step: seal, when: form.invoices.paper }`.
fn need(node: &Node, log: &mut Log<'_>) -> Option<DraftNeed> {
    if matches!(node.content, Content::Text(_)) {
        return Some(DraftNeed { step: node.text(log)?, when: None });
    }
    let mut fields = node.object(&keys::NEED, log)?;
    let step = fields.required("step", log).and_then(|node| node.text(log));
    let when = fields.optional("when").and_then(|node| guard(node, log));
    fields.finish(log);
    Some(DraftNeed { step: step?, when })
}

/// `[b, c]`, or `{ of: [b, c], cancels: others }`.
fn any_of(node: &Node, log: &mut Log<'_>) -> Option<DraftAnyOf> {
    let names = |node: &Node, log: &mut Log<'_>| node.list(log).iter().filter_map(|node| node.text(log)).collect();
    if matches!(node.content, Content::List(_)) {
        return Some(DraftAnyOf { at: node.at, steps: names(node, log), cancels_others: false });
    }
    let mut fields = node.object(&keys::NEEDS_ANY, log)?;
    let steps = fields.required("of", log).map(|node| names(node, log));
    let cancels = fields.optional("cancels").and_then(|node| node.word(&["others"], log));
    fields.finish(log);
    Some(DraftAnyOf { at: node.at, steps: steps?, cancels_others: cancels.is_some() })
}

fn for_each(node: &Node, log: &mut Log<'_>) -> Option<DraftForEach> {
    let mut fields = node.object(&keys::FOR_EACH, log)?;
    let over = fields.required("over", log).and_then(|node| share(node, log));
    let key = fields.required("key", log).and_then(|node| node.text(log));
    fields.finish(log);
    Some(DraftForEach { over: over?, key })
}

fn decision(node: &Node, log: &mut Log<'_>) -> Option<DraftDecision> {
    let mut fields = node.object(&keys::DECIDE, log)?;
    let when = fields.required("when", log).and_then(|node| guard(node, log));
    let outcome = fields.required("outcome", log).and_then(|node| node.text(log));
    fields.finish(log);
    Some(DraftDecision { when, outcome })
}

/// `form.name`, or `{ sees: form.contact }`.
fn shared(node: &Node, sees: &mut Vec<Share>, log: &mut Log<'_>) -> Option<Spot<Share>> {
    if matches!(node.content, Content::Text(_)) {
        return share(node, log);
    }
    let mut fields = node.object(&keys::SEES, log)?;
    let seen = fields.required("sees", log).and_then(|node| share(node, log));
    fields.finish(log);
    let seen = seen?;
    if let Share::Result { .. } = seen.value {
        log.error(
            seen.at,
            "SEES_A_RESULT",
            "sees 只用于表单内容；结果不能补正，直接列出即可。",
            "`sees` is for the form: results cannot be corrected anyway.",
        );
        log.help("请去掉 sees。", "List the result without `sees`.");
    }
    sees.push(seen.value.clone());
    Some(seen)
}

fn overdue(node: &Node, log: &mut Log<'_>) -> Option<DraftOverdue> {
    let mut fields = node.object(&keys::OVERDUE, log)?;
    let after = fields.required("after", log).and_then(|node| working(node, log));
    let mut actions = Vec::new();
    if let Some(node) = fields.optional("do") {
        let action = node.word(&["remind"], log).map(|_| OverdueAction::Remind);
        actions.push(action.map(|value| Spot { at: node.at, value }));
    }
    if let Some(node) = fields.optional("escalate") {
        let action = node.text(log).map(|party| OverdueAction::Escalate { party: party.value });
        actions.push(action.map(|value| Spot { at: node.at, value }));
    }
    if let Some(node) = fields.optional("outcome") {
        let action = node.text(log).map(|outcome| OverdueAction::Outcome { outcome: outcome.value });
        actions.push(action.map(|value| Spot { at: node.at, value }));
    }
    if actions.len() != 1 {
        log.error(
            node.at,
            "OVERDUE_ACTIONS",
            "do、escalate、outcome 必须且只能写一个。",
            "An entry has exactly one of `do`, `escalate` and `outcome`.",
        );
        log.help("一条只做一件事，其余另写一条。", "One entry does one thing; write another for the rest.");
    }
    fields.finish(log);
    Some(DraftOverdue { at: node.at, after: after?, action: actions.into_iter().next().flatten() })
}
