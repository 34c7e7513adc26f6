//! The single form (一表) as an applicant fills it in. Forms fit the schema that `business-start` and `six-step` share.

use kaiban_calendar::local_date;
use kaiban_identifiers::{citizen_id, uscc};
use serde_json::{Value, json};

use crate::draw::Lot;
use crate::names;

/// What a firm is, as far as its form and its code depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    LimitedCompany,
    IndividualBusiness,
    SoleProprietorship,
}

/// Share of companies among those who come.
pub(crate) const COMPANIES: f64 = 0.72;

impl Kind {
    pub fn draw(lot: &mut Lot) -> Self {
        if lot.chance(COMPANIES) {
            Self::LimitedCompany
        } else if lot.chance(0.7) {
            Self::IndividualBusiness
        } else {
            Self::SoleProprietorship
        }
    }

    /// Category of GB 32100 within department 9.
    pub fn category(self) -> char {
        if self == Self::IndividualBusiness { '2' } else { '1' }
    }

    fn name(self) -> &'static str {
        match self {
            Self::LimitedCompany => "limited-company",
            Self::IndividualBusiness => "individual-business",
            Self::SoleProprietorship => "sole-proprietorship",
        }
    }
}

/// Where a firm is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seat<'a> {
    /// Registering division.
    pub registrar: &'a str,
    /// Division of the domicile.
    pub division: &'a str,
    /// What stands in front of the firm's name (福州市鼓楼区).
    pub prefix: &'a str,
    /// What stands in front of its address.
    pub place: &'a str,
}

/// Fills in a form; `doubtful` = with a shareholder whose code is of Fujian's pilot.
pub(crate) fn fill(kind: Kind, seat: Seat<'_>, doubtful: bool, lot: &mut Lot) -> Value {
    let (trade, shop, items) = lot.pick(&names::TRADES);
    let mut form = json!({
        "registrar": seat.registrar,
        "kind": kind.name(),
        "name": firm(kind, seat.prefix, trade, shop, lot),
        "business_scope": items[..1 + lot.index(items.len())],
        "domicile": {
            "division": seat.division,
            "address": format!("{}{}", seat.place, names::address(lot)),
            "use": *lot.pick(&["owned", "rented", "rented", "free"]),
        },
        "seals": { "count": lot.range(3, 5) },
        "invoices": {
            "paper": lot.chance(0.3),
            "kinds": if lot.chance(0.5) { json!(["vat-special", "vat-ordinary"]) } else { json!(["vat-ordinary"]) },
            "monthly": lot.range(1, 10) * 10,
        },
        "social_insurance": { "employees": lot.below(20) },
        "housing_fund": { "ratio": lot.range(5, 12), "bank": names::bank(lot) },
    });
    let head = person(seat.division, lot);
    let amount_fen = lot.range(1, 100) * 10_000_000;
    form["investors"] = investors(kind, &head, amount_fen, doubtful, lot);
    if kind == Kind::LimitedCompany {
        form["capital_fen"] = json!(amount_fen);
    }
    form["contact"] = json!({ "name": names::person(lot), "phone": names::phone(lot) });
    if lot.chance(0.5) {
        form["contact"]["email"] = json!(format!("contact{}@example.com", lot.below(1_000_000)));
    }
    form["delivery"] = match lot.below(3) {
        0 => json!({ "way": "mail", "address": format!("{}{}", seat.place, names::address(lot)) }),
        1 => json!({ "way": "locker" }),
        _ => json!({ "way": "counter" }),
    };
    form["legal_representative"] = head;
    form
}

/// Adds items to the business scope until the form has so many bytes of JSON, or there are no more items.
pub(crate) fn pad(form: &mut Value, bytes: usize) {
    let mut length = form.to_string().len();
    let Some(scope) = form["business_scope"].as_array_mut() else { return };
    for item in names::TRADES.iter().flat_map(|(_, _, items)| items) {
        if length >= bytes {
            return;
        }
        if !scope.iter().any(|known| known == item) {
            scope.push(json!(item));
            length += item.len() + 3;
        }
    }
}

/// Division, trade name, line of business, form of organisation (企业名称登记管理规定 §6).
fn firm(kind: Kind, prefix: &str, trade: &str, shop: &str, lot: &mut Lot) -> String {
    let name = names::trade_name(lot);
    match kind {
        Kind::LimitedCompany => format!("{prefix}{name}{trade}有限公司"),
        Kind::IndividualBusiness => format!("{prefix}{name}{shop}"),
        Kind::SoleProprietorship => format!("{prefix}{name}{trade}中心（个人独资）"),
    }
}

fn investors(kind: Kind, head: &Value, amount_fen: i64, doubtful: bool, lot: &mut Lot) -> Value {
    let own = |amount_fen: i64| json!({ "kind": "person", "name": head["name"], "citizen_id": head["citizen_id"], "amount_fen": amount_fen });
    if kind != Kind::LimitedCompany {
        return json!([own(amount_fen)]);
    }
    let others = if doubtful { 1 } else { lot.below(3) as i64 };
    let share_fen = amount_fen / (others + 1);
    let mut list = vec![own(amount_fen - share_fen * others)];
    for _ in 0..others {
        list.push(if doubtful || lot.chance(0.2) {
            let code = if doubtful { pilot_code(lot) } else { code('1', "350100", lot) };
            let name = format!("福建{}投资有限公司", names::trade_name(lot));
            json!({ "kind": "organisation", "name": name, "uscc": code, "amount_fen": share_fen })
        } else {
            let other = person("350102", lot);
            json!({ "kind": "person", "name": other["name"], "citizen_id": other["citizen_id"], "amount_fen": share_fen })
        });
    }
    json!(list)
}

/// Name, citizen number and phone of a grown-up.
fn person(division: &str, lot: &mut Lot) -> Value {
    const DAY_US: i64 = 86_400_000_000;
    // Nobody was ever registered with the city itself; days from 1960-01-01 to 2004-12-31.
    let division = if division.ends_with("00") { "350102" } else { division };
    let born = local_date(lot.range(-3_653, 12_783) * DAY_US);
    let sequence = u16::try_from(lot.below(1_000)).unwrap_or(0);
    let number = citizen_id::compose(division, born, sequence).unwrap_or_default();
    json!({ "name": names::person(lot), "citizen_id": number, "phone": names::phone(lot) })
}

/// The characters of GB 32100.
const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

/// A code of GB 32100 for an organisation that has existed for some time.
fn code(category: char, division: &str, lot: &mut Lot) -> String {
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
fn pilot_code(lot: &mut Lot) -> String {
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
}
