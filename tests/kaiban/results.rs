//! What the offices of a business start give back when all is well.

use serde_json::json;

use crate::city::Ending;

/// Somebody is who he says he is.
pub fn identity() -> Ending {
    Ending::new("done").with(json!({ "verified": true, "method": "face", "checked_on": "2026-03-02" }))
}

/// The domicile is as the property register has it.
pub fn domicile() -> Ending {
    Ending::new("done").with(json!({ "verified_by": "shared-data", "matches": true, "checked_on": "2026-03-02" }))
}

/// An account is reserved.
pub fn reservation() -> Ending {
    let number = json!({ "number": "6231000000000001", "outlet": "b01-002", "reserved_on": "2026-03-02" });
    Ending::new("done").with(number)
}

pub fn seals() -> Ending {
    Ending::new("approve").with(json!({
        "kinds": ["official", "finance"],
        "numbers": ["3501000000001", "3501000000002"],
        "paid_by": "city",
        "fee_fen": 24_000,
        "filed_on": "2026-03-02",
    }))
}

pub fn tax() -> Ending {
    Ending::new("approve").with(json!({
        "authority": "国家税务总局福州市税务局第一税务所",
        "taxpayer_kind": "small-scale",
        "confirmed_on": "2026-03-02",
    }))
}

pub fn invoices() -> Ending {
    Ending::new("approve").with(json!({
        "kinds": ["vat-ordinary"],
        "monthly": 25,
        "limit_fen": 10_000_000,
        "medium": "digital",
        "ready_on": "2026-03-02",
    }))
}

/// Social or medical insurance.
pub fn insurance() -> Ending {
    Ending::new("approve").with(json!({ "unit_number": "3501000001", "registered_on": "2026-03-02" }))
}

pub fn enrolment() -> Ending {
    let enrolled = json!({ "enrolled": [{ "key": "e1", "from": "2026-03" }], "enrolled_on": "2026-03-02" });
    Ending::new("approve").with(enrolled)
}

pub fn fund() -> Ending {
    Ending::new("approve").with(json!({ "account": "3501000002", "opened_on": "2026-03-02" }))
}

pub fn account() -> Ending {
    let account =
        json!({ "account": "6231000000000001", "licence_number": "J3910000000001", "opened_on": "2026-03-02" });
    Ending::new("approve").with(account)
}

pub fn handed_over() -> Ending {
    Ending::new("done").with(json!({
        "way": "counter",
        "items": ["licence", "seals", "notices"],
        "handed_over_on": "2026-03-03",
        "received_by": "林晓舟",
    }))
}
