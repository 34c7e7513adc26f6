//! `workflow`: packages that are sound, and one that is not.

use std::path::PathBuf;

use crate::command::{kaiban, run};
use crate::server::{Place, Server};
use crate::shows;
use crate::town::copy;

#[test]
fn the_built_in_packages_are_sound() {
    shows!("workflow_check", run(kaiban(&["workflow", "check"])));
}

#[test]
fn everything_wrong_with_a_package_is_told_at_once() {
    let folder = tempfile::tempdir().unwrap();
    copy(&PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../workflows"), folder.path());
    let package = folder.path().join("six-step/workflow.yaml");
    let text = std::fs::read_to_string(&package).unwrap();
    let text = text
        .replace("needs: [seal, invoice, social_insurance, housing_fund]", "needs: [seal, invoices]")
        .replace("form.seals", "form.stamps")
        .replace("party: tax", "party: customs")
        .replace("within: 1 working day", "within: 1 wroking day");
    std::fs::write(&package, text).unwrap();
    let at = folder.path().to_str().unwrap();
    let check = |format: &str| run(kaiban(&["workflow", "check", "--workflows", at, "--format", format]));
    shows!("workflow_check_broken", check("human").within(folder.path()));
    shows!("workflow_check_broken_json", check("json").within(folder.path()));
    let serve = run(kaiban(&["serve", "--check-config", "--workflows", at]));
    assert_eq!(serve.code, Some(1), "{serve}");
}

#[test]
fn a_package_can_be_drawn() {
    shows!("workflow_diagram", run(kaiban(&["workflow", "diagram", "six-step"])));
    shows!("workflow_diagram_unknown", run(kaiban(&["workflow", "diagram", "seven-step"])));
}

/// Packages can be listed and shown before any server runs them.
#[test]
fn a_folder_is_listed_and_shown_without_a_server() {
    let folder = format!("{}/../../workflows", env!("CARGO_MANIFEST_DIR"));
    let listed = run(kaiban(&["workflow", "list", "--workflows", &folder])).fine();
    assert!(listed.contains("business-start") && listed.contains("six-step"), "{listed}");
    let shown = run(kaiban(&["workflow", "show", "six-step", "--workflows", &folder])).fine();
    assert!(shown.contains("OUTCOMES") && shown.contains("registration"), "{shown}");
    let unknown = run(kaiban(&["workflow", "show", "seven-step", "--workflows", &folder]));
    assert!(unknown.code == Some(1) && unknown.to_string().contains("NO_SUCH_WORKFLOW"), "{unknown}");
}

/// What cannot be read does not merely differ, and no update would mend it.
#[test]
fn a_scenario_that_cannot_be_read_is_told_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    copy(&PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../workflows"), folder.path());
    let text = "# 写错的情景\n\n```steps\n2026-03-02 09:00  terminal sends company.json\n```\n\n```journal\n```\n";
    std::fs::write(folder.path().join("six-step/scenarios/wrong.md"), text).unwrap();
    let at = folder.path().to_str().unwrap();
    let played = run(kaiban(&["workflow", "scenario", "six-step/scenarios/wrong.md", "--workflows", at]));
    shows!("scenario_unplayable", played.within(folder.path()));
}

#[test]
fn a_server_tells_which_packages_it_runs() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::Folder(folder.path().to_owned());
    let token = place.token(&["--role", "bank", "--organisation", "b01"]);
    let server = Server::start(&place);
    shows!("workflow_list", server.asked(&token, &["workflow", "list"]));
    let shown = server.asked(&token, &["workflow", "show", "business-start"]).fine();
    for word in ["registration", "设立登记", "approve, correct, recheck, refuse, rename", "\"company-name\""] {
        assert!(shown.contains(word), "{word}: {shown}");
    }
    shows!("workflow_show_unknown", server.asked(&token, &["workflow", "show", "seven-step"]));
}
