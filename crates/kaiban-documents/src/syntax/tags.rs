//! Cuts a template into its tags.

use crate::problems::{Problem, codes};

/// A tag between `{{` and `}}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tag<'a> {
    /// Offset of the `{{`.
    pub at: usize,
    pub kind: Kind,
    /// What stands behind the sign, and where it begins.
    pub inner: &'a str,
    pub inner_at: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Print,
    Open,
    Close,
    Else,
    Partial,
}

/// All tags of a template, in order; comments are left out. Never stops at a problem that it can get past.
pub(super) fn tags<'a>(text: &'a str, problems: &mut Vec<Problem>) -> Vec<Tag<'a>> {
    let mut tags = Vec::new();
    let mut from = 0;
    while let Some(found) = text[from..].find("{{") {
        let at = from + found;
        if text[..at].ends_with('\\') {
            problems.push(not_allowed(at - 1, "\\{{"));
        }
        if text[at..].starts_with("{{{") {
            problems.push(unescaped(at, "{{{"));
            from = text[at..].find("}}").map_or(text.len(), |end| at + end + 2);
            continue;
        }
        let Some((end, inner)) = end_of_tag(text, at) else {
            problems.push(
                Problem::new(at, codes::SYNTAX, "这里的“{{”没有对应的“}}”。", "This `{{` has no `}}`.")
                    .help("在同一标签末尾补上“}}”。", "Write `}}` at the end of the tag."),
            );
            break;
        };
        from = end;
        let Some(inner) = inner else { continue };
        if let Some(tag) = tag(at, inner, problems) {
            tags.push(tag);
        }
    }
    tags
}

/// Where the tag ends, and its inside; no inside for a comment.
fn end_of_tag(text: &str, at: usize) -> Option<(usize, Option<&str>)> {
    let inside = &text[at + 2..];
    if inside.starts_with("!--") {
        return Some((at + 2 + inside.find("--}}")? + 4, None));
    }
    if inside.starts_with('!') {
        return Some((at + 2 + inside.find("}}")? + 2, None));
    }
    let mut quote = None;
    for (index, c) in inside.char_indices() {
        match (quote, c) {
            (Some(open), c) if open == c => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '}') if inside[index..].starts_with("}}") => {
                return Some((at + 2 + index + 2, Some(&inside[..index])));
            }
            // The next tag begins: the end of this one is missing.
            (None, '{') if inside[index..].starts_with("{{") => return None,
            (None, _) => {}
        }
    }
    // An open quotation mark must not hide the rest of the letter.
    inside.find("}}").map(|index| (at + 2 + index + 2, Some(&inside[..index])))
}

fn tag<'a>(at: usize, inner: &'a str, problems: &mut Vec<Problem>) -> Option<Tag<'a>> {
    let inner = inner.strip_suffix('~').unwrap_or(inner).trim_end();
    let end = at + 2 + inner.len();
    let inner = inner.strip_prefix('~').unwrap_or(inner).trim_start();
    let (kind, rest) = match inner.chars().next() {
        Some('#') if inner.starts_with("#>") => return refuse(problems, not_allowed(at, "{{#>")),
        Some('#') if inner.starts_with("#*") => return refuse(problems, not_allowed(at, "{{#*")),
        Some('*') => return refuse(problems, not_allowed(at, "{{*")),
        Some('&') => return refuse(problems, unescaped(at, "{{&")),
        Some('^') => return refuse(problems, not_allowed(at, "{{^").help("写作 {{else}}。", "Write {{else}}.")),
        Some('#') => (Kind::Open, &inner[1..]),
        Some('/') => (Kind::Close, &inner[1..]),
        Some('>') => (Kind::Partial, &inner[1..]),
        _ if inner == "else" => (Kind::Else, ""),
        _ if inner.starts_with("else ") => (Kind::Else, &inner[5..]),
        _ => (Kind::Print, inner),
    };
    let inner = rest.trim_start();
    Some(Tag { at, kind, inner, inner_at: end - inner.len() })
}

fn refuse<T>(problems: &mut Vec<Problem>, problem: Problem) -> Option<T> {
    problems.push(problem);
    None
}

fn not_allowed(at: usize, what: &str) -> Problem {
    Problem::new(at, codes::NOT_ALLOWED, format!("文书模板不使用“{what}”。"), format!("Letters do not have `{what}`."))
}

fn unescaped(at: usize, what: &str) -> Problem {
    not_allowed(at, what)
        .help("文书中的每一个值都要转义，请写作“{{…}}”。", "Every value of a letter is escaped; write `{{…}}`.")
}
