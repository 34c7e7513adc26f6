//! `kaiban calendar …`: working days and working time, from the calendars built into the program or those of a folder,
//! without a server; and a server's calendars: what is in force there, and what is to be.

mod add;
mod between;
mod day;
mod publish;
mod versions;
mod wrong;

use std::io::{self, BufReader};

use clap::{ArgMatches, Command, FromArgMatches, Subcommand};
use jiff::civil::Date;
use kaiban_calendar::{Calendar, Calendars, Horizon, parse_instant};
use kaiban_definition::{load_calendars, render};
use kaiban_findings::Finding;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use self::wrong::Wrong;
use crate::failure::Failure;
use crate::lines;
use crate::output::{self, Output};
use crate::packages::Packages;

/// What to ask calendars.
#[derive(Subcommand)]
pub enum Verb {
    /// Whether a day is a working day, and when the office is open.
    Day(Args<day::Question>),
    /// Working time between two instants, negative when they run backwards.
    Between(Args<between::Question>),
    /// When a budget of time is used up, or a legal period ends.
    Add(Args<add::Question>),
    /// Put calendars in force on a server and recompute its open cases (role admin).
    Publish(publish::Args),
    /// The calendars in force on a server, and until when they are published (role admin).
    Versions(versions::Args),
}

/// One question on the command line, or with --batch one JSON object a line from standard input.
pub struct Args<Q> {
    /// None with --batch.
    question: Option<Q>,
    source: Source,
}

#[derive(clap::Args)]
struct Source {
    /// Read questions as lines of JSON, with the names of these options as fields; answer each with one line, in order.
    #[arg(long)]
    batch: bool,
    #[command(flatten)]
    packages: Packages,
}

// By hand, because a derived `Option<Q>` still asks for everything that Q must have.
impl<Q: clap::Args> clap::Args for Args<Q> {
    fn augment_args(mut command: Command) -> Command {
        for arg in Q::augment_args(Command::new("question")).get_arguments() {
            let arg = arg.clone().conflicts_with("batch");
            let must = arg.is_required_set();
            command = command.arg(if must { arg.required(false).required_unless_present("batch") } else { arg });
        }
        Source::augment_args(command)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl<Q: clap::Args> FromArgMatches for Args<Q> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let source = Source::from_arg_matches(matches)?;
        let question = if source.batch { None } else { Some(Q::from_arg_matches(matches)?) };
        Ok(Self { question, source })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

/// What every question names.
#[derive(clap::Args, Deserialize)]
struct Asked {
    /// The calendar, as the directory names it: fuzhou-city, fujian-province, hall.
    #[arg(long, value_name = "NAME")]
    calendar: String,
    /// Past the last published year, count weekends and the holidays with a fixed date; the answer says so.
    #[arg(long)]
    #[serde(default)]
    provisional: bool,
}

/// A question that a calendar answers; the same from the command line and from a line of JSON.
trait Question: clap::Args + DeserializeOwned {
    type Answer;

    fn asked(&self) -> &Asked;

    fn answer(&self, calendar: &Calendar, horizon: Horizon) -> Result<Self::Answer, Wrong>;

    /// The answer as one line of JSON.
    fn line(answer: &Self::Answer) -> String;

    /// The answer for people, without the line that names the calendar.
    fn show(&self, answer: &Self::Answer) -> String;
}

/// Does it.
pub async fn run(verb: Verb, output: Output) -> Result<(), Failure> {
    match verb {
        Verb::Publish(args) => publish::run(args, output).await,
        Verb::Versions(args) => versions::run(args, output).await,
        Verb::Day(args) => ask(args, output),
        Verb::Between(args) => ask(args, output),
        Verb::Add(args) => ask(args, output),
    }
}

fn ask<Q: Question>(args: Args<Q>, output: Output) -> Result<(), Failure> {
    let calendars = calendars(&args.source.packages)?;
    let Some(question) = args.question else {
        let (mut input, mut out) = (BufReader::new(io::stdin().lock()), io::stdout().lock());
        return lines::answer_each(&mut input, &mut out, |_, text| {
            let question = text.map_err(Wrong::from).and_then(read::<Q>);
            match question.and_then(|question| answer(&question, &calendars)) {
                Ok((_, answer)) => Q::line(&answer),
                Err(wrong) => line_of(&wrong.object()),
            }
        });
    };
    let (calendar, answer) = answer(&question, &calendars).map_err(Wrong::into_failure)?;
    if output.is_json() {
        return output.line(&Q::line(&answer));
    }
    let title = calendar.title();
    let named = format!("{} {} / {}, version {}", calendar.id(), title.zh, title.en, calendar.version());
    output.line(&format!("{}\n{named}", question.show(&answer)))
}

fn answer<'c, Q: Question>(question: &Q, calendars: &'c Calendars) -> Result<(&'c Calendar, Q::Answer), Wrong> {
    let Asked { calendar, provisional } = question.asked();
    let calendar = calendars.find(calendar)?;
    let horizon = if *provisional { Horizon::Provisional } else { Horizon::Published };
    Ok((calendar, question.answer(calendar, horizon)?))
}

/// Fields that are no question's are left alone: they belong to whoever wrote the line.
fn read<Q: Question>(text: &str) -> Result<Q, Wrong> {
    // A list with the values of the fields would be read as well.
    if !text.trim_start().starts_with('{') {
        return Err(Wrong::not_an_object());
    }
    serde_json::from_str(text).map_err(|error| Wrong::not_a_question(&error))
}

fn calendars(packages: &Packages) -> Result<Calendars, Failure> {
    let files = packages.files()?;
    let (calendars, findings) = load_calendars(&files);
    if !findings.is_empty() {
        output::say(&render(&findings, &files));
    }
    match findings.iter().filter(|finding| Finding::is_error(finding)).count() {
        0 => Ok(calendars),
        errors => {
            let zh = format!("日历有{errors}处错误，未加载。");
            let en = format!("the calendars have {errors} error(s) and were not loaded");
            Err(Failure::local("CALENDARS_INVALID", zh, en).with_hint("`kaiban workflow check` lists them"))
        }
    }
}

/// An instant of a question.
fn instant(field: &str, text: &str) -> Result<i64, Wrong> {
    parse_instant(text).map_err(|error| Wrong::not_an_instant(field, &error))
}

/// A date of a question: `2020-01-31` and nothing else.
fn date(text: &str) -> Result<Date, Wrong> {
    let shaped = text.len() == 10
        && text.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    text.parse().ok().filter(|_| shaped).ok_or_else(Wrong::not_a_date)
}

/// Fields in the order in which they are declared, which a JSON object would lose.
fn line_of(object: &impl Serialize) -> String {
    // Texts, numbers and lists of them have no way to fail.
    serde_json::to_string(object).unwrap_or_default()
}

/// What people are told of an answer that rests on no published arrangement.
fn provisionally(provisional: bool) -> &'static str {
    if provisional { " (provisional 暂定)" } else { "" }
}
