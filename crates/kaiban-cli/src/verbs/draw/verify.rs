//! `kaiban draw verify`: offline, from the published record alone.

use kaiban_draw::{Draw, End, Hex32, State};
use kaiban_findings::Finding;
use serde_json::json;

use crate::failure::Failure;
use crate::output::Output;

#[derive(clap::Args)]
pub struct Args {
    /// File with the record, as `draw show --record` prints it; - for standard input.
    file: String,
    /// The hash that was published with the announcement.
    #[arg(long, value_name = "HASH")]
    announcement: Option<Hex32>,
    /// The hash that was published before the first number was shown.
    #[arg(long, value_name = "HASH")]
    frozen: Option<Hex32>,
}

pub fn run(args: Args, output: Output) -> Result<(), Failure> {
    let text = crate::form::text(&args.file)?;
    let (draw, found) = match kaiban_draw::read(&text) {
        Ok(draw) => {
            let mut found = kaiban_draw::verify(&draw);
            found.extend(kaiban_draw::compare(&draw, args.announcement.as_ref(), args.frozen.as_ref()));
            (Some(draw), found)
        }
        Err(found) => (None, found),
    };
    let state = draw.as_ref().map(Draw::state);
    let object = json!({
        "sound": found.is_empty(),
        "draw": draw.as_ref().map(|draw| &draw.announcement.draw),
        "state": state,
        "items": draw.as_ref().and_then(|draw| draw.frozen.as_ref()).map(|frozen| frozen.pool.len()),
        "drawn": draw.as_ref().and_then(drawn),
        "findings": found,
    });
    output.result(&object, || people(draw.as_ref(), state, &found))?;
    if found.is_empty() {
        return Ok(());
    }
    let en = "the record is not what its own numbers give, or not the one that was published";
    Err(Failure::local("RECORD_NOT_SOUND", "抽取记录与重新计算的结果或者已公布的哈希不一致。", en))
}

fn drawn(draw: &Draw) -> Option<usize> {
    match &draw.end {
        Some(End::Held(held)) => Some(held.drawn.len()),
        _ => None,
    }
}

fn people(draw: Option<&Draw>, state: Option<State>, found: &[Finding]) -> String {
    let mut text = String::new();
    if let Some(draw) = draw {
        text.push_str(&draw.announcement.draw);
        let items = draw.frozen.as_ref().map_or(0, |frozen| frozen.pool.len());
        text.push_str(&match (state, &draw.end) {
            (Some(State::Held), _) => format!(": held, {} of {items} drawn", drawn(draw).unwrap_or_default()),
            (_, Some(End::Void(void))) => format!(": void. {}", void.finding().message.en),
            _ => ": not over".to_owned(),
        });
        text.push_str(if found.is_empty() { "\nsound: everything follows from the record" } else { "\nNOT sound" });
    }
    for finding in found {
        let (place, message) = (&finding.place, &finding.message);
        text.push_str(&format!("\n  {place}  {}: {} / {}", finding.code, message.zh, message.en));
    }
    text.trim_start().to_owned()
}
