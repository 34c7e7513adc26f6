//! The demo without one party, and that party's client beside it.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Sender, channel};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

/// What happens while a demo runs.
enum Event {
    /// The demo says something; none = nothing any more.
    Said(Option<Value>),
    /// A client ended.
    Ended(Pid, ExitStatus),
}

/// How a demo ended.
pub struct Played {
    /// Exit code of the demo.
    pub code: Option<i32>,
    /// Its last word.
    pub report: Value,
    /// Whether the client was killed on the way.
    pub killed: bool,
    /// How the last client ended after SIGTERM.
    pub client: ExitStatus,
}

/// Ends a process when dropped, so that a test that failed leaves nothing running.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Plays a demo; `client` makes the command of a client from the invitation. With `kill_at` the first client is killed once it
/// has ended so many tasks, and a second one begins.
///
/// # Panics
/// A client ends by itself, or the demo without its report.
pub fn play(arguments: &[&str], kill_at: Option<u64>, client: impl Fn(&Value) -> Command) -> Played {
    let mut demo = Command::new(env!("CARGO_BIN_EXE_kaiban"));
    demo.args(["demo", "--format", "json"])
        .args(arguments)
        .env("RUST_LOG", "off")
        .env_remove("KAIBAN_DEMO_DATABASE_URL");
    let mut demo = Running(demo.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().expect("the binary runs"));
    let (events, heard) = channel();
    listen(&mut demo.0, events.clone());

    let mut invitation = Value::Null;
    let mut last = None;
    let mut killed = None;
    let mut report = Value::Null;
    for event in heard {
        match event {
            Event::Said(Some(line)) => match line["line"].as_str() {
                Some("left-out") => {
                    last = Some(start(client(&line), events.clone()));
                    invitation = line;
                }
                Some("report") => {
                    report = line;
                    term(last.expect("a client"));
                }
                _ => {
                    let completed = line["completed"].as_u64().unwrap_or(0);
                    if killed.is_none() && kill_at.is_some_and(|at| completed >= at) {
                        killed = last;
                        kill_process(last.expect("a client"), Signal::KILL).expect("a client to kill");
                        last = Some(start(client(&invitation), events.clone()));
                    }
                }
            },
            Event::Said(None) => {
                assert!(!report.is_null(), "the demo ended without a report");
            }
            Event::Ended(pid, _) if killed == Some(pid) => {}
            Event::Ended(pid, status) => {
                assert!(!report.is_null(), "the client ended before the demo did: {status}");
                assert_eq!(Some(pid), last);
                let code = demo.0.wait().expect("its end").code();
                return Played { code, report, killed: killed.is_some(), client: status };
            }
        }
    }
    unreachable!("somebody is always heard");
}

fn listen(demo: &mut Child, events: Sender<Event>) {
    let stdout = BufReader::new(demo.stdout.take().expect("a pipe"));
    std::thread::spawn(move || {
        for line in stdout.lines() {
            let line = serde_json::from_str(&line.expect("a line")).expect("JSON lines");
            let _ = events.send(Event::Said(Some(line)));
        }
        let _ = events.send(Event::Said(None));
    });
}

/// Starts a client and tells when it ends.
fn start(mut client: Command, events: Sender<Event>) -> Pid {
    let mut child = client.stdin(Stdio::null()).stdout(Stdio::null()).spawn().expect("the client runs");
    let pid = Pid::from_child(&child);
    std::thread::spawn(move || {
        let status = child.wait().expect("its end");
        let _ = events.send(Event::Ended(pid, status));
    });
    pid
}

fn term(client: Pid) {
    // One that has just ended is told by its end.
    let _ = kill_process(client, Signal::TERM);
}
