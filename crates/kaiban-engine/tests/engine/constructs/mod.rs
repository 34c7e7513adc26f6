//! Every construct of the package language, one a file: a package that shows it, a journey for people to read, and what
//! else has to be true of it.

pub mod branches;
pub mod choices;
pub mod commitments;
pub mod draws;
pub mod loops;
pub mod overdue;
pub mod pauses;
pub mod promises;
pub mod registers;
pub mod requests;
pub mod revocations;
pub mod rules;
pub mod sub_cases;
pub mod telling;
pub mod waits;

use crate::journeys::Journey;
use crate::sim::Sim;
use crate::sim::trace::journey;

/// The journeys of all of them.
pub const JOURNEYS: [Journey; 18] = [
    ("branches", branches::checked_one_by_one),
    ("branches_change", branches::the_list_changes),
    ("promised", commitments::promised),
    ("promise_taken_back", commitments::taken_back),
    ("drawn", draws::drawn),
    ("revoked_while_open", revocations::while_open),
    ("first_of_several", choices::the_first_is_enough),
    ("loop_and_undo", loops::drawn_again),
    ("correction_reopens", loops::corrected_from_far_behind),
    ("late", overdue::late),
    ("paused", pauses::paused),
    ("promise_undecided", promises::undecided),
    ("name_taken", registers::taken_and_kept),
    ("requested_later", requests::asked_for_later),
    ("decided_by_rules", rules::decided),
    ("starts_a_case", sub_cases::started),
    ("told_and_given_up", telling::given_up),
    ("waits", waits::cooled_off),
];

/// The events of a journey, one a line, without dates.
pub fn told(sim: &Sim) -> Vec<String> {
    let whole = journey(sim);
    let lines = whole.lines().skip(2).take_while(|line| !line.is_empty());
    lines.map(|line| line.chars().skip(62).collect()).collect()
}

/// The last of them.
pub fn last(sim: &Sim, count: usize) -> Vec<String> {
    let all = told(sim);
    all[all.len().saturating_sub(count)..].to_vec()
}
