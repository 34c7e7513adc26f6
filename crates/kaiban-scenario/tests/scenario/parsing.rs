//! What is wrong with a scenario is told with its place, all of it at once.

use kaiban_definition::{Files, render};
use kaiban_scenario::{check, parse};

use crate::packages::packages;

const PATH: &str = "business-start/scenarios/wrong.md";

fn findings(text: &str) -> String {
    let (_, findings) = parse(PATH, text);
    let mut files = Files::new();
    files.insert(PATH, text);
    render(&findings, &files)
}

#[test]
fn every_act_that_cannot_be_read_is_told() {
    let text = "\
# Everything wrong

```steps
09:00  terminal submits forms/company.json
2026-03-02 9:00  terminal submits forms/company.json
2026-02-30 09:00  terminal submits forms/company.json
0 working days later 09:00  time passes
09:01  clerk submits forms/company.json
09:02  terminal sends forms/company.json
09:03  terminal submits
09:04  terminal submits forms/company.json with /name = 福州
09:05  terminal submits forms/company.json with {\"name\": \"x\"}
09:06  terminal submits forms/company.json quickly
09:07  terminal answers name.1 with without name
09:08  office tax completes invoices
09:09  office tax completes invoices: approve
         because 因为
09:10  office tax asks for a correction of invoices: correct
         /invoices/monthly too-many \"太多。\"
09:11  office tax asks for a correction of invoices
09:12  office tax defers invoices until tomorrow for LATER
09:13  officer pauses seal for HOLIDAY until 10:00
09:14  officer gives up
09:15  applicant p1 rates well
09:16  time passes slowly
09:17  applicant head swears proof
09:18  applicant head takes proof
09:19  applicant head signs
09:20  credit of head serious
09:21  credit of head: bad
09:22  listed in no-go:
09:23  draw visits: /check perhaps
09:24  draw visits drawn
```

```journal
```
";
    shows!("acts_that_cannot_be_read", findings(text));
}

#[test]
fn a_scenario_has_a_title_steps_and_an_end() {
    shows!("no_title_no_steps", findings("No title, no steps.\n"));
    shows!("empty", findings("# A case\n\nNothing happens.\n"));
    shows!("block_open", findings("# A case\n\n```steps\n2026-03-02 09:00  time passes\n"));
    let untold = "# A case\n\n```steps\n2026-03-02 09:00  terminal submits a.json as first\n09:10  first: terminal withdraws\n```\n";
    shows!("untold", findings(untold));
}

#[test]
fn a_case_is_submitted_before_it_is_spoken_of() {
    let text = "\
# A case

```steps
2026-03-02 09:00  terminal submits a.json as first
09:10  second: terminal withdraws
09:20  terminal submits a.json as first
```

```journal first
```

```case third
```
";
    shows!("unknown_case", findings(text));
}

#[test]
fn what_a_scenario_names_is_in_its_package() {
    let (workflows, files) = packages();
    let files = &mut files.clone();
    let text = "\
# A case

```steps
2026-03-02 09:00  terminal b99-001 submits forms/nobody.json
09:01  terminal answers licence.1 with /name = \"x\"
09:02  office tax completes registration: approve with results/licence.json
09:03  office market-regulation completes registration: agree by somebody
09:04  office market-regulation asks for a correction of registration: approve
         /name NAME \"名称不妥。\"
09:05  office market-regulation takes name
09:06  office delivery takes delivery[1]
09:07  officer nobody cancels
09:08  terminal requests dinner
09:09  applicant p1 signs registration
09:10  listed in nowhere: x
```

```journal
```
";
    files.insert(PATH, text);
    let (scenario, findings) = parse(PATH, text);
    assert!(findings.is_empty(), "{}", render(&findings, files));
    let def = workflows.definition("business-start").unwrap();
    shows!("names_that_are_not_there", render(&check(&scenario, def, &workflows.directory, files), files));
}
