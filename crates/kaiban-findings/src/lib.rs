//! The one shape for everything kaiban has to say about what a person or a programme wrote: package
//! diagnostics, form errors, corrections and identifier problems. It never decides what follows from a finding.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

/// A sentence in Chinese and in English. Both are complete sentences for the reader, not fragments.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// Simplified Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

impl Text {
    /// Builds a text from its two languages.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { zh: zh.into(), en: en.into() }
    }
}

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Cannot be read as what it should be; blocks.
    Error,
    /// Unusual, perhaps wrong; never blocks, it travels with the case to the person who decides.
    Doubt,
}

/// Where a finding points.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// The whole input.
    Whole,
    /// A place in a text file; line and column count from 1, in characters.
    File {
        /// Path as the user wrote it.
        path: String,
        /// Line, from 1.
        line: u32,
        /// Column, from 1.
        column: u32,
    },
    /// A JSON pointer (RFC 6901) into a form or a result.
    Pointer(String),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Whole => f.write_str("-"),
            Place::File { path, line, column } => write!(f, "{path}:{line}:{column}"),
            Place::Pointer(pointer) => f.write_str(pointer),
        }
    }
}

/// A stable identifier in SCREAMING_SNAKE_CASE that programmes branch on; it never changes meaning.
pub type Code = Cow<'static, str>;

/// One thing found in an input, with where it is and what to do about it.
///
/// No text of a finding quotes personal data: it names the place and the rule, not the value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// What kind of problem this is.
    pub code: Code,
    /// How much it weighs.
    pub severity: Severity,
    /// Where it is.
    #[serde(rename = "where")]
    pub place: Place,
    /// What is wrong.
    #[serde(flatten)]
    pub message: Text,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<Text>,
}

impl Finding {
    /// A finding that blocks.
    pub fn error(code: impl Into<Code>, place: Place, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { code: code.into(), severity: Severity::Error, place, message: Text::new(zh, en), help: None }
    }

    /// A finding that never blocks.
    pub fn doubt(code: impl Into<Code>, place: Place, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { severity: Severity::Doubt, ..Self::error(code, place, zh, en) }
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn with_help(mut self, zh: impl Into<String>, en: impl Into<String>) -> Self {
        self.help = Some(Text::new(zh, en));
        self
    }

    /// Whether it blocks.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

impl fmt::Display for Finding {
    /// `place: CODE: English sentence`, the form for logs and plain terminals.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.place, self.code, self.message.en)?;
        match &self.help {
            Some(help) => write!(f, " ({})", help.en),
            None => Ok(()),
        }
    }
}
