//! `kaiban draw pools`

use kaiban_api::v1;

use crate::failure::Failure;
use crate::output::{Output, table};
use crate::remote::Remote;
use crate::{json, show};

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    remote: Remote,
}

pub async fn run(args: Args, output: Output) -> Result<(), Failure> {
    let client = args.remote.client().await?;
    let pools = client.call(v1::ListPoolsRequest {}).await?.pools;
    if output.is_json() {
        for pool in &pools {
            output.line(&json::of("Pool", pool)?.to_string())?;
        }
        return Ok(());
    }
    output.line(&table(show::POOL_HEADER, pools.iter().map(show::pool_row)))
}
