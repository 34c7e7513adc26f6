//! From the text of a file to a scenario, with everything that is wrong in it. It never stops at the first problem: every
//! block is read, and within a block every act.

mod act;
mod cursor;
mod when;

use std::collections::BTreeSet;

use kaiban_findings::{Finding, Place};

use crate::markdown::{self, Fence};
use crate::scenario::{Act, Block, Expected, Said, Scenario, Shown, When};
use cursor::Cursor;

/// Reads a scenario. `path` is where findings say that something stands; blocks with other names than `steps`, `journal`
/// and `case` are prose.
pub fn parse(path: &str, text: &str) -> (Scenario, Vec<Finding>) {
    let mut findings = Vec::new();
    let markdown = markdown::read(path, text, &mut findings);
    let at = |line| Place::File { path: path.to_owned(), line, column: 1 };
    if markdown.title.is_none() {
        let finding = Finding::error("SCENARIO_TITLE", at(1), "缺少标题。", "There is no title.");
        findings.push(finding.with_help("第一行请写“# 标题”。", "Begin with `# A title`."));
    }
    let mut blocks = Vec::new();
    for fence in &markdown.fences {
        let mut words = fence.info.split_whitespace();
        let shows = match words.next() {
            Some("steps") => {
                blocks.push(Block::Steps(steps(path, fence, &mut findings)));
                continue;
            }
            Some("journal") => Shown::Journal,
            Some("case") => Shown::Case,
            _ => continue,
        };
        let lines = fence.lines.iter().map(|line| line.trim_end().to_owned()).collect();
        blocks.push(Block::Expected(Expected {
            shows,
            case: words.next().map(str::to_owned),
            line: fence.line,
            lines,
        }));
    }
    let scenario = Scenario { path: path.to_owned(), title: markdown.title.unwrap_or_default().to_owned(), blocks };
    if scenario.acts().next().is_none() && findings.is_empty() {
        let zh = "没有步骤。";
        let finding = Finding::error("SCENARIO_EMPTY", at(1), zh, "There are no steps: nothing happens.");
        findings.push(finding.with_help("请写一个 ```steps 块。", "Write a ```steps block."));
    }
    names(&scenario, &at, &mut findings);
    first_time(&scenario, &mut findings);
    findings.sort_by_key(|finding| match &finding.place {
        Place::File { line, column, .. } => (*line, *column),
        Place::Whole | Place::Pointer(_) => (0, 0),
    });
    (scenario, findings)
}

/// The acts of a block. An indented line goes on with the act before it; an empty line says nothing.
fn steps(path: &str, fence: &Fence<'_>, findings: &mut Vec<Finding>) -> Vec<Act> {
    let mut texts: Vec<(u32, String)> = Vec::new();
    for (number, line) in (fence.line.saturating_add(1)..).zip(&fence.lines) {
        match texts.last_mut() {
            _ if line.trim().is_empty() => {}
            Some((start, text)) if line.starts_with([' ', '\t']) => {
                // Empty lines in between keep their count, so that places stay right.
                let missing = number.saturating_sub(*start) as usize - text.matches('\n').count();
                text.push_str(&"\n".repeat(missing));
                text.push_str(line);
            }
            _ => texts.push((number, (*line).to_owned())),
        }
    }
    let mut acts = Vec::new();
    for (line, text) in texts {
        match act::act(&mut Cursor::new(path, line, text)) {
            Ok(act) => acts.push(act),
            Err(finding) => findings.push(*finding),
        }
    }
    acts
}

/// A case is named once, before it is spoken of; each is shown by a journal at the end.
fn names(scenario: &Scenario, at: &dyn Fn(u32) -> Place, findings: &mut Vec<Finding>) {
    let mut known: BTreeSet<Option<String>> = BTreeSet::new();
    let mut untold: BTreeSet<Option<String>> = BTreeSet::new();
    let unknown = |place: Place, name: &Option<String>| {
        let shown = name.as_deref().unwrap_or_default();
        let zh = if shown.is_empty() {
            "还没有提交办件。".to_owned()
        } else {
            format!("没有名为“{shown}”的办件。")
        };
        let en = match name {
            None => "No case has been submitted yet.".to_owned(),
            Some(name) => format!("No case has been submitted as {name}."),
        };
        Finding::error("SCENARIO_CASE", place, zh, en)
    };
    // What an act could not be read for is told already; its case may be the one that is missed here.
    let sound = !findings.iter().any(Finding::is_error);
    for block in &scenario.blocks {
        match block {
            Block::Steps(acts) => {
                for act in acts {
                    let name = match &act.said {
                        Said::Submits { name, .. } => {
                            if !known.insert(name.clone()) {
                                let (zh, en) = ("已有同名的办件。", "There is another case of this name.");
                                let finding = Finding::error("SCENARIO_CASE", act.place.clone(), zh, en);
                                findings.push(finding.with_help("请写 as 名称。", "Give it one with `as name`."));
                            }
                            name
                        }
                        Said::TimePasses => {
                            untold.extend(known.iter().cloned());
                            continue;
                        }
                        // A register is nobody's, and no journal tells of it.
                        Said::Listed { .. } => continue,
                        Said::Recorded { .. } => {
                            if sound && !is_known(&known, &act.case) {
                                findings.push(unknown(act.place.clone(), &act.case));
                            }
                            continue;
                        }
                        Said::Draws { cases, .. } => {
                            for (name, _) in cases {
                                if sound && !is_known(&known, name) {
                                    findings.push(unknown(act.place.clone(), name));
                                }
                                untold.insert(name.clone());
                            }
                            continue;
                        }
                        _ => &act.case,
                    };
                    if sound && !is_known(&known, name) {
                        findings.push(unknown(act.place.clone(), name));
                    }
                    untold.insert(name.clone());
                }
            }
            Block::Expected(expected) => {
                if sound && !is_known(&known, &expected.case) {
                    findings.push(unknown(at(expected.line), &expected.case));
                }
                if expected.shows == Shown::Journal {
                    untold.remove(&expected.case);
                }
            }
        }
    }
    if sound && !findings.iter().any(Finding::is_error) && !untold.is_empty() {
        let last = scenario.acts().last().map_or(at(1), |act| act.place.clone());
        let names: Vec<String> =
            untold.iter().map(|name| name.as_deref().map_or(String::new(), |n| format!(" {n}"))).collect();
        let (zh, en) = ("最后的步骤之后没有写明办件日志。", "No journal says what the last steps left.");
        let finding = Finding::error("SCENARIO_UNTOLD", last, zh, en);
        let wanted: Vec<String> = names.iter().map(|name| format!("```journal{name}")).collect();
        let wanted = wanted.join(", ");
        findings.push(finding.with_help(format!("请在文末加上 {wanted} 块。"), format!("Add at the end: {wanted}.")));
    }
}

/// A case that a step started is named after it: `<case>/<step>`, `/<step>` for the case without a name.
fn is_known(known: &BTreeSet<Option<String>>, name: &Option<String>) -> bool {
    let root = name.as_deref().and_then(|name| name.split_once('/')).map(|(root, _)| root);
    let root = root.map(|root| Some(root.to_owned()).filter(|root| !root.is_empty()));
    known.contains(name) || root.is_some_and(|root| known.contains(&root))
}

/// The first time says its day.
fn first_time(scenario: &Scenario, findings: &mut Vec<Finding>) {
    if let Some(act) = scenario.acts().next()
        && !matches!(act.when, When::At(..))
    {
        let (zh, en) = ("第一步应写明日期和时间。", "The first act says its day.");
        let finding = Finding::error("SCENARIO_TIME", act.place.clone(), zh, en);
        findings.push(finding.with_help("例如 2026-11-23 09:00。", "For example 2026-11-23 09:00."));
    }
}
