//! What is true of every case at every moment, as named predicates. The simulator checks them after each step, `verify`
//! over the whole database, and the write path before each commit in debug builds.

mod branches;
mod corrections;
mod flow;
mod promises;
mod rounds;
mod time;

use kaiban_definition::Definition;

pub(crate) use self::flow::{gives_result, has_begun};

use crate::case::Case;

/// A named predicate; the error says what is not as it should be, without personal data.
#[derive(Clone, Copy, Debug)]
pub struct Invariant {
    /// Name, as `verify` prints it.
    pub name: &'static str,
    /// The predicate.
    pub check: fn(&Definition, &Case) -> Result<(), String>,
}

/// All of them.
pub fn all() -> &'static [Invariant] {
    macro_rules! named {
        ($($module:ident::$name:ident),* $(,)?) => {
            &[$(Invariant { name: stringify!($name), check: $module::$name }),*]
        };
    }
    const ALL: &[Invariant] = named![
        time::ledger_is_whole,
        time::clock_runs_exactly_with_counted_work,
        time::case_counts_what_its_steps_count,
        time::promise_stops_with_last_counted_step,
        time::overdue_is_in_order,
        flow::what_was_dropped_is_over,
        flow::closed_case_is_at_rest,
        flow::open_case_moves,
        flow::needs_come_first,
        flow::the_first_of_several_takes_the_others_back,
        flow::nothing_begins_before_acceptance,
        flow::outcomes_are_declared,
        flow::waits_are_for_something,
        flow::reservations_are_held_while_open_or_kept,
        corrections::corrections_match_steps,
        corrections::corrections_are_told_before_they_are_recalled,
        corrections::letters_are_numbered_once,
        corrections::pauses_match_states,
        corrections::codes_are_paired,
        branches::branches_match_groups,
        rounds::rounds_are_numbered,
        rounds::loops_are_within_at_most,
        rounds::undo_branches_match_rounds,
        promises::commitments_replace_certificates,
        promises::certificates_are_proved,
        promises::what_is_revoked_is_taken_back,
        promises::ends_of_started_cases_are_known_once,
    ];
    ALL
}

/// Checks all of them; gives the names and reasons of those that fail.
pub fn check(def: &Definition, case: &Case) -> Vec<(&'static str, String)> {
    let failed = all().iter().filter_map(|invariant| {
        let reason = (invariant.check)(def, case).err()?;
        Some((invariant.name, reason))
    });
    failed.collect()
}

fn require(holds: bool, reason: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(reason()) }
}
