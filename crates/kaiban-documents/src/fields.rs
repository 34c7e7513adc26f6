//! Which fields a letter reads, and from where: the question that strict rendering does not answer, because a branch
//! that was not taken and a condition on a missing field read nothing.

use std::collections::BTreeMap;

use kaiban_findings::Finding;

use crate::limits::{NESTING_MAX, PARTS_MAX};
use crate::problems::{Problem, Source, codes};
use crate::shape::{self, Shape};
use crate::syntax::{Block, Call, Expression, From, Part, Path, Tree};
use crate::vocabulary;

/// A field that a letter reads, once for each place that reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// The field from the facts down, without indexes: `form.people.name` inside `{{#each form.people}}`.
    pub path: Vec<String>,
    /// Lengths of the beginnings of `path` that the letter goes through with `#each`, ascending. Where the schema has a
    /// list, its length must be here; where it has none, it must not. A list's length being the whole path's says that
    /// the element itself is read.
    pub lists: Vec<usize>,
    /// What for.
    pub read: Read,
    /// Fields that are known to be there wherever this one is read, because a condition around it asks for them.
    pub ensured: Vec<Vec<String>>,
    /// File of the package.
    pub file: String,
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1, in characters.
    pub column: u32,
}

impl Field {
    /// The path as a template would write it.
    pub fn dotted(&self) -> String {
        self.path.join(".")
    }

    /// Whether the first `length` names of the path are there wherever the field is read. An optional field that is
    /// not ensured stops the letter when it is missing, unless it is read as a [`Read::Condition`].
    pub fn is_ensured(&self, length: usize) -> bool {
        self.path.get(..length).is_some_and(|wanted| self.ensured.iter().any(|there| there.starts_with(wanted)))
    }
}

/// What a field is read for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Read {
    /// Printed, or given to a word: must be a single value, must be there.
    Value,
    /// Only whether it is there and not empty. Strict rendering does not notice when it can never be.
    Condition,
    /// Gone through with `#each`, or given to a word that takes a list: must be a list.
    List,
    /// Entered with `#with`: must be an object.
    Object,
}

/// A template with its tree.
pub(crate) struct Parsed<'a> {
    pub source: Source<'a>,
    pub tree: Tree,
}

/// Follows a letter and its partials, by name.
pub(crate) struct Walk<'a> {
    pub partials: &'a BTreeMap<&'a str, Parsed<'a>>,
    pub fields: Vec<Field>,
    pub findings: Vec<Finding>,
    parts: usize,
}

/// A path from the facts down, and the lengths of its lists.
type Target = (Vec<String>, Vec<usize>);

/// A value that names in a block start from.
#[derive(Clone, Default)]
struct Scope {
    path: Vec<String>,
    lists: Vec<usize>,
    /// Names given by `as`; `None` for the loop's index.
    names: Vec<(String, Option<Target>)>,
    is_loop: bool,
}

/// Where the walk is.
struct Here<'a, 'b> {
    source: Source<'a>,
    scopes: &'b [Scope],
    ensured: &'b [Vec<String>],
    /// Names of the partials around, innermost last.
    inside: &'b [&'b str],
    depth: usize,
}

impl<'a> Walk<'a> {
    pub fn new(partials: &'a BTreeMap<&'a str, Parsed<'a>>) -> Self {
        Self { partials, fields: Vec::new(), findings: Vec::new(), parts: 0 }
    }

    /// Follows a letter from its beginning.
    pub fn letter(&mut self, letter: &Parsed<'a>) {
        let scopes = [Scope::default()];
        let here = Here { source: letter.source, scopes: &scopes, ensured: &[], inside: &[], depth: 0 };
        self.parts(&letter.tree.parts, &here);
    }

    fn parts(&mut self, parts: &[Part], here: &Here<'a, '_>) {
        for part in parts {
            self.parts += 1;
            if self.parts == PARTS_MAX {
                self.find(
                    here,
                    Problem::new(
                        0,
                        codes::TOO_LARGE,
                        format!("文书连同其公共片段超过 {PARTS_MAX} 个标签。"),
                        format!("The letter with its partials has more than {PARTS_MAX} tags."),
                    ),
                );
            }
            if self.parts >= PARTS_MAX {
                return;
            }
            match part {
                Part::Print(Expression::Field(path)) => self.read(path, Read::Value, here),
                Part::Print(Expression::Call(call)) => self.arguments(call, here),
                Part::Print(Expression::Literal) => {}
                Part::Block(block) => self.block(block, here),
                Part::Partial { at, name } => self.partial(*at, name, here),
            }
        }
    }

    fn arguments(&mut self, call: &Call, here: &Here<'a, '_>) {
        for value in call.arguments.iter().chain(call.named.iter().map(|(_, value)| value)) {
            match value {
                Expression::Field(path) if vocabulary::takes_list(&call.name) => self.read(path, Read::List, here),
                Expression::Field(path) => self.read(path, Read::Value, here),
                Expression::Call(call) => self.arguments(call, here),
                Expression::Literal => {}
            }
        }
    }

    fn block(&mut self, block: &Block, here: &Here<'a, '_>) {
        if here.depth == NESTING_MAX {
            self.find(
                here,
                Problem::new(
                    block.call.at,
                    codes::TOO_LARGE,
                    format!("区块连同公共片段嵌套超过 {NESTING_MAX} 层。"),
                    format!("More than {NESTING_MAX} blocks inside each other, partials included."),
                ),
            );
            return;
        }
        let argument = block.call.arguments.first();
        match (block.call.name.as_str(), argument) {
            (name @ ("if" | "unless"), Some(condition)) => {
                match condition {
                    Expression::Field(path) => self.read(path, Read::Condition, here),
                    Expression::Call(call) => self.arguments(call, here),
                    Expression::Literal => {}
                }
                let mut ensured = here.ensured.to_vec();
                asked_for(condition, here, &mut ensured);
                let asked = Here { ensured: &ensured, depth: here.depth + 1, ..*here };
                let plain = Here { depth: here.depth + 1, ..*here };
                let (body, otherwise) = if name == "if" { (&asked, &plain) } else { (&plain, &asked) };
                self.parts(&block.body, body);
                self.parts(&block.otherwise, otherwise);
            }
            (name @ ("each" | "with"), Some(Expression::Field(path))) => {
                let (each, plain) = (name == "each", Here { depth: here.depth + 1, ..*here });
                let optional = block.has_else;
                // With an `else`, nothing happens when the field is missing: that is a condition as well.
                if optional {
                    self.read(path, Read::Condition, here);
                }
                let target = resolve(path, here.scopes).ok();
                let mut ensured = here.ensured.to_vec();
                ensured.extend(target.iter().filter(|_| optional).map(|(path, _)| path.clone()));
                let asked = Here { ensured: &ensured, ..*here };
                self.read(path, if each { Read::List } else { Read::Object }, &asked);
                self.parts(&block.otherwise, &plain);
                let Some((path, lists)) = target else { return };
                ensured.push(path.clone());
                let mut scope = Scope { path: path.clone(), lists, names: Vec::new(), is_loop: each };
                if each {
                    scope.lists.push(path.len());
                }
                let element = (path, scope.lists.clone());
                for (index, name) in block.names.iter().enumerate() {
                    scope.names.push((name.clone(), (index == 0).then(|| element.clone())));
                }
                let mut scopes = here.scopes.to_vec();
                scopes.push(scope);
                self.parts(&block.body, &Here { scopes: &scopes, ensured: &ensured, ..plain });
            }
            (name @ ("each" | "with"), Some(_)) => {
                let problem = Problem::new(
                    block.call.at,
                    codes::ARGUMENTS,
                    format!("“#{name}”后只能写字段。"),
                    format!("`#{name}` takes a field."),
                );
                self.find(here, problem);
            }
            // Unknown, or without its argument: told by the tree.
            _ => {}
        }
    }

    fn partial(&mut self, at: usize, name: &str, here: &Here<'a, '_>) {
        let partials = self.partials;
        let Some((name, partial)) = partials.get_key_value(name) else {
            let known: Vec<&str> = partials.keys().copied().collect();
            let problem = Problem::new(
                at,
                codes::PARTIAL_UNKNOWN,
                format!("本事项的文书没有公共片段“{name}”。"),
                format!("The package has no partial `{name}`."),
            );
            let known = if known.is_empty() { "–".to_owned() } else { known.join(", ") };
            self.find(here, problem.help(format!("已有：{known}。"), format!("There are: {known}.")));
            return;
        };
        if here.inside.contains(name) {
            let mut circle = here.inside.to_vec();
            circle.push(name);
            let circle = circle.join(" → ");
            let problem = Problem::new(
                at,
                codes::PARTIAL_CYCLE,
                format!("公共片段互相包含：{circle}。"),
                format!("Partials contain each other: {circle}."),
            );
            self.find(here, problem);
            return;
        }
        let mut inside = here.inside.to_vec();
        inside.push(name);
        let within = Here { source: partial.source, inside: &inside, ..*here };
        self.parts(&partial.tree.parts, &within);
    }

    fn read(&mut self, path: &Path, read: Read, here: &Here<'a, '_>) {
        if path.from == From::Loop {
            let known = matches!(path.segments.first().map(String::as_str), Some("index" | "first" | "last"));
            let inside = here.scopes.iter().any(|scope| scope.is_loop);
            if !known || !inside {
                let problem = Problem::new(
                    path.at,
                    codes::SCOPE,
                    format!("“{}”在这里没有值。", path.text),
                    format!("`{}` has no value here.", path.text),
                );
                self.find(
                    here,
                    problem.help(
                        "@index、@first、@last 只在 {{#each}} 内可用；全部事实写作 @root。",
                        "@index, @first and @last stand inside {{#each}}; all facts are @root.",
                    ),
                );
            }
            return;
        }
        // A partial's own scope stands between it and the blocks around it.
        if let (From::Up(_), Some(_)) = (path.from, here.inside.last()) {
            let problem = Problem::new(
                path.at,
                codes::SCOPE,
                "公共片段不能用“../”读取外层的值。",
                "A partial cannot read what is around it with `../`.",
            );
            self.find(here, problem.help("从全部事实读取：@root.…。", "Read it from all facts: `@root.…`."));
            return;
        }
        match resolve(path, here.scopes) {
            Ok((resolved, lists)) => self.resolved(path, resolved, lists, read, here),
            Err(IsIndex) if read == Read::Value || read == Read::Condition => {}
            Err(IsIndex) => {
                let text = &path.text;
                let problem = Problem::new(
                    path.at,
                    codes::SCOPE,
                    format!("“{text}”是序号，不是列表或对象。"),
                    format!("`{text}` is a count, neither a list nor an object."),
                );
                self.find(here, problem);
            }
        }
        if let From::Up(up) = path.from
            && up >= here.scopes.len()
        {
            let problem =
                Problem::new(path.at, codes::SCOPE, "“../”超出了最外层。", "`../` goes further out than the letter.");
            self.find(here, problem.help("从全部事实读取：@root.…。", "Read it from all facts: `@root.…`."));
        }
    }

    fn resolved(&mut self, path: &Path, resolved: Vec<String>, lists: Vec<usize>, read: Read, here: &Here<'a, '_>) {
        let dotted = resolved.join(".");
        match shape::of(&resolved, &lists) {
            Ok(Shape::Open) => {}
            Ok(shape) if shape.serves(read) => {}
            Ok(shape) => {
                let (zh, en) = shape.named();
                let problem = Problem::new(
                    path.at,
                    codes::FIELD_UNKNOWN,
                    format!("“{dotted}”是{zh}，不能这样使用。"),
                    format!("`{dotted}` is {en} and cannot be used like this."),
                );
                self.find(here, problem);
                return;
            }
            Err(known) => {
                let problem = Problem::new(
                    path.at,
                    codes::FIELD_UNKNOWN,
                    format!("文书没有“{dotted}”这个字段。"),
                    format!("Letters have no field `{dotted}`."),
                );
                let problem = if known.is_empty() {
                    problem.help(
                        "列表要用 {{#each}} 逐项读取；单个值没有下级字段。",
                        "A list is read with {{#each}}; a single value has no fields.",
                    )
                } else {
                    let known = known.join(", ");
                    problem.help(format!("这里可用的有：{known}。"), format!("Known here: {known}."))
                };
                self.find(here, problem);
                return;
            }
        }
        let (line, column) = here.source.position(path.at);
        let field = Field {
            path: resolved,
            lists,
            read,
            ensured: here.ensured.to_vec(),
            file: here.source.path.to_owned(),
            line,
            column,
        };
        if !self.fields.contains(&field) {
            self.fields.push(field);
        }
    }

    fn find(&mut self, here: &Here<'_, '_>, problem: Problem) {
        let finding = problem.found_in(here.source);
        if !self.findings.contains(&finding) {
            self.findings.push(finding);
        }
    }
}

/// A name that stands for the loop's index.
struct IsIndex;

/// A path from the facts down, as Handlebars resolves it: a name given by a block first, then the block's own value.
fn resolve(path: &Path, scopes: &[Scope]) -> Result<Target, IsIndex> {
    let (base, rest) = match path.from {
        From::Root | From::Loop => (None, path.segments.as_slice()),
        From::Here | From::Up(_) => {
            let given = path.segments.first().and_then(|first| {
                let mut names = scopes.iter().rev().flat_map(|scope| &scope.names);
                names.find(|(name, _)| name == first)
            });
            match given {
                Some((_, None)) => return Err(IsIndex),
                Some((_, Some(element))) => (Some(element.clone()), &path.segments[1..]),
                None => {
                    let up = if let From::Up(up) = path.from { up } else { 0 };
                    let scope = scopes.len().checked_sub(up + 1).and_then(|index| scopes.get(index));
                    (scope.map(|scope| (scope.path.clone(), scope.lists.clone())), path.segments.as_slice())
                }
            }
        }
    };
    let (mut resolved, lists) = base.unwrap_or_default();
    resolved.extend_from_slice(rest);
    Ok((resolved, lists))
}

/// Adds the fields that must be there for a condition to hold.
fn asked_for(condition: &Expression, here: &Here<'_, '_>, ensured: &mut Vec<Vec<String>>) {
    match condition {
        Expression::Field(path) if path.from != From::Loop => {
            ensured.extend(resolve(path, here.scopes).ok().map(|(path, _)| path));
        }
        Expression::Call(call) if call.name == "and" => {
            for part in &call.arguments {
                asked_for(part, here, ensured);
            }
        }
        _ => {}
    }
}
