//! The block that stands behind a commitment once it is signed: who signed, how and when, and that the office has it.
//! The signed text itself stays as it was shown, to the character, so that its hash can be computed from the copy.

use std::fmt::Write as _;

use crate::letter::Rendered;
use crate::{escape, wrap};

/// What is recorded of a signature. All of it is printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureBlock {
    /// Number of the letter.
    pub number: String,
    /// The name as it was typed.
    pub name: String,
    /// How it was signed, in Chinese.
    pub scheme: String,
    /// The signature's value, where there is one beside the name: base64.
    pub value: Option<String>,
    /// When, in Chinese, +08:00.
    pub at: String,
    /// Through what, in Chinese.
    pub channel: String,
    /// SHA-256 of the signed text, lower-case hex.
    pub text_sha256: String,
    /// Chinese name of the office that has received it.
    pub office: String,
    /// The day of the receipt, in Chinese.
    pub received_on: String,
}

impl SignatureBlock {
    fn lines(&self) -> Vec<(&'static str, String)> {
        let mut lines = vec![
            ("文书编号", self.number.clone()),
            ("承诺人（签名）", self.name.clone()),
            ("签署方式", self.scheme.clone()),
            ("签署时间", self.at.clone()),
            ("签署渠道", self.channel.clone()),
        ];
        lines.push(("收讫机关", format!("{}（电子收讫）", self.office)));
        lines.push(("收讫日期", self.received_on.clone()));
        lines
    }

    fn proofs(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let hash = std::iter::once(("正文摘要（SHA-256）", self.text_sha256.as_str()));
        hash.chain(self.value.iter().map(|value| ("电子签名", value.as_str())))
    }

    /// The letter with the block behind it. The text begins with the signed text, whole and unchanged.
    pub fn under(&self, letter: &Rendered) -> Rendered {
        const BOTH: &str = "本承诺书一式两份，一份由承诺人留存，一份由收讫机关存档。";
        let mut block = String::from("【签署与收讫】\n");
        let mut rows = String::new();
        for (label, value) in self.lines() {
            let _ = writeln!(block, "{label}：{}", escape::text(&value));
            let _ = writeln!(rows, "<tr><th scope=\"row\">{label}</th><td>{}</td></tr>", escape::html(&value));
        }
        let mut block = wrap::wrap(&block);
        // Whoever compares them needs them in one piece: they are longer than a line may be.
        for (label, value) in self.proofs() {
            let _ = write!(block, "{label}：\n{}\n", escape::text(value));
            let _ = writeln!(rows, "<tr><th scope=\"row\">{label}</th><td>{}</td></tr>", escape::html(value));
        }
        let text = format!("{}\n{block}{BOTH}\n", letter.text);
        let table =
            format!("<table>\n<caption>签署与收讫</caption>\n<tbody>\n{rows}</tbody>\n</table>\n<p>{BOTH}</p>\n");
        // Before what closes the page; a letter that closes nothing gets it at its end.
        let close = ["</main>", "</body>"].iter().find_map(|close| letter.html.rfind(close));
        let mut html = letter.html.clone();
        html.insert_str(close.unwrap_or(html.len()), &table);
        Rendered { html, text }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signed_text_stays_and_no_value_breaks_out() {
        let letter = Rendered { html: "<body><p>一</p></body>".into(), text: "告知承诺书\n一\n".into() };
        let block = SignatureBlock {
            number: "诺字〔2026〕1号".into(),
            name: "<b>林舒\n</b>".into(),
            scheme: "键入姓名".into(),
            value: None,
            at: "2026年3月2日10时12分".into(),
            channel: "银行网点终端".into(),
            text_sha256: "ab".repeat(32),
            office: "福州市市场监督管理局".into(),
            received_on: "2026年3月2日".into(),
        };
        let signed = block.under(&letter);
        assert!(signed.text.starts_with(&letter.text), "{}", signed.text);
        assert!(signed.html.starts_with("<body><p>一</p><table>") && signed.html.ends_with("</p>\n</body>"));
        assert!(!signed.html.contains("<b>") && !signed.text.contains("林舒\n"), "{}", signed.text);
        assert!(signed.text.contains(&"ab".repeat(32)), "a hash is not broken: {}", signed.text);
    }
}
