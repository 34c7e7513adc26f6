//! `case letter`: listed, printed as text and as HTML.

use crate::shows;
use crate::town::{Town, form};

#[test]
fn a_letter_is_printed() {
    let town = Town::start();
    let case = town.submit(&form());
    let told = town.told(&case, 1);
    let number = told["letters"][0]["number"].as_str().unwrap();
    shows!("letter_list", town.asked(&town.terminal, &["case", "letter", &case]));
    let line = town.object(&town.terminal, &["case", "letter", &case]);
    assert_eq!(line["number"], number);

    shows!("letter_text", filtered(town.asked(&town.terminal, &["case", "letter", &case, number])));
    let file = town.path("letter.html");
    let written = town.asked(&town.terminal, &["case", "letter", &case, number, "--html", "--output", &file]);
    shows!("letter_file", written.within(town.folder()));
    let html = std::fs::read_to_string(&file).unwrap();
    assert!(html.contains(&format!("<p>{number}</p>")), "{html}");
    let both = town.object(&town.terminal, &["case", "letter", &case, number]);
    assert_eq!(both["html"], html);

    let nowhere = town.asked(&town.terminal, &["case", "letter", &case, number, "-o", "/nowhere/letter.txt"]);
    shows!("letter_no_folder", nowhere);
    shows!("letter_unknown", town.asked(&town.terminal, &["case", "letter", &case, "柜收字〔2026〕0号"]));
    shows!("letter_stranger", town.asked(&town.stranger, &["case", "letter", &case, number]));
    shows!("letter_html_of_none", town.asked(&town.terminal, &["case", "letter", &case, "--html"]));
    town.close();
}

/// Without the moment, which the letter writes out.
fn filtered(said: crate::command::Said) -> crate::command::Said {
    let stdout = said.stdout.split_inclusive("收到").map(|part| match part.find("申请已于") {
        Some(at) => format!("{}申请已于[moment]收到", &part[..at]),
        None => part.to_owned(),
    });
    crate::command::Said { stdout: stdout.collect(), ..said }
}
