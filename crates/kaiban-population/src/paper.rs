//! The documents that come with a form: small PDFs that say what they stand for. A form names them by their SHA-256.

use sha2::{Digest, Sha256};

/// A document as the applicant brings it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paper {
    /// What the applicant calls the file.
    pub name: String,
    /// The content: a PDF.
    pub bytes: Vec<u8>,
}

impl Paper {
    /// A document of a case; `what` is ASCII. The same arguments give the same bytes.
    pub(crate) fn new(name: &str, what: &str, case: u64) -> Self {
        let page = format!("BT /F1 12 Tf 72 770 Td (Sample for case {case}: {what}) Tj ET");
        let objects = [
            "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
            "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>"
                .to_owned(),
            format!("<< /Length {} >>\nstream\n{page}\nendstream", page.len()),
            "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
        ];
        let mut pdf = String::from("%PDF-1.4\n");
        let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
        for (number, object) in (1..).zip(&objects) {
            table.push_str(&format!("{:010} 00000 n \n", pdf.len()));
            pdf.push_str(&format!("{number} 0 obj\n{object}\nendobj\n"));
        }
        let start = pdf.len();
        pdf.push_str(&table);
        pdf.push_str(&format!("trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n", objects.len() + 1));
        Self { name: format!("{name}.pdf"), bytes: pdf.into_bytes() }
    }

    /// What the form names it by: `sha256:` and the SHA-256 of the content in lower-case hex.
    pub fn digest(&self) -> String {
        let hex: String = Sha256::digest(&self.bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        format!("sha256:{hex}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_paper_is_a_pdf_whose_table_is_where_it_says() {
        let paper = Paper::new("章程", "articles of association", 7);
        let text = String::from_utf8(paper.bytes.clone()).unwrap();
        let start: usize = text.rsplit("startxref\n").next().unwrap().lines().next().unwrap().parse().unwrap();
        assert!(text.starts_with("%PDF-1.4") && text[start..].starts_with("xref\n0 6\n") && text.ends_with("%%EOF\n"));
        for (number, line) in text[start..].lines().skip(3).take(5).enumerate() {
            let at: usize = line[..10].parse().unwrap();
            assert!(text[at..].starts_with(&format!("{} 0 obj", number + 1)));
        }
        assert_eq!(paper.digest(), Paper::new("章程", "articles of association", 7).digest());
        assert_ne!(paper.digest(), Paper::new("章程", "articles of association", 8).digest());
        assert_eq!(paper.digest().len(), 71);
    }
}
