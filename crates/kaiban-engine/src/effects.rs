//! What has to be done outside of a case because of what happened to it: letters, messages, started cases. Effects are
//! data; the store keeps them with the events, they run after the commit, and come back as commands.

use kaiban_calendar::local_date;
use kaiban_definition::{Definition, INTAKE, OverdueAction, Work};

use crate::case::Case;
use crate::event::Event;

/// Something to be done once the events are durable.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "effect", rename_all = "snake_case")]
pub enum Effect {
    /// Render a letter and issue it ([`crate::Command::IssueLetter`]).
    Letter {
        /// Name in the package.
        letter: String,
        /// Its number, fixed now, so that a repetition gives the same letter.
        number: String,
        /// The step that it comes from.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        step: Option<String>,
        /// The correction that it tells of.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        correction: Option<String>,
    },
    /// Tell the applicant of a letter ([`crate::Command::Tell`]).
    Tell {
        /// Number of the letter.
        number: String,
        /// The correction that it tells of.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        correction: Option<String>,
    },
    /// Remind the applicant of a correction.
    Remind {
        /// The correction.
        correction: String,
    },
    /// Tell an office or a party that a step takes long.
    Overdue {
        /// The step.
        step: String,
        /// Whom; none = the step's own office.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        party: Option<String>,
    },
    /// Tell an office, and those who watch it, that a promise is running out or was broken.
    Mark {
        /// The step; none = the case.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        step: Option<String>,
        /// Percent of the budget.
        percent: u8,
    },
    /// Tell an office that it owes a reason for a delay.
    Reason {
        /// The step.
        step: String,
    },
    /// Tell the offices that had a part in a case that its outcome was taken back.
    Revoked {
        /// The offices.
        offices: Vec<String>,
    },
    /// Start a case of another package ([`crate::Command::SubCaseStarted`]).
    Start {
        /// The step.
        step: String,
    },
    /// Tell the case that started this one that it ended ([`crate::Command::SubCaseEnded`]).
    Ended {
        /// Number of the case that waits.
        case: String,
        /// Its step.
        step: String,
    },
}

/// The effects of one journal entry, each with the position of the event that it comes from; `after` is the case with
/// the entry `seq` applied. The number of a letter is its word, the year, the case and the entry. Ids of effects are made
/// of case, entry and position, so nobody acts twice.
pub fn effects(def: &Definition, after: &Case, seq: i64, events: &[Event]) -> Vec<(usize, Effect)> {
    let year = local_date(after.last_at_us).year();
    let mut wanted: Vec<(usize, Effect)> = Vec::new();
    for (at, event) in events.iter().enumerate() {
        let letter = |name: Option<&String>, step: Option<&str>, correction: Option<&str>| {
            let word = &def.letters.get(name?)?.number;
            let same = |(_, earlier): &&(usize, Effect)| matches!(earlier, Effect::Letter { letter, .. } if Some(letter) == name);
            let number = match wanted.iter().filter(same).count() {
                0 => format!("{word}〔{year}〕{}-{seq}号", after.id),
                earlier => format!("{word}〔{year}〕{}-{seq}-{}号", after.id, earlier + 1),
            };
            Some(Effect::Letter {
                letter: name?.clone(),
                number,
                step: step.map(str::to_owned),
                correction: correction.map(str::to_owned),
            })
        };
        let of = |step: &str, outcome: &str| def.step(step)?.outcomes.get(outcome)?.letter.as_ref();
        let effect = match event {
            Event::Received { .. } => letter(def.on_receipt.as_ref(), None, None),
            Event::Accepted { .. } => letter(def.on_acceptance.as_ref(), None, None),
            Event::CorrectionAsked { step, correction, outcome, .. } => {
                letter(def.step(step).and_then(|def| def.asks_with(outcome.as_deref())), Some(step), Some(correction))
            }
            Event::StepCompleted { step, outcome, .. } if step != INTAKE => letter(of(step, outcome), Some(step), None),
            Event::LoopTaken { step, outcome, .. } if !corrects(def, step, outcome) => {
                letter(of(step, outcome), Some(step), None)
            }
            Event::StepEnded { step, outcome, .. } => letter(of(step, outcome), Some(step), None),
            // Both sides get a copy of what was signed, with its number and the receipt.
            Event::CommitmentSigned { step, .. } => letter(commitment_letter(def, step), Some(step), None),
            Event::LetterIssued { number, step, .. } => Some(Effect::Tell {
                number: number.clone(),
                correction: step.as_ref().and_then(|step| Some(after.open_correction(step)?.id.clone())),
            }),
            Event::Reminded { correction, .. } => Some(Effect::Remind { correction: correction.clone() }),
            // An office whose step has ended by itself has nothing to hurry with.
            Event::OverdueReached { step, index, party } => {
                (!ends_step(def, step, *index)).then(|| Effect::Overdue { step: step.clone(), party: party.clone() })
            }
            Event::MarkReached { step, percent, .. } => Some(Effect::Mark { step: step.clone(), percent: *percent }),
            Event::ReasonOwed { step, .. } | Event::ReasonReminded { step, .. } => {
                Some(Effect::Reason { step: step.clone() })
            }
            Event::StatutoryExtended { step, .. } => {
                let period = match step {
                    Some(step) => def.step(step).and_then(|step| step.statutory.as_ref()),
                    None => def.statutory.as_ref(),
                };
                letter(period.and_then(|period| period.letter.as_ref()), step.as_deref(), None)
            }
            Event::OutcomeRevoked { by, .. } => {
                letter(def.step(by).and_then(|step| step.revokes()).map(|revokes| &revokes.letter), Some(by), None)
            }
            Event::RevocationAnnounced { offices } => Some(Effect::Revoked { offices: offices.clone() }),
            Event::WaitStarted { step, starts: Some(_), .. } => Some(Effect::Start { step: step.clone() }),
            Event::Closed { .. } => {
                after.parent.as_ref().map(|p| Effect::Ended { case: p.case.clone(), step: p.step.clone() })
            }
            _ => None,
        };
        wanted.extend(effect.map(|effect| (at, effect)));
    }
    wanted
}

fn ends_step(def: &Definition, step: &str, index: u32) -> bool {
    let listed = def.step(step).and_then(|step| step.on_overdue.get(usize::try_from(index).ok()?));
    listed.is_some_and(|listed| matches!(listed.action, OverdueAction::Outcome { .. }))
}

fn commitment_letter<'d>(def: &'d Definition, step: &str) -> Option<&'d String> {
    match &def.step(step)?.work {
        Work::Prove(certificate) => certificate.commitment.as_ref().map(|commitment| &commitment.letter),
        _ => None,
    }
}

fn corrects(def: &Definition, step: &str, outcome: &str) -> bool {
    let declared = def.step(step).and_then(|step| step.outcomes.get(outcome));
    declared.is_some_and(|outcome| matches!(outcome.effect, kaiban_definition::Effect::Corrects { .. }))
}
