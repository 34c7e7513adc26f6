//! Registers as a store keeps them: one record a key, whoever the case is. What two cases must never do to each other is
//! checked here.

use kaiban_definition::Definition;
use kaiban_engine::{Case, RegisterChange, RegisterRecord, Registers};

use super::START_US;
use crate::draw::Lot;

/// How many heads the bureau has listed.
const HEADS_LISTED: u64 = 20;

/// Register that no case holds a key in, and who does.
pub(super) const LISTED: &str = "places";
const BUREAU: &str = "bureau";

/// The register that the bureau keeps: some of the heads whom many forms name stand in it, for good or until some day.
pub(super) fn kept_by_the_bureau(lot: &mut Lot) -> Registers {
    let record = |lot: &mut Lot| {
        let until_us = lot.chance(0.5).then(|| START_US + lot.range(0, 60 * 86_400) * 1_000_000);
        RegisterRecord { holder: BUREAU.to_owned(), until_us }
    };
    (0..HEADS_LISTED).map(|at| ((LISTED.to_owned(), format!("丁{at}")), record(lot))).collect()
}

/// Writes what a decision changed for a case.
pub(super) fn write(
    registers: &mut Registers,
    case: &str,
    changes: Vec<RegisterChange>,
    now_us: i64,
) -> Result<(), String> {
    for change in changes {
        match change {
            RegisterChange::Hold { register, key, until_us } => {
                let address = (register, key);
                if let Some(record) = registers.get(&address)
                    && record.holder != case
                    && lasts(record, now_us)
                {
                    return Err(format!("{case} takes {address:?}, which {} holds", record.holder));
                }
                registers.insert(address, RegisterRecord { holder: case.to_owned(), until_us });
            }
            RegisterChange::Release { register, key } => {
                let address = (register, key);
                // A key that was taken and given back by one command was never written.
                let Some(record) = registers.remove(&address) else { continue };
                if record.holder != case && lasts(&record, now_us) {
                    return Err(format!("{case} gives {address:?} back, which {} holds", record.holder));
                }
            }
        }
    }
    Ok(())
}

fn lasts(record: &RegisterRecord, now_us: i64) -> bool {
    record.until_us.is_none_or(|until_us| until_us > now_us)
}

/// A case that has ended holds what its package keeps for its outcome, for good, and nothing else.
pub(super) fn at_rest(registers: &Registers, def: &Definition, case: &Case, now_us: i64) -> Result<(), String> {
    let outcome = case.outcome.as_deref().unwrap_or_default();
    for ((register, key), record) in registers.iter().filter(|(_, record)| record.holder == case.id) {
        let keeps = def.registers.get(register).is_some_and(|register| register.keeps.iter().any(|k| k == outcome));
        let left = record.until_us.is_some() || !keeps;
        if left && lasts(record, now_us) {
            return Err(format!(
                "{} ended as {outcome} and left {register} {key} until {:?}",
                case.id, record.until_us
            ));
        }
    }
    Ok(())
}
