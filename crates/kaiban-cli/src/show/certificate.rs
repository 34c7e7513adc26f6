//! Certificates, and the promises that replace them.

use kaiban_api::v1;

use super::{both, findings, lines};
use crate::lengths::instant;

/// A certificate: what is asked and why, what stands for it, and who may promise.
pub fn certificate(certificate: &v1::Certificate) -> String {
    let mut facts = vec![
        ("certificate", format!("{}  {}", certificate.step, both(certificate.title.as_ref()))),
        ("law", certificate.law.clone()),
        ("why", both(certificate.why.as_ref())),
        ("needed", format!("{}: {}", needed(certificate.needed()), both(certificate.needed_why.as_ref()))),
        ("satisfied by", way(certificate)),
        ("document at", certificate.evidence.clone()),
    ];
    if !certificate.correction_id.is_empty() {
        facts.push(("asked in", certificate.correction_id.clone()));
    }
    let mut text = lines(&facts);
    if let Some(commitment) = &certificate.commitment {
        text.push_str(&promise(commitment));
    }
    text
}

/// A certificate in one line, among the facts of a case.
pub fn certificate_line(certificate: &v1::Certificate) -> String {
    format!("{}  {}: {}", certificate.step, needed(certificate.needed()), way(certificate))
}

/// What a form will be asked for, in one entry of a list.
pub fn asked(asked: &v1::AskedCertificate) -> String {
    let given = if asked.given { "given  " } else { "missing" };
    let ways = [(asked.shared, "shared data"), (asked.commitment.is_some(), "a commitment")];
    let ways: Vec<&str> = ways.into_iter().filter(|(open, _)| *open).map(|(_, way)| way).collect();
    let instead = if ways.is_empty() { String::new() } else { format!("; instead: {}", ways.join(", ")) };
    format!(
        "\n  {given}  {}  {}  ({})\n      needed {}: {}{instead}",
        asked.evidence,
        both(asked.title.as_ref()),
        asked.law,
        needed(asked.needed()),
        both(asked.needed_why.as_ref())
    )
}

fn needed(needed: v1::Needed) -> &'static str {
    match needed {
        v1::Needed::Unspecified => "?",
        v1::Needed::Yes => "yes",
        v1::Needed::No => "no",
        v1::Needed::Later => "later",
    }
}

fn way(certificate: &v1::Certificate) -> String {
    let way = match certificate.way() {
        v1::CertificateWay::Unspecified => return "nothing yet".to_owned(),
        v1::CertificateWay::Evidence => "the document",
        v1::CertificateWay::Shared => "shared data",
        v1::CertificateWay::Commitment => "a commitment",
    };
    let by = if certificate.by.is_empty() { String::new() } else { format!(" of {}", certificate.by.join(", ")) };
    format!("{way}{by}, since {}", instant(certificate.since.as_ref()))
}

fn promise(commitment: &v1::Commitment) -> String {
    let mut text = String::new();
    for person in &commitment.persons {
        let may = if person.allowed { "may sign" } else { "may not sign" };
        text.push_str(&format!("\n{} {may}{}", person.person_key, findings(&person.exclusions)));
    }
    for event in &commitment.events {
        let said = if event.signed { "signed" } else { "declined" };
        let who = if event.person_key.is_empty() { "-" } else { &event.person_key };
        text.push_str(&format!("\n{who} {said} {}", instant(event.at.as_ref())));
        if event.signed {
            text.push_str(&format!(", {}, sha256 {}", event.scheme, event.text_sha256));
        }
        if event.withdrawn_at.is_some() {
            text.push_str(&format!(", withdrawn {}", instant(event.withdrawn_at.as_ref())));
        }
    }
    text
}
