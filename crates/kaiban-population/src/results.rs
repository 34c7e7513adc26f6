//! What agencies give back: licences, seal numbers, accounts, in the shape that the step's schema asks for.

use kaiban_calendar::local_date;
use kaiban_definition::Schema;
use serde_json::{Map, Value, json};

use crate::crowd::Crowd;

/// The result of a step for a case, decided at `at_us`. Fields that the schema does not have are left out, so that a
/// package may ask for less.
pub(crate) fn of(crowd: &Crowd, schema: &Schema, step: &str, case: u64, form: &Value, at_us: i64) -> Value {
    let mut lot = crowd.lot("result", case, step, 0);
    let on = json!(local_date(at_us).to_string());
    let mut digits = |count: u32| format!("{:0width$}", lot.below(10_u64.pow(count)), width = count as usize);
    let asked = |pointer: &str, usual: Value| form.pointer(pointer).cloned().unwrap_or(usual);
    let full = match step {
        "registration" => json!({
            "uscc": crowd.uscc(case),
            "licence_number": format!("3501{}", digits(8)),
            "issued_on": on,
        }),
        "seal" => {
            let count = asked("/seals/count", json!(4)).as_u64().unwrap_or(4);
            // Seal numbers begin with the division of the police; the rest counts on.
            let first = digits(6);
            let numbers: Vec<String> = (0..count).map(|nth| format!("350100{first}{nth}")).collect();
            json!({ "numbers": numbers, "filed_on": on })
        }
        "invoices" | "invoice" => json!({
            "kinds": asked("/invoices/kinds", json!(["vat-ordinary"])),
            "monthly": asked("/invoices/monthly", json!(25)),
            "ready_on": on,
        }),
        "social-insurance" | "social_insurance" => {
            json!({ "unit_number": format!("3501{}", digits(8)), "registered_on": on })
        }
        "housing-fund" | "housing_fund" => json!({ "account": format!("591{}", digits(9)), "opened_on": on }),
        "delivery" => {
            let way = asked("/delivery/way", json!("counter"));
            let mut delivery = json!({ "way": way, "handed_over_on": on });
            if delivery["way"] == "mail" {
                delivery["tracking_number"] = json!(format!("EM{}CN", digits(9)));
            }
            delivery
        }
        _ => json!({}),
    };
    let Value::Object(full) = full else { return full };
    let known = full.into_iter().filter(|(name, _)| schema.has(&format!("/{name}")));
    Value::Object(known.collect::<Map<String, Value>>())
}
