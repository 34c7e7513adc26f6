//! What a file calls itself. A name is shown to people and never used to find the file.

use crate::media::MediaType;

/// Whether a text can be a file's name: something on one line, without a path, and with no character that makes it look
/// like another name (a right-to-left override turns `gpj.exe` around).
pub fn is_name(name: &str) -> bool {
    let unfit = |c: char| {
        c.is_control()
            || matches!(c, '/' | '\\' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
    };
    let says_something = |c: char| c != '.' && !c.is_whitespace();
    name.chars().any(says_something) && !name.chars().any(unfit)
}

/// Whether a name fits the content. A name without an extension promises nothing.
pub(crate) fn fits(name: &str, kind: MediaType) -> bool {
    extension(name).is_none_or(|extension| kind.is_extension(extension))
}

/// What follows the last dot, where it looks like an extension: one to five letters and figures, not only figures
/// (`房产证2026.03.02` has none).
fn extension(name: &str) -> Option<&str> {
    let (_, extension) = name.trim_end().rsplit_once('.')?;
    let usual = (1..=5).contains(&extension.len()) && extension.bytes().all(|byte| byte.is_ascii_alphanumeric());
    (usual && extension.bytes().any(|byte| byte.is_ascii_alphabetic())).then_some(extension)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_shown_to_people() {
        for name in ["租赁合同.pdf", "a", "scan (2).jpg", "Ünïcode.png"] {
            assert!(is_name(name), "{name}");
        }
        for name in ["", " ", "..", "a/b.pdf", "..\\b.pdf", "a\u{0}b", "a\nb.pdf", "exe\u{202e}fdp.pdf", "\u{feff}"] {
            assert!(!is_name(name), "{name:?}");
        }
    }

    #[test]
    fn an_extension_must_be_that_of_the_content() {
        for name in ["a.pdf", "a.PDF ", "a", "房产证2026.03.02", "合同.最终版", "a.exe.pdf"] {
            assert!(fits(name, MediaType::Pdf), "{name}");
        }
        for name in ["a.jpg", "a.pdf.exe", "a.ofd", "a.7z"] {
            assert!(!fits(name, MediaType::Pdf), "{name}");
        }
    }
}
