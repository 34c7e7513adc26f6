//! Credit histories of subjects: what officers record of them, and what they mean on a day. The rules are
//! `kaiban-credit`'s; here are the rows, and who may ask.
//!
//! The subject of a person is the keyed digest of the citizen number, of an organisation its USCC: whoever reads the
//! database alone learns of nobody what is on record.

use std::collections::HashMap;

use jiff::civil::Date;
use kaiban_calendar::local_date;
use kaiban_credit::{
    Class, Entry, Ground, Reason, Record, Refusal as RepairRefusal, RiskClass, Standing, What, standing,
};
use kaiban_definition::{CreditFacts, Definition, branch_name};
use kaiban_engine::item;
use kaiban_findings::Text;
use kaiban_identifiers::uscc;
use kaiban_store::CreditEntryRow;
use serde_json::{Value, json};

use crate::access::{RowFacts, Verb, permit};
use crate::app::{App, Inner};
use crate::execute::{Done, Op, Working};
use crate::principal::{Principal, Role};
use crate::records::{PersonKey, Purpose};
use crate::refusal::{Canonical, Refusal};

/// Whose credit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CreditOf {
    /// Whoever has this citizen number.
    Person(String),
    /// The organisation with this code.
    Uscc(String),
    /// The person of a case whose identity was checked under this key.
    Signatory {
        /// Case number.
        case: String,
        /// Key of the person.
        person: String,
    },
    /// The applicant who asks.
    Own,
}

/// What is to be put on record.
#[derive(Clone, Debug)]
pub struct RecordCredit {
    /// Unique within (organisation, method).
    pub request_id: String,
    /// Whose.
    pub of: CreditOf,
    /// Who acts.
    pub officer: String,
    /// Id of the record that it is about; a new one of a new record.
    pub record: String,
    /// What happened.
    pub change: CreditChange,
}

/// What happened to a record.
#[derive(Clone, Debug)]
pub enum CreditChange {
    /// It is put on record.
    Recorded {
        /// How grave.
        class: Class,
        /// About what.
        reason: Reason,
        /// What was decided, in a sentence that names no person.
        text: Text,
        /// Number of the decision.
        source: String,
        /// Law that it rests on.
        law: String,
        /// Day of the decision.
        decided_on: Date,
        /// The authority found it necessary to publish it.
        must_be_published: bool,
        /// Law by which it cannot be repaired.
        beyond_repair: Option<String>,
    },
    /// The act is corrected and every duty fulfilled.
    Corrected {
        /// The day on which the last duty was fulfilled.
        done_on: Date,
    },
    /// Repair is applied for.
    RepairApplied {
        /// Whether the public credit promise was given with it.
        public_promise: bool,
    },
    /// Repair is granted.
    RepairGranted,
    /// Repair is refused.
    RepairRefused {
        /// Why.
        reason: RepairRefusal,
    },
    /// The record was made in error.
    Withdrawn {
        /// Number of the decision that took it back.
        decision: String,
    },
}

impl CreditChange {
    /// The method under which a request is remembered, and who may.
    fn verb(&self) -> (&'static str, Verb) {
        match self {
            Self::Recorded { .. } => ("record_credit", Verb::RecordCredit),
            Self::Corrected { .. } => ("record_correction", Verb::RecordCredit),
            Self::RepairApplied { .. } => ("apply_for_repair", Verb::ApplyForRepair),
            Self::RepairGranted | Self::RepairRefused { .. } => ("decide_repair", Verb::RecordCredit),
            Self::Withdrawn { .. } => ("withdraw_record", Verb::RecordCredit),
        }
    }

    fn into_what(self, subject: &str) -> What {
        match self {
            Self::Recorded { class, reason, text, source, law, decided_on, must_be_published, beyond_repair } => {
                What::Recorded(Record {
                    subject: subject.to_owned(),
                    class,
                    reason,
                    text,
                    source,
                    law,
                    decided_on,
                    must_be_published,
                    beyond_repair,
                })
            }
            Self::Corrected { done_on } => What::Corrected { done_on },
            Self::RepairApplied { public_promise } => What::RepairApplied { public_promise },
            Self::RepairGranted => What::RepairGranted,
            Self::RepairRefused { reason } => What::RepairRefused { reason },
            Self::Withdrawn { decision } => What::Withdrawn { decision },
        }
    }
}

/// A subject's credit on a day.
#[derive(Clone, Debug)]
pub struct CreditView {
    /// The subject: a keyed digest, or a USCC.
    pub subject: String,
    /// Every entry that was made up to that day, the first first.
    pub entries: Vec<Entry>,
    /// What they mean.
    pub standing: Standing,
    /// The same in sentences.
    pub explanation: Vec<Text>,
}

/// An entry on its way to the writer.
pub(crate) struct CreditOp {
    pub subject: String,
    pub record: String,
    pub by: String,
    pub what: What,
    /// The applicant's credential is used up with it.
    pub spends: bool,
}

impl CreditOp {
    /// What it is in the table.
    pub fn verb(&self) -> Verb {
        match self.what {
            What::RepairApplied { .. } => Verb::ApplyForRepair,
            _ => Verb::RecordCredit,
        }
    }
}

/// What is on record about who would promise, on a day: the person, and the unit where the package asks for its credit.
pub(crate) struct Known {
    person: (String, Standing),
    unit: Option<(String, Standing)>,
}

impl Known {
    /// Reads the histories of [`Signatory::subjects`]; none where one of them cannot be read.
    pub fn of<'e>(signatory: &Signatory, history: impl Fn(&str) -> Option<&'e [Entry]>, on: Date) -> Option<Self> {
        let known = |subject: &String| Some((subject.clone(), standing(history(subject)?, on)));
        let unit = match &signatory.unit {
            Some(unit) => Some(known(unit)?),
            None => None,
        };
        Some(Self { person: known(&signatory.person)?, unit })
    }

    /// What the exclusions of packages may read.
    pub fn facts(&self) -> CreditFacts<'static> {
        let all = || std::iter::once(&self.person).chain(&self.unit).map(|(_, standing)| standing);
        let risk = all().map(|standing| standing.risk).max().unwrap_or(RiskClass::A);
        CreditFacts {
            minor: all().map(|standing| standing.counts.minor.in_force).sum(),
            general: all().map(|standing| standing.counts.general.in_force).sum(),
            serious: all().map(|standing| standing.barred_by(Ground::SeriousRecord)).sum(),
            broken_promises: all().map(|standing| standing.barred_by(Ground::FalseCommitment)).sum(),
            risk: match risk {
                RiskClass::A => "A",
                RiskClass::B => "B",
                RiskClass::C => "C",
                RiskClass::D => "D",
            },
        }
    }

    /// As it is kept beside a signature.
    pub fn snapshot(&self) -> Value {
        let (subject, standing) = &self.person;
        let mut kept = json!({ "subject": subject, "standing": standing });
        if let Some((subject, standing)) = &self.unit {
            kept["unit"] = json!({ "subject": subject, "standing": standing });
        }
        kept
    }
}

/// Who would promise at a step.
pub(crate) struct Signatory {
    person: String,
    unit: Option<String>,
}

impl Signatory {
    /// None where the person has no number, as of who came with a passport.
    pub fn of(def: &Definition, form: &Value, step: &str, person: &str, persons: &PersonKey) -> Option<Self> {
        let promised = def.steps.get(step).and_then(|step| step.certificate()?.commitment.as_ref());
        let code = promised.and_then(|promised| form.pointer(promised.unit.as_ref()?)?.as_str());
        let unit = code.and_then(|code| uscc::check(code).normalized);
        Some(Self { person: subject_of(def, form, person, persons)?, unit })
    }

    /// Whose histories count.
    pub fn subjects(&self) -> impl Iterator<Item = &String> {
        std::iter::once(&self.person).chain(&self.unit)
    }
}

/// The subject that a person of a form is: by the citizen number in the person's entry of the identity list. None where
/// there is none, as of who came with a passport.
pub(crate) fn subject_of(def: &Definition, form: &Value, person: &str, persons: &PersonKey) -> Option<String> {
    persons.first(entry_of(def, form, person)?)
}

/// The entry of the identity list that a person's key names.
pub(crate) fn entry_of<'f>(def: &Definition, form: &'f Value, person: &str) -> Option<&'f Value> {
    let identity = def.identity.as_deref()?;
    item(def.steps.get(identity)?, &branch_name(identity, Some(person)), form).map(|(_, entry)| entry)
}

/// Entries as they were recorded; none where one cannot be read, which is an error in the log.
pub(crate) fn entries(rows: &[CreditEntryRow]) -> Option<Vec<Entry>> {
    let read: Result<Vec<Entry>, _> = rows.iter().map(|row| serde_json::from_str(&row.entry)).collect();
    if let Err(error) = &read {
        tracing::error!(%error, "a credit entry cannot be read");
    }
    read.ok()
}

/// Histories by subject, as a batch loaded them.
pub(crate) type Histories = HashMap<String, Option<Vec<Entry>>>;

impl App {
    /// Adds an entry to a subject's history; gives the credit as it stands then.
    ///
    /// # Errors
    /// `CREDIT_ENTRY_REFUSED` with everything that stands against it.
    pub async fn record_credit(&self, who: &Principal, request: RecordCredit) -> Result<CreditView, Refusal> {
        let (method, verb) = request.change.verb();
        who.may(verb)?;
        let inner = &self.inner;
        inner.keeps_credit(who)?;
        let by = match who.role {
            Role::Applicant => who.token.clone(),
            _ => who.officer(request.officer)?,
        };
        // The number itself goes into no request's row: its digest says as much.
        let (subject, _) = inner.subject(who, &request.of).await?;
        let what = request.change.into_what(&subject);
        let content = json!([subject, by, request.record, serde_json::to_value(&what).unwrap_or_default()]);
        let key = inner.request(who, method, &request.request_id, &content)?;
        let spends = who.role == Role::Applicant;
        let op = CreditOp { subject, record: request.record, by, what, spends };
        let done = inner.execute(who, Some(key), Op::Credit(Box::new(op))).await?;
        let Done::Credit { subject, seq } = done else { return Err(Refusal::not_found()) };
        let rows = inner.store.credit_entries(&subject).await?;
        // As this request left it, whatever was added since.
        let upto: Vec<CreditEntryRow> = rows.into_iter().filter(|row| row.seq <= seq).collect();
        let entries = entries(&upto).ok_or_else(unreadable)?;
        let on = entries.last().map_or_else(|| local_date(inner.business_now_us()), |entry| entry.on);
        Ok(view(subject, entries, on))
    }

    /// A subject's history and standing on a day, today if none is named. An applicant sees the own one.
    ///
    /// # Errors
    /// `CITIZEN_NUMBER_INVALID`, `USCC_INVALID`; `NOT_FOUND` where the case or the person is not the caller's to see.
    pub async fn credit(&self, who: &Principal, of: &CreditOf, on: Option<Date>) -> Result<CreditView, Refusal> {
        who.may(Verb::ReadCredit)?;
        let inner = &self.inner;
        inner.keeps_credit(who)?;
        let (subject, case) = inner.subject(who, of).await?;
        if !subject_is_public(&subject) && who.role != Role::Applicant {
            let place = case.unwrap_or_else(|| format!("credit:{subject}"));
            inner.record_read(who, &place, &["credit".to_owned()], Purpose::ReadCredit).await?;
        }
        let rows = inner.store.credit_entries(&subject).await?;
        let entries = entries(&rows).ok_or_else(unreadable)?;
        let on = on.unwrap_or_else(|| local_date(inner.business_now_us()));
        let seen = entries.into_iter().filter(|entry| entry.on <= on).collect();
        Ok(view(subject, seen, on))
    }
}

fn view(subject: String, entries: Vec<Entry>, on: Date) -> CreditView {
    let standing = standing(&entries, on);
    let explanation = kaiban_credit::explain(&standing);
    CreditView { subject, entries, standing, explanation }
}

/// What is on record about organisations is public (企业信息公示暂行条例 §6).
fn subject_is_public(subject: &str) -> bool {
    subject.len() == 18
}

impl Inner {
    /// Whether an officer is of the authority that registers: records are its business alone. Others go by their role.
    pub fn keeps_credit(&self, who: &Principal) -> Result<(), Refusal> {
        if who.role != Role::Officer || self.is_registrar(who) { Ok(()) } else { Err(Refusal::role()) }
    }

    /// Whether the caller's office registers in its division, by any package.
    pub fn is_registrar(&self, who: &Principal) -> bool {
        let library = &self.library;
        let registers = |office: &String| {
            let Some(office) = library.directory.office_by_id(office) else { return false };
            let divisions = &office.divisions;
            let by = |def: &std::sync::Arc<Definition>| {
                let mut places = divisions.iter();
                places.any(|at| library.registering_office(def, at).is_some_and(|found| found.id == office.id))
            };
            library.all().iter().any(by)
        };
        who.offices.iter().any(registers)
    }

    /// The subject that a request names, and the case that it was named by.
    async fn subject(&self, who: &Principal, of: &CreditOf) -> Result<(String, Option<String>), Refusal> {
        let own = || Some((who.case.clone()?, who.person.clone()?));
        match (of, who.role) {
            (CreditOf::Own, Role::Applicant) => {
                let (case, person) = own().ok_or_else(Refusal::not_found)?;
                self.signatory(who, &case, &person).await
            }
            (CreditOf::Signatory { case, person }, _) => {
                let others =
                    who.role == Role::Applicant && own().is_none_or(|own| own != (case.clone(), person.clone()));
                if others { Err(Refusal::not_found()) } else { self.signatory(who, case, person).await }
            }
            // An applicant asks for nobody else.
            (_, Role::Applicant) => Err(Refusal::not_found()),
            (CreditOf::Own, _) => Err(Refusal::argument(
                "SUBJECT_REQUIRED",
                "请指明主体：公民身份号码、统一社会信用代码，或办件及其人员。",
                "Name the subject: a citizen number, a USCC, or a case and its person.",
            )),
            (CreditOf::Person(number), _) => {
                Ok((self.persons.digest(number).ok_or_else(crate::audit::not_a_number)?, None))
            }
            (CreditOf::Uscc(code), _) => {
                let checked = uscc::check(code);
                checked.normalized.map(|code| (code, None)).ok_or_else(|| {
                    Refusal::argument(
                        "USCC_INVALID",
                        "统一社会信用代码不符合编码规则。",
                        "This is no unified social credit code: its form or its check character is wrong.",
                    )
                })
            }
        }
    }

    async fn signatory(&self, who: &Principal, case: &str, person: &str) -> Result<(String, Option<String>), Refusal> {
        let row = self.row(case).await?;
        let working = Working::read(&self.library, &row)?;
        if who.role != Role::Auditor {
            permit(who, Verb::ReadCase, Some(&RowFacts::of(&working.case, &self.library)))?;
        }
        let digest = working.case.form().ok_or_else(Refusal::not_found)?;
        let documents = self.read_documents(&working.case, &[digest]).await?;
        let form = documents.get(digest).ok_or_else(Refusal::not_found)?;
        if entry_of(&working.def, form, person).is_none() {
            return Err(Refusal::not_found());
        }
        let subject = subject_of(&working.def, form, person, &self.persons).ok_or_else(|| {
            Refusal::new(
                Canonical::FailedPrecondition,
                "SUBJECT_WITHOUT_NUMBER",
                "该人员没有公民身份号码，无法查询或登记信用记录。",
                "This person has no citizen number, so that nothing can be on record.",
            )
        })?;
        Ok((subject, Some(case.to_owned())))
    }

    /// What is on record about who would promise at a step, today.
    pub async fn known(
        &self,
        def: &Definition,
        form: &Value,
        step: &str,
        person: &str,
    ) -> Result<Option<Known>, Refusal> {
        let Some(signatory) = Signatory::of(def, form, step, person, &self.persons) else { return Ok(None) };
        let mut histories = Histories::new();
        for subject in signatory.subjects() {
            let rows = self.store.credit_entries(subject).await?;
            histories.insert(subject.clone(), entries(&rows));
        }
        let on = local_date(self.business_now_us());
        Ok(Known::of(&signatory, |subject| histories.get(subject)?.as_deref(), on))
    }
}

fn unreadable() -> Refusal {
    Refusal::new(
        Canonical::Internal,
        "STORED_CREDIT_UNREADABLE",
        "存储的信用记录无法读取，请联系管理员。",
        "A stored credit record cannot be read: tell the administrator.",
    )
}
