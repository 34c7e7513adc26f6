//! `kaiban commitment sign`

use std::path::PathBuf;

use kaiban_api::v1;

use crate::failure::Failure;
use crate::output::Output;
use crate::remote::Remote;
use crate::{form, json, show};

#[derive(clap::Args)]
pub struct Args {
    /// Case number.
    case: String,
    /// The step that asks for the certificate.
    step: String,
    /// SHA-256 of the text that was read, as `commitment preview` shows it.
    #[arg(long, value_name = "HEX")]
    sha256: String,
    /// The signatory's own name: typing it is signing.
    #[arg(long)]
    name: String,
    /// Where a key is registered: file with its signature over the 32 bytes of the hash.
    #[arg(long, value_name = "FILE")]
    signature: Option<PathBuf>,
    /// How that signature is made.
    #[arg(long, default_value = "ed25519")]
    scheme: String,
    /// Send the same again to get the same answer; without it a new one is made.
    #[arg(long, value_name = "ID")]
    request_id: Option<String>,
    #[command(flatten)]
    remote: Remote,
}

pub async fn run(args: Args, output: Output) -> Result<(), Failure> {
    let read = |path: PathBuf| {
        std::fs::read(&path).map_err(|error| {
            let shown = path.display();
            Failure::local("FILE", format!("无法读取 {shown}。"), format!("{shown}: {error}"))
        })
    };
    let value = args.signature.map(read).transpose()?;
    let request = v1::SignCommitmentRequest {
        request_id: form::request_id(args.request_id),
        case_id: args.case,
        step: args.step,
        text_sha256: args.sha256,
        typed_name: args.name,
        signature: value.map(|value| v1::CommitmentSignature { scheme: args.scheme, value }),
    };
    let answer = args.remote.call(request).await?;
    let case = answer.case.unwrap_or_default();
    output.result(&json::of("Case", &case)?, || show::case(&case))
}
