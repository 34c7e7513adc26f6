//! Reads the calendar files of a folder and reports everything that is wrong with them at once.
//!
//! There are two kinds of file. `arrangement: <name>` holds the holiday notices, year by year; `calendar: <name>` holds
//! the hours of an office and names its arrangement. A file is called as what it defines. A file with an error is left
//! out; the others are loaded.

mod arrangement;
mod hours;
mod read;
mod tree;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use kaiban_findings::{Finding, Text};

use self::hours::HoursFile;
use self::read::Reader;
use self::tree::{At, Node, Value};
use crate::arrangement::Arrangement;
use crate::calendar::Calendar;
use crate::error::CalendarError;

/// All calendars of a folder, by name.
#[derive(Clone, Debug, Default)]
pub struct Calendars {
    by_id: BTreeMap<String, Arc<Calendar>>,
}

impl Calendars {
    /// Reads the calendar files, given as (path, text). What has no error finding is in the result.
    pub fn load<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> (Calendars, Vec<Finding>) {
        let mut findings = Vec::new();
        let mut arrangements: BTreeMap<String, Option<Arc<Arrangement>>> = BTreeMap::new();
        let mut offices: BTreeMap<String, (&str, Option<HoursFile>)> = BTreeMap::new();
        let mut seen = BTreeSet::new();
        for (path, text) in files {
            let mut reader = Reader::new(path);
            let file = reader.file(path, text).filter(|(at, id, _)| {
                let new = seen.insert(id.clone());
                if !new {
                    let (zh, en) = (format!("名称“{id}”重复"), format!("another file defines `{id}`"));
                    reader.error(*at, "CALENDAR_NAME_DUPLICATE", zh, en);
                }
                new
            });
            match file {
                Some((_, id, File::Arrangement(read))) => {
                    let usable = read.filter(|_| reader.is_clean());
                    let named = usable.map(|read| Arc::new(Arrangement { name: id.clone(), ..read }));
                    arrangements.insert(id, named);
                }
                Some((_, id, File::Hours(read))) => {
                    let usable = read.filter(|_| reader.is_clean());
                    offices.insert(id, (path, usable));
                }
                None => {}
            }
            findings.extend(reader.into_findings());
        }

        let mut calendars = Calendars::default();
        for (id, (path, office)) in offices {
            let Some(office) = office else { continue };
            match arrangements.get(&office.arrangement) {
                Some(Some(arrangement)) => {
                    let hours = Arc::new(office.hours);
                    calendars.insert(Calendar::new(&id, Arc::clone(arrangement), hours, office.closures));
                }
                // Its own findings say what is wrong with the arrangement.
                Some(None) => {}
                None => {
                    let name = &office.arrangement;
                    let mut reader = Reader::new(path);
                    reader.error(
                        office.arrangement_at,
                        "CALENDAR_ARRANGEMENT_UNKNOWN",
                        format!("没有节假日安排“{name}”"),
                        format!("there is no arrangement `{name}`"),
                    );
                    findings.extend(reader.into_findings());
                }
            }
        }
        (calendars, findings)
    }

    /// The calendar of this name.
    pub fn get(&self, id: &str) -> Option<&Arc<Calendar>> {
        self.by_id.get(id)
    }

    /// The calendar of this name, or [`CalendarError::UnknownCalendar`].
    pub fn find(&self, id: &str) -> Result<&Arc<Calendar>, CalendarError> {
        self.get(id).ok_or_else(|| CalendarError::UnknownCalendar { calendar: id.into() })
    }

    /// The names, in alphabetical order.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.by_id.keys().map(String::as_str)
    }

    /// The calendars, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Calendar> {
        self.by_id.values().map(AsRef::as_ref)
    }

    /// Adds a calendar, in the place of the one with the same name.
    pub fn insert(&mut self, calendar: Calendar) {
        self.by_id.insert(calendar.id().to_owned(), Arc::new(calendar));
    }
}

enum File {
    Arrangement(Option<Arrangement>),
    Hours(Option<HoursFile>),
}

impl Reader<'_> {
    /// Reads a file to its end: what it defines, and the content where it could be read at all.
    fn file(&mut self, path: &str, text: &str) -> Option<(At, String, File)> {
        let root = match Node::parse(text) {
            Ok(root) => root,
            Err((at, message)) => {
                let (zh, en) = (format!("YAML 语法错误：{message}"), format!("not YAML: {message}"));
                self.error(at, "CALENDAR_YAML_INVALID", zh, en);
                return None;
            }
        };
        let key = |name: &str| match &root.value {
            Value::Map(entries) => entries.iter().find(|(key, _)| key.name == name).map(|(_, node)| node),
            _ => None,
        };
        let (id, file) = match (key("calendar"), key("arrangement")) {
            (Some(id), _) => (id, File::Hours(self.hours(&root))),
            (None, Some(id)) => (id, File::Arrangement(self.arrangement(&root))),
            (None, None) => {
                let zh = "既不是日历，也不是节假日安排";
                self.error(root.at, "CALENDAR_KIND_UNKNOWN", zh, "neither a calendar nor an arrangement").help =
                    Some(Text::new(
                        "文件须有字段 calendar 或 arrangement",
                        "the file needs a field `calendar` or `arrangement`",
                    ));
                return None;
            }
        };
        let at = id.at;
        let id = self.text(id)?.to_owned();
        let stem = path.rsplit(['/', '\\']).next().and_then(|name| name.split('.').next()).unwrap_or(path);
        if stem != id {
            let (zh, en) = (format!("文件名应为 {id}.yaml"), format!("the file must be called {id}.yaml"));
            self.error(at, "CALENDAR_NAME_NOT_FILE", zh, en);
        }
        Some((at, id, file))
    }
}
