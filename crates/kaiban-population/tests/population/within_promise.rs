use std::collections::BTreeMap;

use kaiban_engine::Phase;
use kaiban_population::Habits;

use super::stage::Stage;

/// Plays a crowd to its end; gives cases by outcome and the share of opened ones inside their promise, in per mille.
fn play(seed: u64, cases: u64, habits: Habits) -> (BTreeMap<String, usize>, usize, Stage) {
    let mut stage = Stage::new(seed, cases, habits);
    stage.play();
    let mut outcomes = BTreeMap::new();
    let (mut opened, mut within) = (0, 0);
    for case in stage.cases() {
        assert_eq!(case.phase, Phase::Closed, "{} did not end", case.id);
        let outcome = case.outcome.clone().unwrap();
        if outcome == "opened" {
            opened += 1;
            within += usize::from(case.used.as_ref().unwrap().working_us <= case.budget_us.unwrap());
        }
        *outcomes.entry(outcome).or_insert(0) += 1;
    }
    (outcomes, within * 1000 / opened.max(1), stage)
}

#[test]
fn a_usual_crowd_is_served_as_promised() {
    for (seed, cases) in [(1, 250), (2, 100)] {
        let (outcomes, permille, stage) = play(seed, cases, Habits::default());
        assert!((900..=975).contains(&permille), "{permille} ‰ of {cases} within their promise");
        assert!(outcomes["opened"] * 100 > cases as usize * 94);
        assert_eq!(outcomes.values().sum::<usize>(), cases as usize);
        let corrections: usize = stage.cases().map(|case| case.corrections.len()).sum();
        assert!(corrections * 100 > cases as usize * 5, "{corrections} corrections");
        assert!(
            stage.cases().all(|case| case.corrections.iter().all(|c| c.id.ends_with(".1") || c.id.ends_with(".2")))
        );
    }
}

#[test]
fn a_seed_gives_the_same_outcomes() {
    let (first, again) = (play(7, 60, Habits::default()), play(7, 60, Habits::default()));
    assert_eq!(first.2.record, again.2.record);
    assert_ne!(first.2.record, play(8, 60, Habits::default()).2.record);
}

#[test]
fn rates_are_obeyed() {
    let perfect = Habits {
        doubt_rate: 0.0,
        abolished_rate: 0.0,
        namesake_rate: 0.0,
        commitment_rate: 0.0,
        later_request_rate: 0.0,
        pause_rate: 0.0,
        correction_rate: 0.0,
        refusal_rate: 0.0,
        decline_rate: 0.0,
        withdrawal_rate: 0.0,
        slow_rate: 0.0,
        ..Habits::default()
    };
    let (outcomes, permille, stage) = play(3, 80, perfect.clone());
    assert_eq!(outcomes, BTreeMap::from([("opened".to_owned(), 80)]));
    assert!(permille > 990 && stage.cases().all(|case| case.corrections.is_empty()), "{permille} ‰");

    let strict = Habits { refusal_rate: 1.0, ..perfect.clone() };
    assert_eq!(play(3, 30, strict).0, BTreeMap::from([("refused".to_owned(), 30)]));

    let exact = Habits { correction_rate: 1.0, second_correction_rate: 1.0, ..perfect.clone() };
    let (outcomes, _, stage) = play(3, 30, exact);
    assert_eq!(outcomes, BTreeMap::from([("opened".to_owned(), 30)]));
    assert!(stage.cases().all(|case| case.corrections.iter().filter(|c| c.step == "registration").count() == 2));

    let branches = Habits { decline_rate: 1.0, ..perfect.clone() };
    let (outcomes, _, stage) = play(3, 30, branches);
    assert_eq!(outcomes, BTreeMap::from([("opened".to_owned(), 30)]));
    assert!(stage.cases().all(|case| case.steps["tax-registration"].outcome.as_deref() == Some("decline")));

    let doubtful = Habits { doubt_rate: 1.0, intake_decline_rate: 1.0, ..perfect };
    let (outcomes, _, _) = play(3, 30, doubtful);
    assert!(outcomes["not_accepted"] > 12 && outcomes["opened"] > 3, "{outcomes:?}");
}

#[test]
fn everything_that_can_happen_to_a_case_happens() {
    let habits = Habits {
        namesake_rate: 0.1,
        correction_rate: 0.15,
        second_correction_rate: 0.1,
        later_request_rate: 0.8,
        pause_rate: 0.2,
        refusal_rate: 0.03,
        withdrawal_rate: 0.03,
        ..Habits::default()
    };
    let (outcomes, _, stage) = play(5, 200, habits);
    let any = |what: &str, found: &dyn Fn(&kaiban_engine::Case) -> bool| {
        let count = stage.cases().filter(|case| found(case)).count();
        assert!(count > 2, "{what}: {count}");
    };
    let asked = |case: &kaiban_engine::Case, step: &str| {
        case.corrections.iter().any(|correction| correction.step == step && correction.answered_at_us.is_some())
    };
    any("a name that was taken", &|case| asked(case, "name"));
    any("a name that the registrar minds", &|case| {
        case.steps.get("name").is_some_and(|run| !run.superseded.is_empty())
    });
    any("people or a domicile checked again", &|case| {
        case.steps.get("identity[p1]").is_some_and(|run| !run.superseded.is_empty())
    });
    any("a person's check that asks for something", &|case| asked(case, "identity[p2]"));
    any("two branches in correction at once", &|case| {
        let open = |at: &kaiban_engine::CorrectionRun| (at.asked_at_us, at.answered_at_us.unwrap_or(i64::MAX));
        let spans: Vec<(i64, i64)> = case.corrections.iter().map(open).collect();
        spans.iter().enumerate().any(|(n, a)| spans[n + 1..].iter().any(|b| a.0 < b.1 && b.0 < a.1))
    });
    any("nobody to enrol", &|case| case.step_state("enrolment") == kaiban_engine::StepState::Skipped);
    any("no seals now", &|case| case.step_state("seal") == kaiban_engine::StepState::NotRequested);
    any("a step asked for later", &|case| case.steps.values().any(|run| run.requested));
    any("a special procedure", &|case| {
        let codes = &case.steps.get("registration").map(|run| run.codes.clone()).unwrap_or_default();
        codes.iter().any(|at| at.code == kaiban_engine::StateCode::SpecialEnds)
    });
    any("a branch declined", &|case| case.steps.values().any(|run| run.outcome.as_deref() == Some("decline")));
    assert!(outcomes["refused"] > 2 && outcomes["withdrawn"] > 2, "{outcomes:?}");
}
