//! Logs: to standard error, one line an event, never with anything of a form.

use clap::ValueEnum;
use tracing_subscriber::EnvFilter;

use crate::failure::Failure;
use crate::output::is_watched;

/// Which logs are written unless it is said.
pub const LOG: &str = "info,sea_orm_migration=warn";

/// How logs are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Human,
    /// One object a line.
    Json,
}

/// Which logs are written.
///
/// # Errors
/// `LOG_FILTER` when it cannot be read.
pub fn filter(filter: Option<&str>) -> Result<EnvFilter, Failure> {
    let text = filter.filter(|text| !text.trim().is_empty()).unwrap_or(LOG);
    EnvFilter::try_new(text).map_err(|error| {
        Failure::local("LOG_FILTER", "日志级别的写法有误。", error.to_string())
            .with_hint("write a level, or levels by module: --log warn,kaiban_app=debug")
    })
}

/// Writes logs to standard error from now on.
pub fn to_stderr(filter: EnvFilter, format: LogFormat) {
    let builder =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(is_watched());
    match format {
        LogFormat::Human => builder.with_target(false).init(),
        LogFormat::Json => builder.json().flatten_event(true).init(),
    }
    std::panic::set_hook(Box::new(panicked));
}

/// A defect, by where it is. Only a text that stands in the program is told: one that was put together may hold anything.
fn panicked(panic: &std::panic::PanicHookInfo<'_>) {
    let place = panic.location().map(ToString::to_string).unwrap_or_default();
    let what = panic.payload().downcast_ref::<&'static str>().copied().unwrap_or_default();
    tracing::error!(place, what, "the program panicked");
}
