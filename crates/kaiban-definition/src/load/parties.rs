//! Who does the steps: every party is in the directory and has, for every registering division, an office with a
//! calendar.

use kaiban_calendar::Calendars;

use super::draft::{Draft, DraftWork};
use super::reader::{Log, Spot};
use crate::directory::Directory;
use crate::model::OverdueAction;

pub(super) fn check(draft: &Draft, directory: &Directory, calendars: &Calendars, log: &mut Log<'_>) {
    for step in &draft.steps {
        let counts = step.counts.as_ref().is_some_and(|counts| counts.value);
        let timed = counts || step.within.is_some() || !step.on_overdue.is_empty();
        if let Some(DraftWork::Office { party }) = &step.work {
            check_party(party, timed, directory, calendars, log);
        }
        for overdue in &step.on_overdue {
            let Some(action) = &overdue.action else { continue };
            if let OverdueAction::Escalate { party } = &action.value {
                check_party(&Spot { at: action.at, value: party.clone() }, false, directory, calendars, log);
            }
        }
    }
    for party in draft.intake.iter().filter_map(|intake| intake.party.as_ref()) {
        check_party(party, true, directory, calendars, log);
    }
}

fn check_party(party: &Spot<String>, timed: bool, directory: &Directory, calendars: &Calendars, log: &mut Log<'_>) {
    let name = &party.value;
    if directory.party(name).is_none() {
        log.error(
            party.at,
            "UNKNOWN_PARTY",
            format!("部门目录中没有 {name}。"),
            format!("The directory has no party `{name}`."),
        );
        let known: Vec<&str> = directory.parties().map(|party| party.id.as_str()).collect();
        let known = known.join(", ");
        log.help(format!("目录中有：{known}。"), format!("The parties are: {known}."));
        return;
    }
    let (mut without_office, mut without_calendar) = (Vec::new(), Vec::new());
    for division in directory.divisions() {
        match directory.office(name, &division.code) {
            None => without_office.push(division.code.as_str()),
            Some(office) if timed && calendars.get(&office.calendar).is_none() => {
                without_calendar.push(office.id.as_str())
            }
            Some(_) => {}
        }
    }
    if !without_office.is_empty() {
        let codes = without_office.join(", ");
        log.error(
            party.at,
            "NO_OFFICE",
            format!("{name} 在这些区划没有办理机构：{codes}。"),
            format!("`{name}` has no office for these divisions: {codes}."),
        );
        log.help("请在 directory/agencies.yaml 中补上。", "Add them to directory/agencies.yaml.");
    }
    without_calendar.dedup();
    if !without_calendar.is_empty() {
        let offices = without_calendar.join(", ");
        log.error(
            party.at,
            "NO_CALENDAR",
            format!("该环节计时，但这些机构没有日历：{offices}。"),
            format!("The step is timed, but these offices have no calendar: {offices}."),
        );
    }
}
