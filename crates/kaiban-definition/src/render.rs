//! Findings as a person reads them: the line of the file with the place marked.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use kaiban_findings::{Finding, Place};

use crate::files::Files;

/// Renders findings, one after the other, without colours. Files that are not at hand are named without their line.
pub fn render(findings: &[Finding], files: &Files) -> String {
    let renderer = Renderer::plain();
    let rendered: Vec<String> = findings.iter().map(|finding| renderer.render(&[group(finding, files)])).collect();
    rendered.join("\n\n")
}

fn group<'f>(finding: &'f Finding, files: &'f Files) -> Group<'f> {
    let level = if finding.is_error() { Level::ERROR } else { Level::WARNING.with_name("doubt") };
    let title = level.primary_title(finding.message.zh.as_str()).id(finding.code.as_ref());
    let mut group = match &finding.place {
        Place::File { path, line, column } => match files.get(path) {
            Some(text) if !text.is_empty() => {
                let span = word(text, *line, *column);
                let label = finding.message.en.as_str();
                let annotation = AnnotationKind::Primary.span(span).label(label);
                title.element(Snippet::source(text).path(path).annotation(annotation))
            }
            _ => plain(title, finding),
        },
        Place::Whole | Place::Pointer(_) => plain(title, finding),
    };
    if let Some(help) = &finding.help {
        group = group.element(Level::HELP.message(help.zh.as_str())).element(Level::HELP.message(help.en.as_str()));
    }
    group
}

fn plain<'f>(title: annotate_snippets::Title<'f>, finding: &'f Finding) -> Group<'f> {
    let place = format!("{}: {}", finding.place, finding.message.en);
    title.element(Level::NOTE.message(place))
}

/// Byte range of what stands at the place, up to where it plainly ends.
fn word(text: &str, line: u32, column: u32) -> std::ops::Range<usize> {
    let start_of_line: usize = text.split_inclusive('\n').take(line.saturating_sub(1) as usize).map(str::len).sum();
    let rest = &text[start_of_line..];
    let rest = &rest[..rest.find('\n').unwrap_or(rest.len())];
    let skip: usize = rest.chars().take(column.saturating_sub(1) as usize).map(char::len_utf8).sum();
    let word = &rest[skip..];
    let mut chars = word.char_indices();
    let end = match chars.next() {
        Some((_, quote @ ('"' | '\''))) => chars.find(|(_, c)| *c == quote).map(|(at, _)| at + 1),
        Some((_, '{' | '[')) => Some(1),
        Some(_) => chars.find(|(_, c)| c.is_whitespace() || ",:}])".contains(*c)).map(|(at, _)| at),
        None => Some(0),
    };
    let start = start_of_line + skip;
    start..start + end.unwrap_or(word.len())
}
