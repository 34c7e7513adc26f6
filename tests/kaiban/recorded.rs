//! Databases as each release has left them: today's code opens them, brings their schema up to date, finds nothing wrong with
//! them, and carries their cases on, on both databases.
//!
//! `KAIBAN_RECORD_DATABASE=1 cargo test -p kaiban-tests --test kaiban recorded` writes down what the present release
//! leaves, as `databases/<version>.sql`, one row a line; it never rewrites a file. That is done once for each release, with
//! its version already in Cargo.toml.

use std::path::{Path, PathBuf};

use kaiban_api::timestamp;
use kaiban_api::v1::{
    Case, ClaimTasksRequest, DeferTasksRequest, ListCasesRequest, ResubmitCaseRequest, StepState, Task, TaskAddress,
    TaskDeferral, WithdrawCaseRequest,
};
use kaiban_calendar::parse_instant;
use kaiban_store::{Backend, database_as_text, database_from_text};
use serde_json::json;

use crate::city::{City, Ending, Office, Terminal, finding, licence, look, refusal, step};
use crate::commitments::{Matter, PLACE};
use crate::counter::{form, submitted};
use crate::database::{Database, run, run_after};
use crate::drawing::Hall;
use crate::forms::{promise, wire, with};

/// Packages whose cases are recorded: a plain one, one with promises, the check of promises, one with a draw.
const PACKAGES: [&str; 4] = ["counter", "promise", "recheck", "sampled"];

/// When the recorded cases go on.
const LATER: &str = "2026-03-05T09:00:00+08:00";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("databases")
}

/// Each release's database as text, by version.
fn databases() -> Vec<(String, String)> {
    let entries = std::fs::read_dir(folder()).expect("recorded databases");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    let read = |path: PathBuf| {
        let version = path.file_stem().expect("a version").to_string_lossy().into_owned();
        (version, std::fs::read_to_string(path).expect("a text"))
    };
    paths.into_iter().map(read).collect()
}

fn go_on(backend: Backend) {
    for (version, text) in databases() {
        let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with("--")).collect();
        let restored =
            async |url: &str| database_from_text(url, &lines).await.unwrap_or_else(|e| panic!("{version}: {e}"));
        run_after(backend, restored, carries_on);
    }
}

mod sqlite {
    #[test]
    fn databases_of_every_release_are_sound_and_their_cases_go_on() {
        super::go_on(kaiban_store::Backend::Sqlite);
    }
}

mod postgres {
    #[test]
    fn databases_of_every_release_are_sound_and_their_cases_go_on() {
        super::go_on(kaiban_store::Backend::Postgres);
    }
}

/// Writes down what this release leaves, where it has not.
#[test]
fn the_present_release_is_recorded_where_that_is_asked_for() {
    let path = folder().join(format!("{}.sql", env!("CARGO_PKG_VERSION")));
    if std::env::var_os("KAIBAN_RECORD_DATABASE").is_none() || path.exists() {
        return;
    }
    run(Backend::Sqlite, async |db: &Database| {
        lives(db).await;
        let lines = database_as_text(&db.url).await.expect("the rows");
        // Of the packages only those that cases go by: the others are large, and change with every release.
        let is_used = |line: &&String| {
            let digest = line.strip_prefix("INSERT INTO packages ").and_then(|line| line.split('\'').nth(1));
            digest.is_none_or(|digest| {
                lines.iter().any(|line| line.starts_with("INSERT INTO cases ") && line.contains(digest))
            })
        };
        let kept: Vec<&str> = lines.iter().filter(is_used).map(String::as_str).collect();
        let head = format!(
            "-- What kaiban {} leaves behind, for the tests of later releases. Never edited.",
            env!("CARGO_PKG_VERSION")
        );
        std::fs::create_dir_all(folder()).expect("a folder");
        std::fs::write(&path, format!("{head}\n{}\n", kept.join("\n"))).expect("the file");
    });
}

/// Of tasks that were claimed, that of a case.
fn of<'t>(tasks: &'t [Task], case: &str) -> &'t Task {
    tasks.iter().find(|task| task.case_id == case).expect("a task of the case")
}

/// Cases in all sorts of states; nobody has finished when the server stops.
async fn lives(db: &Database) {
    let city = City::start_of(db, &PACKAGES).await;
    // A commitment that is signed, and one that nobody has said anything about.
    let mut matter = Matter::handed_in_at(city, &promise(PLACE, true)).await;
    matter.identifies(json!({"verified": true})).await;
    matter.looks_up(false).await;
    matter.signs().await.expect("a promise");
    crate::commitments::hands_in(&mut matter.terminal, "r2", &promise(PLACE, true)).await;

    let city = &matter.city;
    let terminal = &mut matter.terminal;
    let mut cases = Vec::new();
    for number in 0..9 {
        cases.push(submitted(terminal, &format!("counter-{number}"), &form("350100")).await);
    }
    let mut registry = city.desk("market-regulation-350100").await;
    let tasks = registry.claims().await;
    for number in [0, 4, 5] {
        registry.ends(of(&tasks, &cases[number]), licence()).await.expect("a licence");
    }
    registry.ends(of(&tasks, &cases[1]), refusal()).await.expect("a refusal");
    for number in [2, 3] {
        let asks = Ending { findings: vec![finding("NAME_UNCLEAR", "/name")], ..Ending::new("correct") };
        registry.ends(of(&tasks, &cases[number]), asks).await.expect("a correction");
    }
    city.settles().await;
    city.at("2026-03-02T10:30:00+08:00").await;
    answers(terminal, &cases[3]).await;
    defers(&mut registry, of(&tasks, &cases[6])).await;
    let withdrawal = WithdrawCaseRequest { request_id: "w1".into(), case_id: cases[7].clone(), ..Default::default() };
    terminal.withdraw_case(withdrawal).await.expect("withdrawn");
    // Of three registered businesses one is through, one has its invoices, one has nothing; the rest is in hand.
    for (office, done) in
        [("tax-350100", &[0, 4][..]), ("social-insurance-350100", &[0]), ("housing-fund-350100", &[0])]
    {
        let mut desk = city.desk(office).await;
        let tasks = desk.claims().await;
        for number in done {
            desk.ends(of(&tasks, &cases[*number]), Ending::new("approve")).await.expect("done");
        }
    }
    let mut hall = Hall::of(city).await;
    hall.opens("A").await;
    hall.opens("B").await;
    city.at("2026-03-03T10:00:00+08:00").await;
    city.verify().await;
    matter.city.town.stop().await;
}

async fn answers(terminal: &mut Terminal, case: &str) {
    let asked = look(terminal, case).await.corrections.into_iter().next().expect("a correction");
    let request = ResubmitCaseRequest {
        request_id: format!("answer-{case}"),
        case_id: case.to_owned(),
        correction_id: asked.id,
        form: wire(&with(form("350100"), "/name", json!("福州榕江信息技术有限公司"))),
    };
    terminal.resubmit_case(request).await.expect("an answer");
}

async fn defers(registry: &mut Office, task: &Task) {
    let until_us = parse_instant("2026-03-04T09:00:00+08:00").expect("an instant");
    let deferral = TaskDeferral {
        request_id: "d1".into(),
        task: Some(TaskAddress { id: task.id.clone(), ..TaskAddress::default() }),
        epoch: task.epoch,
        ask_again_after: Some(timestamp(until_us)),
        code: "SITE_VISIT".into(),
    };
    registry.client.defer_tasks(DeferTasksRequest { deferrals: vec![deferral] }).await.expect("deferred");
}

/// Nothing is wrong with what was recorded, and what was open comes to its end.
async fn carries_on(db: &Database) {
    let city = City::start_of(db, &PACKAGES).await;
    city.verify().await;
    city.at(LATER).await;
    let mut terminal = city.terminal().await;
    let request = ListCasesRequest { page_size: 100, ..ListCasesRequest::default() };
    let listed = terminal.list_cases(request).await.expect("the cases").into_inner().cases;
    let counter: Vec<&Case> = listed.iter().filter(|case| case.workflow == "counter").collect();
    assert!(counter.len() >= 9, "what was recorded is there");
    for listed in &counter {
        let case = look(&mut terminal, &listed.id).await;
        if case.steps.iter().any(|step| step.state() == StepState::Correction) {
            answers(&mut terminal, &case.id).await;
        }
    }
    let offices = ["market-regulation-350100", "tax-350100", "social-insurance-350100", "housing-fund-350100"];
    for office in offices {
        let mut desk = city.desk(office).await;
        // Under a request id that the recorded ones cannot have: a claim that is sent again gives what it gave at first.
        let (request_id, max) = (format!("later-{office}"), 100);
        let request = ClaimTasksRequest { request_id, office: office.into(), max, ..ClaimTasksRequest::default() };
        city.settles().await;
        let tasks = desk.client.claim_tasks(request).await.expect("a claim").into_inner().tasks;
        for task in tasks.iter().filter(|task| counter.iter().any(|case| case.id == task.case_id)) {
            let ending = if task.step == "registration" { licence() } else { Ending::new("approve") };
            desk.ends(task, ending).await.expect("what was open is ended");
        }
    }
    for case in &counter {
        let case = look(&mut terminal, &case.id).await;
        assert!(!case.outcome.is_empty(), "{}: {:?}", case.id, step(&case, "registration").state());
    }
    city.verify().await;
}
