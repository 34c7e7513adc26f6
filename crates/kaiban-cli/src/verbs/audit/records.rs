//! `kaiban audit records`

use kaiban_api::v1::list_access_records_request::Of;
use kaiban_api::{timestamp, v1};
use kaiban_app::{Clock, SystemClock};

use crate::failure::Failure;
use crate::form;
use crate::json;
use crate::lengths::instant;
use crate::output::{Output, table};
use crate::remote::Remote;

#[derive(clap::Args)]
#[group(id = "of", required = true, multiple = false)]
pub struct Whose {
    /// Of this case.
    #[arg(long, value_name = "CASE")]
    case: Option<String>,
    /// Of every case that holds this citizen number; `-` reads it from standard input, where nobody sees it.
    #[arg(long, value_name = "CITIZEN_NUMBER")]
    person: Option<String>,
    /// Of whatever was shown with this token, within --from and --until; its id, as `token list` has it.
    #[arg(long, value_name = "ID")]
    token_id: Option<String>,
}

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    of: Whose,
    /// From then on; without it the day before --until. For example 2026-03-02T09:00:00+08:00.
    #[arg(long, value_name = "TIME", conflicts_with_all = ["case", "person"])]
    from: Option<String>,
    /// Before then, at most 31 days later; without it now.
    #[arg(long, value_name = "TIME", conflicts_with_all = ["case", "person"])]
    until: Option<String>,
    #[command(flatten)]
    remote: Remote,
}

const DAY_S: i64 = 24 * 60 * 60;

/// What a record has in a list.
const HEADER: [&str; 7] = ["AT", "ROLE", "ORGANISATION", "OFFICER", "CASE", "PURPOSE", "FIELDS"];

pub async fn run(args: Args, output: Output) -> Result<(), Failure> {
    let of = match args.of {
        Whose { case: Some(case), .. } => Of::CaseId(case),
        Whose { person: Some(person), .. } => Of::CitizenNumber(typed(person)?),
        Whose { token_id, .. } => Of::Token(window(token_id.unwrap_or_default(), args.from, args.until)?),
    };
    let client = args.remote.client().await?;
    let mut request = v1::ListAccessRecordsRequest { of: Some(of), page_size: 500, page_token: String::new() };
    let mut records = Vec::new();
    loop {
        let page = client.call(request.clone()).await?;
        if output.is_json() {
            for record in &page.records {
                output.line(&json::of("AccessRecord", record)?.to_string())?;
            }
        } else {
            records.extend(page.records);
        }
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            break;
        }
    }
    if output.is_json() {
        return Ok(());
    }
    output.line(&table(HEADER, records.iter().map(row)))
}

fn window(id: String, from: Option<String>, until: Option<String>) -> Result<v1::TokenUse, Failure> {
    let now = || timestamp(SystemClock.operating_us().saturating_add(1));
    let until = until.map_or_else(|| Ok(now()), |text| form::instant(&text))?;
    let day_before = prost_types::Timestamp { seconds: until.seconds - DAY_S, ..until };
    let from = from.map_or(Ok(day_before), |text| form::instant(&text))?;
    Ok(v1::TokenUse { id, from: Some(from), until: Some(until) })
}

fn row(record: &v1::AccessRecord) -> [String; 7] {
    [
        instant(record.at.as_ref()),
        record.role.clone(),
        record.organisation.clone(),
        record.officer.clone(),
        record.case_id.clone(),
        record.purpose.clone(),
        record.fields.join(","),
    ]
}

fn typed(person: String) -> Result<String, Failure> {
    if person != "-" {
        return Ok(person);
    }
    let mut line = String::new();
    std::io::stdin()
        .read_line(&mut line)
        .map_err(|error| Failure::local("FILE", "无法读取标准输入。", format!("standard input: {error}")))?;
    Ok(line.trim().to_owned())
}
