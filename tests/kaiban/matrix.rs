//! Who may do what, from outside: every method of every service, called as every role, on a case of its own and on one of
//! others. What comes of it is one table; a method without a line in it fails the test.
//!
//! No call gets a case that another one has changed, so that none depends on another. What is refused has changed nothing, and what is
//! hidden looks exactly like what does not exist.

mod call;
mod lines;
mod scene;

use call::{Method, Outcome, methods};
use lines::{About, LINES, Line};
use scene::{Cell, ROLES, Scene};

use crate::database::Database;

on_both!(every_method_as_every_role, every_method_has_a_line);

/// How an outcome stands in the table.
fn word(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Answered(_) | Outcome::Refused { .. } => "yes",
        Outcome::Denied => "no",
        Outcome::Hidden(_) => "-",
    }
}

async fn every_method_has_a_line(_: &Database) {
    let known: Vec<String> = methods().into_iter().map(|method| method.short).collect();
    let lined: Vec<&str> = LINES.iter().map(|line| line.method).collect();
    for method in &known {
        assert!(lined.contains(&method.as_str()), "{method} has no line in the matrix: who may call it?");
    }
    for method in lined {
        assert!(known.iter().any(|known| known == method), "{method} is no method any more");
    }
}

async fn every_method_as_every_role(db: &Database) {
    let mut scene = Scene::start(db).await;
    let methods = methods();
    let width = LINES.iter().map(|line| line.method.len()).max().unwrap_or(0) + 2;
    let names = ROLES.iter().map(|role| role.name());
    let mut table = format!("{:width$}{:10}", "", "case");
    table.extend(names.map(|name| format!("{name:11}")));
    for line in LINES {
        let Some(method) = methods.iter().find(|method| method.short == line.method) else { continue };
        let whose: &[bool] = if line.about == About::NoCase { &[true] } else { &[true, false] };
        for own in whose {
            let label = match (line.about, own) {
                (About::NoCase, _) => "",
                (_, true) => "own",
                (_, false) => "others'",
            };
            table.push_str(&format!("\n{:width$}{label:10}", line.method));
            for role in ROLES {
                let shown = cell(&mut scene, method, line, role, *own).await;
                table.push_str(&format!("{shown:11}"));
            }
        }
    }
    let table: String = table.lines().map(|line| format!("{}\n", line.trim_end())).collect();
    insta::with_settings!({ snapshot_path => "goldens", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("matrix", table);
    });
}

/// One call, and what holds for it whatever the table says.
async fn cell(scene: &mut Scene<'_>, method: &Method, line: &Line, role: kaiban_app::Role, own: bool) -> &'static str {
    let cell = scene.cell(role, own, line.about).await;
    let place = format!("{} as {} on {}", line.method, role.name(), if own { "its own" } else { "others'" });
    let before = scene.revision(&cell).await;
    let outcome = method.call(cell.line.clone(), (line.request)(&cell)).await;
    match &outcome {
        Outcome::Answered(answer) if line.about == About::Listing => {
            let listed = answer.to_string().contains(&cell.case);
            scene.give_back(cell, own, line.about);
            return if listed { "yes" } else { "-" };
        }
        Outcome::Answered(_) => {}
        Outcome::Refused { reason } => {
            assert!(
                !["REQUEST_INVALID", "MESSAGE_MALFORMED", "INTERNAL"].contains(&reason.as_str()),
                "{place}: {reason}"
            );
        }
        Outcome::Denied | Outcome::Hidden(_) => {
            assert_eq!(scene.revision(&cell).await, before, "{place}: a refused call has changed the case");
        }
    }
    if let Outcome::Hidden(hidden) = &outcome {
        let absent = Cell { request: scene.fresh(), ..cell.absent() };
        let Outcome::Hidden(absent) = method.call(cell.line.clone(), (line.request)(&absent)).await else {
            panic!("{place}: what does not exist is not answered NOT_FOUND");
        };
        assert_eq!(*hidden, absent, "{place}: what is hidden does not look like what does not exist");
    }
    if scene.revision(&cell).await == before {
        scene.give_back(cell, own, line.about);
    }
    word(&outcome)
}
