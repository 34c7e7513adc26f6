//! Branches: a step with `for_each` runs over a bounded list of objects, each with a field that can name its branch.

use std::collections::BTreeSet;

use super::draft::{Draft, DraftForEach};
use super::guards::{element, unknown_field};
use super::reader::{Log, Spot};
use super::schemas::Schemas;
use crate::model::{BRANCH_KEY_MAX, BRANCHES_MAX};
use crate::schema::{Kind, Part, Schema};
use crate::share::Share;

pub(super) fn check(draft: &Draft, schemas: &Schemas, log: &mut Log<'_>) {
    let Some(form) = &schemas.form else { return };
    for for_each in draft.steps.iter().filter_map(|step| step.for_each.as_ref()) {
        if check_list(&for_each.over, BRANCHES_MAX, form, log) {
            check_key(for_each, form, log);
        }
    }
}

/// A list in the form, not too long. Whether its elements can be looked at.
pub(super) fn check_list(list: &Spot<Share>, max: u64, form: &Schema, log: &mut Log<'_>) -> bool {
    let Some(element) = element(&list.value) else {
        not_a_list(list, log);
        return false;
    };
    let Some(found) = form.look(&element[..element.len() - 1]) else {
        unknown_field(list.at, &list.value.to_string(), log);
        return false;
    };
    if !found.kinds.contains(&Kind::List) {
        not_a_list(list, log);
        return false;
    }
    if form.items_max(&element[..element.len() - 1]).is_none_or(|items| items > max) {
        log.error(
            list.at,
            "LIST_UNBOUNDED",
            format!("表单没有把该列表限制在 {max} 项以内。"),
            format!("The form does not bound this list to {max} items or fewer."),
        );
        log.help("请在表单中给该列表加 maxItems。", "Give the list `maxItems` in the form.");
    }
    true
}

fn not_a_list(list: &Spot<Share>, log: &mut Log<'_>) {
    log.error(list.at, "NOT_A_LIST", "此处必须指向表单中的列表。", "This must point at a list in the form.");
    log.help("例如：form.people。", "For example: form.people.");
}

fn check_key(for_each: &DraftForEach, form: &Schema, log: &mut Log<'_>) {
    let Some(element) = element(&for_each.over.value) else { return };
    if form.look(&element).is_none_or(|element| element.kinds != BTreeSet::from([Kind::Object])) {
        let (zh, en) = ("该列表的每一项必须是对象。", "Every item of this list must be an object.");
        log.error(for_each.over.at, "NOT_OBJECTS", zh, en);
        log.help("每一项须有字段可作 key。", "Each item needs a field that can name its branch.");
        return;
    }
    let Some(Spot { at, value: name }) = &for_each.key else { return };
    let at = *at;
    let key = [element, vec![Part::Name(name.clone())]].concat();
    let Some(found) = form.look(&key) else {
        unknown_field(at, &format!("item.{name}"), log);
        return;
    };
    let is_text = found.kinds == BTreeSet::from([Kind::Text]);
    let is_short = form.length_max(&key).is_some_and(|max| max <= BRANCH_KEY_MAX);
    if !found.required || !is_text || !is_short {
        log.error(
            at,
            "BRANCH_KEY",
            format!("key 指向的字段必须是必填文本，且不超过 {BRANCH_KEY_MAX} 个字符。"),
            format!("The field that `key` names must be a required text of at most {BRANCH_KEY_MAX} characters."),
        );
        log.help(
            "请在表单中把它列入 required，写上 \"type\": \"string\" 和 \"maxLength\"；不要用姓名、证件号码等个人信息作 key。",
            "List it under `required` in the form with \"type\": \"string\" and \"maxLength\"; never use a name or a number \
             of a person.",
        );
    }
}
