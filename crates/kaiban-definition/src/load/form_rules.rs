//! Rules and evidence: they point at places that the form has, below the element where a list is walked.

use super::branches::check_list;
use super::draft::{Draft, DraftWork};
use super::guards::{element, no_item, unknown_field};
use super::reader::{Log, Spot};
use super::schemas::Schemas;
use super::shares::names;
use crate::guard::LIST_LENGTH_MAX;
use crate::schema::{DOCUMENT, Kind, Schema};
use crate::share::Share;

pub(super) fn check(draft: &Draft, schemas: &Schemas, log: &mut Log<'_>) {
    let Some(form) = &schemas.form else { return };
    let rules = draft.rules.iter().map(|rule| (rule.for_each.as_ref(), rule.at.as_ref(), false));
    let evidence = draft.evidence.iter().map(|evidence| (evidence.for_each.as_ref(), evidence.at.as_ref(), true));
    let certificates = draft.steps.iter().filter_map(|step| step.certificate());
    let certificates = certificates.map(|certificate| (None, certificate.evidence.as_ref(), true));
    let named = draft.steps.iter().flat_map(|step| {
        let mut named: Vec<_> = step.recuse.iter().collect();
        match &step.work {
            Some(DraftWork::Draw { stratum, recuse, .. }) => named.extend(stratum.iter().chain(recuse)),
            Some(DraftWork::Prove(proof)) => {
                named.extend(proof.commitment.iter().filter_map(|promise| promise.unit.as_ref()))
            }
            _ => {}
        }
        named
    });
    let named = named.map(|at| (None, Some(at), false));
    for (list, at, is_document) in rules.chain(evidence).chain(certificates).chain(named) {
        let sound = list.is_none_or(|list| check_list(list, LIST_LENGTH_MAX as u64, form, log));
        if let (true, Some(at)) = (sound, at) {
            check_place(list, at, is_document, form, log);
        }
    }
}

fn check_place(list: Option<&Spot<Share>>, at: &Spot<Share>, is_document: bool, form: &Schema, log: &mut Log<'_>) {
    let path = match (&at.value, list.map(|list| element(&list.value))) {
        (Share::Form(path), _) => names(path),
        (Share::Item(path), Some(Some(base))) => [base, names(path)].concat(),
        (Share::Item(_), _) => {
            no_item(at.at, log);
            return;
        }
        (Share::Result { .. }, _) => {
            log.error(at.at, "BAD_PATH", "此处必须指向表单内容。", "This must point into the form.");
            return;
        }
    };
    let pattern = DOCUMENT;
    match form.look(&path) {
        None => unknown_field(at.at, &at.value.to_string(), log),
        Some(found) if is_document && !found.kinds.is_empty() && !found.kinds.contains(&Kind::Text) => {
            let (zh, en) = ("材料字段必须是文本（文件的名称）。", "The field of a document must be a text: its name.");
            log.error(at.at, "NOT_A_TEXT", zh, en);
        }
        Some(_) if is_document && !form.is_document(&path) => {
            let field = at.value.to_string();
            log.error(
                at.at,
                "EVIDENCE_NOT_DOCUMENT",
                format!("{field} 不是材料字段：填写任何文本都会被当作已提交材料。"),
                format!("`{field}` is no document field: any text in it would pass for the document."),
            );
            log.help(
                format!("请在表单中给该字段写上 \"pattern\": \"{pattern}\"，只有已上传的文件才能填写。"),
                format!(
                    "Give the field \"pattern\": \"{pattern}\" in the form: only an uploaded file can be named so."
                ),
            );
        }
        Some(_) => {}
    }
}
