//! A foreign client of `proto/examples` against `kaiban demo --leave-out`, and the guide for its programmer.
//!
//! Where Python or its packages cannot be had, these tests are left out, loudly: only while they run it is known, and the
//! usual harness knows only beforehand. So this programme has a small one of its own, which says the same words.

mod guide;
mod harness;
mod play;
mod python;

use std::process::ExitCode;

use harness::Test;

fn main() -> ExitCode {
    let tests: [Test; 3] = [
        ("guide::every_block_is_from_an_example", guide::every_block_is_from_an_example),
        ("python::a_stream_and_a_client_that_is_killed", python::a_stream_and_a_client_that_is_killed),
        ("python::calls_and_branches", python::calls_and_branches),
    ];
    harness::run(&tests, std::env::args().skip(1))
}
