//! Findings and texts.

use kaiban_api::v1;
use kaiban_findings::{Finding, Place, Severity, Text};

use super::fields::Fields;

pub(crate) fn text(text: Text) -> v1::Text {
    v1::Text { zh: text.zh, en: text.en }
}

pub(crate) fn present(finding: Finding) -> v1::Finding {
    let severity = match finding.severity {
        Severity::Error => v1::Severity::Error,
        Severity::Doubt => v1::Severity::Doubt,
    };
    let pointer = match finding.place {
        Place::Pointer(pointer) => pointer,
        Place::Whole | Place::File { .. } => String::new(),
    };
    v1::Finding {
        code: finding.code.into_owned(),
        severity: severity.into(),
        pointer,
        message: Some(text(finding.message)),
        help: finding.help.map(text),
    }
}

pub(crate) fn present_all(findings: Vec<Finding>) -> Vec<v1::Finding> {
    findings.into_iter().map(present).collect()
}

/// The findings of a correction.
pub(crate) fn read_all(fields: &mut Fields<'_>, findings: Vec<v1::Finding>) -> Vec<Finding> {
    fields.count("/findings", findings.len(), 0..=fields.limits.findings_max);
    let most = fields.limits.findings_max;
    findings.into_iter().take(most).enumerate().map(|(index, finding)| read(fields, index, finding)).collect()
}

fn read(fields: &mut Fields<'_>, index: usize, finding: v1::Finding) -> Finding {
    let at = |field: &str| format!("/findings/{index}/{field}");
    let severity = match fields.choice(&at("severity"), finding.severity) {
        Some(v1::Severity::Doubt) => Severity::Doubt,
        _ => Severity::Error,
    };
    let code = fields.name(&at("code"), finding.code);
    let pointer = fields.pointer(&at("pointer"), finding.pointer);
    if finding.message.as_ref().is_none_or(|message| message.zh.is_empty()) {
        fields.error(
            &at("message/zh"),
            "REQUIRED",
            "请用中文说明缺少什么：申请人会看到。",
            "Say in Chinese what is missing: the applicant reads it.",
        );
    }
    let message = sentence(fields, &at("message"), finding.message.unwrap_or_default());
    let help = finding.help.map(|help| sentence(fields, &at("help"), help));
    let place = if pointer.is_empty() { Place::Whole } else { Place::Pointer(pointer) };
    Finding { code: code.into(), severity, place, message, help }
}

fn sentence(fields: &mut Fields<'_>, field: &str, text: v1::Text) -> Text {
    let max = fields.limits.sentence_max;
    Text {
        zh: fields.text(&format!("{field}/zh"), text.zh, max),
        en: fields.text(&format!("{field}/en"), text.en, max),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Limits;

    #[test]
    fn a_finding_comes_back_as_it_was() {
        let finding = Finding::error(
            "MISSING_SIGNATURE",
            Place::Pointer("/people/0".into()),
            "缺少签名。",
            "The signature is missing.",
        )
        .with_help("请重新上传。", "Upload it again.");
        let limits = Limits::default();
        let mut fields = Fields::new(&limits);
        let read = read_all(&mut fields, vec![present(finding.clone())]);
        assert_eq!(fields.finish(read).unwrap(), [finding]);
    }

    #[test]
    fn an_empty_finding_is_answered_field_by_field() {
        let limits = Limits::default();
        let mut fields = Fields::new(&limits);
        read_all(&mut fields, vec![v1::Finding { severity: 9, pointer: "name".into(), ..Default::default() }]);
        let places: Vec<String> =
            fields.finish(()).unwrap_err().findings.iter().map(|finding| finding.place.to_string()).collect();
        assert_eq!(
            places,
            ["/findings/0/severity", "/findings/0/code", "/findings/0/pointer", "/findings/0/message/zh"]
        );
    }
}
