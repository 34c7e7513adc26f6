//! `kaiban` on the command line: the server, and everything it offers by hand. It never does more to a case than a gRPC
//! client could.
//!
//! Standard output is data, standard error is talk; the exit code is 0 only on success.

mod ball;
mod config;
mod database;
mod failure;
mod form;
mod json;
mod lengths;
mod lines;
#[cfg(test)]
mod manuals;
mod output;
mod packages;
mod remote;
mod show;
mod verbs;
mod webhook;

use std::process::ExitCode;

use clap::Parser;
use failure::Failure;
use output::{Format, Output};

/// The server makes and drops many small values on several threads: the system's allocator takes a fifth of its time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// kaiban (开办) runs the flow of opening a business, from the bank counter to its last agency.
#[derive(Parser)]
#[command(name = "kaiban", version, propagate_version = true)]
struct Cli {
    /// How results are written: for people, or as one JSON object (lists: JSON lines).
    #[arg(long, global = true, value_enum, default_value_t = Format::Human)]
    format: Format,
    #[command(subcommand)]
    verb: verbs::Verb,
}

fn main() -> ExitCode {
    // Before anything can speak TLS: one program, one crypto provider. It fails only if one is there already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let cli = Cli::parse();
    let output = Output::new(cli.format);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return output.failed(&Failure::local("RUNTIME", "无法启动运行时。", error.to_string())),
    };
    match runtime.block_on(verbs::run(cli.verb, output)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => output.failed(&failure),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        super::Cli::command().debug_assert();
    }
}
