//! `kaiban token credential`

use kaiban_api::v1;

use crate::failure::Failure;
use crate::output::{Output, say};
use crate::remote::Remote;
use crate::{json, lengths};

#[derive(clap::Args)]
pub struct Args {
    /// Case number.
    case: String,
    /// The person's key in the form: of the step `identity[p1]` it is `p1`.
    key: String,
    #[command(flatten)]
    remote: Remote,
}

pub async fn run(args: Args, output: Output) -> Result<(), Failure> {
    let request = v1::IssueApplicantCredentialRequest { case_id: args.case, person_key: args.key };
    let issued = args.remote.call(request).await?;
    say(&format!("a credential for one act, until {}", lengths::instant(issued.expires_at.as_ref())));
    say("hint: the secret is shown only now; the applicant uses it with `export KAIBAN_TOKEN=…`");
    output.result(&json::of("IssueApplicantCredentialResponse", &issued)?, || issued.secret.clone())
}
