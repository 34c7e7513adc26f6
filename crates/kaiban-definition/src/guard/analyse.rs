//! What a guard reads, found without evaluating it.

use std::collections::HashMap;
use std::fmt;

use cel::common::ast::{CallExpr, ComprehensionExpr, EntryExpr, Expr, IdedExpr, LiteralValue, SourceInfo, operators};
use kaiban_findings::{Finding, Place};

use super::{Problem, functions};
use crate::schema::{Kind, Part};

/// Lists of lists may be walked, lists of lists of lists not.
const LOOPS_MAX: usize = 2;

/// Operators and functions that a guard may use. Everything else is refused, so that a newer CEL crate adds nothing.
const FUNCTIONS: [&str; 20] = [
    operators::LOGICAL_AND,
    operators::LOGICAL_OR,
    operators::LOGICAL_NOT,
    operators::CONDITIONAL,
    operators::EQUALS,
    operators::NOT_EQUALS,
    operators::LESS,
    operators::LESS_EQUALS,
    operators::GREATER,
    operators::GREATER_EQUALS,
    operators::ADD,
    operators::SUBSTRACT,
    operators::MULTIPLY,
    operators::NEGATE,
    operators::INDEX,
    operators::IN,
    "size",
    "startsWith",
    "endsWith",
    "contains",
];

/// The variables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Root {
    Form,
    Case,
    Results,
    Item,
    Credit,
}

/// One place that a guard looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Read {
    pub root: Root,
    pub path: Vec<Part>,
    /// So many leading parts of the path are known to be there when this is read, because `has()` was asked before.
    pub sure: usize,
    /// Only whether it is there was asked.
    pub tested: bool,
    /// Characters before it in the guard.
    pub offset: u32,
}

impl fmt::Display for Read {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.root {
            Root::Form => "form",
            Root::Case => "case",
            Root::Results => "results",
            Root::Item => "item",
            Root::Credit => "credit",
        })?;
        self.path.iter().try_for_each(|part| match part {
            Part::Name(name) => write!(f, ".{name}"),
            Part::Item => f.write_str("[]"),
        })
    }
}

/// What a subexpression gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// A value of this type.
    Is(Kind),
    /// What stands at this place.
    At(Root, Vec<Part>),
    /// Not known before it is evaluated.
    Unknown,
}

/// What was found.
#[derive(Clone, Debug, Default)]
pub(crate) struct Analysis {
    pub reads: Vec<Read>,
    /// What must be true or false: the guard itself and the operands of `&&`, `||`, `!` and `?`.
    pub booleans: Vec<(End, u32)>,
    /// What must be a text, where the whole expression has to give one.
    pub texts: Vec<(End, u32)>,
    /// What functions are given, and what they take.
    pub arguments: Vec<(End, &'static [Kind], u32)>,
    /// What is compared with what.
    pub compared: Vec<(End, End, u32)>,
    /// What `+`, `-` and `*` are given, and what they take: both sides the same.
    pub joined: Vec<(End, End, &'static [Kind], u32)>,
    /// The guard is `true` or `false`, or the expression a text.
    pub constant: bool,
}

type Path = (Root, Vec<Part>);

/// `wanted`: whether the expression must be true or false, or give a text.
pub(super) fn analyse(expression: &IdedExpr, places: &SourceInfo, wanted: Kind) -> (Analysis, Vec<Problem>) {
    let mut walk =
        Walk { places, analysis: Analysis::default(), problems: Vec::new(), bound: HashMap::new(), loops: 0 };
    walk.expression(expression, &[]);
    if wanted == Kind::Bool {
        walk.boolean(expression);
    } else {
        let offset = walk.start(expression);
        walk.analysis.texts = walk.ends(expression).into_iter().map(|end| (end, offset)).collect();
    }
    walk.analysis.constant =
        matches!(&expression.expr, Expr::Literal(LiteralValue::Boolean(_) | LiteralValue::String(_)));
    (walk.analysis, walk.problems)
}

struct Walk<'e> {
    places: &'e SourceInfo,
    analysis: Analysis,
    problems: Vec<Problem>,
    /// Variables of the loops around, with the place whose item they stand for.
    bound: HashMap<&'e str, Option<Path>>,
    loops: usize,
}

impl<'e> Walk<'e> {
    fn offset(&self, expression: &IdedExpr) -> u32 {
        self.places.offset_for(expression.id).map_or(0, |(start, _)| start)
    }

    fn problem(
        &mut self,
        expression: &IdedExpr,
        code: &'static str,
        zh: impl Into<String>,
        en: impl Into<String>,
    ) -> &mut Problem {
        let offset = self.offset(expression);
        self.problems.push(Problem { offset, finding: Finding::error(code, Place::Whole, zh, en) });
        let last = self.problems.len() - 1;
        &mut self.problems[last]
    }

    /// The place an expression names, if it does nothing but name one.
    fn path(&self, expression: &IdedExpr) -> Option<Path> {
        match &expression.expr {
            Expr::Ident(name) => match self.bound.get(name.as_str()) {
                Some(path) => path.clone(),
                None => Some((root(name)?, Vec::new())),
            },
            Expr::Select(select) if !select.test => {
                let (root, mut path) = self.path(&select.operand)?;
                path.push(Part::Name(select.field.clone()));
                Some((root, path))
            }
            Expr::Call(call) if call.func_name == operators::INDEX => {
                let [list, index] = call.args.as_slice() else { return None };
                let (root, mut path) = self.path(list)?;
                path.push(match &index.expr {
                    Expr::Literal(LiteralValue::String(name)) => Part::Name(name.inner().to_owned()),
                    _ => Part::Item,
                });
                Some((root, path))
            }
            _ => None,
        }
    }

    /// Where the leftmost name of a path stands.
    fn start(&self, expression: &IdedExpr) -> u32 {
        match &expression.expr {
            Expr::Select(select) => self.start(&select.operand),
            Expr::Call(call) if call.func_name == operators::INDEX && !call.args.is_empty() => {
                self.start(&call.args[0])
            }
            _ => self.offset(expression),
        }
    }

    fn read(&mut self, (root, path): Path, tested: bool, known: &[Path], offset: u32) {
        let proven = |(known_root, known): &Path| *known_root == root && path.starts_with(known);
        let sure = known.iter().filter(|path| proven(path)).map(|(_, known)| known.len()).max().unwrap_or(0);
        self.analysis.reads.push(Read { root, path, sure, tested, offset });
    }

    /// Walks an expression; `known` are the places that are there whenever it is evaluated.
    fn expression(&mut self, expression: &'e IdedExpr, known: &[Path]) {
        if let Some(path) = self.path(expression) {
            let offset = self.start(expression);
            self.read(path, false, known, offset);
            self.indexes(expression, known);
            return;
        }
        match &expression.expr {
            Expr::Unspecified | Expr::Literal(_) => {}
            Expr::Ident(name) => {
                if !self.bound.contains_key(name.as_str()) {
                    let zh = format!("没有名为 {name} 的变量。");
                    let problem = self.problem(expression, "GUARD_UNKNOWN_NAME", zh, format!("There is no `{name}`."));
                    problem.finding.help = Some(kaiban_findings::Text::new(
                        "只能使用 form、case、results、item、credit；名称中带连字符的环节要写成 results.`social-insurance`。",
                        "Only form, case, results, item and credit exist; a step with a hyphen is written \
                         results.`social-insurance`.",
                    ));
                }
            }
            Expr::Select(select) => match self.path(&select.operand).filter(|_| select.test) {
                Some((root, mut path)) => {
                    path.push(Part::Name(select.field.clone()));
                    let offset = self.start(&select.operand);
                    self.read((root, path), true, known, offset);
                    self.indexes(&select.operand, known);
                }
                None => self.expression(&select.operand, known),
            },
            Expr::Call(call) => self.call(expression, call, known),
            Expr::Comprehension(comprehension) => self.comprehension(expression, comprehension, known),
            Expr::List(list) => list.elements.iter().for_each(|element| self.expression(element, known)),
            Expr::Map(map) => {
                for entry in &map.entries {
                    if let EntryExpr::MapEntry(entry) = &entry.expr {
                        self.expression(&entry.key, known);
                        self.expression(&entry.value, known);
                    }
                }
            }
            Expr::Struct(made) => {
                let name = &made.type_name;
                self.problem(
                    expression,
                    "GUARD_UNKNOWN_FUNCTION",
                    format!("条件中不能构造 {name}。"),
                    format!("A guard cannot make a `{name}`."),
                );
            }
        }
    }

    /// The indexes inside a path, which are expressions of their own.
    fn indexes(&mut self, expression: &'e IdedExpr, known: &[Path]) {
        match &expression.expr {
            Expr::Select(select) => self.indexes(&select.operand, known),
            Expr::Call(call) => {
                if let [list, index] = call.args.as_slice() {
                    self.indexes(list, known);
                    self.expression(index, known);
                }
            }
            _ => {}
        }
    }

    fn call(&mut self, expression: &'e IdedExpr, call: &'e CallExpr, known: &[Path]) {
        let name = call.func_name.as_str();
        let own = functions::OWN.iter().find(|(own, ..)| *own == name);
        if own.is_none() && !FUNCTIONS.contains(&name) && !name.starts_with("@not_strictly_false") {
            let shown = name.trim_matches('_');
            let zh = format!("条件中不能使用 {shown}。");
            self.problem(expression, "GUARD_UNKNOWN_FUNCTION", zh, format!("A guard cannot use `{shown}`."))
                .finding
                .help = Some(kaiban_findings::Text::new(
                "可用：比较、加减乘、&&、||、!、?:、in、has、size、startsWith、endsWith、contains、exists、\
                 all、name_key、plus_years、plus_days、\
                 age_on、sum。",
                "Use comparisons, + - *, && || ! ?:, in, has, size, startsWith, endsWith, contains, exists, all, name_key, \
                 plus_years, plus_days, age_on, sum.",
            ));
        }
        self.arguments(name, expression, call);
        self.types(name, expression, call);
        match (name, call.args.as_slice()) {
            (operators::LOGICAL_AND, [left, right]) => {
                self.expression(left, known);
                self.expression(right, &self.with(known, left, true));
            }
            (operators::LOGICAL_OR, [left, right]) => {
                self.expression(left, known);
                self.expression(right, &self.with(known, left, false));
            }
            (operators::CONDITIONAL, [condition, yes, no]) => {
                self.expression(condition, known);
                self.expression(yes, &self.with(known, condition, true));
                self.expression(no, &self.with(known, condition, false));
            }
            (_, args) => {
                call.target.iter().for_each(|target| self.expression(target, known));
                args.iter().for_each(|argument| self.expression(argument, known));
            }
        }
    }

    fn types(&mut self, name: &str, expression: &IdedExpr, call: &CallExpr) {
        match (name, call.args.as_slice()) {
            (operators::LOGICAL_AND | operators::LOGICAL_OR, [left, right]) => {
                self.boolean(left);
                self.boolean(right);
            }
            (operators::LOGICAL_NOT, [operand]) | (operators::CONDITIONAL, [operand, ..]) => self.boolean(operand),
            (
                operators::EQUALS
                | operators::NOT_EQUALS
                | operators::LESS
                | operators::LESS_EQUALS
                | operators::GREATER
                | operators::GREATER_EQUALS,
                [left, right],
            ) => {
                let offset = self.offset(expression);
                for left in self.ends(left) {
                    for right in self.ends(right) {
                        self.analysis.compared.push((left.clone(), right, offset));
                    }
                }
            }
            (operators::ADD | operators::SUBSTRACT | operators::MULTIPLY, [left, right]) => {
                const NUMBERS: &[Kind] = &[Kind::Number];
                const JOINED: &[Kind] = &[Kind::Text, Kind::Number, Kind::List];
                let takes = if name == operators::ADD { JOINED } else { NUMBERS };
                let offset = self.offset(expression);
                for left in self.ends(left) {
                    for right in self.ends(right) {
                        self.analysis.joined.push((left.clone(), right, takes, offset));
                    }
                }
            }
            _ => {}
        }
    }

    /// What a function is given against what it takes.
    fn arguments(&mut self, name: &str, expression: &IdedExpr, call: &CallExpr) {
        const SIZED: &[Kind] = &[Kind::Text, Kind::List, Kind::Object];
        let takes: Vec<&'static [Kind]> = match functions::OWN.iter().find(|(own, ..)| *own == name) {
            Some((_, takes, _)) => takes.chunks(1).collect(),
            None if name == "size" => vec![SIZED],
            None if ["startsWith", "endsWith", "contains"].contains(&name) => vec![&[Kind::Text], &[Kind::Text]],
            None => return,
        };
        let given: Vec<&IdedExpr> = call.target.iter().map(|target| &**target).chain(&call.args).collect();
        let own = functions::is_own(name);
        if given.len() != takes.len() || own && call.target.is_some() {
            let zh = format!("{name} 的参数个数或写法不对。");
            let en = format!("`{name}` is not written with its arguments.");
            self.problem(expression, "GUARD_ARGUMENT", zh, en).finding.help = Some(kaiban_findings::Text::new(
                "写法：name_key(文本)、plus_years(日期, 年数)、plus_days(日期, 天数)、age_on(公民身份号码, 日期)、sum(列表)、\
                 size(列表)、文本.startsWith(文本)。",
                "Write name_key(text), plus_years(date, n), plus_days(date, n), age_on(citizen number, date), sum(list), \
                 size(list), text.startsWith(text).",
            ));
            return;
        }
        for (argument, takes) in given.into_iter().zip(takes) {
            let offset = self.start(argument);
            for end in self.ends(argument) {
                self.analysis.arguments.push((end, takes, offset));
            }
        }
    }

    fn boolean(&mut self, expression: &IdedExpr) {
        // What CEL's own macros bring with them is boolean.
        if matches!(&expression.expr, Expr::Ident(name) if name.starts_with('@')) {
            return;
        }
        let offset = self.start(expression);
        for end in self.ends(expression) {
            self.analysis.booleans.push((end, offset));
        }
    }

    fn comprehension(&mut self, expression: &IdedExpr, comprehension: &'e ComprehensionExpr, known: &[Path]) {
        self.expression(&comprehension.iter_range, known);
        if self.loops == LOOPS_MAX {
            self.problem(
                expression,
                "GUARD_TOO_DEEP",
                format!("列表遍历最多嵌套 {LOOPS_MAX} 层。"),
                format!("Lists may be walked inside each other {LOOPS_MAX} deep, no deeper."),
            );
            return;
        }
        let item = self.path(&comprehension.iter_range).map(|(root, mut path)| {
            path.push(Part::Item);
            (root, path)
        });
        let outer = self.bound.clone();
        self.bound.insert(&comprehension.iter_var, item);
        comprehension.iter_var2.iter().for_each(|name| {
            self.bound.insert(name, None);
        });
        self.bound.insert(&comprehension.accu_var, None);
        self.loops += 1;
        for inner in
            [&comprehension.accu_init, &comprehension.loop_cond, &comprehension.loop_step, &comprehension.result]
        {
            self.expression(inner, known);
        }
        self.loops -= 1;
        self.bound = outer;
    }

    fn with(&self, known: &[Path], condition: &IdedExpr, holds: bool) -> Vec<Path> {
        let mut all = known.to_vec();
        self.facts(condition, holds, &mut all);
        all
    }

    /// The places that are there when the condition holds (or does not).
    fn facts(&self, condition: &IdedExpr, holds: bool, facts: &mut Vec<Path>) {
        match &condition.expr {
            Expr::Select(select) if select.test && holds => {
                if let Some((root, mut path)) = self.path(&select.operand) {
                    path.push(Part::Name(select.field.clone()));
                    facts.push((root, path));
                }
            }
            Expr::Call(call) => match (call.func_name.as_str(), call.args.as_slice()) {
                (operators::LOGICAL_AND, args) if holds => args.iter().for_each(|arg| self.facts(arg, true, facts)),
                (operators::LOGICAL_OR, args) if !holds => args.iter().for_each(|arg| self.facts(arg, false, facts)),
                (operators::LOGICAL_NOT, [operand]) => self.facts(operand, !holds, facts),
                _ => {}
            },
            _ => {}
        }
    }

    /// What an expression may give; several where it chooses.
    fn ends(&self, expression: &IdedExpr) -> Vec<End> {
        if let Some((root, path)) = self.path(expression) {
            return vec![End::At(root, path)];
        }
        let is = |kind| vec![End::Is(kind)];
        match &expression.expr {
            Expr::Literal(literal) => match literal {
                LiteralValue::Boolean(_) => is(Kind::Bool),
                LiteralValue::Double(_) | LiteralValue::Int(_) | LiteralValue::UInt(_) => is(Kind::Number),
                LiteralValue::String(_) => is(Kind::Text),
                LiteralValue::Null => is(Kind::Null),
                LiteralValue::Bytes(_) => vec![End::Unknown],
            },
            Expr::Select(select) if select.test => is(Kind::Bool),
            Expr::List(_) => is(Kind::List),
            Expr::Map(_) => is(Kind::Object),
            Expr::Comprehension(comprehension) => match &comprehension.accu_init.expr {
                Expr::Literal(LiteralValue::Boolean(_)) => is(Kind::Bool),
                Expr::List(_) => is(Kind::List),
                // exists_one counts, and compares at the end.
                _ => self.ends(&comprehension.result),
            },
            Expr::Call(call) => match (call.func_name.as_str(), call.args.as_slice()) {
                (operators::CONDITIONAL, [_, yes, no]) => [self.ends(yes), self.ends(no)].concat(),
                (operators::SUBSTRACT | operators::MULTIPLY | operators::NEGATE | "size", _) => is(Kind::Number),
                // Texts are joined, numbers added.
                (operators::ADD, [left, right]) => match [self.ends(left), self.ends(right)].concat() {
                    ends if ends.contains(&End::Is(Kind::Text)) => is(Kind::Text),
                    ends if ends.contains(&End::Is(Kind::Number)) => is(Kind::Number),
                    // Both sides are alike: two numbers of a form make no text.
                    _ => self.ends(left),
                },
                (operators::ADD | operators::INDEX, _) => vec![End::Unknown],
                (name, _) => match functions::OWN.iter().find(|(own, ..)| *own == name) {
                    Some((_, _, gives)) => is(*gives),
                    None => is(Kind::Bool),
                },
            },
            _ => vec![End::Unknown],
        }
    }
}

fn root(name: &str) -> Option<Root> {
    match name {
        "form" => Some(Root::Form),
        "case" => Some(Root::Case),
        "results" => Some(Root::Results),
        "item" => Some(Root::Item),
        "credit" => Some(Root::Credit),
        _ => None,
    }
}
