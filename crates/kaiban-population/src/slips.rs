//! What applicants get wrong: what an office may object to, and how the applicant puts it right.

use kaiban_definition::{Definition, Step};
use kaiban_findings::{Finding, Place};
use serde_json::{Value, json};

use crate::draw::Lot;
use crate::names;

/// A place of the form that may have to be corrected.
struct Slip {
    pointer: &'static str,
    /// What later steps rely on is corrected before anything has been granted.
    only_first: bool,
    code: &'static str,
    zh: &'static str,
    en: &'static str,
    /// The new value of the place; may be the old one.
    mend: fn(&Value, &mut Lot) -> Value,
}

const SLIPS: [Slip; 11] = [
    Slip {
        pointer: "/name",
        only_first: true,
        code: "NAME_SIMILAR",
        zh: "名称与同行业已登记的名称近似，请更换字号。",
        en: "The name is close to one registered in the same trade: choose another.",
        mend: |old, lot| {
            let old = old.as_str().unwrap_or_default();
            // The trade name is put behind the division, in front of all that stays.
            let at = old.find(['区', '县']).map(|at| at + '区'.len_utf8());
            let at = at.or_else(|| old.find('市').map(|at| at + '市'.len_utf8())).unwrap_or(0);
            json!(format!("{}{}{}", &old[..at], names::trade_name(lot), &old[at..]))
        },
    },
    Slip {
        pointer: "/domicile/address",
        only_first: true,
        code: "ADDRESS_INCOMPLETE",
        zh: "住所地址与产权登记不一致，请写到楼栋和房号。",
        en: "The address differs from the title register: give building and room.",
        mend: |old, lot| {
            let old = old.as_str().unwrap_or_default();
            let kept = old.find('号').map_or(old, |at| &old[..at]);
            json!(format!("{kept}号{}号楼{}{:02}室", lot.range(13, 40), lot.range(1, 28), lot.range(1, 12)))
        },
    },
    Slip {
        pointer: "/business_scope",
        only_first: true,
        code: "SCOPE_NOT_IN_CATALOGUE",
        zh: "经营范围须使用规范目录的表述，请补充主营项目。",
        en: "The scope must use the catalogue's wording: add the main item.",
        mend: |old, lot| {
            let (_, _, items) = lot.pick(&names::TRADES);
            let mut scope: Vec<Value> = old.as_array().cloned().unwrap_or_default();
            scope.retain(|item| item.as_str() != Some(items[0]));
            scope.insert(0, json!(items[0]));
            json!(scope)
        },
    },
    Slip {
        pointer: "/seals/count",
        only_first: false,
        code: "SEALS_COUNT",
        zh: "免费刻制的印章数量与类型不符，请更正数量。",
        en: "The number of seals does not fit the kinds that are free: correct it.",
        mend: |old, _| json!(old.as_i64().unwrap_or(0) % 6 + 1),
    },
    Slip {
        pointer: "/invoices/monthly",
        only_first: false,
        code: "INVOICES_TOO_MANY",
        zh: "申领数量超过新办纳税人首次核定数量，请调减。",
        en: "More invoices than a new taxpayer is first allowed: ask for fewer.",
        mend: |old, lot| {
            let old = old.as_i64().unwrap_or(0);
            json!(if old > 1 { lot.range(1, old - 1) } else { 2 })
        },
    },
    Slip {
        pointer: "/invoices/kinds",
        only_first: false,
        code: "INVOICES_KINDS",
        zh: "票种与经营项目不符，请重新选择。",
        en: "The kinds of invoices do not fit the business: choose again.",
        mend: |old, _| {
            let both = old.as_array().is_some_and(|kinds| kinds.len() > 1);
            if both { json!(["vat-ordinary"]) } else { json!(["vat-special", "vat-ordinary"]) }
        },
    },
    Slip {
        pointer: "/social_insurance/employees",
        only_first: false,
        code: "EMPLOYEES_MISSING",
        zh: "参保人数与提交的人员名单不一致，请核对。",
        en: "The number of employees differs from the list: check it.",
        mend: |old, lot| json!(old.as_i64().unwrap_or(0) + lot.range(1, 5)),
    },
    Slip {
        pointer: "/housing_fund/ratio",
        only_first: false,
        code: "RATIO_NOT_AGREED",
        zh: "缴存比例与单位决议不一致，请更正。",
        en: "The rate differs from the unit's resolution: correct it.",
        mend: |old, _| json!((old.as_i64().unwrap_or(5) - 4) % 8 + 5),
    },
    Slip {
        pointer: "/housing_fund/bank",
        only_first: false,
        code: "BANK_NOT_ENTRUSTED",
        zh: "所选银行网点未受托办理公积金业务，请另选。",
        en: "The bank is not entrusted with the fund here: choose another.",
        mend: |_, lot| json!(names::bank(lot)),
    },
    Slip {
        pointer: "/delivery/address",
        only_first: false,
        code: "ADDRESS_NOT_FOUND",
        zh: "邮寄地址无法投递，请补充详细地址。",
        en: "Mail cannot be delivered there: complete the address.",
        mend: |old, lot| json!(format!("{}（{}收）", old.as_str().unwrap_or_default(), names::person(lot))),
    },
    Slip {
        pointer: "/contact/phone",
        only_first: false,
        code: "PHONE_UNREACHABLE",
        zh: "联络员电话无法接通，请更正。",
        en: "The contact cannot be reached by phone: correct the number.",
        mend: |_, lot| json!(names::phone(lot)),
    },
];

/// One or two objections that this step can have to this form; none where it shares nothing that can be corrected.
pub(crate) fn object(definition: &Definition, step: &Step, form: &Value, lot: &mut Lot) -> Vec<Finding> {
    let mut possible: Vec<&Slip> = SLIPS
        .iter()
        .filter(|slip| step.shares_pointer(slip.pointer) && definition.form.has(slip.pointer))
        .filter(|slip| form.pointer(slip.pointer).is_some() && (!slip.only_first || step.needs.is_empty()))
        .collect();
    let count = possible.len().min(1 + usize::from(lot.chance(0.3)));
    let mut findings = Vec::new();
    for _ in 0..count {
        let slip = possible.remove(lot.index(possible.len()));
        findings.push(Finding::error(slip.code, Place::Pointer(slip.pointer.to_owned()), slip.zh, slip.en));
    }
    findings
}

/// Changes exactly these places, each to something else that fits. A place that nobody knows how to mend stays.
pub(crate) fn mend(form: &mut Value, pointers: &[String], lot: &mut Lot) {
    for pointer in pointers {
        let Some(slip) = SLIPS.iter().find(|slip| slip.pointer == pointer) else { continue };
        let Some(place) = form.pointer_mut(pointer) else { continue };
        for _ in 0..20 {
            let new = (slip.mend)(place, lot);
            if new != *place {
                *place = new;
                break;
            }
        }
    }
}
