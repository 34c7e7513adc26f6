//! Whole journeys from the counter to the end, written out for a person to read. They are also what is recorded in
//! `tests/journals/`, see [`crate::journals`].

use kaiban_engine::Command;
use serde_json::{Value, json};

use crate::sim::desk::OFFICER;
use crate::sim::{Sim, cancel, trace, world};

/// A journey: its name and what happens.
pub type Journey = (&'static str, fn() -> Sim);

/// All of them: those of plain packages, and one or two for each construct of the package language.
pub fn all() -> impl Iterator<Item = Journey> {
    PLAIN.into_iter().chain(crate::constructs::JOURNEYS)
}

const PLAIN: [Journey; 9] = [
    ("opened_with_a_correction_and_paper_invoices", correction_and_paper_invoices),
    ("refused", refused),
    ("withdrawn", withdrawn),
    ("deemed_accepted", deemed_accepted),
    ("incident_resolved", incident_resolved),
    ("opened_without_invoices", opened_without_invoices),
    ("cancelled_while_put_off", cancelled_while_put_off),
    ("six_steps", six_steps),
    ("goes_on_by_another_version", crate::migrate::goes_on_by_another_version),
];

fn submitted(time: &str, form: Value) -> Sim {
    let mut sim = Sim::new(world::package("business-start")).at(time);
    sim.submits(form).unwrap();
    sim
}

fn correction_and_paper_invoices() -> Sim {
    let form = world::with(world::company("350100"), "/invoices/paper", json!(true));
    let mut sim = submitted("2026-03-02 09:10", form);
    sim.clock_says("09:40");
    sim.office("registration").asks_for(&["/domicile/address", "/business_scope"]);
    sim.clock_says("11:05");
    sim.corrects("registration.1", "/domicile/address", json!("福州市鼓楼区东街口 1 号 1 座 302 室")).unwrap();
    sim.clock_says("11:30");
    sim.office("registration").approves();
    sim.clock_says("14:45");
    sim.office("social-insurance").approves();
    sim.clock_says("14:50");
    sim.office("housing-fund").approves();
    sim.clock_says("15:20");
    sim.office("seal").approves();
    sim.clock_says("16:00");
    sim.office("invoices").approves();
    sim.clock_says("2026-03-03 09:30");
    sim.office("delivery").approves();
    sim
}

fn refused() -> Sim {
    let mut sim = submitted("2026-09-30 16:20", world::company("350102"));
    sim.clock_says("2026-10-08 09:15");
    sim.office("registration").decides("refuse");
    sim
}

fn withdrawn() -> Sim {
    let mut sim = submitted("2026-05-29 15:00", world::company("350181"));
    sim.clock_says("16:30");
    sim.office("registration").asks_for(&["/name"]);
    sim.clock_says("2026-06-01 08:45");
    let reason = sim.file(Value::from("名称未定。"));
    sim.run(Command::Withdraw { reason: Some(reason.digest) }).unwrap();
    sim
}

fn deemed_accepted() -> Sim {
    let mut sim = submitted("2026-02-12 10:00", world::doubtful_company("350102"));
    sim.clock_says("2026-02-13 11:00");
    sim.office("intake").takes();
    sim.clock_says("2026-02-26 17:30").timers_fire();
    sim.clock_says("2026-02-27 09:30");
    sim.office("registration").approves();
    for step in ["seal", "invoices", "social-insurance", "housing-fund"] {
        sim.clock_says("10:00");
        sim.office(step).approves();
    }
    sim.clock_says("10:20");
    sim.office("delivery").approves();
    sim
}

fn incident_resolved() -> Sim {
    let mut sim = submitted("2026-03-02 08:00", world::company("350100"));
    sim.clock_says("09:00");
    sim.office("registration").approves();
    for step in ["seal", "social-insurance", "housing-fund"] {
        sim.clock_says("09:30");
        sim.office(step).approves();
    }
    for time in ["10:00", "10:01", "10:02", "10:04", "10:07", "10:10"] {
        sim.clock_says(time).timers_fire();
        sim.office("invoices").fails();
    }
    sim.clock_says("11:00");
    sim.run(Command::Resolve { step: "invoices".into(), officer: OFFICER.into() }).unwrap();
    sim.clock_says("11:15");
    sim.office("invoices").approves();
    sim.office("delivery").approves();
    sim
}

fn opened_without_invoices() -> Sim {
    let mut sim = submitted("2026-03-02 09:00", world::company("350104"));
    sim.office("registration").approves();
    sim.clock_says("10:00");
    sim.office("invoices").asks_for(&["/invoices/monthly"]);
    sim.office("seal").asks_for(&["/seals/count"]);
    sim.clock_says("10:30");
    sim.corrects("seal.1", "/seals/count", json!(3)).unwrap();
    sim.clock_says("11:00");
    sim.corrects("invoices.1", "/invoices/monthly", json!(50)).unwrap();
    for step in ["seal", "social-insurance", "housing-fund"] {
        sim.office(step).approves();
    }
    sim.clock_says("2026-03-03 09:00");
    sim.office("invoices").decides("decline");
    sim.office("delivery").approves();
    sim
}

fn cancelled_while_put_off() -> Sim {
    let mut sim = submitted("2026-03-02 09:00", world::company("350128"));
    sim.office("registration").defers_until("2026-03-04 09:00");
    sim.clock_says("2026-03-04 09:00").timers_fire();
    sim.office("registration").is_taken_by("another-window").defers_until("2026-03-06 09:00");
    sim.clock_says("2026-03-05 10:00");
    sim.run(cancel()).unwrap();
    sim
}

fn six_steps() -> Sim {
    let mut sim = Sim::new(world::package("six-step")).at("2026-03-02 11:50");
    sim.submits(world::company("350102")).unwrap();
    for (time, step) in [
        ("11:55", "registration"),
        ("13:40", "seal"),
        ("14:30", "invoice"),
        ("14:30", "social_insurance"),
        ("14:31", "housing_fund"),
        ("14:35", "delivery"),
    ] {
        sim.clock_says(time);
        sim.office(step).approves();
    }
    sim
}

#[test]
fn journeys_read_as_they_did() {
    insta::with_settings!({ snapshot_path => "goldens", prepend_module_to_snapshot => false, omit_expression => true }, {
        for (name, journey) in all() {
            insta::assert_snapshot!(name, trace::journey(&journey()));
        }
    });
}

#[test]
fn no_journey_says_anything_about_a_person() {
    for (name, journey) in all() {
        let sim = journey();
        let form = sim.form();
        let persons = ["/name", "/legal_representative", "/contact", "/investors/0", "/domicile/address", "/people"];
        let found = persons.iter().filter_map(|pointer| form.pointer(pointer));
        // Kinds and keys are no secrets; a key that is one is the package's mistake.
        let secrets: Vec<String> = found.flat_map(texts).filter(|text| !text.is_ascii() || text.len() > 7).collect();
        assert!(!secrets.is_empty(), "{name}");
        for (bytes, _) in &sim.journal {
            for secret in &secrets {
                assert!(!bytes.contains(secret.as_str()), "{name}: {bytes}");
            }
        }
    }
}

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::Object(fields) => fields.values().flat_map(texts).collect(),
        _ => vec![],
    }
}
