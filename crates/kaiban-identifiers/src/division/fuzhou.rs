//! The divisions of Fuzhou (福州市) in GB/T 2260.

/// What a division is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Prefecture-level city (地级市); as a registrar, the city's own bureau (市本级).
    City,
    /// District of the city (市辖区).
    District,
    /// County (县).
    County,
    /// County-level city (县级市).
    CountyCity,
}

/// Which of the two promises of opening time holds where a division registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Promise {
    /// The city's own bureau: counted in working hours.
    CityBureau,
    /// Districts, counties and county-level cities (各县（市）区): one working day.
    DistrictOrCounty,
}

/// A division in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Division {
    /// Six digits of GB/T 2260.
    pub code: &'static str,
    /// Full name, as business names carry it: 鼓楼区.
    pub name: &'static str,
    /// Name without the kind: 鼓楼.
    pub short: &'static str,
    /// Name in English.
    pub name_en: &'static str,
    /// What it is.
    pub kind: Kind,
    /// Whether figures of the city may leave it out: Pingtan is run by the province's 综合实验区.
    pub may_be_excluded: bool,
}

impl Division {
    /// The promise that holds for cases which it registers.
    pub fn promise(&self) -> Promise {
        if self.kind == Kind::City { Promise::CityBureau } else { Promise::DistrictOrCounty }
    }
}

/// A division that is no more. Its code may be in force again under another name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Former {
    /// Six digits of GB/T 2260.
    pub code: &'static str,
    /// Its name then.
    pub name: &'static str,
    /// Its first year, where it is known.
    pub from: Option<i16>,
    /// Its last year.
    pub until: i16,
    /// The division where it lies now.
    pub now: &'static str,
}

/// The code of Fujian, whose own bureau registers as well.
pub const PROVINCE: &str = "350000";

/// The city and its thirteen divisions. 350101 (市辖区) is a placeholder of some data sets and registers nobody.
pub const DIVISIONS: [Division; 14] = [
    division("350100", "福州市", "福州", "Fuzhou", Kind::City),
    division("350102", "鼓楼区", "鼓楼", "Gulou", Kind::District),
    division("350103", "台江区", "台江", "Taijiang", Kind::District),
    division("350104", "仓山区", "仓山", "Cangshan", Kind::District),
    division("350105", "马尾区", "马尾", "Mawei", Kind::District),
    division("350111", "晋安区", "晋安", "Jin'an", Kind::District),
    division("350112", "长乐区", "长乐", "Changle", Kind::District),
    division("350121", "闽侯县", "闽侯", "Minhou", Kind::County),
    division("350122", "连江县", "连江", "Lianjiang", Kind::County),
    division("350123", "罗源县", "罗源", "Luoyuan", Kind::County),
    division("350124", "闽清县", "闽清", "Minqing", Kind::County),
    division("350125", "永泰县", "永泰", "Yongtai", Kind::County),
    Division { may_be_excluded: true, ..division("350128", "平潭县", "平潭", "Pingtan", Kind::County) },
    division("350181", "福清市", "福清", "Fuqing", Kind::CountyCity),
];

/// The divisions of Fuzhou that are no more, oldest first.
pub const FORMER: [Former; 5] = [
    Former { code: "350120", name: "市区", from: None, until: 1982, now: "350100" },
    Former { code: "350127", name: "福清县", from: Some(1983), until: 1989, now: "350181" },
    Former { code: "350126", name: "长乐县", from: Some(1983), until: 1993, now: "350112" },
    Former { code: "350111", name: "郊区", from: None, until: 1994, now: "350111" },
    Former { code: "350182", name: "长乐市", from: Some(1995), until: 2016, now: "350112" },
];

/// The division of Fuzhou that has this code now.
pub fn in_force(code: &str) -> Option<&'static Division> {
    DIVISIONS.iter().find(|division| division.code == code)
}

/// The division of Fuzhou that had this code and is no more.
pub fn former(code: &str) -> Option<&'static Former> {
    FORMER.iter().find(|former| former.code == code)
}

const fn division(
    code: &'static str,
    name: &'static str,
    short: &'static str,
    name_en: &'static str,
    kind: Kind,
) -> Division {
    Division { code, name, short, name_en, kind, may_be_excluded: false }
}
