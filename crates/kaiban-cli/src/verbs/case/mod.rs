//! `kaiban case …`: the case service by hand.

mod cancel;
mod check;
mod explain;
mod extend;
mod filter;
mod get;
mod give_up;
mod letter;
mod list;
mod pause;
mod rate;
mod request_step;
mod resubmit;
mod resume;
mod submit;
mod watch;
mod withdraw;
mod withdraw_step;

use clap::Subcommand;

use crate::failure::Failure;
use crate::output::Output;

/// What to do with cases.
#[derive(Subcommand)]
pub enum Verb {
    /// Say what is wrong with a form and what it will lead to; hand in nothing.
    Check(check::Args),
    /// Hand in a form.
    Submit(submit::Args),
    /// Show one case.
    Get(get::Args),
    /// List cases; --waiting: those that wait for an applicant.
    List(list::Args),
    /// Follow cases as they change.
    Watch(watch::Args),
    /// Tell how far a case is, where its time went, who has the ball and what happens next.
    Explain(explain::Args),
    /// Answer a correction with the whole corrected form.
    Resubmit(resubmit::Args),
    /// Ask for a step that was left out so far.
    RequestStep(request_step::Args),
    /// Take back one step that may be left out.
    WithdrawStep(withdraw_step::Args),
    /// Take an application back.
    Withdraw(withdraw::Args),
    /// List the letters of a case, or print one.
    Letter(letter::Args),
    /// Rate the service, with the credential of the real-name step (for applicants).
    Rate(rate::Args),
    /// Hold a step up for a reason of the pause table (for offices).
    Pause(pause::Args),
    /// End a pause (for offices).
    Resume(resume::Args),
    /// Prolong the period of the law, once, with a head's approval (for offices).
    Extend(extend::Args),
    /// End a case whose applicant has not answered a correction for too long (for officers).
    GiveUp(give_up::Args),
    /// End a case that cannot go on (for officers of the registering bureau).
    Cancel(cancel::Args),
}

/// Does it.
pub async fn run(verb: Verb, output: Output) -> Result<(), Failure> {
    match verb {
        Verb::Check(args) => check::run(args, output).await,
        Verb::Submit(args) => submit::run(args, output).await,
        Verb::Get(args) => get::run(args, output).await,
        Verb::List(args) => list::run(args, output).await,
        Verb::Watch(args) => watch::run(args, output).await,
        Verb::Explain(args) => explain::run(args, output).await,
        Verb::Resubmit(args) => resubmit::run(args, output).await,
        Verb::RequestStep(args) => request_step::run(args, output).await,
        Verb::WithdrawStep(args) => withdraw_step::run(args, output).await,
        Verb::Withdraw(args) => withdraw::run(args, output).await,
        Verb::Letter(args) => letter::run(args, output).await,
        Verb::Rate(args) => rate::run(args, output).await,
        Verb::Pause(args) => pause::run(args, output).await,
        Verb::Resume(args) => resume::run(args, output).await,
        Verb::Extend(args) => extend::run(args, output).await,
        Verb::GiveUp(args) => give_up::run(args, output).await,
        Verb::Cancel(args) => cancel::run(args, output).await,
    }
}
