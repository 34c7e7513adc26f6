//! Invented names that sound like Fuzhou: people, firms, streets. Any likeness to somebody real is chance.

use crate::draw::Lot;

const SURNAMES: [&str; 40] = [
    "林", "陈", "黄", "郑", "王", "张", "李", "吴", "刘", "杨", "叶", "谢", "曾", "潘", "江", "何", "许", "高", "郭",
    "邱", "魏", "余", "徐", "翁", "方", "赵", "周", "朱", "詹", "欧", "庄", "薛", "卓", "念", "游", "连", "池", "柯",
    "宋", "倪",
];

const GIVEN: [&str; 48] = [
    "知远", "清和", "子衿", "望舒", "景行", "思源", "怀瑾", "明澈", "若溪", "书宁", "以诺", "榕舒", "星野", "时雨",
    "沐晴", "云帆", "佳禾", "念慈", "南风", "听澜", "嘉木", "安然", "文渊", "雨桐", "海宁", "建华", "秀英", "国平",
    "丽萍", "志强", "晓东", "美玲", "振宇", "慧敏", "伟", "静", "磊", "婷", "杰", "燕", "勇", "芳", "斌", "娟", "锋",
    "琴", "浩", "玲",
];

const FIRST: [&str; 40] = [
    "榕", "闽", "瑞", "恒", "盛", "嘉", "泰", "鼎", "宏", "远", "清", "海", "云", "星", "禾", "安", "博", "致", "启",
    "新", "茂", "金", "锦", "华", "融", "翔", "晟", "佳", "善", "朗", "山", "江", "竹", "墨", "松", "福", "岚", "玉",
    "森", "景",
];

const SECOND: [&str; 40] = [
    "源", "达", "和", "通", "润", "成", "科", "创", "辰", "舟", "悦", "丰", "康", "利", "诚", "邦", "驰", "信", "乐",
    "程", "合", "泽", "航", "腾", "旺", "宇", "光", "木", "屿", "雅", "格", "兴", "隆", "朋", "升", "庭", "禾", "誉",
    "川", "联",
];

/// A line of business.
#[derive(Debug)]
pub(crate) struct Trade {
    /// As the names of companies carry it.
    pub industry: &'static str,
    /// How an individual's shop is called.
    pub shop: &'static str,
    /// What goes into the scope, with its class of GB/T 4754-2017.
    pub items: [(&'static str, &'static str); 5],
}

/// What firms do.
pub(crate) const TRADES: [Trade; 10] = [
    Trade {
        industry: "信息技术",
        shop: "电脑店",
        items: [
            ("软件开发", "I6513"),
            ("信息技术咨询服务", "I6560"),
            ("数据处理服务", "I6550"),
            ("信息系统集成服务", "I6531"),
            ("计算机软硬件及辅助设备零售", "F5273"),
        ],
    },
    Trade {
        industry: "餐饮管理",
        shop: "小吃店",
        items: [
            ("餐饮管理", "L7219"),
            ("外卖递送服务", "H6242"),
            ("食品销售（仅销售预包装食品）", "F5229"),
            ("餐饮器具集中消毒服务", "O8219"),
            ("会议及展览服务", "L7289"),
        ],
    },
    Trade {
        industry: "贸易",
        shop: "商行",
        items: [
            ("日用百货销售", "F5211"),
            ("五金产品批发", "F5174"),
            ("服装服饰零售", "F5232"),
            ("食用农产品零售", "F5223"),
            ("货物进出口", "F5181"),
        ],
    },
    Trade {
        industry: "建筑工程",
        shop: "装修店",
        items: [
            ("住宅室内装饰装修", "E5012"),
            ("工程管理服务", "M7481"),
            ("园林绿化工程施工", "E4891"),
            ("建筑材料销售", "F5165"),
            ("建筑工程机械与设备租赁", "L7113"),
        ],
    },
    Trade {
        industry: "茶业",
        shop: "茶叶店",
        items: [
            ("食用农产品批发", "F5123"),
            ("茶具销售", "F5135"),
            ("茶叶种植", "A0164"),
            ("食品互联网销售（仅销售预包装食品）", "F5292"),
            ("礼仪服务", "O8090"),
        ],
    },
    Trade {
        industry: "文化传媒",
        shop: "照相馆",
        items: [
            ("广告设计、代理", "L7259"),
            ("组织文化艺术交流活动", "R9051"),
            ("会议及展览服务", "L7284"),
            ("摄影扩印服务", "O8060"),
            ("图文设计制作", "M7492"),
        ],
    },
    Trade {
        industry: "物流",
        shop: "快递店",
        items: [
            ("国内货物运输代理", "G5821"),
            ("装卸搬运", "G5910"),
            ("普通货物仓储服务", "G5920"),
            ("包装服务", "L7292"),
            ("供应链管理服务", "L7224"),
        ],
    },
    Trade {
        industry: "机械设备",
        shop: "五金店",
        items: [
            ("机械设备销售", "F5179"),
            ("机械零件、零部件加工", "C3484"),
            ("五金产品零售", "F5281"),
            ("电气设备修理", "C4350"),
            ("金属制品销售", "F5164"),
        ],
    },
    Trade {
        industry: "商务咨询",
        shop: "打印店",
        items: [
            ("企业管理咨询", "L7249"),
            ("财务咨询", "L7241"),
            ("市场营销策划", "L7249"),
            ("社会经济咨询服务", "L7243"),
            ("办公服务", "L7293"),
        ],
    },
    Trade {
        industry: "水产",
        shop: "水产店",
        items: [
            ("水产品批发", "F5124"),
            ("水产品零售", "F5224"),
            ("水产品收购", "F5124"),
            ("渔业专业及辅助性活动", "A0549"),
            ("低温仓储", "G5930"),
        ],
    },
];

/// Items that need a permit before registration, with their class.
pub(crate) const PERMITTED: [(&str, &str); 3] =
    [("危险化学品经营", "F5169"), ("道路旅客运输经营", "G5422"), ("烟花爆竹零售", "F5249")];

const ROADS: [&str; 24] = [
    "五四路",
    "八一七路",
    "东街",
    "工业路",
    "六一路",
    "杨桥路",
    "江滨大道",
    "福马路",
    "华林路",
    "则徐大道",
    "金山大道",
    "浦上大道",
    "盘屿路",
    "君竹路",
    "吴航路",
    "甘蔗大道",
    "凤城路",
    "凤山路",
    "梅城路",
    "樟城路",
    "东门路",
    "清荣大道",
    "福清大道",
    "西洋路",
];

/// Street offices; which district they lie in does not matter here.
const TOWNS: [&str; 12] = [
    "安泰街道",
    "东街街道",
    "水部街道",
    "茶亭街道",
    "上海街道",
    "临江街道",
    "金山街道",
    "城门镇",
    "罗星街道",
    "岳峰镇",
    "吴航街道",
    "甘蔗街道",
];

const QUARTERS: [&str; 16] = [
    "江滨",
    "东街",
    "西湖",
    "金山",
    "南台",
    "左海",
    "乌山",
    "于山",
    "屏山",
    "火车站",
    "大学城",
    "三江口",
    "鼓山",
    "闽江",
    "朝阳",
    "新店",
];

const BANKS: [&str; 6] = ["榕荫银行", "闽江银行", "三山银行", "鼓岭银行", "左海银行", "屏山银行"];

/// A person.
pub(crate) fn person(lot: &mut Lot) -> String {
    format!("{}{}", lot.pick(&SURNAMES), lot.pick(&GIVEN))
}

/// What distinguishes a firm (字号).
pub(crate) fn trade_name(lot: &mut Lot) -> String {
    let mut name = format!("{}{}", lot.pick(&FIRST), lot.pick(&SECOND));
    if lot.chance(0.6) {
        name.push_str(SECOND[lot.index(SECOND.len())]);
    }
    name
}

/// An address in its parts.
#[derive(Debug)]
pub(crate) struct Address {
    /// Street office or township.
    pub town: &'static str,
    /// Road and number.
    pub road: String,
    /// Building.
    pub building: String,
    /// Room.
    pub room: String,
}

/// Street, number, building and room.
pub(crate) fn address_parts(lot: &mut Lot) -> Address {
    let (town, road, number) = (*lot.pick(&TOWNS), lot.pick(&ROADS), lot.range(1, 399));
    let (building, floor, room) = (lot.range(1, 12), lot.range(1, 28), lot.range(1, 12));
    let (road, building) = (format!("{road}{number}号"), format!("{building}号楼"));
    Address { town, road, building, room: format!("{floor}{room:02}室") }
}

/// Street, number, building and room in one text.
pub(crate) fn address(lot: &mut Lot) -> String {
    let Address { road, building, room, .. } = address_parts(lot);
    format!("{road}{building}{room}")
}

/// A street or a quarter, as branches are told apart by.
pub(crate) fn quarter(lot: &mut Lot) -> &'static str {
    QUARTERS[lot.index(QUARTERS.len())]
}

/// A mobile number of 11 digits.
pub(crate) fn phone(lot: &mut Lot) -> String {
    format!("1{}{:09}", lot.range(3, 9), lot.below(1_000_000_000))
}

/// A bank that holds housing-fund accounts.
pub(crate) fn bank(lot: &mut Lot) -> String {
    (*lot.pick(&BANKS)).to_owned()
}
