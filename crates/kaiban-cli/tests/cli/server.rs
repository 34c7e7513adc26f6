//! `serve` as a child process, on a folder or on PostgreSQL.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::Value;

use crate::command::{Said, kaiban, run};

/// Where a server keeps its cases.
pub enum Place {
    Folder(PathBuf),
    Url(String),
}

impl Place {
    /// A verb that works on this database.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = kaiban(arguments);
        match self {
            Self::Folder(folder) => command.arg("--data").arg(folder),
            Self::Url(url) => command.env("KAIBAN_DATABASE_URL", url),
        };
        command
    }

    /// Issues a token straight on the database; gives its secret.
    pub fn token(&self, arguments: &[&str]) -> String {
        run(self.command(&[&["token", "issue"][..], arguments].concat())).fine().trim().to_owned()
    }

    /// Looks at the whole database.
    pub fn verify(&self) -> Value {
        let said = run(self.command(&["verify", "--format", "json"]));
        assert_eq!(said.code, Some(0), "{said}");
        serde_json::from_str(&said.stdout).expect("one object")
    }
}

/// A running server; ended when dropped.
pub struct Server {
    child: Child,
    stdout: BufReader<ChildStdout>,
    first: String,
    /// `http://host:port`.
    pub endpoint: String,
}

impl Server {
    /// Starts one on a free port, and returns once it says which.
    pub fn start(place: &Place) -> Self {
        Self::start_with(place, &[])
    }

    /// The same with more arguments of `serve`.
    pub fn start_with(place: &Place, arguments: &[&str]) -> Self {
        Self::start_into(place, arguments, Stdio::piped())
    }

    /// Starts one that is told everything by its arguments.
    pub fn start_of(arguments: &[&str]) -> Self {
        Self::begin(kaiban(&[&["serve"], arguments].concat()), Stdio::piped())
    }

    /// The same with somewhere for its log.
    pub fn start_into(place: &Place, arguments: &[&str], log: Stdio) -> Self {
        Self::begin(place.command(&[&["serve", "--listen", "127.0.0.1:0"], arguments].concat()), log)
    }

    fn begin(mut command: Command, log: Stdio) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(log).spawn().expect("the binary runs");
        let mut stdout = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut first = String::new();
        stdout.read_line(&mut first).expect("a line");
        let endpoint = first.split_whitespace().last().expect("the endpoint").to_owned();
        Self { child, stdout, first, endpoint }
    }

    /// A verb that asks this server, with a token.
    pub fn command(&self, token: &str, arguments: &[&str]) -> Command {
        let mut command = kaiban(arguments);
        command.env("KAIBAN_ENDPOINT", &self.endpoint).env("KAIBAN_TOKEN", token);
        command
    }

    /// Asks this server, with a token.
    pub fn asked(&self, token: &str, arguments: &[&str]) -> Said {
        run(self.command(token, arguments))
    }

    /// SIGKILL.
    pub fn kill(mut self) {
        self.child.kill().expect("a process to kill");
        self.child.wait().expect("its end");
    }

    /// SIGTERM; what it said from the start to its end.
    pub fn stop(mut self) -> Said {
        let process = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(process, rustix::process::Signal::TERM).expect("a process to stop");
        let mut stdout = std::mem::take(&mut self.first);
        std::io::Read::read_to_string(&mut self.stdout, &mut stdout).expect("the rest");
        let mut stderr = String::new();
        if let Some(mut pipe) = self.child.stderr.take() {
            std::io::Read::read_to_string(&mut pipe, &mut stderr).expect("the rest");
        }
        Said { code: self.child.wait().expect("its end").code(), stdout, stderr }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A test that failed leaves nothing running; after `kill` and `stop` there is nothing left to end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
