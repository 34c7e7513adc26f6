//! `kaiban commitment list`

use kaiban_api::v1;

use crate::failure::Failure;
use crate::output::Output;
use crate::remote::Remote;
use crate::{json, show};

#[derive(clap::Args)]
pub struct Args {
    /// Case number.
    case: String,
    #[command(flatten)]
    remote: Remote,
}

pub async fn run(args: Args, output: Output) -> Result<(), Failure> {
    let request = v1::ListCertificatesRequest { case_id: args.case };
    let certificates = args.remote.call(request).await?.certificates;
    for certificate in &certificates {
        if output.is_json() {
            output.line(&json::of("Certificate", certificate)?.to_string())?;
        } else {
            output.line(&show::certificate(certificate))?;
        }
    }
    Ok(())
}
