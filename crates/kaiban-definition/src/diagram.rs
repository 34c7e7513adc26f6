//! Pictures of a package: Mermaid for documents, DOT for Graphviz.
//!
//! Both show the same: the steps (counted ones with a clock), the edges with their conditions, and the outcomes that
//! close the case or end a branch.

use std::fmt::Write;

use crate::model::{Definition, Effect, INTAKE, Step};

/// A Mermaid flowchart.
pub fn mermaid(definition: &Definition) -> String {
    let mut out = String::from("flowchart LR\n");
    let line = |out: &mut String, text: String| {
        let _ = writeln!(out, "    {text}");
    };
    for part in picture(definition) {
        match part {
            Part::Start => line(&mut out, format!("{START}((\"提交\"))")),
            Part::Step { id, label, counts } => {
                line(
                    &mut out,
                    format!("{id}[\"{}\"]{}", quote(&label, "<br/>"), if counts { ":::counted" } else { "" }),
                );
            }
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
        }
    }
    line(&mut out, "classDef counted stroke-width:3px".into());
    line(&mut out, "classDef adverse stroke-dasharray:4".into());
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
            Part::Step { id, label, counts } => {
                let style = if counts { ", penwidth=3" } else { "" };
                line(&mut out, format!("\"{id}\" [label=\"{}\"{style}];", escape(&label)));
            }
            Part::End { id, label, adverse } => {
                let style = if adverse { ", style=dashed" } else { "" };
                line(&mut out, format!("\"{id}\" [shape=oval, label=\"{}\"{style}];", escape(&label)));
            }
            Part::Edge { from, to, label: None } => line(&mut out, format!("\"{from}\" -> \"{to}\";")),
            Part::Edge { from, to, label: Some(label) } => {
                line(&mut out, format!("\"{from}\" -> \"{to}\" [style=dashed, label=\"{}\"];", escape(&label)));
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
    Step { id: String, label: String, counts: bool },
    End { id: String, label: String, adverse: bool },
    Edge { from: String, to: String, label: Option<String> },
}

fn picture(definition: &Definition) -> Vec<Part> {
    let mut parts = vec![Part::Start];
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
        for (from, label) in entries.iter().filter(|_| one.needs.is_empty()) {
            parts.push(Part::Edge { from: from.clone(), to: id(&one.name), label: label.clone() });
        }
        for need in &one.needs {
            let label = need.when.as_ref().map(|when| when.source().to_owned());
            parts.push(Part::Edge { from: id(&need.step), to: id(&one.name), label });
        }
    }
    for one in steps().filter(|one| !steps().any(|other| other.needs.iter().any(|need| need.step == one.name))) {
        parts.push(Part::Edge { from: id(&one.name), to: END.into(), label: None });
    }
    let intake = definition.intake.as_ref().map(|intake| &intake.step);
    for one in intake.into_iter().chain(steps()) {
        ends(one, &mut parts);
    }
    parts
}

/// The outcomes of a step that close the case or end its branch.
fn ends(step: &Step, parts: &mut Vec<Part>) {
    for outcome in step.outcomes.values() {
        let label = match &outcome.effect {
            Effect::Closes(case) => case.clone(),
            Effect::EndsBranch => "本环节终止".to_owned(),
            Effect::Completes | Effect::Corrects => continue,
        };
        let end = format!("END_{}_{}", id(&step.name), id(&outcome.name));
        parts.push(Part::End { id: end.clone(), label, adverse: outcome.adverse });
        parts.push(Part::Edge { from: id(&step.name), to: end, label: Some(outcome.title.zh.clone()) });
    }
}

fn step(step: &Step) -> Part {
    let mut label = format!("{}\n{}", step.title.zh, step.party);
    if step.counts {
        label.push_str("\n⏱ 计时");
    }
    if let Some(within) = &step.within {
        let _ = write!(label, " ≤ {within}");
    }
    if let Some(when) = &step.when {
        let _ = write!(label, "\n? {}", when.source());
    }
    Part::Step { id: id(&step.name), label, counts: step.counts }
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
