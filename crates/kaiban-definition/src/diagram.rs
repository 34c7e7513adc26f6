//! Pictures of a package: Mermaid for documents, DOT for Graphviz.
//!
//! Both show the same: the steps (counted ones with a clock; those of the system in shapes of their own), the edges with
//! their conditions, where one of several is enough, the loops (dashed), what undoes what, the outcomes that close the
//! case or end a branch, and, small, what is promised and what happens when a step takes long.

use std::fmt::Write;

use crate::model::{Definition, Effect, INTAKE, OverdueAction, Reopening, Step, Work};

/// A Mermaid flowchart.
pub fn mermaid(definition: &Definition) -> String {
    let mut out = String::from("flowchart LR\n");
    let line = |out: &mut String, text: String| {
        let _ = writeln!(out, "    {text}");
    };
    for part in picture(definition) {
        match part {
            Part::Start => line(&mut out, format!("{START}((\"提交\"))")),
            Part::Step { id, label, counts, look } => {
                let (open, close) = match look {
                    Look::Office => ("[", "]"),
                    Look::Wait => ("{{", "}}"),
                    Look::Reserve => ("[(", ")]"),
                    Look::Start => ("[[", "]]"),
                };
                let class = if counts { ":::counted" } else { "" };
                line(&mut out, format!("{id}{open}\"{}\"{close}{class}", quote(&label, "<br/>")));
            }
            Part::Any { id, label } => line(&mut out, format!("{id}{{\"{}\"}}", quote(&label, "<br/>"))),
            Part::End { id, label, adverse } => {
                line(
                    &mut out,
                    format!("{id}([\"{}\"]){}", quote(&label, "<br/>"), if adverse { ":::adverse" } else { "" }),
                );
            }
            Part::Edge { from, to, label: None } => line(&mut out, format!("{from} --> {to}")),
            Part::Edge { from, to, label: Some(label) } => {
                line(&mut out, format!("{from} -. \"{}\" .-> {to}", quote(&label, "<br/>")));
            }
            Part::Note { of, id, label } => {
                line(&mut out, format!("{id}>\"{}\"]:::note", quote(&label, "<br/>")));
                line(&mut out, format!("{id} -.- {of}"));
            }
        }
    }
    line(&mut out, "classDef counted stroke-width:3px".into());
    line(&mut out, "classDef adverse stroke-dasharray:4".into());
    line(&mut out, "classDef note font-size:11px".into());
    out
}

/// A Graphviz digraph.
pub fn dot(definition: &Definition) -> String {
    let mut out = format!("digraph \"{}\" {{\n", definition.workflow);
    let line = |out: &mut String, text: String| {
        let _ = writeln!(out, "    {text}");
    };
    line(&mut out, "rankdir=LR; node [shape=box];".into());
    for part in picture(definition) {
        match part {
            Part::Start => line(&mut out, format!("\"{START}\" [shape=circle, label=\"提交\"];")),
            Part::Step { id, label, counts, look } => {
                let shape = match look {
                    Look::Office => "",
                    Look::Wait => ", shape=hexagon",
                    Look::Reserve => ", shape=cylinder",
                    Look::Start => ", shape=component",
                };
                let style = if counts { ", penwidth=3" } else { "" };
                line(&mut out, format!("\"{id}\" [label=\"{}\"{shape}{style}];", escape(&label)));
            }
            Part::Any { id, label } => {
                line(&mut out, format!("\"{id}\" [shape=diamond, label=\"{}\"];", escape(&label)));
            }
            Part::End { id, label, adverse } => {
                let style = if adverse { ", style=dashed" } else { "" };
                line(&mut out, format!("\"{id}\" [shape=oval, label=\"{}\"{style}];", escape(&label)));
            }
            Part::Edge { from, to, label: None } => line(&mut out, format!("\"{from}\" -> \"{to}\";")),
            Part::Edge { from, to, label: Some(label) } => {
                line(&mut out, format!("\"{from}\" -> \"{to}\" [style=dashed, label=\"{}\"];", escape(&label)));
            }
            Part::Note { of, id, label } => {
                line(&mut out, format!("\"{id}\" [shape=note, fontsize=9, label=\"{}\"];", escape(&label)));
                line(&mut out, format!("\"{id}\" -> \"{of}\" [style=dotted, dir=none];"));
            }
        }
    }
    out.push_str("}\n");
    out
}

/// Ids that no step can have: those of steps begin with `s_`.
const START: &str = "START";
const END: &str = "END";

enum Part {
    Start,
    Step {
        id: String,
        label: String,
        counts: bool,
        look: Look,
    },
    /// Where the first of several is enough.
    Any {
        id: String,
        label: String,
    },
    End {
        id: String,
        label: String,
        adverse: bool,
    },
    Edge {
        from: String,
        to: String,
        label: Option<String>,
    },
    /// What is said about a node, in small letters beside it.
    Note {
        of: String,
        id: String,
        label: String,
    },
}

/// Who or what does a step.
#[derive(Clone, Copy)]
enum Look {
    Office,
    Wait,
    Reserve,
    Start,
}

fn picture(definition: &Definition) -> Vec<Part> {
    let mut parts = vec![Part::Start];
    parts.extend(promise(definition));
    let mut entries = vec![(START.to_owned(), None)];
    if let Some(intake) = &definition.intake {
        let label = intake.when.as_ref().map(|when| when.source().to_owned());
        let otherwise = label.is_some().then(|| (START.to_owned(), Some("否则直接受理".to_owned())));
        parts.push(step(&intake.step));
        parts.push(Part::Edge { from: START.into(), to: id(INTAKE), label });
        entries = otherwise.into_iter().chain([(id(INTAKE), None)]).collect();
    }
    let steps = || definition.order.iter().filter_map(|name| definition.steps.get(name));
    parts.extend(steps().map(|one| step(one)));
    parts.push(Part::End { id: END.into(), label: definition.closes.clone(), adverse: false });
    for one in steps() {
        let begins = one.needs.is_empty() && one.needs_any.is_none() && one.is_regular();
        for (from, label) in entries.iter().filter(|_| begins) {
            parts.push(Part::Edge { from: from.clone(), to: id(&one.name), label: label.clone() });
        }
        for need in &one.needs {
            let label = need.when.as_ref().map(|when| when.source().to_owned());
            parts.push(Part::Edge { from: id(&need.step), to: id(&one.name), label });
        }
        if let Some(any) = &one.needs_any {
            let gate = format!("ANY_{}", id(&one.name));
            let label = if any.cancels_others { "任一办结\n其余取消" } else { "任一办结" };
            parts.push(Part::Any { id: gate.clone(), label: label.to_owned() });
            for other in &any.steps {
                parts.push(Part::Edge { from: id(other), to: gate.clone(), label: None });
            }
            parts.push(Part::Edge { from: gate, to: id(&one.name), label: None });
        }
    }
    let is_needed = |name: &str| {
        steps().any(|other| {
            let any = other.needs_any.iter().flat_map(|any| &any.steps);
            other.needs.iter().map(|need| &need.step).chain(any).any(|need| need == name)
        })
    };
    for one in steps().filter(|one| one.is_regular() && !is_needed(&one.name)) {
        parts.push(Part::Edge { from: id(&one.name), to: END.into(), label: None });
    }
    let intake = definition.intake.as_ref().map(|intake| &intake.step);
    for one in intake.into_iter().chain(steps()) {
        ends(one, &mut parts);
        back(one, &mut parts);
        parts.extend(overdue(one));
    }
    parts
}

/// What applicants are promised.
fn promise(definition: &Definition) -> Option<Part> {
    let lines = definition.promise.iter().map(|promise| {
        let when = promise.when.as_ref().map(|when| format!("，{}", when.source())).unwrap_or_default();
        format!("承诺 ≤ {}（{} 起{when}）", promise.within.text().zh, promise.from)
    });
    note(START, lines.collect())
}

/// What happens when a step takes long.
fn overdue(step: &Step) -> Option<Part> {
    let lines = step.on_overdue.iter().map(|overdue| {
        let what = match &overdue.action {
            OverdueAction::Remind => "催办".to_owned(),
            OverdueAction::Escalate { party } => format!("告知 {party}"),
            OverdueAction::Outcome { outcome } => {
                let title = step.outcomes.get(outcome).map_or(outcome, |outcome| &outcome.title.zh);
                format!("自动{title}")
            }
        };
        format!("超过 {}：{what}", overdue.after.text().zh)
    });
    note(&id(&step.name), lines.collect())
}

fn note(of: &str, lines: Vec<String>) -> Option<Part> {
    let note = Part::Note { of: of.to_owned(), id: format!("NOTE_{of}"), label: lines.join("\n") };
    (!lines.is_empty()).then_some(note)
}

/// What a step takes back, and what is done when it is taken back itself.
fn back(step: &Step, parts: &mut Vec<Part>) {
    for outcome in step.outcomes.values() {
        let (Effect::Reopens(reopening) | Effect::Corrects { reopens: Some(reopening) }) = &outcome.effect else {
            continue;
        };
        let Reopening { steps, at_most } = reopening;
        for other in steps {
            let label = format!("↺ {}（至多 {at_most} 次）", outcome.title.zh);
            parts.push(Part::Edge { from: id(&step.name), to: id(other), label: Some(label) });
        }
    }
    if let Some(undo) = &step.undo {
        parts.push(Part::Edge { from: id(&step.name), to: id(undo), label: Some("收回时".to_owned()) });
    }
}

/// The outcomes of a step that close the case or end its branch.
fn ends(step: &Step, parts: &mut Vec<Part>) {
    for outcome in step.outcomes.values() {
        let label = match &outcome.effect {
            Effect::Closes(case) => case.clone(),
            Effect::EndsBranch => "本环节终止".to_owned(),
            Effect::Completes | Effect::Corrects { .. } | Effect::Reopens(_) => continue,
        };
        let end = format!("END_{}_{}", id(&step.name), id(&outcome.name));
        parts.push(Part::End { id: end.clone(), label, adverse: outcome.adverse });
        parts.push(Part::Edge { from: id(&step.name), to: end, label: Some(outcome.title.zh.clone()) });
    }
}

fn step(step: &Step) -> Part {
    let (look, who) = match &step.work {
        Work::Office { party } => (Look::Office, party.clone()),
        Work::Wait { time } => (Look::Wait, format!("⏳ {}", time.text().zh)),
        Work::Reserve { register, .. } => (Look::Reserve, format!("名录 {register}")),
        Work::Draw { pool, .. } => (Look::Wait, format!("抽取 {pool}")),
        Work::Prove(_) => (Look::Reserve, "证明".to_owned()),
        Work::Start { workflow, waits, .. } => {
            (Look::Start, format!("{} {workflow}", if *waits { "启动并等待" } else { "启动" }))
        }
    };
    let mut label = format!("{}\n{who}", step.title.zh);
    if step.counts {
        label.push_str("\n⏱ 计时");
    }
    if let Some(within) = &step.within {
        let _ = write!(label, " ≤ {}", within.text().zh);
    }
    if let Some(for_each) = &step.for_each {
        let _ = write!(label, "\n逐项：{}", for_each.over);
    }
    if let Some(requested) = &step.requested {
        let _ = write!(label, "\n申请时：{}", requested.source());
    }
    if let Some(when) = &step.when {
        let _ = write!(label, "\n? {}", when.source());
    }
    for rule in &step.decide {
        let _ = write!(label, "\n自动 {}：{}", rule.outcome, rule.when.source());
    }
    Part::Step { id: id(&step.name), label, counts: step.counts, look }
}

/// Mermaid takes a bare `end` for a keyword.
fn id(name: &str) -> String {
    format!("s_{name}")
}

fn quote(text: &str, newline: &str) -> String {
    let escaped = text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;").replace('>', "&gt;");
    escaped.replace('\n', newline)
}

fn escape(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}
