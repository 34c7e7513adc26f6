//! Reads the hours of an office: `calendar`, `title`, `arrangement`, `seasons`, `changes`, `closures`.

use jiff::civil::{Date, date};
use kaiban_findings::Text;

use super::read::{Edge, Reader};
use super::tree::{At, Node};
use crate::hours::{Closure, Hours, MonthDay, Season, Session, Timetable};

/// An hours file; the arrangement it names is looked up when all files are read.
pub(super) struct HoursFile {
    pub hours: Hours,
    pub arrangement: String,
    pub arrangement_at: At,
    pub closures: Vec<Closure>,
}

impl Reader<'_> {
    pub fn hours(&mut self, root: &Node) -> Option<HoursFile> {
        let fields = self.fields(root, &["calendar", "title", "arrangement", "seasons", "changes", "closures"])?;
        let title = self.required(&fields, "title").and_then(|node| self.bilingual(node));
        let arrangement = self
            .required(&fields, "arrangement")
            .and_then(|node| self.text(node).map(|name| (name.to_owned(), node.at)));
        let seasons = self.required(&fields, "seasons").and_then(|node| self.seasons(node));
        let changes = fields.optional("changes").map_or(Some(Vec::new()), |node| self.changes(node));
        let closures = fields.optional("closures").map_or(Some(Vec::new()), |node| self.closures(node));
        let (arrangement, arrangement_at) = arrangement?;
        let mut timetables = vec![Timetable { from: Date::MIN, published_at_us: i64::MIN, seasons: seasons? }];
        timetables.extend(changes?);
        let hours = Hours { title: title?, timetables };
        Some(HoursFile { hours, arrangement, arrangement_at, closures: closures? })
    }

    /// Other seasons from a day on, in the order in which they were published.
    fn changes(&mut self, node: &Node) -> Option<Vec<Timetable>> {
        let mut changes: Vec<Timetable> = Vec::new();
        for node in self.list(node)? {
            let Some(change) = self.change(node) else { continue };
            if changes.last().is_some_and(|last| change.published_at_us <= last.published_at_us) {
                let zh = "办公时间的调整须按发布时间先后排列";
                self.error(node.at, "CALENDAR_CHANGE_ORDER", zh, "changes come in the order of their publication");
            }
            changes.push(change);
        }
        Some(changes)
    }

    fn change(&mut self, node: &Node) -> Option<Timetable> {
        let fields = self.fields(node, &["from", "published_at", "source", "seasons"])?;
        let from = self.required(&fields, "from").and_then(|node| self.date(node));
        let published_at_us = self.required(&fields, "published_at").and_then(|node| self.instant(node, Edge::Start));
        self.required(&fields, "source").and_then(|node| self.text(node).map(drop));
        let seasons = self.required(&fields, "seasons").and_then(|node| self.seasons(node));
        Some(Timetable { from: from?, published_at_us: published_at_us?, seasons: seasons? })
    }

    fn seasons(&mut self, node: &Node) -> Option<Vec<Season>> {
        let list = self.list(node)?;
        let seasons: Vec<Season> = list.iter().filter_map(|node| self.season(node)).collect();
        // Gaps and overlaps mean something only where every season could be read.
        if seasons.len() == list.len() {
            self.check_coverage(node.at, &seasons);
        }
        Some(seasons)
    }

    /// Each day of the year belongs to exactly one season.
    fn check_coverage(&mut self, at: At, seasons: &[Season]) {
        let name = |(month, day): MonthDay| format!("{month:02}-{day:02}");
        let (mut gap, mut overlap) = (None, None);
        for date in date(2020, 1, 1).series(jiff::ToSpan::days(1)).take_while(|date| date.year() == 2020) {
            let day = month_day(date);
            match seasons.iter().filter(|season| season.contains(day)).count() {
                0 => gap = gap.or(Some(day)),
                1 => {}
                _ => overlap = overlap.or(Some(day)),
            }
        }
        if let Some(day) = gap.map(name) {
            let (zh, en) = (format!("{day} 起的日期不属于任何季节"), format!("no season contains {day}"));
            self.error(at, "CALENDAR_SEASON_GAP", zh, en);
        }
        if let Some(day) = overlap.map(name) {
            let (zh, en) = (format!("{day} 同时属于多个季节"), format!("more than one season contains {day}"));
            self.error(at, "CALENDAR_SEASON_OVERLAP", zh, en);
        }
    }

    fn season(&mut self, node: &Node) -> Option<Season> {
        let fields = self.fields(node, &["name", "from", "to", "sessions"])?;
        self.required(&fields, "name").and_then(|node| self.text(node).map(drop));
        let from = self.required(&fields, "from").and_then(|node| self.month_day(node));
        let to = self.required(&fields, "to").and_then(|node| self.month_day(node));
        let sessions = self.required(&fields, "sessions").and_then(|node| self.sessions(node));
        Some(Season { from: from?, to: to?, sessions: sessions? })
    }

    fn sessions(&mut self, node: &Node) -> Option<Vec<Session>> {
        let list = self.list(node)?;
        if list.is_empty() {
            self.error(node.at, "CALENDAR_SESSION_NONE", "至少需要一个时段", "at least one session is needed");
        }
        let mut sessions: Vec<Session> = Vec::new();
        for node in list {
            let Some(session) = self.session(node) else { continue };
            if sessions.last().is_some_and(|last| session.opens <= last.closes) {
                let zh = "时段须按先后排列，互不重叠或相接";
                let en = "sessions come in order, apart from each other";
                self.error(node.at, "CALENDAR_SESSION_ORDER", zh, en);
            }
            sessions.push(session);
        }
        Some(sessions)
    }

    fn session(&mut self, node: &Node) -> Option<Session> {
        let [opens, closes] = self.list(node)? else {
            self.error(
                node.at,
                "CALENDAR_SESSION_INVALID",
                "时段须有开始和结束两个时刻",
                "a session is two times of day",
            )
            .help = Some(Text::new("写作 [\"08:30\", \"12:00\"]", "write it as [\"08:30\", \"12:00\"]"));
            return None;
        };
        let (opens_at, closes_at) = (self.time(opens), self.time(closes));
        let session = Session { opens: opens_at?, closes: closes_at? };
        if session.opens >= session.closes {
            let zh = "结束时刻须晚于开始时刻";
            self.error(node.at, "CALENDAR_SESSION_EMPTY", zh, "a session closes after it opens");
            return None;
        }
        Some(session)
    }

    fn closures(&mut self, node: &Node) -> Option<Vec<Closure>> {
        let list = self.list(node)?;
        Some(list.iter().filter_map(|node| self.closure(node)).collect())
    }

    fn closure(&mut self, node: &Node) -> Option<Closure> {
        let fields = self.fields(node, &["from", "to", "reason", "published_at"])?;
        let from_us = self.required(&fields, "from").and_then(|node| self.instant(node, Edge::Start));
        let to_us = self.required(&fields, "to").and_then(|node| self.instant(node, Edge::End));
        let reason = self.required(&fields, "reason").and_then(|node| self.bilingual(node));
        let published = self.required(&fields, "published_at").and_then(|node| self.instant(node, Edge::Start));
        let (from_us, to_us) = (from_us?, to_us?);
        if from_us >= to_us {
            self.error(node.at, "CALENDAR_CLOSURE_EMPTY", "停办须有时长", "a closure ends after it begins");
        }
        Some(Closure { from_us, to_us, reason: reason?, published_at_us: published? })
    }
}

fn month_day(date: Date) -> MonthDay {
    (date.month(), date.day())
}
