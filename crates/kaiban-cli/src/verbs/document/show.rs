//! `kaiban document show`

use kaiban_api::v1;

use super::shown;
use crate::failure::Failure;
use crate::json;
use crate::output::Output;
use crate::remote::Remote;

#[derive(clap::Args)]
pub struct Args {
    /// The document: sha256:….
    digest: String,
    /// The case that refers to it, where it is not your own upload.
    #[arg(long, value_name = "CASE")]
    case: Option<String>,
    #[command(flatten)]
    remote: Remote,
}

pub async fn run(args: Args, output: Output) -> Result<(), Failure> {
    let request = v1::GetDocumentRequest { digest: args.digest, case_id: args.case.unwrap_or_default() };
    let found = args.remote.call(request).await?;
    let document = found.document.unwrap_or_default();
    output.result(&json::of("Document", &document)?, || shown(&document))
}
