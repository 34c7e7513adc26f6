//! Articles of law as documents quote them.

use serde_json::Value;

use super::Unfit;
use super::numerals::chinese;

const EXPECTED: Unfit = Unfit("an article of law or a list of them");

/// `市场主体登记管理条例 §19` as `《市场主体登记管理条例》第十九条`; a list joined by `、`.
pub(super) fn laws(value: &Value) -> Result<String, Unfit> {
    match value {
        Value::String(text) if !text.trim().is_empty() => Ok(law(text)),
        Value::Array(list) if !list.is_empty() => {
            let laws: Vec<String> = list.iter().map(laws).collect::<Result<_, _>>()?;
            Ok(laws.join("、"))
        }
        _ => Err(EXPECTED),
    }
}

fn law(text: &str) -> String {
    let (name, articles) = text.split_once('§').unwrap_or((text, ""));
    let (name, articles) = (name.trim(), articles.trim());
    // A document is quoted by its number (国发〔1999〕25号), a law by its name.
    let quoted = name.contains('《') || name.contains('〔');
    let name = if quoted { name.to_owned() } else { format!("《{name}》") };
    if articles.is_empty() {
        return name;
    }
    let list: Option<Vec<String>> = articles.split([',', '、', '，']).map(range).collect();
    match list {
        Some(list) => format!("{name}{}", list.join("、")),
        None => format!("{name}第{articles}条"),
    }
}

fn range(text: &str) -> Option<String> {
    match text.split_once(['-', '–', '—']) {
        Some((from, to)) => Some(format!("{}至{}", article(from)?, article(to)?)),
        None => article(text),
    }
}

/// `16` or `16(3)`: an article, or its paragraph (款).
fn article(text: &str) -> Option<String> {
    let text = text.trim().trim_start_matches('§').trim();
    let (article, paragraph) = match text.split_once('(') {
        Some((article, rest)) => (article, Some(rest.strip_suffix(')')?)),
        None => (text, None),
    };
    let ordinal = |digits: &str| {
        let number: u32 = digits.trim().parse().ok()?;
        (1..=9_999).contains(&number).then(|| chinese(number))
    };
    let article = format!("第{}条", ordinal(article)?);
    match paragraph {
        Some(paragraph) => Some(format!("{article}第{}款", ordinal(paragraph)?)),
        None => Some(article),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn articles_are_quoted_as_documents_quote_them() {
        for (text, expected) in [
            ("市场主体登记管理条例 §19", "《市场主体登记管理条例》第十九条"),
            ("市场主体登记管理条例 §16(3)", "《市场主体登记管理条例》第十六条第三款"),
            ("企业名称登记管理规定 §16–18", "《企业名称登记管理规定》第十六条至第十八条"),
            ("行政许可法 §32, 38", "《行政许可法》第三十二条、第三十八条"),
            ("行政许可法 §32、§38", "《行政许可法》第三十二条、第三十八条"),
            ("国发〔1999〕25号 §23", "国发〔1999〕25号第二十三条"),
            ("《民法典》§203", "《民法典》第二百零三条"),
            ("行政复议法", "《行政复议法》"),
            ("电子签名法 §13甲", "《电子签名法》第13甲条"),
        ] {
            assert_eq!(laws(&json!(text)).unwrap(), expected);
        }
        let both = json!(["市场主体登记管理条例 §20", "行政许可法 §38"]);
        assert_eq!(laws(&both).unwrap(), "《市场主体登记管理条例》第二十条、《行政许可法》第三十八条");
        assert_eq!(laws(&json!([])), Err(EXPECTED));
    }
}
