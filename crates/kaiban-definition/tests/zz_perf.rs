use kaiban_definition::*;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;
fn read(folder: &Path, below: &Path, files: &mut Files) {
    for entry in std::fs::read_dir(below).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read(folder, &path, files);
        } else {
            files.insert(
                path.strip_prefix(folder).unwrap().to_string_lossy().to_string(),
                std::fs::read_to_string(&path).unwrap(),
            );
        }
    }
}
#[test]
fn perf() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../workflows");
    let mut files = Files::new();
    read(&folder, &folder, &mut files);
    let t = Instant::now();
    let (w, _) = load(&files);
    println!("load {:?}", t.elapsed());
    let d = w.definition("business-start").unwrap();
    let form = json!({
        "registrar": "350102", "kind": "limited-company", "name": "福州市鼓楼区榕溪茶业有限公司",
        "business_scope": ["食品销售", "茶具销售"], "capital_fen": 100_000_000,
        "domicile": { "division": "350102", "address": "福州市鼓楼区东街口 1 号 302 室", "use": "rented" },
        "legal_representative": { "name": "林舒", "citizen_id": "350102199003078313", "phone": "13900000000" },
        "investors": [
            { "kind": "person", "name": "林舒", "citizen_id": "350102199003078313", "amount_fen": 60_000_000 },
            { "kind": "organisation", "name": "福州榕溪投资有限公司", "uscc": "91350100MA2XN0014K", "amount_fen": 40_000_000 }
        ],
        "contact": { "name": "陈知远", "phone": "13700000000", "email": "zhiyuan@example.com" },
        "seals": { "count": 4 }, "invoices": { "paper": false, "kinds": ["vat-ordinary"], "monthly": 25 },
        "social_insurance": { "employees": 3 }, "housing_fund": { "ratio": 8, "bank": "榕荫银行" }, "delivery": { "way": "counter" }
    });
    let n = 20000;
    let t = Instant::now();
    for _ in 0..n {
        assert!(d.form.check(&form).is_empty());
    }
    println!("check {:?}", t.elapsed() / n);
    let mut bad = form.clone();
    bad["name"] = json!("x");
    let t = Instant::now();
    for _ in 0..n {
        assert!(d.form.check(&bad).len() == 1);
    }
    println!("check bad {:?}", t.elapsed() / n);
    let g = Guard::parse("form.invoices.paper").unwrap();
    let results = BTreeMap::new();
    let scope =
        Scope { form: &form, case: CaseFacts { registrar: "350100", workflow: "x", doubts: 0 }, results: &results };
    let t = Instant::now();
    for _ in 0..n {
        assert!(!g.eval(&scope).unwrap());
    }
    println!("eval {:?}", t.elapsed() / n);
    let t = Instant::now();
    for _ in 0..n {
        d.promise_at(jiff::civil::date(2026, 1, 1), &scope).unwrap();
    }
    println!("promise {:?}", t.elapsed() / n);
    let t = Instant::now();
    for _ in 0..n {
        d.steps["registration"].shared(&form, &results);
    }
    println!("shared {:?}", t.elapsed() / n);
}
