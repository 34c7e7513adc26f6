//! `kaiban token revoke`

use kaiban_api::v1;

use super::offline;
use crate::database::Database;
use crate::failure::Failure;
use crate::output::{Output, table};
use crate::remote::Remote;
use crate::{json, show};

#[derive(clap::Args)]
pub struct Args {
    /// Id of the token, as `token list` shows it; not the secret.
    #[arg(value_name = "TOKEN")]
    id: String,
    #[command(flatten)]
    database: Database,
    #[command(flatten)]
    remote: Remote,
}

pub async fn run(args: Args, output: Output) -> Result<(), Failure> {
    let token = if args.database.is_named() {
        offline::revoke(&args.database, &args.id).await?
    } else {
        let request = v1::RevokeTokenRequest { id: args.id };
        args.remote.call(request).await?.token.unwrap_or_default()
    };
    output.result(&json::of("Token", &token)?, || table(show::TOKEN_HEADER, [show::token_row(&token)]))
}
