//! Fixed seeds, seeds that once failed, and a fresh one in every run.

use std::collections::BTreeSet;
use std::hash::{BuildHasher, RandomState};

use kaiban_population::{Report, simulate};

fn run(seed: u64, steps: u64) -> Report {
    match simulate(seed, steps) {
        Ok(report) => report,
        Err(failure) => {
            panic!("{failure}\nadd `{seed} {steps}` to crates/kaiban-population/tests/population/regressions.txt")
        }
    }
}

/// Everything that can happen happens in a few worlds, and nearly everything that can be refused is.
#[test]
fn fixed_seeds_hold() {
    let (mut kinds, mut reasons) = (BTreeSet::new(), BTreeSet::new());
    let (mut cases, mut stuck) = (0, 0);
    for seed in 1..=12 {
        let report = run(seed, 1_500);
        assert!(report.cases > 20 && report.replays > 100, "{report:?}");
        assert!(report.rejected > report.steps / 10 && report.rejected < report.steps * 7 / 10, "{report:?}");
        (cases, stuck) = (cases + report.cases, stuck + report.stuck);
        assert!(report.trace.len() > 100);
        kinds.extend(report.kinds);
        reasons.extend(report.reasons);
    }
    assert!(stuck * 10 < cases, "{stuck} of {cases} cases could not go on by themselves");
    let missing: Vec<&str> = KINDS.into_iter().filter(|kind| !kinds.contains(*kind)).collect();
    assert!(missing.is_empty(), "never happened: {missing:?}");
    let missing: Vec<&str> = REASONS.into_iter().filter(|reason| !reasons.contains(reason)).collect();
    assert!(missing.is_empty(), "never refused: {missing:?}");
}

const KINDS: [&str; 57] = [
    "received",
    "migrated",
    "accepted",
    "needs_resolved",
    "promise_undecided",
    "promise_looked_at",
    "step_branched",
    "step_joined",
    "step_not_requested",
    "step_requested",
    "step_withdrawn",
    "loop_taken",
    "step_reopened",
    "undo_opened",
    "wait_started",
    "sub_case_started",
    "reserved",
    "reservation_lost",
    "step_paused",
    "step_resumed",
    "overdue_reached",
    "reminded",
    "letter_issued",
    "applicant_told",
    "given_up",
    "rated",
    "step_skipped",
    "step_offered",
    "task_handed_over",
    "task_deferred",
    "attempt_failed",
    "task_ready",
    "incident_opened",
    "incident_resolved",
    "correction_asked",
    "resubmitted",
    "step_completed",
    "step_ended",
    "promise_stopped",
    "withdrawn",
    "cancelled",
    "closed",
    "task_taken_back",
    "draw_awaited",
    "drawn",
    "certificate_proved",
    "proved by evidence",
    "proved by shared",
    "proved by commitment",
    "commitment_signed",
    "commitment_declined",
    "commitment_withdrawn",
    "sub_case_ended",
    "outcome_revoked",
    "revocation_announced",
    "revoked while open",
    "revoked after the end",
];

const REASONS: [&str; 50] = [
    "ALREADY_DECIDED",
    "ALREADY_DECLINED",
    "ALREADY_ISSUED",
    "ALREADY_RATED",
    "ALREADY_SIGNED",
    "ALREADY_TOLD",
    "APPROVER_NOT_ANOTHER",
    "APPROVER_REQUIRED",
    "CASE_CLOSED",
    "CERTIFICATE_NOT_NEEDED",
    "CERTIFICATE_PROVED",
    "COMMITMENT_NOT_ALLOWED",
    "CORRECTION_INVALID",
    "FINDINGS_NOT_EXPECTED",
    "FORM_INVALID",
    "GRADE_OUT_OF_RANGE",
    "LOOP_EXHAUSTED",
    "NOTHING_CHANGED",
    "NOT_ACCEPTED_YET",
    "NOT_CLAIMABLE",
    "NOT_CLOSED",
    "NOT_IN_INCIDENT",
    "NOT_LAPSED",
    "NOT_OPTIONAL",
    "NOT_PAUSABLE",
    "NOT_PAUSED",
    "NOT_PROMISABLE",
    "NOT_REQUESTABLE",
    "NOT_SIGNED",
    "NOT_WAITING",
    "NO_OPEN_CORRECTION",
    "NO_OPEN_TASK",
    "NO_SUCH_LETTER",
    "NO_SUCH_TIMER",
    "OFFICER_REQUIRED",
    "POINTER_IN_USE",
    "POINTER_NOT_OPEN",
    "REASON_REQUIRED",
    "RESULT_INVALID",
    "RESULT_NOT_EXPECTED",
    "RESULT_REQUIRED",
    "SIGNATORY_REQUIRED",
    "STALE_EPOCH",
    "STEP_OVER",
    "TEXT_INVALID",
    "TIME_OUT_OF_RANGE",
    "UNKNOWN_OUTCOME",
    "UNKNOWN_STEP",
    "UNTIL_REQUIRED",
    "WRONG_PHASE",
];

#[test]
fn seeds_that_once_failed_hold() {
    let list = include_str!("regressions.txt");
    for line in
        list.lines().map(|line| line.split('#').next().unwrap_or_default().trim()).filter(|line| !line.is_empty())
    {
        let (seed, steps) = line.split_once(' ').unwrap();
        run(seed.parse().unwrap(), steps.parse().unwrap());
    }
}

/// `KAIBAN_SIMULATOR_SEED` repeats a run, `KAIBAN_SIMULATOR_STEPS` lengthens it.
#[test]
fn a_fresh_seed_holds() {
    let given = |name: &str| std::env::var(name).ok().map(|text| text.parse().unwrap());
    let seed = given("KAIBAN_SIMULATOR_SEED").unwrap_or_else(|| RandomState::new().hash_one("seed") % 1_000_000_000);
    let steps = given("KAIBAN_SIMULATOR_STEPS").unwrap_or(5_000);
    eprintln!("KAIBAN_SIMULATOR_SEED={seed}");
    run(seed, steps);
}

#[test]
fn one_seed_is_one_run() {
    assert_eq!(run(11, 1_000), run(11, 1_000));
    assert_ne!(run(11, 1_000).digest, run(12, 1_000).digest);
}
