//! Scenarios on the engine.

use kaiban_definition::{Files, load, render};
use kaiban_scenario::{Coverage, EngineDriver, Played, check, diff, parse, play, rewrite, scenarios};

use crate::packages::packages;

#[test]
fn every_scenario_happens_as_written() {
    let (workflows, files) = packages();
    let mut wrong = String::new();
    let mut played = 0;
    for path in scenarios(files) {
        let (scenario, mut findings) = parse(path, files.get(path).unwrap());
        let def = workflows.definition(scenario.workflow()).expect("a package");
        findings.extend(check(&scenario, def, &workflows.directory, files));
        assert!(findings.is_empty(), "{}", render(&findings, files));
        let done = play(&scenario, workflows, files, &mut EngineDriver::new(workflows));
        let done = done.unwrap_or_else(|finding| panic!("{}", render(&[*finding], files)));
        for found in done.mismatches {
            wrong.push_str(&format!("{path}:{}\n{}\n", found.line, diff(&found.expected, &found.actual)));
        }
        played += 1;
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(played >= 20, "only {played} scenarios");
}

#[test]
fn the_scenarios_of_business_start_exercise_most_of_it() {
    let (workflows, files) = packages();
    let def = workflows.definition("business-start").unwrap();
    let mut coverage = Coverage::new(def);
    for path in scenarios(files).into_iter().filter(|path| path.starts_with("business-start/")) {
        let played = run(path, files);
        played.journals.values().for_each(|journal| coverage.add(def, journal));
    }
    let missed: Vec<String> = coverage.missed().iter().map(ToString::to_string).collect();
    assert!(coverage.percent() >= 95, "{} %, without {missed:#?}", coverage.percent());
}

#[test]
fn what_no_scenario_exercises_is_named() {
    let (workflows, files) = packages();
    let def = workflows.definition("workshop").unwrap();
    let mut coverage = Coverage::new(def);
    let short = run("workshop/scenarios/short-way.md", files);
    short.journals.values().for_each(|journal| coverage.add(def, journal));
    let by_step: Vec<String> =
        coverage.missed_by_step().into_iter().map(|(step, missed)| format!("{step}: {}", missed.join(", "))).collect();
    shows!("coverage_of_the_short_way", by_step.join("\n"));
    assert_eq!((coverage.exercised(), coverage.transitions.len(), coverage.percent()), (13, 35, 37));
}

/// Promises, draws and revocations are told apart: how a certificate was proved, who was drawn, what was revoked when.
#[test]
fn the_scenarios_of_the_stand_exercise_its_promises() {
    let (workflows, files) = packages();
    let mut told = String::new();
    for package in ["stand", "visit"] {
        let def = workflows.definition(package).unwrap();
        let mut coverage = Coverage::new(def);
        for path in scenarios(files).into_iter().filter(|path| path.starts_with("stand/")) {
            run(path, files).journals.values().for_each(|journal| coverage.add(def, journal));
        }
        let all = coverage.transitions.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
        let missed = coverage.missed().iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
        told.push_str(&format!("{package}\n{all}\n\nnever:\n{missed}\n\n"));
    }
    shows!("coverage_of_the_stand", told);
}

#[test]
fn what_happened_replaces_what_was_written_and_nothing_else() {
    let (workflows, files) = packages();
    let files = &mut files.clone();
    let path = "six-step/scenarios/new.md";
    let text = "# 新情景\n\n说明。\n\n```steps\n2026-03-02 09:00  terminal submits company.json\n```\n\n中间。\n\n```journal\nsomething\nelse\n```\n\n```case\n```\n\n末尾。\n";
    files.insert(path, text);
    let (scenario, findings) = parse(path, text);
    assert!(findings.is_empty(), "{findings:?}");
    let played = play(&scenario, workflows, files, &mut EngineDriver::new(workflows)).unwrap();
    assert_eq!(played.mismatches.len(), 2);
    shows!("difference", diff(&played.mismatches[0].expected, &played.mismatches[0].actual));
    let written = rewrite(&scenario, text, &played);
    shows!("rewritten", written);
    files.insert(path, written.clone());
    let (scenario, _) = parse(path, &written);
    let again = play(&scenario, workflows, files, &mut EngineDriver::new(workflows)).unwrap();
    assert!(again.mismatches.is_empty());
    assert_eq!(rewrite(&scenario, &written, &again), written);
}

#[test]
fn an_act_that_cannot_be_tried_is_a_finding() {
    let tried = |steps: &str| {
        let (workflows, files) = packages();
        let files = &mut files.clone();
        let path = "business-start/scenarios/new.md";
        let text = format!("# A case\n\n```steps\n{steps}\n```\n\n```journal\n```\n\n```case\n```\n");
        files.insert(path, text.clone());
        let (scenario, findings) = parse(path, &text);
        assert!(findings.is_empty(), "{}", render(&findings, files));
        let finding = play(&scenario, workflows, files, &mut EngineDriver::new(workflows)).unwrap_err();
        render(&[*finding], files)
    };
    let submits = "2026-03-02 09:00  terminal submits forms/company.json";
    let told: Vec<String> = [
        format!("{submits}\n08:00  time passes"),
        format!("{submits} with /name = \"公司\"\nnext working day 08:00  time passes"),
        format!("{submits}\n09:10  terminal answers name.1 with /people/7/name = \"陈一帆\""),
        format!("{submits}\n2300-01-01 09:00  time passes"),
    ]
    .iter()
    .map(|steps| tried(steps))
    .collect();
    shows!("acts_that_cannot_be_tried", told.join("\n\n"));
}

/// What is skipped because nobody is there, or nobody whom it is for, is seen; what no form can bring about is not asked for.
#[test]
fn an_empty_list_and_skipped_branches_are_covered() {
    let (shipped, files) = packages();
    let told = |list: &str, people: &str| {
        let mut files = files.clone();
        let form = format!(
            r#"{{ "type": "object", "required": ["registrar", "name", "people"], "properties": {{
              "registrar": {{ "type": "string", "format": "division" }}, "name": {{ "type": "string" }},
              "people": {{ "type": "array", {list}"maxItems": 3, "items": {{ "type": "object", "required": ["key", "asked"], "properties": {{
                "key": {{ "type": "string", "maxLength": 40 }}, "asked": {{ "type": "boolean" }} }} }} }} }} }}"#
        );
        let workflow = "workflow: asked\nversion: \"1\"\neffective_from: 2020-01-01\ntitle: { zh: 询问, en: Asked }\nform: form.schema.json\n\
            registrar: form.registrar\nsubject: form.name\ncloses: opened\nsteps:\n  statement:\n    title: { zh: 陈述, en: Statement }\n    \
            party: market-regulation\n    for_each: { over: form.people, key: key }\n    when: item.asked\n    counts: false\n    \
            shares: [item.key]\n    outcomes: { done: {} }\n";
        let text = format!(
            "# A case\n\n```steps\n2026-03-02 09:00  terminal submits a.json with /people = {people}\n```\n\n```journal\n```\n"
        );
        files.insert("asked/workflow.yaml", workflow);
        files.insert("asked/form.schema.json", form);
        files.insert("asked/scenarios/a.json", r#"{ "registrar": "350100", "name": "x" }"#);
        files.insert("asked/scenarios/a.md", text.clone());
        let (workflows, findings) = load(&files);
        assert!(findings.is_empty() && shipped.definition("asked").is_none(), "{}", render(&findings, &files));
        let (scenario, _) = parse("asked/scenarios/a.md", &text);
        let played = play(&scenario, &workflows, &files, &mut EngineDriver::new(&workflows)).unwrap();
        let def = workflows.definition("asked").unwrap();
        let mut coverage = Coverage::new(def);
        played.journals.values().for_each(|journal| coverage.add(def, journal));
        let all: Vec<String> = coverage.transitions.iter().map(ToString::to_string).collect();
        let missed: Vec<String> = coverage.missed().iter().map(ToString::to_string).collect();
        (all, missed)
    };
    let (empty, skipped) =
        ("statement: skipped for an empty list".to_owned(), "statement: a branch is skipped".to_owned());
    let (all, missed) = told("", "[]");
    assert!(all.contains(&empty) && !missed.contains(&empty) && missed.contains(&skipped), "{missed:?}");
    let (all, missed) = told("\"minItems\": 1, ", r#"[{"key": "a", "asked": false}]"#);
    assert!(!all.contains(&empty) && !missed.contains(&skipped), "{missed:?}");
}

/// Whose identity nobody checked has no credential, here as on a server.
#[test]
fn only_whoever_was_checked_rates() {
    let (workflows, files) = packages();
    let text = "# A case\n\n```steps\n2026-03-02 09:00  terminal submits company.json\n09:10  officer cancels because \"…\"\n\
        09:20  applicant p1 rates 5\n```\n\n```journal\n```\n";
    for (path, reason) in
        [("six-step/scenarios/rated.md", "NOT_FOUND"), ("business-start/scenarios/rated.md", "NOT_FOUND")]
    {
        let mut files = files.clone();
        let text = if path.starts_with("business") {
            text.replace("company.json", "forms/company.json")
        } else {
            text.to_owned()
        };
        let text = text.replace("p1", "nobody");
        files.insert(path, text.clone());
        let (scenario, findings) = parse(path, &text);
        assert!(findings.is_empty(), "{}", render(&findings, &files));
        let played = play(&scenario, workflows, &files, &mut EngineDriver::new(workflows)).unwrap();
        let told = played.blocks[0].join("\n");
        assert!(told.contains(&format!("refused: {reason}")), "{told}");
    }
}

/// A scenario lies in its package.
#[test]
fn a_package_that_is_not_there() {
    let (workflows, files) = packages();
    let mut files = files.clone();
    let path = "nowhere/scenarios/new.md";
    let text = "# A case\n\n```steps\n2026-03-02 09:00  terminal submits a.json\n```\n\n```journal\n```\n";
    files.insert(path, text);
    files.insert("nowhere/scenarios/a.json", "{}");
    let (scenario, _) = parse(path, text);
    let finding = play(&scenario, workflows, &files, &mut EngineDriver::new(workflows)).unwrap_err();
    shows!("package", render(&[*finding], &files));
}

fn run(path: &str, files: &Files) -> Played {
    let (workflows, _) = packages();
    let (scenario, findings) = parse(path, files.get(path).unwrap());
    assert!(findings.is_empty(), "{findings:?}");
    play(&scenario, workflows, files, &mut EngineDriver::new(workflows)).unwrap()
}

/// The page teaches by a scenario that is written out in it.
#[test]
fn the_scenario_of_the_readme_happens_as_written() {
    let (_, shipped) = packages();
    let readme = shipped.get("README.md").expect("the page lies beside the packages");
    let mut files: Files = shipped
        .iter()
        .filter(|(path, _)| ["calendars/", "directory/"].iter().any(|folder| path.starts_with(folder)))
        .map(|(path, text)| (path.to_owned(), text.to_owned()))
        .collect();
    let mut open: Option<(&str, String, String)> = None;
    for line in readme.lines() {
        match &mut open {
            Some((fence, path, text)) if line.trim_end() == *fence => {
                files.insert(std::mem::take(path), std::mem::take(text));
                open = None;
            }
            Some((_, _, text)) => text.extend([line, "\n"]),
            None => {
                let word = |name: &str| line.split_whitespace().find_map(|word| word.strip_prefix(name));
                let whole = word("file=").filter(|path| line.starts_with("```") && path.starts_with("food-stall/"));
                open = match (whole, word("scenario=").filter(|_| line.starts_with("~~~"))) {
                    (Some(path), _) => Some(("```", path.to_owned(), String::new())),
                    (None, Some(path)) => Some(("~~~", path.to_owned(), String::new())),
                    (None, None) => None,
                };
            }
        }
    }
    let (workflows, findings) = load(&files);
    assert!(findings.is_empty(), "{}", render(&findings, &files));
    let paths = scenarios(&files);
    assert_eq!(paths, ["food-stall/scenarios/stall.md"]);
    let (scenario, findings) = parse(paths[0], files.get(paths[0]).unwrap());
    assert!(findings.is_empty(), "{}", render(&findings, &files));
    let played = play(&scenario, &workflows, &files, &mut EngineDriver::new(&workflows)).unwrap();
    let shown: String = played.mismatches.iter().map(|found| diff(&found.expected, &found.actual)).collect();
    assert!(shown.is_empty(), "{shown}");
    let def = workflows.definition("food-stall").unwrap();
    let mut coverage = Coverage::new(def);
    played.journals.values().for_each(|journal| coverage.add(def, journal));
    let told =
        format!("{} of {} transitions, {} %", coverage.exercised(), coverage.transitions.len(), coverage.percent());
    assert!(readme.contains(&told), "{told}");
}
