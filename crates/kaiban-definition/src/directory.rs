//! Who and where: the registering divisions, the parties with their offices, the banks with their outlets.

use std::collections::BTreeMap;

use kaiban_findings::Text;

/// All divisions, parties and banks. Immutable once loaded; iterators go in the order of the files.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    divisions: Vec<Division>,
    parties: Vec<Party>,
    banks: Vec<Bank>,
    /// Party → division → (party, office).
    offices: BTreeMap<String, BTreeMap<String, (usize, usize)>>,
    office_ids: BTreeMap<String, (usize, usize)>,
    outlet_ids: BTreeMap<String, (usize, usize)>,
}

/// A division whose bureau registers businesses (GB/T 2260).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Division {
    /// Six digits.
    pub code: String,
    /// Name.
    pub title: Text,
    /// City, district or county.
    pub kind: DivisionKind,
    /// Calendar that case promises of this division run on.
    pub calendar: String,
}

/// What a division is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DivisionKind {
    /// The prefecture city itself (市本级).
    City,
    /// 市辖区.
    District,
    /// 县.
    County,
    /// 县级市.
    CountyCity,
}

/// Somebody who does steps: an agency, or a firm that works for one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Party {
    /// Name that packages use.
    pub id: String,
    /// Title.
    pub title: Text,
    /// Its offices.
    pub offices: Vec<Office>,
}

/// An office of a party; it serves some divisions and keeps its own hours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Office {
    /// Unique over all parties.
    pub id: String,
    /// The party it belongs to.
    pub party: String,
    /// Title.
    pub title: Text,
    /// Calendar that its steps' clocks run on.
    pub calendar: String,
    /// Codes of the divisions it serves.
    pub divisions: Vec<String>,
    /// Telephone for questions; the national hotline of the public services (国办发〔2020〕53号) where none is given.
    pub phone: String,
    /// Where its counter is; its name where none is given.
    pub address: String,
    /// Its people.
    pub officers: Vec<Officer>,
}

/// A person of an office who decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Officer {
    /// Unique over all offices.
    pub id: String,
    /// Name.
    pub name: String,
    /// Heads the office, or stands in for its head: approves what the law leaves to a head.
    pub head: bool,
    /// The name is invented.
    pub sample: bool,
}

/// A bank whose outlets take applications.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bank {
    /// Unique.
    pub id: String,
    /// Name.
    pub title: Text,
    /// The name is invented.
    pub sample: bool,
    /// Its outlets.
    pub outlets: Vec<Outlet>,
}

/// An outlet of a bank (企业登记业务办理站点), where a terminal stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outlet {
    /// Unique over all banks.
    pub id: String,
    /// The bank it belongs to.
    pub bank: String,
    /// Chinese name.
    pub title: String,
    /// Division it lies in.
    pub division: String,
    /// Calendar of the counter that takes applications there. No clock of a case runs on it.
    pub calendar: String,
}

impl Directory {
    /// Builds the indexes. Of two offices of a party for one division, or two things with one id, the first counts.
    pub(crate) fn new(divisions: Vec<Division>, parties: Vec<Party>, banks: Vec<Bank>) -> Self {
        let mut directory = Self { divisions, parties, banks, ..Self::default() };
        for (p, party) in directory.parties.iter().enumerate() {
            let by_division = directory.offices.entry(party.id.clone()).or_default();
            for (o, office) in party.offices.iter().enumerate() {
                directory.office_ids.entry(office.id.clone()).or_insert((p, o));
                for division in &office.divisions {
                    by_division.entry(division.clone()).or_insert((p, o));
                }
            }
        }
        for (b, bank) in directory.banks.iter().enumerate() {
            for (o, outlet) in bank.outlets.iter().enumerate() {
                directory.outlet_ids.entry(outlet.id.clone()).or_insert((b, o));
            }
        }
        directory
    }

    /// The office of a party that serves a registering division.
    pub fn office(&self, party: &str, division: &str) -> Option<&Office> {
        let &(party, office) = self.offices.get(party)?.get(division)?;
        Some(&self.parties[party].offices[office])
    }

    /// The office with that id.
    pub fn office_by_id(&self, id: &str) -> Option<&Office> {
        let &(party, office) = self.office_ids.get(id)?;
        Some(&self.parties[party].offices[office])
    }

    /// The division with that code.
    pub fn division(&self, code: &str) -> Option<&Division> {
        self.divisions.iter().find(|division| division.code == code)
    }

    /// The party with that id.
    pub fn party(&self, id: &str) -> Option<&Party> {
        self.parties.iter().find(|party| party.id == id)
    }

    /// The bank with that id.
    pub fn bank(&self, id: &str) -> Option<&Bank> {
        self.banks.iter().find(|bank| bank.id == id)
    }

    /// The outlet with that id.
    pub fn outlet(&self, id: &str) -> Option<&Outlet> {
        let &(bank, outlet) = self.outlet_ids.get(id)?;
        Some(&self.banks[bank].outlets[outlet])
    }

    /// All divisions.
    pub fn divisions(&self) -> impl Iterator<Item = &Division> {
        self.divisions.iter()
    }

    /// All parties.
    pub fn parties(&self) -> impl Iterator<Item = &Party> {
        self.parties.iter()
    }

    /// All offices, party by party.
    pub fn offices(&self) -> impl Iterator<Item = &Office> {
        self.parties.iter().flat_map(|party| &party.offices)
    }

    /// All banks.
    pub fn banks(&self) -> impl Iterator<Item = &Bank> {
        self.banks.iter()
    }

    /// All outlets, bank by bank.
    pub fn outlets(&self) -> impl Iterator<Item = &Outlet> {
        self.banks.iter().flat_map(|bank| &bank.outlets)
    }
}
