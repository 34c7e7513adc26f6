//! A journey as a person reads it: one line an event with its local time, then who had the ball, then the clocks.

use std::fmt::Write as _;

use kaiban_engine::{Actor, CodeAt, Entry, Event, Interval, Ledger, PromiseClock, Used};

use super::{Sim, hours, local};

/// The whole journey of a case up to now.
pub fn journey(sim: &Sim) -> String {
    let mut out = format!("{} {}, case {}\n\n", sim.case.workflow, sim.def.version, sim.case.id);
    for (bytes, _) in &sim.journal {
        let entry: Entry = serde_json::from_str(bytes).unwrap();
        let who = who(&entry.actor);
        for (index, event) in entry.events.iter().enumerate() {
            let (who, command) = if index == 0 { (who.as_str(), entry.command.as_str()) } else { ("", "") };
            let line = format!("{}  {who:<26}{command:<18}{}", local(entry.at_us), line(event));
            let _ = writeln!(out, "{}", line.trim_end());
        }
    }
    out.push_str("\nThe case's time\n");
    ledger(&sim.case.ledger, sim, &mut out);
    let codes = codes(sim);
    if !codes.is_empty() {
        out.push_str("\nState codes\n");
        out.push_str(&codes);
    }
    out.push_str("\nClocks\n");
    clock("case", &sim.clock(), &mut out);
    for step in sim.case.steps.iter().filter(|(_, run)| run.offers > 0).map(|(step, _)| step) {
        clock(step, &sim.step_clock(step), &mut out);
    }
    out
}

/// The numbers that an approval system sees, in order.
fn codes(sim: &Sim) -> String {
    let row = |codes: &[CodeAt]| codes.iter().map(|at| format!(" {}", at.code as u8)).collect::<String>();
    let mut out = format!("case{}\n", row(&sim.case.codes));
    for (step, run) in sim.case.steps.iter().filter(|(_, run)| !run.codes.is_empty()) {
        let _ = writeln!(out, "{step}{}", row(&run.codes));
    }
    out
}

fn who(actor: &Actor) -> String {
    match actor {
        Actor::Terminal { organisation, outlet } => outlet.clone().unwrap_or_else(|| organisation.clone()),
        Actor::Agency { holder } | Actor::Admin { holder } => holder.clone(),
        Actor::Officer { officer } => officer.clone(),
        Actor::Applicant { .. } => "applicant".into(),
        Actor::System => "system".into(),
    }
}

fn ledger(ledger: &Ledger, sim: &Sim, out: &mut String) {
    for Interval { from_us, to_us, ball, parties, reason, counts } in &ledger.0 {
        let to = to_us.map_or("now".into(), local);
        let wall = hours(to_us.unwrap_or(sim.now_us) - from_us);
        let counts = if *counts { "counts" } else { "does not count" };
        let reason = format!("{reason:?}, {counts}");
        let line = format!(
            "{} - {to:<16}  {wall:>7}  {ball:<10}{reason:<28}{}",
            local(*from_us),
            parties.join(" "),
            ball = format!("{ball:?}")
        );
        let _ = writeln!(out, "{}", line.trim_end());
    }
}

fn clock(name: &str, clock: &PromiseClock, out: &mut String) {
    let _ = write!(out, "{name:<20}{:<12}used {}", clock.state.name(), hours(clock.elapsed_us));
    if let Some(budget) = clock.budget_us {
        let _ = write!(out, " of {}", hours(budget));
    }
    if let Some(due) = clock.due_us {
        let _ = write!(out, ", due {}", local(due));
    }
    if let Some(breached) = clock.breached_at_us {
        let _ = write!(out, ", used up {}", local(breached));
    }
    let _ = writeln!(out, ", on {}{}", clock.calendar, if clock.provisional { ", provisional" } else { "" });
}

fn line(event: &Event) -> String {
    match event {
        Event::Received { workflow, division, calendar, doubt_count, .. } => {
            let doubts = if *doubt_count > 0 { format!(", {doubt_count} doubt") } else { String::new() };
            format!("received for {workflow} at {division}, hours of {calendar}{doubts}")
        }
        Event::Accepted { from_us, budget_us } => {
            format!("accepted as of {}{}", local(*from_us), promised(*budget_us))
        }
        Event::PromiseUndecided => "which promise holds could not be decided".into(),
        Event::PromiseLookedAt { officer } => format!("the promise was looked at{}", by(Some(officer))),
        Event::NeedsResolved { step, waived } if waived.is_empty() => format!("{step}: waits for all it needs"),
        Event::NeedsResolved { step, waived } => format!("{step}: does not wait for {}", waived.join(", ")),
        Event::StepBranched { step, keys } => format!("{step}: divided into {}", keys.join(", ")),
        Event::StepJoined { step } => format!("{step}: joined"),
        Event::StepSkipped { step } => format!("{step}: skipped"),
        Event::StepNotRequested { step } => format!("{step}: not requested"),
        Event::StepRequested { step, changed, .. } if changed.is_empty() => format!("{step}: requested"),
        Event::StepRequested { step, changed, .. } => format!("{step}: requested, {} changed", changed.join(" ")),
        Event::StepWithdrawn { step, because, used, .. } => {
            format!("{step}: withdrawn, {}{}", word(because), took(used.as_ref()))
        }
        Event::LoopTaken { step, outcome, officer, .. } => {
            format!("{step}: {outcome}{} takes back", by(officer.as_deref()))
        }
        Event::StepReopened { step, by, .. } => format!("{step}: reopened by {by}"),
        Event::TaskTakenBack { step, by } => format!("{step}: task taken back, the form changes with {by}"),
        Event::UndoOpened { step, of, round, .. } => format!("{step}: undoes round {round} of {of}"),
        Event::WaitStarted { step, starts: Some(workflow), .. } => format!("{step}: starts a case of {workflow}"),
        Event::WaitStarted { step, calendar, until_us, counted, .. } => {
            let counted = if *counted { "" } else { ", not counted" };
            let until = until_us.map_or("for ever".into(), |until_us| format!("until {}", local(until_us)));
            format!("{step}: waits {until} by {calendar}{counted}")
        }
        Event::SubCaseEnded { step, case, outcome } => format!("{step}: case {case} ended, {outcome}"),
        Event::OutcomeRevoked { step, by, case } => format!("{step}: revoked, because of {case} of {by}"),
        Event::RevocationAnnounced { offices } => format!("told of the revocation: {}", offices.join(" ")),
        Event::DrawAwaited { step, pool, stratum, .. } => {
            format!("{step}: waits for a draw of {pool}, class {stratum}")
        }
        Event::Drawn { step, draw, drawn } => {
            format!("{step}: {} in {draw}", if *drawn { "drawn" } else { "not drawn" })
        }
        Event::CertificateProved { step, way } => format!("{step}: {} stands for it", way.name()),
        Event::CommitmentSigned { step, person, signed } => format!("{step}: promised by {person}, {}", signed.scheme),
        Event::CommitmentDeclined { step, person } => format!("{step}: {person} does not promise"),
        Event::CommitmentWithdrawn { step, person, .. } => format!("{step}: {person} takes the promise back"),
        Event::SubCaseStarted { step, case } => format!("{step}: case {case} started"),
        Event::Reserved { step, register, until_us } => {
            format!("{step}: reserved in {register} until {}", local(*until_us))
        }
        Event::ReservationLost { step, register } => format!("{step}: held for another case in {register}"),
        Event::StepPaused { step, reason, until_us, officer, approver, .. } => {
            let until = until_us.map_or(String::new(), |until_us| format!(" until {}", local(until_us)));
            let approved = approver.as_ref().map_or(String::new(), |approver| format!(", approved by {approver}"));
            format!("{step}: paused{until}, {}{}{approved}", word(reason), by(Some(officer)))
        }
        Event::StepResumed { step, officer } => format!("{step}: resumed{}", by(Some(officer))),
        Event::OverdueReached { step, index, party } => {
            let told = party.as_ref().map_or(String::new(), |party| format!(", {party} is told"));
            format!("{step}: takes long, {index}{told}")
        }
        Event::Reminded { correction, next_at_us } => {
            let next = next_at_us.map_or(String::new(), |at_us| format!(", again on {}", local(at_us)));
            format!("applicant reminded of {correction}{next}")
        }
        Event::LetterIssued { letter, number, .. } => format!("letter {letter} issued, {number}"),
        Event::ApplicantTold { number, correction, .. } => {
            let correction =
                correction.as_ref().map_or(String::new(), |correction| format!(" of correction {correction}"));
            format!("applicant told{correction} by {number}")
        }
        Event::GivenUp { correction, officer, .. } => format!("given up{}, {correction} unanswered", by(Some(officer))),
        Event::Rated { grade, .. } => format!("rated {grade}"),
        Event::StepOffered { step, office, counted, budget_us, deadline_us, offer, overdue, .. } => {
            let counted = if *counted { "" } else { ", not counted" };
            let deadline = deadline_us.map_or(String::new(), |at| format!(", accepted by itself on {}", local(at)));
            let overdue: String =
                overdue.iter().map(|(index, at)| format!(", late {index} on {}", local(*at))).collect();
            format!("{step}: offer {offer} to {office}{counted}{}{deadline}{overdue}", promised(*budget_us))
        }
        Event::TaskHandedOver { step, holder, fields } => format!("{step}: handed to {holder}: {}", fields.join(" ")),
        Event::TaskDeferred { step, until_us, code } => format!("{step}: put off until {}, {code}", local(*until_us)),
        Event::AttemptFailed { step, code, attempts, again_at_us } => {
            format!("{step}: attempt {attempts} failed, {code}; again at {}", local(*again_at_us))
        }
        Event::TaskReady { step } => format!("{step}: may be taken again"),
        Event::IncidentOpened { step, code, .. } => format!("{step}: incident, {code}"),
        Event::IncidentResolved { step } => format!("{step}: incident resolved"),
        Event::CorrectionAsked { step, correction, pointers, untold, breach, reopens, .. } => {
            let untold = if *untold { ", not told yet" } else { "" };
            let breach = if *breach { ", which it could have asked for before" } else { "" };
            let reopens =
                if reopens.is_empty() { String::new() } else { format!(", will reopen {}", reopens.join(" ")) };
            format!("{step}: correction {correction} asks for {}{breach}{untold}{reopens}", pointers.join(" "))
        }
        Event::Resubmitted { correction, changed, .. } => {
            format!("correction {correction} answered: {} changed", changed.join(" "))
        }
        Event::StepCompleted { step, outcome, result, officer, rule, used, .. } => {
            let result = if result.is_some() { ", with a result" } else { "" };
            let rule = rule.map_or(String::new(), |rule| format!(" by rule {rule}"));
            format!("{step}: {outcome}{}{rule}{result}{}", by(officer.as_deref()), took(used.as_ref()))
        }
        Event::StepEnded { step, outcome, officer, approver, used, .. } => {
            let approved = approver.as_ref().map_or(String::new(), |approver| format!(", approved by {approver}"));
            format!("{step}: ends with {outcome}{}{approved}{}", by(officer.as_deref()), took(used.as_ref()))
        }
        Event::MarkReached { step, percent, used } => {
            let clock = step.as_deref().unwrap_or("case");
            format!("{clock}: {percent} % of the promise, {}", hours(used.working_us))
        }
        Event::ReasonOwed { step, remind_at_us } => {
            let remind = remind_at_us.map_or(String::new(), |at_us| format!(", reminded on {}", local(at_us)));
            format!("{step}: a reason is owed{remind}")
        }
        Event::ReasonReminded { step, next_at_us } => {
            let next = next_at_us.map_or(String::new(), |at_us| format!(", again on {}", local(at_us)));
            format!("{step}: reminded of the reason{next}")
        }
        Event::DelayExplained { step, officer, .. } => format!("{step}: delay explained{}", by(Some(officer))),
        Event::StatutoryExtended { step, officer, approver, .. } => {
            let clock = step.as_deref().unwrap_or("case");
            format!("{clock}: period prolonged{}, approved by {approver}", by(Some(officer)))
        }
        Event::ClocksRecomputed { publication, clocks, moved, .. } => {
            format!("publication {publication}: {} clocks reread, {} dates moved", clocks.len(), moved.len())
        }
        Event::Migrated { from, to, .. } => format!("goes on by version {}, no longer by {}", to.1, from.1),
        Event::PromiseStopped { used } => format!("promise clock stopped, used {}", hours(used.working_us)),
        Event::Withdrawn { .. } => "withdrawn by the applicant".into(),
        Event::Cancelled { officer, .. } => format!("cancelled{}", by(Some(officer))),
        Event::Closed { outcome, by, without, .. } => {
            let by = by.as_ref().map_or(String::new(), |step| format!(" by {step}"));
            let without = if without.is_empty() { String::new() } else { format!(", without {}", without.join(", ")) };
            format!("closed: {outcome}{by}{without}")
        }
    }
}

fn word(value: impl serde::Serialize) -> String {
    serde_json::to_value(value).unwrap().as_str().unwrap_or_default().replace('_', " ")
}

fn took(used: Option<&Used>) -> String {
    used.map_or(String::new(), |used| format!(", used {}", hours(used.working_us)))
}

fn promised(budget_us: Option<i64>) -> String {
    budget_us.map_or(String::new(), |us| format!(", {} promised", hours(us)))
}

fn by(officer: Option<&str>) -> String {
    officer.map_or(String::new(), |officer| format!(" by {officer}"))
}
