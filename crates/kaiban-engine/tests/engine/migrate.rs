//! Running cases go on by another version of their package.

use std::sync::Arc;

use kaiban_definition::{Definition, Migration, MigrationFile};
use kaiban_engine::{Case, Command, Entry, Event, Phase, Rejection, StepState};
use kaiban_findings::Finding;

use crate::sim::{Sim, hours, world};

/// What the packages of these tests begin with.
const OLD: &str = r#"
promise:
  - { from: 2020-01-01, within: 5 working hours }
corrections: { remind_after: [2 working days] }
steps:
  look:
    title: { zh: 核对, en: Look }
    party: market-regulation
    counts: true
    within: 1 working hour
    shares: [form.name]
    outcomes: { approve: {}, correct: { asks: applicant } }
  seal:
    title: { zh: 刻章, en: Seal }
    party: seal-carver
    needs: [look]
    counts: true
    shares: [form.name]
    result: result.schema.json
    on_overdue: [{ after: 1 working hour, do: remind }, { after: 3 working hours, do: remind }]
    outcomes: { approve: {} }
  photo:
    title: { zh: 照片, en: Photo }
    party: seal-carver
    needs: [look]
    counts: false
    shares: [form.name]
    outcomes: { done: {} }
  hand-over:
    title: { zh: 送达, en: Hand over }
    party: market-regulation
    needs: [seal, photo]
    counts: false
    shares: [form.name]
    outcomes: { done: {} }
"#;

/// The old package, changed in places.
fn new(changes: &[(&str, &str)]) -> Arc<Definition> {
    let mut text = OLD.to_owned();
    for (old, new) in changes {
        assert!(text.contains(old), "{old}");
        text = text.replace(old, new);
    }
    world::small(&text)
}

/// The seal is called otherwise, no photo is taken, and a check comes before the hand-over.
fn renamed() -> Arc<Definition> {
    let photo = &OLD[OLD.find("  photo:").unwrap()..OLD.find("  hand-over:").unwrap()];
    let check = "  check:
    title: { zh: 复核, en: Check }
    party: market-regulation
    needs: [company-seal]
    counts: true
    shares: [form.name]
    outcomes: { done: {} }
";
    new(&[
        (photo, check),
        ("seal:\n    title: { zh: 刻章", "company-seal:\n    title: { zh: 刻章"),
        ("[seal, photo]", "[company-seal, check]"),
    ])
}

const MAPPING: &str = "workflow: small
from: '1'
to: '2'
renamed: { seal: company-seal }
dropped: { photo: withdrawn }
added: { check: { satisfied_once_begun: hand-over } }
";

fn mapping(text: &str, from: &Definition, to: &Definition) -> Arc<Migration> {
    let (file, findings) = MigrationFile::read("mapping.yaml", text);
    assert_eq!(findings, []);
    let (migration, findings) = file.unwrap().check(from, to);
    assert_eq!(findings, []);
    Arc::new(migration.unwrap())
}

fn migrates(sim: &mut Sim, to: &Arc<Definition>, text: &str) -> Result<Vec<Event>, Rejection> {
    let migration = mapping(text, &sim.def, to);
    sim.run(Command::Migrate { to: Arc::clone(to), migration })
}

fn codes(rejection: Rejection) -> Vec<String> {
    rejection.findings().iter().map(|finding| finding.code.to_string()).collect()
}

/// A case, a command that it is left for with two reasons, and one that is for cases of another version.
pub fn left() -> (Sim, Command, Command) {
    let mut sim = Sim::small(OLD);
    sim.office("look").approves();
    sim.office("seal").takes();
    let to = renamed();
    let stays = MAPPING.replace("withdrawn", "left");
    let migration = mapping(&stays, &sim.def, &to);
    let back = renamed_back();
    let not_its = mapping("{ workflow: small, from: '1', to: '2' }", &back, &sim.def);
    let not_its = Command::Migrate { to: Arc::clone(&sim.def), migration: not_its };
    (sim, Command::Migrate { to, migration }, not_its)
}

/// A case whose seal is being carved when the package changes, to its end.
pub fn goes_on_by_another_version() -> Sim {
    let mut sim = Sim::small(OLD);
    sim.office("look").asks_for(&["/name"]);
    sim.clock_says("09:30").corrects("look.1", "/name", "榕江茶业".into()).unwrap();
    sim.office("look").approves();
    sim.clock_says("10:00").office("seal").takes();
    sim.clock_says("10:30");
    migrates(&mut sim, &renamed(), MAPPING).unwrap();
    sim.clock_says("11:00").office("company-seal").approves();
    sim.office("check").approves();
    sim.office("hand-over").approves();
    sim
}

#[test]
fn steps_go_on_under_their_new_names_and_new_ones_come_in_their_turn() {
    let mut sim = Sim::small(OLD);
    let old = Arc::clone(&sim.def);
    sim.office("look").approves();
    sim.clock_says("10:00").office("seal").takes();
    let lease = sim.office("seal").epoch();
    sim.clock_says("10:30");
    let events = migrates(&mut sim, &renamed(), MAPPING).unwrap();
    let [
        Event::StepWithdrawn { step, .. },
        Event::Migrated { from, to, offered_anew, .. },
        Event::StepOffered { step: anew, offer: 2, budget_us: None, .. },
    ] = &events[..]
    else {
        panic!("{events:#?}");
    };
    assert_eq!((step.as_str(), anew.as_str(), offered_anew), ("photo", "company-seal", &vec!["seal".to_owned()]));
    assert_eq!((&from.0, &to.0), (&old.digest, &sim.def.digest));
    assert_eq!(sim.case.digest, sim.def.digest);
    assert_eq!(sim.state("look"), StepState::Completed);
    assert!(!sim.case.steps.contains_key("seal") && !sim.case.steps.contains_key("photo"));
    assert_eq!(sim.case.dropped.iter().map(|dropped| dropped.step.as_str()).collect::<Vec<_>>(), ["photo"]);
    // The task in hand is another's, under an epoch that was never given.
    sim.office("company-seal").takes();
    assert!(sim.office("company-seal").epoch() > lease);
    assert_eq!(sim.case.budget_us, Some(5 * 3_600_000_000), "what was promised stays promised");
    sim.clock_says("11:00").office("company-seal").approves();
    assert_eq!(sim.state("check"), StepState::Offered);
    sim.office("check").approves();
    assert_eq!(hours(sim.clock().elapsed_us), "2:00", "no time is lost by it");
    sim.office("hand-over").approves();
    assert_eq!((sim.case.phase, sim.case.outcome.as_deref()), (Phase::Closed, Some("done")));
}

#[test]
fn a_task_that_shows_and_asks_the_same_stays_in_its_hands() {
    let mut sim = Sim::small(OLD);
    sim.office("look").approves();
    sim.office("seal").takes();
    let (epoch, offers) = (sim.office("seal").epoch(), sim.case.steps["seal"].offers);
    let longer =
        new(&[("5 working hours", "8 working hours"), ("within: 1 working hour\n", "within: 2 working hours\n")]);
    let events = migrates(&mut sim, &longer, "{ workflow: small, from: '1', to: '2' }").unwrap();
    assert!(matches!(&events[..], [Event::Migrated { .. }]), "{events:#?}");
    assert_eq!((sim.office("seal").epoch(), sim.case.steps["seal"].offers), (epoch, offers));
    assert_eq!(sim.case.budget_us, Some(5 * 3_600_000_000));
    sim.office("seal").approves();

    // Another share: whoever has the task would see something else.
    let mut sim = Sim::small(OLD);
    sim.office("look").takes();
    let more = new(&[(
        "    within: 1 working hour\n    shares: [form.name]",
        "    within: 1 working hour\n    shares: [form.name, form.count]",
    )]);
    migrates(&mut sim, &more, "{ workflow: small, from: '1', to: '2' }").unwrap();
    assert_eq!((sim.state("look"), sim.case.steps["look"].offers), (StepState::Offered, 2));
    assert_eq!(sim.case.steps["look"].budget_us, Some(3_600_000_000));
}

#[test]
fn what_the_package_does_about_long_steps_follows_the_new_list_and_nothing_is_given_twice() {
    let mut sim = Sim::small(OLD);
    sim.office("look").approves();
    sim.runs_until("10:30");
    assert_eq!(sim.case.steps["seal"].reached, [0]);
    let list = "on_overdue: [{ after: 1 working hour, do: remind }, { after: 3 working hours, do: remind }]";
    let other = new(&[(
        list,
        "on_overdue: [{ after: 30 working minutes, do: remind }, { after: 1 working hour, do: remind }, { after: 2 working hours, escalate: market-regulation }]",
    )]);
    migrates(&mut sim, &other, "{ workflow: small, from: '1', to: '2' }").unwrap();
    let run = &sim.case.steps["seal"];
    assert_eq!(run.reached, [1], "the hour was given");
    assert_eq!(run.overdue.iter().map(|(index, _)| *index).collect::<Vec<_>>(), [0, 2]);
    assert_eq!(sim.timers_fire(), ["seal overdue"]);
    sim.runs_until("11:00");
    assert_eq!(sim.case.steps["seal"].reached, [1, 0, 2]);
}

#[test]
fn an_open_correction_is_answered_by_the_new_version() {
    let mut sim = Sim::small(OLD);
    sim.office("look").asks_for(&["/name"]);
    let looked = new(&[
        ("  look:", "  review:"),
        ("needs: [look]", "needs: [review]"),
        ("[2 working days]", "[3 working days]"),
    ]);
    let mapping = "{ workflow: small, from: '1', to: '2', renamed: { look: review } }";
    let reminder = |sim: &Sim| sim.case.corrections[0].remind_at_us.unwrap();
    let before_us = reminder(&sim);
    migrates(&mut sim, &looked, mapping).unwrap();
    assert_eq!(sim.state("review"), StepState::Correction);
    assert!(reminder(&sim) > before_us);
    // The applicant knows the correction by the name that it was asked under.
    sim.corrects("look.1", "/name", "榕江茶业".into()).unwrap();
    assert_eq!(sim.state("review"), StepState::Offered);
    sim.office("review").asks_for(&["/name"]);
    assert_eq!(sim.case.corrections[1].id, "review.2");
}

#[test]
fn a_case_that_cannot_is_left_with_every_reason() {
    let mut sim = Sim::small(OLD);
    sim.office("look").approves();
    let before = sim.case.clone();
    let left = MAPPING.replace("withdrawn", "left");
    assert_eq!(codes(migrates(&mut sim, &renamed(), &left).unwrap_err()), ["MIGRATION_STEP_UNDER_WAY"]);

    let early = "workflow: small\nfrom: '1'\nto: '2'\nadded: { first: offered }\n";
    let first = "  first:
    title: { zh: 先办, en: First }
    party: market-regulation
    counts: false
    shares: [form.name]
    outcomes: { done: {} }
  look:";
    let stricter = new(&[
        ("  look:", first),
        ("    within: 1 working hour\n", "    within: 1 working hour\n    needs: [first]\n"),
        ("    needs: [look]\n    counts: true", "    needs: [look]\n    counts: false"),
    ]);
    let reasons = codes(migrates(&mut sim, &stricter, early).unwrap_err());
    assert_eq!(reasons, ["MIGRATION_COUNTS", "MIGRATION_TOO_LATE"]);
    assert_eq!(sim.case, before, "all or nothing");

    // In a case that has not come so far the new step is waited for.
    let past = early.replace("offered", "{ satisfied_once_begun: look }");
    let first_only = new(&[
        ("  look:", first),
        ("    within: 1 working hour\n", "    within: 1 working hour\n    needs: [first]\n"),
    ]);
    let events = migrates(&mut sim, &first_only, &past).unwrap();
    assert!(matches!(&events[..], [Event::Migrated { satisfied, .. }] if satisfied == &["first"]), "{events:#?}");
    assert_eq!(sim.state("first"), StepState::Skipped);
}

#[test]
fn results_have_to_fit_and_other_versions_and_ended_cases_are_left() {
    let mut sim = Sim::small(OLD);
    sim.office("look").approves();
    sim.office("seal").approves();
    let without = new(&[("    result: result.schema.json\n", "")]);
    let same = "{ workflow: small, from: '1', to: '2' }";
    assert_eq!(codes(migrates(&mut sim, &without, same).unwrap_err()), ["MIGRATION_RESULT"]);
    let migration = mapping(same, &without, &renamed_back());
    let to = renamed_back();
    assert_eq!(sim.run(Command::Migrate { to: Arc::clone(&to), migration }), Err(Rejection::OtherVersion));
    sim.office("photo").approves();
    sim.office("hand-over").approves();
    assert_eq!(migrates(&mut sim, &to, same), Err(Rejection::CaseClosed));
}

fn renamed_back() -> Arc<Definition> {
    new(&[("zh: 刻章", "zh: 印章")])
}

#[test]
fn the_journal_replays_across_the_versions() {
    let mut sim = Sim::small(OLD);
    sim.office("look").approves();
    migrates(&mut sim, &renamed(), MAPPING).unwrap();
    sim.office("company-seal").approves();
    let entries: Vec<Entry> = sim.entries();
    let at = entries.iter().position(|entry| entry.command == "migrate").unwrap();
    let replay = |entries: &[Entry]| {
        let mut case = Case::default();
        for entry in entries {
            entry.events.iter().for_each(|event| case.evolve(entry.at_us, event));
        }
        case
    };
    assert_eq!(replay(&entries), sim.case);
    assert_ne!(replay(&entries[..at]).digest, sim.case.digest, "before it the case goes by the old version");
    assert!(replay(&entries[..at]).steps.contains_key("seal"));
}

fn findings(text: &str, to: &Definition) -> Vec<Finding> {
    let old = world::small(OLD);
    let (file, findings) = MigrationFile::read("mapping.yaml", text);
    file.map_or(findings, |file| file.check(&old, to).1)
}

#[test]
fn a_mapping_says_everything_that_differs() {
    let codes = |text: &str, to: &Definition| -> Vec<String> {
        findings(text, to).iter().map(|finding| format!("{} {}", finding.place, finding.code)).collect()
    };
    assert_eq!(
        codes("{ workflow: small, from: '1', to: '2' }", &renamed()),
        [
            "mapping.yaml:1:26 MIGRATION_UNMAPPED",
            "mapping.yaml:1:26 MIGRATION_UNMAPPED",
            "mapping.yaml:1:35 MIGRATION_NOT_ADDED",
            "mapping.yaml:1:35 MIGRATION_NOT_ADDED",
        ]
    );
}
