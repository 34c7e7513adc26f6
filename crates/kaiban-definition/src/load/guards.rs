//! The guards against the forms and results that they read: everything exists, is surely there or asked for with
//! `has()`, and is true or false where it must be.

use std::collections::BTreeSet;

use super::draft::{Draft, DraftGuard};
use super::graph::Graph;
use super::reader::Log;
use super::schemas::Schemas;
use crate::guard::{End, Read, Root};
use crate::schema::{Kind, Part, Schema};
use crate::tree::At;

pub(super) fn check(draft: &Draft, schemas: &Schemas, graph: &Graph, log: &mut Log<'_>) {
    let mut guards: Vec<(&DraftGuard, Option<&str>)> = Vec::new();
    guards.extend(draft.promise.iter().filter_map(|promise| Some((promise.when.as_ref()?, None))));
    guards.extend(draft.intake.iter().filter_map(|intake| Some((intake.when.as_ref()?, None))));
    for step in &draft.steps {
        let name = Some(step.name.value.as_str());
        guards.extend(step.when.as_ref().map(|when| (when, name)));
        guards.extend(step.needs.iter().filter_map(|need| Some((need.when.as_ref()?, name))));
    }
    for (guard, step) in guards {
        Check { draft, schemas, graph, guard, step }.run(log);
    }
}

/// Reports a field that no form or result can have.
pub(super) fn unknown_field(at: At, path: &str, log: &mut Log<'_>) {
    log.error(at, "UNKNOWN_FIELD", format!("没有字段 {path}。"), format!("There is no field `{path}`."));
    log.help("请对照表单或结果的 schema 文件。", "Compare with the schema file of the form or result.");
}

/// Reports a step that does not exist.
pub(super) fn known_step(draft: &Draft, name: &str, at: At, log: &mut Log<'_>) -> bool {
    let known = draft.steps.iter().any(|step| step.name.value == name);
    if !known {
        log.error(at, "UNKNOWN_STEP", format!("没有名为 {name} 的环节。"), format!("There is no step `{name}`."));
    }
    known
}

/// Reports a step whose result is read but that gives none.
pub(super) fn gives_result(draft: &Draft, name: &str, at: At, log: &mut Log<'_>) {
    if draft.steps.iter().any(|step| step.name.value == name && step.result.is_none()) {
        log.error(at, "NO_RESULT", format!("环节 {name} 没有结果。"), format!("Step `{name}` gives no result."));
        log.help(format!("请给 {name} 写上 result。"), format!("Give `{name}` a `result`."));
    }
}

struct Check<'c> {
    draft: &'c Draft,
    schemas: &'c Schemas,
    graph: &'c Graph,
    guard: &'c DraftGuard,
    /// The step that the guard belongs to; none = only `form` and `case` can be read.
    step: Option<&'c str>,
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
    }

    fn read(&self, read: &Read, log: &mut Log<'_>) {
        let at = self.guard.at(read.offset);
        match read.root {
            Root::Case => {
                if case_kind(&read.path).is_none() {
                    unknown_field(at, &read.to_string(), log);
                    log.help("case 只有 registrar、workflow、doubts。", "`case` has registrar, workflow and doubts.");
                }
            }
            Root::Form => {
                if let Some(form) = &self.schemas.form {
                    self.field(read, 0, form, at, log);
                }
            }
            Root::Results => self.result(read, at, log),
        }
    }

    fn result(&self, read: &Read, at: At, log: &mut Log<'_>) {
        let Some(step) = self.step else {
            log.error(
                at,
                "RESULT_NOT_AWAITED",
                "此处还没有任何结果，只能使用 form 和 case。",
                "There are no results here yet; only form and case can be read.",
            );
            return;
        };
        let Some(Part::Name(other)) = read.path.first() else {
            unknown_field(at, &read.to_string(), log);
            return;
        };
        if !known_step(self.draft, other, at, log) {
            return;
        }
        if !self.graph.awaits(step, other) {
            // Whoever mistyped a need knows already.
            if !self.graph.is_sound() {
                return;
            }
            log.error(
                at,
                "RESULT_NOT_AWAITED",
                format!("{step} 不一定等待 {other}，此时可能还没有结果。"),
                format!("`{step}` does not surely wait for `{other}`, so there may be no result yet."),
            );
            log.help(
                format!("请把 {other} 不带条件地写进 needs。"),
                format!("Add `{other}` to `needs` without a condition."),
            );
            return;
        }
        gives_result(self.draft, other, at, log);
        let asks_only = read.tested && read.path.len() == 1;
        if self.graph.may_lack_result(other) && read.sure == 0 && !asks_only {
            log.error(
                at,
                "RESULT_MAY_BE_ABSENT",
                format!("环节 {other} 可能被跳过或终止，没有结果。"),
                format!("Step `{other}` can be skipped or ended, and then has no result."),
            );
            let quoted = if other.contains('-') { format!("`{other}`") } else { other.clone() };
            log.help(format!("请先判断：has(results.{quoted}) && …"), format!("Ask first: has(results.{quoted}) && …"));
        }
        if let Some(schema) = self.schemas.results.get(other) {
            self.field(read, 1, schema, at, log);
        }
    }

    /// The part of the path behind `skip` lies in `schema`.
    fn field(&self, read: &Read, skip: usize, schema: &Schema, at: At, log: &mut Log<'_>) {
        let path = &read.path[skip..];
        if schema.look(path).is_none() {
            unknown_field(at, &read.to_string(), log);
            return;
        }
        let must_be_there = path.len() - usize::from(read.tested && !path.is_empty());
        let known = read.sure.saturating_sub(skip).min(must_be_there);
        let absent = (known + 1..=must_be_there).find(|end| {
            matches!(path[end - 1], Part::Name(_)) && schema.look(&path[..*end]).is_some_and(|field| !field.required)
        });
        if let Some(end) = absent {
            let part = Read { path: read.path[..skip + end].to_vec(), ..read.clone() };
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
            End::At(Root::Case, path) => case_kind(path).into_iter().collect(),
            End::At(Root::Form, path) => known(self.schemas.form.as_ref(), path).unwrap_or_default(),
            End::At(Root::Results, path) => match path.split_first() {
                Some((Part::Name(step), path)) => known(self.schemas.results.get(step), path).unwrap_or_default(),
                _ => BTreeSet::new(),
            },
        }
    }
}

fn case_kind(path: &[Part]) -> Option<Kind> {
    match path {
        [Part::Name(name)] => match name.as_str() {
            "registrar" | "workflow" => Some(Kind::Text),
            "doubts" => Some(Kind::Number),
            _ => None,
        },
        _ => None,
    }
}
