//! Running the binary and showing what it said.

use std::fmt;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// What differs from run to run, and what stands for it.
pub const FILTERS: [(&str, &str); 20] = [
    (r"\b\d{8}-[0-9A-HJKMNP-TV-Z]{10}-[0-9A-Z]\b", "[case]"),
    (r"\bkb_[0-9a-z]{32}\b", "[secret]"),
    (r"\d{4}-\d\d-\d\dT[0-9:.]+(\+08:00|Z)", "[time]"),
    (r"\b[0-9a-f]{64}\b", "[hash]"),
    // Versions of calendars.
    (r"\b[0-9a-f]{16}\b", "[version]"),
    (r"\b[0-9A-HJKMNP-TV-Z]{12}\b", "[token]"),
    (r"127\.0\.0\.1:\d+", "[address]"),
    (r"kaiban \d+\.\d+\.\d+", "kaiban [version]"),
    (r"(wall time +).*", "$1[length]"),
    (r"\b\d+s\b", "[length]"),
    // What a ledger says depends on the hour of the run; the engine's goldens hold its words at given hours.
    (r"(?s)(Where the time went\n).*?\n\n", "$1  [account]\n\n"),
    // A letter is written beside whatever else goes on in its case.
    (r"\b\d+ entries\b", "[n] entries"),
    (r"\[case\]-\d+号", "[case]-[n]号"),
    (r"〔\d{4}〕", "〔[year]〕"),
    (r"已于\S+收到", "已于[moment]收到"),
    // Past the last published year a due time says that it may move.
    (r", provisional\b", ""),
    (r" \(os error \d+\)", ""),
    // In the last weeks of its last published year a calendar is warned of.
    (r"warning: the calendar .*\n.*\n", ""),
    (r#""calendars_ending":\[[^\]]*\],"#, ""),
    // Columns are as wide as what stands in them.
    (r" {2,}", "  "),
];

/// Compares what a run said with the golden of that name.
#[macro_export]
macro_rules! shows {
    ($name:literal, $said:expr) => {
        insta::with_settings!({
            filters => $crate::command::FILTERS.to_vec(),
            snapshot_path => "goldens",
            prepend_module_to_snapshot => false,
            omit_expression => true,
        }, { insta::assert_snapshot!($name, $said) })
    };
}

/// The binary, with nothing of the caller's environment that it would listen to.
pub fn kaiban(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kaiban"));
    command.args(arguments).stdin(Stdio::null()).env("RUST_LOG", "off");
    let ours = ["CONFIG", "DATABASE_URL", "ENDPOINT", "TOKEN", "TLS_CA", "CLIENT_CERT", "CLIENT_KEY", "WEBHOOK_SECRET"];
    for variable in ours.map(|name| format!("KAIBAN_{name}")) {
        command.env_remove(variable);
    }
    command
}

/// How a run ended and what it said.
pub struct Said {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Said {
    pub fn of(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("the binary speaks UTF-8");
        Self { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }

    /// The same with a folder's name replaced, which differs from run to run.
    pub fn within(self, folder: &Path) -> Self {
        let plain = |text: String| text.replace(&folder.display().to_string(), "[folder]");
        Self { stdout: plain(self.stdout), stderr: plain(self.stderr), ..self }
    }

    /// Standard output of a run that went well.
    pub fn fine(self) -> String {
        assert_eq!(self.code, Some(0), "{self}");
        self.stdout
    }
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.code {
            Some(code) => writeln!(f, "exit {code}")?,
            None => writeln!(f, "ended by a signal")?,
        }
        write!(f, "--- stdout\n{}--- stderr\n{}", self.stdout, self.stderr)
    }
}

/// Runs to the end.
pub fn run(mut command: Command) -> Said {
    Said::of(command.output().expect("the binary runs"))
}
