//! Reads a template far enough to tell, with places, everything that is wrong with it and every field that it names.
//! Handlebars' own parser stops at the first error and gives no places for fields; it still has the last word, because
//! it renders.

mod expression;
mod tags;
mod tree;

pub(crate) use tree::{Tree, parse};

/// A value in a tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Expression {
    Field(Path),
    Literal,
    Call(Call),
}

/// A word with its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Call {
    pub at: usize,
    pub name: String,
    pub arguments: Vec<Expression>,
    pub named: Vec<(String, Expression)>,
}

/// A field as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Path {
    pub at: usize,
    /// As written, for messages.
    pub text: String,
    pub from: From,
    pub segments: Vec<String>,
}

/// Where a path starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum From {
    /// The innermost block's value, or a name that a block gives.
    Here,
    /// So many blocks further out.
    Up(usize),
    /// All facts.
    Root,
    /// A variable of the loop: `@index` and the like.
    Loop,
}

/// A part of a template that is not text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Print(Expression),
    Block(Block),
    Partial { at: usize, name: String },
}

/// A block with what stands in it and what stands after `else`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    pub call: Call,
    /// Names given by `as |element index|`.
    pub names: Vec<String>,
    pub body: Vec<Part>,
    pub otherwise: Vec<Part>,
    /// Whether there is an `else`, be it empty.
    pub has_else: bool,
}

impl Block {
    fn new(call: Call, names: Vec<String>) -> Self {
        Self { call, names, body: Vec::new(), otherwise: Vec::new(), has_else: false }
    }
}
