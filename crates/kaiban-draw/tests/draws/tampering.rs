//! Whatever is changed in a published record is refused or told.

use kaiban_draw::{Cause, Draw, End, Held, Hex32, METHOD, codes as all, read, verify};
use kaiban_findings::Finding;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::records::golden;
use crate::scene::{BUREAU, TAX, codes, held, number, pool, terms, told, void};

/// Every value of a record that is no list and no object, with its pointer.
fn leaves(value: &Value, at: String, found: &mut Vec<String>) {
    match value {
        Value::Array(list) => {
            list.iter().enumerate().for_each(|(index, entry)| leaves(entry, format!("{at}/{index}"), found));
        }
        Value::Object(members) => members.iter().for_each(|(name, entry)| leaves(entry, format!("{at}/{name}"), found)),
        _ => found.push(at),
    }
}

/// Other values that could stand there.
fn others(value: &Value) -> Vec<Value> {
    match value {
        Value::Number(number) => {
            let number = number.as_i64().unwrap();
            [number - 1, number + 1, 0].into_iter().filter(|other| *other != number).map(Value::from).collect()
        }
        Value::String(text) => {
            let mut end = text.clone();
            let last = end.pop().unwrap();
            let changed = format!("{end}{}", if last == '0' { '1' } else { '0' });
            vec![json!(changed), json!(end), json!(format!("{text}0")), json!(""), Value::Null, json!(7)]
        }
        other => panic!("{other}"),
    }
}

fn problems(record: &Value) -> Vec<Finding> {
    match read(&record.to_string()) {
        Err(refused) => refused,
        Ok(draw) => verify(&draw),
    }
}

#[test]
fn every_leaf_is_guarded() {
    for name in ["held", "held-with-lottery", "void"] {
        let record: Value = serde_json::from_str(&golden(name)).unwrap();
        assert_eq!(problems(&record), []);
        let mut pointers = Vec::new();
        leaves(&record, String::new(), &mut pointers);
        assert!(pointers.len() > 60, "{}", pointers.len());
        for pointer in pointers {
            for other in others(record.pointer(&pointer).unwrap()) {
                let mut tampered = record.clone();
                *tampered.pointer_mut(&pointer).unwrap() = other.clone();
                assert!(!problems(&tampered).is_empty(), "{name}: {pointer} = {other}");
            }
        }
    }
}

#[test]
fn nothing_can_be_left_out_or_added() {
    for name in ["held", "held-with-lottery", "void"] {
        let record: Value = serde_json::from_str(&golden(name)).unwrap();
        let mut inner = Vec::new();
        leaves(&record, String::new(), &mut inner);
        let parents: std::collections::BTreeSet<&str> =
            inner.iter().flat_map(|leaf| leaf.match_indices('/').map(|(at, _)| &leaf[..at])).collect();
        for parent in parents {
            let names: Vec<String> = match record.pointer(parent).unwrap() {
                Value::Object(members) => members.keys().cloned().collect(),
                Value::Array(list) => (0..list.len()).map(|index| index.to_string()).collect(),
                _ => unreachable!(),
            };
            for name in names {
                let mut shorter = record.clone();
                match shorter.pointer_mut(parent).unwrap() {
                    Value::Object(members) => drop(members.remove(&name)),
                    Value::Array(list) => drop(list.remove(name.parse().unwrap())),
                    _ => unreachable!(),
                }
                assert!(!problems(&shorter).is_empty(), "without {parent}/{name}");
            }
            let mut longer = record.clone();
            match longer.pointer_mut(parent).unwrap() {
                Value::Object(members) => drop(members.insert("note".into(), json!("x"))),
                Value::Array(list) => list.push(list[0].clone()),
                _ => unreachable!(),
            }
            assert!(!problems(&longer).is_empty(), "with more in {parent}");
        }
    }
}

/// `H("record", …)` by hand: what a forger would write below a changed record.
fn sign_anew(record: &mut Value) {
    let mut above = record.clone();
    above.as_object_mut().unwrap().remove("record_sha256");
    let bytes = [METHOD, "record", &sorted(&above)].join("\u{1f}");
    record["record_sha256"] = json!(Hex32::from(<[u8; 32]>::from(Sha256::digest(bytes))).to_string());
}

fn sorted(value: &Value) -> String {
    match value {
        Value::Array(list) => format!("[{}]", list.iter().map(sorted).collect::<Vec<_>>().join(",")),
        Value::Object(members) => {
            let mut members: Vec<String> =
                members.iter().map(|(name, entry)| format!("{}:{}", json!(name), sorted(entry))).collect();
            members.sort();
            format!("{{{}}}", members.join(","))
        }
        plain => plain.to_string(),
    }
}

/// A forger who writes the last hash anew can move three instants by a moment, of which nothing depends, and nothing else.
#[test]
fn the_last_hash_is_not_all_that_guards() {
    let record: Value = serde_json::from_str(&golden("held-with-lottery")).unwrap();
    let mut pointers = Vec::new();
    leaves(&record, String::new(), &mut pointers);
    let mut free = std::collections::BTreeSet::new();
    for pointer in pointers.into_iter().filter(|pointer| pointer != "/record_sha256") {
        for other in others(record.pointer(&pointer).unwrap()) {
            let mut tampered = record.clone();
            *tampered.pointer_mut(&pointer).unwrap() = other;
            sign_anew(&mut tampered);
            if problems(&tampered).is_empty() {
                free.insert(pointer.clone());
            }
        }
    }
    let free: Vec<&str> = free.iter().map(String::as_str).collect();
    assert_eq!(free, ["/end/held/at_us", "/public_value/at_us", "/reveals/0/at_us"]);
}

/// What was changed is named where it stands, also if the last hash was written anew by whoever did it.
#[test]
fn what_verification_says() {
    let mut text = String::new();
    let mut after = |what: &str, mut draw: Draw, change: &dyn Fn(&mut Draw)| {
        change(&mut draw);
        let mut record = serde_json::to_value(&draw).unwrap();
        sign_anew(&mut record);
        text += &told(what, &problems(&record));
    };
    let mut result = |what: &str, change: &dyn Fn(&mut Held)| {
        after(what, held(terms(), pool(60)), &|draw| match &mut draw.end {
            Some(End::Held(held)) => change(held),
            other => panic!("{other:?}"),
        });
    };
    result("two items swapped", &|held| held.drawn.swap(0, 1));
    result("an item that was not drawn in place of one that was", &|held| {
        held.drawn[0].item = "350100-2026-000001".into()
    });
    result("an item left out", &|held| drop(held.drawn.remove(2)));
    result("an item listed twice", &|held| held.drawn.push(held.drawn[0].clone()));
    result("another stratum", &|held| held.drawn[1].stratum = "credit-b".into());
    result("another checker", &|held| held.drawn[1].checkers[0] = "officer-9".into());
    result("another count", &|held| held.strata.get_mut("credit-a").unwrap().of = 39);
    result("a stratum more", &|held| {
        held.strata.entry("a/b".into()).or_default();
    });
    let sound = || held(terms(), pool(60));
    after("another number", sound(), &|draw| draw.reveals[0].reveal = number("mine"));
    after("the pool in another order", sound(), &|draw| draw.frozen.as_mut().unwrap().pool.swap(3, 4));
    after("another instant of the freeze", sound(), &|draw| draw.frozen.as_mut().unwrap().at_us += 1);
    after("another draw", sound(), &|draw| draw.announcement.draw = "another".into());
    after("a void draw that blames another", void(terms(), pool(9), TAX), &|draw| match &mut draw.end {
        Some(End::Void(void)) => void.parties = vec![BUREAU.into()],
        other => panic!("{other:?}"),
    });
    after("a void draw with another cause", void(terms(), pool(9), TAX), &|draw| match &mut draw.end {
        Some(End::Void(void)) => void.cause = Cause::NeverFrozen,
        other => panic!("{other:?}"),
    });
    let mut another_seed = sound();
    let Some(End::Held(held)) = &mut another_seed.end else { panic!("not held") };
    held.seed = number("mine");
    let first = &verify(&another_seed)[..1];
    text += &told("another seed, and first of all", first);
    text += &told("no JSON", &read("{").unwrap_err());
    text += &told(
        "a member twice",
        &read(&golden("held").replacen("\"end\"", "\"reveals\": [],\n  \"end\"", 1)).unwrap_err(),
    );
    let lone = golden("announced").replacen("\n}", ",\n  \"commitments\": []\n}", 1);
    text += &told("an empty list of commitments", &read(&lone).unwrap_err());
    insta::assert_snapshot!(text);
}

/// Somebody could read each of them.
#[test]
fn every_code_stands_in_a_kept_text() {
    let kept = ["protocol__refusals", "tampering__what_verification_says"]
        .map(|name| {
            let path = format!("{}/tests/draws/snapshots/draws__{name}.snap", env!("CARGO_MANIFEST_DIR"));
            std::fs::read_to_string(path).unwrap()
        })
        .concat();
    let declared = include_str!("../../src/codes.rs").lines();
    let declared = declared.filter_map(|line| line.strip_prefix("pub const ")?.split(':').next());
    let missing: Vec<&str> = declared.filter(|code| !kept.contains(&format!(" {code}\n"))).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn what_is_no_record_is_refused_with_its_place() {
    let record = golden("held");
    for (wrong, place) in [
        ("{".to_owned(), "line 1, column 1"),
        (record.replacen("\"draw\"", "\"drew\"", 1), "line 4, column 10"),
        (record.replacen("\"checkers_per_item\": 2", "\"checkers_per_item\": -2", 1), "column"),
        (record.replacen("\"end\"", "\"reveals\": [],\n  \"end\"", 1), "column"),
    ] {
        let refused = read(&wrong).unwrap_err();
        assert!(codes(&refused) == [all::UNREADABLE] && refused[0].message.en.contains(place), "{refused:?}");
    }
}
