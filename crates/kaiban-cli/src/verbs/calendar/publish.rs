//! `kaiban calendar publish`

use std::path::{Path, PathBuf};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use kaiban_api::v1;
use kaiban_api::v1::admin_service_client::AdminServiceClient;

use crate::failure::Failure;
use crate::output::{self, Output};
use crate::remote::Remote;
use crate::{form, json};

#[derive(clap::Args)]
pub struct Args {
    /// Calendar files as under workflows/calendars, each with everything that was published before.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The notice or decision that it rests on; it stands in the journal of every case that it changes.
    #[arg(long, value_name = "TEXT")]
    source: String,
    /// Send the same again to get the same answer; without it a new one is made.
    #[arg(long, value_name = "ID")]
    request_id: Option<String>,
    #[command(flatten)]
    remote: Remote,
}

/// Publishes, and watches until every open case stands on the new calendars.
pub async fn run(args: Args, output: Output) -> Result<(), Failure> {
    let request = v1::PublishCalendarRequest {
        request_id: form::request_id(args.request_id),
        files: args.files.iter().map(|path| read(path)).collect::<Result<_, _>>()?,
        source: args.source,
    };
    let publish = |line| {
        let request = request.clone();
        async move { AdminServiceClient::new(line).publish_calendar(request).await }
    };
    let mut progress = args.remote.client().await?.retry(true, publish).await?;
    let bar = bar();
    let mut last = v1::PublishCalendarResponse::default();
    let ended = loop {
        match progress.message().await {
            Ok(Some(now)) => {
                bar.set_length(now.total.unsigned_abs());
                bar.set_position(now.done.unsigned_abs());
                last = now;
            }
            Ok(None) => break Ok(()),
            Err(status) => break Err(Failure::from(status)),
        }
    };
    bar.finish_and_clear();
    // The publication itself stands, whatever became of the line.
    let going_on = "it goes on by itself; publish the same files again to watch it";
    ended.map_err(|failure| if last.publication > 0 { failure.with_hint(going_on) } else { failure })?;
    output.result(&json::of("PublishCalendarResponse", &last)?, || {
        let v1::PublishCalendarResponse { publication, done, changed, .. } = last;
        format!("publication {publication}: {done} open case(s) looked at, {changed} changed")
    })
}

fn read(path: &Path) -> Result<v1::CalendarFile, Failure> {
    let shown = path.display();
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::local("FILE", format!("无法读取 {shown}。"), format!("{shown}: {error}")))?;
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    Ok(v1::CalendarFile { name, text })
}

fn bar() -> ProgressBar {
    if !output::is_watched() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(0);
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} open cases  {elapsed}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}
