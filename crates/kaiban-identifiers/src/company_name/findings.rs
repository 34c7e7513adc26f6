//! The texts on names. They quote words of the law's lists and single characters, never the name.

use kaiban_findings::{Finding, Place};

use super::bans::Ban;
use super::forms;
use crate::{EntityKind, codes};

pub(super) fn empty() -> Finding {
    error(codes::NAME_EMPTY, "名称为空。", "There is no name.")
}

pub(super) fn too_long(limit: usize) -> Finding {
    error(
        codes::NAME_TOO_LONG,
        format!("名称不得超过 {limit} 个字。"),
        format!("A name has at most {limit} characters."),
    )
}

pub(super) fn spaces() -> Finding {
    error(codes::SEPARATOR, "名称中含有空格或不可见字符。", "The name has spaces or invisible characters.")
        .with_help("请连续书写。", "Write it without them.")
}

pub(super) fn half_width_brackets() -> Finding {
    doubt(
        codes::HALF_WIDTH_BRACKETS,
        "名称中的括号应使用全角。",
        "Brackets in a name are the Chinese, full-width ones.",
    )
}

/// `places` from 1.
pub(super) fn foreign_characters(places: &[usize]) -> Finding {
    error(
        codes::NAME_CHARACTER,
        format!("名称应当使用规范汉字，第 {} 个字符不是汉字。", list(places, "、")),
        format!("A name has standard Chinese characters only; that at {} is none.", list(places, ", ")),
    )
    .with_help(
        "字母、阿拉伯数字、标点和表情符号不得使用（企业名称登记管理规定第八条）。",
        "Letters, digits, punctuation and emoji may not be used (企业名称登记管理规定 §8).",
    )
}

pub(super) fn traditional_characters(found: &[(usize, char)]) -> Finding {
    let places: Vec<usize> = found.iter().map(|(place, _)| *place).collect();
    let standard = found.iter().map(|(_, standard)| format!("“{standard}”")).collect::<Vec<_>>().join("、");
    error(
        codes::TRADITIONAL_CHARACTER,
        format!("第 {} 个字是繁体字或异体字。", list(&places, "、")),
        format!("The character at {} is a traditional or variant form.", list(&places, ", ")),
    )
    .with_help(format!("对应的规范字依次为{standard}。"), format!("The standard forms are, in order, {standard}."))
}

pub(super) fn rare_characters(places: &[usize]) -> Finding {
    doubt(
        codes::RARE_CHARACTER,
        format!("第 {} 个字较为生僻，请核对是否属于《通用规范汉字表》。", list(places, "、")),
        format!("The character at {} is rare: see whether 通用规范汉字表 has it.", list(places, ", ")),
    )
}

pub(super) fn broken_brackets() -> Finding {
    error(codes::BRACKETS, "名称中的括号不成对。", "The brackets in the name do not come in pairs.")
}

pub(super) fn strange_brackets() -> Finding {
    doubt(
        codes::BRACKETS,
        "括号内既不是行政区划，也不是责任形式。",
        "The brackets have neither a division nor a form of liability in them.",
    )
}

pub(super) fn no_form(kind: Option<EntityKind>) -> Finding {
    let usual = forms::usual(kind.unwrap_or(EntityKind::LimitedCompany));
    error(codes::FORM_MISSING, "名称末尾没有组织形式。", "The name does not end in a form of organisation.")
        .with_help(format!("通常使用：{usual}。"), format!("Usual forms: {usual}."))
}

pub(super) fn form_of_other_kind(kind: EntityKind) -> Finding {
    let (title, usual) = (kind.title(), forms::usual(kind));
    error(
        codes::FORM_OF_OTHER_KIND,
        format!("名称的组织形式与主体类型（{title}）不符。"),
        format!("The form of organisation does not belong to this kind of business ({}).", kind.name()),
    )
    .with_help(format!("{title}通常使用：{usual}。"), format!("Usual forms: {usual}."))
}

pub(super) fn no_liability(kind: EntityKind) -> Finding {
    error(
        codes::LIABILITY_MISSING,
        "合伙企业名称中应当标明责任形式。",
        "The name of a partnership must show its liability.",
    )
    .with_help(
        match kind {
            EntityKind::LimitedPartnership => "请在末尾写明“（有限合伙）”（合伙企业法第六十二条）。",
            EntityKind::SpecialGeneralPartnership => "请在末尾写明“（特殊普通合伙）”（合伙企业法第五十六条）。",
            _ => "请在末尾写明“（普通合伙）”（合伙企业法第十五条）。",
        },
        "It ends in （普通合伙）, （特殊普通合伙） or （有限合伙） (合伙企业法 §15, §56, §62).",
    )
}

pub(super) fn bare_company() -> Finding {
    error(
        codes::LIABILITY_MISSING,
        "公司名称应当标明“有限责任公司”“有限公司”或者“股份有限公司”“股份公司”。",
        "A company's name must show 有限责任公司, 有限公司, 股份有限公司 or 股份公司.",
    )
    .with_help("公司法第七条。", "Companies Law §7.")
}

pub(super) fn branch_without_parent() -> Finding {
    error(
        codes::BRANCH_WITHOUT_PARENT,
        "分支机构名称应当冠以所从属企业的完整名称，并缀以“分公司”“分厂”“分店”等字词。",
        "A branch's name begins with the whole name of its enterprise and ends in 分公司, 分厂, 分店 or the like.",
    )
    .with_help("企业名称登记管理规定第十三条。", "企业名称登记管理规定 §13.")
}

pub(super) fn short_trade_name() -> Finding {
    error(codes::TRADE_NAME_SHORT, "字号应当由两个以上汉字组成。", "The trade name has two Chinese characters or more.")
        .with_help(
            "请在行政区划之后、行业之前写明字号（企业名称登记管理规定第八条）。",
            "It stands between the division and the line of business (企业名称登记管理规定 §8).",
        )
}

pub(super) fn trade_name_is_division() -> Finding {
    doubt(
        codes::TRADE_NAME_IS_DIVISION,
        "县级以上地方行政区划名称不得作为字号，另有含义的除外。",
        "The name of a division of county level or above is no trade name, unless it has another meaning.",
    )
}

pub(super) fn trade_name_is_industry() -> Finding {
    doubt(
        codes::TRADE_NAME_IS_INDUSTRY,
        "行业或者经营特点不得作为字号，另有含义的除外。",
        "A line of business is no trade name, unless it has another meaning.",
    )
}

pub(super) fn no_industry() -> Finding {
    doubt(
        codes::INDUSTRY_NOT_RECOGNISED,
        "名称中没有识别出行业或者经营特点。",
        "No line of business was recognised in the name.",
    )
    .with_help(
        "只有跨行业综合经营的企业可以不写（企业名称登记管理规定第六条）。",
        "Only a business across several lines may leave it out (企业名称登记管理规定 §6).",
    )
}

pub(super) fn no_division() -> Finding {
    doubt(codes::NO_DIVISION, "名称中没有行政区划。", "The name has no division.").with_help(
        "只有跨省、自治区、直辖市经营的企业可以不写（企业名称登记管理规定第六条）。",
        "Only a business across several provinces may leave it out (企业名称登记管理规定 §6).",
    )
}

pub(super) fn district_alone() -> Finding {
    error(
        codes::DISTRICT_WITHOUT_CITY,
        "市辖区名称应当同时冠以其所属的设区的市的名称。",
        "A district's name follows that of its city.",
    )
    .with_help("如“福州市鼓楼区”（企业名称登记管理规定第七条）。", "As in 福州市鼓楼区 (企业名称登记管理规定 §7).")
}

pub(super) fn zone_alone() -> Finding {
    error(
        codes::ZONE_WITHOUT_DIVISION,
        "开发区等区域名称应当与行政区划名称连用，不得单独使用。",
        "The name of a development zone follows that of a division.",
    )
    .with_help("企业名称登记管理规定第七条。", "企业名称登记管理规定 §7.")
}

pub(super) fn division_elsewhere() -> Finding {
    error(
        codes::DIVISION_ELSEWHERE,
        "名称中的行政区划不是登记机关所在地的行政区划。",
        "The division in the name is not where the registrar is.",
    )
    .with_help("企业名称登记管理规定第七条。", "企业名称登记管理规定 §7.")
}

pub(super) fn group() -> Finding {
    doubt(
        codes::GROUP_WORD,
        "使用“集团”字样须有企业集团，由其母公司使用。",
        "集团 is for the parent company of a group of enterprises.",
    )
}

pub(super) fn banned(ban: Ban, word: &str, certain: bool) -> Finding {
    let (item, zh, en) = match ban {
        Ban::State => ("一", "损害国家尊严或者利益", "the dignity or interests of the state"),
        Ban::Order => ("二", "损害社会公共利益或者妨碍社会公共秩序", "public interest or order"),
        Ban::Organs => {
            ("三", "政党、党政军机关、群团组织的名称", "parties, organs of state or army, mass organisations")
        }
        Ban::Countries => {
            ("四", "外国国家（地区）、国际组织的名称", "foreign countries and international organisations")
        }
        Ban::Vice => {
            ("五", "淫秽、色情、赌博、迷信、恐怖、暴力的内容", "obscenity, gambling, superstition, terror or violence")
        }
        Ban::Discrimination => ("六", "民族、种族、宗教、性别歧视的内容", "discrimination"),
        Ban::Morals => ("七", "违背公序良俗", "public morals"),
        Ban::Misleading => ("八", "可能使公众受骗或者产生误解", "misleading the public"),
    };
    let (zh, en) = (
        format!("名称含有“{word}”，涉及企业名称登记管理规定第十一条第（{item}）项：{zh}。"),
        format!("The name has “{word}” in it; 企业名称登记管理规定 §11 bars it: {en}."),
    );
    let help = ("如另有含义，请向登记机关说明。", "If it means something else, tell the registrar.");
    let finding = if certain { error(codes::BANNED_WORD, zh, en) } else { doubt(codes::BANNED_WORD, zh, en) };
    finding.with_help(help.0, help.1)
}

pub(super) fn national(word: &str, in_front: bool) -> Finding {
    if in_front {
        return error(
            codes::NATIONAL_WORD,
            format!("名称冠以“{word}”，须报国务院批准。"),
            format!("A name that begins with {word} needs the approval of the State Council."),
        )
        .with_help("企业名称登记管理规定第十二条。", "企业名称登记管理规定 §12.");
    }
    doubt(
        codes::NATIONAL_WORD,
        format!("名称中间含有“{word}”，该字词应当是行业限定语。"),
        format!("Within a name {word} may only describe the line of business."),
    )
    .with_help("企业名称登记管理规定第十二条。", "企业名称登记管理规定 §12.")
}

fn list(places: &[usize], comma: &str) -> String {
    /// More are not listed.
    const SHOWN_MAX: usize = 10;
    let shown = places.iter().take(SHOWN_MAX).map(usize::to_string).collect::<Vec<_>>().join(comma);
    if places.len() > SHOWN_MAX { shown + "…" } else { shown }
}

fn error(code: &'static str, zh: impl Into<String>, en: impl Into<String>) -> Finding {
    Finding::error(code, Place::Whole, zh, en)
}

fn doubt(code: &'static str, zh: impl Into<String>, en: impl Into<String>) -> Finding {
    Finding::doubt(code, Place::Whole, zh, en)
}
