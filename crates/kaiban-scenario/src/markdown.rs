//! The little of Markdown that a scenario needs: its first heading and its fenced blocks.

use kaiban_findings::{Finding, Place};

/// A fenced block.
#[derive(Debug)]
pub(crate) struct Fence<'t> {
    /// What stands behind the opening fence.
    pub info: &'t str,
    /// Line of the opening fence, from 1.
    pub line: u32,
    /// The lines between the fences.
    pub lines: Vec<&'t str>,
}

#[derive(Debug)]
pub(crate) struct Markdown<'t> {
    pub title: Option<&'t str>,
    pub fences: Vec<Fence<'t>>,
}

const FENCE: &str = "```";

pub(crate) fn read<'t>(path: &str, text: &'t str, findings: &mut Vec<Finding>) -> Markdown<'t> {
    let mut markdown = Markdown { title: None, fences: Vec::new() };
    let mut open: Option<Fence<'t>> = None;
    for (number, line) in (1..).zip(text.lines()) {
        let marker = line.trim_end();
        match &mut open {
            Some(fence) if marker != FENCE => fence.lines.push(line),
            Some(_) => markdown.fences.extend(open.take()),
            None => {
                if let Some(info) = marker.strip_prefix(FENCE) {
                    open = Some(Fence { info: info.trim(), line: number, lines: Vec::new() });
                } else if let Some(title) = marker.strip_prefix("# ").filter(|_| markdown.title.is_none()) {
                    markdown.title = Some(title.trim());
                }
            }
        }
    }
    if let Some(fence) = open {
        let place = Place::File { path: path.to_owned(), line: fence.line, column: 1 };
        let finding = Finding::error("SCENARIO_BLOCK_OPEN", place, "代码块没有结束。", "This block does not end.");
        findings.push(finding.with_help("请在块后另起一行写 ```。", "Write ``` on a line of its own behind it."));
    }
    markdown
}
