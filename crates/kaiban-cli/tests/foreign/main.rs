//! Foreign clients of `proto/examples`: an agency against `kaiban demo --leave-out`, everybody around a commitment against a
//! server whose clock is moved by hand; and the guide for their programmers.
//!
//! Where Python or its packages cannot be had, these tests are left out, loudly: only while they run it is known, and the
//! usual harness knows only beforehand. So this programme has a small one of its own, which says the same words.

mod commitments;
mod guide;
mod harness;
mod play;
mod python;

use std::process::ExitCode;

use harness::Test;

fn main() -> ExitCode {
    let tests: [Test; 5] = [
        ("commitments::the_whole_loop", commitments::the_whole_loop),
        ("commitments::what_is_refused_changes_nothing", commitments::what_is_refused_changes_nothing),
        ("guide::every_block_is_from_an_example", guide::every_block_is_from_an_example),
        ("python::a_stream_and_a_client_that_is_killed", python::a_stream_and_a_client_that_is_killed),
        ("python::calls_and_branches", python::calls_and_branches),
    ];
    harness::run(&tests, std::env::args().skip(1))
}
