//! The division in front of a name (企业名称登记管理规定 §7).

use std::sync::LazyLock;

struct Places {
    provinces: Vec<Place>,
    /// Prefecture-level divisions.
    cities: Vec<Place>,
    /// Districts, counties and county-level cities of Fujian; those of other provinces are recognised by their shape.
    counties: Vec<Place>,
}

struct Place {
    name: Vec<char>,
    short: Vec<char>,
    /// The city above, for a county.
    city: String,
}

static PLACES: LazyLock<Places> = LazyLock::new(|| {
    let mut places = Places { provinces: Vec::new(), cities: Vec::new(), counties: Vec::new() };
    for line in include_str!("places.txt").lines().filter(|line| !line.starts_with('#')) {
        let mut names = line.trim_start_matches('+').split_whitespace();
        let Some(above) = names.next() else { continue };
        if line.starts_with('+') {
            places.counties.extend(names.map(|name| place(name, above)));
        } else {
            places.provinces.push(place(above, ""));
            places.cities.extend(names.map(|name| place(name, "")));
        }
    }
    places
});

fn place(name: &str, city: &str) -> Place {
    Place { name: name.chars().collect(), short: shorten(name).chars().collect(), city: city.to_owned() }
}

/// Names are used with and without their kind. Autonomous prefectures lose too much by it and keep theirs.
fn shorten(name: &str) -> &str {
    const KINDS: [&str; 10] =
        ["特别行政区", "壮族自治区", "回族自治区", "维吾尔自治区", "自治区", "地区", "省", "市", "区", "县"];
    let short = KINDS.iter().find_map(|kind| name.strip_suffix(kind)).unwrap_or(name);
    if short.chars().count() < 2 { name } else { short }
}

/// Development zones: no divisions, so they follow one (§7).
const ZONES: [&str; 9] = [
    "经济技术开发区",
    "高新技术产业开发区",
    "综合实验区",
    "自由贸易试验区",
    "投资区",
    "开发区",
    "自贸区",
    "高新区",
    "保税区",
];

/// The division that a name begins with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Region {
    /// As it is written.
    pub text: String,
    /// Province, city, county: each without its kind, the city of a known county filled in.
    pub province: Option<String>,
    pub city: Option<String>,
    pub county: Option<String>,
    /// A district stands without its city.
    pub district_alone: bool,
    /// A development zone stands without a division.
    pub zone_alone: bool,
}

/// Every way to read a division at the beginning of a text, with how many characters it takes: the longest first, the empty
/// one last. Only names without their kind (福清 for 福清市) may also be the beginning of a trade name.
pub(super) fn regions(text: &[char]) -> Vec<(Region, usize)> {
    let mut ways = vec![(Region::default(), 0)];
    let mut at = 0;
    let mut region = Region::default();
    let mut step = |region: &mut Region, from: usize, length: usize, certain: bool| {
        region.text.extend(&text[from..from + length]);
        if certain {
            ways.clear();
        }
        ways.insert(0, (region.clone(), from + length));
        from + length
    };
    if let Some((place, length, certain)) = find(&PLACES.provinces, &text[at..]) {
        region.province = Some(place.short.iter().collect());
        at = step(&mut region, at, length, certain);
    }
    let mut full_city = region.province.is_some() && text[..at].last() == Some(&'市');
    if let Some((place, length, certain)) = find(&PLACES.cities, &text[at..]) {
        region.city = Some(place.short.iter().collect());
        at = step(&mut region, at, length, certain);
        full_city = certain;
    }
    let above = region.city.clone();
    let known = PLACES.counties.iter().filter(|place| above.as_deref().is_none_or(|city| shorten(&place.city) == city));
    if let Some((place, length, certain)) = find(known, &text[at..]) {
        let district = place.name.last() == Some(&'区');
        // 鼓楼 alone is a tower as well; only its full name is read as the district.
        if certain || above.is_some() || !district {
            region.county = Some(place.short.iter().collect());
            region.district_alone = district && above.is_none();
            region.city = Some(shorten(&place.city).to_owned());
            at = step(&mut region, at, length, certain);
        }
    } else if full_city && let Some(length) = county_by_shape(&text[at..]) {
        let name: String = text[at..at + length].iter().collect();
        region.county = Some(shorten(&name).to_owned());
        at = step(&mut region, at, length, true);
    }
    if let Some(zone) =
        ZONES.iter().map(|zone| zone.chars().collect::<Vec<_>>()).find(|zone| text[at..].starts_with(zone))
    {
        region.zone_alone = at == 0;
        step(&mut region, at, zone.len(), true);
    }
    ways
}

/// The division that the whole text names, as in brackets.
pub(super) fn region(text: &[char]) -> Option<Region> {
    regions(text).into_iter().find(|(_, length)| *length == text.len() && *length > 0).map(|(region, _)| region)
}

/// Whether a text is the name of a division, with or without its kind.
pub(super) fn is_place(text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    [&PLACES.provinces, &PLACES.cities, &PLACES.counties]
        .into_iter()
        .flatten()
        .any(|place| place.name == text || place.short == text)
}

/// The longest place that the text begins with, its length here, and whether it is written with its kind.
fn find<'p>(places: impl IntoIterator<Item = &'p Place>, text: &[char]) -> Option<(&'p Place, usize, bool)> {
    let read = |place: &'p Place| {
        if text.starts_with(&place.name) {
            Some((place, place.name.len(), place.name.len() > 2 || place.name.len() > place.short.len()))
        } else if text.starts_with(&place.short) {
            Some((place, place.short.len(), false))
        } else {
            None
        }
    };
    places.into_iter().filter_map(read).max_by_key(|(_, length, _)| *length)
}

/// 海淀区, 长沙县: after a city's full name, two to four characters that end in 区 or 县.
fn county_by_shape(text: &[char]) -> Option<usize> {
    (2..=4).find(|length| text.get(length - 1).is_some_and(|last| matches!(last, '区' | '县')))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn longest(name: &str) -> (Region, usize) {
        regions(&name.chars().collect::<Vec<_>>()).swap_remove(0)
    }

    #[test]
    fn divisions_are_read_in_every_way_they_are_written() {
        for (name, expected, county) in [
            ("福州榕光", "福州", None),
            ("福州市榕光", "福州市", None),
            ("福州市鼓楼区榕光", "福州市鼓楼区", Some("鼓楼")),
            ("福建省福州市闽侯县榕光", "福建省福州市闽侯县", Some("闽侯")),
            ("福建榕光", "福建", None),
            ("福清市榕光", "福清市", Some("福清")),
            ("北京市海淀区榕光", "北京市海淀区", Some("海淀")),
            ("福州高新区榕光", "福州高新区", None),
            ("平潭综合实验区榕光", "平潭综合实验区", Some("平潭")),
            ("榕光", "", None),
        ] {
            let (region, length) = longest(name);
            assert_eq!((region.text.as_str(), length), (expected, expected.chars().count()), "{name}");
            assert_eq!(region.county.as_deref(), county, "{name}");
            assert!(!region.district_alone && !region.zone_alone, "{name}");
        }
        assert!(longest("鼓楼区榕光").0.district_alone);
        assert!(longest("高新区榕光").0.zone_alone);
        assert!(is_place("昆明") && is_place("闽侯县") && !is_place("榕光"));
    }

    #[test]
    fn a_short_name_may_begin_a_trade_name_instead() {
        let ways = regions(&"福清源".chars().collect::<Vec<_>>());
        assert_eq!(ways.iter().map(|(_, length)| *length).collect::<Vec<_>>(), [2, 0]);
        let ways = regions(&"福清市源".chars().collect::<Vec<_>>());
        assert_eq!(ways.iter().map(|(_, length)| *length).collect::<Vec<_>>(), [3]);
    }
}
