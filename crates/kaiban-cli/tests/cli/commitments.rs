//! `commitment`, `credit` and `register`: a promise is looked at, signed and taken back; who has broken one may not
//! promise, until it is repaired; and a place that is listed is none to promise about.

use serde_json::json;

use crate::server::Place;
use crate::shows;
use crate::town::{OFFICER, Town};

/// A case whose person is identified and whose place nobody knows: the proof is asked for.
struct Matter {
    town: Town,
    case: String,
}

impl Matter {
    fn start() -> Self {
        let town = Town::start_of(&["promise", "recheck"]);
        let form = json!({
            "registrar": "350100", "name": "福州榕光科技有限公司", "place": "福州市鼓楼区温泉路1号", "asked": true,
            "people": [{"key": "p1", "name": "张样例", "citizen_id": "11010519491231002X"}],
        });
        let form = town.file("promise.json", &form);
        let submitted = town.object(&town.terminal, &["case", "submit", "--workflow", "promise", &form]);
        let case = submitted["case"]["id"].as_str().expect("a case number").to_owned();
        let does = |token: &str, step: &str, officer: &str, outcome: &str, result: serde_json::Value| {
            town.claim(token);
            let (task, result) = (format!("{case}/{step}"), result.to_string());
            town.complete(token, &task, 1, officer, &["--outcome", outcome, "--result", &result]).fine();
        };
        let office = ["--role", "agency", "--organisation", "domicile-data", "--office", "domicile-data-350100"];
        let register = Place::Folder(town.folder().join("data")).token(&office);
        does(&town.registry, "identity[p1]", OFFICER, "approve", json!({"verified": true}));
        does(&register, "place", "domicile-data-350100-1", "done", json!({"found": false}));
        town.told(&case, 1);
        Self { town, case }
    }

    fn applicant(&self) -> String {
        let issued = self.town.object(&self.town.registry, &["token", "credential", &self.case, "p1"]);
        issued["secret"].as_str().expect("a secret").to_owned()
    }

    fn sha256(&self, token: &str) -> String {
        let letter = self.town.object(token, &["commitment", "preview", &self.case, "proof"]);
        letter["text_sha256"].as_str().expect("a hash").to_owned()
    }
}

#[test]
fn a_promise_is_signed_and_taken_back() {
    let matter = Matter::start();
    let Matter { town, case } = &matter;
    shows!("commitment_list", town.asked(&town.terminal, &["commitment", "list", case]));
    let applicant = matter.applicant();
    shows!("commitment_preview", town.asked(&applicant, &["commitment", "preview", case, "proof"]));
    shows!("commitment_preview_nobody", town.asked(&town.terminal, &["commitment", "preview", case, "proof"]));
    let hash = matter.sha256(&applicant);
    let sign = |hash: &str, name: &str| {
        ["commitment", "sign", case, "proof", "--sha256", hash, "--name", name].map(str::to_owned)
    };
    let signs = |token: &str, hash: &str, name: &str| {
        let arguments = sign(hash, name);
        town.asked(token, &arguments.each_ref().map(String::as_str))
    };
    shows!("commitment_sign_clerk", signs(&town.terminal, &hash, "张样例"));
    shows!("commitment_sign_stale", signs(&applicant, &"0".repeat(64), "张样例"));
    shows!("commitment_sign_name", signs(&applicant, &hash, "李样例"));
    signs(&applicant, &hash, "张样例").fine();
    town.told(case, 2);
    shows!("commitment_signed", town.asked(&town.terminal, &["commitment", "list", case]));
    shows!("commitment_sign_used", signs(&applicant, &hash, "张样例"));
    let decline = ["commitment", "decline", case, "proof"];
    shows!("commitment_decline_signed", town.asked(&matter.applicant(), &decline));
    let withdraw = ["commitment", "withdraw", case, "proof", "--reason", "改为提交租赁合同。"];
    town.asked(&matter.applicant(), &withdraw).fine();
    shows!("commitment_withdrawn", town.asked(&town.terminal, &["commitment", "list", case]));
    town.asked(&matter.applicant(), &decline).fine();
    let manager = Place::Folder(town.folder().join("data")).token(&["--role", "manager", "--person", "wu"]);
    let figures = ["commitment", "figures", "--workflow", "promise"];
    shows!("commitment_figures", town.asked(&manager, &figures));
    shows!("commitment_figures_zh", town.asked(&manager, &[&figures[..], &["--lang", "zh"]].concat()));
    shows!("commitment_figures_none", town.asked(&manager, &["commitment", "figures", "--to", "2020-01-01"]));
    shows!("commitment_figures_terminal", town.asked(&town.terminal, &figures));
    matter.town.close();
}

/// What is on record about an organisation: nothing.
const SHOW: [&str; 4] = ["credit", "show", "--uscc", "91350100MA2XN0014K"];

/// A verb about the person's record.
fn about<'a>(signatory: &'a str, verb: &[&'a str]) -> Vec<&'a str> {
    [&["credit", verb[0], "rec-1", "--signatory", signatory], &verb[1..]].concat()
}

#[test]
fn a_broken_promise_bars_until_it_is_repaired() {
    let matter = Matter::start();
    let Matter { town, case } = &matter;
    // Today, by the server's clock.
    let today = town.object(&town.officer, &SHOW)["on"].as_str().expect("a day").to_owned();
    let signatory = format!("{case}/p1");
    let record = about(
        &signatory,
        &[
            "record",
            "--class",
            "minor",
            "--reason",
            "false-commitment",
            "--text",
            "承诺的住所使用权不实。",
            "--text-en",
            "The place was not theirs.",
            "--source",
            "榕市监信〔2026〕1号",
            "--law",
            "国办发〔2020〕42号",
            "--decided-on",
            &today,
        ],
    );
    assert_eq!(town.object(&town.officer, &record)["barred"], true);
    shows!("credit_record_twice", town.asked(&town.officer, &record));
    shows!("credit_record_terminal", town.asked(&town.terminal, &record));
    shows!("commitment_list_broken_promise", town.asked(&town.terminal, &["commitment", "list", case]));
    let apply = about(&signatory, &["apply", "--public-promise"]);
    shows!("credit_apply_too_early", town.asked(&town.officer, &apply));
    town.object(&town.officer, &about(&signatory, &["correct", "--done-on", &today]));
    town.object(&matter.applicant(), &["credit", "apply", "rec-1", "--public-promise"]);
    let decided = town.object(&town.officer, &about(&signatory, &["decide"]));
    assert_eq!((&decided["barred"], decided["entries"].as_array().map(Vec::len)), (&json!(false), Some(4)));
    assert_eq!(town.object(&matter.applicant(), &["credit", "show"])["entries"], decided["entries"]);
    shows!("credit_show_nothing", town.asked(&town.officer, &[&SHOW[..], &["--on", "2026-03-31"]].concat()));
    shows!("credit_show_nobody", town.asked(&town.officer, &["credit", "show"]));
    matter.town.close();
}

#[test]
fn a_place_is_listed() {
    let matter = Matter::start();
    let Matter { town, case } = &matter;
    let place = "福州市鼓楼区温泉路1号";
    let put = ["register", "put", "no-go", place, "--reason", "学校周边，禁止设立。"];
    shows!("register_put", town.asked(&town.officer, &put));
    shows!("commitment_list_barred", town.asked(&town.terminal, &["commitment", "list", case]));
    shows!("register_put_terminal", town.asked(&town.terminal, &put));
    let remove = ["register", "remove", "no-go", place, "--reason", "学校已搬迁。"];
    shows!("register_remove", town.asked(&town.officer, &remove));
    shows!("register_remove_twice", town.asked(&town.officer, &remove));
    shows!("register_list", town.asked(&town.officer, &["register", "list", "no-go", "--ended"]));
    shows!("register_list_unknown", town.asked(&town.officer, &["register", "list", "names"]));
    matter.town.close();
}
