//! `kaiban audit records`

use kaiban_api::v1;
use kaiban_api::v1::list_access_records_request::Of;

use crate::failure::Failure;
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
}

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    of: Whose,
    #[command(flatten)]
    remote: Remote,
}

/// What a record has in a list.
const HEADER: [&str; 7] = ["AT", "ROLE", "ORGANISATION", "OFFICER", "CASE", "PURPOSE", "FIELDS"];

pub async fn run(args: Args, output: Output) -> Result<(), Failure> {
    let of = match (args.of.case, args.of.person) {
        (Some(case), _) => Of::CaseId(case),
        (None, Some(person)) => Of::CitizenNumber(typed(person)?),
        (None, None) => Of::CaseId(String::new()),
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
