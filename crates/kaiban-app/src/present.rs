//! What callers see of a case and of a task. Everything shown is derived here, from state, journal and documents.

use kaiban_calendar::{Calendars, local_date};
use kaiban_definition::{Definition, INTAKE, Overdue, OverdueAction, Schema, Step, branch_name, branch_parts};
use kaiban_engine::{
    Case, ClockState, Delay, Documents, LetterRun, Phase, PromiseClock, Sheet, StepRun, StepState, Way, task_id,
};
use kaiban_findings::{Finding, Place};
use serde_json::Value;

use crate::access::Sight;
use crate::certificates::CertificateView;
use crate::masking;
use crate::principal::Principal;
use crate::refusal::Refusal;
use crate::request::Detail;
use crate::view::{CaseView, CorrectionView, DelayView, GivenView, LetterView, OverdueView, StepView, TaskView};

/// A case at one point of its journal.
pub(crate) struct Standing<'a> {
    pub case: &'a Case,
    pub def: &'a Definition,
    pub seq: i64,
    pub head: &'a str,
    pub subject: &'a str,
    pub now_us: i64,
}

/// What a task is seen with.
pub(crate) struct TaskDesk<'a> {
    pub def: &'a Definition,
    pub case: &'a Case,
    pub calendars: &'a Calendars,
    pub documents: &'a Documents,
    pub now_us: i64,
}

impl TaskDesk<'_> {
    /// The task of a step as its holder sees it: all that the step shares, and nothing else.
    pub fn view(&self, step: &str, epoch: i64, lease_until_us: Option<i64>) -> Result<TaskView, Refusal> {
        let Self { def, case, documents, .. } = self;
        let run = case.steps.get(step).ok_or_else(Refusal::not_found)?;
        let declared = def.step(step).ok_or_else(Refusal::not_found)?;
        let sheet = Sheet::of(def, case, step, documents)?;
        let (form, shared) = (sheet.form(), sheet.shared());
        let concerns = |finding: &Finding| match &finding.place {
            Place::Pointer(pointer) => declared.shares_pointer(pointer, sheet.item_at()),
            Place::Whole | Place::File { .. } => false,
        };
        // Doubts are found again instead of read: they follow from the form and the package alone.
        let doubts =
            if case.doubt_count > 0 { def.check_form(form, local_date(case.received_at_us)) } else { Vec::new() };
        let corrected = case.corrections.iter().rev().find(|correction| correction.step == step);
        Ok(TaskView {
            id: task_id(&case.id, step, run.offers),
            case: case.id.clone(),
            workflow: case.workflow.clone(),
            step: step.to_owned(),
            office: run.office.clone(),
            division: case.division.clone(),
            epoch,
            lease_until_us,
            offered_at_us: run.task_offered_at_us.unwrap_or(case.received_at_us),
            promise_due_us: case.promise_clock(self.calendars, self.now_us).ok().and_then(|clock| clock.due_us),
            attempt: run.attempts,
            form_revision: run.form,
            shared: shared.value,
            doubts: doubts.into_iter().filter(|finding| !finding.is_error() && concerns(finding)).collect(),
            corrected: corrected.map(|asked| findings(documents, &asked.findings)).unwrap_or_default(),
            item: branch_parts(step).1.and_then(|key| Some((key.to_owned(), sheet.item_at()?.to_owned()))),
            overdue: overdue(declared, run),
            promise: run
                .promise_clock(self.calendars, self.now_us)
                .ok()
                .flatten()
                .unwrap_or_else(|| unmeasured(&run.calendar)),
            statutory: case.step_statutory_clock(def, step, self.calendars, self.now_us).ok().flatten(),
            case_warned: case.mark,
        })
    }
}

/// The reminders and escalations that a step has reached, as its package lists them.
pub(crate) fn overdue(step: &Step, run: &StepRun) -> Vec<OverdueView> {
    let listed = step.on_overdue.iter().zip(0..).filter(|(_, index)| run.reached.contains(index));
    let view = |(overdue, _): (&Overdue, u32)| OverdueView {
        after: overdue.after.to_string(),
        party: match &overdue.action {
            OverdueAction::Escalate { party } => Some(party.clone()),
            OverdueAction::Remind | OverdueAction::Outcome { .. } => None,
        },
    };
    listed.map(view).collect()
}

/// Whether an office has a step in its hands that has reached a reminder.
pub(crate) fn is_overdue(run: &StepRun) -> bool {
    run.state.has_task() && !run.reached.is_empty()
}

/// Findings of a stored correction.
pub(crate) fn findings(documents: &Documents, digest: &str) -> Vec<Finding> {
    let stored = documents.get(digest).and_then(|value| serde_json::from_value(value.as_ref().clone()).ok());
    stored.unwrap_or_default()
}

impl Standing<'_> {
    /// Digests of the documents that this view needs.
    pub fn documents(&self, detail: Detail) -> Vec<String> {
        let mut digests = Vec::new();
        if detail != Detail::Basic {
            // An applicant's own places are told from others' by the form.
            let reads_form = !self.case.corrections.is_empty() || crate::certificates::has_any(self.def);
            digests.extend(self.case.form().map(str::to_owned).filter(|_| reads_form));
            digests.extend(self.case.corrections.iter().map(|correction| correction.findings.clone()));
            let delays = self.case.steps.values().filter_map(|run| run.delay.as_ref()?.reason.as_ref());
            digests.extend(delays.map(|given| given.text.clone()));
        }
        if detail == Detail::Full {
            digests.extend(self.case.documents().into_iter().map(str::to_owned));
            digests.extend(self.case.steps.values().filter_map(|run| run.reason.clone()));
        }
        digests
    }

    /// The case as `who` sees it.
    pub fn view(
        &self,
        who: &Principal,
        sight: Sight,
        detail: Detail,
        calendars: &Calendars,
        documents: &Documents,
    ) -> CaseView {
        let case = self.case;
        let key = who.person.as_deref().unwrap_or_default();
        let applicant = (sight == Sight::Own).then(|| masking::Applicant::new(self.def, key));
        let eyes = Eyes { who, sight, detail, applicant };
        let steps = if detail == Detail::Basic { Vec::new() } else { self.steps(&eyes, calendars, documents) };
        let corrections = if detail == Detail::Basic { Vec::new() } else { self.corrections(&eyes, documents) };
        // The whole form is for who handed it in and for the applicant; an office gets its step's shares with the task.
        let form = match sight {
            Sight::Full | Sight::Own | Sight::Masked if detail == Detail::Full => {
                let form = case.form().and_then(|digest| documents.get(digest));
                form.map(|form| eyes.shown(&self.def.form, form))
            }
            _ => None,
        };
        // An office learns who the applicant came through, and what the case is called, only where its step shares it.
        let own_steps = || case.steps.iter().filter(|(_, run)| eyes.own(&run.office));
        let mut own_steps = own_steps().filter_map(|(step, _)| self.def.step(step));
        let subject = match sight {
            Sight::Full | Sight::Own | Sight::Progress => self.subject.to_owned(),
            Sight::Masked => masking::subject(self.def, self.subject),
            Sight::Shares if own_steps.any(|step| step.shares_pointer(&self.def.subject, None)) => {
                self.subject.to_owned()
            }
            Sight::Shares | Sight::Facts => String::new(),
        };
        let named = matches!(sight, Sight::Full | Sight::Own | Sight::Progress | Sight::Masked);
        let certificates = match detail {
            Detail::Basic => Vec::new(),
            _ => self.certificates(&eyes, documents),
        };
        CaseView {
            certificates,
            // Told by who read the documents.
            erased: Vec::new(),
            id: case.id.clone(),
            workflow: case.workflow.clone(),
            version: self.def.version.clone(),
            digest: case.digest.clone(),
            phase: case.phase,
            outcome: case.outcome.clone(),
            division: case.division.clone(),
            organisation: if named { case.organisation.clone() } else { String::new() },
            outlet: case.outlet.clone().filter(|_| named),
            subject,
            received_at_us: case.received_at_us,
            accepted_at_us: case.accepted_at_us,
            closed_at_us: case.closed_at_us,
            promise: case.promise_clock(calendars, self.now_us).unwrap_or_else(|_| unmeasured(&case.calendar)),
            statutory: case.statutory_clock(self.def, calendars, self.now_us).ok().flatten(),
            wall_us: case.ledger.wall_us(self.now_us),
            revocation: case.revocation.clone(),
            revision: self.seq,
            head: self.head.to_owned(),
            steps,
            corrections,
            code: case.code(),
            codes: case.codes.clone(),
            letters: if detail == Detail::Basic { Vec::new() } else { self.letters(&eyes) },
            parent: case.parent.as_ref().map(|parent| parent.case.clone()),
            promise_undecided: case.promise_undecided,
            grade: case.grade,
            form,
            masked: sight == Sight::Masked,
        }
    }

    fn steps(&self, eyes: &Eyes<'_>, calendars: &Calendars, documents: &Documents) -> Vec<StepView> {
        let pending = StepRun::default();
        let office = |step: &str| self.case.steps.get(step).map_or("", |run| run.office.as_str());
        let intake = self.def.intake.iter().map(|intake| &intake.step).filter(|_| self.case.steps.contains_key(INTAKE));
        let ordered = self.def.order.iter().filter_map(|name| self.def.steps.get(name));
        let view = |(name, step): (String, &std::sync::Arc<kaiban_definition::Step>)| {
            let run = self.case.steps.get(&name).unwrap_or(&pending);
            let withdrawn = self.case.phase == Phase::Closed && run.state == StepState::Pending;
            let promise = run.promise_clock(calendars, self.now_us).ok().flatten();
            let result = run.result.as_ref().filter(|_| eyes.detail == Detail::Full && eyes.reads(&run.office));
            let result = result.and_then(|digest| documents.get(digest)).zip(step.result.as_ref());
            // A reason is written to the applicant, in words that may tell who that is.
            let others = eyes.applicant.as_ref().is_some_and(|applicant| applicant.is_others(&name));
            let shown =
                eyes.detail == Detail::Full && eyes.sight != Sight::Masked && eyes.reads(&run.office) && !others;
            let reason = run.reason.as_ref().filter(|_| shown);
            let asked = self.case.corrections.iter().filter(|correction| correction.step == name).count();
            StepView {
                key: branch_parts(&name).1.map(str::to_owned),
                codes: run.codes.clone(),
                superseded: run.superseded.clone(),
                pause: run.pause.clone(),
                sub_case: run.sub_case.clone(),
                overdue: overdue(step, run),
                title: step.title.clone(),
                state: if withdrawn { StepState::Withdrawn } else { run.state },
                outcome: run.outcome.clone(),
                office: run.office.clone(),
                counted: step.counts,
                offered_at_us: run.offered_at_us,
                ended_at_us: run.ended_at_us,
                wall_us: run.ledger.wall_us(self.now_us),
                reason: reason.and_then(|digest| documents.get(digest)?.as_str().map(str::to_owned)),
                promise: promise.unwrap_or_else(|| unmeasured(&run.calendar)),
                statutory: self.case.step_statutory_clock(self.def, &name, calendars, self.now_us).ok().flatten(),
                delay: run.delay.as_ref().map(|delay| self.delay(delay, eyes, others, documents)),
                corrections: u32::try_from(asked).unwrap_or(u32::MAX),
                attempts: run.attempts,
                result: result.map(|(result, schema)| eyes.shown(schema, result)),
                task: run.state.has_task().then(|| task_id(&self.case.id, &name, run.offers)),
                step: name,
            }
        };
        // A step's branches stand behind it; an undo step stands there only where something is undone.
        let begun = |step: &std::sync::Arc<kaiban_definition::Step>| {
            step.is_regular() || self.case.steps.contains_key(&step.name)
        };
        let with_branches = intake.chain(ordered.filter(|step| begun(step))).flat_map(|step| {
            let keys = self.case.steps.get(&step.name).and_then(|run| run.branches.as_ref()).into_iter().flatten();
            let branches = keys.map(|key| branch_name(&step.name, Some(key)));
            std::iter::once(step.name.clone()).chain(branches).map(move |name| (name, step))
        });
        with_branches.filter(|(name, _)| eyes.sees(office(name))).map(view).collect()
    }

    /// The reason is for the public; whether it names nobody is its author's word, so it is not in a masked view.
    fn delay(&self, delay: &Delay, eyes: &Eyes<'_>, others: bool, documents: &Documents) -> DelayView {
        let shown = eyes.sight != Sight::Masked && !others;
        let given = delay.reason.as_ref().map(|given| GivenView {
            at_us: given.at_us,
            officer: given.officer.clone(),
            text: documents.get(&given.text).filter(|_| shown).and_then(|text| text.as_str().map(str::to_owned)),
        });
        DelayView { since_us: delay.since_us, reminders: delay.reminders, given }
    }

    /// What stands for a certificate, everybody learns who learns how far the steps are; who promised, only who may know
    /// people's names.
    fn certificates(&self, eyes: &Eyes<'_>, documents: &Documents) -> Vec<CertificateView> {
        let mut views = crate::certificates::of_case(self.def, self.case, documents, eyes.sight != Sight::Masked);
        views.retain(|_| eyes.sees(""));
        for view in &mut views {
            let others = |person: &String| eyes.applicant.as_ref().is_some_and(|own| !own.is_key(person));
            if view.way == Some(Way::Commitment) {
                view.by.retain(|person| !others(person));
            }
            for said in view.commitment.iter_mut().flat_map(|commitment| &mut commitment.said) {
                if others(&said.person) {
                    said.person = String::new();
                }
            }
        }
        views
    }

    /// Letters are for the applicant: for who stands in for him, and for the office that they come from.
    fn letters(&self, eyes: &Eyes<'_>) -> Vec<LetterView> {
        let office = |letter: &LetterRun| {
            let run = letter.step.as_ref().and_then(|step| self.case.steps.get(step));
            run.map_or("", |run| run.office.as_str())
        };
        // The bureau reads the letters about the case as a whole, and what the system wrote.
        let system = |letter: &LetterRun| eyes.sight == Sight::Progress && office(letter).is_empty();
        let visible = self.case.letters.iter().filter(|letter| system(letter) || eyes.reads(office(letter)));
        let view = |letter: &LetterRun| LetterView {
            number: letter.number.clone(),
            letter: letter.letter.clone(),
            title: self.def.letters.get(&letter.letter).map(|named| named.title.clone()).unwrap_or_default(),
            step: letter.step.clone(),
            issued_at_us: letter.issued_at_us,
            told_at_us: letter.told_at_us,
        };
        visible.map(view).collect()
    }

    fn corrections(&self, eyes: &Eyes<'_>, documents: &Documents) -> Vec<CorrectionView> {
        let office = |step: &str| self.case.steps.get(step).map_or("", |run| run.office.as_str());
        let visible = self.case.corrections.iter().filter(|correction| eyes.reads(office(&correction.step)));
        let form = self.case.form().and_then(|digest| documents.get(digest));
        let view = |correction: &kaiban_engine::CorrectionRun| {
            let found = findings(documents, &correction.findings);
            let found = match &eyes.applicant {
                _ if eyes.sight == Sight::Masked => masking::findings(found),
                // What was asked of other people is theirs.
                Some(applicant) => {
                    let about_others = |finding: &Finding| match &finding.place {
                        Place::Pointer(pointer) => form.is_none_or(|form| applicant.is_elsewhere(form, pointer)),
                        Place::Whole | Place::File { .. } => false,
                    };
                    let shown = |finding| if about_others(&finding) { masking::finding(finding) } else { finding };
                    found.into_iter().map(shown).collect()
                }
                None => found,
            };
            CorrectionView {
                id: correction.id.clone(),
                step: correction.step.clone(),
                findings: found,
                asked_at_us: correction.asked_at_us,
                told_at_us: correction.told_at_us,
                answered_at_us: correction.answered_at_us.or(correction.dropped_at_us),
                breach: correction.breach,
                reminders: correction.reminders,
            }
        };
        visible.map(view).collect()
    }
}

/// Who looks, and how closely.
struct Eyes<'a> {
    who: &'a Principal,
    sight: Sight,
    detail: Detail,
    /// Where it is the applicant himself.
    applicant: Option<masking::Applicant<'a>>,
}

impl Eyes<'_> {
    /// A form or a result as it is shown to who may see it.
    fn shown(&self, schema: &Schema, document: &Value) -> Value {
        match &self.applicant {
            _ if self.sight == Sight::Masked => masking::document(schema, document),
            Some(applicant) => applicant.document(schema, document),
            None => document.clone(),
        }
    }

    fn own(&self, office: &str) -> bool {
        self.who.offices.iter().any(|own| own == office)
    }

    /// Whether how far the steps of an office are is shown.
    fn sees(&self, office: &str) -> bool {
        match self.sight {
            Sight::Full | Sight::Own | Sight::Masked | Sight::Progress => true,
            Sight::Shares => self.own(office),
            Sight::Facts => false,
        }
    }

    /// Whether what an office wrote is shown.
    fn reads(&self, office: &str) -> bool {
        match self.sight {
            Sight::Full | Sight::Own | Sight::Masked => true,
            Sight::Progress | Sight::Shares => self.own(office),
            Sight::Facts => false,
        }
    }
}

/// A clock that has nothing to measure yet.
fn unmeasured(calendar: &str) -> PromiseClock {
    PromiseClock {
        state: ClockState::NotStarted,
        budget_us: None,
        elapsed_us: 0,
        due_us: None,
        breached_at_us: None,
        calendar: calendar.to_owned(),
        version: String::new(),
        warned: 0,
        provisional: false,
    }
}
