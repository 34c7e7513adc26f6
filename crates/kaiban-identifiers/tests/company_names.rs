//! Names as people write them: taken apart, judged, compared.

use kaiban_findings::Finding;
use kaiban_identifiers::company_name::{self, Likeness, Sameness, Similarity};
use kaiban_identifiers::{Class, EntityKind};

fn parts(name: &str) -> [String; 4] {
    let parts = company_name::parse(name);
    [
        parts.division.unwrap_or_default(),
        parts.trade_name,
        parts.industry.unwrap_or_default(),
        parts.form.unwrap_or_default() + &parts.branch.unwrap_or_default(),
    ]
}

/// Codes of errors as they are, of doubts in lower case.
fn found(problems: &[Finding]) -> Vec<String> {
    let shown =
        |problem: &Finding| if problem.is_error() { problem.code.to_string() } else { problem.code.to_lowercase() };
    problems.iter().map(shown).collect()
}

fn codes_of(name: &str, kind: EntityKind) -> Vec<String> {
    found(&company_name::check(name, Some(kind)).problems)
}

#[test]
fn names_are_taken_apart() {
    for (name, expected) in [
        ("福州市鼓楼区榕光信息技术有限公司", ["福州市鼓楼区", "榕光", "信息技术", "有限公司"]),
        ("福州榕光科技有限责任公司", ["福州", "榕光", "科技", "有限责任公司"]),
        ("福建恒跃机械有限公司", ["福建", "恒跃", "机械", "有限公司"]),
        ("福建省榕光实业股份有限公司", ["福建省", "榕光", "实业", "股份有限公司"]),
        ("红光（北京）酒业发展有限公司", ["北京", "红光", "酒业发展", "有限公司"]),
        ("榕光玻璃工业(福州)有限公司", ["福州", "榕光", "玻璃工业", "有限公司"]),
        ("福州榕光（福建）科技有限公司", ["福州", "榕光", "科技", "有限公司"]),
        ("福州青榕样例贸易有限公司", ["福州", "青榕样例", "贸易", "有限公司"]),
        ("福州榕光量子雷达设备有限公司", ["福州", "榕光量子雷达", "设备", "有限公司"]),
        ("闽侯县榕光农业开发有限公司", ["闽侯县", "榕光", "农业开发", "有限公司"]),
        ("福清源贸易有限公司", ["", "福清源", "贸易", "有限公司"]),
        ("福州市鼓楼区阿明小吃店", ["福州市鼓楼区", "阿明", "小吃", "店"]),
        ("福州市台江区榕源商行", ["福州市台江区", "榕源", "商", "行"]),
        ("福州市仓山区林记饭店", ["福州市仓山区", "林记", "饭", "店"]),
        ("福州榕光股权投资合伙企业（有限合伙）", ["福州", "榕光", "股权投资", "合伙企业（有限合伙）"]),
        ("福州榕光会计师事务所（特殊普通合伙）", ["福州", "榕光", "会计师", "事务所（特殊普通合伙）"]),
        ("福州榕光咨询中心（个人独资）", ["福州", "榕光", "咨询", "中心（个人独资）"]),
        ("福清市榕光水产养殖专业合作社", ["福清市", "榕光", "水产养殖", "专业合作社"]),
        ("北京榕光科技有限公司福州分公司", ["北京", "榕光", "科技", "有限公司福州分公司"]),
        ("北京市海淀区榕光科技有限公司", ["北京市海淀区", "榕光", "科技", "有限公司"]),
        ("福州榕光集团有限公司", ["福州", "榕光", "", "有限公司"]),
        ("", ["", "", "", ""]),
    ] {
        assert_eq!(parts(name), expected, "{name}");
    }
}

#[test]
fn names_that_follow_the_rules_have_no_findings() {
    for (kind, name) in [
        (EntityKind::LimitedCompany, "福州市鼓楼区榕光信息技术有限公司"),
        (EntityKind::LimitedCompany, "榕光（福州）贸易有限责任公司"),
        (EntityKind::JointStockCompany, "福建榕光纺织股份有限公司"),
        (EntityKind::JointStockCompany, "福州榕光软件股份公司"),
        (EntityKind::SoleProprietorship, "福州市晋安区榕光商务咨询中心（个人独资）"),
        (EntityKind::SoleProprietorship, "福州市晋安区榕光设计工作室"),
        (EntityKind::GeneralPartnership, "福州榕光餐饮管理合伙企业（普通合伙）"),
        (EntityKind::SpecialGeneralPartnership, "福州榕光会计师事务所（特殊普通合伙）"),
        (EntityKind::LimitedPartnership, "平潭榕光股权投资合伙企业（有限合伙）"),
        (EntityKind::IndividualBusiness, "福州市鼓楼区阿明小吃店"),
        (EntityKind::IndividualBusiness, "福清市榕源商行"),
        (EntityKind::Cooperative, "闽清县榕光果业专业合作社"),
        (EntityKind::Branch, "福建榕光物流有限公司福州分公司"),
    ] {
        let checked = company_name::check(name, Some(kind));
        assert_eq!(found(&checked.problems), [""; 0], "{name}");
        assert_eq!((checked.class, checked.valid()), (Some(Class::CompanyName(kind)), true), "{name}");
    }
}

#[test]
fn the_form_belongs_to_the_kind() {
    use EntityKind::*;
    for (kind, name, expected) in [
        (LimitedCompany, "福州榕光科技股份有限公司", "FORM_OF_OTHER_KIND"),
        (JointStockCompany, "福州榕光科技有限公司", "FORM_OF_OTHER_KIND"),
        (LimitedCompany, "福州榕光科技公司", "LIABILITY_MISSING"),
        (LimitedCompany, "福州榕光科技", "FORM_MISSING"),
        (SoleProprietorship, "福州榕光科技有限公司", "FORM_OF_OTHER_KIND"),
        (IndividualBusiness, "福州榕光科技公司", "FORM_OF_OTHER_KIND"),
        (IndividualBusiness, "福州榕光水产专业合作社", "FORM_OF_OTHER_KIND"),
        (IndividualBusiness, "福州榕光水产企业", "FORM_OF_OTHER_KIND"),
        (LimitedPartnership, "福州榕光投资合伙企业", "LIABILITY_MISSING"),
        (LimitedPartnership, "福州榕光投资合伙企业（普通合伙）", "FORM_OF_OTHER_KIND"),
        (GeneralPartnership, "福州榕光投资有限公司（普通合伙）", "FORM_OF_OTHER_KIND"),
        (Cooperative, "福州榕光果业有限公司", "FORM_OF_OTHER_KIND"),
        (Branch, "福州榕光果业有限公司", "BRANCH_WITHOUT_PARENT"),
        (Branch, "福州榕光分公司", "BRANCH_WITHOUT_PARENT"),
        (LimitedCompany, "福州榕光果业有限公司闽侯分公司", "FORM_OF_OTHER_KIND"),
    ] {
        let errors: Vec<String> =
            codes_of(name, kind).into_iter().filter(|code| *code == code.to_uppercase()).collect();
        assert_eq!(errors, [expected], "{name}");
    }
}

#[test]
fn divisions_stand_as_the_rules_have_it() {
    let company = EntityKind::LimitedCompany;
    assert_eq!(codes_of("鼓楼区榕光科技有限公司", company), ["DISTRICT_WITHOUT_CITY"]);
    assert_eq!(codes_of("高新区榕光科技有限公司", company), ["ZONE_WITHOUT_DIVISION"]);
    assert_eq!(codes_of("榕光科技有限公司", company), ["no_division"]);
    assert_eq!(codes_of("福州高新区榕光科技有限公司", company), [""; 0]);
    let at = |name: &str, registrar: &str| {
        found(&company_name::check_at(name, Some(EntityKind::LimitedCompany), Some(registrar)).problems)
    };
    assert_eq!(at("福州市台江区榕光科技有限公司", "350102"), ["DIVISION_ELSEWHERE"]);
    assert_eq!(at("厦门榕光科技有限公司", "350100"), ["DIVISION_ELSEWHERE"]);
    assert_eq!(at("福州市台江区榕光科技有限公司", "350100"), [""; 0]);
    for name in ["福州榕光科技有限公司", "福建榕光科技有限公司", "福州市鼓楼区榕光科技有限公司"]
    {
        assert_eq!(at(name, "350102"), [""; 0], "{name}");
    }
    assert_eq!(at("福清榕光科技有限公司", "350181"), [""; 0]);
    assert_eq!(at("福清榕光科技有限公司", "350128"), ["DIVISION_ELSEWHERE"]);
}

#[test]
fn trade_names_have_two_characters_and_a_meaning_of_their_own() {
    let company = EntityKind::LimitedCompany;
    assert_eq!(codes_of("福州有限公司", company), ["TRADE_NAME_SHORT", "industry_not_recognised"]);
    assert_eq!(codes_of("福州市鼓楼区榕有限公司", company), ["TRADE_NAME_SHORT", "industry_not_recognised"]);
    assert_eq!(codes_of("福州昆明贸易有限公司", company), ["trade_name_is_division"]);
    assert_eq!(codes_of("福州机械贸易有限公司", company), ["trade_name_is_industry"]);
    assert_eq!(codes_of("福州榕光集团有限公司", company), ["industry_not_recognised", "group_word"]);
}

#[test]
fn only_standard_characters_are_used() {
    let company = EntityKind::LimitedCompany;
    for (name, expected) in [
        ("福州榕光ABC科技有限公司", "NAME_CHARACTER"),
        ("福州榕光3科技有限公司", "NAME_CHARACTER"),
        ("福州榕光😀科技有限公司", "NAME_CHARACTER"),
        ("福州榕光·科技有限公司", "NAME_CHARACTER"),
        ("福州榕開科技有限公司", "TRADITIONAL_CHARACTER"),
        ("福州榕堃科技有限公司", "rare_character"),
        ("福州榕光（科技有限公司", "BRACKETS"),
    ] {
        assert_eq!(codes_of(name, company), [expected], "{name}");
    }
    let checked = company_name::check("福州榕開國科技有限公司", None);
    assert_eq!(checked.problems[0].message.zh, "第 4、5 个字是繁体字或异体字。");
    assert_eq!(checked.problems[0].help.as_ref().unwrap().zh, "对应的规范字依次为“开”、“国”。");

    let checked = company_name::check(" 榕光(福州) 科技有限公司", None);
    assert_eq!(found(&checked.problems), ["SEPARATOR", "half_width_brackets"]);
    assert_eq!(checked.normalized.as_deref(), Some("榕光（福州）科技有限公司"));
    assert!(!checked.valid());
    assert_eq!(found(&company_name::check("", None).problems), ["NAME_EMPTY"]);
    assert_eq!(found(&company_name::check(&"榕".repeat(101), None).problems), ["NAME_TOO_LONG"]);
}

#[test]
fn barred_words_are_told_and_harmless_ones_doubted_at_most() {
    let company = EntityKind::LimitedCompany;
    for (name, expected) in [
        ("中国榕光科技有限公司", vec!["no_division", "NATIONAL_WORD"]),
        ("中华榕光科技有限公司", vec!["no_division", "NATIONAL_WORD"]),
        ("全国榕光科技有限公司", vec!["no_division", "NATIONAL_WORD"]),
        ("福州国家榕光科技有限公司", vec!["NATIONAL_WORD"]),
        ("榕光（中国）科技有限公司", vec!["brackets", "no_division", "national_word"]),
        ("福州爱国家居有限公司", vec!["national_word"]),
        ("福州共产党科技有限公司", vec!["BANNED_WORD"]),
        ("福州公安科技有限公司", vec!["BANNED_WORD"]),
        ("福州美国科技有限公司", vec!["BANNED_WORD"]),
        ("福州今日本草科技有限公司", vec!["banned_word"]),
        ("福州日本料理有限公司", vec!["banned_word"]),
        ("福州赌博科技有限公司", vec!["BANNED_WORD"]),
        ("福州国家级科技有限公司", vec!["BANNED_WORD"]),
        ("福州最佳科技有限公司", vec!["BANNED_WORD"]),
    ] {
        assert_eq!(codes_of(name, company), expected, "{name}");
    }
}

#[test]
fn everything_wrong_is_told_at_once() {
    assert_eq!(
        codes_of("鼓楼区中国X公司 ", EntityKind::LimitedCompany),
        [
            "SEPARATOR",
            "NAME_CHARACTER",
            "LIABILITY_MISSING",
            "DISTRICT_WITHOUT_CITY",
            "industry_not_recognised",
            "NATIONAL_WORD"
        ]
    );
}

#[test]
fn names_are_compared_as_the_rules_of_2017_have_it() {
    use Likeness::{Different, Same, Similar};
    for (a, b, expected) in [
        ("福州榕光科技有限公司", "福州榕光科技有限公司", Same(Sameness::Identical)),
        ("榕光(福州)科技有限公司", "榕光（福州）科技有限公司", Same(Sameness::Identical)),
        ("北京红光酒业发展有限公司", "红光（北京）酒业发展有限公司", Same(Sameness::Order)),
        ("北京红光酒业有限公司", "红光酒业有限公司", Same(Sameness::TradeNameAndIndustry)),
        ("北京红光酒业有限公司", "北京红光酒厂", Same(Sameness::TradeNameAndIndustry)),
        ("福州市鼓楼区榕光贸易有限公司", "福州榕光贸易股份有限公司", Same(Sameness::TradeNameAndIndustry)),
        ("福州榕光贸易有限公司", "福州榕光有限公司", Same(Sameness::NoIndustry)),
        ("福州榕光有限公司", "福州榕光贸易有限公司", Similar(Similarity::NoIndustry)),
        ("万青地产有限公司", "万青房地产有限公司", Similar(Similarity::SynonymousIndustry)),
        ("万青地产有限公司", "万青置业有限公司", Similar(Similarity::SynonymousIndustry)),
        ("北京牛栏山酒业有限公司", "北京牛兰山酒业有限公司", Similar(Similarity::SameSound)),
        ("北京牛栏山酒业有限公司", "北京牛蓝山白酒有限公司", Similar(Similarity::SameSound)),
        ("福州福源贸易有限公司", "福州富源商贸有限公司", Similar(Similarity::SameSoundExceptTones)),
        ("北京阿里巴巴网络科技有限公司", "北京阿里巴巴巴巴网络科技有限公司", Similar(Similarity::Contained)),
        ("福州榕光贸易有限公司", "福州榕光餐饮有限公司", Different),
        ("福州榕光贸易有限公司", "福州榕溪贸易有限公司", Different),
        ("福州鑫源贸易有限公司", "福州欣源餐饮有限公司", Different),
        ("福州榕光贸易有限公司", "福州榕光贸易有限公司闽侯分公司", Different),
    ] {
        assert_eq!(company_name::compare(a, b), expected, "{a} {b}");
    }
}

#[test]
fn the_key_is_what_same_names_have_in_common() {
    let names = [
        "北京红光酒业有限公司",
        "红光酒业有限公司",
        "红光（福州）酒业有限责任公司",
        "北京红光酒厂",
        "红光贸易有限公司",
        "红光商贸有限公司",
        "红光有限公司",
        "福州红光（福建）酒业有限公司",
        "红光酒业有限公司福州分公司",
    ];
    for a in names {
        for b in names {
            let same = matches!(
                company_name::compare(a, b),
                Likeness::Same(Sameness::Identical | Sameness::Order | Sameness::TradeNameAndIndustry)
            );
            assert_eq!(company_name::name_key(a) == company_name::name_key(b), same, "{a} {b}");
        }
    }
    assert_eq!(company_name::name_key("福州市鼓楼区榕光信息技术有限公司"), "榕光|信息技术");
    assert_eq!(company_name::bare_name_key("福州市鼓楼区榕光信息技术有限公司"), company_name::name_key("榕光有限公司"));
}
