//! `kaiban document list`

use kaiban_api::v1;

use super::{HEADER, row};
use crate::failure::Failure;
use crate::json;
use crate::output::{Output, table};
use crate::remote::Remote;

#[derive(clap::Args)]
pub struct Args {
    /// Case number.
    case: String,
    #[command(flatten)]
    remote: Remote,
}

pub async fn run(args: Args, output: Output) -> Result<(), Failure> {
    let request = v1::ListDocumentsRequest { case_id: args.case };
    let documents = args.remote.call(request).await?.documents;
    if output.is_json() {
        return documents.iter().try_for_each(|document| output.line(&json::of("Document", document)?.to_string()));
    }
    output.line(&table(HEADER, documents.iter().map(row)))
}
