//! `kaiban draw secret`

use std::io::Write;
use std::path::PathBuf;

use kaiban_api::v1;
use kaiban_draw::{Hex32, commitment};
use serde_json::json;

use crate::failure::Failure;
use crate::output::{Output, say};
use crate::remote::Remote;

#[derive(clap::Args)]
pub struct Args {
    /// Number of the draw.
    draw: String,
    /// The party as it was announced: ROLE:PERSON or ROLE:ORGANISATION.
    #[arg(long, value_name = "PARTY")]
    party: String,
    /// File that the number is kept in until it is shown; it must not exist. Who reads it before can steer the draw.
    #[arg(long, value_name = "FILE")]
    keep: PathBuf,
    /// The announcement's hash as you were told it; without it the server is asked.
    #[arg(long, value_name = "HASH")]
    announcement: Option<Hex32>,
    #[command(flatten)]
    remote: Remote,
}

pub async fn run(args: Args, output: Output) -> Result<(), Failure> {
    let announcement = match args.announcement {
        Some(hash) => hash,
        None => {
            let request = v1::GetDrawRequest { id: args.draw.clone() };
            let draw = args.remote.call(request).await?.draw.unwrap_or_default();
            if !draw.parties.iter().any(|party| party.party == args.party) {
                let en = format!("{} is no party of {}", args.party, args.draw);
                return Err(Failure::local("NOT_A_PARTY", "该单位不是本次抽取公告的参加方。", en));
            }
            draw.announcement_sha256
                .parse()
                .map_err(|error: kaiban_draw::HexSyntax| Failure::local("HASH", "哈希无法读取。", error.to_string()))?
        }
    };
    let number = kaiban_app::draw_number();
    let shown = args.keep.display();
    keep(&args.keep, &number)
        .map_err(|error| Failure::local("FILE", format!("无法写入 {shown}。"), format!("{shown}: {error}")))?;
    let sha256 = commitment(&announcement, &args.party, &number);
    let object =
        json!({ "draw": args.draw, "party": args.party, "announcement_sha256": announcement, "sha256": sha256 });
    output.result(&object, || sha256.to_string())?;
    say(&format!(
        "hint: keep {shown} secret until the pool is frozen, then `kaiban draw reveal {} --secret {shown}`",
        args.draw
    ));
    Ok(())
}

/// Nobody else of this machine can read it, and no number that was committed to is overwritten.
fn keep(path: &PathBuf, number: &Hex32) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    writeln!(file, "{number}")?;
    file.sync_all()
}
