//! The registers in a batch's working set: records as they were read and as the jobs so far left them.

use std::collections::{BTreeSet, HashMap};

use kaiban_engine::{RegisterChange, RegisterRecord, Registers};
use kaiban_store::{Changes, RegisterRow, RegisterWrite};

type Key = (String, String);

#[derive(Default)]
pub(crate) struct Shelf {
    /// As decisions see them.
    records: Registers,
    /// As they were read.
    read: HashMap<Key, RegisterRow>,
    since_us: HashMap<Key, i64>,
    touched: BTreeSet<Key>,
    /// Entries that the bureau keeps, as the jobs so far left them.
    kept: HashMap<Key, RegisterRow>,
}

impl Shelf {
    pub fn records(&self) -> &Registers {
        &self.records
    }

    /// Takes in what was read.
    pub fn see(&mut self, rows: HashMap<Key, RegisterRow>) {
        for (key, row) in rows {
            let record = RegisterRecord { holder: row.holder.clone(), until_us: row.until_us };
            self.records.insert(key.clone(), record);
            self.read.insert(key, row);
        }
    }

    /// Applies what a case's command decided.
    pub fn change(&mut self, case: &str, now_us: i64, changes: Vec<RegisterChange>) {
        for change in changes {
            let key = match change {
                RegisterChange::Hold { register, key, until_us } => {
                    let key = (register, key);
                    let same = self.records.get(&key).is_some_and(|record| record.holder == case);
                    let since_us = self.read.get(&key).filter(|_| same).map_or(now_us, |row| row.since_us);
                    self.since_us
                        .entry(key.clone())
                        .and_modify(|since| *since = if same { *since } else { now_us })
                        .or_insert(since_us);
                    self.records.insert(key.clone(), RegisterRecord { holder: case.to_owned(), until_us });
                    key
                }
                RegisterChange::Release { register, key } => {
                    let key = (register, key);
                    // Only its holder gives a key back.
                    if self.records.get(&key).is_none_or(|record| record.holder != case) {
                        continue;
                    }
                    self.records.remove(&key);
                    key
                }
            };
            self.touched.insert(key);
        }
    }

    /// A record with all that is known of it.
    pub fn row(&self, key: &Key) -> Option<RegisterRow> {
        self.kept.get(key).or_else(|| self.read.get(key)).cloned()
    }

    /// Takes in an entry that the bureau keeps; decisions after it see it.
    pub fn keep(&mut self, key: Key, row: RegisterRow) {
        let record = RegisterRecord { holder: row.holder.clone(), until_us: row.until_us };
        self.records.insert(key.clone(), record);
        self.kept.insert(key, row);
    }

    /// What has to be written.
    pub fn finish(&mut self, changes: &mut Changes) {
        for (key, row) in std::mem::take(&mut self.kept) {
            let expected_version = self.read.get(&key).map(|row| row.version);
            let row = RegisterRow { version: expected_version.unwrap_or(0) + 1, ..row };
            changes.registers.push(RegisterWrite { row, expected_version });
        }
        for key in std::mem::take(&mut self.touched) {
            let expected_version = self.read.get(&key).map(|row| row.version);
            match (self.records.get(&key), expected_version) {
                (Some(record), _) => {
                    let row = RegisterRow {
                        register: key.0.clone(),
                        key: key.1.clone(),
                        holder: record.holder.clone(),
                        since_us: self.since_us.get(&key).copied().unwrap_or_default(),
                        until_us: record.until_us,
                        state: if record.until_us.is_some() { "reserved" } else { "registered" }.to_owned(),
                        value: "{}".to_owned(),
                        version: expected_version.unwrap_or(0) + 1,
                    };
                    changes.registers.push(RegisterWrite { row, expected_version });
                }
                (None, Some(version)) => changes.registers_removed.push((key.0, key.1, version)),
                (None, None) => {}
            }
        }
    }
}
