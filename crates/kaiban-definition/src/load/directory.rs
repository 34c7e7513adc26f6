//! The three files of the directory. What could be read is kept even where something else is wrong, so that packages
//! can be checked against it.

use std::collections::BTreeSet;

use kaiban_calendar::Calendars;
use kaiban_findings::Finding;

use super::reader::{Log, Spot};
use crate::directory::{Bank, Directory, Division, DivisionKind, Office, Officer, Outlet, Party};
use crate::files::Files;
use crate::tree::{self, At, Content, Key, Node};

/// Telephone of an office that gives none: the national hotline of the public services (国办发〔2020〕53号).
const HOTLINE: &str = "12345";

pub(super) fn load(files: &Files, folder: &str, calendars: &Calendars) -> (Directory, Vec<Finding>) {
    let mut reading = Reading { files, folder, calendars, ids: BTreeSet::new(), findings: Vec::new() };
    let divisions = reading.file("divisions", |reading, root, log| reading.divisions(root, log));
    let codes: Vec<String> = divisions.iter().map(|division| division.code.clone()).collect();
    let parties = reading.file("agencies", |reading, root, log| reading.parties(root, &codes, log));
    let banks = reading.file("banks", |reading, root, log| reading.banks(root, &codes, log));
    (Directory::new(divisions, parties, banks), reading.findings)
}

struct Reading<'r> {
    files: &'r Files,
    folder: &'r str,
    calendars: &'r Calendars,
    /// Ids of one kind never name two things.
    ids: BTreeSet<(&'static str, String)>,
    findings: Vec<Finding>,
}

impl Reading<'_> {
    fn file<T>(&mut self, name: &str, read: impl FnOnce(&mut Self, &Node, &mut Log<'_>) -> Vec<T>) -> Vec<T> {
        let path = format!("{}/{name}.yaml", self.folder);
        let text = self.files.get(&path);
        let mut log = Log::new(path, text.unwrap_or_default());
        let mut values = Vec::new();
        match text.map(|text| tree::parse(&log.path, text)) {
            Some(Ok(root)) => values = read(self, &root, &mut log),
            Some(Err(finding)) => log.findings.push(*finding),
            None => {
                let zh = format!("目录中缺少 {name}.yaml。");
                log.error(At::START, "FILE_MISSING", zh, format!("The directory has no {name}.yaml."));
            }
        }
        self.findings.append(&mut log.findings);
        values
    }

    fn divisions(&mut self, root: &Node, log: &mut Log<'_>) -> Vec<Division> {
        self.listed(root, "divisions", log, |reading, node, log| {
            let mut fields = node.fields(log)?;
            let code = fields.required("code", log).and_then(|node| reading.id("division", node, log));
            let title = fields.required("title", log).and_then(|node| node.title(log));
            let kind = fields.required("kind", log).and_then(|node| kind(node, log));
            let calendar = fields.required("calendar", log).and_then(|node| reading.calendar(node, log));
            fields.finish(log);
            Some(Division { code: code?, title: title?, kind: kind?, calendar: calendar? })
        })
    }

    fn parties(&mut self, root: &Node, codes: &[String], log: &mut Log<'_>) -> Vec<Party> {
        let Some(mut fields) = root.fields(log) else { return Vec::new() };
        let entries = fields.required("parties", log).and_then(|node| node.entries(log)).unwrap_or_default();
        fields.finish(log);
        entries.iter().filter_map(|(key, node)| self.party(key, node, codes, log)).collect()
    }

    fn party(&mut self, key: &Key, node: &Node, codes: &[String], log: &mut Log<'_>) -> Option<Party> {
        let id = super::reader::name(key.at, &key.name, log);
        let mut fields = node.fields(log)?;
        let title = fields.required("title", log).and_then(|node| node.title(log));
        let offices = fields.required("offices", log).map(|node| node.list(log)).unwrap_or_default();
        fields.finish(log);
        let id = id?.value;
        let offices: Vec<Office> = offices.iter().filter_map(|node| self.office(&id, node, codes, log)).collect();
        Some(Party { id, title: title?, offices })
    }

    fn office(&mut self, party: &str, node: &Node, codes: &[String], log: &mut Log<'_>) -> Option<Office> {
        let mut fields = node.fields(log)?;
        let id = fields.required("id", log).and_then(|node| self.id("office", node, log));
        let title = fields.required("title", log).and_then(|node| node.title(log));
        let calendar = fields.required("calendar", log).and_then(|node| self.calendar(node, log));
        let divisions = fields.required("divisions", log).map(|node| self.served(party, node, codes, log));
        let phone = fields.optional("phone").and_then(|node| Some(node.text(log)?.value));
        let address = fields.optional("address").and_then(|node| Some(node.text(log)?.value));
        let officers = fields.optional("officers").map(|node| node.list(log)).unwrap_or_default();
        fields.finish(log);
        let officers = officers.iter().filter_map(|node| self.officer(node, log)).collect();
        let (party, divisions) = (party.to_owned(), divisions?);
        let title = title?;
        let (phone, address) =
            (phone.unwrap_or_else(|| HOTLINE.to_owned()), address.unwrap_or_else(|| title.zh.clone()));
        Some(Office { id: id?, party, title, calendar: calendar?, divisions, phone, address, officers })
    }

    /// The divisions of an office: a list of codes, or `all`.
    fn served(&mut self, party: &str, node: &Node, codes: &[String], log: &mut Log<'_>) -> Vec<String> {
        let mut served = Vec::new();
        if matches!(&node.content, Content::Text(text) if text == "all") {
            served.extend(codes.iter().map(|code| Spot { at: node.at, value: code.clone() }));
        } else {
            served.extend(node.list(log).iter().filter_map(|node| division(node, codes, log)));
        }
        for Spot { at, value } in &served {
            if !self.ids.insert(("office and division", format!("{party} {value}"))) {
                log.error(
                    *at,
                    "OFFICE_OVERLAP",
                    format!("区划 {value} 已有 {party} 的另一个办理机构。"),
                    format!("Division {value} has another office of `{party}` already."),
                );
            }
        }
        served.into_iter().map(|spot| spot.value).collect()
    }

    fn officer(&mut self, node: &Node, log: &mut Log<'_>) -> Option<Officer> {
        let mut fields = node.fields(log)?;
        let id = fields.required("id", log).and_then(|node| self.id("officer", node, log));
        let name = fields.required("name", log).and_then(|node| Some(node.text(log)?.value));
        let sample = fields.optional("sample").and_then(|node| node.boolean(log)).unwrap_or(false);
        let head = fields.optional("head").and_then(|node| node.boolean(log)).unwrap_or(false);
        fields.finish(log);
        Some(Officer { id: id?, name: name?, head, sample })
    }

    fn banks(&mut self, root: &Node, codes: &[String], log: &mut Log<'_>) -> Vec<Bank> {
        self.listed(root, "banks", log, |reading, node, log| {
            let mut fields = node.fields(log)?;
            let id = fields.required("id", log).and_then(|node| reading.id("bank", node, log));
            let title = fields.required("title", log).and_then(|node| node.title(log));
            let sample = fields.optional("sample").and_then(|node| node.boolean(log)).unwrap_or(false);
            let outlets = fields.required("outlets", log).map(|node| node.list(log)).unwrap_or_default();
            fields.finish(log);
            let id = id?;
            let outlets = outlets.iter().filter_map(|node| reading.outlet(&id, node, codes, log)).collect();
            Some(Bank { id, title: title?, sample, outlets })
        })
    }

    fn outlet(&mut self, bank: &str, node: &Node, codes: &[String], log: &mut Log<'_>) -> Option<Outlet> {
        let mut fields = node.fields(log)?;
        let id = fields.required("id", log).and_then(|node| self.id("outlet", node, log));
        let title = fields.required("title", log).and_then(|node| Some(node.text(log)?.value));
        let division = fields.required("division", log).and_then(|node| division(node, codes, log));
        let calendar = fields.required("calendar", log).and_then(|node| self.calendar(node, log));
        fields.finish(log);
        let (bank, division) = (bank.to_owned(), division?.value);
        Some(Outlet { id: id?, bank, title: title?, division, calendar: calendar? })
    }

    /// The items of the one list that a file has under that key.
    fn listed<T>(
        &mut self,
        root: &Node,
        key: &'static str,
        log: &mut Log<'_>,
        mut item: impl FnMut(&mut Self, &Node, &mut Log<'_>) -> Option<T>,
    ) -> Vec<T> {
        let Some(mut fields) = root.fields(log) else { return Vec::new() };
        let items = fields.required(key, log).map(|node| node.list(log)).unwrap_or_default();
        fields.finish(log);
        items.iter().filter_map(|node| item(self, node, log)).collect()
    }

    fn id(&mut self, kind: &'static str, node: &Node, log: &mut Log<'_>) -> Option<String> {
        let Spot { at, value } = node.text(log)?;
        if !self.ids.insert((kind, value.clone())) {
            log.error(
                at,
                "DUPLICATE_ID",
                format!("编号 {value} 已被使用。"),
                format!("The id `{value}` is used already."),
            );
        }
        Some(value)
    }

    fn calendar(&self, node: &Node, log: &mut Log<'_>) -> Option<String> {
        let Spot { at, value } = node.text(log)?;
        if self.calendars.get(&value).is_none() {
            log.error(
                at,
                "UNKNOWN_CALENDAR",
                format!("没有日历 {value}。"),
                format!("There is no calendar `{value}`."),
            );
            let known = self.calendars.ids().collect::<Vec<_>>().join(", ");
            log.help(format!("已有日历：{known}。"), format!("The calendars are: {known}."));
        }
        Some(value)
    }
}

fn division(node: &Node, codes: &[String], log: &mut Log<'_>) -> Option<Spot<String>> {
    let code = node.text(log)?;
    if codes.contains(&code.value) {
        return Some(code);
    }
    let value = &code.value;
    log.error(
        code.at,
        "UNKNOWN_DIVISION",
        format!("divisions.yaml 中没有区划 {value}。"),
        format!("divisions.yaml has no division {value}."),
    );
    None
}

fn kind(node: &Node, log: &mut Log<'_>) -> Option<DivisionKind> {
    let Spot { at, value } = node.text(log)?;
    Some(match value.as_str() {
        "city" => DivisionKind::City,
        "district" => DivisionKind::District,
        "county" => DivisionKind::County,
        "county-city" => DivisionKind::CountyCity,
        _ => {
            log.error(
                at,
                "UNKNOWN_VALUE",
                "此处应为 city、district、county 或 county-city。",
                "Here must stand city, district, county or county-city.",
            );
            return None;
        }
    })
}
