//! `calendar day|between|add`: one question, and a batch through a pipe.

use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;

use serde_json::{Value, json};

use crate::command::{Said, kaiban, run};

/// Compares what a run said with the golden of that name. Instants are what these verbs are about: none is filtered out.
macro_rules! says {
    ($name:literal, $said:expr) => {
        insta::with_settings!({
            snapshot_path => "goldens",
            prepend_module_to_snapshot => false,
            omit_expression => true,
        }, { insta::assert_snapshot!($name, $said) })
    };
}

/// Runs a batch over a whole input.
fn batch(verb: &str, input: &[u8]) -> Said {
    let mut command = kaiban(&["calendar", verb, "--batch"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let writer = std::thread::spawn(move || stdin.write_all(&input).unwrap());
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    Said::of(output)
}

fn ask(verb: &str, question: Value) -> Value {
    let said = batch(verb, question.to_string().as_bytes()).fine();
    serde_json::from_str(&said).unwrap()
}

#[test]
fn one_question() {
    let city = |verb, rest: &[&str]| {
        let mut command = kaiban(&["calendar", verb, "--calendar", "fuzhou-city"]);
        command.args(rest);
        run(command)
    };
    let (start, morning) = ("2020-11-18T09:00:00+08:00", "2020-11-18T10:30:00.5+08:00");
    says!("calendar_day", city("day", &["--date", "2020-02-03"]));
    says!("calendar_day_off", city("day", &["--date", "2020-01-31"]));
    says!("calendar_between", city("between", &["--from", morning, "--to", start]));
    says!("calendar_add", city("add", &["--start", start, "--within", "5 working hours"]));
    let law = ["--start", start, "--within", "3 working days", "--reading", "statutory", "--format", "json"];
    says!("calendar_add_statutory", city("add", &law));
    let late = ["--start", "2026-12-31T17:00:00+08:00", "--within", "1 working day"];
    says!("calendar_add_not_published", city("add", &late));
    let late = [late[0], late[1], late[2], late[3], "--provisional"];
    says!("calendar_add_provisional", city("add", &late));
    says!("calendar_add_not_a_length", city("add", &["--start", start, "--within", "soon"]));
    says!("calendar_unknown", run(kaiban(&["calendar", "day", "--calendar", "moon", "--date", "2020-01-31"])));
    says!("calendar_no_question", run(kaiban(&["calendar", "day", "--calendar", "hall"])));
    says!("calendar_two_questions", run(kaiban(&["calendar", "day", "--batch", "--date", "2020-01-31"])));
}

#[test]
fn the_answers_of_the_contract() {
    let city = "fuzhou-city";
    let nine = "2020-11-18T09:00:00+08:00";
    let cases = [
        ("day", json!({"calendar": city, "date": "2020-01-31"}), json!({"working": false, "sessions": []})),
        (
            "day",
            json!({"calendar": city, "date": "2020-07-15"}),
            json!({"working": true, "sessions": [["08:30", "12:00"], ["15:00", "18:00"]]}),
        ),
        (
            "between",
            json!({"calendar": city, "from": nine, "to": "2020-11-18T16:30:00+08:00"}),
            json!({"working_seconds": 18000}),
        ),
        (
            "between",
            json!({"calendar": city, "from": "2020-11-18T16:30:00.000001+08:00", "to": nine}),
            json!({"working_seconds": -18000.000001}),
        ),
        (
            "add",
            json!({"calendar": city, "start": nine, "within": "5 working hours"}),
            json!({"due": "2020-11-18T16:30:00+08:00"}),
        ),
        (
            "add",
            json!({"calendar": city, "start": nine, "within": "3 working days", "reading": "statutory"}),
            json!({"due": "2020-11-23T17:30:00+08:00"}),
        ),
        (
            "add",
            json!({"calendar": city, "start": "2027-01-01T09:00:00+08:00", "within": "1 working hour", "provisional": true}),
            json!({"due": "2027-01-04T09:30:00+08:00", "provisional": true}),
        ),
    ];
    for (verb, question, answer) in cases {
        assert_eq!(ask(verb, question.clone()), answer, "{question}");
    }
    let line = batch("between", json!({"calendar": city, "from": nine, "to": nine}).to_string().as_bytes()).fine();
    assert_eq!(line, "{\"working_seconds\":0}\n");
}

#[test]
fn a_batch_answers_every_line_in_order() {
    let lines = [
        r#"{"calendar":"fuzhou-city","start":"2020-11-18T09:00:00+08:00","within":"5 working hours"}"#,
        r#"{"calendar":"hall","start":"2020-11-18T01:00:00Z","within":"5 working hours","note":"not ours"}"#,
        "",
        "5 working hours",
        r#"{"calendar":"hall","start":"#,
        r#"["hall","2020-11-18T09:00:00+08:00","1 working day"]"#,
        r#"{"calendar":"hall","start":"2020-11-18T09:00:00+08:00"}"#,
        r#"{"start":"2020-11-18T09:00:00+08:00","within":"1 working day"}"#,
        r#"{"calendar":"hall","calendar":"hall","start":"2020-11-18T09:00:00+08:00","within":"1 working day"}"#,
        r#"{"calendar":"moon","start":"2020-11-18T09:00:00+08:00","within":"1 working day"}"#,
        r#"{"calendar":"hall","start":"2020-11-18 09:00","within":"1 working day"}"#,
        r#"{"calendar":"hall","start":"2020-11-18T09:00:00.0000001+08:00","within":"1 working day"}"#,
        r#"{"calendar":"hall","start":"2020-11-18T09:00:00+08:00","within":"-1 working days"}"#,
        r#"{"calendar":"hall","start":"2020-11-18T09:00:00+08:00","within":"40000 working days"}"#,
        r#"{"calendar":"hall","start":"2020-11-18T09:00:00+08:00","within":"3 days","reading":"statutory"}"#,
        r#"{"calendar":"hall","start":"2020-11-18T09:00:00+08:00","within":"3 days"}"#,
        r#"{"calendar":"hall","start":"2020-11-18T09:00:00+08:00","within":"1 working day","reading":"literal"}"#,
        r#"{"calendar":"hall","start":"2020-11-18T09:00:00+08:00","within":"1 working day","provisional":1}"#,
        r#"{"calendar":"hall","start":"2019-11-18T09:00:00+08:00","within":"1 working day"}"#,
        r#"{"calendar":"hall","start":"2026-12-31T16:00:00+08:00","within":"90 working minutes"}"#,
        r#"{"calendar":"hall","start":"2026-12-31T16:00:00+08:00","within":"90 working minutes","provisional":true}"#,
        r#"{"calendar":"hall","start":"2099-12-31T16:00:00+08:00","within":"90 working minutes","provisional":true}"#,
        r#"{"calendar":"hall","start":"2020-11-18T11:59:59.999999+08:00","within":"2 working microseconds"}"#,
    ];
    says!("calendar_batch", batch("add", lines.join("\n").as_bytes()));
}

#[test]
fn what_is_no_text_or_too_long_does_not_stop_a_batch() {
    let mut input = b"\xff\xfe\n".to_vec();
    input.extend(format!("{{\"calendar\":\"{}\"}}\n", "9".repeat(1 << 20)).bytes());
    input.extend(b"{\"calendar\":\"hall\",\"date\":\"2020-01-31\"}\r\n");
    let said = batch("day", &input).fine();
    let found: Vec<String> = said
        .lines()
        .map(|line| {
            let answer: Value = serde_json::from_str(line).unwrap();
            answer["error"]["code"].as_str().map_or_else(|| answer["working"].to_string(), str::to_owned)
        })
        .collect();
    assert_eq!(found, ["BAD_REQUEST", "BAD_REQUEST", "false"]);
}

#[test]
fn an_answer_is_there_before_the_next_line_is_written() {
    let mut child =
        kaiban(&["calendar", "day", "--batch"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut answers = BufReader::new(child.stdout.take().unwrap()).lines();
    for _ in 0..3 {
        writeln!(stdin, r#"{{"calendar":"hall","date":"2020-01-31"}}"#).unwrap();
        assert_eq!(answers.next().unwrap().unwrap(), r#"{"working":false,"sessions":[]}"#);
    }
    drop(stdin);
    assert!(answers.next().is_none());
    assert!(child.wait().unwrap().success());
}

#[test]
fn calendars_come_from_a_folder_where_one_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("calendars");
    std::fs::create_dir(&path).unwrap();
    let file = |name: &str| {
        std::fs::read_to_string(format!("{}/../../workflows/calendars/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
    };
    std::fs::write(path.join("cn.yaml"), file("cn.yaml")).unwrap();
    let typhoon = "closures:\n  - { from: 2026-08-11T14:00:30+08:00, to: 2026-08-11, published_at: 2026-08-11T11:00:00+08:00,\n      reason: { zh: 台风, en: Typhoon } }\n";
    std::fs::write(path.join("hall.yaml"), file("hall.yaml").replace("closures: []\n", typhoon)).unwrap();
    let ask = || {
        let mut command =
            kaiban(&["calendar", "day", "--calendar", "hall", "--date", "2026-08-11", "--format", "json"]);
        command.arg("--workflows").arg(folder.path());
        run(command)
    };
    let sessions = json!({"working": true, "sessions": [["09:00", "12:00"], ["13:30", "14:00:30"]]});
    assert_eq!(serde_json::from_str::<Value>(&ask().fine()).unwrap(), sessions);
    std::fs::write(path.join("hall.yaml"), "calendar: hall\n").unwrap();
    says!("calendar_folder_broken", ask().within(folder.path()));
}
