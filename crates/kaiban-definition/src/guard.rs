//! Conditions of a package: CEL over `form`, `case`, `results` and `item`.
//!
//! This module and those below it are the only ones that know the CEL crate. A guard has no clock and no regular
//! expressions, and of functions besides CEL's only those of `functions`; its length, its nesting and the lists it walks
//! are bounded, so that its cost is. A guard that cannot be evaluated is an error, never false.

mod analyse;
mod functions;
mod value;

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use cel::common::ast::IdedExpr;
use cel::parser::Parser;
use cel::{Context, Env, ExecutionError, Value as Cel};
use kaiban_findings::{Finding, Place};
use serde_json::Value;

use crate::schema::Kind;
pub(crate) use analyse::{Analysis, End, Read, Root};

pub use kaiban_limits::package::{GUARD_LENGTH_MAX, LIST_LENGTH_MAX};

/// Deepest nesting of operators.
const NESTING_MAX: u16 = 16;

/// Deepest nesting of brackets. The parser needs some 150 KB of stack for each, before it looks at its own limit.
const BRACKETS_MAX: usize = 5;

/// A condition that was parsed and analysed.
#[derive(Clone, Debug)]
pub struct Guard {
    source: String,
    expression: IdedExpr,
    analysis: Analysis,
    wanted: value::Wanted,
}

/// An expression that gives a text: the key of a register's record.
#[derive(Clone, Debug)]
pub struct TextExpression(Guard);

impl TextExpression {
    pub(crate) fn new(expression: Guard) -> Self {
        Self(expression)
    }

    /// The text it was parsed from.
    pub fn source(&self) -> &str {
        self.0.source()
    }

    /// Evaluates the expression.
    ///
    /// # Errors
    /// Where it has no answer, or the answer is no text.
    pub fn eval(&self, scope: &Scope<'_>) -> Result<String, GuardError> {
        match self.0.value(scope)? {
            Cel::String(text) => Ok(text.to_string()),
            _ => Err(GuardError::NotText { guard: self.0.source.clone() }),
        }
    }
}

/// What a guard can see.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'a> {
    /// The form, in the revision that counts.
    pub form: &'a Value,
    /// Facts about the case itself.
    pub case: CaseFacts<'a>,
    /// Results by step name; a step that was skipped or whose branch ended has none. The result of a step with branches
    /// is an object of its branches' results by key.
    pub results: &'a BTreeMap<String, Value>,
    /// The element of a list that is looked at, where one is.
    pub item: Option<&'a Value>,
    /// What is on record about who would sign a commitment, where somebody would.
    pub credit: Option<CreditFacts<'a>>,
}

/// What a guard can see of somebody's credit record, on the day on which it is asked.
#[derive(Clone, Copy, Debug)]
pub struct CreditFacts<'a> {
    /// Minor records (轻微) in force.
    pub minor: u32,
    /// General records (一般) in force.
    pub general: u32,
    /// Records in force that are rather grave (较严重的不良信用记录): serious (严重), or a listing as seriously dishonest.
    pub serious: u32,
    /// False commitments (虚假承诺) in force: not repaired, and within the span of the record.
    pub broken_promises: u32,
    /// Class of risk, `A` (least) to `D`.
    pub risk: &'a str,
}

/// What a guard can see of the case itself.
#[derive(Clone, Copy, Debug)]
pub struct CaseFacts<'a> {
    /// Code of the registering division (GB/T 2260).
    pub registrar: &'a str,
    /// Name of the package.
    pub workflow: &'a str,
    /// How many doubts the form came with.
    pub doubts: u32,
    /// The day (+08:00), `2026-11-22`.
    pub date: &'a str,
}

/// Why a guard has no answer. No text quotes a value of the form.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GuardError {
    /// It read a field that is not there.
    #[error("guard `{guard}` reads `{field}`, which is not there")]
    Missing {
        /// The guard.
        guard: String,
        /// The field's name.
        field: String,
    },
    /// It gave something that is not true or false.
    #[error("guard `{guard}` is neither true nor false")]
    NotBoolean {
        /// The guard.
        guard: String,
    },
    /// It gave something that is no text.
    #[error("expression `{guard}` gives no text")]
    NotText {
        /// The expression.
        guard: String,
    },
    /// It read a list that is too long.
    #[error("guard `{guard}` reads a list of more than {max} items")]
    ListTooLong {
        /// The guard.
        guard: String,
        /// [`LIST_LENGTH_MAX`].
        max: usize,
    },
    /// Any other failure: a type that an operator cannot take, a number that overflows.
    #[error("guard `{guard}` cannot be evaluated: {reason}")]
    Failed {
        /// The guard.
        guard: String,
        /// What went wrong.
        reason: String,
    },
}

/// A problem of a guard's text.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    /// Characters before the place, in the guard's text.
    pub offset: u32,
    pub finding: Finding,
}

impl Guard {
    /// Parses a guard.
    ///
    /// # Errors
    /// Every problem of the text: `GUARD_TOO_LONG`, `GUARD_SYNTAX`, `GUARD_UNKNOWN_NAME`, `GUARD_UNKNOWN_FUNCTION`,
    /// `GUARD_TOO_DEEP`. The place is the whole text.
    pub fn parse(text: &str) -> Result<Self, Vec<Finding>> {
        Self::parse_located(text).map_err(|problems| problems.into_iter().map(|problem| problem.finding).collect())
    }

    pub(crate) fn parse_located(text: &str) -> Result<Self, Vec<Problem>> {
        Self::parse_for(Kind::Bool, text)
    }

    /// Parses an expression that gives a text.
    pub(crate) fn parse_text_located(text: &str) -> Result<Self, Vec<Problem>> {
        Self::parse_for(Kind::Text, text)
    }

    fn parse_for(wanted: Kind, text: &str) -> Result<Self, Vec<Problem>> {
        if text.chars().count() > GUARD_LENGTH_MAX {
            let finding = Finding::error(
                "GUARD_TOO_LONG",
                Place::Whole,
                format!("条件不得超过 {GUARD_LENGTH_MAX} 个字符。"),
                format!("A guard has at most {GUARD_LENGTH_MAX} characters."),
            );
            return Err(vec![Problem { offset: 0, finding }]);
        }
        if let Some(offset) = too_deep(text) {
            let finding = Finding::error(
                "GUARD_TOO_DEEP",
                Place::Whole,
                format!("括号最多嵌套 {BRACKETS_MAX} 层。"),
                format!("Brackets nest {BRACKETS_MAX} deep, no deeper."),
            );
            return Err(vec![Problem { offset, finding }]);
        }
        let parser = Parser::new()
            .max_recursion_depth(NESTING_MAX)
            .enable_ident_escape_syntax(true)
            .enable_optional_syntax(false);
        let (expression, places) = parser.parse_with_source_info(text).map_err(|errors| syntax(text, &errors))?;
        let (analysis, problems) = analyse::analyse(&expression, &places, wanted);
        if !problems.is_empty() {
            return Err(problems);
        }
        let wanted = value::Wanted::by(&analysis.reads);
        Ok(Self { source: text.to_owned(), expression, analysis, wanted })
    }

    /// The text it was parsed from.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The places it reads, written as in the guard (`form.invoices.paper`, `results.seal`); `[]` is any item of a
    /// list. Each once, sorted.
    pub fn reads(&self) -> Vec<String> {
        let mut texts: Vec<String> = self.analysis.reads.iter().map(Read::to_string).collect();
        texts.sort();
        texts.dedup();
        texts
    }

    pub(crate) fn analysis(&self) -> &Analysis {
        &self.analysis
    }

    /// Evaluates the guard.
    ///
    /// # Errors
    /// Where the guard has no answer; the caller makes an incident of it.
    pub fn eval(&self, scope: &Scope<'_>) -> Result<bool, GuardError> {
        match self.value(scope)? {
            Cel::Bool(answer) => Ok(answer),
            _ => Err(GuardError::NotBoolean { guard: self.source.clone() }),
        }
    }

    fn value(&self, scope: &Scope<'_>) -> Result<Cel, GuardError> {
        let mut context = Context::with_env(Arc::clone(environment()));
        for (name, value) in self
            .wanted
            .convert(scope)
            .map_err(|value::TooLong| GuardError::ListTooLong { guard: self.source.clone(), max: LIST_LENGTH_MAX })?
        {
            context.add_variable_from_value(name, value);
        }
        Cel::resolve(&self.expression, &context).map_err(|error| self.failure(&error))
    }

    /// CEL's own messages quote values; these do not.
    fn failure(&self, error: &ExecutionError) -> GuardError {
        let guard = self.source.clone();
        let reason = match error {
            ExecutionError::NoSuchKey(field) => return GuardError::Missing { guard, field: field.to_string() },
            ExecutionError::NoSuchOverload(overload) => overload.to_string(),
            ExecutionError::Overflow(operator, ..) => format!("`{operator}` overflows"),
            // The messages of our own functions quote nothing; CEL's do.
            ExecutionError::FunctionError { function, message } if functions::is_own(function) => {
                format!("`{function}`: {message}")
            }
            ExecutionError::DivisionByZero(_) | ExecutionError::RemainderByZero(_) => "division by zero".into(),
            ExecutionError::IndexOutOfBounds(_) => "the list has no such item".into(),
            ExecutionError::ValuesNotComparable(..) => "the values cannot be compared".into(),
            _ => "the values do not fit the expression".into(),
        };
        GuardError::Failed { guard, reason }
    }
}

/// The standard library of CEL with our functions; building it costs more than evaluating a guard.
fn environment() -> &'static Arc<Env> {
    static ENVIRONMENT: OnceLock<Arc<Env>> = OnceLock::new();
    ENVIRONMENT.get_or_init(|| {
        let mut env = Env::default().with_optional_support(false).with_stdlib();
        let declared = functions::declare(&mut env);
        debug_assert_eq!(declared, Ok(()), "our functions have names of their own");
        Arc::new(env)
    })
}

/// The first bracket that is too deep. Brackets inside quotes count too: nobody has to read strings to be safe.
fn too_deep(text: &str) -> Option<u32> {
    let mut open = 0_usize;
    for (offset, c) in (0..).zip(text.chars()) {
        match c {
            '(' | '[' | '{' => open += 1,
            ')' | ']' | '}' => open = open.saturating_sub(1),
            _ => {}
        }
        if open > BRACKETS_MAX {
            return Some(offset);
        }
    }
    None
}

fn syntax(text: &str, errors: &cel::ParseErrors) -> Vec<Problem> {
    errors
        .errors
        .iter()
        .map(|error| {
            let (line, column) = (error.pos.0.max(1) as usize, error.pos.1.max(1) as usize);
            let before: usize = text.split_inclusive('\n').take(line - 1).map(|line| line.chars().count()).sum();
            // The parser lists every token that it would have taken instead; nobody reads that.
            let detail = error.msg.lines().next().unwrap_or_default();
            let detail = detail.strip_prefix("Syntax error: ").unwrap_or(detail);
            let detail = detail.split(" expecting ").next().unwrap_or_default().replace("'<EOF>'", "the end");
            let finding = Finding::error(
                "GUARD_SYNTAX",
                Place::Whole,
                "条件不符合 CEL 语法。",
                format!("This is not a CEL expression: {detail}."),
            );
            Problem { offset: u32::try_from(before + column - 1).unwrap_or(0), finding }
        })
        .collect()
}

#[cfg(test)]
mod tests;
