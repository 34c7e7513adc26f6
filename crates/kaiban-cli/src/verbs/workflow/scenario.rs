//! `kaiban workflow scenario`

use std::path::PathBuf;

use kaiban_definition::{Files, Workflows, render};
use kaiban_findings::Finding;
use kaiban_scenario::{
    Coverage, EngineDriver, Mismatch, Played, Scenario, check, diff, parse, play, rewrite, scenarios,
};
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::output::{self, Output};
use crate::packages::Packages;

#[derive(clap::Args)]
pub struct Args {
    /// Packages, scenario files or folders of them: `business-start`, `six-step/scenarios/straight.md`; all if none is named.
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Also tell which transitions of the packages no scenario exercised.
    #[arg(long)]
    coverage: bool,
    /// Write what happened into the files; needs --workflows.
    #[arg(long)]
    update: bool,
    #[command(flatten)]
    packages: Packages,
}

/// One scenario and what came of it.
struct Run {
    path: String,
    title: String,
    findings: Vec<Finding>,
    differs: Vec<Mismatch>,
    updated: bool,
}

impl Run {
    fn is_fine(&self) -> bool {
        self.differs.is_empty() && self.unplayable().is_none()
    }

    /// What keeps it from being played, the first in the file.
    fn unplayable(&self) -> Option<&Finding> {
        self.findings.iter().find(|finding| finding.is_error())
    }
}

pub fn run(args: Args, output: Output) -> Result<(), Failure> {
    if args.update && args.packages.workflows.is_none() {
        let zh = "内置的流程包不能改写。";
        return Err(Failure::local(
            "UPDATE_NEEDS_FOLDER",
            zh,
            "the packages built into this program cannot be rewritten",
        )
        .with_hint("name their folder: --workflows DIR"));
    }
    let (workflows, files) = args.packages.load()?;
    let chosen: Vec<&str> = scenarios(&files).into_iter().filter(|path| args.wants(path)).collect();
    if chosen.is_empty() {
        let zh = "没有找到情景文件。";
        return Err(Failure::local("NO_SCENARIO", zh, "there is no scenario")
            .with_hint("scenarios lie in their package: <package>/scenarios/<name>.md"));
    }
    let mut coverage: Vec<Coverage> = workflows
        .definitions
        .iter()
        .filter(|def| chosen.iter().any(|path| path.split('/').next() == Some(&def.workflow)))
        .map(|def| Coverage::new(def))
        .collect();
    let (mut differ, mut unplayable) = (0, 0);
    for path in &chosen {
        let mut run = played(path, &workflows, &files, &mut coverage);
        if args.update
            && let Some((text, folder)) = run.1.take().zip(args.packages.workflows.as_ref())
        {
            let target = folder.join(path);
            std::fs::write(&target, text).map_err(|error| {
                let shown = target.display();
                Failure::local("FILE", format!("无法写入 {shown}。"), format!("{shown}: {error}"))
            })?;
            run.0.updated = !run.0.differs.is_empty();
            run.0.differs.clear();
        }
        unplayable += usize::from(run.0.unplayable().is_some());
        differ += usize::from(!run.0.differs.is_empty());
        output.result(&object(&run.0), || human(&run.0, &files))?;
    }
    if args.coverage {
        for coverage in &coverage {
            output.result(&covered(coverage), || share(coverage))?;
        }
    }
    match (differ, unplayable) {
        (0, 0) => Ok(()),
        // What cannot be read cannot be written anew either.
        (_, 1..) => {
            let zh = format!("{}个情景中有{unplayable}个无法执行，另有{differ}个与所写不符。", chosen.len());
            let en = format!(
                "{unplayable} of {} scenario(s) cannot be played, and {differ} do not happen as written",
                chosen.len()
            );
            Err(Failure::local("SCENARIOS_UNPLAYABLE", zh, en))
        }
        (1.., 0) => {
            let zh = format!("{}个情景中有{differ}个与所写不符。", chosen.len());
            let en = format!("{differ} of {} scenario(s) do not happen as written", chosen.len());
            let failure = Failure::local("SCENARIOS_DIFFER", zh, en);
            Err(failure.with_hint("if what happens is right, --update writes it into the files"))
        }
    }
}

impl Args {
    /// Whether a scenario is one of those that were asked for: by its path below `workflows/`, or as the shell gives it.
    fn wants(&self, path: &str) -> bool {
        let below = self.packages.workflows.clone().unwrap_or_default().join(path);
        self.paths.is_empty()
            || self.paths.iter().any(|wanted| below.starts_with(wanted) || PathBuf::from(path).starts_with(wanted))
    }
}

/// Plays a scenario on the engine; gives the file as it should be written, where it could be played.
fn played(path: &str, workflows: &Workflows, files: &Files, coverage: &mut [Coverage]) -> (Run, Option<String>) {
    let text = files.get(path).unwrap_or_default();
    let (scenario, mut findings) = parse(path, text);
    let mut differs = Vec::new();
    let mut written = None;
    if let Some(def) = workflows.definition(scenario.workflow()) {
        findings.extend(check(&scenario, def, &workflows.directory, files));
    }
    if !findings.iter().any(Finding::is_error) {
        match play(&scenario, workflows, files, &mut EngineDriver::new(workflows)) {
            Ok(done) => {
                written = Some(rewrite(&scenario, text, &done));
                cover(&done, workflows, coverage);
                differs = done.mismatches;
            }
            Err(finding) => findings.push(*finding),
        }
    }
    let Scenario { title, .. } = scenario;
    (Run { path: path.to_owned(), title, findings, differs, updated: false }, written)
}

fn cover(played: &Played, workflows: &Workflows, coverage: &mut [Coverage]) {
    for coverage in coverage {
        if let Some(def) = workflows.definition(&coverage.workflow) {
            played.journals.values().for_each(|journal| coverage.add(def, journal));
        }
    }
}

fn object(run: &Run) -> Value {
    let differences: Vec<Value> = run
        .differs
        .iter()
        .map(|differs| json!({"line": differs.line, "diff": diff(&differs.expected, &differs.actual)}))
        .collect();
    json!({
        "scenario": run.path,
        "title": run.title,
        "ok": run.is_fine(),
        "updated": run.updated,
        "findings": run.findings,
        "differences": differences,
    })
}

fn human(run: &Run, files: &Files) -> String {
    let mark = match (run.is_fine(), run.updated) {
        (true, true) => "updated",
        (true, false) => "ok",
        (false, _) if run.unplayable().is_some() => "wrong",
        (false, _) => "differs",
    };
    let mut text = format!("{mark:<8} {}  {}", run.path, run.title);
    if let Some(finding) = run.unplayable() {
        text.push_str(&format!("\n{}: 情景无法执行 · cannot be played: {}", finding.place, finding.code));
    }
    if !run.findings.is_empty() {
        output::say(&render(&run.findings, files));
    }
    for differs in &run.differs {
        text.push_str(&format!("\n{}:{}\n{}", run.path, differs.line, diff(&differs.expected, &differs.actual)));
    }
    text
}

fn covered(coverage: &Coverage) -> Value {
    let missed: Vec<String> = coverage.missed().iter().map(ToString::to_string).collect();
    json!({
        "workflow": coverage.workflow,
        "transitions": coverage.transitions.len(),
        "exercised": coverage.exercised(),
        "percent": coverage.percent(),
        "missed": missed,
    })
}

fn share(coverage: &Coverage) -> String {
    let (exercised, all) = (coverage.exercised(), coverage.transitions.len());
    let mut text = format!("\n{}: {exercised} of {all} transitions, {} %", coverage.workflow, coverage.percent());
    for (step, missed) in coverage.missed_by_step() {
        text.push_str(&format!("\n  {step}: {}", missed.join(", ")));
    }
    text
}
