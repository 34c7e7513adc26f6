//! `kaiban calendar between`

use kaiban_calendar::{Calendar, Horizon, Working};
use serde::Deserialize;

use super::wrong::Wrong;
use super::{Asked, instant, provisionally};

const MINUTE_US: u64 = 60_000_000;

#[derive(clap::Args, Deserialize)]
pub struct Question {
    #[command(flatten)]
    #[serde(flatten)]
    asked: Asked,
    /// Where the span begins, RFC 3339 with an offset.
    #[arg(long, value_name = "INSTANT")]
    from: String,
    /// Where it ends, RFC 3339 with an offset.
    #[arg(long, value_name = "INSTANT")]
    to: String,
}

impl super::Question for Question {
    type Answer = Working;

    fn asked(&self) -> &Asked {
        &self.asked
    }

    fn answer(&self, calendar: &Calendar, horizon: Horizon) -> Result<Working, Wrong> {
        let (from_us, to_us) = (instant("from", &self.from)?, instant("to", &self.to)?);
        Ok(calendar.between_us(from_us, to_us, horizon)?)
    }

    fn line(answer: &Working) -> String {
        let mark = if answer.provisional { ",\"provisional\":true" } else { "" };
        format!("{{\"working_seconds\":{}{mark}}}", seconds(answer.us))
    }

    fn show(&self, answer: &Working) -> String {
        let sign = if answer.us < 0 { "-" } else { "" };
        let (minutes, rest_us) = (answer.us.unsigned_abs() / MINUTE_US, answer.us.unsigned_abs() % MINUTE_US);
        let (hours, minutes) = (minutes / 60, minutes % 60);
        let rest = if rest_us == 0 { String::new() } else { format!(" {} s", seconds(rest_us as i64)) };
        format!("{sign}{hours} h {minutes:02} min{rest} of working time 工作时间{}", provisionally(answer.provisional))
    }
}

/// Seconds with up to six decimals, a whole number where it is one. Written by hand: JSON libraries write a microsecond as
/// `1e-6`, and not every reader takes that.
fn seconds(us: i64) -> String {
    let sign = if us < 0 { "-" } else { "" };
    let (whole, fraction) = (us.unsigned_abs() / 1_000_000, us.unsigned_abs() % 1_000_000);
    if fraction == 0 {
        return format!("{sign}{whole}");
    }
    let decimals = format!("{fraction:06}");
    format!("{sign}{whole}.{}", decimals.trim_end_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_exact_and_never_in_powers_of_ten() {
        let cases = [
            (0, "0"),
            (18_000_000_000, "18000"),
            (1, "0.000001"),
            (-1, "-0.000001"),
            (-1_500_000, "-1.5"),
            (18_000_000_010, "18000.00001"),
            (i64::MAX, "9223372036854.775807"),
        ];
        for (us, text) in cases {
            assert_eq!(seconds(us), text);
            assert!(serde_json::from_str::<f64>(text).is_ok());
        }
    }
}
