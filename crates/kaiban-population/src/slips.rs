//! What applicants get wrong: what an office may object to, and how the applicant puts it right.

use std::collections::BTreeSet;
use std::sync::Arc;

use kaiban_definition::{Definition, Effect, Outcome, Step, Work};
use kaiban_findings::{Finding, Place};
use kaiban_identifiers::company_name;
use serde_json::{Value, json};

use crate::draw::Lot;
use crate::names;
use crate::office::Element;
use crate::paper::Paper;

/// A place of the form that may have to be corrected.
struct Slip {
    /// Pointer; `*` is any element of a list.
    pointer: &'static str,
    code: &'static str,
    zh: &'static str,
    en: &'static str,
    mend: Mend,
}

/// How an applicant puts a place right.
enum Mend {
    /// The new value of the place; may be the old one.
    Value(fn(&Value, &mut Lot) -> Value),
    /// A new document: its name, and what it is.
    Paper(&'static str, &'static str),
}

const SLIPS: [Slip; 20] = [
    Slip {
        pointer: "/name",
        code: "NAME_SIMILAR",
        zh: "名称与同行业已登记的名称近似，请更换字号。",
        en: "The name is close to one registered in the same trade: choose another.",
        mend: Mend::Value(rename),
    },
    Slip {
        pointer: "/people/*/phone",
        code: "PHONE_NOT_THEIRS",
        zh: "手机号码非本人实名，无法发送核验短信，请更换。",
        en: "The mobile number is not in this person's name: give another.",
        mend: Mend::Value(|_, lot| json!(names::phone(lot))),
    },
    Slip {
        pointer: "/people/*/name",
        code: "NAME_DIFFERS_FROM_CARD",
        zh: "姓名与身份证件不一致，请按证件填写。",
        en: "The name differs from the card: write it as on the card.",
        mend: Mend::Value(|_, lot| json!(names::person(lot))),
    },
    Slip {
        pointer: "/domicile/room",
        code: "ADDRESS_INCOMPLETE",
        zh: "房号与不动产登记不一致，请核对。",
        en: "The room differs from the property register: check it.",
        mend: Mend::Value(|_, lot| json!(format!("{}{:02}室", lot.range(29, 40), lot.range(1, 12)))),
    },
    Slip {
        pointer: "/domicile/owner",
        code: "OWNER_DIFFERS",
        zh: "产权人与不动产登记不一致，请核对。",
        en: "The owner differs from the property register: check it.",
        mend: Mend::Value(|_, lot| json!(names::person(lot))),
    },
    Slip {
        pointer: "/scope",
        code: "SCOPE_NOT_IN_CATALOGUE",
        zh: "经营范围须使用规范目录的表述，请补充主营项目。",
        en: "The scope must use the catalogue's wording: add the main item.",
        mend: Mend::Value(add_to_scope),
    },
    // The package `six-step` has the scope as texts.
    Slip {
        pointer: "/business_scope",
        code: "SCOPE_NOT_IN_CATALOGUE",
        zh: "经营范围须使用规范目录的表述，请补充主营项目。",
        en: "The scope must use the catalogue's wording: add the main item.",
        mend: Mend::Value(|old, lot| {
            let (text, _) = lot.pick(&names::TRADES).items[0];
            let mut scope: Vec<Value> = old.as_array().cloned().unwrap_or_default();
            scope.retain(|item| item.as_str() != Some(text));
            scope.insert(0, json!(text));
            json!(scope)
        }),
    },
    Slip {
        pointer: "/articles",
        code: "ARTICLES_NOT_SIGNED",
        zh: "章程缺少部分股东（成员）签名，请补签后重新提交。",
        en: "Signatures are missing in the articles: have them signed and hand them in again.",
        mend: Mend::Paper("章程（补签）", "articles of association, signed by all"),
    },
    Slip {
        pointer: "/partnership/agreement",
        code: "AGREEMENT_NOT_SIGNED",
        zh: "合伙协议缺少部分合伙人签名，请补签后重新提交。",
        en: "Signatures are missing in the agreement: have it signed and hand it in again.",
        mend: Mend::Paper("合伙协议（补签）", "partnership agreement, signed by all"),
    },
    Slip {
        pointer: "/seals/kinds",
        code: "SEALS_KINDS",
        zh: "免费刻制的印章种类选择有误，请重新选择。",
        en: "The kinds of seals are not those that are free: choose again.",
        mend: Mend::Value(|old, _| {
            let all = old.as_array().is_some_and(|kinds| kinds.len() == 4);
            if all {
                json!(["official", "finance", "invoice"])
            } else {
                json!(["official", "finance", "invoice", "legal-representative"])
            }
        }),
    },
    Slip {
        pointer: "/tax/accounting",
        code: "ACCOUNTING_RULES",
        zh: "会计制度与纳税人类型不符，请重新选择。",
        en: "The accounting rules do not fit the taxpayer: choose again.",
        mend: Mend::Value(|old, _| json!(if old == "enterprise" { "small-enterprise" } else { "enterprise" })),
    },
    Slip {
        pointer: "/invoices/monthly",
        code: "INVOICES_TOO_MANY",
        zh: "申领数量超过新办纳税人首次核定数量，请调减。",
        en: "More invoices than a new taxpayer is first allowed: ask for fewer.",
        mend: Mend::Value(|old, lot| {
            let old = old.as_i64().unwrap_or(0);
            json!(if old > 1 { lot.range(1, old - 1) } else { 2 })
        }),
    },
    Slip {
        pointer: "/invoices/kinds",
        code: "INVOICES_KINDS",
        zh: "票种与经营项目不符，请重新选择。",
        en: "The kinds of invoices do not fit the business: choose again.",
        mend: Mend::Value(|old, _| {
            let both = old.as_array().is_some_and(|kinds| kinds.len() > 1);
            if both { json!(["vat-ordinary"]) } else { json!(["vat-special", "vat-ordinary"]) }
        }),
    },
    Slip {
        pointer: "/social_insurance/payment",
        code: "PAYMENT_NOT_SIGNED",
        zh: "尚未签订委托扣款协议，请改选缴费方式。",
        en: "No withholding was agreed with the bank: choose another way of payment.",
        mend: Mend::Value(|old, _| json!(if old == "online" { "counter" } else { "online" })),
    },
    Slip {
        pointer: "/employees/*/wage_fen",
        code: "WAGE_BELOW_BASE",
        zh: "缴费工资低于缴费基数下限，请核对。",
        en: "The wage is below the lowest contribution base: check it.",
        mend: Mend::Value(|old, lot| json!(old.as_i64().unwrap_or(0) + lot.range(1, 9) * 10_000)),
    },
    Slip {
        pointer: "/housing_fund/ratio",
        code: "RATIO_NOT_AGREED",
        zh: "缴存比例与单位决议不一致，请更正。",
        en: "The rate differs from the unit's resolution: correct it.",
        mend: Mend::Value(|old, _| json!((old.as_i64().unwrap_or(5) - 4) % 8 + 5)),
    },
    Slip {
        pointer: "/housing_fund/bank",
        code: "BANK_NOT_ENTRUSTED",
        zh: "所选银行网点未受托办理公积金业务，请另选。",
        en: "The bank is not entrusted with the fund here: choose another.",
        mend: Mend::Value(|_, lot| json!(names::bank(lot))),
    },
    Slip {
        pointer: "/delivery/address",
        code: "ADDRESS_NOT_FOUND",
        zh: "邮寄地址无法投递，请补充详细地址。",
        en: "Mail cannot be delivered there: complete the address.",
        mend: Mend::Value(|old, lot| {
            let old = old.as_str().unwrap_or_default();
            let kept = old.split('（').next().unwrap_or_default();
            json!(format!("{kept}（{}收）", names::person(lot)))
        }),
    },
    Slip {
        pointer: "/seals/count",
        code: "SEALS_COUNT",
        zh: "免费刻制的印章数量与类型不符，请更正数量。",
        en: "The number of seals does not fit the kinds that are free: correct it.",
        mend: Mend::Value(|old, _| json!(old.as_i64().unwrap_or(0) % 6 + 1)),
    },
    Slip {
        pointer: "/contact/phone",
        code: "PHONE_UNREACHABLE",
        zh: "联系人电话无法接通，请更正。",
        en: "The contact cannot be reached by phone: correct the number.",
        mend: Mend::Value(|_, lot| json!(names::phone(lot))),
    },
];

/// Documents that a form may leave out until they are asked for: where it names them, their name, and what they are.
const LEFT_OUT: [(&str, &str, &str); 1] = [("/domicile/proof", "住所使用证明", "proof of the domicile")];

/// Another trade name at the place of the old one; a branch is told apart by another quarter.
pub(crate) fn rename(old: &Value, lot: &mut Lot) -> Value {
    let old = old.as_str().unwrap_or_default();
    let parts = company_name::parse(old);
    if let Some(at) = old.find("有限公司").filter(|_| old.ends_with("分公司")) {
        return json!(format!("{}{}分公司", &old[..at + "有限公司".len()], names::quarter(lot)));
    }
    for _ in 0..50 {
        let name = old.replacen(&parts.trade_name, &names::trade_name(lot), 1);
        let before = company_name::check(old, None).problems.len();
        if company_name::check(&name, None).problems.len() <= before {
            return json!(name);
        }
    }
    json!(old)
}

fn add_to_scope(old: &Value, lot: &mut Lot) -> Value {
    let trade = lot.pick(&names::TRADES);
    let (text, industry) = trade.items[lot.index(trade.items.len())];
    let mut scope: Vec<Value> = old.as_array().cloned().unwrap_or_default();
    scope.retain(|item| item["text"] != text);
    scope.insert(0, json!({ "text": text, "industry": industry }));
    json!(scope)
}

/// Objections and the outcome under which the step may raise them.
#[derive(Debug)]
pub(crate) struct Objection {
    pub outcome: String,
    pub findings: Vec<Finding>,
}

/// One or two objections that this step can have to this form; none where it shares nothing that can be corrected.
/// `form` is what the step shares of the form, `element` the element that a branch stands for.
pub(crate) fn object(
    definition: &Definition,
    step: &Step,
    form: &Value,
    element: Option<&Element>,
    lot: &mut Lot,
) -> Option<Objection> {
    let mut possible: Vec<(&Slip, String, &str)> = Vec::new();
    for slip in &SLIPS {
        for pointer in places(slip.pointer, form, element) {
            if !step.shares_pointer(&pointer, element.map(|element| element.at.as_str())) {
                continue;
            }
            if let Some(outcome) = outcome_for(definition, step, &pointer) {
                possible.push((slip, pointer, &outcome.name));
            }
        }
    }
    if possible.is_empty() {
        return None;
    }
    let (first, pointer, outcome) = possible.remove(lot.index(possible.len()));
    let mut findings = vec![found(first, pointer)];
    possible.retain(|(_, _, other)| *other == outcome);
    if lot.chance(0.3) && !possible.is_empty() {
        let (second, pointer, _) = possible.remove(lot.index(possible.len()));
        findings.push(found(second, pointer));
    }
    Some(Objection { outcome: outcome.to_owned(), findings })
}

fn found(slip: &Slip, pointer: String) -> Finding {
    Finding::error(slip.code, Place::Pointer(pointer), slip.zh, slip.en)
}

/// The places of a form that a slip's pointer means.
fn places(pointer: &str, form: &Value, element: Option<&Element>) -> Vec<String> {
    let Some((list, field)) = pointer.split_once("/*") else {
        return form.pointer(pointer).map(|_| pointer.to_owned()).into_iter().collect();
    };
    if let Some(element) = element.filter(|element| element.at.rsplit_once('/').is_some_and(|(above, _)| above == list))
    {
        return element.value.pointer(field).map(|_| format!("{}{field}", element.at)).into_iter().collect();
    }
    let length = form.pointer(list).and_then(Value::as_array).map_or(0, Vec::len);
    (0..length.min(3))
        .map(|index| format!("{list}/{index}{field}"))
        .filter(|place| form.pointer(place).is_some())
        .collect()
}

/// The outcome under which a step may open a place: what a step before it has decided on opens only through an outcome
/// that takes that step back.
fn outcome_for<'d>(definition: &'d Definition, step: &'d Step, pointer: &str) -> Option<&'d Outcome> {
    let after = followers(definition, &step.name);
    let decided = |other: &&Arc<Step>| {
        // What undoes something comes after it, though it needs nothing.
        let before = other.undoes.is_none() && other.name != step.name && !after.contains(other.name.as_str());
        before && decides_on(other, pointer)
    };
    let blocking: BTreeSet<&str> = definition.steps.values().filter(decided).map(|other| other.name.as_str()).collect();
    step.outcomes.values().find(|outcome| match &outcome.effect {
        Effect::Corrects { reopens: None } => blocking.is_empty(),
        Effect::Corrects { reopens: Some(reopening) } => {
            !blocking.is_empty() && blocking.iter().all(|name| reopening.steps.iter().any(|step| step == name))
        }
        _ => false,
    })
}

fn decides_on(step: &Step, pointer: &str) -> bool {
    if let Work::Reserve { at, .. } = &step.work {
        return pointer == at;
    }
    let element = step.for_each.as_ref().and_then(|each| {
        let rest = pointer.strip_prefix(&each.over)?.strip_prefix('/')?;
        Some(format!("{}/{}", each.over, rest.split('/').next()?))
    });
    step.decides_on(pointer, element.as_deref())
}

/// The steps that need a step, directly or through others.
fn followers<'d>(definition: &'d Definition, step: &'d str) -> BTreeSet<&'d str> {
    let mut after = BTreeSet::from([step]);
    for name in &definition.order {
        let Some(other) = definition.steps.get(name) else { continue };
        let any = other.needs_any.iter().flat_map(|any| any.steps.iter());
        if other.needs.iter().map(|need| &need.step).chain(any).any(|need| after.contains(need.as_str())) {
            after.insert(name);
        }
    }
    after.remove(step);
    after
}

/// Changes exactly these places, each to something else that fits. A place that nobody knows how to mend stays. Gives the
/// documents that came with it.
pub(crate) fn mend(form: &mut Value, pointers: &[String], case: u64, lot: &mut Lot) -> Vec<Paper> {
    let mut papers = Vec::new();
    for pointer in pointers {
        if let Some((_, name, what)) = LEFT_OUT.iter().find(|(known, ..)| known == pointer)
            && let Some((above, field)) = pointer.rsplit_once('/')
            && let Some(Value::Object(place)) = form.pointer_mut(above)
        {
            let paper = Paper::new(name, what, case);
            place.insert(field.to_owned(), json!(paper.digest()));
            papers.push(paper);
            continue;
        }
        let Some(slip) = SLIPS.iter().find(|slip| stands_for(slip.pointer, pointer)) else { continue };
        let Some(place) = form.pointer_mut(pointer) else { continue };
        match &slip.mend {
            Mend::Value(mend) => {
                for _ in 0..20 {
                    let new = mend(place, lot);
                    if new != *place {
                        *place = new;
                        break;
                    }
                }
            }
            Mend::Paper(name, what) => {
                let mut paper = Paper::new(name, what, case);
                if *place == paper.digest() {
                    paper = Paper::new(name, &format!("{what}, once more"), case);
                }
                *place = json!(paper.digest());
                papers.push(paper);
            }
        }
    }
    papers
}

/// Whether a slip's pointer means this place.
fn stands_for(pattern: &str, pointer: &str) -> bool {
    let (mut wanted, mut given) = (pattern.split('/'), pointer.split('/'));
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return true,
            (Some("*"), Some(index)) if !index.is_empty() && index.bytes().all(|byte| byte.is_ascii_digit()) => {}
            (Some(wanted), Some(given)) if wanted == given => {}
            _ => return false,
        }
    }
}
