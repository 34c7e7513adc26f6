//! `kaiban incident list`

use kaiban_api::v1;

use super::page;
use crate::failure::Failure;
use crate::output::{Output, say, table};
use crate::remote::Remote;
use crate::{json, show};

/// Incidents asked for at a time.
const PAGE: i32 = 100;

#[derive(clap::Args)]
pub struct Args {
    /// Only of this case.
    #[arg(long, value_name = "CASE", default_value = "", hide_default_value = true)]
    case: String,
    /// Only of this kind.
    #[arg(long, value_enum)]
    kind: Option<Kind>,
    /// How many at most.
    #[arg(long, default_value_t = 100, value_name = "N")]
    limit: usize,
    #[command(flatten)]
    remote: Remote,
}

/// What kind of incident.
#[derive(Clone, Copy, clap::ValueEnum)]
enum Kind {
    /// A step cannot go on.
    Step,
    /// The promise of a case could not be decided.
    Promise,
    /// A letter, message or started case fails.
    Effect,
    /// A deadline cannot be fired.
    Deadline,
    /// A step takes too long.
    Overdue,
    /// A promise is running out.
    DeadlineNear,
    /// A promise is broken and its clock runs on.
    PromiseBroken,
}

impl From<Kind> for v1::IncidentKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Step => Self::Step,
            Kind::Promise => Self::Promise,
            Kind::Effect => Self::Effect,
            Kind::Deadline => Self::Deadline,
            Kind::Overdue => Self::Overdue,
            Kind::DeadlineNear => Self::DeadlineNear,
            Kind::PromiseBroken => Self::PromiseBroken,
        }
    }
}

pub async fn run(args: Args, output: Output) -> Result<(), Failure> {
    let client = args.remote.client().await?;
    let kind = args.kind.map_or(v1::IncidentKind::Unspecified, Into::into).into();
    let mut request = v1::ListIncidentsRequest { case_id: args.case, page_size: PAGE, kind, ..Default::default() };
    let (mut rows, mut left) = (Vec::new(), args.limit);
    while left > 0 {
        let (incidents, next) = page(&client, &request).await?;
        let cut_off = incidents.len() > left;
        for incident in incidents.iter().take(left) {
            if output.is_json() {
                output.line(&json::of("Incident", incident)?.to_string())?;
            } else {
                rows.push(show::incident_row(incident));
            }
        }
        left = left.saturating_sub(incidents.len());
        if cut_off || left == 0 && !next.is_empty() {
            say("hint: there may be more; raise --limit");
        }
        // A page may be empty and not the last: the caller does not see every case in trouble.
        request.page_token = next;
        if request.page_token.is_empty() {
            break;
        }
    }
    if !output.is_json() {
        output.line(&table(show::INCIDENT_HEADER, rows))?;
    }
    Ok(())
}
