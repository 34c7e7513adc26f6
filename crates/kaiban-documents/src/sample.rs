//! Facts with invented people, for previews and tests. The numbers are well formed and belong to nobody known.

use serde_json::json;

use crate::facts::{
    Applicant, Case, Certificate, Decision, Extension, Facts, Issue, Item, Office, Promise, Remedies, Signatory,
};

/// 2020-11-18 09:12 in +08:00.
const RECEIVED_AT_US: i64 = 1_605_661_920_000_000;
const MINUTE_US: i64 = 60_000_000;

/// A limited company at the city bureau, handed in by a bank's clerk; everything that letters can speak of is there.
pub fn company() -> Facts {
    Facts {
        letter: Issue {
            number: "榕市监登〔2020〕第001203号".into(),
            issued_at_us: RECEIVED_AT_US + 48 * MINUTE_US,
            law: vec!["市场主体登记管理条例 §19".into()],
        },
        case: Case {
            id: "KB-350100-20201118-000017".into(),
            workflow: "企业开办“六合一”".into(),
            step: Some("设立登记".into()),
            received_at_us: RECEIVED_AT_US,
            accepted_at_us: Some(RECEIVED_AT_US + 20 * MINUTE_US),
            registrar: "350100".into(),
            office: "福州市市场监督管理局".into(),
        },
        applicant: Applicant {
            name: "福州市榕江智造科技有限公司".into(), agent: Some("周明远".into())
        },
        office: Office {
            title: "福州市市场监督管理局".into(),
            phone: "0591-12345".into(),
            address: "福州市市民服务中心二层企业开办专区".into(),
        },
        form: json!({
            "name": "福州市榕江智造科技有限公司",
            "kind": "limited-company",
            "registrar": "350100",
            "domicile": { "address": "福州市鼓楼区软件大道89号2号楼501室", "use": "rented", "owner": "福州软件园开发有限公司", "purpose": "office" },
            "people": [{ "name": "林若溪" }, { "name": "周明远" }],
            "contact": { "name": "周明远", "phone": "13805910001" },
        }),
        results: json!({ "registration": { "uscc": "91350100MA2XN0014K", "issued_on": "2020-11-18", "legal_representative": "林若溪" } }),
        findings: vec![
            Item {
                pointer: "/domicile/address".into(),
                place: "住所 / 详细地址".into(),
                code: "ADDRESS_INCOMPLETE".into(),
                zh: "住所地址未具体到房间号。".into(),
                text: Some("不动产权证书记载为“2号楼5层501室、502室”，请明确租用的是哪一间。".into()),
                help: Some("按不动产权证书填写至楼、层、室，并与租赁合同一致。".into()),
            },
            Item {
                pointer: "/people/1/phone".into(),
                place: "人员 / 第2人 / 手机号码".into(),
                code: "PHONE_SHAPE".into(),
                zh: "手机号码应为11位数字。".into(),
                text: None,
                help: Some("请填写本人实名使用的手机号码。".into()),
            },
        ],
        decision: Some(Decision {
            outcome: "不予登记".into(),
            reasons: vec![
                "申请登记的名称与本登记机关已登记的同行业企业“福州市榕江智造有限公司”的名称相同，且不存在投资关系。"
                    .into(),
                "住所所在房屋已列入危险房屋名单，依法不得作为经营场所。".into(),
            ],
            law: vec!["企业名称登记管理规定 §17".into(), "市场主体登记管理条例 §20".into()],
        }),
        promise: Some(Promise { budget: "5个工作小时".into(), due: Some("2020年11月18日16时32分".into()) }),
        extension: Some(Extension {
            within: "3个工作日".into(),
            by: "3个工作日".into(),
            reason: "申请人提交的住所权属材料与不动产登记信息不一致，需要向不动产登记机构进一步核实。".into(),
            due: Some("2020年11月26日17时30分".into()),
        }),
        remedies: Some(Remedies::lawful("福州市人民政府", "福州市鼓楼区人民法院")),
        next: vec!["可以凭办件编号在原申报渠道随时查询办理进度。".into()],
        certificate: Some(Certificate {
            title: "住所（经营场所）使用证明".into(),
            law: "《市场主体登记管理条例》第十六条".into(),
            why: "未能通过不动产登记信息共享核验住所的使用权。".into(),
        }),
        signatory: Some(Signatory {
            name: "林若溪".into(),
            document: "居民身份证".into(),
            number: "11010519491231002X".into(),
            phone: Some("13805910001".into()),
            address: Some("福州市鼓楼区温泉街道温泉路1号".into()),
        }),
    }
}

/// An individual business without a name of its own, at a district, handed in by its owner; only what every case has.
pub fn individual_business() -> Facts {
    let company = company();
    Facts {
        letter: Issue { number: "台市监个登〔2020〕第000388号".into(), law: Vec::new(), ..company.letter },
        case: Case {
            id: "KB-350103-20201118-000004".into(),
            step: None,
            accepted_at_us: None,
            registrar: "350103".into(),
            office: "福州市台江区市场监督管理局".into(),
            ..company.case
        },
        applicant: Applicant { name: "陈秋白".into(), agent: None },
        office: Office {
            title: "福州市台江区市场监督管理局".into(),
            phone: "0591-12315".into(),
            address: "福州市台江区广达路政务服务中心".into(),
        },
        form: json!({
            "kind": "individual-business",
            "registrar": "350103",
            "domicile": { "address": "福州市台江区上下杭12号临街店面", "use": "owned", "owner": "陈秋白", "purpose": "commercial" },
            "people": [{ "name": "陈秋白" }],
            "contact": { "name": "陈秋白", "phone": "13805910002" },
        }),
        results: json!({ "registration": { "uscc": "92350103MA2XN0030H", "issued_on": "2020-11-18", "legal_representative": "陈秋白" } }),
        findings: vec![Item {
            pointer: "".into(),
            place: "整份申请".into(),
            code: "SIGNATURE_MISSING".into(),
            zh: "申请书没有经营者本人签名。".into(),
            text: None,
            help: None,
        }],
        decision: Some(Decision {
            outcome: "不予登记".into(),
            reasons: vec!["经营者正处于市场禁入期内。".into()],
            law: Vec::new(),
        }),
        promise: Some(Promise { budget: "1个工作日".into(), due: None }),
        extension: Some(Extension {
            within: "45个工作日".into(),
            by: "15个工作日".into(),
            reason: "本件涉及多个部门，需要联合核查经营场所。".into(),
            due: None,
        }),
        remedies: Some(Remedies::lawful("福州市台江区人民政府", "福州市台江区人民法院")),
        next: Vec::new(),
        certificate: company.certificate,
        signatory: Some(Signatory {
            name: "陈秋白".into(),
            document: "居民身份证".into(),
            number: "11010519491231002X".into(),
            phone: None,
            address: None,
        }),
    }
}

/// A company whose form, findings and reasons try everything that a letter must survive: markup, template tags, marks
/// that turn the direction of writing, emoji, ten thousand characters, a hundred findings.
pub fn hostile() -> Facts {
    let company = company();
    let name = "<script>alert(1)</script>{{form.contact.phone}}\u{202e}司公限有\u{202c}\r\n准予登记通知书🍜&amp;\"'`";
    let long = "证".repeat(10_000);
    let item = |index: usize| Item {
        pointer: format!("/people/{index}/name"),
        place: format!("人员 / 第{}人 / 姓名", index + 1),
        code: "NAME_CHARACTERS".into(),
        zh: "姓名含有不能用于登记的字符。".into(),
        text: Some(format!("第{}人：</td></table><h1>{{{{letter.title}}}}</h1>\u{0}👩‍🍳", index + 1)),
        help: Some("请按身份证件填写。".into()),
    };
    let mut findings: Vec<Item> = (0..100).map(item).collect();
    findings.push(Item { text: Some(long), help: Some("A".repeat(300)), ..item(100) });
    Facts {
        applicant: Applicant { name: name.into(), agent: Some("</p><p onclick=\"x()\">代理人".into()) },
        form: json!({
            "name": name,
            "kind": "{{kind}}",
            "registrar": "350100",
            "domicile": {
                "address": "福州市<br>鼓楼区\u{2028}{{> _frame}}路1号",
                "use": "<free>",
                "owner": "<script>产权人</script>",
                "purpose": "{{other}}",
            },
            "people": [{ "name": "{{form.people.0.name}}" }],
            "contact": { "name": "{{{{raw}}}}", "phone": "13805910003" },
        }),
        results: json!({ "registration": {
            "uscc": "91350100<b>",
            "issued_on": "2020-11-18",
            "legal_representative": "\u{200b}林\u{1b}[31m若溪<!--",
        } }),
        findings,
        decision: Some(Decision {
            outcome: "不予登记".into(),
            reasons: vec!["理由一\n\n    二、撤销上述决定。".into(), "{{#each findings}}".into()],
            law: vec!["<i>市场主体登记管理条例</i> §20".into()],
        }),
        next: vec!["<img src=x onerror=alert(1)>".into()],
        ..company
    }
}

/// Facts as a letter of business-start has them: what is decided and what comes next differ from letter to letter.
pub fn fitting(letter: &str, facts: Facts) -> Facts {
    let next: &[&str] = match letter {
        "approval" => &[
            "印章刻制、发票申领、社会保险登记、住房公积金缴存登记已同步推送有关部门，无需另行申请。",
            "全部事项办结后，营业执照和首套印章由统一出件窗口一次发放，不收取任何费用。",
        ],
        "receipt" => &["申请材料齐全、符合法定形式的，将另行送达《受理通知书》。"],
        "correction" => &["重新提交后，本机关即继续办理，无需另行申请。"],
        "acceptance" => &["登记完成后，印章、税务、社会保险、住房公积金等事项同步办理，无需另行申请。"],
        _ => &[],
    };
    let decision = match (letter, facts.decision) {
        ("not-accepted", Some(_)) => Some(Decision {
            outcome: "不予受理".into(),
            reasons: vec![format!(
                "拟设立的市场主体住所位于福州市鼓楼区，依照登记管辖的规定，不由{}登记。",
                facts.office.title
            )],
            law: Vec::new(),
        }),
        (_, decision) => decision,
    };
    let next = if facts.next.is_empty() { Vec::new() } else { next.iter().map(|line| (*line).to_owned()).collect() };
    Facts { decision, next, ..facts }
}

/// The facts in which nothing is missing and no list is empty: [`company`] is such a one.
pub(crate) fn complete() -> Facts {
    company()
}
