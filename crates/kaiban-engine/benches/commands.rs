//! Commands a second on one core, decision and evolution only: no snapshot, no journal bytes, no documents to fetch.
//! The throughput of `six-step/case` is the figure; the other benches say where the time goes.

use std::collections::HashMap;
use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, Throughput};
use kaiban_calendar::parse_instant;
use kaiban_definition::{Definition, Workflows};
use kaiban_engine::{
    Actor, Case, Command, Context, Documents, Entry, Event, Filed, GENESIS, Lease, Limits, Registers, chain_hash,
    decide,
};
use serde_json::Value;

#[path = "../tests/engine/sim/world.rs"]
mod world;

const STEPS: [&str; 6] = ["registration", "seal", "invoice", "social_insurance", "housing_fund", "delivery"];

/// The six-step case as a list of commands, each with what its decision may look at besides the case.
struct Script {
    definition: Arc<Definition>,
    workflows: &'static Workflows,
    documents: Documents,
    registers: Registers,
    limits: Limits,
    actor: Actor,
    lease: Lease,
    start_us: i64,
    /// Names of the benches of single commands, and the commands.
    commands: Vec<(String, Command)>,
}

fn filed(name: &str, content: Value) -> Filed {
    Filed { digest: chain_hash(GENESIS, name), content: Arc::new(content) }
}

impl Script {
    fn six_step() -> Self {
        let definition = world::package("six-step");
        let form = filed("form", world::company("350100"));
        let mut documents: Documents = HashMap::from([(form.digest.clone(), Arc::clone(&form.content))]);
        let submit = Command::Submit {
            case: "350100-20260302-000001".into(),
            form,
            doubts: None,
            organisation: "b01".into(),
            outlet: Some("b01-001".into()),
            parent: None,
        };
        let mut commands = vec![("submit".to_owned(), submit)];
        for step in STEPS {
            let result = world::result_of(&definition, step).map(|result| filed(step, result));
            documents.extend(result.iter().map(|result| (result.digest.clone(), Arc::clone(&result.content))));
            let claim = Command::Claim { step: step.into(), holder: format!("{step}-token") };
            let complete = Command::Complete {
                step: step.into(),
                epoch: 1,
                outcome: "approve".into(),
                result,
                findings: None,
                officer: Some("FZ-0591".into()),
                approver: None,
                reason: None,
            };
            commands.push((format!("claim {step}"), claim));
            commands.push((format!("complete {step}"), complete));
        }
        Self {
            definition,
            workflows: world::shipped(),
            documents,
            registers: Registers::new(),
            limits: Limits::default(),
            actor: Actor::Agency { holder: "token".into() },
            lease: Lease { epoch: 1, holder: Some("token".into()) },
            start_us: parse_instant("2026-03-02T09:10:00+08:00").expect("an instant"),
            commands,
        }
    }

    /// Decides and applies the `nth` command; ten minutes pass between commands.
    fn run(&self, case: &mut Case, nth: usize) -> Vec<Event> {
        let now_us = self.start_us + nth as i64 * 600_000_000;
        let cx = Context {
            now_us,
            operating_us: now_us,
            actor: &self.actor,
            directory: &self.workflows.directory,
            calendars: &self.workflows.calendars,
            documents: &self.documents,
            lease: Some(&self.lease),
            registers: &self.registers,
            credit: None,
            salt: "salt",
            tells: false,
            limits: &self.limits,
        };
        let command = &self.commands[nth].1;
        let events = decide(&self.definition, case, command, &cx).expect("every command is accepted").events;
        for event in &events {
            case.evolve(now_us, event);
        }
        events
    }

    /// The case as it is before the `nth` command.
    fn before(&self, nth: usize) -> Case {
        let mut case = Case::default();
        for earlier in 0..nth {
            self.run(&mut case, earlier);
        }
        case
    }
}

fn commands(c: &mut Criterion) {
    let script = Script::six_step();
    let count = script.commands.len();
    assert_eq!(script.before(count).outcome.as_deref(), Some("opened"));

    let mut group = c.benchmark_group("six-step");
    group.throughput(Throughput::Elements(count as u64));
    group.bench_function(format!("case of {count} commands, decide + evolve"), |b| {
        b.iter(|| script.before(black_box(count)))
    });
    group.throughput(Throughput::Elements(1));
    for (nth, (name, _)) in script.commands.iter().enumerate() {
        let before = script.before(nth);
        group.bench_function(name.as_str(), |b| {
            b.iter_batched_ref(
                || before.clone(),
                |case| script.run(case, black_box(nth)),
                criterion::BatchSize::SmallInput,
            );
        });
    }
    group.finish();

    let mut group = c.benchmark_group("around it");
    let form = world::company("350100");
    group.bench_function("check the form", |b| b.iter(|| script.definition.form.check(black_box(&form))));
    let case = script.before(count - 1);
    group.bench_function("case to snapshot", |b| b.iter(|| serde_json::to_string(black_box(&case))));
    let snapshot = serde_json::to_string(&case).expect("a snapshot");
    group.bench_function("snapshot to case", |b| b.iter(|| serde_json::from_str::<Case>(black_box(&snapshot))));
    // The completion that opens four steps.
    let (mut opened, at_us) = (script.before(2), script.start_us);
    let events = script.run(&mut opened, 2);
    let entry =
        Entry { case: opened.id, seq: 3, at_us, actor: script.actor.clone(), command: "complete".into(), events };
    group.bench_function("entry to bytes and hash", |b| b.iter(|| chain_hash(GENESIS, &black_box(&entry).to_bytes())));
    group.bench_function("promise clock", |b| {
        b.iter(|| black_box(&case).promise_clock(&script.workflows.calendars, script.start_us + 7_200_000_000))
    });
    group.finish();
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    commands(&mut criterion);
    criterion.final_summary();
}
