//! One event, one line.

use kaiban_definition::{Definition, OverdueAction};
use kaiban_engine::{BREACH, Because, Case, Event, StepState, Used, Way};

use super::{hours, local, seen_from};

/// How a line about a letter ends.
pub(super) const ISSUED: &str = " issued";
pub(super) const TOLD: &str = " told to the applicant";

/// The step that an event is about, if one.
pub(super) fn step(event: &Event) -> Option<&str> {
    match event {
        Event::NeedsResolved { step, .. }
        | Event::StepBranched { step, .. }
        | Event::StepJoined { step }
        | Event::StepNotRequested { step }
        | Event::StepRequested { step, .. }
        | Event::StepWithdrawn { step, .. }
        | Event::LoopTaken { step, .. }
        | Event::StepReopened { step, .. }
        | Event::TaskTakenBack { step, .. }
        | Event::UndoOpened { step, .. }
        | Event::WaitStarted { step, .. }
        | Event::SubCaseStarted { step, .. }
        | Event::Reserved { step, .. }
        | Event::ReservationLost { step, .. }
        | Event::StepPaused { step, .. }
        | Event::StepResumed { step, .. }
        | Event::OverdueReached { step, .. }
        | Event::StepSkipped { step }
        | Event::StepOffered { step, .. }
        | Event::TaskHandedOver { step, .. }
        | Event::TaskDeferred { step, .. }
        | Event::AttemptFailed { step, .. }
        | Event::TaskReady { step }
        | Event::IncidentOpened { step, .. }
        | Event::IncidentResolved { step }
        | Event::CorrectionAsked { step, .. }
        | Event::StepCompleted { step, .. }
        | Event::StepEnded { step, .. }
        | Event::ReasonOwed { step, .. }
        | Event::ReasonReminded { step, .. }
        | Event::DelayExplained { step, .. }
        | Event::SubCaseEnded { step, .. }
        | Event::OutcomeRevoked { step, .. }
        | Event::DrawAwaited { step, .. }
        | Event::Drawn { step, .. }
        | Event::CertificateProved { step, .. }
        | Event::CommitmentSigned { step, .. }
        | Event::CommitmentDeclined { step, .. }
        | Event::CommitmentWithdrawn { step, .. } => Some(step),
        Event::MarkReached { step, .. } | Event::StatutoryExtended { step, .. } | Event::LetterIssued { step, .. } => {
            step.as_deref()
        }
        Event::Received { .. }
        | Event::Accepted { .. }
        | Event::PromiseUndecided
        | Event::PromiseLookedAt { .. }
        | Event::Reminded { .. }
        | Event::ApplicantTold { .. }
        | Event::GivenUp { .. }
        | Event::Rated { .. }
        | Event::Resubmitted { .. }
        | Event::PromiseStopped { .. }
        | Event::ClocksRecomputed { .. }
        | Event::Migrated { .. }
        | Event::Withdrawn { .. }
        | Event::Cancelled { .. }
        | Event::RevocationAnnounced { .. }
        | Event::Closed { .. } => None,
    }
}

/// The event as a person reads it; none for one that says nothing that is not said beside it.
pub(super) fn line(def: &Definition, case: &Case, now_us: i64, event: &Event) -> Option<String> {
    Some(match event {
        Event::Received { workflow, division, doubt_count, parent, .. } => {
            let started = if parent.is_some() { ", started by another case" } else { "" };
            format!("received for {workflow} at {division}{}{started}", doubts(*doubt_count))
        }
        Event::Accepted { from_us, budget_us } => {
            let since = if *from_us == now_us { String::new() } else { format!(" as of {}", local(*from_us)) };
            format!("accepted{since}{}", promised(*budget_us))
        }
        Event::PromiseUndecided => "the promise cannot be decided".to_owned(),
        Event::PromiseLookedAt { officer } => format!("the promise was looked at by {officer}"),
        Event::NeedsResolved { step, waived } => {
            let needs = def.step(step).map(|step| step.needs.as_slice()).unwrap_or_default();
            let held = needs.iter().filter(|need| need.when.is_some() && !waived.contains(&need.step));
            let held: Vec<&str> = held.map(|need| need.step.as_str()).collect();
            match (held.is_empty(), waived.is_empty()) {
                (false, true) => format!("{step}: waits for {}", held.join(", ")),
                (true, _) => format!("{step}: does not wait for {}", waived.join(", ")),
                (false, false) => format!("{step}: waits for {}, not for {}", held.join(", "), waived.join(", ")),
            }
        }
        Event::StepBranched { step, keys } => format!("{step}: one branch each for {}", keys.join(", ")),
        Event::StepJoined { step } => format!("{step}: all branches ended"),
        Event::StepNotRequested { step } => format!("{step}: not requested"),
        Event::StepRequested { step, changed, .. } if changed.is_empty() => format!("{step}: requested"),
        Event::StepRequested { step, changed, .. } => format!("{step}: requested, with {} changed", changed.join(" ")),
        Event::StepWithdrawn { step, because, used, .. } => {
            let because = match because {
                Because::Others => "another was first",
                Because::ElementRemoved => "its element is gone",
                Because::Applicant => "the applicant no longer wants it",
                Because::Revoked => "what it rests on is revoked",
                Because::Migrated => "the new version of the package does not have it",
            };
            format!("{step}: taken back, {because}{}", spent(used.as_ref()))
        }
        Event::LoopTaken { step, outcome, officer, approver, .. } => {
            format!("{step}: {outcome}{}", by(officer.as_deref(), approver.as_deref()))
        }
        Event::StepReopened { step, by, .. } if step == by => format!("{step}: to be done again"),
        Event::StepReopened { step, by, .. } => format!("{step}: to be done again, because of {by}"),
        Event::TaskTakenBack { step, by } => format!("{step}: taken back, the form changes with {by}"),
        Event::UndoOpened { step, of, round, .. } => format!("{step}: undoes round {round} of {of}"),
        Event::WaitStarted { step, until_us: Some(until_us), .. } => {
            format!("{step}: waits until {}", seen_from(now_us, *until_us))
        }
        Event::WaitStarted { step, starts: Some(workflow), .. } => format!("{step}: starts a case of {workflow}"),
        Event::WaitStarted { step, .. } => format!("{step}: waits"),
        Event::SubCaseStarted { step, .. } => format!("{step}: the case is there"),
        Event::SubCaseEnded { step, outcome, .. } => format!("{step}: the case ends, {outcome}"),
        Event::OutcomeRevoked { step, by, .. } => format!("{step}: revoked, because of {by}"),
        Event::RevocationAnnounced { offices } if offices.is_empty() => return None,
        Event::RevocationAnnounced { offices } => format!("{} told of the revocation", offices.join(", ")),
        Event::DrawAwaited { step, pool, stratum, .. } => {
            format!("{step}: waits for a draw of {pool}, class {stratum}")
        }
        Event::Drawn { step, drawn: true, .. } => format!("{step}: drawn"),
        Event::Drawn { step, drawn: false, .. } => format!("{step}: not drawn"),
        Event::CertificateProved { step, way } => format!("{step}: {}", proved_by(*way)),
        Event::CommitmentSigned { step, person, .. } => format!("{step}: commitment signed by {person}"),
        Event::CommitmentDeclined { step, person } => format!("{step}: commitment declined by {person}"),
        Event::CommitmentWithdrawn { step, person, .. } => format!("{step}: commitment taken back by {person}"),
        Event::Reserved { step, register, until_us } => {
            format!("{step}: reserved in {register} until {}", local(*until_us))
        }
        Event::ReservationLost { step, register } => format!("{step}: taken by another case in {register}"),
        Event::StepPaused { step, reason, until_us, approver, .. } => {
            let until = until_us.map_or(String::new(), |until_us| format!(" until {}", local(until_us)));
            format!("{step}: paused for {}{until}{}", reason.rule().name, by(None, approver.as_deref()))
        }
        Event::StepResumed { step, .. } => format!("{step}: resumed"),
        Event::OverdueReached { step, index, party } => {
            let listed = def.step(step).and_then(|step| step.on_overdue.get(usize::try_from(*index).ok()?));
            let done = match (listed.map(|listed| &listed.action), party) {
                (_, Some(party)) => format!("{party} is told"),
                (Some(OverdueAction::Outcome { .. }), None) => "it ends by itself".to_owned(),
                _ => "its office is reminded".to_owned(),
            };
            format!("{step}: takes long, {done}")
        }
        Event::Reminded { correction, next_at_us } => {
            let next = next_at_us.map_or(String::new(), |at_us| format!(", again on {}", local(at_us)));
            format!("correction {correction}: the applicant is reminded{next}")
        }
        Event::LetterIssued { letter, step, .. } => {
            let of = step.as_ref().map_or(String::new(), |step| format!(" of {step}"));
            format!("letter {letter}{of}{ISSUED}")
        }
        Event::ApplicantTold { number, .. } => {
            let letter = case.letters.iter().find(|letter| letter.number == *number)?;
            let of = letter.step.as_ref().map_or(String::new(), |step| format!(" of {step}"));
            format!("letter {}{of}{TOLD}", letter.letter)
        }
        Event::GivenUp { correction, .. } => format!("given up: nobody answered correction {correction}"),
        Event::Rated { grade, .. } => format!("rated {grade}"),
        Event::StepSkipped { step } => format!("{step}: skipped"),
        Event::StepOffered { step, office, counted, budget_us, deadline_us, offer, .. } => {
            let again = if *offer > 1 { " again" } else { "" };
            let counted = if *counted { "" } else { ", not counted" };
            let deadline = deadline_us.map_or(String::new(), |at| format!(", deemed accepted on {}", local(at)));
            format!("{step}: offered{again} to {office}{}{counted}{deadline}", promised(*budget_us))
        }
        Event::TaskHandedOver { step, fields, .. } => {
            format!("{step}: taken, {} shared", plural(fields.len(), "field"))
        }
        Event::TaskDeferred { step, until_us, code } => {
            format!("{step}: put off until {}, {code}", seen_from(now_us, *until_us))
        }
        Event::AttemptFailed { step, code, attempts, .. } => format!("{step}: attempt {attempts} failed, {code}"),
        Event::TaskReady { step } => format!("{step}: may be taken again"),
        Event::IncidentOpened { step, code, .. } => format!("{step}: incident, {code}"),
        Event::IncidentResolved { step } => format!("{step}: incident resolved"),
        Event::CorrectionAsked { step, correction, pointers, officer, breach, reopens, .. } => {
            let breach = if *breach { ", which should have been asked for before" } else { "" };
            let reopens = match reopens.as_slice() {
                [] => String::new(),
                steps => format!(", the answer reopens {}", steps.join(", ")),
            };
            let by = by(officer.as_deref(), None);
            format!("{step}: correction {correction} asks for {}{by}{breach}{reopens}", pointers.join(" "))
        }
        Event::Resubmitted { correction, changed, doubt_count, .. } => {
            format!("correction {correction} answered, {} changed{}", changed.join(" "), doubts(*doubt_count))
        }
        Event::StepCompleted { step, outcome, result, officer, rule, used, .. } => {
            let result = if result.is_some() { ", with a result" } else { "" };
            let rule = rule.map_or(String::new(), |rule| format!(" by rule {}", rule + 1));
            // Chance has named them: the next draw would send others.
            let by = match sent(def, case, step) {
                true => " by whom the draw sent".to_owned(),
                false => by(officer.as_deref(), None),
            };
            format!("{step}: {outcome}{rule}{by}{result}{}", spent(used.as_ref()))
        }
        Event::StepEnded { step, outcome, officer, approver, used, .. } => {
            let by = by(officer.as_deref(), approver.as_deref());
            format!("{step}: ends with {outcome}{by}{}", spent(used.as_ref()))
        }
        Event::MarkReached { step, percent, used } => {
            let clock = step.as_deref().unwrap_or("the case");
            let mark =
                if *percent >= BREACH { "longer than promised".to_owned() } else { format!("{percent} % of its time") };
            format!("{clock}: {mark}, {} used", hours(used.working_us))
        }
        Event::ReasonOwed { step, .. } => format!("{step}: its office owes a reason for the delay"),
        Event::ReasonReminded { step, .. } => format!("{step}: its office is reminded of the reason"),
        Event::DelayExplained { step, officer, .. } => format!("{step}: the delay is explained by {officer}"),
        Event::StatutoryExtended { step, officer, approver, .. } => {
            let clock = step.as_deref().unwrap_or("the case");
            format!("{clock}: the period of the law is prolonged{}", by(Some(officer), Some(approver)))
        }
        Event::ClocksRecomputed { source, clocks, moved, .. } => {
            let (clocks, dates) = (plural(clocks.len(), "clock"), plural(moved.len(), "date"));
            format!("calendars published ({source}): {clocks} read otherwise, {dates} moved")
        }
        Event::Migrated { from, to, .. } => format!("goes on by version {}, no longer by {}", to.1, from.1),
        Event::PromiseStopped { used } => format!("promise clock stops, {} used", hours(used.working_us)),
        Event::Withdrawn { .. } => "withdrawn by the applicant".to_owned(),
        Event::Cancelled { .. } => "cancelled".to_owned(),
        Event::Closed { outcome, by, without, released, .. } => {
            let by = by.as_ref().map_or(String::new(), |by| format!(" by {by}"));
            let without = if without.is_empty() { String::new() } else { format!(", without {}", without.join(", ")) };
            let free =
                if released.is_empty() { String::new() } else { format!(", {} free again", released.join(", ")) };
            format!("closed: {outcome}{by}{without}{free}")
        }
    })
}

/// What stands for a certificate.
pub(crate) fn proved_by(way: Way) -> &'static str {
    match way {
        Way::Evidence => "proved by the document",
        Way::Shared => "proved by shared data",
        Way::Commitment => "proved by a commitment",
    }
}

fn doubts(count: u32) -> String {
    if count == 0 { String::new() } else { format!(", {}", plural(count as usize, "doubt")) }
}

fn plural(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

fn promised(budget_us: Option<i64>) -> String {
    budget_us.map_or(String::new(), |us| format!(", {} promised", hours(us)))
}

fn spent(used: Option<&Used>) -> String {
    used.map_or(String::new(), |used| format!(", {} used", hours(used.working_us)))
}

/// Whether a draw said who does a step.
fn sent(def: &Definition, case: &Case, step: &str) -> bool {
    let draw = def.step(step).and_then(|step| step.drawn_by.as_ref());
    draw.is_some_and(|draw| case.step_state(draw) == StepState::Completed)
}

fn by(officer: Option<&str>, approver: Option<&str>) -> String {
    let officer = officer.map_or(String::new(), |officer| format!(" by {officer}"));
    let approver = approver.map_or(String::new(), |approver| format!(", approved by {approver}"));
    format!("{officer}{approver}")
}
