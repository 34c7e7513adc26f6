//! What is published is only ever added to: whether one state of the calendars holds everything of an earlier one.

use kaiban_findings::{Finding, Place};

use crate::calendar::Calendar;
use crate::hours::{Closure, Timetable};
use crate::instant::local_date;
use crate::load::Calendars;

/// The code of whatever is missing.
const CODE: &str = "CALENDAR_HISTORY_CHANGED";

impl Calendars {
    /// What `earlier` holds and these calendars do not: a calendar, a notice, changed hours, a closure. Nothing is found
    /// where these extend it. Titles, sources and layout may change. Files are named below `folder`.
    pub fn lost_since(&self, earlier: &Calendars, folder: &str) -> Vec<Finding> {
        let mut lost = Vec::new();
        for old in earlier.iter() {
            match self.get(old.id()) {
                Some(new) => new.lost_since(old, folder, &mut lost),
                None => {
                    let id = old.id();
                    lost.push(missing(
                        folder,
                        id,
                        format!("缺少日历“{id}”"),
                        format!("the calendar `{id}` is missing"),
                    ));
                }
            }
        }
        // Several calendars may rest on the arrangement that lost a notice.
        let mut once: Vec<Finding> = Vec::with_capacity(lost.len());
        for finding in lost {
            if !once.contains(&finding) {
                once.push(finding);
            }
        }
        once
    }
}

impl Calendar {
    fn lost_since(&self, earlier: &Calendar, folder: &str, lost: &mut Vec<Finding>) {
        let (old, new) = (&earlier.arrangement, &self.arrangement);
        if (&old.name, old.first_year) != (&new.name, new.first_year) {
            let (name, year) = (&old.name, old.first_year);
            lost.push(missing(
                folder,
                self.id(),
                format!("须沿用自 {year} 年起的节假日安排“{name}”"),
                format!("it must rest on the arrangement `{name}` from {year} on"),
            ));
        }
        for notice in old.notices.iter().filter(|notice| !new.notices.contains(notice)) {
            let (year, day) = (notice.year, local_date(notice.published_at_us));
            lost.push(missing(
                folder,
                &new.name,
                format!("缺少 {day} 公布的 {year} 年通知，或其内容有改动"),
                format!("the notice for {year} published on {day} is missing or was changed"),
            ));
        }
        // In the order of their publication: a change put before what was known would be older than it.
        let known = &earlier.hours.timetables;
        let kept = self.hours.timetables.iter().zip(known).take_while(|(new, old)| new == old).count();
        for Timetable { from, published_at_us, .. } in &known[kept..] {
            let day = local_date(*published_at_us);
            let (zh, en) = match *from == jiff::civil::Date::MIN {
                true => ("最初的办公时间有改动".into(), "the first hours were changed".into()),
                false => (
                    format!("缺少 {day} 公布、自 {from} 起施行的办公时间，或其内容有改动"),
                    format!("the hours from {from} on, published on {day}, are missing or were changed"),
                ),
            };
            lost.push(missing(folder, self.id(), zh, en));
        }
        let same = |old: &Closure, new: &Closure| {
            (old.from_us, old.to_us, old.published_at_us) == (new.from_us, new.to_us, new.published_at_us)
        };
        for closure in earlier.closures.iter().filter(|old| !self.closures.iter().any(|new| same(old, new))) {
            let (day, published) = (local_date(closure.from_us), local_date(closure.published_at_us));
            lost.push(missing(
                folder,
                self.id(),
                format!("缺少 {published} 公布的 {day} 停办事项，或其内容有改动"),
                format!("the closure of {day} published on {published} is missing or was changed"),
            ));
        }
    }
}

fn missing(folder: &str, name: &str, zh: String, en: String) -> Finding {
    let place = Place::File { path: format!("{folder}{name}.yaml"), line: 1, column: 1 };
    Finding::error(CODE, place, zh, en)
        .with_help("已公布的内容只能补充，不得删改", "what was published is only ever added to")
}
