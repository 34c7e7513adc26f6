//! Everything that can be wrong with a letter's files, each found by one code.

use kaiban_findings::{Finding, Place};

/// Stable codes of what can be wrong with letters.
pub mod codes {
    /// A file in the folder of letters is not named as one.
    pub const FILE_NAME: &str = "LETTER_FILE_NAME";
    /// A letter has HTML but no text, or the other way round.
    pub const HALF_MISSING: &str = "LETTER_HALF_MISSING";
    /// A template, or a letter with its partials, is too large.
    pub const TOO_LARGE: &str = "LETTER_TOO_LARGE";
    /// The text template does not begin with a title.
    pub const TITLE_MISSING: &str = "LETTER_TITLE_MISSING";
    /// Cannot be read.
    pub const SYNTAX: &str = "LETTER_SYNTAX";
    /// A block is not closed, or closed by another name.
    pub const BLOCK: &str = "LETTER_BLOCK";
    /// Handlebars has it, letters do not.
    pub const NOT_ALLOWED: &str = "LETTER_NOT_ALLOWED";
    /// A word that letters do not know.
    pub const HELPER_UNKNOWN: &str = "LETTER_HELPER_UNKNOWN";
    /// A word with too few or too many arguments.
    pub const ARGUMENTS: &str = "LETTER_ARGUMENTS";
    /// A partial that the package does not have.
    pub const PARTIAL_UNKNOWN: &str = "LETTER_PARTIAL_UNKNOWN";
    /// Partials that contain each other.
    pub const PARTIAL_CYCLE: &str = "LETTER_PARTIAL_CYCLE";
    /// A field that no letter has.
    pub const FIELD_UNKNOWN: &str = "LETTER_FIELD_UNKNOWN";
    /// A field that can be read only inside a block that is not there.
    pub const SCOPE: &str = "LETTER_SCOPE";
    /// HTML that loads or runs something.
    pub const NOT_SELF_CONTAINED: &str = "LETTER_NOT_SELF_CONTAINED";
}

/// A file of the package, for places.
#[derive(Clone, Copy)]
pub(crate) struct Source<'a> {
    /// Path in the package.
    pub path: &'a str,
    pub text: &'a str,
}

impl Source<'_> {
    /// Line and column of a byte offset, both from 1, in characters.
    pub fn position(&self, at: usize) -> (u32, u32) {
        let before = &self.text[..at];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        (line as u32, column as u32)
    }

    pub fn place(&self, at: usize) -> Place {
        let (line, column) = self.position(at);
        Place::File { path: self.path.to_owned(), line, column }
    }
}

/// What is wrong, before it is known in which file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    pub at: usize,
    pub code: &'static str,
    pub zh: String,
    pub en: String,
    pub help: Option<(String, String)>,
}

impl Problem {
    pub fn new(at: usize, code: &'static str, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { at, code, zh: zh.into(), en: en.into(), help: None }
    }

    pub fn help(mut self, zh: impl Into<String>, en: impl Into<String>) -> Self {
        self.help = Some((zh.into(), en.into()));
        self
    }

    pub fn found_in(self, source: Source<'_>) -> Finding {
        let finding = Finding::error(self.code, source.place(self.at), self.zh, self.en);
        match self.help {
            Some((zh, en)) => finding.with_help(zh, en),
            None => finding,
        }
    }
}
