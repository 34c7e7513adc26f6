//! Groups and their branches.

use std::collections::BTreeSet;

use kaiban_definition::{Definition, branch_name, branch_parts};

use super::require;
use crate::case::{Case, Phase, StepState};

/// Every branch is one of its group's, or has ended with its element; a group is under way exactly as long as one of its
/// branches is.
pub(super) fn branches_match_groups(def: &Definition, case: &Case) -> Result<(), String> {
    for (name, run) in &case.steps {
        let (step, key) = branch_parts(name);
        let keys = case.steps.get(step).and_then(|group| group.branches.as_deref());
        if let Some(key) = key {
            let listed = keys.is_some_and(|keys| keys.iter().any(|known| known == key));
            let gone = run.state.is_terminal() || run.state == StepState::Pending && keys.is_none();
            require(listed || gone, || format!("{name}: a branch of no group"))?;
            continue;
        }
        let Some(keys) = keys else {
            require(run.state != StepState::Branched, || format!("{name}: divided into nothing"))?;
            continue;
        };
        let divides = def.step(name).is_some_and(|step| step.for_each.is_some() || step.undoes.is_some());
        require(divides, || format!("{name} has no branches"))?;
        let distinct: BTreeSet<&String> = keys.iter().collect();
        require(distinct.len() == keys.len(), || format!("{name}: two branches of one key"))?;
        let open = keys.iter().any(|key| !case.step_state(&branch_name(name, Some(key))).is_terminal());
        let under_way = run.state == StepState::Branched;
        require(case.phase == Phase::Closed || open == under_way, || format!("{name}: branches and group"))?;
    }
    Ok(())
}
