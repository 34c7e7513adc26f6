//! One letter: compiled once, rendered for each case.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Write};
use std::sync::Arc;

use handlebars::{Context, Handlebars, RenderErrorReason};
use kaiban_findings::{Finding, Place};
use serde_json::Value;

use crate::facts::Facts;
use crate::fields::{Field, Parsed, Walk};
use crate::limits::{OUTPUT_BYTES_MAX, TEMPLATE_BYTES_MAX};
use crate::problems::{Problem, Source, codes};
use crate::{escape, syntax, vocabulary, wrap};

/// Characters of a title.
const TITLE_MAX: usize = 60;

/// What the letters of a package share: a frame, a signature block.
#[derive(Clone, Copy, Debug)]
pub struct Partial<'a> {
    /// Its name, with the `_` that it begins with.
    pub name: &'a str,
    /// Template of its HTML half.
    pub html: &'a str,
    /// Template of its text half.
    pub text: &'a str,
}

/// A letter that can be rendered. Cheap to clone.
#[derive(Clone)]
pub struct Letter {
    inner: Arc<Inner>,
}

struct Inner {
    name: String,
    title: String,
    fields: Vec<Field>,
    html: Handlebars<'static>,
    text: Handlebars<'static>,
}

/// A letter as it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// A complete document that loads nothing and runs nothing.
    pub html: String,
    /// Lines of at most [`TEXT_COLUMNS`](crate::limits::TEXT_COLUMNS) columns; the first is the title.
    pub text: String,
}

/// Why a letter could not be rendered. It tells the place in the template and what was expected there, never a value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RenderError {
    /// A field that is printed is missing or null.
    #[error("{place}: {field} is missing")]
    Missing {
        /// Where in the package.
        place: Place,
        /// The field as the template writes it, or the word that it was for.
        field: String,
    },
    /// A value that a word cannot print, for example a text where a date should be.
    #[error("{place}: not {expected}")]
    Unfit {
        /// Where in the package.
        place: Place,
        /// What should stand there.
        expected: &'static str,
    },
    /// More than [`OUTPUT_BYTES_MAX`] bytes.
    #[error("{place}: the letter is longer than {OUTPUT_BYTES_MAX} bytes")]
    TooLarge {
        /// Where in the package the limit was hit.
        place: Place,
    },
    /// Anything else, for example a list without its element.
    #[error("{place}: cannot be rendered")]
    Other {
        /// Where in the package.
        place: Place,
    },
}

/// One of the two forms of a letter.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Half {
    Html,
    Text,
}

impl Half {
    fn path(self, name: &str) -> String {
        match self {
            Half::Html => format!("letters/{name}.html.hbs"),
            Half::Text => format!("letters/{name}.txt.hbs"),
        }
    }
}

impl Letter {
    /// Compiles a letter from its two templates and the partials of its package. Everything that is wrong is answered
    /// at once, in the letter and in the partials, each with its place in `letters/<name>.html.hbs` or
    /// `letters/<name>.txt.hbs`; it stops at nothing. Fields of form and results are the caller's to judge by
    /// [`fields`](Self::fields); all others are checked here.
    pub fn compile(name: &str, html: &str, text: &str, partials: &[Partial<'_>]) -> Result<Self, Vec<Finding>> {
        let mut findings = Vec::new();
        let mut fields = Vec::new();
        let html_half = half(Half::Html, name, html, partials, &mut fields, &mut findings);
        let text_half = half(Half::Text, name, text, partials, &mut fields, &mut findings);
        let title = title(text);
        if title.is_none() {
            let path = Half::Text.path(name);
            findings.push(
                Problem::new(
                    0,
                    codes::TITLE_MISSING,
                    "文本模板的第一行应是文书标题，且不含标签。",
                    "The first line of the text template is the letter's title and has no tags.",
                )
                .help("例如：受理通知书。", "For example: 受理通知书.")
                .found_in(Source { path: &path, text }),
            );
        }
        match (html_half, text_half, title) {
            (Some(html), Some(text), Some(title)) if findings.is_empty() => {
                let inner = Inner { name: name.to_owned(), title: title.to_owned(), fields, html, text };
                Ok(Self { inner: Arc::new(inner) })
            }
            _ => Err(findings),
        }
    }

    /// Its name in the package.
    pub fn name(&self) -> &str {
        &self.inner.name
    }

    /// Its Chinese title, the first line of its text.
    pub fn title(&self) -> &str {
        &self.inner.title
    }

    /// Every field that it reads, in both halves and through partials, whether or not a rendering comes by.
    pub fn fields(&self) -> &[Field] {
        &self.inner.fields
    }

    /// Renders both halves. The same facts make the same bytes.
    ///
    /// # Errors
    /// When a printed field is missing or does not fit, or a half grows larger than [`OUTPUT_BYTES_MAX`].
    pub fn render(&self, facts: &Facts) -> Result<Rendered, RenderError> {
        let inner = &*self.inner;
        let whole = Place::File { path: Half::Html.path(&inner.name), line: 1, column: 1 };
        let context = context(facts, &inner.title).map_err(|_| RenderError::Other { place: whole })?;
        let context = Context::from(context);
        let html = inner.render(Half::Html, &context)?;
        let text = inner.render(Half::Text, &context)?;
        Ok(Rendered { html, text: wrap::wrap(&text) })
    }
}

impl fmt::Debug for Letter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Letter").field("name", &self.name()).field("title", &self.title()).finish_non_exhaustive()
    }
}

impl Inner {
    fn render(&self, half: Half, context: &Context) -> Result<String, RenderError> {
        let registry = if half == Half::Html { &self.html } else { &self.text };
        let mut out = Bounded::default();
        registry.render_with_context_to_write(&self.name, context, &mut out).map_err(|error| {
            let place = Place::File {
                path: half.path(error.template_name.as_deref().unwrap_or(&self.name)),
                line: error.line_no.unwrap_or(1) as u32,
                column: error.column_no.unwrap_or(1) as u32,
            };
            // Only what comes from the template is passed on.
            match error.reason() {
                RenderErrorReason::MissingVariable(field) => {
                    RenderError::Missing { place, field: field.clone().unwrap_or_else(|| "a field".to_owned()) }
                }
                RenderErrorReason::ParamNotFoundForName(word, _)
                | RenderErrorReason::ParamNotFoundForIndex(word, _) => {
                    RenderError::Missing { place, field: format!("a value of `{word}`") }
                }
                RenderErrorReason::InvalidParamType(expected) => RenderError::Unfit { place, expected },
                RenderErrorReason::IOError(_) => RenderError::TooLarge { place },
                _ => RenderError::Other { place },
            }
        })?;
        let place = Place::File { path: half.path(&self.name), line: 1, column: 1 };
        String::from_utf8(out.bytes).map_err(|_| RenderError::Other { place })
    }
}

/// Takes so many bytes and no more.
#[derive(Default)]
struct Bounded {
    bytes: Vec<u8>,
}

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.bytes.len() + bytes.len() > OUTPUT_BYTES_MAX {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The facts as templates see them: with the letter's title.
pub(crate) fn context(facts: &Facts, title: &str) -> serde_json::Result<Value> {
    let mut context = serde_json::to_value(facts)?;
    if let Some(Value::Object(letter)) = context.get_mut("letter") {
        letter.insert("title".to_owned(), Value::from(title));
    }
    Ok(context)
}

/// Compiles one half; `None` when it cannot be rendered.
fn half(
    half: Half,
    name: &str,
    template: &str,
    partials: &[Partial<'_>],
    fields: &mut Vec<Field>,
    findings: &mut Vec<Finding>,
) -> Option<Handlebars<'static>> {
    let text_of = |partial: &Partial<'_>| match half {
        Half::Html => partial.html.to_owned(),
        Half::Text => partial.text.to_owned(),
    };
    let path = half.path(name);
    let partials: Vec<(&str, String, String)> =
        partials.iter().map(|partial| (partial.name, half.path(partial.name), text_of(partial))).collect();

    let before = findings.len();
    let letter = parsed(half, Source { path: &path, text: template }, findings);
    let partials: BTreeMap<&str, Parsed<'_>> =
        partials.iter().map(|(name, path, text)| (*name, parsed(half, Source { path, text }, findings))).collect();
    // Where blocks are not what they seem, scopes are not either.
    let whole = |parsed: &Parsed<'_>| {
        !parsed.tree.problems.iter().any(|problem| matches!(problem.code, codes::BLOCK | codes::TOO_LARGE))
    };
    if whole(&letter) && partials.values().all(whole) {
        let mut walk = Walk::new(&partials);
        walk.letter(&letter);
        findings.append(&mut walk.findings);
        fields.append(&mut walk.fields);
    }
    if findings.len() > before {
        return None;
    }

    let mut registry = vocabulary::registry(if half == Half::Html { escape::html } else { escape::text });
    let sources = partials.iter().map(|(name, parsed)| (*name, parsed.source)).chain([(name, letter.source)]);
    for (name, source) in sources {
        if let Err(error) = registry.register_template_string(name, source.text) {
            let (line, column) = error.pos().unwrap_or((1, 1));
            let place = Place::File { path: source.path.to_owned(), line: line as u32, column: column as u32 };
            findings.push(Finding::error(codes::SYNTAX, place, "这里无法读懂。", "This cannot be read."));
        }
    }
    (findings.len() == before).then_some(registry)
}

fn parsed<'a>(half: Half, source: Source<'a>, findings: &mut Vec<Finding>) -> Parsed<'a> {
    let mut tree = syntax::Tree::default();
    if source.text.len() > TEMPLATE_BYTES_MAX {
        tree.problems.push(Problem::new(
            0,
            codes::TOO_LARGE,
            format!("模板超过 {TEMPLATE_BYTES_MAX} 字节。"),
            format!("The template is longer than {TEMPLATE_BYTES_MAX} bytes."),
        ));
    } else {
        tree = syntax::parse(source.text);
        if half == Half::Html {
            tree.problems.extend(loads_or_runs(source.text));
        }
    }
    findings.extend(tree.problems.iter().map(|problem| problem.clone().found_in(source)));
    Parsed { source, tree }
}

/// What an official document must not contain: it is kept for years, opened offline, and trusted.
fn loads_or_runs(html: &str) -> Vec<Problem> {
    const MARKS: &[&str] = &[
        "<script",
        "<iframe",
        "<frame",
        "<object",
        "<embed",
        "<link",
        "<base",
        "<form",
        "http-equiv",
        "src=",
        "srcset=",
        "@import",
        "url(",
        "javascript:",
        "expression(",
    ];
    let lower = html.to_ascii_lowercase();
    let marks = MARKS.iter().flat_map(|mark| lower.match_indices(mark));
    let handlers = lower.match_indices(" on").filter(|(at, _)| {
        let word: &str = &lower[at + 3..];
        let end = word.find(|c: char| !c.is_ascii_lowercase()).unwrap_or(word.len());
        end > 0 && word[end..].starts_with('=')
    });
    marks
        .chain(handlers)
        .map(|(at, mark)| {
            let mark = mark.trim();
            Problem::new(
                at,
                codes::NOT_SELF_CONTAINED,
                format!("文书不得加载或运行任何内容，这里是“{mark}…”。"),
                format!("A letter loads and runs nothing, and here is `{mark}…`."),
            )
            .help(
                "样式写在 <style> 中，不使用脚本、图片和外部文件。",
                "Write styles in <style>; no scripts, pictures or other files.",
            )
        })
        .collect()
}

fn title(text: &str) -> Option<&str> {
    let title = text.lines().next()?.trim();
    let fine = !title.is_empty() && !title.contains("{{") && title.chars().count() <= TITLE_MAX;
    fine.then_some(title)
}
