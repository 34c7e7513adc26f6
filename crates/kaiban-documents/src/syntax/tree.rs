//! Puts the tags of a template together: which block holds what.

use super::expression::{Line, Reader, path};
use super::tags::{Kind, Tag, tags};
use super::{Block, Call, Expression, Part};
use crate::limits::NESTING_MAX;
use crate::problems::{Problem, codes};
use crate::vocabulary::{self, Sort};

/// A template that was read, with everything that is wrong with it by itself.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tree {
    pub parts: Vec<Part>,
    pub problems: Vec<Problem>,
}

/// A block that is still open.
struct Open {
    at: usize,
    block: Block,
    /// An `else if`: closed together with the block that it belongs to.
    chained: bool,
}

/// Reads a template; never stops at a problem that it can get past.
pub(crate) fn parse(text: &str) -> Tree {
    let mut problems = Vec::new();
    let mut builder = Builder { parts: Vec::new(), open: Vec::new(), problems: Vec::new() };
    for tag in tags(text, &mut problems) {
        if let Err(problem) = builder.tag(&tag) {
            builder.problems.push(problem);
        }
    }
    let Builder { mut parts, open, problems: found } = builder;
    problems.extend(found);
    for open in open {
        if !open.chained {
            let name = &open.block.call.name;
            problems.push(
                Problem::new(
                    open.at,
                    codes::BLOCK,
                    format!("“{{{{#{name}}}}}”没有结束。"),
                    format!("`{{{{#{name}}}}}` is not closed."),
                )
                .help(format!("补上“{{{{/{name}}}}}”。"), format!("Write `{{{{/{name}}}}}`.")),
            );
        }
        parts.push(Part::Block(open.block));
    }
    problems.sort_by_key(|problem| problem.at);
    Tree { parts, problems }
}

struct Builder {
    parts: Vec<Part>,
    open: Vec<Open>,
    problems: Vec<Problem>,
}

impl Builder {
    fn tag(&mut self, tag: &Tag<'_>) -> Result<(), Problem> {
        if tag.inner.is_empty() && tag.kind != Kind::Else {
            return Err(Problem::new(tag.at, codes::SYNTAX, "空的标签。", "An empty tag."));
        }
        match tag.kind {
            Kind::Print => {
                let part = Part::Print(self.print(tag)?);
                self.push(part);
            }
            Kind::Partial => {
                let part = partial(tag)?;
                self.push(part);
            }
            Kind::Open => self.open(tag),
            Kind::Else => self.otherwise(tag)?,
            Kind::Close => self.close(tag)?,
        }
        Ok(())
    }

    fn push(&mut self, part: Part) {
        match self.open.last_mut() {
            Some(open) if open.block.has_else => open.block.otherwise.push(part),
            Some(open) => open.block.body.push(part),
            None => self.parts.push(part),
        }
    }

    fn print(&mut self, tag: &Tag<'_>) -> Result<Expression, Problem> {
        let Line { call, names } = Reader::new(tag.inner, tag.inner_at)?.line()?;
        if !names.is_empty() {
            return Err(Problem::new(
                tag.at,
                codes::SYNTAX,
                "只有区块才能用“as”命名。",
                "Only a block gives names with `as`.",
            ));
        }
        let bare = call.arguments.is_empty() && call.named.is_empty();
        if bare && vocabulary::find(&call.name).is_none() {
            return path(&call.name, call.at).map(Expression::Field);
        }
        self.check_call(&call, Sort::Value);
        Ok(Expression::Call(call))
    }

    fn open(&mut self, tag: &Tag<'_>) {
        let block = match Reader::new(tag.inner, tag.inner_at).and_then(Reader::line) {
            Ok(Line { call, names }) => {
                self.check_call(&call, Sort::Block);
                Block::new(call, names)
            }
            // The block stays, so that what closes it finds it.
            Err(problem) => {
                self.problems.push(problem);
                let name = tag.inner.split_ascii_whitespace().next().unwrap_or_default().to_owned();
                let call = Call { at: tag.inner_at, name, arguments: Vec::new(), named: Vec::new() };
                Block::new(call, Vec::new())
            }
        };
        if self.open.iter().filter(|open| !open.chained).count() == NESTING_MAX {
            self.problems.push(Problem::new(
                tag.at,
                codes::TOO_LARGE,
                format!("区块嵌套超过 {NESTING_MAX} 层。"),
                format!("More than {NESTING_MAX} blocks inside each other."),
            ));
        }
        self.open.push(Open { at: tag.at, block, chained: false });
    }

    fn otherwise(&mut self, tag: &Tag<'_>) -> Result<(), Problem> {
        let outside = || Problem::new(tag.at, codes::BLOCK, "“else”不在区块内。", "`else` is in no block.");
        let open = self.open.last_mut().ok_or_else(outside)?;
        if open.block.has_else {
            return Err(Problem::new(
                tag.at,
                codes::BLOCK,
                "同一区块只能有一个“else”。",
                "A block has one `else` only.",
            ));
        }
        open.block.has_else = true;
        if !tag.inner.is_empty() {
            self.open(tag);
            if let Some(open) = self.open.last_mut() {
                open.chained = true;
            }
        }
        Ok(())
    }

    fn close(&mut self, tag: &Tag<'_>) -> Result<(), Problem> {
        let name = tag.inner;
        let Some(nearest) = self.open.iter().rev().find(|open| !open.chained) else {
            return Err(Problem::new(
                tag.at,
                codes::BLOCK,
                format!("“{{{{/{name}}}}}”没有对应的开始标签。"),
                format!("`{{{{/{name}}}}}` closes nothing."),
            ));
        };
        let mismatch = (nearest.block.call.name != name).then(|| {
            let opened = &nearest.block.call.name;
            Problem::new(
                tag.at,
                codes::BLOCK,
                format!("这里应以“{{{{/{opened}}}}}”结束，写成了“{{{{/{name}}}}}”。"),
                format!("`{{{{/{opened}}}}}` should stand here, not `{{{{/{name}}}}}`."),
            )
        });
        // A wrong name most likely closes the nearest block all the same, unless another one of that name is open.
        if mismatch.is_some() && !self.open.iter().any(|open| !open.chained && open.block.call.name == name) {
            self.close_one();
        } else {
            while let Some(closed) = self.close_one() {
                if closed == name {
                    break;
                }
            }
        }
        mismatch.map_or(Ok(()), Err)
    }

    /// Closes the innermost block with the `else if`s that belong to it, and tells its name.
    fn close_one(&mut self) -> Option<String> {
        while let Some(open) = self.open.pop() {
            let name = open.block.call.name.clone();
            self.push(Part::Block(open.block));
            if !open.chained {
                return Some(name);
            }
        }
        None
    }

    /// Checks a word and the words in its brackets against the vocabulary.
    fn check_call(&mut self, call: &Call, sort: Sort) {
        match vocabulary::find(&call.name).filter(|word| word.sort == sort) {
            None => {
                let known: Vec<&str> = vocabulary::names(sort).collect();
                let problem = Problem::new(
                    call.at,
                    codes::HELPER_UNKNOWN,
                    format!("文书模板没有“{}”这个词。", call.name),
                    format!("Letters do not know the word `{}`.", call.name),
                );
                let known = known.join(", ");
                self.problems.push(problem.help(format!("可用的有：{known}。"), format!("Known here: {known}.")));
            }
            Some(word) => self.problems.extend(word.misuse(call)),
        }
        let values = call.arguments.iter().chain(call.named.iter().map(|(_, value)| value));
        for value in values {
            if let Expression::Call(inner) = value {
                self.check_call(inner, Sort::Value);
            }
        }
    }
}

fn partial(tag: &Tag<'_>) -> Result<Part, Problem> {
    let name = tag.inner;
    if name.contains(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))) {
        return Err(Problem::new(
            tag.at,
            codes::NOT_ALLOWED,
            "引用公共片段时只写片段名称，不带参数。",
            "A partial is named alone, without parameters.",
        )
        .help("写作“{{> _foot}}”。", "Write `{{> _foot}}`."));
    }
    Ok(Part::Partial { at: tag.at, name: name.to_owned() })
}
