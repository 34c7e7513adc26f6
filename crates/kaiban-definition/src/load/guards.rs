//! The guards against the forms and results that they read: everything exists, is surely there or asked for with
//! `has()`, and is true or false where it must be.

use std::collections::BTreeSet;

use super::draft::{Draft, DraftGround, DraftGuard, DraftStep};
use super::graph::{Graph, known_step};
use super::reader::{Log, Spot};
use super::schemas::{Found, Schemas, by_key};
use crate::guard::{End, Read, Root};
use crate::schema::{Field, Kind, Part, Schema};
use crate::share::Share;
use crate::tree::At;

pub(super) fn check(draft: &Draft, schemas: &Schemas, graph: &Graph, log: &mut Log<'_>) {
    let scope = Scope { step: None, results: false, item: None, credit: false };
    let mut guards: Vec<(&DraftGuard, Scope<'_>)> = Vec::new();
    guards.extend(draft.promise.iter().filter_map(|promise| Some((promise.when.as_ref()?, scope))));
    guards.extend(draft.intake.iter().filter_map(|intake| Some((intake.when.as_ref()?, scope))));
    guards.extend(draft.registers.iter().filter_map(|register| Some((register.key.as_ref()?, scope))));
    for rule in &draft.rules {
        let item = rule.for_each.as_ref().map(|list| &list.value);
        guards.extend(rule.broken.as_ref().map(|broken| (broken, Scope { item, ..scope })));
    }
    for evidence in &draft.evidence {
        let item = evidence.for_each.as_ref().map(|list| &list.value);
        guards.extend(evidence.when.as_ref().map(|when| (when, Scope { item, ..scope })));
    }
    let identity = draft.identity.as_ref().and_then(|identity| draft.step(&identity.value));
    let identity = identity.and_then(|step| Some(&step.for_each.as_ref()?.over.value));
    for step in &draft.steps {
        let whole = Scope { step: Some(step), results: true, ..scope };
        let branch = Scope { item: step.for_each.as_ref().map(|for_each| &for_each.over.value), ..whole };
        // Whether a step was asked for is known before anything has a result, and for the step as a whole.
        guards.extend(step.requested.as_ref().map(|requested| (requested, Scope { results: false, ..whole })));
        guards.extend(step.needs.iter().filter_map(|need| Some((need.when.as_ref()?, whole))));
        guards.extend(step.when.as_ref().map(|when| (when, branch)));
        if let Some(certificate) = step.certificate() {
            guards.extend(certificate.shared.as_ref().map(|shared| (shared, whole)));
            // Whoever signs may do so before anything has a result.
            let signs = Scope { item: identity, credit: true, ..scope };
            let unless = certificate.commitment.iter().flat_map(|commitment| &commitment.unless);
            guards.extend(unless.filter_map(|unless| match unless.holds.as_ref()? {
                DraftGround::When(when) => Some((when.as_ref(), signs)),
                DraftGround::Listed(_) => None,
            }));
        }
        guards.extend(step.decide.iter().filter_map(|rule| Some((rule.when.as_ref()?, branch))));
    }
    for (guard, scope) in guards {
        Check { draft, schemas, graph, guard, scope }.run(log);
    }
}

/// What a guard can read besides `form` and `case`.
#[derive(Clone, Copy)]
struct Scope<'c> {
    /// The step that it belongs to.
    step: Option<&'c DraftStep>,
    /// Results of the steps that this step waits for.
    results: bool,
    /// The list whose element `item` is.
    item: Option<&'c Share>,
    /// What is on record about who would sign a commitment.
    credit: bool,
}

/// Reports a field that no form or result can have.
pub(super) fn unknown_field(at: At, path: &str, log: &mut Log<'_>) {
    log.error(at, "UNKNOWN_FIELD", format!("没有字段 {path}。"), format!("There is no field `{path}`."));
    log.help("请对照表单或结果的 schema 文件。", "Compare with the schema file of the form or result.");
}

/// Reports a step whose result is read but that gives none.
pub(super) fn gives_result(draft: &Draft, name: &str, at: At, log: &mut Log<'_>) {
    if draft.step(name).is_some_and(|step| step.result.is_none() && !step.has_own_result()) {
        log.error(at, "NO_RESULT", format!("环节 {name} 没有结果。"), format!("Step `{name}` gives no result."));
        log.help(format!("请给 {name} 写上 result。"), format!("Give `{name}` a `result`."));
    }
}

struct Check<'c> {
    draft: &'c Draft,
    schemas: &'c Schemas,
    graph: &'c Graph,
    guard: &'c DraftGuard,
    scope: Scope<'c>,
}

impl Check<'_> {
    fn run(&self, log: &mut Log<'_>) {
        let analysis = self.guard.guard.analysis();
        let mut told = BTreeSet::new();
        for read in &analysis.reads {
            // The same mistake made twice in one guard is told once.
            if told.insert(read.to_string()) || read.sure == 0 {
                self.read(read, log);
            }
        }
        for (end, offset) in &analysis.booleans {
            let kinds = self.kinds(end);
            if !kinds.is_empty() && !kinds.contains(&Kind::Bool) {
                let (zh, en) = ("此处必须是 true 或 false。", "This must be true or false.");
                log.error(self.guard.at(*offset), "GUARD_NOT_BOOLEAN", zh, en);
            }
        }
        for (end, offset) in &analysis.texts {
            let kinds = self.kinds(end);
            if !kinds.is_empty() && !kinds.contains(&Kind::Text) {
                let (zh, en) = ("此处的表达式必须给出文本。", "This expression must give a text.");
                log.error(self.guard.at(*offset), "EXPRESSION_NOT_TEXT", zh, en);
                log.help(
                    "用 + 连接文本，例如 case.registrar + \"/\" + name_key(form.name)。",
                    "Join texts with +, for example case.registrar + \"/\" + name_key(form.name).",
                );
            }
        }
        for (end, takes, offset) in &analysis.arguments {
            let kinds = self.kinds(end);
            if !kinds.is_empty() && !takes.iter().any(|kind| kinds.contains(kind)) {
                let (zh, en) = ("函数参数的类型不对。", "The function cannot take a value of this type.");
                log.error(self.guard.at(*offset), "GUARD_ARGUMENT", zh, en);
                log.help(
                    "日期和名称是文本，要加引号；年数、天数是数字，不加。",
                    "Dates and names are texts and need quotes; counts are numbers and need none.",
                );
            }
        }
        for (left, right, offset) in &analysis.compared {
            let (left, right) = (self.kinds(left), self.kinds(right));
            let known = !left.is_empty() && !right.is_empty();
            let null = left.contains(&Kind::Null) || right.contains(&Kind::Null);
            if known && !null && left.is_disjoint(&right) {
                log.error(
                    self.guard.at(*offset),
                    "GUARD_TYPES",
                    "两边的类型不同，无法比较。",
                    "The two sides have different types and cannot be compared.",
                );
                log.help("文本要加引号，数字不加。", "Texts need quotes, numbers none.");
            }
        }
        for (left, right, takes, offset) in &analysis.joined {
            let (left, right) = (self.kinds(left), self.kinds(right));
            let fits = |kinds: &BTreeSet<Kind>, kind: &Kind| kinds.is_empty() || kinds.contains(kind);
            if !takes.iter().any(|kind| fits(&left, kind) && fits(&right, kind)) {
                log.error(
                    self.guard.at(*offset),
                    "GUARD_TYPES",
                    "两边的类型不同，或者不能这样运算。",
                    "The two sides cannot be put together: they have different types, or types that this does not take.",
                );
                log.help(
                    "文本只能与文本相连，数字只能与数字运算；数字不会变成文本。",
                    "Texts join texts, and numbers go with numbers; no number becomes a text.",
                );
            }
        }
    }

    fn read(&self, read: &Read, log: &mut Log<'_>) {
        let at = self.guard.at(read.offset);
        match read.root {
            Root::Case => {
                if case_kind(&read.path).is_none() {
                    unknown_field(at, &read.to_string(), log);
                    log.help(
                        "case 只有 registrar、workflow、doubts、date。",
                        "`case` has registrar, workflow, doubts and date.",
                    );
                }
            }
            Root::Credit if !self.scope.credit => {
                log.error(at, "CREDIT_NOT_HERE", "此处不能使用 credit。", "`credit` cannot be read here.");
                log.help("credit 只能用在 commitment 的 unless 中。", "It is for the `unless` of a commitment.");
            }
            Root::Credit => {
                if credit_kind(&read.path).is_none() {
                    unknown_field(at, &read.to_string(), log);
                    log.help(
                        "credit 只有 minor、general、serious、broken_promises、risk。",
                        "`credit` has minor, general, serious, broken_promises and risk.",
                    );
                }
            }
            Root::Form => {
                if let Some(form) = &self.schemas.form {
                    self.field(read, &[], read.path.len(), |path| form.look(path), at, log);
                }
            }
            Root::Results => self.result(read, at, log),
            Root::Item => {
                let Some(list) = self.scope.item else {
                    no_item(at, log);
                    return;
                };
                if let (Some(form), Some(base)) = (&self.schemas.form, element(list)) {
                    self.field(read, &base, read.path.len(), |path| form.look(path), at, log);
                }
            }
        }
    }

    fn result(&self, read: &Read, at: At, log: &mut Log<'_>) {
        let Some(step) = self.scope.step.filter(|_| self.scope.results) else {
            log.error(
                at,
                "RESULT_NOT_AWAITED",
                "此处还没有任何结果，不能使用 results。",
                "There are no results here yet; `results` cannot be read.",
            );
            return;
        };
        let Some(Part::Name(other)) = read.path.first() else {
            unknown_field(at, &read.to_string(), log);
            return;
        };
        if !known_step(&self.draft.steps, &Spot { at, value: other.clone() }, log) {
            return;
        }
        let name = &step.name.value;
        let perhaps = self.graph.perhaps_awaits(name, other);
        let awaited = perhaps || self.graph.awaits(name, other);
        // Whoever mistyped a need knows already.
        if !awaited && self.graph.can_tell(name, other) {
            log.error(
                at,
                "RESULT_NOT_AWAITED",
                format!("{name} 不一定等待 {other}，此时可能还没有结果。"),
                format!("`{name}` does not surely wait for `{other}`, so there may be no result yet."),
            );
            log.help(
                format!("请把 {other} 不带条件地写进 needs。"),
                format!("Add `{other}` to `needs` without a condition."),
            );
        }
        gives_result(self.draft, other, at, log);
        let asks_only = read.tested && read.path.len() == 1;
        if awaited && (perhaps || self.graph.may_lack_result(other)) && read.sure == 0 && !asks_only {
            log.error(
                at,
                "RESULT_MAY_BE_ABSENT",
                format!("环节 {other} 可能没有结果：可能未轮到、被跳过或终止。"),
                format!("Step `{other}` may have no result: it can be skipped, ended, or not have its turn."),
            );
            let quoted = if other.contains('-') { format!("`{other}`") } else { other.clone() };
            log.help(format!("请先判断：has(results.{quoted}) && …"), format!("Ask first: has(results.{quoted}) && …"));
        }
        let by_key = by_key(self.draft, other, Some(step));
        let look = |path: &[Part]| match self.schemas.result(other, path, by_key) {
            Found::Field(field) => Some(field),
            // What is not known of a schema with problems of its own is not told here.
            Found::Nothing => Some(Field { kinds: BTreeSet::new(), required: true }),
            Found::Impossible => None,
        };
        self.field(read, &[], read.path.len() - 1, look, at, log);
    }

    /// The last `length` parts of what is read lie below `base`, where `look` finds them.
    fn field(
        &self,
        read: &Read,
        base: &[Part],
        length: usize,
        look: impl Fn(&[Part]) -> Option<Field>,
        at: At,
        log: &mut Log<'_>,
    ) {
        let skip = read.path.len() - length;
        let path = [base, &read.path[skip..]].concat();
        if look(&path).is_none() {
            unknown_field(at, &read.to_string(), log);
            return;
        }
        let must_be_there = path.len() - usize::from(read.tested && length > 0);
        let known = base.len() + read.sure.saturating_sub(skip).min(length);
        let absent = (known + 1..=must_be_there).find(|end| {
            matches!(path[end - 1], Part::Name(_)) && look(&path[..*end]).is_some_and(|field| !field.required)
        });
        if let Some(end) = absent {
            let part = Read { path: read.path[..skip + end - base.len()].to_vec(), ..read.clone() };
            log.doubt(
                at,
                "FIELD_MAY_BE_ABSENT",
                format!("{part} 不是必填项，缺少时条件无法判断，办件会转人工处理。"),
                format!("`{part}` is optional; without it the guard has no answer and the case becomes an incident."),
            );
            log.help(format!("请先判断：has({part}) && …"), format!("Ask first: has({part}) && …"));
        }
    }

    /// The types that an expression can have; empty = not known.
    fn kinds(&self, end: &End) -> BTreeSet<Kind> {
        let known = |schema: Option<&Schema>, path: &[Part]| {
            schema.and_then(|schema| schema.look(path)).map(|field| field.kinds)
        };
        match end {
            End::Is(kind) => BTreeSet::from([*kind]),
            End::Unknown => BTreeSet::new(),
            End::At(Root::Item, path) => {
                let place = self.scope.item.and_then(element).map(|base| [&base, path.as_slice()].concat());
                place.and_then(|path| known(self.schemas.form.as_ref(), &path)).unwrap_or_default()
            }
            End::At(Root::Case, path) => case_kind(path).into_iter().collect(),
            End::At(Root::Credit, path) => credit_kind(path).into_iter().collect(),
            End::At(Root::Form, path) => known(self.schemas.form.as_ref(), path).unwrap_or_default(),
            End::At(Root::Results, path) => match path.split_first() {
                Some((Part::Name(step), path)) => {
                    let by_key = by_key(self.draft, step, self.scope.step);
                    match self.schemas.result(step, path, by_key) {
                        Found::Field(field) => field.kinds,
                        Found::Nothing | Found::Impossible => BTreeSet::new(),
                    }
                }
                _ => BTreeSet::new(),
            },
        }
    }
}

/// The parts from the form to an element of a list.
pub(super) fn element(list: &Share) -> Option<Vec<Part>> {
    match list {
        Share::Form(path) => Some(path.iter().cloned().map(Part::Name).chain([Part::Item]).collect()),
        Share::Item(_) | Share::Result { .. } => None,
    }
}

/// Reports an `item` where no list is walked.
pub(super) fn no_item(at: At, log: &mut Log<'_>) {
    log.error(at, "ITEM_WITHOUT_FOR_EACH", "此处没有 item。", "There is no `item` here.");
    log.help(
        "item 只能用在写有 for_each 的环节、规则或材料中；requested 和 needs 的条件针对整个环节，也没有 item。",
        "`item` exists where `for_each` stands; `requested` and the conditions of `needs` are about the step as a whole.",
    );
}

fn case_kind(path: &[Part]) -> Option<Kind> {
    match path {
        [Part::Name(name)] => match name.as_str() {
            "registrar" | "workflow" | "date" => Some(Kind::Text),
            "doubts" => Some(Kind::Number),
            _ => None,
        },
        _ => None,
    }
}

fn credit_kind(path: &[Part]) -> Option<Kind> {
    match path {
        [Part::Name(name)] => match name.as_str() {
            "minor" | "general" | "serious" | "broken_promises" => Some(Kind::Number),
            "risk" => Some(Kind::Text),
            _ => None,
        },
        _ => None,
    }
}
