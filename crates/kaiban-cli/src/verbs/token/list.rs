//! `kaiban token list`

use kaiban_api::v1;

use super::offline;
use crate::database::Database;
use crate::failure::Failure;
use crate::output::{Output, table};
use crate::remote::Remote;
use crate::{json, show};

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    database: Database,
    #[command(flatten)]
    remote: Remote,
}

pub async fn run(args: Args, output: Output) -> Result<(), Failure> {
    let tokens =
        if args.database.is_named() { offline::list(&args.database).await? } else { all(&args.remote).await? };
    if output.is_json() {
        return tokens.iter().try_for_each(|token| output.line(&json::of("Token", token)?.to_string()));
    }
    output.line(&table(show::TOKEN_HEADER, tokens.iter().map(show::token_row)))
}

async fn all(remote: &Remote) -> Result<Vec<v1::Token>, Failure> {
    let client = remote.client().await?;
    let mut request = v1::ListTokensRequest { page_size: 500, page_token: String::new() };
    let mut tokens = Vec::new();
    loop {
        let page = client.call(request.clone()).await?;
        tokens.extend(page.tokens);
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            return Ok(tokens);
        }
    }
}
