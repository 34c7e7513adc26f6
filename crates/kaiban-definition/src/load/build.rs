//! From a draft without errors to the definition that the engine runs.

use std::collections::BTreeMap;
use std::sync::Arc;

use kaiban_documents::LetterSet;
use kaiban_findings::Text;

use super::draft::{
    Draft, DraftCertificate, DraftEvidence, DraftExclusion, DraftFilling, DraftGround, DraftGuard, DraftIntake,
    DraftLetter, DraftOutcome, DraftRegister, DraftRule, DraftStatutory, DraftStep, DraftWork, RETRIES_DEFAULT,
};
use super::graph::Graph;
use super::reader::Spot;
use super::schemas::Schemas;
use crate::digest::digest;
use crate::files::Files;
use crate::guard::{Guard, TextExpression};
use crate::model::{
    AnyOf, Breaks, Certificate, Commitment, Corrections, Definition, Effect, Evidence, Exclusion, Filling, ForEach,
    FormRule, Ground, INTAKE, Intake, NamedLetter, Need, Outcome, Overdue, Promise, Register, Revokes, Rule, Statutory,
    Step, Work,
};
use crate::share::Share;

/// None where a part is missing; its finding says so.
pub(super) fn build(
    draft: Draft,
    mut schemas: Schemas,
    letters: &LetterSet,
    graph: Graph,
    files: &Files,
) -> Option<Definition> {
    let promise = draft
        .promise
        .into_iter()
        .map(|promise| Some(Promise { from: promise.from?, when: promise.when.map(guard), within: promise.within? }));
    let undoes: BTreeMap<String, String> = draft
        .steps
        .iter()
        .filter_map(|step| Some((step.undo.as_ref()?.value.clone(), step.name.value.clone())))
        .collect();
    let steps = draft.steps.into_iter().map(|draft| {
        let result = schemas.results.remove(&draft.name.value);
        let undoes = undoes.get(&draft.name.value).cloned();
        let step = step(draft, result, undoes)?;
        Some((step.name.clone(), Arc::new(step)))
    });
    let steps = steps.collect::<Option<_>>()?;
    let on = |event: &str| {
        let mut letters = draft.letters.iter().filter(|letter| letter.on.as_ref().is_some_and(|on| on.value == event));
        letters.next().map(|letter| letter.name.value.clone())
    };
    let corrections = draft.corrections;
    Some(Definition {
        workflow: draft.workflow?.value,
        version: draft.version?,
        digest: digest(files),
        effective_from: draft.effective_from?,
        title: draft.title?,
        registrar: form_pointer(&draft.registrar?.value)?,
        subject: form_pointer(&draft.subject?.value)?,
        contact: draft.contact.and_then(|contact| form_pointer(&contact.value)),
        agent: draft.agent.and_then(|agent| form_pointer(&agent.value)),
        identity: draft.identity.map(|identity| identity.value),
        closes: draft.closes?.value,
        promise: promise.collect::<Option<_>>()?,
        statutory: match draft.statutory {
            Some(draft) => Some(statutory(draft)?),
            None => None,
        },
        intake: match draft.intake {
            Some(draft) => Some(intake(draft)?),
            None => None,
        },
        rules: draft.rules.into_iter().map(rule).collect::<Option<_>>()?,
        evidence: draft.evidence.into_iter().map(evidence).collect::<Option<_>>()?,
        corrections: Corrections {
            remind_after: corrections.remind_after.into_iter().map(|after| after.value).collect(),
            lapse_after: corrections.lapse_after,
        },
        on_receipt: on("receipt"),
        on_acceptance: on("acceptance"),
        letters: draft.letters.into_iter().map(|draft| letter(draft, letters)).collect::<Option<_>>()?,
        registers: draft.registers.into_iter().map(register).collect::<Option<_>>()?,
        steps,
        form: schemas.form?,
        field_order: schemas.order,
        order: graph.order,
    })
}

fn guard(draft: DraftGuard) -> Guard {
    draft.guard
}

/// The pointer into the form alone.
fn form_pointer(share: &Share) -> Option<String> {
    Some(share.pointer().strip_prefix("/form")?.to_owned())
}

fn pointers(shares: &[Spot<Share>]) -> Option<Vec<String>> {
    shares.iter().map(|share| form_pointer(&share.value)).collect()
}

fn rule(draft: DraftRule) -> Option<FormRule> {
    Some(FormRule {
        code: draft.code?,
        is_error: draft.is_error?,
        from: draft.from,
        until: draft.until.map(|until| until.value),
        for_each: draft.for_each.map(|list| list.value),
        broken: guard(draft.broken?),
        at: draft.at?.value,
        message: draft.message?,
        help: draft.help,
        law: draft.law,
    })
}

fn evidence(draft: DraftEvidence) -> Option<Evidence> {
    Some(Evidence {
        at: draft.at?.value,
        for_each: draft.for_each.map(|list| list.value),
        title: draft.title?,
        why: draft.why?,
        law: draft.law,
        when: draft.when.map(guard),
    })
}

fn statutory(draft: DraftStatutory) -> Option<Statutory> {
    Some(Statutory {
        within: draft.within?,
        extend_once: draft.extend_once,
        restarts: draft.restarts,
        law: draft.law?,
        letter: draft.letter.map(|letter| letter.value),
    })
}

fn letter(draft: DraftLetter, letters: &LetterSet) -> Option<(String, NamedLetter)> {
    let name = draft.name.value;
    let (number, letter) = (draft.number?.value, letters.get(&name)?.clone());
    let letter = NamedLetter { name: name.clone(), title: draft.title?, number, law: draft.law, letter };
    Some((name, letter))
}

fn register(draft: DraftRegister) -> Option<(String, Register)> {
    let name = draft.name.value;
    let register = Register {
        name: name.clone(),
        title: draft.title?,
        key: TextExpression::new(guard(draft.key?)),
        hold_months: match draft.holds {
            Some(months) => Some(months?),
            None => None,
        },
        keeps: draft.keeps.into_iter().map(|outcome| outcome.value).collect(),
    };
    Some((name, register))
}

fn step(draft: DraftStep, result: Option<crate::schema::Schema>, undoes: Option<String>) -> Option<Step> {
    let work = work(draft.work?)?;
    let outcomes = match &work {
        Work::Office { .. } => draft.outcomes.into_iter().map(outcome).collect::<Option<_>>()?,
        // What the system does ends in one way.
        _ => BTreeMap::from([plain_outcome("done", "办结", "Done", Effect::Completes, false, None)]),
    };
    let for_each = match draft.for_each {
        Some(for_each) => Some(ForEach { over: form_pointer(&for_each.over.value)?, key: for_each.key?.value }),
        None => None,
    };
    Some(Step {
        name: draft.name.value,
        title: draft.title?,
        work,
        needs: draft.needs.into_iter().map(|need| Need { step: need.step.value, when: need.when.map(guard) }).collect(),
        needs_any: draft.needs_any.map(|any| AnyOf {
            steps: any.steps.into_iter().map(|step| step.value).collect(),
            cancels_others: any.cancels_others,
        }),
        for_each,
        requested: draft.requested.map(guard),
        when: draft.when.map(guard),
        decide: draft
            .decide
            .into_iter()
            .map(|rule| Some(Rule { when: guard(rule.when?), outcome: rule.outcome?.value }))
            .collect::<Option<_>>()?,
        counts: draft.counts.is_some_and(|counts| counts.value),
        drawn_by: draft.drawn_by.map(|draw| draw.value),
        by_two: draft.by_two,
        recuse: pointers(&draft.recuse)?,
        within: draft.within,
        statutory: match draft.statutory {
            Some(draft) => Some(statutory(draft)?),
            None => None,
        },
        shares: draft.shares.into_iter().map(|share| share.value).collect(),
        sees: draft.sees,
        result,
        outcomes,
        retries_max: draft.retries_max,
        on_overdue: draft
            .on_overdue
            .into_iter()
            .map(|overdue| Some(Overdue { after: overdue.after, action: overdue.action?.value }))
            .collect::<Option<_>>()?,
        undo: draft.undo.map(|undo| undo.value),
        undoes,
    })
}

fn work(draft: DraftWork) -> Option<Work> {
    Some(match draft {
        DraftWork::Office { party } => Work::Office { party: party.value },
        DraftWork::Wait { time } => Work::Wait { time: time? },
        DraftWork::Reserve { register, at, taken, letter } => {
            let (register, at, letter) = (register?.value, form_pointer(&at?.value)?, letter?.value);
            Work::Reserve { register, at, taken: taken?, letter }
        }
        DraftWork::Prove(draft) => Work::Prove(Box::new(certificate(*draft)?)),
        DraftWork::Draw { pool, stratum, recuse } => Work::Draw {
            pool: pool?.value,
            stratum: stratum.and_then(|path| form_pointer(&path.value)),
            recuse: pointers(&recuse)?,
        },
        DraftWork::Start { workflow, form, waits, revokes, breaks } => {
            let filling = |filling| match filling {
                DraftFilling::Share(share) => Filling::Share(share.value),
                DraftFilling::Text(text) => Filling::Text(text),
                DraftFilling::Officer(step) => Filling::Officer(step.value),
            };
            let form = form?.into_iter().map(|(pointer, value)| (pointer.value, filling(value))).collect();
            let revokes = match revokes {
                Some(draft) => Some(Revokes {
                    after: draft.after.into_iter().map(|outcome| outcome.value).collect(),
                    step: draft.step?.value,
                    letter: draft.letter?.value,
                }),
                None => None,
            };
            let breaks = match breaks {
                Some(draft) => Some(Breaks {
                    after: draft.after.into_iter().map(|outcome| outcome.value).collect(),
                    certificate: draft.certificate?.value,
                    class: draft.class?,
                }),
                None => None,
            };
            Work::Start { workflow: workflow?.value, form, waits, revokes, breaks }
        }
    })
}

fn certificate(draft: DraftCertificate) -> Option<Certificate> {
    Some(Certificate {
        law: draft.law?,
        why: draft.why?,
        evidence: form_pointer(&draft.evidence?.value)?,
        shared: draft.shared.map(guard),
        letter: draft.letter?.value,
        commitment: match draft.commitment {
            Some(draft) => {
                let unless = draft.unless.into_iter().map(exclusion).collect::<Option<_>>()?;
                let unit = draft.unit.and_then(|path| form_pointer(&path.value));
                Some(Commitment { letter: draft.letter?.value, unit, unless })
            }
            None => None,
        },
    })
}

fn exclusion(draft: DraftExclusion) -> Option<Exclusion> {
    let holds = match draft.holds? {
        DraftGround::When(when) => Ground::When(Box::new(guard(*when))),
        DraftGround::Listed(register) => Ground::Listed(register.value),
    };
    Some(Exclusion { code: draft.code?, holds, message: draft.message?, law: draft.law? })
}

fn outcome(draft: DraftOutcome) -> Option<(String, Outcome)> {
    let name = draft.name.value;
    let outcome = Outcome {
        name: name.clone(),
        title: draft.title?,
        effect: draft.effect,
        adverse: draft.adverse,
        law: draft.law,
        letter: draft.letter.map(|letter| letter.value),
    };
    Some((name, outcome))
}

/// An outcome that no package declares.
fn plain_outcome(
    name: &str,
    zh: &str,
    en: &str,
    effect: Effect,
    adverse: bool,
    law: Option<&str>,
) -> (String, Outcome) {
    let (name, law) = (name.to_owned(), law.map(str::to_owned));
    (name.clone(), Outcome { name, title: Text::new(zh, en), effect, adverse, law, letter: None })
}

fn intake(draft: DraftIntake) -> Option<Intake> {
    const LAW: &str = "中华人民共和国行政许可法 §32";
    let declines = Effect::Closes("not_accepted".into());
    let mut outcomes = BTreeMap::from([
        plain_outcome("accept", "受理", "Accept", Effect::Completes, false, None),
        plain_outcome("decline", "不予受理", "Decline", declines, true, Some(LAW)),
    ]);
    if let Some(decline) = outcomes.get_mut("decline") {
        decline.letter = draft.letter.map(|letter| letter.value);
    }
    if let Some(letter) = draft.correction {
        let asks = Effect::Corrects { reopens: None };
        let (name, mut correct) = plain_outcome("correct", "要求补正", "Ask for corrections", asks, false, Some(LAW));
        correct.letter = Some(letter.value);
        outcomes.insert(name, correct);
    }
    let step = Step {
        name: INTAKE.into(),
        title: Text::new("受理审查", "Intake"),
        work: Work::Office { party: draft.party?.value },
        needs: Vec::new(),
        needs_any: None,
        for_each: None,
        requested: None,
        when: None,
        decide: Vec::new(),
        counts: false,
        drawn_by: None,
        by_two: false,
        recuse: Vec::new(),
        within: None,
        statutory: Some(Statutory {
            within: draft.deemed_within?,
            extend_once: None,
            restarts: false,
            law: LAW.into(),
            letter: None,
        }),
        // Whether to accept is decided on the application as a whole.
        shares: vec![Share::Form(Vec::new())],
        sees: Vec::new(),
        result: None,
        outcomes,
        retries_max: RETRIES_DEFAULT,
        on_overdue: Vec::new(),
        undo: None,
        undoes: None,
    };
    Some(Intake { when: draft.when.map(guard), deemed_within: draft.deemed_within?, step: Arc::new(step) })
}
