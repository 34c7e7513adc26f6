//! Figures of commitments, certificate by certificate.

use kaiban_api::v1;

use super::Language;
use crate::lengths::hours;

/// The figures of one certificate: names and numbers below each other, and under a number what it is made of.
pub fn figures(figures: &v1::CertificateFigures, lang: Language) -> String {
    let title = figures.title.as_ref().map(|title| lang.of(title)).unwrap_or_default();
    let mut text = format!("{title}  {}/{}", figures.workflow, figures.step);
    let mut line = |zh: &str, en: &str, value: String| {
        let name = lang.pick(zh, en);
        // A Chinese character is two columns wide.
        let width: usize = name.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum();
        text.push_str(&format!("\n  {name}{:pad$}  {value}", "", pad = 24_usize.saturating_sub(width)));
    };
    let length = |length: &Option<prost_types::Duration>| length.as_ref().map_or_else(|| "-".to_owned(), hours);
    line("需要证明", "needed", figures.needed.to_string());
    line("提交证明材料", "by evidence", figures.by_evidence.to_string());
    line("数据共享核验", "by shared data", figures.by_shared.to_string());
    line("告知承诺代替", "by commitment", figures.by_commitment.to_string());
    line("不愿承诺", "declined", figures.declined.to_string());
    line("撤回承诺", "withdrawn", figures.withdrawn.to_string());
    line("不适用告知承诺", "not allowed", of(figures.not_allowed, &figures.not_allowed_for, lang));
    line("核查中", "checks open", figures.checks_open.to_string());
    line("已核查", "checked", of(figures.checked, &figures.outcomes, lang));
    line("实地核查", "visited", figures.visited.to_string());
    line("未抽中免实地核查", "exempted from the visit", figures.exempted.to_string());
    line("承诺不实", "found false", figures.found_false.to_string());
    line("撤销（办理中）", "revoked while open", figures.revoked_open.to_string());
    line("撤销（办结后）", "revoked after the end", figures.revoked_ended.to_string());
    line("材料等待（中位）", "median with evidence", length(&figures.median_evidence));
    line("承诺等待（中位）", "median with commitment", length(&figures.median_commitment));
    line("节省工作时间", "working hours saved", length(&figures.saved));
    text
}

/// `3`, and on lines of their own what the three are.
fn of(total: i64, counts: &[v1::CommitmentCount], lang: Language) -> String {
    let mut text = total.to_string();
    for count in counts {
        let said = count.text.as_ref().map(|text| format!("  {}", lang.of(text))).unwrap_or_default();
        text.push_str(&format!("\n      {} {}{said}", count.count, count.code));
    }
    text
}
