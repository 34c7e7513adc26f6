//! A standing in sentences, for the person whom it concerns.

use jiff::civil::Date;
use kaiban_findings::Text;

use crate::fold::Outcome;
use crate::rules::Condition;
use crate::standing::{Standing, Unended};
use crate::words::{condition, day_zh};

/// Why commitments are open or not; then for each record in force what it is, how it is repaired at the earliest, and
/// when it ends by itself. From the standing alone, so that a snapshot can be explained years later.
pub fn explain(standing: &Standing) -> Vec<Text> {
    let mut sentences = vec![verdict(standing)];
    for record in &standing.records {
        sentences.push(introduction(standing, record));
        sentences.push(repair(standing, record));
        sentences.push(end(record));
    }
    if !standing.over_uncorrected.is_empty() {
        sentences.push(over_uncorrected(&standing.over_uncorrected));
    }
    sentences
}

fn verdict(standing: &Standing) -> Text {
    let (zh, en) = (day_zh(standing.on), standing.on);
    let Some(clear_from) = standing.clear_from else {
        return Text::new(
            format!("{zh}可以采用告知承诺：没有影响承诺的失信记录。"),
            format!("On {en} a commitment may replace a certificate: no record stands against it."),
        );
    };
    let count = standing.bars.len();
    let records = if count == 1 { "1 record that is".into() } else { format!("{count} records that are") };
    Text::new(
        format!(
            "{zh}不适用告知承诺制：有 {count} 条失信记录尚未修复，证明须依法提交。信用修复后即可恢复适用；不修复的，{}起恢复适用。",
            day_zh(clear_from)
        ),
        format!(
            "On {en} a commitment may not replace a certificate, because of {records} not repaired: the certificate \
             has to be handed in. Repair opens commitments again; without it they are open again from {clear_from}."
        ),
    )
}

fn introduction(standing: &Standing, record: &Unended) -> Text {
    let (id, class, reason) = (&record.record, record.class.name(), record.reason.name());
    let bar = standing.bars.iter().find(|bar| bar.record == *id);
    let (rule_zh, rule_en) = match bar {
        Some(bar) => {
            let rule = bar.ground.text();
            (format!("{}（{}）", rule.zh, bar.law.zh), format!("{} ({})", rule.en, bar.law.en))
        }
        None => ("不影响采用告知承诺".into(), "it does not stand against a commitment".into()),
    };
    let (shown_zh, shown_en) = if record.published {
        ("向社会公示", "shown to the public")
    } else {
        ("不予公示", "not shown to the public")
    };
    Text::new(
        format!(
            "失信记录 {id}（{}，{}，{}认定，{shown_zh}）：{rule_zh}。",
            class.zh,
            reason.zh,
            day_zh(record.decided_on)
        ),
        format!("Record {id} ({}, {}, decided {}, {shown_en}): {rule_en}.", class.en, reason.en, record.decided_on),
    )
}

fn repair(standing: &Standing, record: &Unended) -> Text {
    let Some(from) = record.repairable_from else {
        return Text::new("依法不可申请修复。", "The law excludes its repair.");
    };
    match record.application.map(|application| (application.on, application.outcome)) {
        Some((on, Outcome::Open)) => waiting(standing, on),
        Some((_, Outcome::Refused { on, reason })) => {
            let (reason, again) = (reason.name(), conditions(standing, record, from));
            Text::new(
                format!("{}修复申请未获同意（{}），可以重新申请。{}", day_zh(on), reason.zh, again.zh),
                format!("On {on} repair was refused ({}); it may be applied for again. {}", reason.en, again.en),
            )
        }
        _ => conditions(standing, record, from),
    }
}

fn waiting(standing: &Standing, on: Date) -> Text {
    let (zh, en) = match standing.decision_working_days {
        Some(days) => (
            format!("应自收到申请之日起 {days} 个工作日内办结"),
            format!("is due in {days} working days from its receipt"),
        ),
        None => ("尚待办结".into(), "is outstanding".into()),
    };
    Text::new(
        format!("已于{}申请修复，{zh}。", day_zh(on)),
        format!("Repair was applied for on {on}; the decision {en}."),
    )
}

fn conditions(standing: &Standing, record: &Unended, from: Date) -> Text {
    let asked: Vec<(String, String)> = record
        .conditions
        .iter()
        .map(|asked| {
            let text = condition(*asked);
            let done = match asked {
                Condition::MinimumOver => Some(standing.on >= from),
                Condition::Corrected => Some(record.corrected_on.is_some()),
                Condition::PublicPromise => None, // given with the application
            };
            match done {
                Some(true) => (format!("{}（已具备）", text.zh), format!("{} (met)", text.en)),
                Some(false) => (format!("{}（尚不具备）", text.zh), format!("{} (not met)", text.en)),
                None => (text.zh, text.en),
            }
        })
        .collect();
    let zh = asked.iter().map(|(zh, _)| zh.as_str()).collect::<Vec<_>>().join("；");
    let en = asked.iter().map(|(_, en)| en.as_str()).collect::<Vec<_>>().join("; ");
    let law = &standing.law;
    Text::new(
        format!("自{}起可以申请修复，条件是：{zh}。依据：{}。", day_zh(from), law.zh),
        format!("Repair can be applied for from {from}, provided: {en}. Rules: {}.", law.en),
    )
}

fn end(record: &Unended) -> Text {
    let (zh, en) = (day_zh(record.last_day), record.last_day);
    if record.published {
        Text::new(
            format!("未修复的，公示至{zh}（含当日）自动停止，此后不再计入信用状况。"),
            format!("Without repair it is shown until {en} and does not count afterwards."),
        )
    } else {
        Text::new(
            format!("未修复的，计至{zh}（含当日），此后不再计入信用状况。"),
            format!("Without repair it counts until {en}."),
        )
    }
}

fn over_uncorrected(ids: &[String]) -> Text {
    let (records, are) = if ids.len() == 1 { ("Record", "is") } else { ("Records", "are") };
    Text::new(
        format!(
            "失信记录 {} 最长期限已满，不再计入信用状况；因未登记相关义务已履行完毕，其他事项按行业主管部门有关规定执行。",
            ids.join("、")
        ),
        format!(
            "{records} {} {are} over by the maximum span and not counted; no correction was entered, so what else \
             follows is for the authority of the field.",
            ids.join(", ")
        ),
    )
}
