//! Forms that are right, to be made wrong one place at a time.

use kaiban_api::to_struct;
use prost_types::Struct;
use serde_json::{Value, json};

/// A complete form for a limited company registered at a division.
pub fn company(registrar: &str) -> Value {
    json!({
        "registrar": registrar,
        "kind": "limited-company",
        "name": "福州榕光科技有限公司",
        "business_scope": ["软件开发", "信息技术咨询服务"],
        "capital_fen": 100_000_000,
        "domicile": { "division": "350102", "address": "福州市鼓楼区五四路100号3层", "use": "rented" },
        "legal_representative": { "name": "林晓舟", "citizen_id": "350102199003078313", "phone": "13800000001" },
        "investors": [
            { "kind": "person", "name": "林晓舟", "citizen_id": "350102199003078313", "amount_fen": 100_000_000 }
        ],
        "contact": { "name": "陈一帆", "phone": "13800000002" },
        "seals": { "count": 4 },
        "invoices": { "paper": false, "kinds": ["vat-ordinary"], "monthly": 25 },
        "social_insurance": { "employees": 3 },
        "housing_fund": { "ratio": 5, "bank": "榕荫银行" },
        "delivery": { "way": "counter" }
    })
}

/// The same with one place replaced.
pub fn with(mut form: Value, pointer: &str, value: Value) -> Value {
    *form.pointer_mut(pointer).expect("a place of the form") = value;
    form
}

/// For the wire.
pub fn wire(form: &Value) -> Option<Struct> {
    Some(to_struct(form).expect("a form"))
}
