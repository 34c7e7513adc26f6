//! The kinds of files that are taken.

use std::fmt;

/// What a file is, by its content. Nothing else is taken: no office documents, no archives, nothing that runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MediaType {
    /// PDF (ISO 32000).
    Pdf,
    /// JPEG (GB/T 17235.1, ISO/IEC 10918-1).
    Jpeg,
    /// PNG (ISO/IEC 15948).
    Png,
    /// OFD, the format of electronic licences and invoices (GB/T 33190-2016).
    Ofd,
}

impl MediaType {
    /// All kinds.
    pub const ALL: [Self; 4] = [Self::Pdf, Self::Jpeg, Self::Png, Self::Ofd];

    /// Name for rows and the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Ofd => "application/ofd",
        }
    }

    /// Whether this is one of the names that go around for it; parameters (`; charset=…`) and case do not matter.
    pub fn is_called(self, declared: &str) -> bool {
        let declared = declared.split(';').next().unwrap_or_default().trim();
        let others: &[&str] = match self {
            Self::Pdf => &["application/x-pdf"],
            Self::Jpeg => &["image/jpg", "image/pjpeg"],
            Self::Png => &["image/x-png"],
            Self::Ofd => &["application/vnd.ofd", "application/x-ofd"],
        };
        std::iter::once(&self.name()).chain(others).any(|name| declared.eq_ignore_ascii_case(name))
    }

    /// Whether files of this kind end so; without the dot, in any case.
    pub fn is_extension(self, extension: &str) -> bool {
        let usual: &[&str] = match self {
            Self::Pdf => &["pdf"],
            Self::Jpeg => &["jpg", "jpeg", "jpe", "jfif"],
            Self::Png => &["png"],
            Self::Ofd => &["ofd"],
        };
        usual.iter().any(|usual| extension.eq_ignore_ascii_case(usual))
    }
}

impl fmt::Display for MediaType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_go_by_several_names() {
        assert!(MediaType::Jpeg.is_called("image/JPG"));
        assert!(MediaType::Pdf.is_called("application/pdf; version=1.7"));
        assert!(!MediaType::Pdf.is_called("image/png"));
        assert!(!MediaType::Pdf.is_called(""));
        assert!(MediaType::Jpeg.is_extension("JPeG"));
        assert!(!MediaType::Jpeg.is_extension("png"));
    }
}
