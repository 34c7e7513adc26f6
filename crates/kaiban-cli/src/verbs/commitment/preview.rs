//! `kaiban commitment preview`

use kaiban_api::v1;

use crate::failure::Failure;
use crate::output::{Output, say};
use crate::remote::Remote;
use crate::{json, show};

#[derive(clap::Args)]
pub struct Args {
    /// Case number.
    case: String,
    /// The step that asks for the certificate.
    step: String,
    /// Who would sign: the person's key in the form; applicants may leave it out.
    #[arg(long, default_value = "", hide_default_value = true, value_name = "KEY")]
    person: String,
    /// Print the HTML instead of the text.
    #[arg(long)]
    html: bool,
    #[command(flatten)]
    remote: Remote,
}

pub async fn run(args: Args, output: Output) -> Result<(), Failure> {
    let request = v1::PreviewCommitmentRequest { case_id: args.case, step: args.step, person_key: args.person };
    let letter = args.remote.call(request).await?;
    if !output.is_json() {
        // The letter itself is data; what is said about it is talk.
        say(&format!("sha256 {}", letter.text_sha256));
        if !letter.exclusions.is_empty() {
            say(&format!("{} may not sign:{}", letter.person_key, show::findings(&letter.exclusions)));
        }
        if !letter.signature_scheme.is_empty() {
            say(&format!("hint: the {} key has to sign the 32 bytes of the hash as well", letter.signature_scheme));
        }
    }
    let body = if args.html { letter.html.clone() } else { letter.text.clone() };
    output.result(&json::of("PreviewCommitmentResponse", &letter)?, || body)
}
