//! `identifier check`: one value, and a batch through a pipe.

use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;

use serde_json::Value;

use crate::command::{Said, kaiban, run};
use crate::shows;

/// Runs a batch over a whole input.
fn batch(input: &[u8]) -> Said {
    let mut command = kaiban(&["identifier", "check", "--batch", "--on", "2026-03-02"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let writer = std::thread::spawn(move || stdin.write_all(&input).unwrap());
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    Said::of(output)
}

#[test]
fn one_value_is_judged_as_it_was_given() {
    shows!("identifier_check", run(kaiban(&["identifier", "check", "91350100M000100Y43"])));
    shows!("identifier_check_lower_case", run(kaiban(&["identifier", "check", "91350100m000100y43"])));
    shows!("identifier_check_pilot", run(kaiban(&["identifier", "check", "91350100M0001TGQXM", "--format", "json"])));
    let name = ["identifier", "check", "--kind", "company-name", "--entity", "limited-company", "鼓楼区榕光X公司"];
    shows!("identifier_check_name", run(kaiban(&name)));
    shows!("identifier_check_kind", run(kaiban(&["identifier", "check", "--kind", "passport", "1"])));
    shows!("identifier_check_date", run(kaiban(&["identifier", "check", "--on", "tomorrow", "1"])));
}

#[test]
fn a_batch_answers_every_line_in_order() {
    let lines = [
        r#"{"kind":"uscc","value":"91350100M000100Y43"}"#,
        r#"{"kind":"uscc","value":"91350100m000100y43"}"#,
        r#"{"kind":"uscc","value":"91350100M0001TGQXM","note":"not ours"}"#,
        "",
        r#"{"kind":"uscc","value":"#,
        r#"{"kind":"uscc"}"#,
        r#"{"value":"91350100M000100Y43"}"#,
        r#"{"kind":"passport","value":"E12345678"}"#,
        r#"{"kind":"uscc","value":91350100}"#,
        r#"["uscc","91350100M000100Y43"]"#,
        r#"{"kind":"uscc","kind":"uscc","value":""}"#,
        r#"{"kind":"citizen-id","value":"350102202603030017"}"#,
        r#"{"kind":"company-name","value":"福州榕光科技股份有限公司","entity":"limited-company"}"#,
        r#"{"kind":"company-name","value":"福州榕光科技有限公司"}"#,
        r#"{"kind":"company-name","value":"福州榕光科技有限公司","entity":"firm"}"#,
        r#"{"kind":"industry-code","value":"I6510"}"#,
    ];
    shows!("identifier_batch", batch(lines.join("\n").as_bytes()));
}

#[test]
fn what_is_no_text_or_too_long_does_not_stop_a_batch() {
    let mut input = b"\xff\xfe\n".to_vec();
    input.extend(format!("{{\"kind\":\"uscc\",\"value\":\"{}\"}}\n", "9".repeat(1 << 20)).bytes());
    input.extend(b"{\"kind\":\"uscc\",\"value\":\"91350100M000100Y43\"}\r\n");
    let said = batch(&input).fine();
    let found: Vec<String> = said
        .lines()
        .map(|line| {
            let answer: Value = serde_json::from_str(line).unwrap();
            answer["error"]["code"].as_str().map_or_else(|| answer["valid"].to_string(), str::to_owned)
        })
        .collect();
    assert_eq!(found, ["BAD_ENCODING", "LINE_TOO_LONG", "true"]);
}

#[test]
fn an_answer_is_there_before_the_next_line_is_written() {
    let mut command = kaiban(&["identifier", "check", "--batch"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut answers = BufReader::new(child.stdout.take().unwrap()).lines();
    for _ in 0..3 {
        writeln!(stdin, r#"{{"kind":"mobile","value":"13900000000"}}"#).unwrap();
        assert!(answers.next().unwrap().unwrap().contains(r#""valid":true"#));
    }
    drop(stdin);
    assert!(answers.next().is_none());
    assert!(child.wait().unwrap().success());
}
