//! Figures of commitments (告知承诺制): of each certificate how it was proved, who declined, who was not allowed to promise
//! and why, what the checks found, and the working time that promising saved against handing in the document.

pub(crate) mod rows;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use kaiban_calendar::{Calendars, Horizon};
use kaiban_definition::{Definition, Effect};
use kaiban_engine::Way;
use kaiban_findings::{Finding, Text};
use kaiban_store::{CommitmentQuery, CommitmentRefusalRow, CommitmentRow, EndedRow};
use serde_json::json;

use self::rows::{ENDED, OPEN};
use crate::access::Verb;
use crate::app::{App, Inner};
use crate::certificates::declared;
use crate::delays::within;
use crate::library::Library;
use crate::principal::{Principal, Role};
use crate::refusal::Refusal;

/// Rows that are read at a time.
const PORTION: u64 = 2_000;

/// Which commitments are counted.
#[derive(Clone, Debug, Default)]
pub struct FiguresOf {
    /// Came up at this instant or later, µs: were first asked for, spoken of or proved; of a refusal, was refused.
    pub from_us: Option<i64>,
    /// Before this instant, µs.
    pub before_us: Option<i64>,
    /// In cases of this division.
    pub division: Option<String>,
    /// Of this package.
    pub workflow: Option<String>,
}

/// The figures of one certificate. Each case counts once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CertificateFigures {
    /// The package.
    pub workflow: String,
    /// The step that asks for the certificate.
    pub step: String,
    /// Its title.
    pub title: Text,
    /// Cases in which it was asked for, or proved without being asked for.
    pub needed: u64,
    /// Proved by the document.
    pub by_evidence: u64,
    /// Proved by shared data.
    pub by_shared: u64,
    /// Replaced by a commitment.
    pub by_commitment: u64,
    /// Somebody did not want to promise; may have thought it over.
    pub declined: u64,
    /// A commitment was taken back.
    pub withdrawn: u64,
    /// Somebody wanted to sign and was not allowed to.
    pub not_allowed: u64,
    /// Why, by ground. There may be several in a case.
    pub not_allowed_for: Vec<Counted>,
    /// Checks that have not ended.
    pub checks_open: u64,
    /// Checks that have ended.
    pub checked: u64,
    /// Checks with a visit.
    pub visited: u64,
    /// Checks that a draw exempted from the visit.
    pub exempted: u64,
    /// Checks that ended with a decision against whoever promised.
    pub found_false: u64,
    /// How checks ended, by outcome.
    pub outcomes: Vec<Counted>,
    /// A decision was taken back while the case was open.
    pub revoked_open: u64,
    /// A decision was taken back after the case had ended.
    pub revoked_ended: u64,
    /// Median working time from the question to the document, µs, over the cases in which it was asked for.
    pub median_evidence_us: Option<i64>,
    /// Median working time from the question to the commitment, µs; 0 where it was signed before anybody asked.
    pub median_commitment_us: Option<i64>,
    /// Working time saved, µs: the difference of the medians for each case with a commitment; none while one is missing.
    pub saved_us: Option<i64>,
}

/// How often something with a code occurred.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// The code.
    pub code: String,
    /// What it means; empty where no package that is known says so.
    pub text: Text,
    /// How often.
    pub count: u64,
}

impl App {
    /// The figures of each certificate that came up, by package and step.
    ///
    /// # Errors
    /// `NOT_FOUND` for a division that is not the caller's.
    pub async fn commitment_figures(&self, who: &Principal, of: FiguresOf) -> Result<Vec<CertificateFigures>, Refusal> {
        who.may(Verb::ReadCommitmentFigures)?;
        let own = Some(&who.divisions).filter(|own| who.role == Role::Manager && !own.is_empty());
        let divisions = within(own, of.division)?;
        let (from_us, before_us, workflow) = (of.from_us, of.before_us, of.workflow);
        let query = CommitmentQuery { divisions, workflow, from_us, before_us };
        let inner = &self.inner;
        let calendars = inner.library.calendars();
        let mut tally = Tally { library: &inner.library, calendars: &calendars, sums: BTreeMap::new() };
        let mut last: Option<CommitmentRow> = None;
        loop {
            let page = inner.store.commitments(&query, last.as_ref(), PORTION).await?;
            let checks: Vec<String> = page.iter().flat_map(checks).collect();
            let ended = inner.store.ended(&checks).await?;
            let ended: HashMap<&str, &EndedRow> = ended.iter().map(|row| (row.id.as_str(), row)).collect();
            page.iter().for_each(|row| tally.add(row, &ended));
            match page.into_iter().next_back() {
                Some(row) => last = Some(row),
                None => break,
            }
        }
        let mut last: Option<CommitmentRefusalRow> = None;
        loop {
            let page = inner.store.commitment_refusals(&query, last.as_ref(), PORTION).await?;
            page.iter().for_each(|row| tally.refused(row));
            match page.into_iter().next_back() {
                Some(row) => last = Some(row),
                None => break,
            }
        }
        Ok(tally.finish(inner.business_now_us()))
    }
}

impl Inner {
    /// Keeps that somebody wanted to sign and was not allowed to, for the figures: once for the same person and grounds.
    /// The case itself knows nothing of it.
    pub(crate) async fn note_not_allowed(
        &self,
        (case, step, person): (&kaiban_engine::Case, &str, &str),
        grounds: &[Finding],
    ) -> Result<(), Refusal> {
        let codes: BTreeSet<&str> = grounds.iter().map(|ground| ground.code.as_ref()).collect();
        let named: Vec<&str> = codes.iter().copied().collect();
        let row = CommitmentRefusalRow {
            id: format!("{}/{step}/{person}/{}", case.id, named.join("+")),
            case_id: case.id.clone(),
            step: step.to_owned(),
            workflow: case.workflow.clone(),
            division: case.division.clone(),
            codes: json!(codes).to_string(),
            at_us: self.business_now_us(),
        };
        Ok(self.store.put_commitment_refusal(&row).await?)
    }
}

/// Numbers of the checks of a row.
fn checks(row: &CommitmentRow) -> Vec<String> {
    serde_json::from_str(&row.checks).unwrap_or_default()
}

/// Sums under way.
struct Tally<'a> {
    library: &'a Library,
    calendars: &'a Calendars,
    sums: BTreeMap<(String, String), Sum>,
}

#[derive(Default)]
struct Sum {
    figures: CertificateFigures,
    evidence_us: Vec<i64>,
    commitment_us: Vec<i64>,
    outcomes: BTreeMap<String, Counted>,
    /// Cases with a refusal, and for each ground those with it.
    refused: BTreeSet<String>,
    grounds: BTreeMap<String, BTreeSet<String>>,
}

impl Tally<'_> {
    fn sum(&mut self, workflow: &str, step: &str) -> &mut Sum {
        self.sums.entry((workflow.to_owned(), step.to_owned())).or_default()
    }

    fn add(&mut self, row: &CommitmentRow, ended: &HashMap<&str, &EndedRow>) {
        let waited_us = self.waited_us(row);
        let library = self.library;
        let sum = self.sum(&row.workflow, &row.step);
        let figures = &mut sum.figures;
        figures.needed += 1;
        figures.declined += u64::from(row.declined);
        figures.withdrawn += u64::from(row.withdrawn);
        figures.revoked_open += u64::from(row.revoked.as_deref() == Some(OPEN));
        figures.revoked_ended += u64::from(row.revoked.as_deref() == Some(ENDED));
        match row.way.as_deref() {
            Some(way) if way == Way::Evidence.name() => {
                figures.by_evidence += 1;
                sum.evidence_us.extend(waited_us);
            }
            Some(way) if way == Way::Commitment.name() => {
                figures.by_commitment += 1;
                // Who signs before the question does not wait at all.
                sum.commitment_us.push(waited_us.unwrap_or_default());
            }
            Some(_) => figures.by_shared += 1,
            None => {}
        }
        for check in checks(row) {
            sum.checked(ended.get(check.as_str()).copied(), library);
        }
    }

    /// Working time from the question to the proof, on the calendar as it is read today; none where nobody asked.
    fn waited_us(&self, row: &CommitmentRow) -> Option<i64> {
        let (asked_at_us, proved_at_us) = (row.asked_at_us?, row.proved_at_us?);
        let calendar = self.calendars.find(&row.calendar).ok()?;
        calendar.between_us(asked_at_us, proved_at_us, Horizon::Provisional).ok().map(|working| working.us)
    }

    fn refused(&mut self, row: &CommitmentRefusalRow) {
        let codes: Vec<String> = serde_json::from_str(&row.codes).unwrap_or_default();
        let sum = self.sum(&row.workflow, &row.step);
        sum.refused.insert(row.case_id.clone());
        for code in codes {
            sum.grounds.entry(code).or_default().insert(row.case_id.clone());
        }
    }

    /// In the order of packages, and of each package's steps.
    fn finish(self, now_us: i64) -> Vec<CertificateFigures> {
        let library = self.library;
        let place = |figures: &CertificateFigures| {
            let def = library.current(&figures.workflow, now_us);
            def.and_then(|def| def.order.iter().position(|name| *name == figures.step))
        };
        let sums = self.sums.into_iter().map(|((workflow, step), sum)| sum.finish(workflow, step, library, now_us));
        let mut all: Vec<CertificateFigures> = sums.collect();
        all.sort_by(|a, b| (&a.workflow, place(a)).cmp(&(&b.workflow, place(b))));
        all
    }
}

impl Sum {
    fn checked(&mut self, check: Option<&EndedRow>, library: &Library) {
        let figures = &mut self.figures;
        match check.and_then(|check| check.visited) {
            Some(0) => figures.exempted += 1,
            Some(_) => figures.visited += 1,
            None => {}
        }
        let Some((check, outcome)) = check.and_then(|check| Some((check, check.outcome.as_ref()?))) else {
            figures.checks_open += 1;
            return;
        };
        figures.checked += 1;
        let (text, adverse) = library.pinned(&check.digest).and_then(|def| ending(&def, outcome)).unwrap_or_default();
        figures.found_false += u64::from(adverse);
        let counted = self.outcomes.entry(outcome.clone()).or_default();
        counted.text = text;
        counted.count += 1;
    }

    fn finish(self, workflow: String, step: String, library: &Library, now_us: i64) -> CertificateFigures {
        let Self { mut figures, evidence_us, commitment_us, outcomes, refused, grounds } = self;
        let def = library.current(&workflow, now_us);
        let certificate = def.as_deref().and_then(|def| declared(def).find(|(declared, _)| declared.name == step));
        figures.title = certificate.map(|(step, _)| step.title.clone()).unwrap_or_default();
        figures.not_allowed = count(refused.len());
        let said = certificate.and_then(|(_, certificate)| certificate.commitment.as_ref());
        let why = |code: &str| said.and_then(|said| said.unless.iter().find(|unless| unless.code == code));
        let ground = |(code, cases): (String, BTreeSet<String>)| Counted {
            text: why(&code).map(|unless| unless.message.clone()).unwrap_or_default(),
            count: count(cases.len()),
            code,
        };
        figures.not_allowed_for = grounds.into_iter().map(ground).collect();
        figures.outcomes = outcomes.into_iter().map(|(code, counted)| Counted { code, ..counted }).collect();
        figures.median_evidence_us = median(evidence_us);
        figures.median_commitment_us = median(commitment_us);
        figures.saved_us =
            figures.median_evidence_us.zip(figures.median_commitment_us).map(|(evidence, commitment)| {
                (evidence - commitment).saturating_mul(i64::try_from(figures.by_commitment).unwrap_or(i64::MAX))
            });
        figures.workflow = workflow;
        figures.step = step;
        figures
    }
}

/// What a case's outcome means: the title of what ends it so, and whether that is adverse.
fn ending(def: &Definition, outcome: &str) -> Option<(Text, bool)> {
    let mut ways = def.steps.values().flat_map(|step| step.outcomes.values());
    let way = ways.find(|way| matches!(&way.effect, Effect::Closes(closes) if closes == outcome))?;
    Some((way.title.clone(), way.adverse))
}

/// The middle one; of an even number, the middle of the two. None of none.
fn median(mut values: Vec<i64>) -> Option<i64> {
    values.sort_unstable();
    let middle = values.len() / 2;
    let upper = *values.get(middle)?;
    Some(if values.len() % 2 == 1 { upper } else { i64::midpoint(values[middle - 1], upper) })
}

fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
