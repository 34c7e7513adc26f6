//! What agencies give back: licences, seal numbers, accounts, in the shape that the step's schema asks for.

use jiff::Span;
use kaiban_calendar::local_date;
use kaiban_definition::Schema;
use serde_json::{Map, Value, json};

use crate::crowd::Crowd;
use crate::draw::Lot;
use crate::names;

/// What a result is made from.
pub(crate) struct Work<'a> {
    pub crowd: &'a Crowd,
    pub case: u64,
    /// The step, without its branch.
    pub step: &'a str,
    /// The form as far as the step shares it.
    pub form: &'a Value,
    /// When it was decided.
    pub at_us: i64,
}

/// The result of a step. Fields that the schema does not have are left out, so that a package may ask for less.
pub(crate) fn of(work: &Work<'_>, schema: &Schema) -> Value {
    let mut lot = work.crowd.lot("result", work.case, work.step, 0);
    let on = local_date(work.at_us);
    let today = json!(on.to_string());
    let asked = |pointer: &str, usual: Value| work.form.pointer(pointer).cloned().unwrap_or(usual);
    let full = match work.step {
        "identity" => json!({
            "verified": true,
            "method": *lot.pick(&["face", "face", "face", "face", "counter", "notarised"]),
            "checked_on": today,
        }),
        "domicile" => domicile(work.form, today, &mut lot),
        "consultation" | "agency-service" => json!({
            "person": names::person(&mut lot),
            "note": if work.step == "consultation" { "已当面答复，并告知所需材料。" } else { "已协助填报并上传材料。" },
            "served_on": today,
        }),
        "registration" => json!({
            "uscc": work.crowd.uscc(work.case),
            "licence_number": format!("3501{}", digits(8, &mut lot)),
            "issued_on": today,
            "legal_representative": legal_representative(work.form),
            "electronic": true,
        }),
        "seal" => seals(work.form, today, &mut lot),
        "tax-registration" => json!({
            "authority": "国家税务总局福州市税务局第一税务所",
            "taxpayer_kind": *lot.pick(&["small-scale", "small-scale", "general"]),
            "confirmed_on": today,
        }),
        "invoices" | "invoice" => json!({
            "kinds": asked("/invoices/kinds", json!(["vat-ordinary"])),
            "monthly": asked("/invoices/monthly", json!(25)),
            "limit_fen": asked("/invoices/limit_fen", json!(10_000_000)),
            "medium": if asked("/invoices/paper", json!(false)) == json!(true) { "paper" } else { "digital" },
            "ready_on": today,
        }),
        "social-insurance" | "social_insurance" => json!({
            "unit_number": format!("3501{}", digits(8, &mut lot)),
            "injury_class": lot.range(1, 8),
            "registered_on": today,
        }),
        "medical-insurance" => json!({ "unit_number": format!("3591{}", digits(8, &mut lot)), "registered_on": today }),
        "enrolment" => {
            let employees = asked("/employees", json!([]));
            let enrolled = employees.as_array().into_iter().flatten();
            let enrolled: Vec<Value> = enrolled.map(|one| json!({ "key": one["key"], "from": one["from"] })).collect();
            json!({ "enrolled": enrolled, "enrolled_on": today })
        }
        "housing-fund" | "housing_fund" => {
            json!({ "account": format!("591{}", digits(9, &mut lot)), "opened_on": today })
        }
        "bank-reservation" => json!({
            "number": format!("6231{}", digits(12, &mut lot)),
            "outlet": asked("/bank/outlet", json!("b01-001")),
            "reserved_on": today,
        }),
        "bank-account" => json!({
            "account": format!("6231{}", digits(12, &mut lot)),
            "licence_number": format!("J{}", digits(13, &mut lot)),
            "opened_on": today,
            "intention_checked": true,
        }),
        "delivery" => {
            let way = asked("/delivery/way", json!("counter"));
            let mut delivery = json!({ "way": way, "items": ["licence", "notices"], "handed_over_on": today });
            match delivery["way"].as_str() {
                Some("mail") => delivery["tracking_number"] = json!(format!("EM{}CN", digits(9, &mut lot))),
                Some("locker") => {
                    delivery["locker"] = json!(format!("大厅一层 {} 号取件柜", lot.range(1, 60)));
                    let until = on.checked_add(Span::new().days(7)).unwrap_or(on);
                    delivery["locker_until"] = json!(until.to_string());
                }
                _ => delivery["received_by"] = json!(names::person(&mut lot)),
            }
            delivery
        }
        _ => json!({}),
    };
    let Value::Object(full) = full else { return full };
    let known = full.into_iter().filter(|(name, _)| schema.has(&format!("/{name}")));
    Value::Object(known.collect::<Map<String, Value>>())
}

/// So many digits.
fn digits(count: u32, lot: &mut Lot) -> String {
    format!("{:0width$}", lot.below(10_u64.pow(count)), width = count as usize)
}

/// What the property register has is compared with it; for everything else somebody reads the proof.
fn domicile(form: &Value, today: Value, lot: &mut Lot) -> Value {
    let registered = form.pointer("/domicile/real_estate_number").is_some();
    let known = registered || form.pointer("/domicile/proof").is_some();
    let mut result = json!({
        "verified_by": if registered { "shared-data" } else { "document" },
        "matches": known,
        "checked_on": today,
    });
    if registered {
        result["unit_number"] = json!(format!("3501020{}F", digits(16, lot)));
    } else if known {
        result["note"] = json!("未登记不动产权，依据所提交的证明材料核对。");
    } else {
        result["note"] = json!("共享数据中查无该住所，申请人尚未提交证明材料。");
    }
    result
}

/// The name on the licence.
fn legal_representative(form: &Value) -> Value {
    let people = form.get("people").and_then(Value::as_array).into_iter().flatten();
    let is_head = |person: &&Value| {
        person["roles"].as_array().is_some_and(|roles| roles.iter().any(|role| role == "legal-representative"))
    };
    let mut heads = people.filter(is_head);
    heads.next().map_or(json!("（未填）"), |person| person["name"].clone())
}

/// The city pays for the first set; a contract seal on top is the applicant's.
fn seals(form: &Value, today: Value, lot: &mut Lot) -> Value {
    const SET_FEN: i64 = 24_000;
    const CONTRACT_FEN: i64 = 9_000;
    let kinds =
        form.pointer("/seals/kinds").and_then(Value::as_array).cloned().unwrap_or_else(|| vec![json!("official")]);
    let count = form.pointer("/seals/count").and_then(Value::as_u64).unwrap_or(kinds.len() as u64);
    // Seal numbers begin with the division of the police; the rest counts on.
    let first = digits(6, lot);
    let numbers: Vec<String> = (0..count).map(|nth| format!("350100{first}{nth}")).collect();
    let contract = kinds.iter().any(|kind| kind == "contract");
    let mut result = json!({
        "kinds": kinds,
        "numbers": numbers,
        "paid_by": if contract { "both" } else { "city" },
        "fee_fen": if contract { SET_FEN + CONTRACT_FEN } else { SET_FEN },
        "electronic": form.pointer("/seals/electronic").cloned().unwrap_or(json!(false)),
        "filed_on": today,
    });
    if contract {
        result["applicant_fee_fen"] = json!(CONTRACT_FEN);
    }
    result
}
