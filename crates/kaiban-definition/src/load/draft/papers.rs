//! What goes out and what is kept: corrections, letters, registers.

use kaiban_calendar::Budget;
use kaiban_findings::Text;

use super::parts::{DraftGuard, budget, months, text_expression};
use crate::load::keys;
use crate::load::reader::{Log, Spot, name};
use crate::tree::{At, Node};

#[derive(Default)]
pub(in crate::load) struct DraftCorrections {
    pub remind_after: Vec<Spot<Budget>>,
    pub lapse_after: Option<Budget>,
}

pub(in crate::load) struct DraftLetter {
    pub name: Spot<String>,
    pub title: Option<Text>,
    pub number: Option<Spot<String>>,
    pub law: Vec<String>,
    /// Where `on` stands, and what it says.
    pub on: Option<Spot<String>>,
}

pub(in crate::load) struct DraftRegister {
    pub name: Spot<String>,
    pub title: Option<Text>,
    pub key: Option<DraftGuard>,
    /// How long a reservation holds, if there are any and as far as it could be read.
    pub holds: Option<Option<u32>>,
    pub keeps: Vec<Spot<String>>,
}

pub(super) fn corrections(node: &Node, log: &mut Log<'_>) -> Option<DraftCorrections> {
    let mut fields = node.object(&keys::CORRECTIONS, log)?;
    let time = |node: &Node, log: &mut Log<'_>| Some(Spot { at: node.at, value: budget(node, log)? });
    let remind_after = fields
        .optional("remind_after")
        .map(|node| node.list(log).iter().filter_map(|node| time(node, log)).collect())
        .unwrap_or_default();
    let lapse_after = fields.optional("lapse_after").and_then(|node| budget(node, log));
    fields.finish(log);
    Some(DraftCorrections { remind_after, lapse_after })
}

pub(super) fn letters(node: &Node, log: &mut Log<'_>) -> Vec<DraftLetter> {
    let entries = node.entries(log).unwrap_or_default();
    entries.iter().filter_map(|(key, node)| letter(named(key.at, &key.name, log), node, log)).collect()
}

fn letter(name: Spot<String>, node: &Node, log: &mut Log<'_>) -> Option<DraftLetter> {
    let mut fields = node.object(&keys::LETTER, log)?;
    let title = fields.required("title", log).and_then(|node| node.title(log));
    let number = fields.required("number", log).and_then(|node| node.text(log));
    let law = fields
        .optional("law")
        .map(|node| node.list(log).iter().filter_map(|node| Some(node.text(log)?.value)).collect())
        .unwrap_or_default();
    let on = fields
        .optional("on")
        .and_then(|node| Some(Spot { at: node.at, value: node.word(&["receipt", "acceptance"], log)? }));
    fields.finish(log);
    Some(DraftLetter { name, title, number, law, on })
}

pub(super) fn registers(node: &Node, log: &mut Log<'_>) -> Vec<DraftRegister> {
    let entries = node.entries(log).unwrap_or_default();
    entries.iter().filter_map(|(key, node)| register(named(key.at, &key.name, log), node, log)).collect()
}

fn register(name: Spot<String>, node: &Node, log: &mut Log<'_>) -> Option<DraftRegister> {
    let mut fields = node.object(&keys::REGISTER, log)?;
    let title = fields.required("title", log).and_then(|node| node.title(log));
    let key = fields.required("key", log).and_then(|node| text_expression(node, log));
    let holds = fields.optional("holds").map(|node| months(node, log));
    let keeps = fields
        .optional("keeps")
        .map(|node| node.list(log).iter().filter_map(|node| node.text(log)).collect())
        .unwrap_or_default();
    fields.finish(log);
    Some(DraftRegister { name, title, key, holds, keeps })
}

/// A bad name is kept, so that what uses it is not reported as well.
fn named(at: At, text: &str, log: &mut Log<'_>) -> Spot<String> {
    name(at, text, log);
    Spot { at, value: text.to_owned() }
}
