//! Clocks by hand: a step that takes too long, what is said of it and by whom, and the law's period prolonged. The server
//! runs in this process on a simulated clock, so that what is said of the time is the same at every hour.

use std::path::Path;

use kaiban_api::v1::{IssueTokenRequest, Role};
use kaiban_app::Settings;
use kaiban_calendar::parse_instant;
use kaiban_definition::{Files, Workflows, load};
use kaiban_store::{Options, Store};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::command::{Said, kaiban, run};
use crate::shows;
use crate::town::{CHECKER, OFFICER, SECOND_OFFICER, form, object, packages, with};

/// A server on a simulated clock, from nine on a Monday morning, and who asks it.
struct Town {
    folder: TempDir,
    runtime: tokio::runtime::Runtime,
    town: kaiban_demo::Town,
    terminal: String,
    identity: String,
    registry: String,
    officer: String,
}

impl Town {
    fn start() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let (workflows, files) = with_a_period_of_law(folder.path());
        let start = async {
            let url = format!("sqlite://{}?mode=rwc", folder.path().join("kaiban.db").display());
            let store = Store::open(&url, Options::default()).await.expect("a database");
            let start_us = parse_instant("2026-03-02T09:00:00+08:00").expect("an instant");
            let town = kaiban_demo::Town::start_with(store, workflows, &files, start_us, Settings::default());
            let town = town.await.expect("a server");
            let issue = async |role: Role, organisation: &str, more: IssueTokenRequest| {
                let organisation = organisation.to_owned();
                let request = IssueTokenRequest { role: role.into(), organisation, ..more };
                town.issue(request).await.expect("a token").secret
            };
            let office = |office: &str| IssueTokenRequest { offices: vec![office.into()], ..Default::default() };
            let outlet = IssueTokenRequest { outlet: "b01-001".into(), ..Default::default() };
            let person = IssueTokenRequest { person: OFFICER.into(), ..Default::default() };
            let tokens = [
                issue(Role::Terminal, "b01", outlet).await,
                issue(Role::Agency, "identity", office("identity-350100")).await,
                issue(Role::Agency, "market-regulation", office("market-regulation-350100")).await,
                issue(Role::Officer, "market-regulation", person).await,
            ];
            (town, tokens)
        };
        let (town, [terminal, identity, registry, officer]) = runtime.block_on(start);
        Self { folder, runtime, town, terminal, identity, registry, officer }
    }

    /// The clock goes forward, what is due fires, and letters are written.
    fn at(&self, instant: &str) {
        self.town.clock().advance_to(parse_instant(&format!("{instant}:00+08:00")).expect("an instant"));
        self.runtime.block_on(async {
            self.town.app().fire_business_timers().await;
            self.town.app().effects_settled().await;
        });
    }

    fn asked(&self, token: &str, arguments: &[&str]) -> Said {
        let mut command = kaiban(arguments);
        command.env("KAIBAN_ENDPOINT", format!("http://{}", self.town.address())).env("KAIBAN_TOKEN", token);
        run(command)
    }

    fn object(&self, token: &str, arguments: &[&str]) -> Value {
        object(&self.asked(token, &[arguments, &["--format", "json"]].concat()).fine())
    }

    /// A case whose registration is offered at nine; gives its number.
    fn registering(&self) -> String {
        let file = self.folder.path().join("form.json");
        std::fs::write(&file, form().to_string()).expect("a file");
        let submit = ["case", "submit", "--workflow", "counter", file.to_str().expect("a name")];
        let case = self.object(&self.terminal, &submit)["case"]["id"].as_str().expect("a number").to_owned();
        let tasks = self.asked(&self.identity, &["task", "claim", "--max", "9", "--format", "json"]).fine();
        for task in tasks.lines().map(object) {
            let id = task["id"].as_str().expect("an id");
            let done = ["task", "complete", id, "--epoch", "1", "--officer", CHECKER, "--outcome", "done"];
            self.asked(&self.identity, &done).fine();
        }
        case
    }

    /// The bureau's programme takes the registration and ends it.
    fn registers(&self, case: &str, how: &[&str]) {
        self.asked(&self.registry, &["task", "claim"]).fine();
        let task = format!("{case}/registration");
        let complete = ["task", "complete", &task, "--epoch", "1", "--officer", OFFICER];
        self.asked(&self.registry, &[&complete[..], how].concat()).fine();
    }

    fn close(self) {
        let report = self.runtime.block_on(self.town.verify()).expect("a look at the database");
        assert!(report.clean, "{:?}", report.problems);
        self.runtime.block_on(self.town.stop());
    }
}

/// The package at the counter, with what the law gives for its registration.
fn with_a_period_of_law(folder: &Path) -> (Workflows, Files) {
    let root = packages(folder);
    let mut files = Files::new();
    read(&root, &root, &mut files);
    let file = "counter/workflow.yaml";
    let plain = std::fs::read_to_string(root.join(file)).expect("the package");
    let promise = "    within: 2 working hours\n";
    let law = "    statutory: { within: 3 working days, extend_once: 3 working days, law: 市场主体登记管理条例 §19 }\n";
    files.insert(file, plain.replace(promise, &format!("{promise}{law}")));
    let (workflows, findings) = load(&files);
    assert!(findings.is_empty(), "{findings:?}");
    (workflows, files)
}

fn read(root: &Path, folder: &Path, files: &mut Files) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            read(root, &path, files);
        } else {
            let name = path.strip_prefix(root).expect("below").to_string_lossy().into_owned();
            files.insert(name, std::fs::read_to_string(&path).expect("a text"));
        }
    }
}

#[test]
fn a_late_step_is_listed_until_its_office_says_why() {
    let town = Town::start();
    let case = town.registering();
    town.at("2026-03-02T16:00");
    let licence = json!({"uscc": "91350100MA2XN0014K"}).to_string();
    town.registers(&case, &["--outcome", "approve", "--result", &licence]);
    town.at("2026-03-03T09:00");
    shows!("task_delays", town.asked(&town.officer, &["task", "delays", "--owed"]));
    shows!("task_delays_terminal", town.asked(&town.terminal, &["task", "delays"]));
    let task = format!("{case}/registration");
    let explain = ["task", "explain-delay", &task, "--reason", "数据核验接口中断。"];
    shows!("task_explain_delay", town.asked(&town.officer, &explain));
    shows!("task_explain_delay_twice", town.asked(&town.officer, &explain));
    shows!("task_delays_explained", town.asked(&town.officer, &["task", "delays"]));
    let listed = town.object(&town.officer, &["task", "delays"]);
    assert_eq!((&listed["working"], &listed["step"]), (&json!("16200s"), &json!("registration")));
    shows!("case_explain_late_zh", town.asked(&town.terminal, &["case", "explain", &case, "--lang", "zh"]));
    town.close();
}

#[test]
fn the_laws_period_is_prolonged_with_a_heads_approval() {
    let town = Town::start();
    let case = town.registering();
    let extend = |approver: &str| {
        let extend = ["case", "extend", &case, "registration", "--reason", "住所权属需要进一步核实。"];
        town.asked(&town.officer, &[&extend[..], &["--approver", approver]].concat())
    };
    shows!("case_extend_not_a_head", extend(OFFICER));
    shows!("case_extend", extend(SECOND_OFFICER));
    shows!("case_extend_twice", extend(SECOND_OFFICER));
    town.close();
}

#[test]
fn a_case_is_explained_in_chinese_and_for_programs() {
    let town = Town::start();
    let case = town.registering();
    let explain = |more: &[&str]| town.asked(&town.terminal, &[&["case", "explain", &case], more].concat());
    town.at("2026-03-02T10:30");
    shows!("case_explain_zh", explain(&["--lang", "zh"]));
    let findings = json!([{"code": "NAME_UNCLEAR", "pointer": "/name", "zh": "名称与已有企业相近。", "en": "The name is close to another."}]);
    town.registers(&case, &["--outcome", "correct", "--findings", &findings.to_string()]);
    town.at("2026-03-03T15:00");
    shows!("case_explain_in_correction_zh", explain(&["--lang", "zh"]));
    let answer = town.folder.path().join("answer.json");
    std::fs::write(&answer, with(form(), "/name", json!("福州榕辉科技有限公司")).to_string()).expect("a file");
    let answer = answer.to_str().expect("a name");
    town.asked(&town.terminal, &["case", "resubmit", &case, answer, "--correction", "registration.1"]).fine();
    let pause = ["case", "pause", &case, "registration", "--reason", "special-procedure", "--note", "专家评审"];
    let until = ["--until", "2026-03-10T09:00:00+08:00", "--approver", SECOND_OFFICER];
    town.asked(&town.officer, &[&pause[..], &until].concat()).fine();
    town.at("2026-03-05T10:00");
    shows!("case_explain_paused_zh", explain(&["--lang", "zh"]));

    let told = object(&explain(&["--format", "json"]).fine());
    let accounts = serde_json::to_string_pretty(&told["account"]).expect("JSON");
    shows!("case_explain_json", accounts);
    shows!("case_explain_not_a_language", explain(&["--lang", "fr"]));
    town.close();
}
