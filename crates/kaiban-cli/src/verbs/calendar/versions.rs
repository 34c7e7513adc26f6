//! `kaiban calendar versions`

use kaiban_api::v1;

use crate::failure::Failure;
use crate::output::{Output, table};
use crate::remote::Remote;
use crate::{json, lengths};

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    remote: Remote,
}

/// Lists the calendars in force on a server.
pub async fn run(args: Args, output: Output) -> Result<(), Failure> {
    let server = args.remote.call(v1::GetServerRequest {}).await?;
    if output.is_json() {
        let mut lines = server.calendars.iter();
        return lines.try_for_each(|calendar| output.line(&json::of("CalendarVersion", calendar)?.to_string()));
    }
    let rows = server.calendars.iter().map(|calendar| {
        let published_at = lengths::instant(calendar.published_at.as_ref());
        let until = format!("{} ({} days)", calendar.published_until, calendar.days_left);
        [calendar.name.clone(), calendar.version.clone(), published_at, until]
    });
    output.line(&table(["calendar", "version", "last published", "published until"], rows))
}
