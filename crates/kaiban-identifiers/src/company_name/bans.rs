//! Words that names may not have (企业名称登记管理规定 §11, §12). A list can only know the plain cases; what a name alludes to is
//! for a person to judge. A word that may be part of harmless ones is doubted unless the trade name begins with it.

use super::findings;
use super::parts::Reading;
use kaiban_findings::Finding;

/// The item of §11 that a word falls under.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ban {
    /// Item 1: dignity and interests of the state, with the names of its leaders (企业名称禁限用规则).
    State,
    /// Item 2: public interest and order.
    Order,
    /// Item 3: parties, organs of party, government and army, mass organisations.
    Organs,
    /// Item 4: foreign countries and international organisations.
    Countries,
    /// Item 5: obscenity, gambling, superstition, terror, violence.
    Vice,
    /// Item 6: discrimination.
    Discrimination,
    /// Item 7: public morals.
    Morals,
    /// Item 8: misleading the public.
    Misleading,
}

const WORDS: [(Ban, &[&str]); 8] = [
    (
        Ban::State,
        &[
            "支那",
            "台独",
            "藏独",
            "疆独",
            "港独",
            "福尔摩萨",
            "毛泽东",
            "周恩来",
            "刘少奇",
            "朱德",
            "邓小平",
            "陈云",
            "江泽民",
            "胡锦涛",
            "习近平",
            "国旗",
            "国徽",
            "国歌",
            "董存瑞",
            "黄继光",
            "邱少云",
            "雷锋",
        ],
    ),
    (Ban::Order, &["占中", "邪教", "法轮", "暴动", "九一一", "黑社会", "黑帮", "洗钱", "走私", "地下钱庄"]),
    (
        Ban::Organs,
        &[
            "共产党",
            "中共",
            "党中央",
            "党委",
            "纪委",
            "民革",
            "民盟",
            "民建",
            "民进",
            "农工党",
            "致公党",
            "九三学社",
            "台盟",
            "国民党",
            "人大常委",
            "人民代表大会",
            "政协",
            "国务院",
            "人民政府",
            "市政府",
            "省政府",
            "公安",
            "检察院",
            "法院",
            "司法局",
            "国安局",
            "税务局",
            "市场监督管理局",
            "工商局",
            "解放军",
            "武警",
            "部队",
            "八一军",
            "共青团",
            "妇联",
            "总工会",
            "工商联",
            "残联",
            "红十字",
            "科协",
            "文联",
            "侨联",
        ],
    ),
    (
        Ban::Countries,
        &[
            "美国",
            "英国",
            "法国",
            "德国",
            "日本",
            "韩国",
            "朝鲜",
            "俄罗斯",
            "苏联",
            "印度",
            "加拿大",
            "澳大利亚",
            "新西兰",
            "意大利",
            "西班牙",
            "葡萄牙",
            "荷兰",
            "瑞士",
            "瑞典",
            "挪威",
            "芬兰",
            "丹麦",
            "奥地利",
            "比利时",
            "希腊",
            "波兰",
            "巴西",
            "阿根廷",
            "墨西哥",
            "埃及",
            "南非",
            "土耳其",
            "伊朗",
            "伊拉克",
            "以色列",
            "沙特",
            "越南",
            "泰国",
            "缅甸",
            "老挝",
            "柬埔寨",
            "菲律宾",
            "马来西亚",
            "新加坡",
            "印度尼西亚",
            "印尼",
            "蒙古国",
            "巴基斯坦",
            "乌克兰",
            "联合国",
            "欧盟",
            "北约",
            "世界贸易组织",
            "世贸组织",
            "世界卫生组织",
            "国际货币基金",
            "世界银行",
            "国际刑警",
            "大和民族",
        ],
    ),
    (
        Ban::Vice,
        &[
            "色情",
            "淫秽",
            "情色",
            "嫖",
            "妓",
            "裸体",
            "赌博",
            "赌场",
            "赌城",
            "博彩",
            "六合彩",
            "推牌九",
            "老虎机",
            "算命",
            "占卜",
            "风水",
            "巫师",
            "鬼神",
            "驱邪",
            "恐怖",
            "暴力",
            "屠杀",
            "杀人",
            "军火",
            "毒品",
            "海洛因",
            "大麻",
            "冰毒",
            "鸦片",
            "妻妾成群",
            "黑太阳",
        ],
    ),
    (Ban::Discrimination, &["鬼子", "蛮夷", "黑鬼", "洋鬼", "倭", "鞑子", "贱民", "种族优越"]),
    (Ban::Morals, &["大地主", "小三", "二奶", "包养", "他妈", "操你", "混蛋", "流氓", "变态", "屌", "去死"]),
    (
        Ban::Misleading,
        &[
            "国家级",
            "最高级",
            "最佳",
            "第一品牌",
            "顶级",
            "驰名商标",
            "著名商标",
            "免检",
            "特供",
            "专供",
            "国宴",
            "央企",
            "国企",
            "国资",
            "上市公司",
            "世界五百强",
            "官方",
            "国营",
        ],
    ),
];

/// Words of §12: in front they need the State Council's approval; within a name they may only describe the line of business.
const NATIONAL: [&str; 5] = ["中国", "中华", "中央", "全国", "国家"];

/// Words that make a country's name a kind of cooking or of goods.
const CUISINE: [&str; 8] = ["料理", "菜", "风味", "餐", "烧", "烤", "面", "进口"];

/// Everything that the lists know in a name.
pub(super) fn check(name: &str, reading: &Reading) -> Vec<Finding> {
    let mut found = Vec::new();
    // The division and the form are not the applicant's words.
    let trade_name = reading.parts.trade_name.as_str();
    let own = format!("{trade_name}{}", reading.parts.industry.as_deref().unwrap_or_default());
    for (ban, words) in WORDS {
        for word in words {
            if !own.contains(word) {
                continue;
            }
            let in_front = trade_name.starts_with(word);
            let cuisine = ban == Ban::Countries && CUISINE.iter().any(|after| own.contains(after));
            let certain = match ban {
                Ban::Countries => in_front && !cuisine,
                // Two characters may come from two neighbouring words.
                Ban::Organs | Ban::Order => in_front || word.chars().count() > 2,
                _ => in_front || word.chars().count() > 1 || trade_name.contains(word),
            };
            found.push(findings::banned(ban, word, certain));
        }
    }
    for word in NATIONAL {
        let bracketed = reading.strange_brackets.iter().any(|text| text == word);
        let misleading = own.contains("国家级") && word == "国家";
        if name.starts_with(word) || trade_name.starts_with(word) && !misleading {
            found.push(findings::national(word, true));
        } else if !misleading && (own.contains(word) || bracketed) {
            found.push(findings::national(word, false));
        }
    }
    found
}
