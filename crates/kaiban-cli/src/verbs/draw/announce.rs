//! `kaiban draw announce`

use std::collections::HashMap;

use kaiban_api::v1;

use crate::failure::Failure;
use crate::form;
use crate::output::{Output, say};
use crate::remote::Remote;

#[derive(clap::Args)]
pub struct Args {
    /// What is drawn from, as packages name it: commitments.
    pool: String,
    /// Who gives a number: ROLE:PERSON, or ROLE:ORGANISATION of a programme; once for each.
    #[arg(long = "party", required = true, value_name = "PARTY")]
    parties: Vec<String>,
    /// Parties commit before this instant.
    #[arg(long, value_name = "TIME")]
    commit_by: String,
    /// The pool is frozen, and parties reveal, before this instant.
    #[arg(long, value_name = "TIME")]
    reveal_by: String,
    /// End of the period in which what is drawn from came in; now unless it is said.
    #[arg(long, value_name = "TIME")]
    period_to: Option<String>,
    /// Percent of a class of risk, A=5; once for each. Without any: by credit.
    #[arg(long = "share", value_name = "CLASS=PERCENT", value_parser = share)]
    shares: Vec<(String, i32)>,
    /// How many check each drawn case; 2 unless it is said.
    #[arg(long, value_name = "N")]
    checkers: Option<i32>,
    /// A public value besides the parties' numbers: which one, of which day, and where to look it up.
    #[arg(long, value_name = "TEXT", requires_all = ["value_form", "value_from", "value_by"])]
    value: Option<String>,
    /// How the public value is written: 9 for a digit, f for a hex digit, all else for itself.
    #[arg(long, value_name = "FORM", default_value = "", hide_default_value = true)]
    value_form: String,
    /// The public value is not known before this instant.
    #[arg(long, value_name = "TIME")]
    value_from: Option<String>,
    /// The public value is entered before this instant.
    #[arg(long, value_name = "TIME")]
    value_by: Option<String>,
    /// Send the same again to get the same answer; without it a new one is made.
    #[arg(long, value_name = "ID")]
    request_id: Option<String>,
    #[command(flatten)]
    remote: Remote,
}

fn share(text: &str) -> Result<(String, i32), String> {
    let (class, percent) = text.split_once('=').ok_or("write CLASS=PERCENT, such as A=5")?;
    Ok((class.to_owned(), percent.parse().map_err(|_| "the percentage is a whole number")?))
}

pub async fn run(args: Args, output: Output) -> Result<(), Failure> {
    let at = |text: &Option<String>| text.as_deref().map(form::instant).transpose();
    let value = match args.value {
        None => None,
        Some(what) => {
            Some(v1::PublicValue { what, form: args.value_form, from: at(&args.value_from)?, by: at(&args.value_by)? })
        }
    };
    let request = v1::AnnounceDrawRequest {
        request_id: form::request_id(args.request_id),
        pool: args.pool,
        period_to: at(&args.period_to)?,
        shares: args.shares.into_iter().collect::<HashMap<_, _>>(),
        checkers_per_item: args.checkers,
        parties: args.parties,
        public_value: value,
        commit_by: Some(form::instant(&args.commit_by)?),
        reveal_by: Some(form::instant(&args.reveal_by)?),
    };
    let draw = args.remote.call(request).await?.draw;
    super::result(output, draw)?;
    say("hint: publish announcement_sha256 before anybody commits");
    Ok(())
}
