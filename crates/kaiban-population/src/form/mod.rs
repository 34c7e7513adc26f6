//! The one form (一表) of `business-start` as an applicant fills it in, for every kind of business.

mod investors;
pub(crate) mod people;

use jiff::Span;
use jiff::civil::Date;
use kaiban_identifiers::{EntityKind, company_name};
use serde_json::{Map, Value, json};

use self::investors::Holding;
use self::people::Roster;
use crate::draw::Lot;
use crate::habits::Habits;
use crate::names::{self, Trade};
use crate::paper::Paper;

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

/// What is drawn of a case before its form is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Draft<'a> {
    pub case: u64,
    pub kind: EntityKind,
    pub seat: Seat<'a>,
    /// Day on which it is handed in.
    pub today: Date,
    /// Bank and outlet where it is handed in; the account is opened there.
    pub bank: &'a str,
    pub outlet: &'a str,
    /// An investor has a code of Fujian's pilot.
    pub doubtful: bool,
    /// Somebody has a citizen number of an abolished division.
    pub abolished: bool,
    /// A proof of the domicile is promised, not handed in.
    pub promises: bool,
}

/// Kinds of business with how many of a thousand applicants want one.
const KINDS: [(EntityKind, u32); 9] = [
    (EntityKind::LimitedCompany, 600),
    (EntityKind::IndividualBusiness, 290),
    (EntityKind::Branch, 40),
    (EntityKind::SoleProprietorship, 25),
    (EntityKind::LimitedPartnership, 20),
    (EntityKind::Cooperative, 12),
    (EntityKind::JointStockCompany, 6),
    (EntityKind::GeneralPartnership, 5),
    (EntityKind::SpecialGeneralPartnership, 2),
];

/// Share of limited companies among those who come.
pub(crate) const COMPANIES: f64 = 0.6;

/// What an applicant wants to set up.
pub(crate) fn draw_kind(lot: &mut Lot) -> EntityKind {
    KINDS[lot.weighted(&KINDS.map(|(_, weight)| weight))].0
}

/// Category of GB 32100 within department 9.
pub(crate) fn category(kind: EntityKind) -> char {
    match kind {
        EntityKind::IndividualBusiness => '2',
        EntityKind::Cooperative => '3',
        _ => '1',
    }
}

/// A name that the rules of names have nothing against: division, trade name, line of business, form of organisation
/// (企业名称登记管理规定 §6). The name of a branch begins with its parent's.
pub(crate) fn firm(kind: EntityKind, seat: Seat<'_>, trade: &Trade, lot: &mut Lot) -> String {
    let mut name = String::new();
    for _ in 0..50 {
        name = compose(kind, seat, trade, lot);
        if company_name::check_at(&name, Some(kind), Some(seat.registrar)).problems.is_empty() {
            break;
        }
    }
    name
}

fn compose(kind: EntityKind, seat: Seat<'_>, trade: &Trade, lot: &mut Lot) -> String {
    let (prefix, own, industry) = (seat.prefix, names::trade_name(lot), trade.industry);
    match kind {
        EntityKind::LimitedCompany => format!("{prefix}{own}{industry}有限公司"),
        EntityKind::JointStockCompany => format!("{prefix}{own}{industry}股份有限公司"),
        EntityKind::SoleProprietorship => format!("{prefix}{own}{industry}中心（个人独资）"),
        EntityKind::GeneralPartnership => format!("{prefix}{own}{industry}中心（普通合伙）"),
        EntityKind::SpecialGeneralPartnership => format!("{prefix}{own}会计师事务所（特殊普通合伙）"),
        EntityKind::LimitedPartnership => format!("{prefix}{own}投资合伙企业（有限合伙）"),
        EntityKind::IndividualBusiness => format!("{prefix}{own}{}", trade.shop),
        EntityKind::Cooperative => format!("{prefix}{own}茶叶农民专业合作社"),
        EntityKind::Branch => format!("福建{own}{industry}有限公司{}分公司", names::quarter(lot)),
    }
}

/// Fills in a form, with the documents that it names.
pub(crate) fn fill(
    draft: Draft<'_>,
    name: String,
    trade: &Trade,
    habits: &Habits,
    lot: &mut Lot,
) -> (Value, Vec<Paper>) {
    let Draft { kind, seat, today, .. } = draft;
    let mut papers = Papers { case: draft.case, list: Vec::new() };
    let mut roster = Roster::new(seat.division, today);
    let holding = Holding::draw(&draft, &mut roster, lot);
    let mut form = json!({ "registrar": seat.registrar, "kind": kind.name(), "name": name });
    let Value::Object(fields) = &mut form else { return (form, Vec::new()) };
    fields.insert("scope".into(), scope(trade, &mut papers, lot));
    fields.insert("domicile".into(), domicile(&draft, &mut papers, lot));
    own_parts(kind, &name, &holding, today, fields, &mut papers, lot);
    holding.fields(fields);
    if lot.chance(0.2) {
        roster.add(&["agent"], lot);
        fields.insert("agent".into(), json!({ "authority": papers.add("授权委托书", "power of attorney") }));
    }
    if draft.abolished {
        roster.age_division(lot);
    }
    let contact = names::person(lot);
    fields.insert("contact".into(), contact_of(&contact, lot));
    fields.insert("people".into(), json!(roster.list()));
    agencies(&draft, &contact, habits, fields, lot);
    (form, papers.list)
}

/// Collects documents.
#[derive(Debug)]
struct Papers {
    case: u64,
    list: Vec<Paper>,
}

impl Papers {
    /// Adds one; gives what the form names it by.
    fn add(&mut self, name: &str, what: &str) -> String {
        let paper = Paper::new(name, what, self.case);
        let digest = paper.digest();
        self.list.push(paper);
        digest
    }
}

fn scope(trade: &Trade, papers: &mut Papers, lot: &mut Lot) -> Value {
    let count = 1 + lot.index(trade.items.len());
    let item = |(text, industry): &(&str, &str)| json!({ "text": text, "industry": industry });
    let mut scope: Vec<Value> = trade.items[..count].iter().map(item).collect();
    if lot.chance(0.02) {
        let mut permitted = item(lot.pick(&names::PERMITTED));
        permitted["prior_approval"] = json!(true);
        permitted["approval"] = json!(papers.add("许可证", "permit"));
        scope.push(permitted);
    }
    json!(scope)
}

fn domicile(draft: &Draft<'_>, papers: &mut Papers, lot: &mut Lot) -> Value {
    let Draft { seat, today, .. } = *draft;
    let names::Address { town, road, building, room } = names::address_parts(lot);
    let purpose = *lot.pick(&["commercial", "commercial", "office", "office", "industrial", "residential"]);
    let held = *lot.pick(&["owned", "rented", "rented", "free"]);
    let mut domicile = json!({
        "division": seat.division,
        "town": town,
        "road": road,
        "building": building,
        "room": room,
        "address": format!("{}{town}{road}{building}{room}", seat.place),
        "purpose": purpose,
        "use": held,
        "owner": names::person(lot),
    });
    if purpose == "residential" {
        domicile["neighbours_agree"] = json!(true);
    }
    if lot.chance(0.85) {
        let (year, number) = (lot.range(2016, 2025), lot.below(10_000_000));
        domicile["real_estate_number"] = json!(format!("闽（{year}）福州市不动产权第{number:07}号"));
    } else if !draft.promises {
        domicile["proof"] = json!(papers.add("住所使用证明", "proof of the domicile"));
    }
    if held == "rented" {
        domicile["lease"] = json!({
            "from": today.to_string(),
            "until": later(today, lot.range(360, 1_800)),
            "document": papers.add("租赁合同", "lease"),
        });
    }
    domicile
}

/// The day so many days later, as text.
fn later(today: Date, days: i64) -> String {
    today.checked_add(Span::new().days(days)).unwrap_or(today).to_string()
}

/// What only this kind of business has.
fn own_parts(
    kind: EntityKind,
    name: &str,
    holding: &Holding,
    today: Date,
    fields: &mut Map<String, Value>,
    papers: &mut Papers,
    lot: &mut Lot,
) {
    match kind {
        EntityKind::LimitedCompany | EntityKind::JointStockCompany => {
            fields.insert("articles".into(), json!(papers.add("章程", "articles of association")));
        }
        EntityKind::SoleProprietorship => {
            fields.insert("sole_proprietorship".into(), json!({ "property": *lot.pick(&["personal", "family"]) }));
        }
        EntityKind::IndividualBusiness => {
            let composition = if holding.family { "family" } else { "personal" };
            fields.insert("individual_business".into(), json!({ "composition": composition }));
        }
        EntityKind::Cooperative => {
            fields.insert("articles".into(), json!(papers.add("章程", "articles of association")));
            let minutes = papers.add("设立大会纪要", "minutes of the founding meeting");
            fields.insert("cooperative".into(), json!({ "minutes": minutes }));
        }
        EntityKind::Branch => {
            let parent = name.find("有限公司").map_or(name, |at| &name[..at + "有限公司".len()]);
            let inside = lot.chance(0.8);
            let code = people::code('1', if inside { "350100" } else { "330106" }, lot);
            let decided_on = later(today, -lot.range(1, 25));
            let mut branch = json!({ "parent_name": parent, "parent_uscc": code, "decided_on": decided_on });
            if !inside {
                branch["parent_licence"] = json!(papers.add("隶属企业营业执照", "licence of the parent"));
            }
            fields.insert("branch".into(), branch);
        }
        EntityKind::GeneralPartnership | EntityKind::SpecialGeneralPartnership | EntityKind::LimitedPartnership => {
            let mut partnership =
                json!({ "executive": "i1", "agreement": papers.add("合伙协议", "partnership agreement") });
            if kind == EntityKind::SpecialGeneralPartnership {
                partnership["profession"] = json!("会计师");
            }
            fields.insert("partnership".into(), partnership);
        }
    }
}

fn contact_of(name: &str, lot: &mut Lot) -> Value {
    let mut contact = json!({ "name": name, "phone": names::phone(lot) });
    if lot.chance(0.5) {
        contact["email"] = json!(format!("contact{}@example.com", lot.below(1_000_000)));
    }
    contact
}

/// What is asked of the agencies besides the registrar.
fn agencies(draft: &Draft<'_>, contact: &str, habits: &Habits, fields: &mut Map<String, Value>, lot: &mut Lot) {
    let individual = draft.kind == EntityKind::IndividualBusiness;
    let mut wants = |name: &str| {
        lot.chance(habits.request_rate(name) * if individual && name == "housing_fund" { 0.2 } else { 1.0 })
    };
    let asked = ["seals", "invoices", "enrolment", "housing_fund", "bank_account", "consultation", "agency_service"]
        .map(|name| (name, wants(name)));
    let has = |wanted: &str| asked.iter().any(|(name, wants)| *name == wanted && *wants);
    fields.insert("requests".into(), asked.iter().map(|(name, wants)| ((*name).to_owned(), json!(wants))).collect());

    let seals: &[&str] = match individual {
        true => &["official", "invoice"],
        false if lot.chance(0.1) => &["official", "finance", "invoice", "legal-representative", "contract"],
        false => &["official", "finance", "invoice", "legal-representative"],
    };
    if has("seals") {
        fields.insert("seals".into(), json!({ "kinds": seals, "electronic": lot.chance(0.7) }));
    }
    let accounting = match draft.kind {
        EntityKind::IndividualBusiness => "individual",
        EntityKind::Cooperative => "cooperative",
        EntityKind::JointStockCompany => "enterprise",
        _ => *lot.pick(&["small-enterprise", "small-enterprise", "enterprise"]),
    };
    let method = if draft.kind == EntityKind::Branch { "dependent" } else { "independent" };
    fields.insert("tax".into(), json!({ "accounting": accounting, "method": method }));
    if has("invoices") {
        let paper = lot.chance(0.3) && has("seals");
        let kinds = if lot.chance(0.5) { json!(["vat-special", "vat-ordinary"]) } else { json!(["vat-ordinary"]) };
        let limit_fen = *lot.pick(&[1_000_000, 10_000_000, 10_000_000, 100_000_000]);
        let monthly = lot.range(1, 10) * 10;
        fields.insert(
            "invoices".into(),
            json!({ "paper": paper, "kinds": kinds, "monthly": monthly, "limit_fen": limit_fen }),
        );
    }
    let payment = *lot.pick(&["bank-withholding", "online", "counter"]);
    fields.insert("social_insurance".into(), json!({ "payment": payment }));
    let month = draft.today.strftime("%Y-%m").to_string();
    let count = if lot.chance(0.35) { 0 } else { lot.range(1, 6) };
    let employees = (1..=count).map(|nth| {
        let person = people::grown_up(draft.seat.division, draft.today, lot);
        let wage_fen = lot.range(25, 120) * 10_000;
        json!({ "key": format!("e{nth}"), "name": person["name"], "citizen_id": person["citizen_id"], "wage_fen": wage_fen, "from": month })
    });
    let employees: Vec<Value> = employees.collect();
    fields.insert("employees".into(), json!(employees));
    if has("housing_fund") {
        fields.insert(
            "housing_fund".into(),
            json!({ "ratio": lot.range(5, 12), "from": month, "bank": names::bank(lot) }),
        );
    }
    if has("bank_account") {
        fields.insert("bank".into(), json!({ "bank": draft.bank, "outlet": draft.outlet }));
    }
    if has("consultation") {
        let question =
            *lot.pick(&["租用的住宅能否登记为住所？", "两个股东各占一半是否可行？", "开业后多久要申报纳税？"]);
        fields.insert("consultation".into(), json!({ "question": question }));
    }
    if has("agency_service") {
        let helps: &[&str] = if lot.chance(0.5) { &["form", "upload"] } else { &["form", "upload", "collect"] };
        fields.insert("agency_service".into(), json!({ "helps": helps }));
    }
    fields.insert(
        "delivery".into(),
        match lot.below(3) {
            0 => {
                let address = format!("{}{}", draft.seat.place, names::address(lot));
                json!({ "way": "mail", "recipient": contact, "phone": names::phone(lot), "address": address })
            }
            1 => json!({ "way": "locker" }),
            _ => json!({ "way": "counter" }),
        },
    );
}
