//! `kaiban calendar add`

use kaiban_calendar::{Budget, Calendar, Horizon, Reading, format_instant};
use serde::{Deserialize, Serialize};

use super::wrong::Wrong;
use super::{Asked, instant, line_of, provisionally};

#[derive(clap::Args, Deserialize)]
pub struct Question {
    #[command(flatten)]
    #[serde(flatten)]
    asked: Asked,
    /// When the time begins, RFC 3339 with an offset.
    #[arg(long, value_name = "INSTANT")]
    start: String,
    /// How long: `5 working hours`, `90 working minutes`, `1 working day`, `72 hours`.
    #[arg(long, value_name = "LENGTH")]
    within: String,
    /// Whether working days are used up as working time, or end as the law counts them.
    #[arg(long, value_enum, default_value_t)]
    #[serde(default)]
    reading: As,
}

/// How a period is read.
#[derive(Clone, Copy, Debug, Default, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
enum As {
    /// Working time that is used up; a working day is the nominal day of its season.
    #[default]
    Promise,
    /// Close of business of the last working day, the first not counted; hours begin at once.
    Statutory,
}

#[derive(Serialize)]
pub struct Answer {
    due: String,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    provisional: bool,
}

impl super::Question for Question {
    type Answer = Answer;

    fn asked(&self) -> &Asked {
        &self.asked
    }

    fn answer(&self, calendar: &Calendar, horizon: Horizon) -> Result<Answer, Wrong> {
        let start_us = instant("start", &self.start)?;
        let within: Budget = self.within.parse().map_err(|error| Wrong::not_a_budget(&error))?;
        let reading = match self.reading {
            As::Promise => Reading::Promise,
            As::Statutory => Reading::Statutory,
        };
        let due = calendar.due(start_us, within, reading, horizon)?;
        Ok(Answer { due: format_instant(due.at_us), provisional: due.provisional })
    }

    fn line(answer: &Answer) -> String {
        line_of(answer)
    }

    fn show(&self, answer: &Answer) -> String {
        format!("due 到期 {}{}", answer.due, provisionally(answer.provisional))
    }
}
