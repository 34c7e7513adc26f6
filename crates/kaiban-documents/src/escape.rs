//! What happens to a value before it is printed. The template's own text is never touched.

/// For HTML: cleaned, then escaped so that it can stand in text and in a quoted attribute.
pub(crate) fn html(value: &str) -> String {
    handlebars::html_escape(&clean(value))
}

/// For text: cleaned, otherwise as it is.
pub(crate) fn text(value: &str) -> String {
    clean(value)
}

/// Takes out what a reader cannot see but what changes what he reads: control characters, marks that turn the
/// direction of writing, invisible separators. Line breaks and tabs become spaces, so that no value can imitate a line
/// of an official letter.
fn clean(value: &str) -> String {
    value.chars().filter_map(cleaned).collect()
}

fn cleaned(c: char) -> Option<char> {
    match c {
        '\n' | '\r' | '\t' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => Some(' '),
        c if c.is_control() => None,
        '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' => None,
        '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}' => None,
        // Noncharacters are not allowed in an HTML document.
        '\u{fdd0}'..='\u{fdef}' => None,
        c if u32::from(c) & 0xfffe == 0xfffe => None,
        c => Some(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_escaped_in_html_only() {
        assert_eq!(html("<b title=\"x\">'&"), "&lt;b title&#x3D;&quot;x&quot;&gt;&#x27;&amp;");
        assert_eq!(text("<b>&"), "<b>&");
    }

    #[test]
    fn a_value_is_one_line_without_hidden_marks() {
        assert_eq!(text("甲\r\n准予登记\u{202e}乙\u{0}\u{1b}[31m\u{200b}"), "甲  准予登记乙[31m");
        assert_eq!(html("甲\u{2028}乙\u{ffff}\u{e0041}"), "甲 乙");
    }

    #[test]
    fn emoji_stay_whole() {
        assert_eq!(text("👩‍🍳🍜"), "👩‍🍳🍜");
    }
}
