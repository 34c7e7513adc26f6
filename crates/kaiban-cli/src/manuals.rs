//! The command lines that the manuals show are ones that this program takes.
//!
//! In a block of shell each `kaiban …`, also behind variables, `runuser … --` or `cargo run … --`; in a line of text each
//! code that begins with `kaiban `. There, names of verbs alone name a verb and have to be one; anything more has to be
//! whole. A word in capitals, or …, stands for a value, and `1` is one that every argument takes; `a|b` is both.

use std::path::Path;

use clap::CommandFactory;

use crate::Cli;

const MANUALS: [&str; 4] = ["README.md", "OPERATIONS.md", "workflows/README.md", "crates/ARCHITECTURE.md"];

/// What ends a command for the shell.
const ENDS: [&str; 5] = [">", "<", "|", ";", "&&"];

#[test]
fn command_lines_of_the_manuals_are_taken() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut wrong = Vec::new();
    let mut blocks = 0;
    for manual in MANUALS {
        let text = std::fs::read_to_string(root.join(manual)).expect("a manual");
        let mut language = None;
        for (line, number) in text.lines().zip(1..) {
            if let Some(fence) = line.trim_start().strip_prefix("```") {
                language = if language.is_none() { Some(fence) } else { None };
                continue;
            }
            let (commands, is_whole): (Vec<&str>, bool) = match language {
                Some("sh") => (vec![line], true),
                Some(_) => continue,
                None => {
                    (line.split('`').skip(1).step_by(2).filter(|code| code.starts_with("kaiban ")).collect(), false)
                }
            };
            for words in commands.into_iter().filter_map(arguments).flat_map(alternatives) {
                blocks += usize::from(is_whole);
                let names_a_verb = !is_whole
                    && words
                        .iter()
                        .all(|word| word.chars().all(|c| c.is_ascii_lowercase() || c == '-') && !word.starts_with('-'));
                let taken = if names_a_verb { is_verb(&words) } else { parses(&words) };
                if let Err(why) = taken {
                    wrong.push(format!("{manual}:{number}: kaiban {}\n{why}", words.join(" ")));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(blocks > 20, "{blocks} command lines were found");
}

/// The arguments of a line that runs this program.
fn arguments(line: &str) -> Option<Vec<String>> {
    let words = shlex::split(line)?;
    let is_variable =
        |word: &String| word.split_once('=').is_some_and(|(name, _)| !name.contains(|c: char| c.is_lowercase()));
    let words: Vec<String> = words.into_iter().skip_while(is_variable).collect();
    let behind = || words.iter().position(|word| word == "--").map_or(words.len(), |at| at + 1);
    let from = match words.first()?.as_str() {
        "kaiban" => 1,
        "runuser" => behind() + 1,
        "cargo" if words.get(1).is_some_and(|verb| verb == "run") => behind(),
        _ => return None,
    };
    let own = words.get(from..)?.iter().take_while(|word| !ENDS.contains(&word.as_str()));
    Some(own.map(|word| if stands_for_a_value(word) { "1".to_owned() } else { word.clone() }).collect())
}

fn stands_for_a_value(word: &str) -> bool {
    !word.is_empty() && word.chars().all(|c| c.is_ascii_uppercase() || c == '_' || c == '…')
}

/// `a|b c` is `a c` and `b c`.
fn alternatives(words: Vec<String>) -> Vec<Vec<String>> {
    let Some(at) = words.iter().position(|word| word.contains('|')) else { return vec![words] };
    let one = |choice: &str| {
        words.iter().enumerate().map(|(n, word)| if n == at { choice } else { word }.to_owned()).collect()
    };
    words[at].split('|').map(one).flat_map(alternatives).collect()
}

fn is_verb(words: &[String]) -> Result<(), String> {
    let mut command = &Cli::command();
    for word in words {
        command = command.find_subcommand(word).ok_or_else(|| format!("there is no {word}"))?;
    }
    Ok(())
}

fn parses(words: &[String]) -> Result<(), String> {
    let all = std::iter::once("kaiban").chain(words.iter().map(String::as_str));
    Cli::command().try_get_matches_from(all).map(drop).map_err(|error| error.to_string())
}
