//! `kaiban identifier check`: whether numbers and names are well formed. It asks no server and no registry.

use std::io::{self, BufReader};

use kaiban_app::{Clock, SystemClock};
use kaiban_findings::{Finding, Severity};
use kaiban_identifiers::{Checked, Circumstances, EntityKind, Identifier, company_name};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::failure::Failure;
use crate::lines::{self, LINE_BYTES_MAX, NoText};
use crate::output::Output;

/// What to do with identifiers.
#[derive(clap::Subcommand)]
pub enum Verb {
    /// Judge one value, or with --batch one JSON object a line from standard input.
    Check(Args),
}

#[derive(clap::Args)]
pub struct Args {
    /// The value.
    #[arg(required_unless_present = "batch", conflicts_with = "batch", allow_hyphen_values = true)]
    value: Option<String>,
    /// What it is: uscc, citizen-id, company-name, industry-code, mobile, landline, postcode, bank-code, basic-account,
    /// seal-number.
    #[arg(long, default_value = "uscc", conflicts_with = "batch", value_parser = read_kind)]
    kind: Identifier,
    /// Kind of business that a name is for, as forms write it: limited-company, individual-business and so on.
    #[arg(long, conflicts_with = "batch", value_parser = read_entity)]
    entity: Option<EntityKind>,
    /// The day (YYYY-MM-DD) after which nobody is born; today in China unless given.
    #[arg(long, value_name = "DATE")]
    on: Option<String>,
    /// Read {"kind":"uscc","value":"…"} lines, answer each with one line, in order; names may have "entity".
    #[arg(long)]
    batch: bool,
}

pub async fn run(verb: Verb, output: Output) -> Result<(), Failure> {
    let Verb::Check(args) = verb;
    let today = match &args.on {
        Some(day) => day
            .parse()
            .map_err(|_| Failure::local("BAD_DATE", "日期应写作 YYYY-MM-DD。", "--on takes a date as YYYY-MM-DD"))?,
        None => kaiban_calendar::local_date(SystemClock.operating_us()),
    };
    let circumstances = Circumstances { today: Some(today), entity: args.entity };
    let Some(value) = args.value else {
        let (mut input, mut out) = (BufReader::new(io::stdin().lock()), io::stdout().lock());
        return lines::answer_each(&mut input, &mut out, |number, text| {
            let answer = text.map_err(BadLine::no_text).and_then(|text| judge(text, circumstances));
            answer.unwrap_or_else(|bad| bad.to_json(number))
        });
    };
    let checked = args.kind.check(&value, circumstances);
    output.line(&if output.is_json() { answer(args.kind, &value, &checked) } else { for_people(&checked) })?;
    if checked.valid() {
        Ok(())
    } else {
        Err(Failure::local("NOT_VALID", "所填内容不符合规定。", "the value is not valid as it was given"))
    }
}

fn read_kind(name: &str) -> Result<Identifier, String> {
    Identifier::named(name).ok_or_else(|| format!("one of {}", Identifier::ALL.map(Identifier::name).join(", ")))
}

fn read_entity(name: &str) -> Result<EntityKind, String> {
    EntityKind::named(name).ok_or_else(|| format!("one of {}", EntityKind::ALL.map(EntityKind::name).join(", ")))
}

/// One line of a batch. Other fields are left alone: they belong to whoever wrote the line.
#[derive(Deserialize)]
struct Request {
    kind: String,
    value: String,
    #[serde(default)]
    entity: Option<String>,
}

fn judge(text: &str, circumstances: Circumstances) -> Result<String, BadLine> {
    // A list of two texts would be read as a request as well.
    let object: Value = serde_json::from_str(text).map_err(|error| BadLine::not_json(&error))?;
    if !object.is_object() {
        return Err(BadLine::wrong_type());
    }
    // From the text, because a field that is there twice is gone from the value.
    let request: Request = serde_json::from_str(text).map_err(|error| BadLine::not_a_request(&error))?;
    let kind = Identifier::named(&request.kind).ok_or_else(BadLine::unknown_kind)?;
    let entity = match &request.entity {
        Some(name) => Some(EntityKind::named(name).ok_or_else(BadLine::unknown_entity)?),
        None => None,
    };
    let checked = kind.check(&request.value, Circumstances { entity, ..circumstances });
    Ok(answer(kind, &request.value, &checked))
}

/// Why a line could not be judged.
struct BadLine {
    code: &'static str,
    zh: String,
    en: String,
}

impl BadLine {
    fn new(code: &'static str, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { code, zh: zh.into(), en: en.into() }
    }

    fn no_text(why: NoText) -> Self {
        match why {
            NoText::Empty => Self::new("EMPTY_LINE", "空行。", "The line is empty."),
            NoText::NotUtf8 => Self::new("BAD_ENCODING", "不是 UTF-8 文本。", "The line is not UTF-8."),
            NoText::TooLong => Self::new(
                "LINE_TOO_LONG",
                format!("一行不得超过 {LINE_BYTES_MAX} 字节。"),
                format!("A line has at most {LINE_BYTES_MAX} bytes."),
            ),
        }
    }

    /// The parser's own words would quote what it read; the place is enough.
    fn not_json(error: &serde_json::Error) -> Self {
        Self::new(
            "BAD_JSON",
            format!("第 {} 个字节处不是有效的 JSON。", error.column()),
            format!("Not valid JSON at byte {}.", error.column()),
        )
    }

    fn not_a_request(error: &serde_json::Error) -> Self {
        let words = error.to_string();
        let missing = ["kind", "value"].into_iter().find(|field| words.contains(&format!("missing field `{field}`")));
        match missing {
            Some(field) => Self::new("MISSING_FIELD", format!("缺少字段 {field}。"), format!("{field} is missing.")),
            None if words.starts_with("duplicate field") => {
                Self::new("DUPLICATE_FIELD", "有字段重复出现。", "A field is there twice.")
            }
            None => Self::wrong_type(),
        }
    }

    fn wrong_type() -> Self {
        Self::new(
            "WRONG_TYPE",
            "每行应为一个 JSON 对象，kind、value、entity 均为文本。",
            "A line is one JSON object; kind, value and entity are texts.",
        )
    }

    fn unknown_kind() -> Self {
        let kinds = Identifier::ALL.map(Identifier::name).join(", ");
        Self::new(
            "UNKNOWN_KIND",
            format!("没有这种 kind，可用：{kinds}。"),
            format!("No such kind; use one of {kinds}."),
        )
    }

    fn unknown_entity() -> Self {
        let kinds = EntityKind::ALL.map(EntityKind::name).join(", ");
        Self::new(
            "UNKNOWN_ENTITY",
            format!("没有这种 entity，可用：{kinds}。"),
            format!("No such entity; use one of {kinds}."),
        )
    }

    fn to_json(&self, line: u64) -> String {
        #[derive(Serialize)]
        struct Error<'a> {
            code: &'a str,
            line: u64,
            message: &'a str,
            message_en: &'a str,
        }
        #[derive(Serialize)]
        struct Object<'a> {
            error: Error<'a>,
        }
        line_of(&Object { error: Error { code: self.code, line, message: &self.zh, message_en: &self.en } })
    }
}

/// What a check found, for programmes.
#[derive(Serialize)]
struct Answer<'a> {
    valid: bool,
    class: Option<&'static str>,
    problems: Vec<Problem<'a>>,
    /// The canonical form, where it differs from what was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    normalized: Option<&'a str>,
    /// The parts of a name that has a class.
    #[serde(skip_serializing_if = "Option::is_none")]
    parts: Option<Parts>,
}

#[derive(Serialize)]
struct Problem<'a> {
    code: &'a str,
    severity: Severity,
    message: &'a str,
    message_en: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    help_en: Option<&'a str>,
}

#[derive(Serialize)]
struct Parts {
    division: Option<String>,
    trade_name: String,
    industry: Option<String>,
    form: Option<String>,
    branch: Option<String>,
}

fn answer(kind: Identifier, value: &str, checked: &Checked) -> String {
    let is_name = kind == Identifier::CompanyName && checked.class.is_some();
    let answer = Answer {
        valid: checked.valid(),
        class: checked.class.map(|class| class.name()),
        problems: checked.problems.iter().map(problem).collect(),
        normalized: checked.normalized.as_deref().filter(|normalized| *normalized != value),
        parts: is_name.then(|| parts(value)),
    };
    line_of(&answer)
}

fn problem(finding: &Finding) -> Problem<'_> {
    Problem {
        code: &finding.code,
        severity: finding.severity,
        message: &finding.message.zh,
        message_en: &finding.message.en,
        help: finding.help.as_ref().map(|help| help.zh.as_str()),
        help_en: finding.help.as_ref().map(|help| help.en.as_str()),
    }
}

fn parts(name: &str) -> Parts {
    let company_name::Parts { division, trade_name, industry, form, branch } = company_name::parse(name);
    Parts { division, trade_name, industry, form, branch }
}

/// Fields in the order in which they are declared, which a JSON object would lose.
fn line_of(object: &impl Serialize) -> String {
    // Texts, numbers and lists of them have no way to fail.
    serde_json::to_string(object).unwrap_or_default()
}

fn for_people(checked: &Checked) -> String {
    let class = checked.class.map_or("no class", |class| class.name());
    let mut text = format!("{} ({class})", if checked.valid() { "valid" } else { "not valid" });
    for finding in &checked.problems {
        let weight = if finding.severity == Severity::Doubt { " (doubt)" } else { "" };
        text.push_str(&format!("\n  {}{weight}\n    {}\n    {}", finding.code, finding.message.zh, finding.message.en));
        if let Some(help) = &finding.help {
            text.push_str(&format!("\n    {}\n    {}", help.zh, help.en));
        }
    }
    if let Some(normalized) = checked.normalized.as_ref().filter(|_| !checked.valid()) {
        text.push_str(&format!("\nwritten as it should be: {normalized}"));
    }
    text
}
