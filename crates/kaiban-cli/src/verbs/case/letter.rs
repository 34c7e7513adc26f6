//! `kaiban case letter`

use std::path::PathBuf;

use kaiban_api::v1;

use crate::failure::Failure;
use crate::output::{Output, say, table};
use crate::remote::Remote;
use crate::{json, show};

#[derive(clap::Args)]
pub struct Args {
    /// Case number.
    case: String,
    /// Number of the letter (文号); without it the case's letters are listed.
    number: Option<String>,
    /// Print it as HTML, a whole document for A4.
    #[arg(long, requires = "number", conflicts_with = "text")]
    html: bool,
    /// Print it as plain text; the default.
    #[arg(long, requires = "number")]
    text: bool,
    /// Write it to a file instead of standard output.
    #[arg(long, short, value_name = "FILE", requires = "number")]
    output: Option<PathBuf>,
    #[command(flatten)]
    remote: Remote,
}

pub async fn run(args: Args, output: Output) -> Result<(), Failure> {
    let client = args.remote.client().await?;
    let Some(number) = args.number else {
        let request = v1::GetCaseRequest { id: args.case, view: v1::CaseView::Steps.into() };
        let letters = client.call(request).await?.case.unwrap_or_default().letters;
        return list(&letters, output);
    };
    let request = v1::GetLetterRequest { case_id: args.case, number };
    let answer = client.call(request).await?;
    let Some(path) = args.output else {
        return output.result(&json::of("GetLetterResponse", &answer)?, || written(&answer, args.html).to_owned());
    };
    std::fs::write(&path, written(&answer, args.html)).map_err(|error| {
        let shown = path.display();
        Failure::local("FILE", format!("无法写入 {shown}。"), format!("{shown}: {error}"))
    })?;
    let letter = answer.letter.unwrap_or_default();
    output.result(&json::of("Letter", &letter)?, || format!("{} is in {}", letter.number, path.display()))
}

fn written(answer: &v1::GetLetterResponse, html: bool) -> &str {
    if html { &answer.html } else { &answer.text }
}

fn list(letters: &[v1::Letter], output: Output) -> Result<(), Failure> {
    if output.is_json() {
        return letters.iter().try_for_each(|letter| output.line(&json::of("Letter", letter)?.to_string()));
    }
    if letters.is_empty() {
        say("no letters yet");
    }
    output.line(&table(show::LETTER_HEADER, letters.iter().map(show::letter_row)))
}
