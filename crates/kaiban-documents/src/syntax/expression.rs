//! Reads what stands in a tag: fields, literals, words with arguments.

use super::{Call, Expression, From, Path};
use crate::problems::{Problem, codes};

/// Brackets inside brackets in one tag.
const DEPTH_MAX: usize = 8;

/// The words of a tag.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Token<'a> {
    Word(&'a str),
    Literal,
    Open,
    Close,
    Equals,
    Bar,
}

/// A tag's content: a first word, arguments, named arguments, names behind `as`.
#[derive(Debug)]
pub(super) struct Line {
    pub call: Call,
    pub names: Vec<String>,
}

pub(super) struct Reader<'a> {
    tokens: Vec<(usize, Token<'a>)>,
    next: usize,
    end: usize,
}

type Read<T> = Result<T, Problem>;

impl<'a> Reader<'a> {
    pub fn new(inner: &'a str, at: usize) -> Read<Self> {
        Ok(Self { tokens: tokens(inner, at)?, next: 0, end: at })
    }

    /// Reads the whole tag as a word with arguments.
    pub fn line(mut self) -> Read<Line> {
        let call = self.call(0)?;
        let names = self.names()?;
        match self.tokens.get(self.next) {
            None => Ok(Line { call, names }),
            Some((at, _)) => Err(unexpected(*at)),
        }
    }

    fn call(&mut self, depth: usize) -> Read<Call> {
        let Some((at, Token::Word(name))) = self.tokens.get(self.next).cloned() else {
            return Err(unexpected(self.at()));
        };
        self.next += 1;
        let (mut arguments, mut named) = (Vec::new(), Vec::new());
        loop {
            match self.tokens.get(self.next) {
                None | Some((_, Token::Close | Token::Bar)) => break,
                Some((_, Token::Word("as"))) => break,
                Some((_, Token::Word(key))) if self.follows_equals() => {
                    let key = (*key).to_owned();
                    self.next += 2;
                    named.push((key, self.value(depth)?));
                }
                Some(_) => arguments.push(self.value(depth)?),
            }
        }
        Ok(Call { at, name: name.to_owned(), arguments, named })
    }

    fn follows_equals(&self) -> bool {
        matches!(self.tokens.get(self.next + 1), Some((_, Token::Equals)))
    }

    fn value(&mut self, depth: usize) -> Read<Expression> {
        let at = self.at();
        match self.tokens.get(self.next).cloned() {
            Some((at, Token::Word(word))) => {
                self.next += 1;
                Ok(Expression::Field(path(word, at)?))
            }
            Some((_, Token::Literal)) => {
                self.next += 1;
                Ok(Expression::Literal)
            }
            Some((_, Token::Open)) if depth < DEPTH_MAX => {
                self.next += 1;
                let call = self.call(depth + 1)?;
                match self.tokens.get(self.next) {
                    Some((_, Token::Close)) => self.next += 1,
                    _ => {
                        return Err(Problem::new(
                            at,
                            codes::SYNTAX,
                            "这里的左括号没有对应的右括号。",
                            "This bracket is not closed.",
                        ));
                    }
                }
                Ok(Expression::Call(call))
            }
            _ => Err(unexpected(at)),
        }
    }

    fn names(&mut self) -> Read<Vec<String>> {
        if !matches!(self.tokens.get(self.next), Some((_, Token::Word("as")))) {
            return Ok(Vec::new());
        }
        let at = self.at();
        self.next += 1;
        let bad = || {
            Problem::new(
                at,
                codes::SYNTAX,
                "“as”后应写“|名称|”或“|名称 序号|”。",
                "Behind `as` stands `|name|` or `|name index|`.",
            )
        };
        let mut names = Vec::new();
        let words = self.tokens[self.next..].iter().map(|(_, token)| token).collect::<Vec<_>>();
        match words.as_slice() {
            [Token::Bar, Token::Word(one), Token::Bar] => names.push((*one).to_owned()),
            [Token::Bar, Token::Word(one), Token::Word(two), Token::Bar] => {
                names.extend([(*one).to_owned(), (*two).to_owned()]);
            }
            _ => return Err(bad()),
        }
        if names.iter().any(|name| !name.chars().all(is_symbol)) {
            return Err(bad());
        }
        self.next = self.tokens.len();
        Ok(names)
    }

    fn at(&self) -> usize {
        self.tokens.get(self.next).or(self.tokens.last()).map_or(self.end, |(at, _)| *at)
    }
}

/// A tag that is one word and nothing else.
pub(super) fn path(word: &str, at: usize) -> Read<Path> {
    let bad = || {
        Problem::new(
            at,
            codes::SYNTAX,
            format!("“{word}”不是可以读取的字段。"),
            format!("`{word}` is not a field that can be read."),
        )
        .help(
            "字段写作“form.name”，上一层写作“../name”，全部事实写作“@root.case.id”。",
            "Write a field as `form.name`, one block further out as `../name`, from all facts as `@root.case.id`.",
        )
    };
    let mut rest = word;
    let mut from = From::Here;
    for here in ["this.", "this/", "./"] {
        rest = rest.strip_prefix(here).unwrap_or(rest);
    }
    if let Some(from_root) = rest.strip_prefix("@root.").or(rest.strip_prefix("@root/")) {
        (from, rest) = (From::Root, from_root);
    } else if let Some(variable) = rest.strip_prefix('@') {
        (from, rest) = (From::Loop, variable);
    } else {
        let mut up = 0;
        while let Some(further) = rest.strip_prefix("../") {
            (up, rest) = (up + 1, further);
        }
        if up > 0 {
            from = From::Up(up);
        }
    }
    let segments: Vec<String> = rest.split(['.', '/']).map(str::to_owned).collect();
    if segments.iter().any(|segment| segment.is_empty() || !segment.chars().all(is_symbol)) {
        return Err(bad());
    }
    if from == From::Loop && segments.len() != 1 {
        return Err(bad());
    }
    let segments = segments.into_iter().filter(|segment| segment != "this").collect();
    Ok(Path { at, text: word.to_owned(), from, segments })
}

fn tokens(inner: &str, at: usize) -> Read<Vec<(usize, Token<'_>)>> {
    let mut tokens = Vec::new();
    let mut rest = inner;
    while let Some(c) = rest.chars().next() {
        let here = at + (inner.len() - rest.len());
        let (token, length) = match c {
            c if c.is_ascii_whitespace() => {
                rest = &rest[c.len_utf8()..];
                continue;
            }
            '(' => (Token::Open, 1),
            ')' => (Token::Close, 1),
            '=' => (Token::Equals, 1),
            '|' => (Token::Bar, 1),
            '"' | '\'' => (Token::Literal, quoted(rest, c).ok_or_else(|| unclosed_quote(here))?),
            c if is_symbol(c) || matches!(c, '@' | '.' | '/') => {
                let length = rest.find(|c: char| !is_symbol(c) && !matches!(c, '@' | '.' | '/')).unwrap_or(rest.len());
                let word = &rest[..length];
                (if is_literal(word) { Token::Literal } else { Token::Word(word) }, length)
            }
            _ => return Err(unexpected(here)),
        };
        tokens.push((here, token));
        rest = &rest[length..];
    }
    Ok(tokens)
}

/// Length of a quoted text with its quotation marks.
fn quoted(text: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    for (index, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return Some(index + 1),
            _ => {}
        }
    }
    None
}

fn is_literal(word: &str) -> bool {
    let digits = word.strip_prefix('-').unwrap_or(word);
    matches!(word, "true" | "false" | "null")
        || (digits.starts_with(|c: char| c.is_ascii_digit()) && digits.parse::<f64>().is_ok())
}

/// What Handlebars takes as part of a name.
fn is_symbol(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '$' | ':') || c >= '\u{80}'
}

fn unexpected(at: usize) -> Problem {
    Problem::new(at, codes::SYNTAX, "这里无法读懂。", "This cannot be read.")
        .help("标签中只能写字段、引号内的文字、数字和括号。", "A tag has fields, quoted text, numbers and brackets.")
}

fn unclosed_quote(at: usize) -> Problem {
    Problem::new(at, codes::SYNTAX, "引号没有闭合。", "The quotation mark is not closed.")
}
