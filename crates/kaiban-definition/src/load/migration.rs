//! Mapping files: `migrations/<from>-<to>.yaml` beside a package, or wherever an operator keeps them. Read alone, then held
//! against both versions: every step of the old one is kept, renamed or dropped, every step of the new one is accounted
//! for, and whatever the history of a step rests on is still there.

use std::collections::{BTreeMap, BTreeSet};
use std::mem::discriminant;
use std::sync::Arc;

use kaiban_findings::{Finding, Place};

use super::keys;
use super::reader::{Log, Spot, name};
use crate::migration::{Added, Dropped, Migration};
use crate::model::{Definition, INTAKE, Outcome, Step, Work};
use crate::tree::{self, At, Content, Node};

/// Old names and new ones.
type Renamed = Vec<(Spot<String>, Spot<String>)>;

/// A mapping file as it was written, every name with its place.
#[derive(Clone, Debug)]
pub struct MigrationFile {
    path: String,
    workflow: Spot<String>,
    from: Spot<String>,
    to: Spot<String>,
    renamed: Renamed,
    dropped: Vec<(Spot<String>, Dropped)>,
    added: Vec<(Spot<String>, Option<Spot<String>>)>,
    outcomes: Vec<(Spot<String>, Renamed)>,
}

impl MigrationFile {
    /// Reads a mapping file; places in findings are in the file of that path.
    pub fn read(path: &str, text: &str) -> (Option<Self>, Vec<Finding>) {
        let mut log = Log::new(path.to_owned(), text);
        let root = match tree::parse(path, text) {
            Ok(root) => root,
            Err(finding) => return (None, vec![*finding]),
        };
        let file = read(path, &root, &mut log).filter(|_| !log.findings.iter().any(Finding::is_error));
        (file, log.findings)
    }

    /// Name of the package.
    pub fn workflow(&self) -> &str {
        &self.workflow.value
    }

    /// The version that cases leave, as the file names it: by version or by digest.
    pub fn from(&self) -> &str {
        &self.from.value
    }

    /// The version that they go on by.
    pub fn to(&self) -> &str {
        &self.to.value
    }

    /// A finding at the place where the old version is named, or the new one.
    pub fn at_version(&self, old: bool, code: &'static str, zh: String, en: String) -> Finding {
        let at = if old { self.from.at } else { self.to.at };
        Finding::error(code, at.place(&self.path), zh, en)
    }

    /// Holds it against both versions; every problem at once.
    pub fn check(&self, from: &Definition, to: &Definition) -> (Option<Migration>, Vec<Finding>) {
        let mut log = Log::new(self.path.clone(), "");
        Check { file: self, from, to, log: &mut log }.run();
        let mut findings = log.findings;
        findings.sort_by_key(|finding| match &finding.place {
            Place::File { line, column, .. } => (*line, *column),
            _ => (0, 0),
        });
        let sound = !findings.iter().any(Finding::is_error);
        (sound.then(|| self.migration(from, to)), findings)
    }

    fn migration(&self, from: &Definition, to: &Definition) -> Migration {
        let text = |spot: &Spot<String>| spot.value.clone();
        let names = |pairs: &[(Spot<String>, Spot<String>)]| -> BTreeMap<String, String> {
            pairs.iter().map(|(old, new)| (text(old), text(new))).collect()
        };
        let added = |point: &Option<Spot<String>>| match point {
            None => Added::Offered,
            Some(point) => Added::SatisfiedOnceBegun(text(point)),
        };
        Migration {
            workflow: self.workflow.value.clone(),
            from: from.digest.clone(),
            to: to.digest.clone(),
            renamed: names(&self.renamed),
            dropped: self.dropped.iter().map(|(step, how)| (text(step), *how)).collect(),
            added: self.added.iter().map(|(step, point)| (text(step), added(point))).collect(),
            outcomes: self.outcomes.iter().map(|(step, pairs)| (text(step), names(pairs))).collect(),
        }
    }
}

fn read(path: &str, root: &Node, log: &mut Log<'_>) -> Option<MigrationFile> {
    let mut fields = root.object(&keys::MIGRATION, log)?;
    let workflow = fields.required("workflow", log).and_then(|node| node.name(log));
    let from = fields.required("from", log).and_then(|node| node.text(log));
    let to = fields.required("to", log).and_then(|node| node.text(log));
    let renamed = fields.optional("renamed").map(|node| names(node, log)).unwrap_or_default();
    let dropped = fields.optional("dropped").map(|node| dropped(node, log)).unwrap_or_default();
    let added = fields.optional("added").map(|node| added(node, log)).unwrap_or_default();
    let outcomes = fields.optional("outcomes").map(|node| outcomes(node, log)).unwrap_or_default();
    fields.finish(log);
    Some(MigrationFile {
        path: path.to_owned(),
        workflow: workflow?,
        from: from?,
        to: to?,
        renamed,
        dropped,
        added,
        outcomes,
    })
}

/// `old: new`, both names.
fn names(node: &Node, log: &mut Log<'_>) -> Renamed {
    let entries = node.entries(log).unwrap_or_default();
    entries.iter().filter_map(|(key, node)| Some((name(key.at, &key.name, log)?, node.name(log)?))).collect()
}

fn dropped(node: &Node, log: &mut Log<'_>) -> Vec<(Spot<String>, Dropped)> {
    let entries = node.entries(log).unwrap_or_default();
    let read = |(key, node): &(tree::Key, Node)| {
        let how = match node.word(keys::DROPPED, log)?.as_str() {
            "withdrawn" => Dropped::Withdrawn,
            _ => Dropped::Left,
        };
        Some((name(key.at, &key.name, log)?, how))
    };
    entries.iter().filter_map(read).collect()
}

fn added(node: &Node, log: &mut Log<'_>) -> Vec<(Spot<String>, Option<Spot<String>>)> {
    let entries = node.entries(log).unwrap_or_default();
    let read = |(key, node): &(tree::Key, Node)| {
        let step = name(key.at, &key.name, log);
        if !matches!(node.content, Content::Map(_)) {
            node.word(keys::ADDED, log)?;
            return Some((step?, None));
        }
        let mut fields = node.object(&keys::SATISFIED, log)?;
        let point = fields.required("satisfied_once_begun", log).and_then(|node| node.name(log));
        fields.finish(log);
        Some((step?, Some(point?)))
    };
    entries.iter().filter_map(read).collect()
}

fn outcomes(node: &Node, log: &mut Log<'_>) -> Vec<(Spot<String>, Renamed)> {
    let entries = node.entries(log).unwrap_or_default();
    entries.iter().filter_map(|(key, node)| Some((name(key.at, &key.name, log)?, names(node, log)))).collect()
}

struct Check<'c, 'l> {
    file: &'c MigrationFile,
    from: &'c Definition,
    to: &'c Definition,
    log: &'c mut Log<'l>,
}

impl Check<'_, '_> {
    fn run(&mut self) {
        let (from, to) = (self.from, self.to);
        if from.workflow != self.file.workflow.value || to.workflow != self.file.workflow.value {
            let (zh, en) = ("两个版本不属于该流程包。", "The two versions are not of this package.");
            self.log.error(self.file.workflow.at, "MIGRATION_WORKFLOW", zh, en);
            return;
        }
        if from.digest == to.digest {
            let (zh, en) = ("新旧版本是同一个版本。", "The old and the new version are the same.");
            self.log.error(self.file.to.at, "MIGRATION_SAME", zh, en);
            return;
        }
        self.what_is_said();
        self.every_old_step();
        self.every_new_step();
        self.outcomes();
    }

    /// Names that are said are there, each said once.
    fn what_is_said(&mut self) {
        let file = self.file;
        let mut said = BTreeSet::new();
        let old = file.renamed.iter().map(|(old, _)| old).chain(file.dropped.iter().map(|(old, _)| old));
        for Spot { at, value } in old {
            if self.from.step(value).is_none() || value.contains('[') {
                self.unknown(*at, value, true);
            } else if !said.insert(value.as_str()) {
                self.twice(*at, value);
            }
        }
        let mut said = BTreeSet::new();
        let points = file.added.iter().filter_map(|(_, point)| point.as_ref());
        let new = file.renamed.iter().map(|(_, new)| new).chain(file.added.iter().map(|(new, _)| new));
        for (Spot { at, value }, is_point) in new.map(|spot| (spot, false)).chain(points.map(|spot| (spot, true))) {
            if !self.to.steps.contains_key(value) {
                self.unknown(*at, value, false);
            } else if !is_point && !said.insert(value.as_str()) {
                self.twice(*at, value);
            }
        }
        for (step, point) in file.added.iter().filter_map(|(step, point)| Some((step, point.as_ref()?))) {
            if step.value == point.value {
                let zh = format!("环节 {} 不能以自身是否开始来判断。", step.value);
                let en = format!("Whether `{}` counts as satisfied cannot follow from itself.", step.value);
                self.log.error(point.at, "MIGRATION_POINT", zh, en);
            }
        }
    }

    fn every_old_step(&mut self) {
        let from = self.from;
        let intake = from.intake.iter().map(|intake| &intake.step);
        for step in from.order.iter().filter_map(|name| from.steps.get(name)).chain(intake) {
            let Some((at, new)) = self.becomes(&step.name) else { continue };
            match self.to.step(&new).cloned() {
                Some(other) => self.same_kind(at, step, &other),
                None if new == step.name => {
                    let name = &step.name;
                    let zh = format!("新版本没有环节 {name}，映射也没有说明它的去向。");
                    let en = format!(
                        "The new version has no step `{name}`, and the mapping does not say what becomes of it."
                    );
                    self.log.error(self.file.from.at, "MIGRATION_UNMAPPED", zh, en);
                    self.log.help("请写入 renamed 或 dropped。", "Name it under `renamed` or `dropped`.");
                }
                // Told where it is said.
                None => {}
            }
        }
    }

    /// The name that an old step goes on under, and where that is said; none where it is dropped.
    fn becomes(&self, old: &str) -> Option<(At, String)> {
        if self.file.dropped.iter().any(|(step, _)| step.value == old) {
            return None;
        }
        let renamed = self.file.renamed.iter().find(|(step, _)| step.value == old);
        Some(renamed.map_or((self.file.from.at, old.to_owned()), |(_, new)| (new.at, new.value.clone())))
    }

    fn every_new_step(&mut self) {
        let mut comes_from: BTreeMap<String, &str> = BTreeMap::new();
        let from = self.from;
        for old in &from.order {
            if let Some((at, new)) = self.becomes(old).filter(|(_, new)| self.to.steps.contains_key(new))
                && let Some(other) = comes_from.insert(new.clone(), old)
            {
                let zh = format!("环节 {other} 与 {old} 都对应新版本的 {new}。");
                let en = format!("Both `{other}` and `{old}` become `{new}`.");
                self.log.error(at, "MIGRATION_TWICE", zh, en);
            }
        }
        for (Spot { at, value }, _) in &self.file.added {
            if self.file.dropped.iter().any(|(step, _)| step.value == *value) {
                let zh = format!("新增环节 {value} 与取消的环节同名，会被当作同一环节。");
                let en = format!("The new step `{value}` has the name of a dropped one and would be taken for it.");
                self.log.error(*at, "MIGRATION_SAME_NAME", zh, en);
                self.log.help("请给新环节另起名称。", "Give the new step another name.");
            }
            if let Some(old) = comes_from.get(value) {
                let zh = format!("环节 {value} 不是新增的：它由原环节 {old} 延续而来。");
                let en = format!("`{value}` is not new: the old step `{old}` goes on as it.");
                self.log.error(*at, "MIGRATION_NOT_NEW", zh, en);
            }
        }
        let to = self.to;
        let said = |name: &String| self.file.added.iter().any(|(step, _)| step.value == *name);
        let unsaid: Vec<&String> =
            to.order.iter().filter(|name| !comes_from.contains_key(*name) && !said(name)).collect();
        for name in unsaid {
            let zh = format!("新版本增加了环节 {name}，映射没有说明在办办件如何处理。");
            let en = format!(
                "The new version has a further step `{name}`, and the mapping does not say what running cases do about it."
            );
            self.log.error(self.file.to.at, "MIGRATION_NOT_ADDED", zh, en);
            self.log.help(
                format!("请在 added 下写 {name}: offered，或 {name}: {{ satisfied_once_begun: 环节 }}。"),
                format!("Write `{name}: offered` or `{name}: {{ satisfied_once_begun: STEP }}` under `added`."),
            );
        }
    }

    /// Whoever does it, and in which shape its history is kept.
    fn same_kind(&mut self, at: At, old: &Step, new: &Step) {
        let kind = |step: &Step| (discriminant(&step.work), step.for_each.is_some(), step.undoes.is_some());
        let list = |step: &Step| step.for_each.as_ref().map(|each| (each.over.clone(), each.key.clone()));
        let register = |step: &Step| match &step.work {
            Work::Reserve { register, .. } => Some(register.clone()),
            _ => None,
        };
        if kind(old) != kind(new) || list(old) != list(new) || register(old) != register(new) {
            let zh = format!("环节 {} 与新版本的 {} 种类不同（办理方式、分支列表或名录）。", old.name, new.name);
            let en = format!(
                "`{}` and the new `{}` are of different kinds: who does it, the list it is divided by, or its register.",
                old.name, new.name
            );
            self.log.error(at, "MIGRATION_KIND", zh, en);
            self.log.help(
                "请给新环节另起名称，并把旧环节写入 dropped、新环节写入 added。",
                "Give the new step another name; drop the old one and add the new one.",
            );
        }
        // The published record of a draw names the step.
        if matches!(old.work, Work::Draw { .. }) && old.name != new.name {
            let zh = format!("环节 {} 由随机抽取决定，公示的记录写有其名称，不能改名。", old.name);
            let en = format!("`{}` is decided by draws, whose published records name it: it keeps its name.", old.name);
            self.log.error(at, "MIGRATION_DRAW", zh, en);
        }
    }

    /// Every outcome that a case may have got is there, and does the same.
    fn outcomes(&mut self) {
        for (Spot { at, value }, pairs) in &self.file.outcomes {
            let Some(old) = self.from.step(value).cloned() else {
                self.unknown(*at, value, true);
                continue;
            };
            for (outcome, _) in pairs.iter().filter(|(outcome, _)| !old.outcomes.contains_key(&outcome.value)) {
                let zh = format!("原环节 {value} 没有办理结果 {}。", outcome.value);
                let en = format!("The old step `{value}` has no outcome `{}`.", outcome.value);
                self.log.error(outcome.at, "MIGRATION_UNKNOWN_OUTCOME", zh, en);
            }
        }
        let from = self.from;
        let intake = from.intake.iter().map(|intake| &intake.step);
        for old in from.order.iter().filter_map(|name| from.steps.get(name)).chain(intake) {
            let Some((at, name)) = self.becomes(&old.name) else { continue };
            let Some(new) = self.to.step(&name).cloned() else { continue };
            for outcome in old.outcomes.values() {
                self.same_outcome(at, old, outcome, &new);
            }
        }
    }

    fn same_outcome(&mut self, at: At, old: &Step, outcome: &Outcome, new: &Arc<Step>) {
        let said = self.file.outcomes.iter().filter(|(step, _)| step.value == old.name).flat_map(|(_, pairs)| pairs);
        let renamed = said.clone().find(|(from, _)| from.value == outcome.name).map(|(_, to)| to);
        let name = renamed.map_or(&outcome.name, |spot| &spot.value);
        let at = renamed.map_or(at, |spot| spot.at);
        let other = new.outcomes.get(name);
        if other.is_some_and(|other| discriminant(&other.effect) == discriminant(&outcome.effect)) {
            return;
        }
        let step = &new.name;
        let (zh, en) = match other {
            None => (
                format!("新版本的环节 {step} 没有办理结果 {name}，已作出的办理结果无从对应。"),
                format!("The new step `{step}` has no outcome `{name}`: what was decided would have no meaning."),
            ),
            Some(_) => (
                format!("新版本的环节 {step} 的办理结果 {name} 效果不同。"),
                format!("The outcome `{name}` of the new step `{step}` does something else."),
            ),
        };
        self.log.error(at, "MIGRATION_OUTCOME", zh, en);
        self.log.help("请在 outcomes 下写明它改叫什么。", "Say under `outcomes` what it is called now.");
    }

    fn unknown(&mut self, at: At, step: &str, old: bool) {
        let (zh, en) = if old { ("旧", "old") } else { ("新", "new") };
        let reserved = if step == INTAKE { "（intake 不能改名）" } else { "" };
        let (zh, en) =
            (format!("{zh}版本没有环节 {step}{reserved}。"), format!("The {en} version has no step `{step}`."));
        self.log.error(at, "MIGRATION_UNKNOWN_STEP", zh, en);
    }

    fn twice(&mut self, at: At, step: &str) {
        let (zh, en) = (format!("环节 {step} 写了两次。"), format!("The step `{step}` is said twice."));
        self.log.error(at, "MIGRATION_TWICE", zh, en);
    }
}
