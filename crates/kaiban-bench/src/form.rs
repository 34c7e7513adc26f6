//! The form that every case of the load hands in: a limited company's, 1.5 KB as JSON.

use serde_json::{Value, json};

/// A complete form for registration at a division.
pub(crate) fn form(registrar: &str) -> Value {
    json!({
        "registrar": registrar,
        "kind": "limited-company",
        "name": "福州榕光数据科技有限公司",
        "business_scope": [
            "软件开发；信息系统集成服务；数据处理和存储支持服务",
            "信息技术咨询服务；网络与信息安全软件开发",
            "技术服务、技术开发、技术咨询、技术交流、技术转让、技术推广",
            "计算机软硬件及辅助设备零售；通讯设备销售；办公设备租赁服务",
            "互联网数据服务；大数据服务；人工智能公共数据平台技术服务",
            "企业管理咨询；会议及展览服务；广告设计、代理、制作与发布",
            "货物进出口；技术进出口"
        ],
        "capital_fen": 100_000_000,
        "domicile": { "division": registrar, "address": "福州市鼓楼区五四路100号榕光大厦3层301室", "use": "rented" },
        "legal_representative": { "name": "林晓舟", "citizen_id": "350102199003078313", "phone": "13800000001" },
        "investors": [
            { "kind": "person", "name": "林晓舟", "citizen_id": "350102199003078313", "amount_fen": 60_000_000 },
            { "kind": "organisation", "name": "福州闽江样例投资有限公司", "uscc": USCC, "amount_fen": 40_000_000 }
        ],
        "contact": { "name": "陈一帆", "phone": "13800000002", "email": "office@example.com" },
        "seals": { "count": 4 },
        "invoices": { "paper": false, "kinds": ["vat-ordinary", "vat-special"], "monthly": 25 },
        "social_insurance": { "employees": 3 },
        "housing_fund": { "ratio": 5, "bank": "榕荫银行" },
        "delivery": { "way": "mail", "address": "福州市鼓楼区五四路100号榕光大厦3层301室" }
    })
}

/// What registration records.
pub(crate) fn licence() -> Value {
    json!({ "uscc": USCC })
}

/// A code with a right check character; no business has it.
const USCC: &str = "91350100MA2XN0014K";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_has_the_size_that_is_spoken_of() {
        let bytes = form("350100").to_string().len();
        assert!((1_400..=1_600).contains(&bytes), "{bytes}");
    }
}
