//! Who has the ball in a case, read from its steps: the same classes as the ledger's, with what to say about them.

use std::fmt;

use kaiban_api::v1;
use kaiban_api::v1::StepState;
use prost_types::Timestamp;

/// Code 7, a correction has ended, and code 10, a special procedure has ended: the office has the ball again.
const BACK_AT_THE_OFFICE: [i32; 2] = [7, 10];

/// Who has the ball.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Party<'a> {
    /// An office.
    Agency(&'a str),
    /// Who has to answer a correction.
    Applicant,
    /// The server: tells somebody, waits, or stands in incident.
    System,
    /// A pause: nobody's time is used.
    Nobody,
}

impl Party<'_> {
    /// The class, for programs.
    pub fn class(self) -> &'static str {
        match self {
            Self::Agency(_) => "AGENCY",
            Self::Applicant => "APPLICANT",
            Self::System => "SYSTEM",
            Self::Nobody => "NOBODY",
        }
    }
}

impl fmt::Display for Party<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Agency("") => "an agency",
            Self::Agency(office) => office,
            Self::Applicant => "the applicant",
            Self::System => "the system",
            Self::Nobody => "nobody",
        })
    }
}

/// How it stands with who has the ball.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stand<'a> {
    /// Offered, and nobody has taken it.
    Offered,
    Claimed,
    Deferred,
    /// An attempt failed; it is offered again.
    Retrying,
    /// A correction, by its id, is to be answered.
    Asked(&'a str),
    /// The applicant is being told of a correction.
    Untold(&'a str),
    Paused,
    /// Needs an officer.
    Incident,
    /// For time to pass or, where it is named, for a case that it started.
    Waiting(&'a str),
}

impl fmt::Display for Stand<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Offered => f.write_str("offered, not yet taken"),
            Self::Claimed => f.write_str("claimed"),
            Self::Deferred => f.write_str("deferred"),
            Self::Retrying => f.write_str("to be tried again"),
            Self::Asked(correction) => write!(f, "to answer {correction}"),
            Self::Untold(correction) => write!(f, "tells the applicant of {correction}"),
            Self::Paused => f.write_str("paused"),
            Self::Incident => f.write_str("in incident, needs an officer"),
            Self::Waiting("") => f.write_str("waits"),
            Self::Waiting(case) => write!(f, "waits for case {case}"),
        }
    }
}

/// An open step and who has to do something about it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ball<'a> {
    pub party: Party<'a>,
    pub step: &'a str,
    pub stand: Stand<'a>,
    /// Unset where the case does not tell.
    pub since: Option<Timestamp>,
    /// Whether the step counts towards the case's promise.
    pub counted: bool,
}

/// Everybody who has the ball, in the order of the steps; nobody once the case is closed.
pub fn of(case: &v1::Case) -> Vec<Ball<'_>> {
    if case.state() == v1::CaseState::Closed {
        return Vec::new();
    }
    case.steps.iter().filter_map(|step| held(case, step)).collect()
}

fn held<'a>(case: &'a v1::Case, step: &'a v1::Step) -> Option<Ball<'a>> {
    let asked = case.corrections.iter().rev().find(|asked| asked.step == step.step && asked.answered_at.is_none());
    let agency = |stand| (Party::Agency(&step.office), stand, since_offered(case, step));
    let (party, stand, since) = match step.state() {
        StepState::Offered => agency(Stand::Offered),
        StepState::Claimed => agency(Stand::Claimed),
        StepState::Deferred => agency(Stand::Deferred),
        StepState::Retrying => agency(Stand::Retrying),
        StepState::Correction => match asked {
            Some(asked) if asked.told_at.is_none() => (Party::System, Stand::Untold(&asked.id), asked.asked_at),
            Some(asked) => (Party::Applicant, Stand::Asked(&asked.id), asked.told_at),
            // Whose correction it is not to read sees that there is one.
            None => (Party::Applicant, Stand::Asked("a correction"), None),
        },
        StepState::Paused => (Party::Nobody, Stand::Paused, step.pause.as_ref().and_then(|pause| pause.since)),
        StepState::Incident => (Party::System, Stand::Incident, None),
        StepState::Waiting => (Party::System, Stand::Waiting(&step.sub_case), step.offered_at),
        StepState::Unspecified
        | StepState::Pending
        | StepState::Completed
        | StepState::Skipped
        | StepState::Ended
        | StepState::Withdrawn
        | StepState::Branched
        | StepState::NotRequested => return None,
    };
    Some(Ball { party, step: &step.step, stand, since, counted: step.counted })
}

/// Since when the office has it: since the offer, or since an answer or the end of a special procedure gave it back.
fn since_offered(case: &v1::Case, step: &v1::Step) -> Option<Timestamp> {
    let answered =
        case.corrections.iter().filter(|asked| asked.step == step.step).filter_map(|asked| asked.answered_at);
    let codes = step.codes.iter().filter(|emitted| BACK_AT_THE_OFFICE.contains(&emitted.code));
    let returned = codes.filter_map(|emitted| emitted.at);
    let instants = step.offered_at.into_iter().chain(answered).chain(returned);
    instants.max_by_key(|at| (at.seconds, at.nanos))
}

#[cfg(test)]
mod tests {
    use kaiban_api::timestamp;

    use super::*;

    fn step(name: &str, state: StepState) -> v1::Step {
        let offered_at = Some(timestamp(1_000_000));
        let office = "tax-350100".to_owned();
        v1::Step { step: name.to_owned(), state: state.into(), office, offered_at, ..Default::default() }
    }

    fn asked(id: &str, told: Option<i64>, answered: Option<i64>) -> v1::Correction {
        let step = id.split_once('.').map_or(id, |(step, _)| step).to_owned();
        v1::Correction {
            id: id.to_owned(),
            step,
            told_at: told.map(timestamp),
            answered_at: answered.map(timestamp),
            asked_at: Some(timestamp(2_000_000)),
            ..Default::default()
        }
    }

    #[test]
    fn two_branches_in_correction_and_an_office_are_three() {
        let case = v1::Case {
            state: v1::CaseState::Open.into(),
            steps: vec![
                step("identity", StepState::Branched),
                step("identity[p1]", StepState::Correction),
                step("identity[p2]", StepState::Correction),
                step("domicile", StepState::Claimed),
                step("registration", StepState::Pending),
            ],
            corrections: vec![
                asked("identity[p1].1", Some(3_000_000), None),
                asked("identity[p2].1", None, None),
                asked("domicile.1", Some(3_000_000), Some(9_000_000)),
            ],
            ..Default::default()
        };
        let balls = of(&case);
        let said: Vec<String> =
            balls.iter().map(|ball| format!("{} {} {}", ball.party, ball.step, ball.stand)).collect();
        assert_eq!(
            said,
            [
                "the applicant identity[p1] to answer identity[p1].1",
                "the system identity[p2] tells the applicant of identity[p2].1",
                "tax-350100 domicile claimed",
            ]
        );
        assert_eq!(balls[0].since, Some(timestamp(3_000_000)), "since he was told");
        assert_eq!(balls[1].since, Some(timestamp(2_000_000)), "since it was asked for");
        assert_eq!(balls[2].since, Some(timestamp(9_000_000)), "since the answer gave it back");
    }

    #[test]
    fn of_a_closed_case_nobody_has_the_ball() {
        let steps = vec![step("seal", StepState::Claimed)];
        let case = v1::Case { state: v1::CaseState::Closed.into(), steps, ..Default::default() };
        assert_eq!(of(&case), []);
    }
}
