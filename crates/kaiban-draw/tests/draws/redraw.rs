//! A programme written from `SAMPLER.md` alone, in another language, comes to the same result.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use kaiban_draw::{Announcement, Draw, End, verify};

use crate::records::{folder, golden};
use crate::scene::*;

/// Set to `1`, it leaves these tests out.
const WITHOUT_PYTHON: &str = "KAIBAN_TEST_WITHOUT_PYTHON";

fn script() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/redraw.py")
}

/// Whether there is a Python to run it.
fn python() -> bool {
    let left_out = std::env::var_os(WITHOUT_PYTHON).is_some_and(|value| value == "1");
    let tried = Command::new("python3").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    let there = !left_out && tried.is_ok_and(|status| status.success());
    if !there {
        eprintln!("left out: no python3, or {WITHOUT_PYTHON} is set");
    }
    there
}

/// What it says of records, one a line: the exit code and the lines.
fn redraw(records: &[String]) -> (Option<i32>, String) {
    let mut child = Command::new("python3")
        .arg(script())
        .arg("-")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 starts");
    let mut input = child.stdin.take().expect("a pipe");
    let lines = records.join("\n");
    // It writes only after it has read all.
    input.write_all(lines.as_bytes()).expect("it reads");
    drop(input);
    let output = child.wait_with_output().expect("it ends");
    (output.status.code(), String::from_utf8(output.stdout).expect("UTF-8"))
}

#[test]
fn it_agrees_on_the_kept_records() {
    if !python() {
        return;
    }
    for name in ["held", "held-with-lottery", "void", "announced"] {
        let output = Command::new("python3").arg(script()).arg(folder().join(format!("{name}.json"))).output().unwrap();
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stdout));
    }
}

/// Draws of many shapes: sizes, strata, shares, parties, checkers, recusals, characters of ids.
fn drawn(index: usize) -> Draw {
    let pick = |what: &str, below: usize| usize::from(number(&format!("{what} {index}")).bytes()[0]) % below;
    let strata: Vec<String> = (0..1 + pick("strata", 4)).map(|n| ["Z/~", "a\"\\", "~", "0"][n].to_owned()).collect();
    let offices = ["gulou", "taijiang", "officer-1", "cangshan"];
    let items = (0..pick("size", 120)).map(|n| {
        let recuse: &[&str] = if n.is_multiple_of(2) { &[] } else { &offices[n % 4..n % 4 + 1] };
        item(&format!("{index}#{}", n * 7919 % 1009), &strata[n * n % strata.len()], recuse)
    });
    let parties = (0..2 + pick("parties", 3)).map(|n| format!("party-{}", 9 - n)).collect();
    let percents =
        strata.iter().enumerate().map(|(n, name)| (name.clone(), (pick("share", 256) * (n + 3) % 101) as u8));
    let with_value = pick("value", 2) == 1;
    let announcement = Announcement {
        draw: format!("draw-{index}"),
        shares: percents.collect(),
        checkers_per_item: pick("checkers", 4) as u8,
        parties,
        public_value: with_value.then(lottery),
        ..terms()
    };
    held(announcement, items.collect())
}

#[test]
fn it_agrees_on_many_draws() {
    if !python() {
        return;
    }
    let draws: Vec<Draw> = (0..200).map(drawn).collect();
    assert!(draws.iter().all(|draw| verify(draw).is_empty()));
    let records: Vec<String> = draws.iter().map(|draw| serde_json::to_string(draw).unwrap()).collect();
    let (code, said) = redraw(&records);
    assert_eq!((code, said.lines().count()), (Some(0), records.len()), "{said}");
}

/// A programme that says yes to everything would agree as well.
#[test]
fn it_notices_a_changed_result() {
    if !python() {
        return;
    }
    let sound: Draw = kaiban_draw::read(&golden("held")).unwrap();
    let mut changed = Vec::new();
    for change in 0..4 {
        let mut draw = sound.clone();
        let Some(End::Held(held)) = &mut draw.end else { panic!("not held") };
        match change {
            0 => held.drawn[0].checkers.reverse(),
            1 => held.drawn.truncate(1),
            2 => held.seed = number("mine"),
            _ => draw.reveals[0].reveal = number("mine"),
        }
        changed.push(serde_json::to_string(&draw).unwrap());
    }
    let (code, said) = redraw(&changed);
    assert_eq!((code, said.matches("differs").count() >= 4), (Some(1), true), "{said}");
    assert!(said.lines().all(|line| line.contains("differs")), "{said}");
}
