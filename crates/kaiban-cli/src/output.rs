//! Where results go: standard output, for people or for programs.

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use comfy_table::{ContentArrangement, Table, presets};
use serde_json::Value;

use crate::failure::Failure;

/// How results are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people.
    Human,
    /// One JSON object; lists are JSON lines.
    Json,
}

/// Writes results and failures.
#[derive(Clone, Copy, Debug)]
pub struct Output {
    /// As asked for.
    pub format: Format,
}

impl Output {
    /// Output in that format.
    pub fn new(format: Format) -> Self {
        Self { format }
    }

    /// Whether a program reads it.
    pub fn is_json(self) -> bool {
        self.format == Format::Json
    }

    /// Writes a result: the object as one line of JSON, or what people get to read.
    pub fn result(self, object: &Value, human: impl FnOnce() -> String) -> Result<(), Failure> {
        if self.is_json() { self.line(&object.to_string()) } else { self.line(&human()) }
    }

    /// Writes a line to standard output.
    pub fn line(self, text: &str) -> Result<(), Failure> {
        let mut out = io::stdout().lock();
        writeln!(out, "{}", text.trim_end_matches('\n'))
            .and_then(|()| out.flush())
            .map_err(|error| Failure::local("OUTPUT", "无法写入标准输出。", error.to_string()))
    }

    /// Writes what went wrong to standard error, and says the exit code that goes with it.
    pub fn failed(self, failure: &Failure) -> ExitCode {
        let text = if self.is_json() { failure.to_json().to_string() } else { failure.to_string() };
        say(&text);
        ExitCode::FAILURE
    }
}

/// Talks to the person at the terminal. Where nobody listens, nothing is lost.
pub fn say(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{}", text.trim_end_matches('\n'));
}

/// Whether somebody watches standard error.
pub fn is_watched() -> bool {
    io::stderr().is_terminal()
}

/// A table without lines; columns are told apart by space.
pub fn table<const N: usize>(header: [&str; N], rows: impl IntoIterator<Item = [String; N]>) -> String {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled).set_header(header);
    for row in rows {
        table.add_row(row);
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    table.trim_fmt()
}
