//! The Python client, from nothing: its packages from the registry, its stubs from `proto/`, then the demo.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use serde_json::Value;
use tempfile::TempDir;

use crate::guide::proto;
use crate::harness::Ended;
use crate::play::{Played, play};

/// Set to `1`, it leaves these tests out.
const WITHOUT_PYTHON: &str = "KAIBAN_TEST_WITHOUT_PYTHON";

/// A folder with the client, its stubs and its packages.
pub struct Client {
    folder: TempDir,
    python: PathBuf,
    /// Where the packages are, if not where `python` looks.
    packages: Option<PathBuf>,
}

impl Client {
    fn home(&self) -> PathBuf {
        self.folder.path().join("proto/examples/python")
    }

    /// Python, beside the examples.
    pub fn python(&self) -> Command {
        let mut python = Command::new(&self.python);
        python.current_dir(self.home()).stdin(Stdio::null());
        if let Some(packages) = &self.packages {
            python.env("PYTHONPATH", packages);
        }
        python
    }

    fn has_packages(&self) -> bool {
        let imports = ["-c", "import cryptography, grpc, grpc_tools, grpc_status"];
        self.python().args(imports).output().is_ok_and(|output| output.status.success())
    }

    /// The client with the demo's invitation.
    fn command(&self, invitation: &Value, arguments: &[&str]) -> Command {
        let text = |field: &str| invitation[field].as_str().expect("a text").to_owned();
        let offices: Vec<&str> =
            invitation["offices"].as_array().expect("a list").iter().filter_map(Value::as_str).collect();
        let mut python = self.python();
        python.args(["agency.py", "--endpoint", &text("endpoint"), "--token", &text("token")]);
        python.args(["--offices", &offices.join(",")]).args(arguments);
        python
    }
}

/// The client, made once; or why it cannot be had.
pub fn client() -> Result<&'static Client, &'static str> {
    static CLIENT: OnceLock<Result<Client, String>> = OnceLock::new();
    CLIENT.get_or_init(prepare).as_ref().map_err(String::as_str)
}

/// Follows the guide; where there is no `venv`, the packages go into a folder of their own.
fn prepare() -> Result<Client, String> {
    if std::env::var_os(WITHOUT_PYTHON).is_some_and(|value| value == "1") {
        return Err(format!("{WITHOUT_PYTHON} is set"));
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let to = folder.path().join("proto");
    copy(&proto().join("kaiban"), &to.join("kaiban"));
    copy(&proto().join("examples/python"), &to.join("examples/python"));
    let mut client = Client { folder, python: PathBuf::from("venv/bin/python"), packages: None };

    let setup = said(Command::new("sh").arg("setup.sh").current_dir(client.home()));
    client.python = client.home().join(&client.python);
    if setup.as_ref().is_ok_and(|output| output.status.success()) {
        return Ok(client);
    }
    if client.has_packages() {
        panic!("setup.sh failed: {}", last_words(&setup));
    }
    client.python = PathBuf::from("python3");
    client.packages = Some(client.home().join("packages"));
    let install = ["-m", "pip", "install", "--quiet", "--target", "packages", "--requirement", "requirements.txt"];
    let installed = said(client.python().args(install));
    if !client.has_packages() {
        return Err(format!("Python or its packages cannot be had: {}", last_words(&installed)));
    }
    let generate = "from glob import glob; from grpc_tools import protoc; import sys; \
        sys.exit(protoc.main(['protoc', '-I', '../..', '--python_out=.', '--grpc_python_out=.', *glob('../../kaiban/v1/*.proto')]))";
    let generated = said(client.python().args(["-c", generate]));
    assert!(generated.as_ref().is_ok_and(|output| output.status.success()), "{}", last_words(&generated));
    Ok(client)
}

fn said(command: &mut Command) -> std::io::Result<Output> {
    command.stdin(Stdio::null()).output()
}

/// The last line that a programme wrote.
fn last_words(output: &std::io::Result<Output>) -> String {
    match output {
        Err(error) => error.to_string(),
        Ok(output) => {
            let text = [&output.stdout[..], &output.stderr[..]].concat();
            let text = String::from_utf8_lossy(&text);
            text.lines().rfind(|line| !line.trim().is_empty()).unwrap_or_default().trim().to_owned()
        }
    }
}

/// Copies a folder, but not what was generated or installed in it.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_owned();
        if path.is_dir() {
            let made = path.join("bin").exists() || name == "__pycache__" || to.ends_with("python");
            if !made {
                copy(&path, &to.join(name));
            }
        } else {
            std::fs::copy(&path, to.join(name)).expect("a copy");
        }
    }
}

/// All cases ended, nothing was lost or done twice, and the client understood every answer.
fn check(played: &Played) {
    let (report, foreign) = (&played.report, &played.report["foreign"]);
    assert_eq!(played.code, Some(0), "{report}");
    assert!(played.client.success(), "the client ended with {}", played.client);
    assert_eq!(report["verify"]["clean"], true, "{report}");
    let count = |field: &str| foreign[field].as_u64().expect("a number");
    assert_eq!(
        (count("lost"), count("duplicated"), count("unanswered"), count("incidents")),
        (0, 0, 0, 0),
        "{foreign}"
    );
    assert_eq!(foreign["refused"], serde_json::json!({}), "{foreign}");
    // The last answers may come when the client is told to stop.
    assert_eq!(count("stale"), count("stale_handled"), "{foreign}");
    assert!(count("completed") > 0 && count("stale") > 0 && count("asked_again") > 0, "{foreign}");
    for hard in ["answers_lost", "doubled", "busy", "taken_away", "cancelled"] {
        assert!(foreign["hard"][hard].as_u64() > Some(0), "{hard}: {foreign}");
    }
}

pub fn a_stream_and_a_client_that_is_killed() -> Ended {
    let client = match client() {
        Ok(client) => client,
        Err(why) => return Ended::LeftOut(why.to_owned()),
    };
    let arguments = ["--leave-out", "tax", "--cases", "20"];
    let played = play(&arguments, Some(8), |invitation| client.command(invitation, &["--door", "stream", "--vary"]));
    assert!(played.killed, "it was too quick to be killed");
    check(&played);
    Ended::Passed
}

pub fn calls_and_branches() -> Ended {
    let client = match client() {
        Ok(client) => client,
        Err(why) => return Ended::LeftOut(why.to_owned()),
    };
    let arguments = ["--leave-out", "identity", "--cases", "8"];
    check(&play(&arguments, None, |invitation| client.command(invitation, &["--door", "calls", "--vary"])));
    Ended::Passed
}
