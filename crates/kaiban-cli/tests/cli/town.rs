//! A server with a small package and everybody's tokens, and what the tests do with it again and again.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::command::Said;
use crate::server::{Place, Server};

/// Officers of the registering bureau, and of the real-name service.
pub const OFFICER: &str = "market-regulation-350100-1";
pub const SECOND_OFFICER: &str = "market-regulation-350100-2";
pub const CHECKER: &str = "identity-350100-1";

/// A server that runs the package of `tests/workflows/counter`.
pub struct Town {
    folder: TempDir,
    place: Place,
    pub server: Server,
    pub terminal: String,
    /// Another bank.
    pub stranger: String,
    pub identity: String,
    pub registry: String,
    pub officer: String,
    pub carver: String,
    pub desk: String,
}

impl Town {
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// With more arguments of `serve`.
    pub fn start_with(arguments: &[&str]) -> Self {
        Self::start_as(&[], arguments, Stdio::piped())
    }

    /// With a file for the log.
    pub fn start_logging(log: &Path, arguments: &[&str]) -> Self {
        let log = std::fs::File::create(log).expect("a file");
        Self::start_as(&[], arguments, log.into())
    }

    /// With packages of `tests/workflows` of the repository besides its own.
    pub fn start_of(packages_too: &[&str]) -> Self {
        Self::start_as(packages_too, &[], Stdio::piped())
    }

    fn start_as(packages_too: &[&str], arguments: &[&str], log: Stdio) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let place = Place::Folder(folder.path().join("data"));
        let security = place.token(&["--role", "security", "--person", "lin"]);
        let workflows = packages(folder.path());
        for package in packages_too {
            let theirs = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/workflows").join(package);
            copy(&theirs, &workflows.join(package));
        }
        let workflows = ["--workflows", workflows.to_str().expect("a name")];
        let server = Server::start_into(&place, &[&workflows[..], arguments].concat(), log);
        let token = |arguments: &[&str]| {
            let issued = server.asked(&security, &[&["token", "issue", "--role"], arguments].concat());
            issued.fine().trim().to_owned()
        };
        let agency = |party: &str, office: &str| token(&["agency", "--organisation", party, "--office", office]);
        Self {
            terminal: token(&["terminal", "--organisation", "b01", "--outlet", "b01-001"]),
            stranger: token(&["bank", "--organisation", "b02"]),
            identity: agency("identity", "identity-350100"),
            registry: agency("market-regulation", "market-regulation-350100"),
            officer: token(&["officer", "--organisation", "market-regulation", "--person", OFFICER]),
            carver: agency("seal-carver", "seal-carver-centre"),
            desk: agency("delivery", "delivery-350100"),
            server,
            folder,
            place,
        }
    }

    pub fn asked(&self, token: &str, arguments: &[&str]) -> Said {
        self.server.asked(token, arguments)
    }

    /// What somebody got as one object.
    pub fn object(&self, token: &str, arguments: &[&str]) -> Value {
        object(&self.asked(token, &[arguments, &["--format", "json"]].concat()).fine())
    }

    /// A file for a verb to read.
    pub fn file(&self, name: &str, content: &Value) -> String {
        let path = self.path(name);
        std::fs::write(&path, content.to_string()).expect("a file");
        path
    }

    /// A place in the town's own folder.
    pub fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().expect("a name").to_owned()
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Hands a form in; gives the case number.
    pub fn submit(&self, form: &Value) -> String {
        let form = self.file("submitted.json", form);
        let submitted = self.object(&self.terminal, &["case", "submit", "--workflow", "counter", &form]);
        submitted["case"]["id"].as_str().expect("a case number").to_owned()
    }

    /// Takes every task that an office has.
    pub fn claim(&self, office: &str) -> Vec<Value> {
        let claimed = self.asked(office, &["task", "claim", "--max", "9", "--format", "json"]).fine();
        claimed.lines().map(object).collect()
    }

    /// Ends a task as its office's officer.
    pub fn complete(&self, office: &str, task: &str, epoch: i64, officer: &str, more: &[&str]) -> Said {
        let epoch = epoch.to_string();
        let complete = ["task", "complete", task, "--epoch", &epoch, "--officer", officer];
        self.asked(office, &[&complete[..], more].concat())
    }

    /// Both people are who they say they are: the registration is offered.
    pub fn identify(&self, case: &str) {
        for task in self.claim(&self.identity) {
            let id = task["id"].as_str().expect("an id");
            self.complete(&self.identity, id, 1, CHECKER, &["--outcome", "done"]).fine();
        }
        assert_eq!(self.state(case, "identity"), "STEP_STATE_COMPLETED");
    }

    /// The licence is given: what comes after it is offered.
    pub fn register(&self, case: &str) {
        self.identify(case);
        assert_eq!(self.claim(&self.registry).len(), 1);
        let licence = json!({"uscc": "91350100MA2XN0014K"}).to_string();
        let approve = ["--outcome", "approve", "--result", &licence];
        self.complete(&self.registry, &format!("{case}/registration"), 1, OFFICER, &approve).fine();
    }

    /// Where a step stands.
    pub fn state(&self, case: &str, step: &str) -> Value {
        let case = self.object(&self.terminal, &["case", "get", case]);
        let steps = case["steps"].as_array().expect("steps");
        steps.iter().find(|found| found["step"] == step).expect("the step")["state"].clone()
    }

    /// Returns once the case is so: looks at it again whenever it changes.
    pub fn until(&self, case: &str, so: impl Fn(&Value) -> bool) -> Value {
        let watch = ["case", "watch", case, "--format", "json"];
        let mut changes = Watching::begin(self.server.command(&self.terminal, &watch));
        loop {
            changes.next();
            let found = self.object(&self.terminal, &["case", "get", case]);
            if so(&found) {
                return found;
            }
        }
    }

    /// Returns once the applicant was told of every correction, and holds so many letters.
    pub fn told(&self, case: &str, letters: usize) -> Value {
        let all = |found: &Value, what: &str| {
            found[what].as_array().expect("a list").iter().all(|one| !one["told_at"].is_null())
        };
        self.until(case, |found| {
            found["letters"].as_array().map(Vec::len) == Some(letters)
                && all(found, "letters")
                && all(found, "corrections")
        })
    }

    /// Ends the server; everything in its database must be as it says.
    pub fn close(self) {
        let said = self.server.stop();
        assert_eq!(said.code, Some(0), "{said}");
        let report = self.place.verify();
        assert_eq!(report["clean"], true, "{report}");
    }
}

/// A verb that goes on until it is ended.
struct Watching {
    child: Child,
    lines: BufReader<ChildStdout>,
}

impl Watching {
    fn begin(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().expect("the binary runs");
        let lines = BufReader::new(child.stdout.take().expect("a pipe"));
        Self { child, lines }
    }

    /// Waits for a line.
    fn next(&mut self) {
        let mut line = String::new();
        let count = self.lines.read_line(&mut line).expect("a line");
        assert!(count > 0, "it ended by itself");
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The form of the package: two people, an own domicile, and no seals for now.
pub fn form() -> Value {
    json!({
        "registrar": "350100",
        "name": "福州榕光科技有限公司",
        "people": [{"key": "p1", "name": "林晓舟"}, {"key": "p2", "name": "陈一帆"}],
        "rented": false,
        "seals": false,
    })
}

/// The same with one place replaced.
pub fn with(mut form: Value, pointer: &str, value: Value) -> Value {
    *form.pointer_mut(pointer).expect("a place of the form") = value;
    form
}

pub fn object(line: &str) -> Value {
    serde_json::from_str(line).expect("one object")
}

/// The small package with the calendars and the directory of the repository.
pub fn packages(folder: &Path) -> PathBuf {
    let (ours, shipped) = (
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/workflows"),
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../workflows"),
    );
    let workflows = folder.join("workflows");
    copy(&ours, &workflows);
    copy(&shipped.join("calendars"), &workflows.join("calendars"));
    copy(&shipped.join("directory"), &workflows.join("directory"));
    workflows
}

/// Copies a folder with all that is in it.
pub fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder to read") {
        let path = entry.expect("an entry").path();
        let target = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copy(&path, &target);
        } else {
            std::fs::copy(&path, &target).expect("a copy");
        }
    }
}
