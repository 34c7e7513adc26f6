//! Loops: rounds that were superseded, and what undoes them.

use std::collections::BTreeMap;

use kaiban_definition::{Definition, Effect, branch_name, branch_parts};

use super::require;
use crate::case::Case;

/// Superseded rounds are numbered from 1 without a gap, and ended one after another.
pub(super) fn rounds_are_numbered(_: &Definition, case: &Case) -> Result<(), String> {
    for (name, run) in &case.steps {
        let numbers = (1..).zip(&run.superseded).all(|(number, round)| round.round == number);
        let order = run.superseded.windows(2).all(|pair| pair[0].ended_at_us <= pair[1].ended_at_us);
        require(numbers && order, || format!("{name}: rounds"))?;
    }
    Ok(())
}

/// No outcome of a step reopened more often than its package allows.
pub(super) fn loops_are_within_at_most(def: &Definition, case: &Case) -> Result<(), String> {
    let mut taken: BTreeMap<(&str, &str), u32> = BTreeMap::new();
    for (name, run) in &case.steps {
        for (outcome, count) in &run.loops {
            *taken.entry((branch_parts(name).0, outcome)).or_default() += count;
        }
    }
    for ((step, outcome), count) in taken {
        let declared = def.step(step).and_then(|step| step.outcomes.get(outcome));
        let reopening = declared.and_then(|outcome| match &outcome.effect {
            Effect::Reopens(reopening) | Effect::Corrects { reopens: Some(reopening) } => Some(reopening),
            _ => None,
        });
        let within = reopening.is_some_and(|reopening| count <= reopening.at_most);
        require(within, || format!("{step}: {outcome} reopened {count} times"))?;
    }
    Ok(())
}

/// Every branch of an undo step undoes one superseded round of the step that names it.
pub(super) fn undo_branches_match_rounds(def: &Definition, case: &Case) -> Result<(), String> {
    for (name, run) in &case.steps {
        let Some(step) = def.step(name).filter(|step| step.undoes.is_some()) else { continue };
        let Some(key) = branch_parts(name).1 else { continue };
        let Some(undone) = &run.undoes else { return Err(format!("{name} undoes nothing")) };
        let of = case.steps.get(&undone.step);
        let round = of.and_then(|run| run.superseded.iter().find(|round| round.round == undone.round));
        let known = round.is_some_and(|round| round.result == undone.result);
        let named = key == format!("{}-{}", undone.step, undone.round);
        let meant = step.undoes.as_deref() == Some(branch_parts(&undone.step).0);
        require(known && named && meant, || format!("{name}: round"))?;
    }
    for (name, run) in &case.steps {
        let Some(undo) = def.step(name).and_then(|step| step.undo.as_ref()) else { continue };
        for round in &run.superseded {
            let branch = branch_name(undo, Some(&format!("{name}-{}", round.round)));
            let declared = def.step(name).and_then(|step| step.outcomes.get(&round.outcome));
            let completed = declared.is_none_or(|outcome| outcome.effect == Effect::Completes);
            require(!completed || case.steps.contains_key(&branch), || format!("{name}: round {}", round.round))?;
        }
    }
    Ok(())
}
