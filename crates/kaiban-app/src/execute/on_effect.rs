//! What comes back of an effect. The effect's row goes in the same transaction, so nothing is acted on twice and nothing
//! is forgotten. What the case refuses, because it has gone on, is done with as well.

use kaiban_calendar::local_date;
use kaiban_credit::{Class, Reason, Record, What};
use kaiban_definition::Gravity;
use kaiban_engine::{Actor, Command};
use kaiban_findings::Text;
use serde_json::Value;

use super::job::{Done, EffectVerb};
use super::on_credit;
use super::stage::Stage;
use crate::documents::Brought;
use crate::records;
use crate::refusal::{Canonical, Refusal};

/// What a false promise goes on record by.
const FALSE_COMMITMENT: &str = "国办发〔2020〕42号";

pub(super) fn run(
    stage: &mut Stage<'_>,
    case: &str,
    effect: &str,
    shown: &[String],
    verb: &EffectVerb,
) -> Result<Done, Refusal> {
    let mut brought: Vec<&Brought> = Vec::new();
    let command = match verb {
        EffectVerb::Done => None,
        EffectVerb::Letter { letter, number, step, correction, html, text } => {
            brought.extend([html, text]);
            Some(Command::IssueLetter {
                letter: letter.clone(),
                number: number.clone(),
                step: step.clone(),
                correction: correction.clone(),
                html: html.filed.digest.clone(),
                text: text.filed.digest.clone(),
            })
        }
        EffectVerb::Told { number, correction, .. } => {
            Some(Command::Tell { number: number.clone(), correction: correction.clone() })
        }
        EffectVerb::Started { step, case } => Some(Command::SubCaseStarted { step: step.clone(), case: case.clone() }),
        EffectVerb::StartFailed { step } => Some(Command::SubCaseFailed { step: step.clone() }),
        EffectVerb::Ended { step, case, result } => {
            brought.push(result);
            Some(Command::SubCaseEnded { step: step.clone(), case: case.clone(), result: result.filed.clone() })
        }
    };
    if let Some(command) = command {
        for document in &brought {
            stage.see(document);
        }
        let actor = match verb {
            EffectVerb::Told { by: Some(officer), .. } => Actor::Officer { officer: officer.clone() },
            _ => Actor::System,
        };
        match stage.apply(case, &actor, None, &command) {
            Ok(()) => {
                brought.into_iter().for_each(|document| stage.bring(case, None, document));
                told_at_once(stage, case, &command);
                goes_on_record(stage, case, &command)?;
            }
            Err(refusal) if refusal.code == Canonical::Internal => return Err(refusal),
            Err(refusal) => tracing::info!(case, effect, reason = refusal.reason, "an effect came too late"),
        }
    }
    if !shown.is_empty() {
        stage.changes.access_records.push(records::of_telling(case, shown, stage.now_us));
    }
    stage.changes.outbox_done.push(effect.to_owned());
    Ok(Done::Fired)
}

/// A check that found a promise false puts that on the record of whoever made it, in the same transaction: nobody has to
/// remember to.
fn goes_on_record(stage: &mut Stage<'_>, case: &str, command: &Command) -> Result<(), Refusal> {
    let Command::SubCaseEnded { step, case: check, result } = command else { return Ok(()) };
    let working = stage.working(case)?;
    let Some(breaks) = working.def.step(step).and_then(|step| step.breaks()) else { return Ok(()) };
    let outcome = result.content.get("outcome").and_then(Value::as_str).unwrap_or_default();
    if !breaks.after.iter().any(|after| after == outcome) {
        return Ok(());
    }
    let class = match breaks.class {
        Gravity::Minor => Class::Minor,
        Gravity::General => Class::General,
        Gravity::Serious => Class::Serious,
    };
    let subjects: Vec<String> = stage.promised(case, step).iter().flat_map(|of| of.subjects().cloned()).collect();
    for subject in subjects {
        let record = Record {
            subject: subject.clone(),
            class,
            reason: Reason::FalseCommitment,
            text: Text::new(
                format!("{case} 号办件中所作承诺经 {check} 号核查认定为虚假承诺"),
                format!("what was promised in case {case} was found false by check {check}"),
            ),
            source: check.clone(),
            law: FALSE_COMMITMENT.into(),
            decided_on: local_date(stage.now_us),
            must_be_published: false,
            beyond_repair: None,
        };
        // What stands on record by this check already, an officer has put there.
        if let Err(refusal) = on_credit::adds(stage, &subject, check, "system", What::Recorded(record)) {
            tracing::error!(case, check, reason = refusal.reason, "a false promise did not go on record");
        }
    }
    Ok(())
}

/// Where nobody carries messages, a letter is told of by lying at the terminal.
///
/// INVARIANT: the letter stays issued whatever becomes of the telling, because its row goes with it.
fn told_at_once(stage: &mut Stage<'_>, case: &str, command: &Command) {
    let Command::IssueLetter { number, correction, .. } = command else { return };
    if stage.tells {
        return;
    }
    let tell = Command::Tell { number: number.clone(), correction: correction.clone() };
    if let Err(refusal) = stage.apply(case, &Actor::System, None, &tell) {
        tracing::error!(case, reason = refusal.reason, "a letter cannot be told of");
    }
}
