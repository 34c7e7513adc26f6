//! Figures of commitments.

use jiff::civil::{Date, Time};
use kaiban_api::{duration, v1};
use kaiban_app::{CertificateFigures, Counted, FiguresOf, Refusal};
use kaiban_calendar::instant_at;

use super::fields::Fields;
use super::finding;
use crate::limits::Limits;

pub(crate) fn read(request: v1::GetCommitmentFiguresRequest, limits: &Limits) -> Result<FiguresOf, Refusal> {
    let mut fields = Fields::new(limits);
    let mut day = |field, text: &str| (!text.is_empty()).then(|| fields.date(field, text));
    let (from, to) = (day("/from", &request.from), day("/to", &request.to));
    let midnight = |day: Date| instant_at(day, Time::midnight());
    let of = FiguresOf {
        from_us: from.map(midnight),
        // After the last day of the calendar there is no other.
        before_us: to.and_then(|day| day.tomorrow().ok()).map(midnight),
        division: fields.name_option("/division", request.division),
        workflow: fields.name_option("/workflow", request.workflow),
    };
    fields.finish(of)
}

pub(crate) fn present(figures: CertificateFigures) -> v1::CertificateFigures {
    v1::CertificateFigures {
        workflow: figures.workflow,
        step: figures.step,
        title: Some(finding::text(figures.title)),
        needed: number(figures.needed),
        by_evidence: number(figures.by_evidence),
        by_shared: number(figures.by_shared),
        by_commitment: number(figures.by_commitment),
        declined: number(figures.declined),
        withdrawn: number(figures.withdrawn),
        not_allowed: number(figures.not_allowed),
        not_allowed_for: figures.not_allowed_for.into_iter().map(counted).collect(),
        checks_open: number(figures.checks_open),
        checked: number(figures.checked),
        visited: number(figures.visited),
        exempted: number(figures.exempted),
        found_false: number(figures.found_false),
        outcomes: figures.outcomes.into_iter().map(counted).collect(),
        revoked_open: number(figures.revoked_open),
        revoked_ended: number(figures.revoked_ended),
        median_evidence: figures.median_evidence_us.map(duration),
        median_commitment: figures.median_commitment_us.map(duration),
        saved: figures.saved_us.map(duration),
    }
}

fn counted(counted: Counted) -> v1::CommitmentCount {
    let text = Some(counted.text).filter(|text| !text.zh.is_empty() || !text.en.is_empty());
    v1::CommitmentCount { code: counted.code, text: text.map(finding::text), count: number(counted.count) }
}

fn number(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
