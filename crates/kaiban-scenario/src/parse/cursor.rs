//! One act, read from left to right. An act may go on over indented lines; places are those of the file.

use kaiban_findings::{Finding, Place};
use serde_json::Value;

/// A text of one or more lines, and how far it was read.
pub(super) struct Cursor<'p> {
    path: &'p str,
    /// Line of the first character, from 1.
    line: u32,
    text: String,
    at: usize,
}

/// What ends a word, besides white space.
const ENDS: &[char] = &[',', '=', '"', '{'];

impl<'p> Cursor<'p> {
    pub fn new(path: &'p str, line: u32, text: String) -> Self {
        Self { path, line, text, at: 0 }
    }

    /// The text that is left.
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    pub fn skip_space(&mut self) {
        self.at = self.text.len() - self.rest().trim_start().len();
    }

    /// Where the next thing stands.
    pub fn place(&mut self) -> Place {
        self.skip_space();
        let before = &self.text[..self.at];
        let lines = before.matches('\n').count();
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        let line = self.line.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
        let column = u32::try_from(before[start..].chars().count()).unwrap_or(u32::MAX).saturating_add(1);
        Place::File { path: self.path.to_owned(), line, column }
    }

    pub fn is_at_end(&mut self) -> bool {
        self.skip_space();
        self.rest().is_empty()
    }

    /// The next word without taking it; empty at the end and before punctuation.
    pub fn peek(&mut self) -> &str {
        self.skip_space();
        let rest = self.rest();
        let end = rest.find(|c: char| c.is_whitespace() || ENDS.contains(&c)).unwrap_or(rest.len());
        &rest[..end]
    }

    /// The next character without taking it.
    pub fn peek_char(&mut self) -> Option<char> {
        self.skip_space();
        self.rest().chars().next()
    }

    /// Takes the next word; none where there is none.
    pub fn word(&mut self) -> Option<String> {
        let word = self.peek().to_owned();
        self.at += word.len();
        (!word.is_empty()).then_some(word)
    }

    /// Takes these words if they come next.
    pub fn takes(&mut self, words: &str) -> bool {
        let start = self.at;
        for word in words.split(' ') {
            if self.peek() != word {
                self.at = start;
                return false;
            }
            self.at += word.len();
        }
        true
    }

    /// Takes these words.
    pub fn expects(&mut self, words: &str) -> Result<(), Box<Finding>> {
        if self.takes(words) {
            Ok(())
        } else {
            Err(self.wrong(&format!("“{words}”"), &format!("`{words}`")).into())
        }
    }

    /// Takes this character if it comes next.
    pub fn takes_char(&mut self, c: char) -> bool {
        let found = self.peek_char() == Some(c);
        if found {
            self.at += c.len_utf8();
        }
        found
    }

    /// Takes a text in quotes.
    pub fn quoted(&mut self) -> Result<String, Box<Finding>> {
        if self.peek_char() != Some('"') {
            return Err(self.wrong("双引号中的文字", "a text in quotes").into());
        }
        match self.json()? {
            Value::String(text) => Ok(text),
            _ => Err(self.wrong("双引号中的文字", "a text in quotes").into()),
        }
    }

    /// Takes a JSON value.
    pub fn json(&mut self) -> Result<Value, Box<Finding>> {
        self.skip_space();
        let mut values = serde_json::Deserializer::from_str(self.rest()).into_iter::<Value>();
        match values.next() {
            Some(Ok(value)) => {
                let length = values.byte_offset();
                self.at += length;
                Ok(value)
            }
            Some(Err(error)) => {
                let place = self.place();
                let error = error.to_string();
                let why = error.split(" at line ").next().unwrap_or_default();
                let en = format!("This is no JSON value: {why}.");
                let finding = Finding::error("SCENARIO_JSON", place, "这里不是有效的 JSON 值。", en);
                Err(finding.with_help("文字请写在双引号中。", "Texts stand in double quotes.").into())
            }
            None => Err(self.wrong("一个 JSON 值", "a JSON value").into()),
        }
    }

    /// That something else should stand here.
    pub fn wrong(&mut self, zh: &str, en: &str) -> Finding {
        let (zh, en) = match self.is_at_end() {
            true => (format!("这一步没有写完，缺少{zh}。"), format!("This act is not complete: {en} is missing.")),
            false => (format!("这里应为{zh}。"), format!("Here should stand {en}.")),
        };
        let place = self.place();
        Finding::error("SCENARIO_ACT", place, zh, en)
    }
}
