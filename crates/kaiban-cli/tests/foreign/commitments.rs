//! Commitments by foreign clients: the whole loop, and everything that is refused on its way. The server's clock is moved
//! where the client waits for it.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use kaiban_api::v1::{IssueTokenRequest, Role};
use kaiban_calendar::parse_instant;
use kaiban_definition::{Files, load};
use kaiban_demo::Town;
use kaiban_store::{Options, Store};
use tokio::runtime::Runtime;

use crate::harness::Ended;
use crate::python::client;

/// A Monday morning before the rules of 2026-04-01.
const MORNING: &str = "2026-03-02T09:00:00+08:00";

/// An officer whom the directory no longer has when a draw is frozen.
const GONE: &str = "{ id: market-regulation-350181-1, name: 王景行, sample: true }, ";

pub fn the_whole_loop() -> Ended {
    let said = match play("commitment_loop.py") {
        Ok(said) => said,
        Err(why) => return Ended::LeftOut(why.to_owned()),
    };
    for wanted in [
        "signed: domicile-use STEP_STATE_COMPLETED",
        "commitments-1: ok, held",
        "tax is too late: ",
        "revoked, code 15; taken back: ",
        "撤销登记决定书 榕撤字〔2026〕",
        "on record, barred: True",
        "COMMITMENT_NOT_ALLOWED: ",
        "BROKEN_PROMISE: 承诺人曾作出虚假承诺且尚未修复信用，不适用告知承诺制。 / An earlier promise",
        "国办发〔2020〕42号",
        "住所使用证明: CERTIFICATE_WAY_EVIDENCE",
    ] {
        assert!(said.contains(wanted), "{wanted}:\n{said}");
    }
    Ended::Passed
}

pub fn what_is_refused_changes_nothing() -> Ended {
    let said = match play("commitment_refusals.py") {
        Ok(said) => said,
        Err(why) => return Ended::LeftOut(why.to_owned()),
    };
    let reasons: Vec<&str> = said.lines().filter_map(|line| line.strip_prefix("refused ")).map(first_word).collect();
    let wanted = [
        "ROLE_NOT_ALLOWED",
        "LETTER_STALE",
        "SIGNATURE_REQUIRED",
        "SIGNATURE_INVALID",
        "SIGNATURE_INVALID",
        "SIGNATURE_NAME_MISMATCH",
        "ALREADY_SIGNED",
        "ALREADY_DECIDED",
        "CERTIFICATE_PROVED",
        "REVEAL_WRONG",
        "REVEAL_MISSING",
        "DRAW_OVER",
        "DRAW_TERMS_INVALID",
        "ROSTER_CHANGED",
    ];
    assert_eq!(reasons, wanted, "{said}");
    Ended::Passed
}

fn first_word(line: &str) -> &str {
    line.split_whitespace().next().unwrap_or_default()
}

/// Plays an example to its end against a server of its own; gives what it has said.
fn play(programme: &str) -> Result<String, &'static str> {
    let client = client()?;
    let city = City::start();
    let mut python = client.python();
    python.args([programme, "--endpoint", &city.endpoint(), "--token", &city.token()]);
    python.arg("--form").arg(repository("tests/forms/company.json"));
    python.arg("--documents").arg(repository("tests/forms/documents"));
    python.arg("--redraw").arg(repository("crates/kaiban-draw/tests/redraw.py"));
    Ok(city.hosts(python))
}

/// A file of the repository.
fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

/// A server with a clock that is moved by hand.
struct City {
    runtime: Runtime,
    town: Option<Town>,
    store: Store,
    /// Holds the database.
    _folder: tempfile::TempDir,
}

impl City {
    fn start() -> Self {
        let runtime = Runtime::new().expect("tokio");
        let folder = tempfile::tempdir().expect("a temporary folder");
        let url = format!("sqlite://{}", folder.path().join("kaiban.db").display());
        let store = runtime.block_on(Store::open(&url, Options::default())).expect("a store");
        let mut city = Self { runtime, town: None, store, _folder: folder };
        city.serve(&packages());
        city
    }

    fn serve(&mut self, files: &Files) {
        let (workflows, findings) = load(files);
        assert!(findings.is_empty(), "{findings:?}");
        let start_us = parse_instant(MORNING).expect("an instant");
        let town = Town::start(self.store.clone(), workflows, files, start_us);
        self.town = Some(self.runtime.block_on(town).expect("a server"));
    }

    fn town(&self) -> &Town {
        self.town.as_ref().expect("a server")
    }

    fn endpoint(&self) -> String {
        self.town().address().to_string()
    }

    /// The token that gives out all others.
    fn token(&self) -> String {
        let request = IssueTokenRequest {
            role: Role::Security.into(),
            organisation: "bureau".into(),
            person: "security-1".into(),
            label: "commitments".into(),
            ..IssueTokenRequest::default()
        };
        self.runtime.block_on(self.town().issue(request)).expect("a token").secret
    }

    /// Runs a client, and does what it waits for.
    fn hosts(mut self, mut client: Command) -> String {
        let mut child = client.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the client runs");
        let mut answers = child.stdin.take().expect("a pipe");
        let mut said = String::new();
        for line in BufReader::new(child.stdout.take().expect("a pipe")).lines() {
            let line = line.expect("a line");
            let answer = match line.split_once(' ') {
                Some(("clock", instant)) => Some(self.clock_says(instant)),
                None if line == "directory" => Some(self.moves_on()),
                _ => None,
            };
            if let Some(answer) = answer {
                writeln!(answers, "{answer}").expect("it reads");
            }
            said.push_str(&line);
            said.push('\n');
        }
        drop(answers);
        let status = child.wait().expect("its end");
        assert!(status.success(), "the client ended with {status}:\n{said}");
        let town = self.town.take().expect("a server");
        let report = self.runtime.block_on(async {
            town.app().effects_settled().await;
            let report = town.verify().await.expect("verify");
            town.stop().await;
            report
        });
        assert!(report.clean, "{:?}", report.problems);
        said
    }

    /// Business time goes on, and what is due fires.
    fn clock_says(&self, instant: &str) -> String {
        self.town().clock().advance_to(parse_instant(instant).expect("an instant"));
        self.runtime.block_on(async {
            self.town().app().fire_business_timers().await;
            self.town().app().effects_settled().await;
        });
        String::new()
    }

    /// The server is started again with a directory that lacks an officer; says where.
    fn moves_on(&mut self) -> String {
        let town = self.town.take().expect("a server");
        self.runtime.block_on(town.stop());
        let mut files = Files::new();
        for (path, text) in packages().iter() {
            assert_eq!(text.contains(GONE), path == "directory/agencies.yaml", "{path}");
            files.insert(path, text.replace(GONE, ""));
        }
        self.serve(&files);
        self.endpoint()
    }
}

/// The packages of the repository.
fn packages() -> Files {
    let mut files = Files::new();
    let root = repository("workflows");
    read(&root, &root, &mut files);
    files
}

fn read(root: &Path, folder: &Path, files: &mut Files) {
    for entry in std::fs::read_dir(folder).expect("workflows") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            read(root, &path, files);
        } else {
            let name = path.strip_prefix(root).expect("below").to_string_lossy().into_owned();
            files.insert(name, std::fs::read_to_string(&path).expect("a text"));
        }
    }
}
