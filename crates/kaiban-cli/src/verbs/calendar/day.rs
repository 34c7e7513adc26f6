//! `kaiban calendar day`

use jiff::civil::Time;
use kaiban_calendar::{Calendar, Horizon};
use serde::{Deserialize, Serialize};

use super::wrong::Wrong;
use super::{Asked, date, line_of, provisionally};

#[derive(clap::Args, Deserialize)]
pub struct Question {
    #[command(flatten)]
    #[serde(flatten)]
    asked: Asked,
    /// The day, YYYY-MM-DD.
    #[arg(long, value_name = "DATE")]
    date: String,
}

#[derive(Serialize)]
pub struct Answer {
    working: bool,
    /// Opening and closing times, as `08:30`.
    sessions: Vec<(String, String)>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    provisional: bool,
}

impl super::Question for Question {
    type Answer = Answer;

    fn asked(&self) -> &Asked {
        &self.asked
    }

    fn answer(&self, calendar: &Calendar, horizon: Horizon) -> Result<Answer, Wrong> {
        let day = calendar.day(date(&self.date)?, horizon)?;
        let sessions = day.sessions.iter().map(|&(opens, closes)| (clock(opens), clock(closes))).collect();
        Ok(Answer { working: day.is_working(), sessions, provisional: day.provisional })
    }

    fn line(answer: &Answer) -> String {
        line_of(answer)
    }

    fn show(&self, answer: &Answer) -> String {
        let what = if answer.working { "working day 工作日" } else { "no working day 非工作日" };
        let sessions: Vec<String> =
            answer.sessions.iter().map(|(opens, closes)| format!(" {opens}–{closes}")).collect();
        format!("{}  {what}{}{}", self.date, sessions.join(","), provisionally(answer.provisional))
    }
}

/// `08:30`; a closure may begin within a minute, and then seconds and decimals are written.
fn clock(time: Time) -> String {
    if time.second() == 0 && time.subsec_nanosecond() == 0 {
        format!("{:02}:{:02}", time.hour(), time.minute())
    } else {
        time.to_string()
    }
}
