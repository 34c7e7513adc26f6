//! A journey as a person reads it: one line an event with its local time, then who had the ball, then the clocks.

use std::fmt::Write as _;

use kaiban_engine::{Actor, Entry, Event, Interval, Ledger, PromiseClock};

use super::{Sim, hours, local};

/// The whole journey of a case up to now.
pub fn journey(sim: &Sim) -> String {
    let mut out = format!("{} {}, case {}\n\n", sim.case.workflow, sim.def.version, sim.case.id);
    for (bytes, _) in &sim.journal {
        let entry: Entry = serde_json::from_str(bytes).unwrap();
        let who = who(&entry.actor);
        for (index, event) in entry.events.iter().enumerate() {
            let (who, command) = if index == 0 { (who.as_str(), entry.command.as_str()) } else { ("", "") };
            let line = format!("{}  {who:<26}{command:<11}{}", local(entry.at_us), line(event));
            let _ = writeln!(out, "{}", line.trim_end());
        }
    }
    out.push_str("\nThe case's time\n");
    ledger(&sim.case.ledger, sim, &mut out);
    out.push_str("\nClocks\n");
    clock("case", &sim.clock(), &mut out);
    for step in sim.case.steps.iter().filter(|(_, run)| run.offers > 0).map(|(step, _)| step) {
        clock(step, &sim.step_clock(step), &mut out);
    }
    out
}

fn who(actor: &Actor) -> String {
    match actor {
        Actor::Terminal { organisation, outlet } => outlet.clone().unwrap_or_else(|| organisation.clone()),
        Actor::Agency { holder } | Actor::Admin { holder } => holder.clone(),
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
    let _ = write!(out, "{name:<18}{:<12}used {}", clock.state.name(), hours(clock.elapsed_us));
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
        Event::NeedsResolved { step, waived } if waived.is_empty() => format!("{step}: waits for all it needs"),
        Event::NeedsResolved { step, waived } => format!("{step}: does not wait for {}", waived.join(", ")),
        Event::StepSkipped { step } => format!("{step}: skipped"),
        Event::StepOffered { step, office, counted, budget_us, deadline_us, offer, .. } => {
            let counted = if *counted { "" } else { ", not counted" };
            let deadline = deadline_us.map_or(String::new(), |at| format!(", accepted by itself on {}", local(at)));
            format!("{step}: offer {offer} to {office}{counted}{}{deadline}", promised(*budget_us))
        }
        Event::TaskHandedOver { step, holder, fields } => format!("{step}: handed to {holder}: {}", fields.join(" ")),
        Event::TaskDeferred { step, until_us, code } => format!("{step}: put off until {}, {code}", local(*until_us)),
        Event::AttemptFailed { step, code, attempts, again_at_us } => {
            format!("{step}: attempt {attempts} failed, {code}; again at {}", local(*again_at_us))
        }
        Event::TaskReady { step } => format!("{step}: may be taken again"),
        Event::IncidentOpened { step, code, .. } => format!("{step}: incident, {code}"),
        Event::IncidentResolved { step } => format!("{step}: incident resolved"),
        Event::CorrectionAsked { step, correction, pointers, .. } => {
            format!("{step}: correction {correction} asks for {}", pointers.join(" "))
        }
        Event::Resubmitted { correction, changed, .. } => {
            format!("correction {correction} answered: {} changed", changed.join(" "))
        }
        Event::StepCompleted { step, outcome, result, officer, used, .. } => {
            let result = if result.is_some() { ", with a result" } else { "" };
            let used = used.as_ref().map_or(String::new(), |used| format!(", used {}", hours(used.working_us)));
            format!("{step}: {outcome}{}{result}{used}", by(officer.as_deref()))
        }
        Event::StepEnded { step, outcome, officer, used, .. } => {
            let used = used.as_ref().map_or(String::new(), |used| format!(", used {}", hours(used.working_us)));
            format!("{step}: ends with {outcome}{}{used}", by(officer.as_deref()))
        }
        Event::PromiseStopped { used } => format!("promise clock stopped, used {}", hours(used.working_us)),
        Event::Withdrawn { .. } => "withdrawn by the applicant".into(),
        Event::Cancelled { officer, .. } => format!("cancelled{}", by(Some(officer))),
        Event::Closed { outcome, without, .. } if without.is_empty() => format!("closed: {outcome}"),
        Event::Closed { outcome, without, .. } => format!("closed: {outcome}, without {}", without.join(", ")),
    }
}

fn promised(budget_us: Option<i64>) -> String {
    budget_us.map_or(String::new(), |us| format!(", {} promised", hours(us)))
}

fn by(officer: Option<&str>) -> String {
    officer.map_or(String::new(), |officer| format!(" by {officer}"))
}
