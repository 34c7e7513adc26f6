//! What comes back of an effect. The effect's row goes in the same transaction, so nothing is acted on twice and nothing
//! is forgotten. What the case refuses, because it has gone on, is done with as well.

use kaiban_engine::{Actor, Command};

use super::job::{Done, EffectVerb};
use super::stage::Stage;
use crate::documents::Brought;
use crate::records;
use crate::refusal::{Canonical, Refusal};

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
        EffectVerb::Told { number, correction } => {
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
        match stage.apply(case, &Actor::System, None, &command) {
            Ok(()) => {
                brought.into_iter().for_each(|document| stage.bring(case, None, document));
                told_at_once(stage, case, &command);
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
