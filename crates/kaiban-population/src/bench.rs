//! The form of the package `six-step`, which the benchmark plays: smaller than that of `business-start`, without doubts and
//! without documents.

use jiff::civil::Date;
use kaiban_identifiers::EntityKind;
use serde_json::{Value, json};

use crate::draw::Lot;
use crate::form::people::{code, grown_up};
use crate::form::{Seat, firm};
use crate::names;

/// Fills in a form of some 1 KB. Kinds that the package does not know come as companies.
pub(crate) fn fill(kind: EntityKind, seat: Seat<'_>, today: Date, lot: &mut Lot) -> Value {
    let kind = match kind {
        EntityKind::IndividualBusiness | EntityKind::SoleProprietorship => kind,
        _ => EntityKind::LimitedCompany,
    };
    let trade = lot.pick(&names::TRADES);
    let items: Vec<&str> = trade.items[..1 + lot.index(trade.items.len())].iter().map(|(text, _)| *text).collect();
    let mut form = json!({
        "registrar": seat.registrar,
        "kind": kind.name(),
        "name": firm(kind, seat, trade, lot),
        "business_scope": items,
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
    let head = grown_up(seat.division, today, lot);
    let amount_fen = lot.range(1, 100) * 10_000_000;
    form["investors"] = investors(kind, &head, amount_fen, today, lot);
    if kind == EntityKind::LimitedCompany {
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
    for (item, _) in names::TRADES.iter().flat_map(|trade| trade.items) {
        if length >= bytes {
            return;
        }
        if !scope.iter().any(|known| known == item) {
            scope.push(json!(item));
            length += item.len() + 3;
        }
    }
}

fn investors(kind: EntityKind, head: &Value, amount_fen: i64, today: Date, lot: &mut Lot) -> Value {
    let own = |amount_fen: i64| json!({ "kind": "person", "name": head["name"], "citizen_id": head["citizen_id"], "amount_fen": amount_fen });
    if kind != EntityKind::LimitedCompany {
        return json!([own(amount_fen)]);
    }
    let others = lot.range(0, 2);
    let share_fen = amount_fen / (others + 1);
    let mut list = vec![own(amount_fen - share_fen * others)];
    for _ in 0..others {
        list.push(if lot.chance(0.2) {
            let name = format!("福建{}投资有限公司", names::trade_name(lot));
            json!({ "kind": "organisation", "name": name, "uscc": code('1', "350100", lot), "amount_fen": share_fen })
        } else {
            let other = grown_up("350102", today, lot);
            json!({ "kind": "person", "name": other["name"], "citizen_id": other["citizen_id"], "amount_fen": share_fen })
        });
    }
    json!(list)
}
