//! `kaiban bench`

use crate::failure::Failure;
use crate::output::Output;

/// How to run it.
#[derive(clap::Args)]
pub struct Args {}

/// Runs it.
pub async fn run(_args: Args, _output: Output) -> Result<(), Failure> {
    Err(Failure::local("NOT_BUILT", "此版本不含该命令。", "this build does not have that verb"))
}
