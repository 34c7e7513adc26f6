//! Who puts money in, and who runs the business: people by role, investors, capital, beneficial owners.

use kaiban_identifiers::EntityKind;
use serde_json::{Map, Value, json};

use super::people::{self, Roster};
use super::{Draft, later};
use crate::draw::Lot;
use crate::names;

/// Ten million yuan in fen: below it an exemption from naming beneficial owners is possible (受益所有人信息管理办法 §3).
const EXEMPT_MAX_FEN: i64 = 1_000_000_000;

/// Owners of a business.
#[derive(Debug, Default)]
pub(super) struct Holding {
    capital_fen: Option<i64>,
    investors: Vec<Value>,
    beneficial_owners: Option<Value>,
    /// An individual business run by a family.
    pub family: bool,
}

impl Holding {
    /// Draws the people of a business into the roster, and what they own.
    pub fn draw(draft: &Draft<'_>, roster: &mut Roster, lot: &mut Lot) -> Self {
        match draft.kind {
            EntityKind::LimitedCompany => Self::limited(draft, roster, lot),
            EntityKind::JointStockCompany => Self::joint_stock(draft, roster, lot),
            EntityKind::SoleProprietorship => {
                let key = roster.add(&["legal-representative", "investor", "liaison", "finance", "tax-handler"], lot);
                let amount_fen = lot.range(1, 50) * 1_000_000;
                let investor = json!({ "key": "i1", "kind": "person", "person": key, "amount_fen": amount_fen, "method": "money" });
                Self { capital_fen: Some(amount_fen), investors: vec![investor], ..Self::default() }
            }
            EntityKind::GeneralPartnership | EntityKind::SpecialGeneralPartnership | EntityKind::LimitedPartnership => {
                Self::partners(draft, roster, lot)
            }
            EntityKind::IndividualBusiness => {
                roster.add(&["legal-representative", "tax-handler"], lot);
                let family = lot.chance(0.3);
                if family {
                    roster.add(&["family-member"], lot);
                }
                let capital_fen = lot.chance(0.7).then(|| lot.range(1, 30) * 1_000_000);
                Self { capital_fen, family, ..Self::default() }
            }
            EntityKind::Cooperative => Self::members(roster, lot),
            EntityKind::Branch => {
                roster.add(&["legal-representative"], lot);
                roster.add(&["liaison", "finance", "tax-handler"], lot);
                Self::default()
            }
        }
    }

    fn limited(draft: &Draft<'_>, roster: &mut Roster, lot: &mut Lot) -> Self {
        let head = roster.add(&["legal-representative", "director", "manager", "investor", "liaison"], lot);
        let second = roster.add(&["supervisor", "finance", "tax-handler"], lot);
        let capital_fen = lot.range(1, 100) * 10_000_000;
        let others = if draft.doubtful { 1 } else { lot.range(0, 2) };
        let share_fen = capital_fen / (others + 1);
        let pay_by = later(draft.today, lot.range(30, 1_800));
        let mut investors = vec![own("i1", &head, capital_fen - share_fen * others, &pay_by)];
        let mut organisations = false;
        for nth in 0..others {
            let key = format!("i{}", nth + 2);
            if draft.doubtful || lot.chance(0.15) {
                organisations = true;
                let code = if draft.doubtful { people::pilot_code(lot) } else { people::code('1', "350100", lot) };
                let name = format!("福建{}投资有限公司", names::trade_name(lot));
                investors.push(json!({
                    "key": key, "kind": "organisation", "name": name, "uscc": code,
                    "amount_fen": share_fen, "pay_by": pay_by, "method": "money",
                }));
            } else if nth == 0 {
                roster.also("investor");
                investors.push(own(&key, &second, share_fen, &pay_by));
            } else {
                investors.push(own(&key, &roster.add(&["investor"], lot), share_fen, &pay_by));
            }
        }
        let owners = owners(!organisations && capital_fen <= EXEMPT_MAX_FEN, &head, "shares");
        Self { capital_fen: Some(capital_fen), investors, beneficial_owners: Some(owners), family: false }
    }

    /// Paid in full before the company is established (公司法 §98).
    fn joint_stock(draft: &Draft<'_>, roster: &mut Roster, lot: &mut Lot) -> Self {
        let mut keys = vec![roster.add(&["legal-representative", "director", "manager", "investor"], lot)];
        keys.push(roster.add(&["director", "investor", "liaison"], lot));
        keys.push(roster.add(&["director", "investor"], lot));
        roster.add(&["supervisor"], lot);
        roster.add(&["finance", "tax-handler"], lot);
        let share_fen = lot.range(2, 20) * 100_000_000;
        let paid_on = draft.today.to_string();
        let promoter = |(nth, key): (usize, &String)| {
            let mut promoter = own(&format!("i{}", nth + 1), key, share_fen, &paid_on);
            promoter["paid_fen"] = json!(share_fen);
            promoter
        };
        let investors: Vec<Value> = keys.iter().enumerate().map(promoter).collect();
        let owners = owners(share_fen * 3 <= EXEMPT_MAX_FEN, &keys[0], "shares");
        Self { capital_fen: Some(share_fen * 3), investors, beneficial_owners: Some(owners), family: false }
    }

    fn partners(draft: &Draft<'_>, roster: &mut Roster, lot: &mut Lot) -> Self {
        let head = roster.add(&["legal-representative", "investor", "liaison"], lot);
        let count = lot.range(2, 4);
        let amount_fen = lot.range(5, 200) * 1_000_000;
        let pay_by = later(draft.today, lot.range(30, 3_000));
        let limited = draft.kind == EntityKind::LimitedPartnership;
        let mut investors = Vec::new();
        for nth in 1..=count {
            let key = if nth == 1 { head.clone() } else { roster.add(&["investor"], lot) };
            if nth == 2 {
                roster.also("finance");
                roster.also("tax-handler");
            }
            let mut partner = own(&format!("i{nth}"), &key, amount_fen, &pay_by);
            partner["liability"] = json!(if limited && nth > 1 { "limited" } else { "unlimited" });
            investors.push(partner);
        }
        let capital_fen = amount_fen * count;
        let owners = owners(capital_fen <= EXEMPT_MAX_FEN, &head, "control");
        Self { capital_fen: Some(capital_fen), investors, beneficial_owners: Some(owners), family: false }
    }

    fn members(roster: &mut Roster, lot: &mut Lot) -> Self {
        let count = lot.range(5, 9);
        let amount_fen = lot.range(1, 20) * 1_000_000;
        let mut investors = Vec::new();
        for nth in 1..=count {
            let key = match nth {
                1 => roster.add(&["legal-representative", "director", "investor", "liaison"], lot),
                2 => roster.add(&["supervisor", "investor"], lot),
                3 => roster.add(&["finance", "tax-handler", "investor"], lot),
                _ => roster.add(&["investor"], lot),
            };
            let mut member = json!({ "key": format!("i{nth}"), "kind": "person", "person": key, "amount_fen": amount_fen, "method": "money" });
            member["farmer"] = json!(nth > 1 || lot.chance(0.5));
            investors.push(member);
        }
        Self { capital_fen: Some(amount_fen * count), investors, ..Self::default() }
    }

    /// Puts what there is into the form.
    pub fn fields(self, fields: &mut Map<String, Value>) {
        if let Some(amount_fen) = self.capital_fen {
            fields.insert("capital".into(), json!({ "amount_fen": amount_fen }));
        }
        if !self.investors.is_empty() {
            fields.insert("investors".into(), json!(self.investors));
        }
        fields.extend(self.beneficial_owners.map(|owners| ("beneficial_owners".to_owned(), owners)));
    }
}

fn own(key: &str, person: &str, amount_fen: i64, pay_by: &str) -> Value {
    json!({ "key": key, "kind": "person", "person": person, "amount_fen": amount_fen, "pay_by": pay_by, "method": "money" })
}

fn owners(exempt: bool, head: &str, basis: &str) -> Value {
    if exempt {
        json!({ "exempt": true })
    } else {
        json!({ "exempt": false, "owners": [{ "person": head, "basis": basis }] })
    }
}
