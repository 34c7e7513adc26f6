//! Reads a holiday arrangement: `arrangement`, `title`, `years`.

use std::collections::BTreeSet;

use jiff::civil::Date;
use kaiban_findings::Text;

use super::read::{Edge, Reader};
use super::tree::Node;
use crate::arrangement::{Arrangement, Notice, is_weekend};
use crate::table::LAST_DATE;

/// The first year that may be computed in a fixed offset: summer time ended in 1991.
const FIRST_YEAR: i64 = 1992;

/// Which weekdays or weekend days a list may hold.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Days {
    Off,
    Worked,
}

impl Reader<'_> {
    pub fn arrangement(&mut self, root: &Node) -> Option<Arrangement> {
        let fields = self.fields(root, &["arrangement", "title", "years"])?;
        self.required(&fields, "title").and_then(|node| self.bilingual(node));
        let years = self.required(&fields, "years").and_then(|node| self.list(node).map(|list| (node.at, list)));
        let (at, years) = years?;
        let mut first_year = None;
        let mut expected = None;
        let mut notices = Vec::new();
        for node in years {
            let Some(year) = self.year(node, &mut notices) else { continue };
            if let Some(expected) = expected.filter(|expected| *expected != year) {
                self.error(
                    node.at,
                    "CALENDAR_YEAR_GAP",
                    format!("此处应为 {expected} 年"),
                    format!("the year here must be {expected}"),
                )
                .help = Some(Text::new("年份须连续递增，不得缺漏", "years follow each other without a gap"));
            }
            first_year = first_year.or(Some(year));
            expected = year.checked_add(1);
        }
        if years.is_empty() {
            self.error(at, "CALENDAR_YEAR_NONE", "至少需要一个年份", "at least one year is needed");
        }
        // The file's name is known to who reads the file.
        Some(Arrangement { name: String::new(), first_year: first_year?, notices })
    }

    fn year(&mut self, node: &Node, notices: &mut Vec<Notice>) -> Option<i16> {
        let fields = self.fields(node, &["year", "notices"])?;
        let year_at = self.required(&fields, "year");
        let year = year_at.and_then(|node| self.integer(node).map(|year| (node.at, year)));
        let list = self.required(&fields, "notices").and_then(|node| self.list(node).map(|list| (node.at, list)));
        let (at, year) = year?;
        if !(FIRST_YEAR..=i64::from(LAST_DATE.year())).contains(&year) {
            let last = LAST_DATE.year();
            let zh = format!("年份须在 {FIRST_YEAR} 至 {last} 之间");
            self.error(at, "CALENDAR_YEAR_RANGE", zh, format!("years run from {FIRST_YEAR} to {last}"));
            return None;
        }
        let year = i16::try_from(year).ok()?;
        let (at, list) = list?;
        if list.is_empty() {
            self.error(at, "CALENDAR_NOTICE_NONE", "至少需要一份通知", "at least one notice is needed");
        }
        let mut last_us = None;
        for node in list {
            let Some(notice) = self.notice(node, year) else { continue };
            if last_us.is_some_and(|last_us| notice.published_at_us <= last_us) {
                let zh = "通知须按发布时间先后排列";
                self.error(node.at, "CALENDAR_NOTICE_ORDER", zh, "notices come in the order of their publication");
            }
            last_us = Some(notice.published_at_us);
            notices.push(notice);
        }
        Some(year)
    }

    fn notice(&mut self, node: &Node, year: i16) -> Option<Notice> {
        let fields = self.fields(node, &["published_at", "source", "off", "worked"])?;
        let published_at_us = self.required(&fields, "published_at").and_then(|node| self.instant(node, Edge::Start));
        self.required(&fields, "source").and_then(|node| self.text(node).map(drop));
        let off = self.required(&fields, "off").and_then(|node| self.days(node, year, Days::Off));
        let worked = self.required(&fields, "worked").and_then(|node| self.days(node, year, Days::Worked));
        Some(Notice { year, published_at_us: published_at_us?, off: off?, worked: worked? })
    }

    fn days(&mut self, node: &Node, year: i16, days: Days) -> Option<BTreeSet<Date>> {
        let mut dates = BTreeSet::new();
        for node in self.list(node)? {
            let Some(date) = self.date(node) else { continue };
            if date.year() != year {
                let (zh, en) = (format!("{date} 不在 {year} 年"), format!("{date} is not in {year}"));
                self.error(node.at, "CALENDAR_DAY_OUTSIDE_YEAR", zh, en);
            } else if is_weekend(date) && days == Days::Off {
                let zh = format!("{date} 是周末，本来就休息");
                self.error(node.at, "CALENDAR_DAY_NOT_WEEKDAY", zh, format!("{date} is a weekend day, off anyway"));
            } else if !is_weekend(date) && days == Days::Worked {
                let zh = format!("{date} 不是周末，本来就上班");
                self.error(node.at, "CALENDAR_DAY_NOT_WEEKEND", zh, format!("{date} is a weekday, worked anyway"));
            } else if !dates.insert(date) {
                self.error(node.at, "CALENDAR_DAY_DUPLICATE", format!("{date} 重复"), format!("{date} is given twice"));
            }
        }
        Some(dates)
    }
}
