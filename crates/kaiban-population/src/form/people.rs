//! The people and organisations of a form, with identifiers that are well formed and belong to nobody on purpose.

use jiff::civil::Date;
use kaiban_calendar::local_date;
use kaiban_identifiers::{citizen_id, uscc};
use serde_json::{Value, json};

use crate::draw::Lot;
use crate::names;

/// The people of one form, each once, with all roles.
#[derive(Debug)]
pub(crate) struct Roster {
    division: String,
    today: Date,
    people: Vec<Value>,
}

impl Roster {
    pub fn new(division: &str, today: Date) -> Self {
        Self { division: division.to_owned(), today, people: Vec::new() }
    }

    /// Adds a grown-up with these roles; gives the key.
    pub fn add(&mut self, roles: &[&str], lot: &mut Lot) -> String {
        let mut person = grown_up(&self.division, self.today, lot);
        while self.people.iter().any(|known| known["id"]["number"] == person["citizen_id"]) {
            person = grown_up(&self.division, self.today, lot);
        }
        let key = format!("p{}", self.people.len() + 1);
        self.people.push(json!({
            "key": key,
            "name": person["name"],
            "id": { "kind": "citizen-id", "number": person["citizen_id"] },
            "phone": person["phone"],
            "roles": roles,
        }));
        key
    }

    /// Gives the last person one more role.
    pub fn also(&mut self, role: &str) {
        if let Some(roles) = self.people.last_mut().and_then(|person| person["roles"].as_array_mut()) {
            roles.push(json!(role));
        }
    }

    /// Gives one of them a number of a division that has been abolished since: its holder keeps it for life.
    pub fn age_division(&mut self, lot: &mut Lot) {
        const ABOLISHED: [&str; 3] = ["350182", "350126", "350127"];
        let at = lot.index(self.people.len());
        // 350182 was Changle's until 1994-2017; the two counties end before 1990.
        let born = local_date(lot.range(-3_653, 6_500) * DAY_US);
        let sequence = u16::try_from(lot.below(1_000)).unwrap_or(0);
        if let Ok(number) = citizen_id::compose(ABOLISHED[lot.index(ABOLISHED.len())], born, sequence) {
            self.people[at]["id"]["number"] = json!(number);
        }
    }

    pub fn list(self) -> Vec<Value> {
        self.people
    }
}

const DAY_US: i64 = 86_400_000_000;

/// Name, citizen number and phone of somebody between 19 and 60.
pub(crate) fn grown_up(division: &str, today: Date, lot: &mut Lot) -> Value {
    // Nobody was ever registered with the city itself.
    let division = if division.ends_with("00") { "350102" } else { division };
    let years = i16::try_from(lot.range(19, 60)).unwrap_or(30);
    let (month, day) = (lot.range(1, 12), lot.range(1, 28));
    let born = Date::new(today.year() - years, i8::try_from(month).unwrap_or(1), i8::try_from(day).unwrap_or(1));
    let sequence = u16::try_from(lot.below(1_000)).unwrap_or(0);
    let number = born.ok().and_then(|born| citizen_id::compose(division, born, sequence).ok()).unwrap_or_default();
    json!({ "name": names::person(lot), "citizen_id": number, "phone": names::phone(lot) })
}

/// The characters of GB 32100.
const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

/// A code of GB 32100 for an organisation that has existed for some time.
pub(crate) fn code(category: char, division: &str, lot: &mut Lot) -> String {
    issue(category, division, lot.below(ALPHABET.len().pow(6) as u64))
}

/// The code that a registration gives its `serial`-th firm: different serials below 31⁶ give different codes.
pub(crate) fn issue(category: char, division: &str, serial: u64) -> String {
    let mut body = String::from("MA");
    let mut left = serial % 31_u64.pow(6);
    for _ in 0..6 {
        body.push(char::from(ALPHABET[(left % 31) as usize]));
        left /= 31;
    }
    uscc::compose('9', category, division, &body).unwrap_or_default()
}

/// A code in the form of Fujian's pilot of 2015: the organisation code of GB 11714, then a check modulo 37 that
/// differs from GB 32100.
pub(crate) fn pilot_code(lot: &mut Lot) -> String {
    loop {
        let body: String = (0..4).map(|_| char::from(*lot.pick(ALPHABET))).collect();
        // The 17th character follows from the eight before it, whatever the 18th is.
        let Ok(standard) = uscc::compose('9', '1', "350100", &format!("M000{body}")) else { continue };
        let sum: u32 = standard[..17].chars().enumerate().map(|(at, c)| c.to_digit(36).unwrap_or(0) * weight(at)).sum();
        let check = (37 - sum % 37) % 37;
        let Some(check) = char::from_digit(check, 36) else { continue };
        let code = format!("{}{}", &standard[..17], check.to_ascii_uppercase());
        if uscc::check(&code).class == Some(kaiban_identifiers::Class::UsccFujianPilot) {
            return code;
        }
    }
}

/// Powers of 2 modulo 37.
fn weight(at: usize) -> u32 {
    (0..at).fold(1, |power, _| power * 2 % 37)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::Draw;

    #[test]
    fn pilot_codes_are_doubted_and_not_refused() {
        let mut lot = Draw::new(1).stream();
        for _ in 0..200 {
            let checked = uscc::check(&pilot_code(&mut lot));
            assert!(checked.valid() && checked.problems.len() == 1, "{:?}", checked.problems);
        }
    }

    #[test]
    fn codes_are_valid_and_differ() {
        let mut codes: Vec<String> = (0..500).map(|serial| issue('1', "350102", serial * 999_983)).collect();
        assert!(codes.iter().all(|code| uscc::check(code).valid() && code.starts_with("91350102MA")));
        codes.sort();
        codes.dedup();
        assert_eq!(codes.len(), 500);
    }

    #[test]
    fn numbers_of_abolished_divisions_are_doubted_and_not_refused() {
        let mut lot = Draw::new(1).stream();
        let today = Date::constant(2026, 3, 2);
        for _ in 0..100 {
            let mut roster = Roster::new("350112", today);
            roster.add(&["investor"], &mut lot);
            roster.age_division(&mut lot);
            let checked = citizen_id::check(roster.people[0]["id"]["number"].as_str().unwrap());
            assert!(checked.valid() && checked.problems.len() == 1, "{:?}", checked.problems);
        }
    }
}
